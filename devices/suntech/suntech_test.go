package suntech

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "module", New: func() devices.Simulator { return NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAModule(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func TestOnlyQuestionsAreSent(t *testing.T) {
	// ak-git's DemoApp: pressure 3A 79 05 00 48, result 3A 79 03 00 4A. Starting an
	// adult measurement would be 3A 20 A6, ending one 3A 79 01 00 4C.
	if !bytes.Equal(askCuff, []byte{0x3a, 0x79, 0x05, 0x00, 0x48}) || !bytes.Equal(askResult, []byte{0x3a, 0x79, 0x03, 0x00, 0x4a}) {
		t.Errorf("% x, % x", askCuff, askResult)
	}
	s := Driver{}.Open(false)
	for now := vital.Instant(0); now < vital.Instant(time.Minute); now = now.Add(50 * time.Millisecond) {
		b, _ := s.Poll(now, drivertest.Nothing{})
		if len(b) > 0 && !bytes.Equal(b, askCuff) && !bytes.Equal(b, askResult) {
			t.Fatalf("sent % x", b)
		}
	}
	if b, again := (Driver{}).Open(true).Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || again != devices.Never {
		t.Errorf("a tap sent % x", b)
	}
}

func cuff(v int) []byte { return appendPacket(nil, 0x3e, 5, byte(v), byte(v>>8)) }

func result(sys, dia, mean, rate int, fault byte) []byte {
	p := make([]byte, 22)
	p[0] = 24
	for at, v := range map[int]int{1: sys, 3: dia, 15: rate, 17: mean} {
		p[at], p[at+1] = byte(v), byte(v>>8)
	}
	p[19] = fault
	return appendPacket(nil, 0x3e, p...)
}

func what(e *drivertest.Events) string {
	var all []string
	for _, r := range e.Readings {
		if r.Sign != vital.CuffPressure {
			all = append(all, r.Sign.String()+" "+r.String())
		}
	}
	return strings.Join(all, "; ")
}

func TestResults(t *testing.T) {
	for _, c := range []struct {
		name   string
		packet []byte
		want   string
	}{
		{"measured", result(121, 76, 92, 74, 0), "NIBP-SYS 121 mmHg; NIBP-DIA 76 mmHg; NIBP-MEAN 92 mmHg; PR-NIBP 74 /min"},
		{"above a byte", result(256, 128, 190, 127, 0), "NIBP-SYS 256 mmHg; NIBP-DIA 128 mmHg; NIBP-MEAN 190 mmHg; PR-NIBP 127 /min"},
		{"no rate", result(121, 76, 92, 0, 0), "NIBP-SYS 121 mmHg; NIBP-DIA 76 mmHg; NIBP-MEAN 92 mmHg; PR-NIBP not measured"},
		{"nothing measured", result(0, 0, 0, 0, 0), "NIBP-SYS not measured; NIBP-DIA not measured; NIBP-MEAN not measured; PR-NIBP not measured"},
		{"weak signal", result(121, 76, 92, 74, 1), "NIBP-SYS withheld; NIBP-DIA withheld; NIBP-MEAN withheld; PR-NIBP withheld"},
		{"motion", result(0, 0, 0, 0, 2), "NIBP-SYS artefact; NIBP-DIA artefact; NIBP-MEAN artefact; PR-NIBP artefact"},
		{"cuff off", result(0, 0, 0, 0, 0x87), "NIBP-SYS probe off; NIBP-DIA probe off; NIBP-MEAN probe off; PR-NIBP probe off"},
		{"overpressure", result(0, 0, 0, 0, 0x89), "NIBP-SYS withheld; NIBP-DIA withheld; NIBP-MEAN withheld; PR-NIBP withheld"},
		{"diastolic above systolic", result(76, 121, 92, 74, 0), ""},
		{"systolic of 301", result(301, 76, 92, 74, 0), ""},
	} {
		e := &drivertest.Events{}
		Driver{}.Open(true).Receive(1, c.packet, e)
		if what(e) != c.want {
			t.Errorf("%s: %s, want %s", c.name, what(e), c.want)
		}
	}
}

func TestAResultOfBeforeIsNobodys(t *testing.T) {
	old, fresh := result(180, 110, 130, 90, 0), result(121, 76, 92, 74, 0)
	e, s := &drivertest.Events{}, Driver{}.Open(false)
	s.Receive(1, old, e)
	s.Receive(1, old, e)
	if what(e) != "" {
		t.Errorf("a result that was there before: %s", what(e))
	}
	s.Receive(2, fresh, e)
	if what(e) != "" || s.Counters().Unknown != 1 {
		t.Errorf("a result without a measurement: %s", what(e))
	}
	for _, p := range []int{0, 60, 160, 20, 0} {
		s.Receive(3, cuff(p), e)
	}
	s.Receive(4, fresh, e)
	if what(e) != "" {
		t.Errorf("the old result after a new measurement: %s", what(e))
	}
	s.Receive(vital.Instant(11*time.Second), fresh, e)
	if strings.Count(what(e), "NIBP-SYS 121") != 1 {
		t.Errorf("the same values measured again: %s", what(e))
	}
	s.Receive(vital.Instant(12*time.Second), cuff(160), e)
	s.Receive(vital.Instant(13*time.Second), old, e)
	s.Receive(vital.Instant(13*time.Second), old, e)
	if got := what(e); strings.Count(got, "NIBP-SYS 180") != 1 {
		t.Errorf("a new result: %s, want it once", got)
	}
}

func TestAConversation(t *testing.T) {
	got, s, m := &drivertest.Events{}, Driver{}.Open(false), NewSimulator()
	for now := vital.Instant(0); now < vital.Instant(3*time.Minute); now = now.Add(50 * time.Millisecond) {
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
		b, _ := m.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
	}
	if n := strings.Count(what(got), "NIBP-SYS 121 mmHg"); n != 3 || s.Counters().Bad != 0 {
		t.Errorf("%d results %+v, want 3", n, s.Counters())
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add(cuff(120))
	f.Add(result(121, 76, 92, 74, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		Driver{}.Open(true).Receive(1, b, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
