package capnostream

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
	return []drivertest.Monitor{{Name: "Capnostream 20", New: func() devices.Simulator { return NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForACapnostream(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func TestForeignFrames(t *testing.T) {
	// The host's commands as OpenICE sends them, and its way with 80 and 85.
	for _, c := range []struct {
		code byte
		data []byte
		want []byte
	}{
		{cmdEnable, nil, []byte{0x85, 0x01, 0x01, 0x00}},
		{cmdStart, nil, []byte{0x85, 0x01, 0x04, 0x05}},
		{cmdAlive, nil, []byte{0x85, 0x01, 0x06, 0x07}},
		{3, []byte{0x85, 0x80}, []byte{0x85, 0x03, 0x03, 0x80, 0x05, 0x80, 0x00, 0x05}},
	} {
		if got := appendFrame(nil, c.code, c.data...); !bytes.Equal(got, c.want) {
			t.Errorf("% x, want % x", got, c.want)
		}
	}
}

// numbers is a frame's data by the layout in OpenICE.
func numbers(etco2, fico2, rr, spo2, pr byte, change func(d []byte)) []byte {
	d := make([]byte, 27)
	copy(d, []byte{0x6a, 0x00, 0x00, 0x00, etco2, fico2, rr, spo2, pr})
	d[25] = 1
	if change != nil {
		change(d)
	}
	return appendFrame(nil, codeNumbers, d...)
}

func hear(frames ...[]byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	s := Driver{}.Open(true)
	for _, f := range frames {
		s.Receive(1, f, got)
	}
	return got, s.Counters()
}

func what(e *drivertest.Events) string {
	var all []string
	for _, r := range e.Readings {
		if r.Sign != vital.Apnoea {
			all = append(all, strings.TrimSpace(r.Sign.String()+" "+r.String()+" "+r.Raw))
		}
	}
	return strings.Join(all, "; ")
}

func TestNumbersAndTheirReasons(t *testing.T) {
	status := func(fast byte) []byte { return appendFrame(nil, codeWave, 0, 38, 0, fast) }
	set := func(at int, v byte) func([]byte) { return func(d []byte) { d[at] = v } }
	const co2 = "etCO2 38 mmHg; FiCO2 0 mmHg; RR-CO2 12 /min"
	for _, c := range []struct {
		name   string
		frames [][]byte
		want   string
	}{
		{"measured", [][]byte{numbers(38, 0, 12, 97, 72, nil)}, co2 + "; SpO2 97 %; PR 72 /min"},
		{"127", [][]byte{numbers(38, 0, 12, 97, 127, nil)}, co2 + "; SpO2 97 %; PR 127 /min"},
		{"128 is escaped", [][]byte{numbers(38, 0, 12, 97, 128, nil)}, co2 + "; SpO2 97 %; PR 128 /min"},
		{"133 is escaped", [][]byte{numbers(38, 0, 12, 97, 133, nil)}, co2 + "; SpO2 97 %; PR 133 /min"},
		{"254", [][]byte{numbers(38, 0, 12, 97, 254, nil)}, co2 + "; SpO2 97 %; PR 254 /min"},
		{"none of anything", [][]byte{numbers(255, 255, 255, 255, 255, nil)}, "etCO2 searching; FiCO2 searching; RR-CO2 searching; SpO2 searching; PR searching"},
		{"finger off", [][]byte{numbers(38, 0, 12, 255, 255, set(14, 0x20))}, co2 + "; SpO2 probe off; PR probe off"},
		{"sensor unplugged", [][]byte{numbers(38, 0, 12, 255, 255, set(14, 0x40))}, co2 + "; SpO2 probe off; PR probe off"},
		{"no pulse found, an old number", [][]byte{numbers(38, 0, 12, 97, 72, set(14, 0x01))}, co2 + "; SpO2 searching; PR searching"},
		{"no FilterLine", [][]byte{status(0x41), numbers(38, 0, 12, 97, 72, nil)}, "etCO2 probe off; FiCO2 probe off; RR-CO2 probe off; SpO2 97 %; PR 72 /min"},
		{"starting", [][]byte{status(0x02), numbers(255, 255, 255, 97, 72, nil)}, "etCO2 searching; FiCO2 searching; RR-CO2 searching; SpO2 97 %; PR 72 /min"},
		{"occluded", [][]byte{status(0x04), numbers(255, 255, 255, 97, 72, nil)}, "etCO2 artefact; FiCO2 artefact; RR-CO2 artefact; SpO2 97 %; PR 72 /min"},
		{"broken", [][]byte{status(0x80), numbers(38, 0, 12, 97, 72, nil)}, "etCO2 withheld; FiCO2 withheld; RR-CO2 withheld; SpO2 97 %; PR 72 /min"},
		{"kilopascal", [][]byte{numbers(51, 0, 12, 97, 72, set(25, 2))}, "etCO2 5.1 kPa; FiCO2 0.0 kPa; RR-CO2 12 /min; SpO2 97 %; PR 72 /min"},
		{"percent", [][]byte{numbers(50, 0, 12, 97, 72, set(25, 3))}, "unknown 5.0 % etCO2 vol%; unknown 0.0 % FiCO2 vol%; RR-CO2 12 /min; SpO2 97 %; PR 72 /min"},
		{"one place off", [][]byte{numbers(38, 0, 12, 97, 72, nil), numbers(0x6a, 38, 0, 12, 97, nil)}, co2 + "; SpO2 97 %; PR 72 /min"},
		{"no such unit", [][]byte{numbers(38, 0, 12, 97, 72, set(25, 9))}, ""},
		{"SpO2 of 101", [][]byte{numbers(38, 0, 12, 101, 72, nil)}, ""},
	} {
		if e, n := hear(c.frames...); what(e) != c.want {
			t.Errorf("%s: %s %+v\nwant %s", c.name, what(e), n, c.want)
		}
	}
	e, _ := hear(numbers(38, 0, 12, 97, 72, nil))
	if got := e.Readings[0].MonitorTime; got.Unix() != 0x6a000000 {
		t.Errorf("time %v", got)
	}
}

func TestAlarmsBeginAndEnd(t *testing.T) {
	e, _ := hear(numbers(38, 0, 12, 97, 72, nil), numbers(38, 0, 12, 80, 72, func(d []byte) { d[14] = 4; d[9] = 2 }), numbers(38, 0, 12, 81, 72, func(d []byte) { d[14] = 4 }), numbers(38, 0, 12, 97, 72, nil))
	text := strings.Join(e.Lines, "\n")
	if strings.Count(text, "Text:SpO2 low") != 2 || strings.Count(text, "Ended:false Silenced:true") != 1 || strings.Count(text, "Ended:true") != 1 {
		t.Error(text)
	}
}

type waves struct {
	drivertest.Nothing
	n    int
	last vital.Waveform
	sum  float64
}

func (w *waves) Waveform(v vital.Waveform) {
	w.n += len(v.Samples)
	w.last = v
	w.sum = float64(v.Samples[0]) * v.Scale.Float()
	w.last.Gaps = append([]vital.Gap(nil), v.Gaps...)
}

func TestTheWave(t *testing.T) {
	w := &waves{}
	s := Driver{}.Open(true)
	s.Receive(1, appendFrame(nil, codeWave, 0, 38, 128, 0), w)
	if w.n != 0 {
		t.Error("a wave before its unit is known")
	}
	s.Receive(1, numbers(38, 0, 12, 97, 72, nil), w)
	for i := byte(1); i < 5; i++ {
		s.Receive(1, appendFrame(nil, codeWave, i, 38, 128, 0), w)
	}
	if w.n != 4 || w.sum != 38.5 || len(w.last.Gaps) != 0 {
		t.Errorf("%d samples, the first %v mmHg; want 4 of 38.5", w.n, w.sum)
	}
	for i := byte(5); i < 9; i++ {
		s.Receive(1, appendFrame(nil, codeWave, i, 0, 0, 0x41), w)
	}
	if len(w.last.Gaps) != 1 || w.last.Gaps[0].Len != 4 || w.last.Gaps[0].Why != vital.ProbeOff {
		t.Errorf("gaps %+v, want one of four", w.last.Gaps)
	}
}

func TestAConversation(t *testing.T) {
	got, s, m := &drivertest.Events{}, Driver{}.Open(false), NewSimulator()
	for now := vital.Instant(0); now < vital.Instant(30*time.Second); now = now.Add(20 * time.Millisecond) {
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
		b, _ := m.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
	}
	if got.Samples < 28*20 || s.Counters().Bad != 0 || !strings.Contains(strings.Join(got.Lines, " "), "Serial:B300000001 Firmware:45.67") {
		t.Errorf("%d samples %+v", got.Samples, s.Counters())
	}
	tap := Driver{}.Open(true)
	if b, again := tap.Poll(vital.Instant(time.Hour), got); len(b) > 0 || again != devices.Never {
		t.Errorf("a tap sent % x", b)
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add(numbers(38, 0, 12, 97, 128, nil))
	f.Add(appendFrame(nil, codeWave, 0, 38, 128, 0))
	f.Add(appendFrame(nil, codeItself, []byte("V45.67 02/24/2008 B355987654  ")...))
	f.Fuzz(func(t *testing.T, b []byte) {
		Driver{}.Open(true).Receive(1, b, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
