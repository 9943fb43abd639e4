package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A beat is one contraction, from its R wave.
type beat struct {
	at     time.Duration // of the R wave
	length time.Duration // to the next
	rhythm Rhythm
	stroke float64 // of a normal beat's output; 0 gives no pulse
}

// A breath begins with its inspiration.
type breath struct {
	at, length time.Duration
}

// A course is what follows one after another in a patient: beats or breaths. It is
// made as far as it was asked for and kept, so the answer never depends on the
// order of the questions. Safe for concurrent use.
type course[T any] struct {
	mu   sync.Mutex
	made []T
	end  time.Duration
	next func(at time.Duration) (item T, end time.Duration)
	from func(T) time.Duration
}

// courseKept bounds memory: three hours of a fast heart.
const courseKept = 40000

// upTo gives the items that began at or before t, at most n, the latest last.
func (c *course[T]) upTo(t time.Duration, n int) []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.end <= t {
		item, end := c.next(c.end)
		c.made, c.end = append(c.made, item), end
		if len(c.made) > courseKept {
			c.made = append(c.made[:0], c.made[courseKept/2:]...)
		}
	}
	i, _ := slices.BinarySearchFunc(c.made, t, func(b T, t time.Duration) int {
		if c.from(b) <= t {
			return -1
		}
		return 1
	})
	return slices.Clone(c.made[max(0, i-n):i])
}

// draws gives the numbers in [0, 1) that chance has for the thing of this kind
// that begins at at.
func draws(seed uint64, kind uint64, at time.Duration) *rand.Rand {
	return rand.New(rand.NewPCG(seed^kind<<56, uint64(at)))
}

const (
	kindBeat = iota + 1
	kindBreath
	kindNoise
)

// nextBeat is the beat whose R wave is at at. Intervals vary as in ECGSYN, with a
// part of breathing and a part of Mayer waves (0.1 Hz); those of atrial
// fibrillation have no pattern.
func (p *Patient) nextBeat(at time.Duration) (beat, time.Duration) {
	b := beat{at: at, rhythm: p.story.rhythm(at), stroke: 1}
	random := draws(p.seed, kindBeat, at)
	rate := p.story.value(heartRate, at)
	if b.rhythm == VF || b.rhythm == Asystole || rate < 5 {
		b.stroke, b.length = 0, 250*time.Millisecond // looked at again soon
		if b.rhythm != VF {
			b.rhythm = Asystole
		}
		return b, at + b.length
	}
	seconds := 60 / rate
	switch b.rhythm {
	case AF:
		seconds *= 0.62 + 0.76*random.Float64()
		b.stroke = 0.45 + 0.75*min(seconds*rate/60, 1.2) // short filling, small pulse
	case VT:
		seconds *= 0.985 + 0.03*random.Float64()
		b.stroke = 0.35
	default:
		s := at.Seconds()
		vary := 0.03*math.Sin(2*math.Pi*p.story.value(breathRate, at)/60*s) + 0.02*math.Sin(2*math.Pi*0.1*s) + 0.008*random.NormFloat64()
		seconds *= 1 + vary*min(1, 75/rate) // a fast heart varies less
	}
	if b.rhythm == PEA {
		b.stroke = 0
	}
	b.length = time.Duration(max(seconds, 0.18) * float64(time.Second))
	return b, at + b.length
}

// nextBreath is the breath that begins at at; without a rate there is none, and
// the next is looked for a second later.
func (p *Patient) nextBreath(at time.Duration) (breath, time.Duration) {
	rate := p.story.value(breathRate, at)
	if rate < 1 {
		return breath{at: at}, at + time.Second
	}
	random := draws(p.seed, kindBreath, at)
	length := time.Duration(60 / rate * (0.94 + 0.12*random.Float64()) * float64(time.Second))
	return breath{at, length}, at + length
}
