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
	raw     line
	once    line // smoothed over 20 ms
	smooth  line // and over 15 ms
	narrow  line // without baseline: about 4 to 18 Hz
	slope   line // |narrow[n] - narrow[n-2]|
	energy  line // mean slope over 80 ms: the detection function
	wide    line // smoothed over 25 ms more, with baseline: the shape of wide beats and T waves
	incline line // |wide[n] - wide[n-8]|: slope over 40 ms
	bulk    line // its mean over 120 ms: the energy of wide beats

	// Running sums of the last 4, 3, 25, 5, 16 and 24 values of their lines. They
	// add and take off the same numbers of 24 bits in 53, so they do not drift.
	rawSum, onceSum, baseSum, wideSum, slopeSum, inclineSum float64
}

func (f *frontend) step(now int64, v float64) {
	x := float32(v)
	f.rawSum += float64(x) - float64(f.raw.at(now-4))
	f.raw.set(now, x)

	x = float32(f.rawSum * (1. / 4))
	f.onceSum += float64(x) - float64(f.once.at(now-3))
	f.once.set(now, x)

	x = float32(f.onceSum * (1. / 3))
	f.baseSum += float64(x) - float64(f.smooth.at(now-25))
	f.wideSum += float64(x) - float64(f.smooth.at(now-5))
	f.smooth.set(now, x)

	narrow := f.smooth.at(now-12) - float32(f.baseSum*(1./25))
	f.narrow.set(now, narrow)
	slope := abs(narrow - f.narrow.at(now-2))
	f.slopeSum += float64(slope) - float64(f.slope.at(now-energySpan))
	f.slope.set(now, slope)
	f.energy.set(now, float32(max(0, f.slopeSum)*(1./energySpan)))

	wide := float32(f.wideSum * (1. / 5))
	f.wide.set(now, wide)
	incline := abs(wide - f.wide.at(now-8))
	f.inclineSum += float64(incline) - float64(f.incline.at(now-24))
	f.incline.set(now, incline)
	f.bulk.set(now, float32(max(0, f.inclineSum)*(1./24)))
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

// peakAbs is the greatest distance from zero of l from tick a to tick b.
func (l *line) peakAbs(a, b int64) float32 {
	var m float32
	for ; a <= b; a++ {
		m = max(m, abs(l.at(a)))
	}
	return m
}
