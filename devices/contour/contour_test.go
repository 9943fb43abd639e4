package contour

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "mg/dL", New: func() devices.Simulator { return NewSimulator() }},
		{Name: "mmol/L", New: func() devices.Simulator { m := NewSimulator(); m.Unit = vital.MmolPerL; return m }},
	}
}

// The memory of a session is measured in mg/dL: another unit costs exact fractions
// for each of a meter's few results.
func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()[:1]) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAMeter(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func hear(b string) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	s := Driver{}.Open(true)
	s.Receive(1, []byte(b), got)
	return got, s.Counters()
}

// frame is one with its checksum, worked out here.
func frame(n int, text string) string {
	sum, body := 0, strconv.Itoa(n)+text+"\r\x03"
	for _, c := range []byte(body) {
		sum += int(c)
	}
	return fmt.Sprintf("\x02%s%02X\r\n", body, sum&0xff)
}

func TestARealMetersHeader(t *testing.T) {
	var header, record string
	for l := range strings.Lines(string(foreign.Read(t, "devices", "glucometer", "contour_astm_header.txt"))) {
		switch l = strings.TrimRight(l, "\n"); {
		case strings.HasPrefix(l, `\x04`):
			text, err := strconv.Unquote(`"` + strings.ReplaceAll(l, `"`, `\"`) + `"`)
			if err != nil {
				t.Fatal(err)
			}
			header = text
		case strings.HasPrefix(l, "R|"):
			record = l
		}
	}
	e, n := hear(header)
	if n != (devices.Counters{Frames: 1}) || len(e.Lines) != 1 || !strings.Contains(e.Lines[0], "Model:Bayer7390 Serial:7390-2336773 Firmware:01.24") {
		t.Errorf("%v %+v", e.Lines, n)
	}
	if got := (Driver{}).Recognise([]byte(header), devices.Line{}); got < devices.Sure {
		t.Errorf("the header is recognised with %d", got)
	}
	e, _ = hear(header + frame(2, record))
	r := e.Readings[0]
	if r.String() != "133 mg/dL" || !r.MonitorTime.Equal(time.Date(2012, 2, 5, 20, 34, 0, 0, time.UTC)) || !r.Aperiodic {
		t.Errorf("%v, want 133 mg/dL of 2012-02-05 20:34", e.Lines)
	}
}

func TestResults(t *testing.T) {
	r := func(value, unit, flags, at string) string {
		return frame(1, "R|1|^^^Glucose|"+value+"|"+unit+"^P||"+flags+"||"+at)
	}
	const at = "202611221200"
	for _, c := range []struct{ name, frame, want string }{
		{"plain", r("104", "mg/dL", "", at), "104 mg/dL"},
		{"256", r("256", "mg/dL", "A", at), "256 mg/dL"},
		{"millimoles", r("5.8", "mmol/L", "", at), "5.8 mmol/L"},
		{"above the meter's range", r("600", "mg/dL", ">", at), "over range"},
		{"below", r("10", "mg/dL", "B/<", at), "under range"},
		{"control solution", r("104", "mg/dL", "E", at), "demo"},
		{"more than it measures, unmarked", r("601", "mg/dL", "", at), "withheld"},
		{"less", r("9", "mg/dL", "", at), "withheld"},
		{"millimoles in the wrong unit", r("104", "mmol/L", "", at), "withheld"},
	} {
		e, n := hear(c.frame)
		if len(e.Readings) != 1 || e.Readings[0].String() != c.want {
			t.Errorf("%s: %v %+v, want %s", c.name, e.Lines, n, c.want)
		}
	}
	for name, f := range map[string]string{
		"no unit":       r("104", "", "", at),
		"a letter":      r("1O4", "mg/dL", "", at),
		"no time":       r("104", "mg/dL", "", ""),
		"30 February":   r("104", "mg/dL", "", "202602301200"),
		"no value":      r("", "mg/dL", "", at),
		"a flipped bit": strings.Replace(r("104", "mg/dL", "", at), "104", "105", 1),
	} {
		if e, n := hear(f); len(e.Readings) != 0 || n.Bad != 1 {
			t.Errorf("%s: %v %+v, want it refused", name, e.Lines, n)
		}
	}
	twice := r("104", "mg/dL", "", at)
	if e, n := hear(twice + twice); len(e.Readings) != 1 || n.Frames != 2 {
		t.Errorf("a frame sent again is read twice: %v", e.Lines)
	}
}

func TestAWholeTransferIsAcknowledged(t *testing.T) {
	got := &drivertest.Events{}
	s, m := Driver{}.Open(false), NewSimulator()
	for now := vital.Instant(0); now < vital.Instant(5*time.Second); now = now.Add(20 * time.Millisecond) {
		b, _ := m.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
	}
	if len(got.Readings) != held || s.Counters().Bad != 0 {
		t.Errorf("%v %+v, want %d results", got.Lines, s.Counters(), held)
	}
	tap := Driver{}.Open(true)
	tap.Receive(1, []byte{enq}, got)
	if b, _ := tap.Poll(1, got); len(b) > 0 {
		t.Errorf("a tap sent % x", b)
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add([]byte(frame(1, "R|8|^^^Glucose|133|mg/dL^P||B/X||201202052034")))
	f.Add([]byte("\x04\x021H|\\^&||x|Bayer^1^2|\r\x17D7\r\n\x05"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Driver{}.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Poll(1, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
