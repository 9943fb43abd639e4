package medibus

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
	return []drivertest.Monitor{
		{Name: "ventilator", New: func() devices.Simulator { return NewSimulator() }},
		{Name: "with an alarm", New: func() devices.Simulator { return &Simulator{Alarm: "APNOEA"} }},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()[:1]}})
}

func TestNothingElseIsTakenForADraeger(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func TestForeignTelegrams(t *testing.T) {
	// OpenICE: the opening and its answer.
	if got := appendTelegram(nil, esc, icc); !bytes.Equal(got, []byte{0x1b, 0x51, 0x36, 0x43, 0x0d}) {
		t.Errorf("ICC is % x", got)
	}
	if got := appendTelegram(nil, soh, icc); !bytes.Equal(got, []byte{0x01, 0x51, 0x35, 0x32, 0x0d}) {
		t.Errorf("its answer is % x", got)
	}
}

func hear(b ...[]byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	s := Driver{}.Open(true)
	for _, c := range b {
		s.Receive(1, c, got)
	}
	return got, s.Counters()
}

func data(text string) []byte { return appendTelegram(nil, soh, askData1, []byte(text)...) }

func TestMeasuredData(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"EB  98", "SpO2 98 %"}, {"EB98.5", "SpO2 98.5 %"}, {"EB 101", "SpO2 withheld"},
		{"EB----", "SpO2 not measured"}, {"EB    ", "SpO2 not measured"},
		{"E1 127", "PR 127 /min"}, {"E1 128", "PR 128 /min"}, {"E1 255", "PR 255 /min"}, {"E1 256", "PR 256 /min"}, {"E1 300", "PR 300 /min"},
		{"E6  38", "etCO2 38 mmHg"}, {"E3 5.1", "etCO2 5.1 kPa"},
		{"78   5", "PEEP 5 mbar"}, {"7D  -2", "PPEAK -2 mbar"}, {"C136.5", "TEMP 36.5 °C"},
		{"07  45", "unknown 45 CP1 07"}, {"07    ", ""},
		{"D6  12D7  13", "RR-AWAY 12 /min; unknown 13 CP1 D7"},
		{"D6    D7  13", "RR-AWAY not measured; RR-AWAY 13 /min"},
	} {
		e, n := hear(data(c.text))
		var got []string
		for _, r := range e.Readings {
			got = append(got, strings.TrimSpace(r.Sign.String()+" "+r.String()+" "+r.Raw))
		}
		if strings.Join(got, "; ") != c.want || n.Bad != 0 {
			t.Errorf("%q: %v %+v, want %s", c.text, got, n, c.want)
		}
	}
	for _, text := range []string{"EB 98", "EB  9x", "GB  98", "EB9 8 ", "EB  98EB"} {
		if e, n := hear(data(text)); len(e.Readings) != 0 || n.Bad != 1 {
			t.Errorf("%q: %v %+v, want it refused", text, e.Lines, n)
		}
	}
	spoiled := data("EB  98")
	spoiled[6] ^= 1
	if e, n := hear(spoiled); len(e.Readings) != 0 || n.Bad != 1 {
		t.Errorf("a flipped bit: %v", e.Lines)
	}
}

func TestRealtimeInsideATelegram(t *testing.T) {
	b := data("EB  98E1  72")
	mixed := append([]byte(nil), b[:5]...)
	mixed = append(append(mixed, 0xd1, 0x81, dc1, 0x82), b[5:]...)
	if e, n := hear(mixed); len(e.Readings) != 2 || n.Bad != 0 {
		t.Errorf("%v %+v, want two readings", e.Lines, n)
	}
}

func TestAConversation(t *testing.T) {
	got, s, m := &drivertest.Events{}, Driver{}.Open(false), NewSimulator()
	for now := vital.Instant(0); now < vital.Instant(60*time.Second); now = now.Add(20 * time.Millisecond) {
		m.Alarm = ""
		if now > vital.Instant(20*time.Second) && now < vital.Instant(30*time.Second) {
			m.Alarm = "APNOEA"
		}
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
		b, _ := m.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
	}
	text := strings.Join(got.Lines, "\n")
	if got.Samples < 3*50*55 || s.Counters().Bad != 0 || !strings.Contains(text, "Model:Evita Sim") {
		t.Errorf("%d samples, %+v", got.Samples, s.Counters())
	}
	if strings.Count(text, "Text:APNOEA") != 2 || strings.Count(text, "Ended:true") != 1 {
		t.Error("the alarm did not begin and end once")
	}
}

func TestCurvesAreInTheirUnits(t *testing.T) {
	// -10 to 100 mbar over 4095: 0 is -10, 4095 is 100.
	waves := &waveSink{}
	s := Driver{}.Open(false)
	s.Receive(1, appendTelegram(nil, soh, askCurves, []byte("00   20000  -10  100FFF")...), waves)
	s.Receive(1, appendTelegram(nil, soh, setCurves), waves)
	for range batch / 2 {
		s.Receive(1, []byte{0xd1, 0x80, 0x80, 0xd1, 0xbf, 0xbf}, waves)
	}
	w := waves.last
	low := float64(w.Samples[0]+w.Offset) * w.Scale.Float()
	high := float64(w.Samples[1]+w.Offset) * w.Scale.Float()
	if w.Lead != vital.Airway || w.Unit != vital.MBar || w.Rate != vital.Int(50) || low < -10.03 || low > -9.97 || high < 99.97 || high > 100.03 {
		t.Errorf("%v from %v to %v at %v", w.Lead, low, high, w.Rate)
	}
}

func TestTheLowSixBitsComeFirst(t *testing.T) {
	waves := &waveSink{}
	s := Driver{}.Open(false)
	s.Receive(1, appendTelegram(nil, soh, askCurves, []byte("06   20000    0  100FFF")...), waves)
	s.Receive(1, appendTelegram(nil, soh, setCurves), waves)
	for range batch {
		s.Receive(1, []byte{0xd1, 0x81, 0x82}, waves) // OpenICE: (a&3F)|((b&3F)<<6)
	}
	if w := waves.last; w.Lead != vital.CO2 || w.Samples[0] != 129 {
		t.Errorf("%v %v, want 129", w.Lead, w.Samples)
	}
}

type waveSink struct {
	drivertest.Nothing
	last vital.Waveform
}

func (s *waveSink) Waveform(w vital.Waveform) { s.last = w }

func TestATapSendsNothing(t *testing.T) {
	s := Driver{}.Open(true)
	s.Receive(1, askICC, drivertest.Nothing{})
	if b, again := s.Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || again != devices.Never {
		t.Errorf("sent % x", b)
	}
}

func TestTheDeviceIsAnswered(t *testing.T) {
	s := Driver{}.Open(false)
	s.Receive(1, askICC, drivertest.Nothing{})
	if b, _ := s.Poll(1, drivertest.Nothing{}); !bytes.HasPrefix(b, []byte{0x01, 0x51, 0x35, 0x32, 0x0d}) {
		t.Errorf("answered % x", b)
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, Driver{}, monitors()[0]) }

func FuzzReceive(f *testing.F) {
	f.Add(data("EB  98E1  72"))
	f.Add(append(appendTelegram(nil, soh, askCurves, []byte("00   20000  -10  100FFF")...), 0xd1, 0x80, 0x80))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Driver{}.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Receive(1, appendTelegram(nil, soh, setCurves), drivertest.Nothing{})
		s.Poll(2, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
