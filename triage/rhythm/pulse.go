package rhythm

import (
	"fmt"
)

// MaxPulseDelay bounds, in seconds, how long after its steepest rise a pulse is
// reported.
const MaxPulseDelay = 0.5

// A Pulse is one pulse wave of a pleth or arterial pressure trace.
type Pulse struct {
	Sample    int64   // of its steepest rise, counted from the first Push
	Reported  int64   // the sample with which it was reported
	Height    float32 // foot to crest, in counts
	Foot      float32 // of the trace before it, in counts from the trace's start
	Certainty float32 // 0 to 1: how like its forerunners it is
}

const (
	pulseRate  = 100 // ticks per second
	pulseRival = 18  // a greater rise this near takes its place
	dicrotic   = 45  // 450 ms: the dicrotic wave is before, two pulses are alike in rise
	pulseRest  = 26  // 260 ms from pulse to pulse
)

// A PulseDetector finds pulse waves as they arrive: rises of the trace, summed
// over 160 ms, that stand out against the last eight pulses. A dicrotic wave
// rises less and soon after a pulse. It is not safe for concurrent use and
// allocates nothing after NewPulseDetector.
type PulseDetector struct {
	resampler
	smoothA, smoothB mean
	smooth           line
	rise             line // summed upward steps of the last 160 ms
	riseMean         mean

	rises     recent
	intervals recent
	forms     shapes
	last      Pulse
	lastTick  int64 // 0: none in unbroken signal
	lastRise  float32
	learned   int64
	out       []Pulse
}

// NewPulseDetector is a detector for a trace of rate samples per second, from 25
// to 1000.
func NewPulseDetector(rate float64) (*PulseDetector, error) {
	if !(rate >= 25 && rate <= 1000) {
		return nil, fmt.Errorf("detect pulses at %g samples per second, want 25 to 1000: %w", rate, ErrRate)
	}
	return &PulseDetector{
		resampler: newResampler(rate, pulseRate),
		smoothA:   mean{n: 6}, smoothB: mean{n: 5}, riseMean: mean{n: 16},
		out: make([]Pulse, 0, 64),
	}, nil
}

// Push takes the next samples and returns the pulses they reveal. The slice is
// valid until the next call.
func (d *PulseDetector) Push(counts []int32) []Pulse {
	d.out = d.out[:0]
	for _, c := range counts {
		if c == Missing {
			d.lose()
			continue
		}
		d.measured(c)
		for d.full() {
			d.tick(d.take())
		}
		d.done()
	}
	return d.out
}

// Gap says that n samples are missing: probe off, or lost on the way.
func (d *PulseDetector) Gap(n int) []Pulse {
	d.out = d.out[:0]
	settled := int(6 * pulseRate * d.span)
	for range min(n, settled) {
		d.lose()
	}
	if n > settled {
		d.jump(n - settled)
	}
	return d.out
}

func (d *PulseDetector) lose() {
	d.lost()
	if d.gapTo-d.gapFrom > pulseRate/10 {
		d.lastTick = 0
	}
	for d.full() {
		d.tick(d.take())
	}
	d.done()
}

// The delay, in ticks, of the smoothing, and of the rise behind the steepest point.
const (
	pulseSmooth = 4
	riseDelay   = pulseSmooth + 8
)

func (d *PulseDetector) tick(now int64, v float64) {
	s := float32(d.smoothB.of(now, d.smoothA.of(now, v)))
	step := max(0, s-d.smooth.at(now-1))
	if now == 0 {
		step = 0
	}
	d.smooth.set(now, s)
	d.rise.set(now, float32(d.riseMean.of(now, float64(step))))
	if now < 2*pulseRate {
		return
	}
	if d.learned == 0 || now-max(d.learned, d.lastTick) > 3*pulseRate {
		// The greatest rise of two seconds is a pulse's.
		d.learned = now
		d.rises.reset(d.rise.peak(now-2*pulseRate, now))
		d.lastRise = d.rises.median
		d.intervals = recent{}
		d.lastTick = 0
	}
	at := now - pulseRival
	r := d.rise.at(at)
	if r <= d.rise.at(at-1) || r < d.rise.at(at+1) || d.rise.peak(at-pulseRival, at) > r || d.rise.peak(at+1, now) > r {
		return
	}
	if d.gapTo-d.gapFrom > 2 && at-riseDelay >= d.gapFrom-8 && at-riseDelay <= d.gapTo+20 {
		return
	}
	floor, soon := 0.35*d.rises.median, false
	if d.lastTick > 0 {
		since := float32(at - d.lastTick)
		if at-d.lastTick < pulseRest {
			return
		}
		usual := float32(80)
		if d.intervals.n > 0 {
			usual = d.intervals.median
		}
		soon = since < max(dicrotic, 0.5*usual)
		if since < 0.65*usual {
			floor = 0.6 * d.rises.median
		}
		if since > 1.3*usual {
			floor = 0.22 * d.rises.median
		}
	}
	if r < floor {
		return
	}
	p := d.wave(at)
	// The dicrotic wave comes within half a second, and rises less than its pulse.
	if soon && (r < 0.75*d.lastRise || p.Height < 0.6*d.last.Height) {
		return
	}
	d.accept(p, at, r)
}

// wave measures the pulse wave whose rise ends about tick at.
func (d *PulseDetector) wave(at int64) Pulse {
	// The steepest point is inside the 160 ms summed.
	steepest, best := at, float32(0)
	for t := at - 16; t <= at; t++ {
		if s := d.smooth.at(t) - d.smooth.at(t-1); s > best {
			steepest, best = t, s
		}
	}
	foot, crest := d.smooth.at(steepest), d.smooth.at(steepest)
	for t := steepest - 20; t <= min(at+pulseRival, steepest+25); t++ {
		foot, crest = min(foot, d.smooth.at(t)), max(crest, d.smooth.at(t))
	}
	return Pulse{Sample: d.middle(steepest - pulseSmooth), Reported: d.samples - 1, Height: crest - foot, Foot: foot}
}

func (d *PulseDetector) accept(p Pulse, at int64, rise float32) {
	centre := at - 8 // of the rise: the form's middle
	like := d.forms.likeness(&d.smooth, centre, 2, 0.5)
	d.forms.learn(&d.smooth, centre, 2)
	if d.lastTick > 0 && at-d.lastTick < 2*pulseRate {
		d.intervals.add(float32(at - d.lastTick))
	}
	p.Certainty = max(0, like) * min(1, rise/d.rises.median, d.rises.median/rise)
	d.rises.add(rise)
	d.last, d.lastTick, d.lastRise = p, at, rise
	d.out = append(d.out, p)
}
