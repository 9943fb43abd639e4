package rhythm

import "fmt"

// A Breath is one breath in an impedance, flow-like or CO2 trace.
type Breath struct {
	Sample   int64   // of its crest: end of inspiration in impedance, of expiration in CO2
	Reported int64   // the sample with which it was reported
	Height   float32 // trough to crest, in counts
}

const (
	breathRate  = 20 // ticks per second
	breathDelay = 7  // ticks of the smoothing
	breathLearn = 5 * breathRate
	breathless  = 40 * breathRate // without a breath the usual swing is learned anew
	turn        = 0.28            // share of the usual swing that makes a turn
)

// A BreathDetector finds breaths as they arrive: swings up and down by at least
// 28 % of the usual swing, the median of the last eight. What is smaller is
// heartbeat or movement. A breath is reported when the trace has come back down by
// that much. It is not safe for concurrent use and allocates nothing after
// NewBreathDetector.
type BreathDetector struct {
	resampler
	smoothA, smoothB mean

	rising    bool
	crest     float32
	crestAt   int64
	foot      float32
	footAt    int64
	swings    recent
	since     int64   // tick since which there is signal and no breath
	low, high float32 // of the signal since then, or in the last five seconds of it
	out       []Breath
}

// NewBreathDetector is a detector for a trace of rate samples per second, from 5
// to 1000.
func NewBreathDetector(rate float64) (*BreathDetector, error) {
	if !(rate >= 5 && rate <= 1000) {
		return nil, fmt.Errorf("detect breaths at %g samples per second, want 5 to 1000: %w", rate, ErrRate)
	}
	return &BreathDetector{
		resampler: newResampler(rate, breathRate),
		smoothA:   mean{n: 8}, smoothB: mean{n: 7},
		out: make([]Breath, 0, 16),
	}, nil
}

// Push takes the next samples and returns the breaths they reveal. The slice is
// valid until the next call.
func (d *BreathDetector) Push(counts []int32) []Breath {
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

// Gap says that n samples are missing.
func (d *BreathDetector) Gap(n int) []Breath {
	d.out = d.out[:0]
	settled := int(4 * breathRate * d.span)
	for range min(n, settled) {
		d.lose()
	}
	if n > settled {
		d.jump(n - settled)
	}
	return d.out
}

func (d *BreathDetector) lose() {
	d.lost()
	if d.gapTo-d.gapFrom > breathRate {
		// What was moved meanwhile may swing otherwise.
		d.swings = recent{}
	}
	for d.full() {
		d.tick(d.take())
	}
	d.done()
}

func (d *BreathDetector) tick(now int64, v float64) {
	s := float32(d.smoothB.of(now, d.smoothA.of(now, v)))
	if d.swings.n == 0 {
		d.learn(now, s)
		return
	}
	need := turn * d.swings.median
	switch {
	case !d.rising && s < d.foot:
		d.foot, d.footAt = s, now
	case !d.rising && s-d.foot > need && now-d.footAt >= 6:
		d.rising, d.crest, d.crestAt = true, s, now
	case d.rising && s > d.crest:
		d.crest, d.crestAt = s, now
	case d.rising && d.crest-s > need && now-d.crestAt >= 6:
		height := d.crest - d.foot
		d.swings.add(height)
		d.out = append(d.out, Breath{Sample: d.middle(d.crestAt - breathDelay), Reported: d.samples - 1, Height: height})
		d.rising, d.foot, d.footAt, d.since = false, s, now, now
	}
	if now-d.since > breathless {
		d.swings, d.since, d.low, d.high = recent{}, now, s, s
	}
}

// learn takes the swing of five seconds as the usual one.
func (d *BreathDetector) learn(now int64, s float32) {
	if d.broken || now-d.since > breathLearn || now < breathRate {
		d.since, d.low, d.high = now, s, s
	}
	d.low, d.high = min(d.low, s), max(d.high, s)
	if now-d.since == breathLearn && d.high > d.low {
		d.swings.add(d.high - d.low)
		d.rising, d.foot, d.footAt, d.since = false, s, now, now
	}
}
