package sim_test

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/nonin"
	"fieldkit/devices/sim"
	"fieldkit/triage/vital"
)

func patient(t testing.TB, text string, seed uint64) *sim.Patient {
	t.Helper()
	s, err := sim.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return sim.New(s, seed, 0)
}

func at(d time.Duration) vital.Instant { return vital.Instant(d) }

// number is a sign's value, which must be there.
func number(t testing.TB, p *sim.Patient, s vital.Sign, d time.Duration) float64 {
	t.Helper()
	v, ok := p.Reading(s, at(d)).Value()
	if !ok {
		t.Fatalf("%s at %v: %v", s.Info().Label, d, p.Reading(s, at(d)))
	}
	return v.Float()
}

// peaks counts how often the lead rises through a level.
func peaks(p *sim.Patient, l vital.Lead, from, to time.Duration, level float64) (n int) {
	above := true
	for d := from; d < to; d += 4 * time.Millisecond {
		v, _ := p.Sample(l, at(d))
		if v > level && !above {
			n++
		}
		above = v > level
	}
	return n
}

func TestNumbersAndWavesTellTheSameStory(t *testing.T) {
	cases := []struct {
		name                string
		text                string
		rate, pulse, breath int // in the second minute
	}{
		{"a healthy adult", "HR 75\nRR 14", 75, 75, 14},
		{"a child", "HR 150\nRR 40", 150, 150, 40},
		{"bradycardia", "HR 38\nRR 10", 38, 38, 10},
		{"atrial fibrillation", "HR 110\nrhythm af\nRR 20", 110, 110, 20},
		{"pulseless electrical activity", "HR 60\nrhythm pea\nRR 12", 60, 0, 12},
		{"asystole without breath", "rhythm asystole\nRR 0", 0, 0, 0},
	}
	for _, c := range cases {
		p := patient(t, c.text+"\nsensor abp on", 1)
		from, to := time.Minute, 2*time.Minute
		if n := peaks(p, vital.ECGII, from, to, 0.6); abs(n-c.rate) > 1+c.rate/20 {
			t.Errorf("%s: %d R waves in a minute, want %d", c.name, n, c.rate)
		}
		if n := peaks(p, vital.ABP, from, to, 95); abs(n-c.pulse) > 1+c.pulse/8 {
			t.Errorf("%s: %d arterial pulses, want %d", c.name, n, c.pulse)
		}
		if n := peaks(p, vital.CO2, from, to, 15); abs(n-c.breath) > 1+c.breath/15 {
			t.Errorf("%s: %d capnogram plateaus, want %d", c.name, n, c.breath)
		}
		if v := number(t, p, vital.RespRate, 90*time.Second); math.Abs(v-float64(c.breath)) > 1+float64(c.breath)/8 {
			t.Errorf("%s: respiration %v, want %d", c.name, v, c.breath)
		}
		if v := number(t, p, vital.HeartRate, 90*time.Second); math.Abs(v-float64(c.rate)) > 2+float64(c.rate)/5 {
			t.Errorf("%s: heart rate %v, want %d", c.name, v, c.rate)
		}
		if c.pulse == 0 {
			if r := p.Reading(vital.PulseRate, at(90*time.Second)); r.State() != vital.Searching {
				t.Errorf("%s: pulse rate %v, want searching", c.name, r)
			}
			if r := p.Reading(vital.SpO2, at(90*time.Second)); r.State() != vital.Searching {
				t.Errorf("%s: SpO2 %v, want searching", c.name, r)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestThePulseFollowsTheRWave(t *testing.T) {
	p := patient(t, "HR 60\nsensor abp on", 3)
	for d := 10 * time.Second; d < 30*time.Second; d += time.Millisecond {
		before, _ := p.Sample(vital.ECGII, at(d-time.Millisecond))
		here, _ := p.Sample(vital.ECGII, at(d))
		after, _ := p.Sample(vital.ECGII, at(d+time.Millisecond))
		if here < 0.9 || here < before || here <= after {
			continue
		}
		// From an R wave on, pressure rises, first at the wrist, then in the finger.
		artery, finger := steepest(p, vital.ABP, d), steepest(p, vital.Pleth, d)
		if artery < 100*time.Millisecond || artery > 350*time.Millisecond || finger < artery+50*time.Millisecond || finger > 500*time.Millisecond {
			t.Fatalf("R at %v: artery rises %v after, finger %v after", d, artery, finger)
		}
	}
}

// steepest is how long after d the lead rises fastest.
func steepest(p *sim.Patient, l vital.Lead, d time.Duration) (when time.Duration) {
	most := 0.0
	for x := time.Duration(0); x < 700*time.Millisecond; x += 10 * time.Millisecond {
		a, _ := p.Sample(l, at(d+x))
		b, _ := p.Sample(l, at(d+x+20*time.Millisecond))
		if b-a > most {
			most, when = b-a, x
		}
	}
	return when
}

func TestAScenarioGoesWhereItSays(t *testing.T) {
	p := patient(t, "SpO2 98\nNIBP 120/80\nnibp every 3m\nat 1m SpO2 -> 84 over 90s\nat 2m sensor pleth off\nat 2m30s sensor pleth on\nat 4m NIBP 70/40\nat 7m nibp now", 1)
	for _, c := range []struct {
		at   time.Duration
		sign vital.Sign
		want string
	}{
		{59 * time.Second, vital.SpO2, "98 %"},
		{105 * time.Second, vital.SpO2, "91 %"},
		{125 * time.Second, vital.SpO2, "probe off"},
		{125 * time.Second, vital.PulseRate, "probe off"},
		{3 * time.Minute, vital.SpO2, "84 %"},
		{10 * time.Second, vital.NIBPSys, "not measured"},
		{31 * time.Second, vital.NIBPSys, "120 mmHg"},
		{6 * time.Minute, vital.NIBPDia, "80 mmHg"},
		{6*time.Minute + 31*time.Second, vital.NIBPDia, "40 mmHg"},
		{8 * time.Minute, vital.NIBPMean, "50 mmHg"},
	} {
		if got := p.Reading(c.sign, at(c.at)).String(); got != c.want {
			t.Errorf("%s at %v: %s, want %s", c.sign.Info().Label, c.at, got, c.want)
		}
	}
	if r := p.Reading(vital.NIBPSys, at(5*time.Minute)); r.Arrived != at(3*time.Minute+30*time.Second) || !r.Aperiodic {
		t.Errorf("cuff result of 3m30s is dated %v", time.Duration(r.Arrived))
	}
}

func TestEqualSeedsGiveEqualBytesInWhateverOrderAsked(t *testing.T) {
	story, err := sim.Named("stemi-arrest-rosc")
	if err != nil {
		t.Fatal(err)
	}
	wire := func(seed uint64, back bool) []byte {
		p := sim.New(story, seed, 0)
		if back { // asked about later times first
			p.Sample(vital.ECGII, at(9*time.Minute))
			p.Reading(vital.PulseRate, at(9*time.Minute))
		}
		m, out := nonin.NewSimulator(nonin.DF7), []byte(nil)
		for now := at(0); now < at(9*time.Minute); {
			var b []byte
			b, now = m.Poll(now, p)
			out = append(out, b...)
		}
		return out
	}
	one := wire(1, false)
	if !bytes.Equal(one, wire(1, true)) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(one, wire(2, false)) {
		t.Error("another seed gave the same bytes")
	}
}

func TestEveryScenarioStaysPossible(t *testing.T) {
	for _, name := range sim.Names() {
		s, err := sim.Named(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Title == "" {
			t.Errorf("%s has no title", name)
		}
		var p devices.Body = sim.New(s, 1, 0)
		for d := time.Duration(0); d < 12*time.Minute; d += 700 * time.Millisecond {
			for sign := range vital.Signs {
				if r := p.Reading(sign, at(d)); r.State() == vital.Withheld {
					t.Fatalf("%s at %v: %s is not possible", name, d, sign.Info().Name)
				}
			}
			for l := vital.UnknownLead; l <= vital.BIS; l++ {
				v, _ := p.Sample(l, at(d))
				if math.IsNaN(v) || math.Abs(v) > 300 {
					t.Fatalf("%s at %v: lead %d is %v", name, d, l, v)
				}
			}
		}
	}
}

func TestAWrongScenarioLineIsNamed(t *testing.T) {
	for _, text := range []string{"at", "at noon HR 3", "HR", "HR x", "HR NaN", "HR 900", "HR -> 3 under 4s", "rhythm waltz", "sensor nose on", "sensor pleth maybe", "nibp every 5s", "NIBP 120", "BLOOD 3", "at 90h HR 3", "at -3s HR 3"} {
		_, err := sim.Parse("HR 80\n" + text)
		if !errors.Is(err, sim.ErrScenario) || !bytes.Contains([]byte(err.Error()), []byte("line 2")) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range sim.Names() {
		f.Add("at 3s rhythm vf\nSpO2 -> 3 over 2s\n" + name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sim.Parse(text)
		if err != nil {
			if !errors.Is(err, sim.ErrScenario) {
				t.Fatal(err)
			}
			return
		}
		p := sim.New(s, 1, 0)
		p.Reading(vital.NIBPSys, at(time.Minute))
		if v, _ := p.Sample(vital.ECGII, at(time.Minute)); math.IsNaN(v) {
			t.Fatal("not a number")
		}
	})
}

func BenchmarkSample(b *testing.B) {
	p := patient(b, "", 1)
	d := time.Duration(0)
	for b.Loop() {
		d += 4 * time.Millisecond
		p.Sample(vital.ECGII, at(d))
	}
}
