package rhythm

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/rhythm/ec57"
	"fieldkit/triage/rhythm/wfdb"
)

// resampled is counts at another rate, by straight lines.
func resampled(counts []int32, from, to float64) []int32 {
	out := make([]int32, int(float64(len(counts)-1)/from*to))
	for i := range out {
		x := float64(i) / to * from
		k := int(x)
		out[i] = int32(math.Round(float64(counts[k]) + (x-float64(k))*float64(counts[k+1]-counts[k])))
	}
	return out
}

func scaledMarks(marks []wfdb.Annotation, by float64) []wfdb.Annotation {
	out := slices.Clone(marks)
	for i := range out {
		out[i].Sample = int64(float64(out[i].Sample) * by)
	}
	return out
}

func TestBeatsAreFoundAtEveryMonitorsRate(t *testing.T) {
	for _, name := range []string{"119", "230"} {
		r := loadMIT(t, name, 0)
		r.counts = r.counts[:10*60*360]
		for _, rate := range []float64{100, 125, 200, 240, 250, 256, 300, 360, 500, 1000} {
			beats := pushAll(t, rate, r.scale, resampled(r.counts, r.rate, rate), int(rate))
			marks := slices.DeleteFunc(scaledMarks(r.marks, rate/r.rate), func(m wfdb.Annotation) bool { return m.Sample > int64(9.9*60*rate) })
			beats = slices.DeleteFunc(beats, func(b Beat) bool { return b.Sample > int64(9.9*60*rate) })
			got := ec57.Compare(marks, samplesOf(beats), rate, ec57.Window, ec57.Learning, nil)
			if got.Missed > 1 || got.Extra > 1 {
				t.Errorf("record %s at %g Hz: missed %d, %d too many of %d", name, rate, got.Missed, got.Extra, got.Reference)
			}
		}
	}
}

func TestGainAndPolarityDoNotMatter(t *testing.T) {
	r := loadMIT(t, "205", 0)
	r.counts = r.counts[:8*60*360]
	want := samplesOf(pushAll(t, r.rate, 0, r.counts, 360))
	for _, by := range []int32{-1, 7, -50} {
		changed := slices.Clone(r.counts)
		for i := range changed {
			changed[i] *= by
		}
		got := samplesOf(pushAll(t, r.rate, 0, changed, 360))
		if len(got) != len(want) {
			t.Errorf("times %d: %d beats, want %d", by, len(got), len(want))
		}
	}
}

func TestHowSamplesArriveDoesNotMatter(t *testing.T) {
	r := loadMIT(t, "208", 0)
	r.counts = r.counts[:3*60*360]
	want := pushAll(t, r.rate, r.scale, r.counts, len(r.counts))
	for _, step := range []int{1, 7, 36, 361} {
		if got := pushAll(t, r.rate, r.scale, r.counts, step); !slices.Equal(got, want) {
			t.Errorf("%d samples at a time: %d beats, want the %d of one push", step, len(got), len(want))
		}
	}
}

func TestNoBeatIsReportedLateOrOutOfOrder(t *testing.T) {
	for _, name := range []string{"108", "201", "203", "207"} {
		r := loadMIT(t, name, 0)
		last := int64(-1)
		for _, b := range pushAll(t, r.rate, r.scale, r.counts, 90) {
			if late := float64(b.Reported-b.Sample) / r.rate; late > MaxDelay || late < 0 {
				t.Errorf("record %s: beat at %d reported after %.3f s", name, b.Sample, late)
			}
			if b.Sample <= last {
				t.Errorf("record %s: beat at %d after one at %d", name, b.Sample, last)
			}
			last = b.Sample
		}
	}
}

func TestALeadThatComesOff(t *testing.T) {
	r := loadMIT(t, "230", 0)
	d, _ := NewDetector(r.rate)
	d.Push(r.counts[:60*360], r.scale)
	// Off for 20 s, then the trace stands 3 mV higher.
	if b := d.Gap(20 * 360); len(b) > 1 {
		t.Errorf("%d beats while the lead was off", len(b))
	}
	again := slices.Clone(r.counts[80*360 : 120*360])
	for i := range again {
		again[i] += 600
	}
	beats := slices.Clone(d.Push(again, r.scale))
	got := tallyBetween(r, beats, 80.5, 119.5)
	if got.Missed > 0 || got.Extra > 0 {
		t.Errorf("after the lead came back: missed %d, %d too many of %d", got.Missed, got.Extra, got.Reference)
	}
	if len(beats) > 0 && beats[0].Sample < 80*360 {
		t.Errorf("a beat at %d, inside the gap", beats[0].Sample)
	}
}

func TestMissingCountsAreAGap(t *testing.T) {
	r := loadMIT(t, "230", 0)
	a, _ := NewDetector(r.rate)
	b, _ := NewDetector(r.rate)
	a.Push(r.counts[:30*360], r.scale)
	b.Push(r.counts[:30*360], r.scale)
	one := slices.Clone(a.Gap(5 * 360))
	two := slices.Clone(b.Push(slices.Repeat([]int32{Missing}, 5*360), r.scale))
	one = append(one, a.Push(r.counts[35*360:60*360], r.scale)...)
	two = append(two, b.Push(r.counts[35*360:60*360], r.scale)...)
	if !slices.Equal(one, two) {
		t.Errorf("a gap told gives %d beats, the same gap marked gives %d", len(one), len(two))
	}
}

func TestSamplesAreCountedThroughALongGap(t *testing.T) {
	r := loadMIT(t, "230", 0)
	d, _ := NewDetector(r.rate)
	d.Push(r.counts[:60*360], r.scale)
	const day = 24 * 3600 * 360
	d.Gap(day)
	beats := slices.Clone(d.Push(r.counts[60*360:120*360], r.scale))
	for i := range beats {
		beats[i].Sample -= day
	}
	if got := tallyBetween(r, beats, 61, 119.5); got.Missed > 0 || got.Extra > 0 {
		t.Errorf("after a day without signal: missed %d, %d too many of %d", got.Missed, got.Extra, got.Reference)
	}
}

func TestLeadsThatAreSwapped(t *testing.T) {
	for _, name := range []string{"114", "118", "122", "215", "220", "223"} {
		ii, v1 := loadMIT(t, name, 0), loadMIT(t, name, 1)
		d, _ := NewDetector(ii.rate)
		var beats []Beat
		beats = append(beats, d.Push(ii.counts[:120*360], ii.scale)...)
		beats = append(beats, d.Push(v1.counts[120*360:240*360], v1.scale)...)
		got := tallyBetween(ii, beats, 130, 239)
		if got.Sensitivity() < 98 || got.PositivePredictivity() < 98 {
			t.Errorf("record %s: ten seconds after the swap missed %d, %d too many of %d", name, got.Missed, got.Extra, got.Reference)
		}
	}
}

// tallyBetween compares beats with a record's marks from one second to another.
func tallyBetween(r marked, beats []Beat, from, to float64) ec57.Tally {
	in := func(s int64) bool { return s >= int64(from*r.rate) && s < int64(to*r.rate) }
	marks := slices.DeleteFunc(slices.Clone(r.marks), func(m wfdb.Annotation) bool { return !in(m.Sample) })
	beats = slices.DeleteFunc(slices.Clone(beats), func(b Beat) bool { return !in(b.Sample) })
	return ec57.Compare(marks, samplesOf(beats), r.rate, ec57.Window, 0*time.Second, nil)
}

func TestATraceWithoutAHeartHasNoBeats(t *testing.T) {
	for name, of := range map[string]func(i int) int32{
		"nothing":        func(int) int32 { return 0 },
		"a slow drift":   func(i int) int32 { return int32(400 * math.Sin(float64(i)/360*2*math.Pi*0.2)) },
		"mains at 50 Hz": func(i int) int32 { return int32(100 * math.Sin(float64(i)/360*2*math.Pi*50)) },
	} {
		counts := make([]int32, 60*360)
		for i := range counts {
			counts[i] = of(i)
		}
		for _, scale := range []float64{1. / 200, 0} {
			if got := pushAll(t, 360, scale, counts, 360); len(got) > 0 {
				t.Errorf("%s, scale %g: %d beats", name, scale, len(got))
			}
		}
	}
}

func TestADetectorNeedsARateItWasProvedAt(t *testing.T) {
	for _, rate := range []float64{0, -1, 99.9, 1001, math.NaN(), math.Inf(1)} {
		if _, err := NewDetector(rate); !errors.Is(err, ErrRate) {
			t.Errorf("rate %g: error %v, want ErrRate", rate, err)
		}
	}
}

func TestNothingIsAllocatedPerSample(t *testing.T) {
	counts := make([]int32, 360)
	for i := range counts {
		counts[i] = int32(300 * math.Exp(-math.Pow(float64(i-180)/6, 2)))
	}
	m, _ := NewMonitor(360)
	p, _ := NewPulseDetector(360)
	b, _ := NewBreathDetector(360)
	if n := testing.AllocsPerRun(500, func() {
		m.Push(counts, 1./200)
		m.Now()
		p.Push(counts)
		b.Push(counts)
	}); n > 0 {
		t.Errorf("%g allocations per second of signal", n)
	}
}

func FuzzDetector(f *testing.F) {
	f.Add([]byte{0, 0, 10, 200, 255, 1, 128, 7}, uint16(360), uint8(9))
	f.Add([]byte{255, 255, 0, 0, 255, 255, 0, 0}, uint16(100), uint8(1))
	f.Add([]byte{1}, uint16(1000), uint8(255))
	f.Fuzz(func(t *testing.T, b []byte, rate uint16, gap uint8) {
		d, err := NewDetector(float64(rate))
		if err != nil {
			return
		}
		var counts []int32
		for i, v := range b {
			for range 1 + int(v)*int(rate)/400 { // held, so that short inputs last seconds
				c := int32(v) << (i % 24)
				if i%7 == 6 {
					c = Missing
				}
				counts = append(counts, c)
			}
		}
		last := int64(-1)
		check := func(beats []Beat) {
			for _, b := range beats {
				if b.Sample <= last || b.Reported < b.Sample || float64(b.Reported-b.Sample) > MaxDelay*float64(rate) ||
					!(b.Certainty >= 0 && b.Certainty <= 1) {
					t.Fatalf("beat %+v after sample %d at %d Hz", b, last, rate)
				}
				last = b.Sample
			}
		}
		check(d.Push(counts, 0.005))
		check(d.Gap(int(gap) * int(rate) / 16))
		check(d.Push(counts, 0.005))
		if q := d.Quality(); !(q >= 0 && q <= 1) {
			t.Fatalf("quality %g", q)
		}
	})
}
