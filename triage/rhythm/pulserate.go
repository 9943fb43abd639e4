package rhythm

import "slices"

// A PulseRate is the rate of pulse waves over the last seconds, as a monitor shows
// it. The zero value is ready.
type PulseRate struct {
	ring [64]Pulse
	n    int
}

// Add takes in the next pulses.
func (r *PulseRate) Add(pulses []Pulse) {
	for _, p := range pulses {
		r.ring[r.n%len(r.ring)] = p
		r.n++
	}
}

const (
	pulseSpan    = 12  // seconds averaged, as monitors do
	surePulse    = 0.5 // least certainty of a pulse that is counted
	pulseCovered = 0.5 // least share of the span that its intervals must fill
	pulseAgreed  = 0.7 // least share of the intervals that are sure and alike
)

// At is the rate per minute at sample now of a trace of rate samples per second.
// Intervals a third shorter or longer than their median are left out: a wave
// missed or one too many. It is withheld when what is left covers less than half of
// the last twelve seconds, or is less than seven in ten intervals.
func (r *PulseRate) At(now int64, rate float64) (perMinute float64, ok bool) {
	var all [64]int64
	n, total := 0, 0
	since := now - int64(pulseSpan*rate)
	for i := r.n - 1; i > max(0, r.n-len(r.ring)); i-- {
		p, q := &r.ring[i%len(r.ring)], &r.ring[(i-1)%len(r.ring)]
		if q.Sample < since {
			break
		}
		total++
		if p.Certainty >= surePulse && q.Certainty >= surePulse {
			all[n] = p.Sample - q.Sample
			n++
		}
	}
	if n < 3 {
		return 0, false
	}
	slices.Sort(all[:n])
	usual := float64(all[n/2])
	sum, kept := 0.0, 0.0
	for _, v := range all[:n] {
		if x := float64(v); x > usual*2/3 && x < usual*4/3 {
			sum += x
			kept++
		}
	}
	if sum < pulseCovered*pulseSpan*rate || kept < pulseAgreed*float64(total) {
		return 0, false
	}
	return 60 * rate * kept / sum, true
}
