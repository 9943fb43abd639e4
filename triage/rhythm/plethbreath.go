package rhythm

import (
	"math"
	"slices"
)

// A PulseBreaths estimates the breathing rate from how pulse waves change with
// breath: in height, in the level they rise from, and in their distance. It is an
// estimate over a minute, not a count of breaths: it must not raise or silence an
// alarm for apnoea. The zero value is ready.
type PulseBreaths struct {
	pulses [256]Pulse // the last, as a ring
	n      int
}

// Add takes in the next pulses.
func (b *PulseBreaths) Add(pulses []Pulse) {
	for _, p := range pulses {
		b.pulses[b.n%len(b.pulses)] = p
		b.n++
	}
}

const (
	breathSpan   = 60 // seconds looked at
	breathPoints = 240
	slowest      = 4.0 // breaths per minute
	fastest      = 45.0
	breathSteps  = 83  // half a breath per minute each
	agreed       = 0.2 // least share of power within 1.5/min of the answer
)

// Rate is the breathing rate per minute over the minute before sample now of a
// trace of rate samples per second, and how far to trust it, 0 to 1. It says no
// (ok false) when pulses are missing or what they say does not agree.
func (b *PulseBreaths) Rate(now int64, rate float64) (perMinute, trust float64, ok bool) {
	var at, height, foot, gap [256]float64
	n := 0
	for i := max(0, b.n-len(b.pulses)+1); i < b.n; i++ {
		p := b.pulses[i%len(b.pulses)]
		q := b.pulses[(i+len(b.pulses)-1)%len(b.pulses)]
		t := float64(p.Sample-now)/rate + breathSpan
		if t < 0 || t > breathSpan || i == 0 {
			continue
		}
		at[n], height[n], foot[n], gap[n] = t, float64(p.Height), float64(p.Foot), float64(p.Sample-q.Sample)/rate
		n++
	}
	if n < 20 || at[0] > 6 || at[n-1] < breathSpan-6 {
		return 0, 0, false
	}
	var sum [breathSteps]float64
	for _, v := range []*[256]float64{&height, &foot, &gap} {
		clip(v[:n])
		s := spectrum(at[:n], v[:n])
		for k := range sum {
			sum[k] += s[k]
		}
	}
	best := 0
	total := 0.0
	for k, s := range sum {
		total += s
		if s > sum[best] {
			best = k
		}
	}
	near := 0.0
	for k := max(0, best-3); k <= min(breathSteps-1, best+3); k++ {
		near += sum[k]
	}
	return slowest + float64(best)*0.5, near / total, near/total >= agreed
}

// clip draws what lies beyond three median deviations in: one missed pulse must
// not outweigh a minute of breath.
func clip(v []float64) {
	m := middle(v)
	d := make([]float64, len(v))
	for i := range v {
		d[i] = math.Abs(v[i] - m)
	}
	dev := 3*middle(d) + 1e-9
	for i := range v {
		v[i] = max(m-dev, min(m+dev, v[i]))
	}
}

// spectrum is the power of values v at times at, by breathing rate, its sum 1.
func spectrum(at, v []float64) (s [breathSteps]float64) {
	var grid [breathPoints]float64
	j := 0
	for i := range grid {
		t := float64(i) * breathSpan / breathPoints
		for j+1 < len(at) && at[j+1] <= t {
			j++
		}
		grid[i] = v[j]
		if j+1 < len(at) && t > at[j] {
			grid[i] += (v[j+1] - v[j]) * (t - at[j]) / (at[j+1] - at[j])
		}
	}
	// Slow drift is not breath: a mean over 16 s is taken off.
	var flat [breathPoints]float64
	for i := range grid {
		a, b := max(0, i-32), min(breathPoints, i+33)
		mean := 0.0
		for _, g := range grid[a:b] {
			mean += g
		}
		hann := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/breathPoints)
		flat[i] = (grid[i] - mean/float64(b-a)) * hann
	}
	total := 0.0
	for k := range s {
		w := 2 * math.Pi * (slowest + 0.5*float64(k)) / 60 * breathSpan / breathPoints
		// Goertzel's recurrence.
		c := 2 * math.Cos(w)
		a, b := 0.0, 0.0
		for _, x := range flat {
			a, b = x+c*a-b, a
		}
		// Weighed by its rate, because the slow waves of vessel tone are the larger.
		s[k] = (a*a + b*b - c*a*b) * (slowest + 0.5*float64(k))
		total += s[k]
	}
	for k := range s {
		s[k] /= total + 1e-12
	}
	return s
}

// middle is the median of v.
func middle(v []float64) float64 {
	s := slices.Clone(v)
	slices.Sort(s)
	return s[len(s)/2]
}
