package ultra2

import (
	"fmt"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "Ultra 2", New: func() devices.Simulator { return NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAMeter(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func TestForeignChecksum(t *testing.T) {
	// glucometerutils tests/test_otultra2.py.
	if got := sum([]byte(`T "SAT","08/03/13","22:12:00   "`)); got != 0x0608 {
		t.Errorf("sum %04x, want 0608", got)
	}
	if _, ok := text([]byte(`T "SAT","08/03/13","22:12:00   " 0608` + "\r")); !ok {
		t.Error("the line is refused")
	}
}

// said is a line with its checksum, worked out here.
func said(t string) string {
	n := 0
	for _, c := range []byte(t) {
		n += int(c)
	}
	return fmt.Sprintf("%s %04X\r\n", t, n)
}

func TestResults(t *testing.T) {
	// The line's layout is that of glucometerutils' expression for a dump line.
	line := func(mark, digits, flaw string) string {
		return said(`P "SAT","08/03/13","22:12:00   ","` + mark + digits + flaw + `","N","00", 00`)
	}
	for _, c := range []struct{ name, line, want string }{
		{"a hundred", line(" ", " 100", " "), "100 mg/dL"},
		{"without the leading space", line(" ", "0100", " "), "100 mg/dL"},
		{"the most it measures", line(" ", " 600", " "), "600 mg/dL"},
		{"more than it measures", line(" ", " 601", " "), "withheld"},
		{"less than it measures", line(" ", " 019", " "), "withheld"},
		{"high", line(" ", "HIGH", " "), "over range"},
		{"low", line(" ", " LOW", " "), "under range"},
		{"control solution", line("C", " 100", " "), "demo"},
		{"parity error", line(" ", " 100", "?"), "withheld"},
	} {
		got := &drivertest.Events{}
		s := Driver{}.Open(true)
		s.Receive(1, []byte(c.line), got)
		if len(got.Readings) != 1 || got.Readings[0].String() != c.want || !got.Readings[0].Aperiodic ||
			!got.Readings[0].MonitorTime.Equal(time.Date(2013, 8, 3, 22, 12, 0, 0, time.UTC)) {
			t.Errorf("%s: %v %+v, want %s", c.name, got.Lines, s.Counters(), c.want)
		}
	}
	for name, l := range map[string]string{
		"a wrong sum":       `P "SAT","08/03/13","22:12:00   ","  100 ","N","00", 00 0000` + "\r\n",
		"30 February":       said(`P "SAT","02/30/13","22:12:00   ","  100 ","N","00", 00`),
		"a letter":          said(`P "SAT","08/03/13","22:12:00   ","  1O0 ","N","00", 00`),
		"a column too many": said(`P "SAT","08/03/13","22:12:00   ","   100 ","N","00", 00`),
		"no checksum":       `P "SAT","08/03/13","22:12:00   ","  100 ","N","00", 00` + "\r\n",
	} {
		got := &drivertest.Events{}
		s := Driver{}.Open(true)
		s.Receive(1, []byte(l), got)
		if len(got.Readings) != 0 || s.Counters().Bad != 1 {
			t.Errorf("%s: %v %+v, want it refused", name, got.Lines, s.Counters())
		}
	}
}

func TestATapSendsNothing(t *testing.T) {
	if b, again := (Driver{}).Open(true).Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || again != devices.Never {
		t.Errorf("sent %q", b)
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add([]byte(said(`P "SAT","08/03/13","22:12:00   ","  100 ","N","00", 00`)))
	f.Add([]byte(said(`P 005,"TESTSER1Y","MG/DL "`)))
	f.Add([]byte(said(`@ "TESTSER1Y"`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		Driver{}.Open(true).Receive(1, b, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
