package rhythm

import (
	"math"
	"testing"
)

// ticksOf is what a resampler gives for counts.
func ticksOf(r *resampler, counts []int32) (all []float64) {
	for _, c := range counts {
		if c == Missing {
			r.lost()
		} else {
			r.measured(c)
		}
		for r.full() {
			_, v := r.take()
			all = append(all, v)
		}
		r.done()
	}
	return all
}

func TestATickIsTheMeanOfItsSpan(t *testing.T) {
	for _, rate := range []float64{62.5, 100, 125, 200, 250, 333.3, 360, 1000} {
		r := newResampler(rate, 200)
		counts := make([]int32, int(10*rate))
		for i := range counts {
			counts[i] = int32(1000 + 10*i)
		}
		got := ticksOf(&r, counts)
		if len(got) < 1998 || len(got) > 2000 {
			t.Errorf("%g Hz: %d ticks in ten seconds", rate, len(got))
		}
		// The ramp is held between samples: the mean of tick k is 10 times the mean of floor(x).
		for k, v := range got {
			at := (float64(k) + 0.5) * r.span
			if off := math.Abs(v - 10*(at-0.5)); off > 10*max(1, r.span)/2+1e-6 {
				t.Fatalf("%g Hz: tick %d is %g, want about %g", rate, k, v, 10*(at-0.5))
			}
		}
	}
}

func TestAGapLeavesNoStepAndLosesNoTime(t *testing.T) {
	r := newResampler(250, 200)
	ticksOf(&r, []int32{100, 104, 108, 112})
	from := r.ticks
	ticksOf(&r, []int32{Missing, Missing, Missing, Missing, Missing, Missing, Missing, Missing})
	if r.gapFrom != from || r.gapTo < from+5 {
		t.Errorf("gap from tick %d to %d, want from %d on", r.gapFrom, r.gapTo, from)
	}
	for _, v := range ticksOf(&r, []int32{5000, 5000, 5004}) {
		if v < 12 || v > 16 {
			t.Errorf("a tick of %g behind the gap, want 12 to 16: the trace goes on from 12", v)
		}
	}
	// A jump ends where the same samples, given one by one, end.
	walked, jumped := r, r
	const n = 12345
	for range n {
		walked.lost()
		for walked.full() {
			walked.take()
		}
		walked.done()
	}
	jumped.jump(n)
	if walked.ticks != jumped.ticks || walked.samples != jumped.samples || math.Abs(walked.left-jumped.left) > 1e-6 ||
		math.Abs(walked.sum-jumped.sum) > 1e-3 {
		t.Errorf("jumped %+v\nwalked %+v", jumped, walked)
	}
}
