package lifescan

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "UltraMini", New: func() devices.Simulator { return NewSimulator(false) }, Line: line(9600)},
		{Name: "Verio IQ", New: func() devices.Simulator { return NewSimulator(true) }, Line: line(38400)},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAMeter(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestForeignFrames(t *testing.T) {
	// glucometerutils tests/test_otultraeasy.py; the third from glucometer-protocols.
	for _, c := range []struct {
		link    byte
		message []byte
		want    string
	}{
		{linkReset, nil, "02060803c262"},
		{linkSent | linkExpect, []byte{0x05, 0x0d, 0x02}, "020903050d0203089f"},
		{0, []byte{0x05, 0x0d, 0x02}, "020900050d0203da71"},
	} {
		want := unhex(t, c.want)
		if got := appendFrame(nil, c.link, c.message...); !bytes.Equal(got, want) {
			t.Errorf("frame % x, want % x", got, want)
		}
		link, message, n, _ := parse(want)
		if n != len(want) || link != c.link || !bytes.Equal(message, c.message) {
			t.Errorf("% x is read as % x, link %x", want, message, link)
		}
	}
}

func hear(frames ...[]byte) *drivertest.Events {
	got := &drivertest.Events{}
	s := Driver{}.Open(true)
	for _, f := range frames {
		s.Receive(1, f, got)
	}
	return got
}

func TestResults(t *testing.T) {
	// Times by hand: 0x5f5e100 is 1973-03-03 09:46:40, 1e8 s after 1970.
	ultraRecord := func(value ...byte) []byte {
		return appendFrame(nil, 0, append([]byte{ultra, 0x06, 0x00, 0xe1, 0xf5, 0x05}, value...)...)
	}
	verioRecord := func(control byte, value ...byte) []byte {
		return appendFrame(nil, 0, append(append([]byte{verio, 0x06, 0x00, 0xe1, 0xf5, 0x05}, value...), control, 0, 0, 0)...)
	}
	ultraTime, verioTime := time.Unix(100000000, 0).UTC(), time.Date(2003, 3, 3, 9, 46, 40, 0, time.UTC)
	for _, c := range []struct {
		name  string
		frame []byte
		want  string
		at    time.Time
	}{
		{"104", ultraRecord(104, 0, 0, 0), "104 mg/dL", ultraTime},
		{"256", ultraRecord(0, 1, 0, 0), "256 mg/dL", ultraTime},
		{"600, the most", ultraRecord(0x58, 2, 0, 0), "600 mg/dL", ultraTime},
		{"601, which none measures", ultraRecord(0x59, 2, 0, 0), "withheld", ultraTime},
		{"19", ultraRecord(19, 0, 0, 0), "withheld", ultraTime},
		{"LO", ultraRecord(0xfe, 0xff, 0, 0), "under range", ultraTime},
		{"HI", ultraRecord(0xff, 0xff, 0, 0), "over range", ultraTime},
		{"Verio 104", verioRecord(0, 104, 0), "104 mg/dL", verioTime},
		{"Verio control solution", verioRecord(1, 104, 0), "demo", verioTime},
		{"Verio LO", verioRecord(0, 0xfe, 0xff), "under range", verioTime},
		{"Verio HI", verioRecord(0, 0xff, 0xff), "over range", verioTime},
	} {
		e := hear(c.frame)
		if len(e.Readings) != 1 || e.Readings[0].String() != c.want || !e.Readings[0].MonitorTime.Equal(c.at) || !e.Readings[0].Aperiodic {
			t.Errorf("%s: %v, want %s at %v", c.name, e.Lines, c.want, c.at)
		}
	}
	bad := ultraRecord(104, 0, 0, 0)
	bad[8] ^= 1
	if e := hear(bad); len(e.Readings) != 0 {
		t.Errorf("one flipped bit: %v", e.Lines)
	}
}

func TestOnlyTheNewestIsAskedFor(t *testing.T) {
	for _, m := range monitors() {
		got := &drivertest.Events{}
		s, sim := Driver{}.Open(false), m.New()
		for now := vital.Instant(0); now < vital.Instant(90*time.Second); now = now.Add(50 * time.Millisecond) {
			send, _ := s.Poll(now, got)
			sim.Receive(now, send)
			b, _ := sim.Poll(now, drivertest.Body{})
			s.Receive(now, b, got)
		}
		// A new result each minute: of 12:00 and 12:01.
		if len(got.Readings) != 2 || got.Readings[0].String() != "104 mg/dL" || got.Readings[1].MonitorTime.Minute() != 1 {
			t.Errorf("%s: %v, want two results", m.Name, got.Lines)
		}
	}
}

func TestATapSendsNothing(t *testing.T) {
	s := Driver{}.Open(true)
	s.Receive(1, appendFrame(nil, 0, ultra, 0x0f, 3, 0), drivertest.Nothing{})
	if b, again := s.Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || again != devices.Never {
		t.Errorf("sent % x", b)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, Driver{}, m) })
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(appendFrame(nil, 0, ultra, 0x06, 1, 2, 3, 4, 104, 0, 0, 0))
	f.Add(appendFrame(nil, 0, verio, 0x06, 1, 2, 3, 4, 104, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Driver{}.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Poll(2, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
