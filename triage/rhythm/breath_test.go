package rhythm

import (
	"errors"
	"math"
	"testing"
)

// rateBetween is breaths per minute by the intervals between two seconds.
func rateBetween(at []float64, from, to float64) float64 {
	n, first, last := 0, 0.0, 0.0
	for _, t := range at {
		if t < from || t >= to {
			continue
		}
		if n == 0 {
			first = t
		}
		last = t
		n++
	}
	if n < 2 {
		return math.NaN()
	}
	return 60 * float64(n-1) / (last - first)
}

func TestImpedanceBreathsAgreeWithTheAnnotators(t *testing.T) {
	var wrong, n float64
	for _, s := range loadBIDMC(t) {
		d, err := NewBreathDetector(bidmcRate)
		if err != nil {
			t.Fatal(err)
		}
		var at []float64
		for _, b := range d.Push(s.signals["RESP"]) {
			at = append(at, float64(b.Sample)/bidmcRate)
		}
		var off float64
		for from := 0.0; from < 480; from += 60 {
			them := (rateBetween(s.breaths[0], from, from+60) + rateBetween(s.breaths[1], from, from+60)) / 2
			off += math.Abs(rateBetween(at, from, from+60) - them)
		}
		t.Logf("%s: %d breaths, annotators %d and %d; off by %.2f/min", s.name, len(at), len(s.breaths[0]), len(s.breaths[1]), off/8)
		wrong += off
		n += 8
	}
	t.Logf("mean %.3f/min over 60 s (NeuroKit 0.18)", wrong/n)
	if !(wrong/n <= 0.2) {
		t.Errorf("off by %.3f/min, want at most 0.2", wrong/n)
	}
}

func TestPlethBreathsAgreeWithTheAnnotators(t *testing.T) {
	var wrong float64
	answered, asked := 0.0, 0.0
	for _, s := range loadBIDMC(t) {
		d, _ := NewPulseDetector(bidmcRate)
		var breaths PulseBreaths
		for from := 0; from < 480; from += 60 {
			breaths.Add(d.Push(s.signals["PLETH"][from*bidmcRate : (from+60)*bidmcRate]))
			asked++
			got, trust, ok := breaths.Rate(int64(from+60)*bidmcRate, bidmcRate)
			them := (rateBetween(s.breaths[0], float64(from), float64(from+60)) + rateBetween(s.breaths[1], float64(from), float64(from+60))) / 2
			if !ok {
				continue
			}
			if math.Abs(got-them) > 3 {
				t.Logf("%s from %d s: %.1f, annotators %.1f, trust %.2f", s.name, from, got, them, trust)
			}
			wrong += math.Abs(got - them)
			answered++
		}
	}
	t.Logf("mean %.2f/min over 60 s, answered %.0f %% (HeartPy 3.22)", wrong/answered, 100*answered/asked)
	if !(wrong/answered <= 2.5) || answered < asked/2 {
		t.Errorf("off by %.2f/min with %.0f of %.0f answered, want at most 2.5 and half", wrong/answered, answered, asked)
	}
}

// capnogram is counts of CO2 at 25 Hz: 2 s of expiration to 38 mmHg, then none.
func capnogram(seconds int, perMinute float64) []int32 {
	counts := make([]int32, seconds*25)
	for i := range counts {
		phase := math.Mod(float64(i)/25*perMinute/60, 1)
		switch {
		case phase < 0.05:
			counts[i] = int32(38 * phase / 0.05)
		case phase < 0.5:
			counts[i] = 38
		case phase < 0.55:
			counts[i] = int32(38 * (0.55 - phase) / 0.05)
		}
	}
	return counts
}

func TestBreathsFromCO2(t *testing.T) {
	for _, rate := range []float64{6, 12, 20, 40} {
		d, _ := NewBreathDetector(25)
		var at []float64
		for _, b := range d.Push(capnogram(120, rate)) {
			at = append(at, float64(b.Sample)/25)
		}
		if got := rateBetween(at, 0, 120); math.Abs(got-rate) > 0.3 {
			t.Errorf("%.1f/min, want %g", got, rate)
		}
	}
}

func TestHeartbeatsInTheImpedanceOfAPatientWhoStopsBreathingAreNotBreaths(t *testing.T) {
	counts := make([]int32, 90*125)
	for i := range counts {
		t := float64(i) / 125
		breath := 1000 * math.Sin(2*math.Pi*t*16/60)
		if t > 60 {
			breath = 0
		}
		counts[i] = int32(breath + 100*math.Sin(2*math.Pi*t*75/60))
	}
	d, _ := NewBreathDetector(125)
	before, after := 0, 0
	for _, b := range d.Push(counts) {
		if b.Sample > 62*125 {
			after++
		} else {
			before++
		}
	}
	if before < 13 || before > 17 || after > 0 {
		t.Errorf("%d breaths before and %d after breathing stopped, want about 15 and 0", before, after)
	}
}

func TestABreathDetectorNeedsARate(t *testing.T) {
	for _, rate := range []float64{0, 4, 1001, math.NaN()} {
		if _, err := NewBreathDetector(rate); !errors.Is(err, ErrRate) {
			t.Errorf("rate %g: %v", rate, err)
		}
	}
	d, _ := NewBreathDetector(25)
	d.Push(capnogram(60, 15))
	d.Gap(3600 * 25)
	if n := len(d.Push(make([]int32, 60*25))); n > 0 {
		t.Errorf("%d breaths in a flat trace after an hour's gap", n)
	}
	if n := len(d.Push(capnogram(60, 15))); n < 11 {
		t.Errorf("%d breaths in the minute after, want at least 11", n)
	}
}

func TestBreathThatGrowsShallowIsFoundAgain(t *testing.T) {
	counts := make([]int32, 180*125)
	for i := range counts {
		t := float64(i) / 125
		height := 1000.0
		if t > 60 {
			height = 150
		}
		counts[i] = int32(height * math.Sin(2*math.Pi*t*15/60))
	}
	d, _ := NewBreathDetector(125)
	late := 0
	for _, b := range d.Push(counts) {
		if b.Sample > 120*125 {
			late++
		}
	}
	if late < 13 || late > 16 {
		t.Errorf("%d breaths in the last minute, want 15", late)
	}
}
