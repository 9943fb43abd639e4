package rhythm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const testRate = 250

// ecg is an ECG in microvolts at 250 Hz with beats at the given seconds: P, QRS and
// T as bells, and a little noise.
func ecg(seconds float64, beats []float64) []int32 { return ecgWithP(seconds, beats, 120) }

func ecgWithP(seconds float64, beats []float64, p float64) []int32 {
	r := rand.New(rand.NewPCG(3, 4))
	counts := make([]int32, int(seconds*testRate))
	bell := func(centre, width, height float64) {
		for i := max(0, int((centre-4*width)*testRate)); i < min(len(counts), int((centre+4*width)*testRate)); i++ {
			x := (float64(i)/testRate - centre) / width
			counts[i] += int32(height * math.Exp(-x*x/2))
		}
	}
	for _, b := range beats {
		bell(b-0.16, 0.020, p)
		bell(b-0.025, 0.008, -80)
		bell(b, 0.012, 1100)
		bell(b+0.028, 0.010, -220)
		bell(b+0.26, 0.045, 280)
	}
	for i := range counts {
		counts[i] += int32(8 * r.NormFloat64())
	}
	return counts
}

// every is beats each step seconds from one time to another.
func every(step, from, to float64) (at []float64) {
	for t := from; t < to; t += step {
		at = append(at, t)
	}
	return at
}

// A told is an episode with the second in which it was said.
type told struct {
	Episode
	second int
}

// watch runs a monitor for all of counts, a second at a time.
func watch(t *testing.T, counts []int32, each func(m *Monitor, second int)) (m *Monitor, all []told) {
	t.Helper()
	m, err := NewMonitor(testRate)
	if err != nil {
		t.Fatal(err)
	}
	second := 0
	for part := range slices.Chunk(counts, testRate) {
		_, episodes := m.Push(part, 0.001)
		for _, e := range episodes {
			all = append(all, told{e, second + 1})
		}
		second++
		if each != nil {
			each(m, second)
		}
	}
	return m, all
}

func kinds(all []told, k Kind) (some []told) {
	for _, e := range all {
		if e.Kind == k {
			some = append(some, e)
		}
	}
	return some
}

func TestARegularHeartHasARateAndNoFindings(t *testing.T) {
	for _, rate := range []float64{45, 60, 90, 135} {
		m, all := watch(t, ecg(60, every(60/rate, 0.5, 60)), nil)
		s := m.Now()
		if len(all) != 0 || !s.RateOK || math.Abs(s.Rate-rate) > 1 || s.Quality < Trusted {
			t.Errorf("at %g a minute: %+v, findings %v", rate, s, all)
		}
	}
}

func TestAHeartThatStopsIsSaidAfterFourSeconds(t *testing.T) {
	_, all := watch(t, ecg(60, append(every(0.8, 0.5, 30), every(0.8, 45, 60)...)), func(m *Monitor, second int) {
		if s := m.Now(); second >= 34 && second <= 45 && s.RateOK {
			t.Errorf("second %d: a rate of %.0f while the heart stands still", second, s.Rate)
		}
	})
	stops := kinds(all, NoBeats)
	if len(stops) != 2 || stops[0].To != 0 || stops[0].second < 33 || stops[0].second > 35 || stops[0].Silenced {
		t.Fatalf("said %+v", all)
	}
	if to := float64(stops[1].To) / testRate; math.Abs(to-45) > 1 {
		t.Errorf("the end said at %.1f s, want about 45", to)
	}
}

func TestBaselineThatWandersDuringAsystoleIsNoHeart(t *testing.T) {
	counts := ecg(60, every(0.8, 0.5, 20))
	for i := 20 * testRate; i < len(counts); i++ {
		counts[i] += int32(300 * math.Sin(float64(i)/testRate*2*math.Pi*0.25))
	}
	m, all := watch(t, counts, nil)
	if len(kinds(all, NoBeats)) != 1 || m.Now().RateOK {
		t.Errorf("said %+v, state %+v", all, m.Now())
	}
}

func TestPWavesThatGoOnWhenTheVentriclesStandStillAreNoBeats(t *testing.T) {
	for _, height := range []float64{50, 80, 120, 160, 200} {
		counts := ecgWithP(50, every(0.8, 0.5, 20), height)
		for at := 20.0; at < 49; at += 0.8 {
			for i := range testRate / 5 {
				x := (float64(i)/testRate - 0.1) / 0.020
				counts[int(at*testRate)+i] += int32(height * math.Exp(-x*x/2))
			}
		}
		_, all := watch(t, counts[:48*testRate], nil)
		if stops := kinds(all, NoBeats); len(stops) != 1 || stops[0].To != 0 || stops[0].second > 25 {
			t.Errorf("P waves of %g microvolts: said %+v", height, all)
		}
	}
}

func TestAPulseThatGoesOnSilencesAFalseAsystole(t *testing.T) {
	_, all := watch(t, ecg(40, every(0.8, 0.5, 20)), func(m *Monitor, second int) {
		if second < 30 {
			m.Pulse(int64(second*testRate - 50))
		}
	})
	stops := kinds(all, NoBeats)
	if len(stops) < 3 || !stops[0].Silenced || stops[0].To != 0 {
		t.Fatalf("while the pulse goes on: %+v", stops)
	}
	if last := stops[len(stops)-1]; last.Silenced || last.second < 31 || last.second > 34 {
		t.Errorf("after the pulse stopped at 29 s: %+v", last)
	}
}

func TestALeadThatIsOffIsNotAsystole(t *testing.T) {
	m, _ := NewMonitor(testRate)
	m.Push(ecg(20, every(0.8, 0.5, 20)), 0.001)
	var all []Episode
	for range 20 {
		_, e := m.Gap(testRate)
		all = append(all, e...)
	}
	if len(all) > 0 || m.Now().RateOK || !m.Now().Gap || m.Now().Quality != 0 {
		t.Errorf("said %+v, state %+v", all, m.Now())
	}
}

func TestATraceThatDoesNotMoveIsSaidToBeFlat(t *testing.T) {
	counts := append(ecg(20, every(0.8, 0.5, 20)), slices.Repeat([]int32{5}, 6*testRate)...)
	m, all := watch(t, counts, nil)
	if s := m.Now(); !s.Flat || s.Quality != 0 || s.RateOK || len(kinds(all, NoBeats)) != 1 {
		t.Errorf("said %+v, state %+v", all, s)
	}
}

func TestPausesAndExtremeRates(t *testing.T) {
	pause := append(every(0.8, 0.5, 20), every(0.8, 22.5, 60)...)
	slow := append(every(0.8, 0.5, 20), every(1.7, 21, 60)...)
	fast := append(every(0.8, 0.5, 20), every(0.4, 20.5, 60)...)
	for _, c := range []struct {
		name  string
		beats []float64
		want  Kind
		from  float64 // seconds, earliest and
		to    float64 // latest that it is said
	}{
		{"a pause of 2.8 s", pause, Pause, 22, 24},
		{"35 beats a minute", slow, ExtremeSlow, 27, 32},
		{"150 beats a minute", fast, ExtremeFast, 26, 30},
	} {
		_, all := watch(t, ecg(60, c.beats), nil)
		if len(all) != 1 || all[0].Kind != c.want || float64(all[0].second) < c.from || float64(all[0].second) > c.to {
			t.Errorf("%s: %+v", c.name, all)
		}
	}
}

func TestIrregularRhythms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var chaos, bigeminy, breathing []float64
	for at := 0.5; at < 90; at += 0.45 + 0.6*r.Float64() {
		chaos = append(chaos, at)
	}
	for at := 0.5; at < 90; at += 1.5 {
		bigeminy = append(bigeminy, at, at+0.55)
	}
	for at := 0.5; at < 90; at += 0.85 + 0.12*math.Sin(at*2*math.Pi/4) {
		breathing = append(breathing, at)
	}
	for _, c := range []struct {
		name  string
		beats []float64
		want  bool
	}{
		{"intervals without order", chaos, true},
		{"bigeminy", bigeminy, false},
		{"a sinus rhythm that follows the breath", breathing, false},
	} {
		m, all := watch(t, ecg(90, c.beats), nil)
		s := m.Now()
		if got := len(kinds(all, Irregular)) > 0; got != c.want || !s.FibrillationOK || (s.Fibrillation > 0.5) != c.want {
			t.Errorf("%s: %+v, state %+v", c.name, all, s)
		}
	}
}

func TestNoiseWithholdsTheRate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	counts := ecg(60, every(0.8, 0.5, 60))
	low := 0.0
	for i := 20 * testRate; i < 50*testRate; i++ {
		low += 0.15 * (r.NormFloat64() - low)
		counts[i] += int32(2200 * low)
	}
	wrong, answered := 0, 0
	m, _ := watch(t, counts, func(m *Monitor, second int) {
		if s := m.Now(); s.RateOK && second > 25 && second <= 50 {
			answered++
			if math.Abs(s.Rate-75) > 5 {
				wrong++
			}
		}
	})
	if wrong > 0 || answered > 12 {
		t.Errorf("in 25 s of noise a rate was shown in %d, wrong in %d", answered, wrong)
	}
	if s := m.Now(); !s.RateOK || math.Abs(s.Rate-75) > 2 {
		t.Errorf("ten seconds after the noise: %+v", s)
	}
}

func TestAQRSThatShrinksIsFoundAgain(t *testing.T) {
	small := func(counts []int32) []int32 {
		for i := range counts {
			counts[i] /= 8
		}
		return counts
	}
	// Without a gap it might be a heart that stopped: 30 s.
	counts := append(ecg(20, every(0.8, 0.5, 20)), small(ecg(60, every(0.8, 0.5, 60)))...)
	m, all := watch(t, counts, nil)
	if stops := kinds(all, NoBeats); len(stops) != 2 || stops[1].second < 50 || stops[1].second > 56 || !m.Now().RateOK {
		t.Errorf("without a gap: said %+v, state %+v", all, m.Now())
	}
	// With the lead put on anew it is the same heart.
	m, _ = NewMonitor(testRate)
	m.Push(ecg(20, every(0.8, 0.5, 20)), 0.001)
	m.Gap(10 * testRate)
	beats, _ := m.Push(small(ecg(20, every(0.8, 0.5, 20))), 0.001)
	if len(beats) < 18 {
		t.Errorf("with a gap: %d beats in 20 s, want about 20", len(beats))
	}
}

func TestABeatCutByAGapIsNotGuessed(t *testing.T) {
	counts := ecg(40, every(0.8, 0.5, 40))
	r := int(20.5 * testRate) // a beat's peak
	for cut := r - 60; cut < r+90; cut++ {
		d, _ := NewDetector(testRate)
		d.Push(counts[:cut], 0.001)
		var beats []Beat
		beats = append(beats, d.Gap(5*testRate)...)
		beats = append(beats, d.Push(counts[cut+5*testRate:], 0.001)...)
		for _, b := range beats {
			if b.Sample > int64(cut)-testRate/50 && b.Sample < int64(cut+5*testRate)+testRate/50 {
				t.Errorf("cut at %d: a beat at %d", cut, b.Sample)
			}
		}
	}
}
