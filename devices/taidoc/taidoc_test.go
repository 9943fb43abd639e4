package taidoc

import (
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "TD-4277", New: func() devices.Simulator { return NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAMeter(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func TestForeignVectors(t *testing.T) {
	// glucometerutils tests/test_td4277.py; the second frame from glucometer-protocols.
	if got := frame(0x22, 0, 0, 0, 0, 0xa3); got != [8]byte{0x51, 0x22, 0, 0, 0, 0, 0xa3, 0x16} {
		t.Errorf("connect is % x", got)
	}
	if got := frame(0x24, 0, 0, 0, 0, 0xa3); got != [8]byte{0x51, 0x24, 0, 0, 0, 0, 0xa3, 0x18} {
		t.Errorf("model is % x", got)
	}
	for _, c := range []struct {
		b    [4]byte
		want time.Time
	}{
		{[4]byte{0x21, 0x24, 0x0e, 0x15}, time.Date(2018, 1, 1, 21, 14, 0, 0, time.UTC)},
		{[4]byte{0x21, 0x26, 0x0e, 0x15}, time.Date(2019, 1, 1, 21, 14, 0, 0, time.UTC)},
		{[4]byte{0x04, 0x27, 0x25, 0x0d}, time.Date(2019, 8, 4, 13, 37, 0, 0, time.UTC)},
		{[4]byte{0x00, 0x27, 0x25, 0x0d}, time.Time{}},
		{[4]byte{0x04, 0x27, 0x3c, 0x0d}, time.Time{}},
	} {
		if got := timeOf(c.b[:]); !got.Equal(c.want) {
			t.Errorf("% x is %v, want %v", c.b, got, c.want)
		}
	}
}

func hear(frames ...[8]byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	s := Driver{}.Open(true)
	for _, f := range frames {
		s.Receive(1, f[:], got)
	}
	return got, s.Counters()
}

func TestResults(t *testing.T) {
	at := frame(opTime, 0x04, 0x27, 0x25, 0x0d, fromMeter)
	value := func(n int) [8]byte { return frame(opValue, byte(n), byte(n>>8), 0, 0, fromMeter) }
	for _, c := range []struct {
		value int
		want  string
	}{
		{20, "20 mg/dL"}, {104, "104 mg/dL"}, {127, "127 mg/dL"}, {128, "128 mg/dL"}, {255, "255 mg/dL"}, {256, "256 mg/dL"}, {600, "600 mg/dL"},
		{0, "withheld"}, {19, "withheld"}, {601, "withheld"}, {65535, "withheld"},
	} {
		e, _ := hear(at, value(c.value))
		if len(e.Readings) != 1 || e.Readings[0].String() != c.want || e.Readings[0].MonitorTime.Minute() != 37 || !e.Readings[0].Aperiodic {
			t.Errorf("%d: %v, want %s", c.value, e.Lines, c.want)
		}
	}
	if e, n := hear(value(104)); len(e.Readings) != 0 || n.Bad != 1 {
		t.Errorf("a value without its time: %v", e.Lines)
	}
	if e, _ := hear(at, value(104), value(105)); len(e.Readings) != 1 {
		t.Errorf("a second value with the first one's time: %v", e.Lines)
	}
	spoiled := at
	spoiled[3] ^= 1
	if e, _ := hear(at, spoiled, value(104)); len(e.Readings) != 0 {
		t.Errorf("a value after a garbled frame: %v", e.Lines)
	}
}

func TestATapSendsNothing(t *testing.T) {
	if b, again := (Driver{}).Open(true).Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || again != devices.Never {
		t.Errorf("sent % x", b)
	}
}

func TestOnlyTheNewestIsAskedFor(t *testing.T) {
	got := &drivertest.Events{}
	s, sim := Driver{}.Open(false), NewSimulator()
	for now := vital.Instant(0); now < vital.Instant(90*time.Second); now = now.Add(50 * time.Millisecond) {
		send, _ := s.Poll(now, got)
		sim.Receive(now, send)
		b, _ := sim.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
	}
	if len(got.Readings) != 2 || got.Readings[1].MonitorTime.Minute() != 1 {
		t.Errorf("%v, want two results", got.Lines)
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add([]byte{0x51, 0x25, 0x04, 0x27, 0x25, 0x0d, 0xa5, 0x78, 0x51, 0x26, 104, 0, 0, 0, 0xa5, 0x84})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Driver{}.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Poll(2, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
