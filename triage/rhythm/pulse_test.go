package rhythm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fieldkit/build/foreign"
)

func TestPulseRateAgreesWithTheMonitor(t *testing.T) {
	var wrong float64
	answered, asked := 0, 0
	for _, s := range loadBIDMC(t) {
		d, err := NewPulseDetector(bidmcRate)
		if err != nil {
			t.Fatal(err)
		}
		var rate PulseRate
		var sumOff float64
		n := 0
		for from := 0; from+10 <= 480; from += 10 {
			var ours, monitors float64
			seconds := 0
			for sec := from; sec < from+10; sec++ {
				rate.Add(d.Push(s.signals["PLETH"][sec*bidmcRate : (sec+1)*bidmcRate]))
				if v, ok := rate.At(int64(sec+1)*bidmcRate, bidmcRate); ok {
					ours += v
					seconds++
				}
				monitors += s.numerics["PULSE"][sec] / 10
			}
			if math.IsNaN(monitors) {
				continue
			}
			asked++
			if seconds < 5 {
				continue
			}
			sumOff += math.Abs(ours/float64(seconds) - monitors)
			n++
		}
		t.Logf("%s: off by %.2f/min in %d windows of 10 s", s.name, sumOff/float64(n), n)
		wrong += sumOff
		answered += n
	}
	mean, share := wrong/float64(answered), 100*float64(answered)/float64(asked)
	t.Logf("mean %.2f/min, answered %.0f %% (HeartPy 0.82, NeuroKit 0.94 to 1.28)", mean, share)
	if mean > 0.8 || share < 85 {
		t.Errorf("off by %.2f/min with %.0f %% answered, want at most 0.8 with 85", mean, share)
	}
}

func TestPulsesAreTheECGsBeats(t *testing.T) {
	// Each pulse follows one beat; an early beat may be too weak to make one.
	for _, s := range loadBIDMC(t) {
		d, _ := NewPulseDetector(bidmcRate)
		pulses := len(d.Push(s.signals["PLETH"]))
		beats := len(pushAll(t, bidmcRate, 0, s.signals["II"], bidmcRate))
		if share := float64(pulses) / float64(beats); share < 0.95 || share > 1.01 {
			t.Errorf("%s: %d pulses, %d beats", s.name, pulses, beats)
		}
	}
}

func TestPulseRateOfHeartPysExample(t *testing.T) {
	// HeartPy's documentation gives 58.898848 beats per minute for this file at 100 Hz.
	var counts []int32
	for _, line := range strings.Fields(string(foreign.Read(t, "devices", "heartpy", "data.csv"))) {
		v, err := strconv.ParseFloat(line, 64)
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, int32(v))
	}
	d, _ := NewPulseDetector(100)
	pulses := slices.DeleteFunc(d.Push(counts), func(p Pulse) bool { return p.Certainty < surePulse })
	first, last := pulses[0], pulses[len(pulses)-1]
	if got := 60 * 100 * float64(len(pulses)-1) / float64(last.Sample-first.Sample); math.Abs(got-58.9) > 0.5 {
		t.Errorf("%.2f/min, want 58.90", got)
	}
}

func TestPulseOfAProbeThatFallsOff(t *testing.T) {
	s := loadBIDMC(t)[2]
	d, _ := NewPulseDetector(bidmcRate)
	var rate PulseRate
	rate.Add(d.Push(s.signals["PLETH"][:60*bidmcRate]))
	if _, ok := rate.At(60*bidmcRate, bidmcRate); !ok {
		t.Fatal("no rate before")
	}
	if n := len(d.Gap(20 * bidmcRate)); n > 1 {
		t.Errorf("%d pulses while the probe is off", n)
	}
	if v, ok := rate.At(72*bidmcRate, bidmcRate); ok {
		t.Errorf("a rate of %.0f twelve seconds after the probe fell off", v)
	}
	rate.Add(d.Push(s.signals["PLETH"][80*bidmcRate : 100*bidmcRate]))
	if v, ok := rate.At(100*bidmcRate, bidmcRate); !ok || math.Abs(v-76) > 3 {
		t.Errorf("twenty seconds after it is back: %.1f %v, want about 76", v, ok)
	}
}

func TestAPulseTraceWithoutAPulseGivesNoRate(t *testing.T) {
	flat := make([]int32, 60*125)
	d, _ := NewPulseDetector(125)
	if n := len(d.Push(flat)); n > 0 {
		t.Errorf("%d pulses in a flat trace", n)
	}
	for _, rate := range []float64{0, 24, 1001, math.NaN()} {
		if _, err := NewPulseDetector(rate); !errors.Is(err, ErrRate) {
			t.Errorf("rate %g: %v", rate, err)
		}
	}
}

func TestHowPulseSamplesArriveDoesNotMatter(t *testing.T) {
	counts := loadBIDMC(t)[0].signals["PLETH"][:60*bidmcRate]
	whole, _ := NewPulseDetector(bidmcRate)
	want := slices.Clone(whole.Push(counts))
	one, _ := NewPulseDetector(bidmcRate)
	var got []Pulse
	for i := range counts {
		got = append(got, one.Push(counts[i:i+1])...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d pulses one sample at a time, %d at once", len(got), len(want))
	}
	for _, p := range got {
		if late := float64(p.Reported-p.Sample) / bidmcRate; late < 0 || late > MaxPulseDelay {
			t.Errorf("pulse at %d reported after %.2f s", p.Sample, late)
		}
	}
}

func TestPulsesAreFoundAtEveryOximetersRate(t *testing.T) {
	pleth := loadBIDMC(t)[2].signals["PLETH"][:120*bidmcRate]
	for _, rate := range []float64{25, 50, 60, 75, 100, 250, 500} {
		d, err := NewPulseDetector(rate)
		if err != nil {
			t.Fatal(err)
		}
		var got PulseRate
		counts := resampled(pleth, bidmcRate, rate)
		got.Add(d.Push(counts))
		// The monitor said 76 to 77 then.
		if v, ok := got.At(int64(len(counts)), rate); !ok || math.Abs(v-76.5) > 2 {
			t.Errorf("at %g Hz: %.1f %v, want about 76.5", rate, v, ok)
		}
	}
}

func TestAFingerThatShakesWithholdsThePulseRate(t *testing.T) {
	s := loadBIDMC(t)[2]
	counts := slices.Clone(s.signals["PLETH"])
	r := rand.New(rand.NewPCG(7, 8))
	shake := 0.0
	for i := 60 * bidmcRate; i < 240*bidmcRate; i++ {
		shake += 0.1 * (r.NormFloat64() - shake)
		counts[i] += int32(12000 * shake)
	}
	d, _ := NewPulseDetector(bidmcRate)
	var rate PulseRate
	answered, wrong := 0, 0
	for sec := range 240 {
		rate.Add(d.Push(counts[sec*bidmcRate : (sec+1)*bidmcRate]))
		if v, ok := rate.At(int64(sec+1)*bidmcRate, bidmcRate); ok && sec > 75 {
			answered++
			if math.Abs(v-s.numerics["PULSE"][sec]) > 10 {
				wrong++
			}
		}
	}
	t.Logf("of 164 s of shaking answered %d, wrong by more than 10/min %d", answered, wrong)
	if wrong > 2 {
		t.Errorf("a rate wrong by more than 10/min in %d of 164 s", wrong)
	}
}
