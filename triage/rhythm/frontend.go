package rhythm

import "math"

// The detector works at one rate of its own, so that one set of parameters
// serves every monitor: 200 samples per second, 5 ms each ("ticks").
const (
	tickRate = 200
	history  = 512 // ticks kept, 2.56 s; a power of two
)

// A line is the recent past of a signal, by tick.
type line [history]float32

func (l *line) at(tick int64) float32     { return l[tick&(history-1)] }
func (l *line) set(tick int64, v float32) { l[tick&(history-1)] = v }

// A box is a running mean over the last n values of a line it is fed from.
type box struct {
	past [128]float64 // n of them used
	n    int
	next int
	sum  float64
}

func (b *box) mean(v float64) float64 {
	b.sum += v - b.past[b.next]
	b.past[b.next] = v
	b.next++
	if b.next == b.n {
		// Summed anew once a turn: rounding never adds up.
		b.next, b.sum = 0, 0
		for _, p := range b.past[:b.n] {
			b.sum += p
		}
	}
	return b.sum / float64(b.n)
}

// The delays, in ticks, of what the front end makes behind its input.
const (
	delayNarrow = 14 // 2.5 for smoothing and 12 for the baseline
	delayWide   = 4
	energySpan  = 16 // 80 ms: a normal QRS
	// delayEnergy is how far the energy's peak lies behind the QRS centre.
	delayEnergy = delayNarrow + 1 + energySpan/2
)

// A frontend is the chain of moving averages before any decision. A moving
// average of 20 ms has its zeros at 50 Hz and its multiples, one of 15 ms lies
// near 60 Hz; a baseline of 125 ms leaves what is as quick as a QRS.
type frontend struct {
	smoothA, smoothB box // 4 and 3 ticks
	baseline         box // 25
	broad            box // 5
	energyBox        box // 16
	bulkBox          box // 24

	fed float64 // the last input

	smooth line // after smoothing
	narrow line // without baseline: about 4 to 18 Hz
	wide   line // up to 14 Hz, with baseline: the shape of wide beats and T waves
	slope  line // |narrow[n] - narrow[n-2]|
	energy line // mean slope over 80 ms: the detection function
	bulk   line // the same for wide beats: slope over 40 ms, mean over 120 ms
}

func newFrontend() frontend {
	return frontend{
		smoothA: box{n: 4}, smoothB: box{n: 3}, baseline: box{n: 25},
		broad: box{n: 5}, energyBox: box{n: energySpan}, bulkBox: box{n: 24},
	}
}

func (f *frontend) step(tick int64, v float64) {
	f.fed = v
	s := f.smoothB.mean(f.smoothA.mean(v))
	f.smooth.set(tick, float32(s))
	f.narrow.set(tick, f.smooth.at(tick-12)-float32(f.baseline.mean(s)))
	slope := abs(f.narrow.at(tick) - f.narrow.at(tick-2))
	f.slope.set(tick, slope)
	f.energy.set(tick, float32(f.energyBox.mean(float64(slope))))
	f.wide.set(tick, float32(f.broad.mean(s)))
	f.bulk.set(tick, float32(f.bulkBox.mean(float64(abs(f.wide.at(tick)-f.wide.at(tick-8))))))
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

// peak is the greatest value of l from tick a to tick b, both included.
func (l *line) peak(a, b int64) float32 {
	var m float32
	for ; a <= b; a++ {
		m = max(m, l.at(a))
	}
	return m
}
