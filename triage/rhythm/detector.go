package rhythm

import (
	"errors"
	"fmt"
	"math"
)

// ErrRate reports a sampling rate outside 100 to 1000 per second.
var ErrRate = errors.New("sampling rate outside 100 to 1000 per second")

// Missing is the count that stands for "no measurement": lead off, or not
// received. A run of them is a gap.
const Missing = math.MinInt32

// MaxDelay bounds, in seconds, how long after its QRS a beat may be reported.
// Most are reported after 0.28 s; what is doubtful waits for what follows it, and
// what was passed over is looked at again until 0.78 s after its energy peak.
const MaxDelay = 1.0

// A Beat is one QRS complex found.
type Beat struct {
	Sample    int64   // of its main deflection, counted from the first Push
	Reported  int64   // the sample with which it was reported
	Certainty float32 // 0.1 to 1: the detector's own odds that this is a beat
}

// The waits, in ticks after the peak of a candidate's energy.
const (
	rival      = 20  // a greater peak this near takes its place
	waitClear  = 32  // when it stands out and all is quiet after it
	waitDoubt  = 54  // else: a P wave shows by the QRS after it
	waitLast   = 156 // end of the second look
	refractory = 40  // 200 ms from beat to beat
)

// A Detector finds beats in one ECG lead as it arrives. It is not safe for
// concurrent use. It allocates nothing after NewDetector.
//
// Every peak of the energy is a candidate. What tells a beat from a T wave, a P
// wave or noise is weighed in one sum, [weighing]; one whose sum is high
// enough is a beat. All measures are relative to this patient's recent beats, so that
// gain, lead and polarity do not matter.
type Detector struct {
	resampler
	frontend
	energies, slopes, bulks, heights recent // of the last beats
	noise                            recent // energies of what was no beat
	intervals                        recent
	narrowForms, wideForms           shapes
	last                             candidate // the last beat
	lastKnown                        bool      // last was in unbroken signal
	learned                          int64     // tick of the last learning of the levels, 0 before the first

	doubts doubts
	stuck  int64 // ticks for which the trace has not moved

	waiting  [16]candidate
	waitings int
	seen     [16]candidate // the last candidates, whatever became of them
	seens    int64

	scale float32 // mV per count, 0 unknown
	out   []Beat
	weighing
	observe func(c candidate, f features) // in tests: told of every judgement
}

// A candidate is a peak of the energy.
type candidate struct {
	tick     int64 // of the energy's peak
	centre   int64 // of the complex, as a tick of the input
	energy   float32
	slope    float32
	bulk     float32
	height   float32 // of the wide signal, top to bottom
	odds     float32 // the sum, once judged
	judged   bool
	possible bool // not ruled out, see [Detector.possible]
}

// NewDetector is a detector for a lead of rate samples per second.
func NewDetector(rate float64) (*Detector, error) {
	if !(rate >= 100 && rate <= 1000) {
		return nil, fmt.Errorf("detect beats at %g samples per second: %w", rate, ErrRate)
	}
	d := &Detector{resampler: newResampler(rate, tickRate), out: make([]Beat, 0, 64), weighing: fitted}
	return d, nil
}

// Push takes the next samples, scale millivolts per count (0 when the monitor
// does not say), and returns the beats they reveal, in order. The slice is valid
// until the next call.
func (d *Detector) Push(counts []int32, scale float64) []Beat {
	d.scale = float32(scale)
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

// Gap says that n samples are missing: lead off, or lost on the way. Of a long
// gap only the first seconds cost time.
func (d *Detector) Gap(n int) []Beat {
	d.out = d.out[:0]
	settled := int(3 * tickRate * d.span)
	for range min(n, settled) {
		d.lose()
	}
	if n > settled {
		d.jump(n - settled) // all lines are level by now
	}
	return d.out
}

// hole is the longest run of missing ticks, 20 ms, that no beat can hide in.
const hole = 4

func (d *Detector) lose() {
	d.lost()
	if d.gapTo-d.gapFrom > hole {
		d.lastKnown = false // a beat may have been missed
	}
	for d.full() {
		d.tick(d.take())
	}
	d.done()
}
