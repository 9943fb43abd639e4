package trial

import (
	"math"
	"math/rand/v2"
	"slices"

	"fieldkit/triage/rhythm"
)

// motion is the noise of a moving electrode, made by seed: what looks most like a
// QRS. White noise between 1 and 7 Hz, and every two seconds or so a jump that
// creeps back within a second.
func motion(n int, rate float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	fast, slow := 1-math.Exp(-2*math.Pi*7/rate), 1-math.Exp(-2*math.Pi*1/rate)
	back := math.Exp(-1 / (0.28 * rate))
	out := make([]float64, n)
	var a, b, base, jump float64
	for i := range out {
		a += fast * (r.NormFloat64()*math.Sqrt(rate/360) - a)
		b += fast * (a - b)
		base += slow * (b - base)
		if r.Float64() < 1/(2*rate) {
			jump += 0.4 * r.NormFloat64()
		}
		jump *= back
		out[i] = b - base + 0.5*jump
	}
	return out
}

// noisy is the lead with motion noise at a signal-to-noise ratio in decibels, as
// the WFDB program nst counts it: the signal's power is an eighth of the square of
// the usual QRS height, top to bottom.
func (l *lead) noisy(decibels float64, seed uint64) []int32 {
	noise := motion(len(l.counts), l.rate, seed)
	var power float64
	for _, v := range noise {
		power += v * v
	}
	power /= max(1, float64(len(noise)))
	height := l.height()
	gain := math.Sqrt(height * height / 8 / math.Pow(10, decibels/10) / power)
	out := slices.Clone(l.counts)
	for i, c := range out {
		if c != rhythm.Missing {
			out[i] = c + int32(math.Round(gain*noise[i]))
		}
	}
	return out
}

// height is the median height of the marked beats, in counts.
func (l *lead) height() float64 {
	near := int64(0.05 * l.rate)
	var all []float64
	for _, m := range l.marks {
		if !m.Code.Beat() || m.Sample < near || m.Sample+near >= int64(len(l.counts)) {
			continue
		}
		span := l.counts[m.Sample-near : m.Sample+near]
		all = append(all, float64(slices.Max(span))-float64(slices.Min(span)))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
