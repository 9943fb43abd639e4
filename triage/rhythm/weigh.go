package rhythm

import "math"

// The measures of a candidate, in the order of their weights. Ratios are natural
// logarithms; "usual" is the median of the last eight beats.
const (
	energyUsual = iota // energy over the usual
	slopeUsual         // steepest slope over the usual
	bulkUsual          // broad energy over the usual: wide beats
	energyNoise        // energy over the median of the last eight that were no beats
	ahead              // energy over the greatest in the 170 ms after it
	behind             // energy over the greatest between the last beat and it
	restless           // mean energy of the last 1.2 s over the usual peak
	early              // how much sooner than 0.9 usual intervals after the last beat
	late               // how much later than 1.1
	hasty              // how much sooner than 0.42 s
	likeNarrow         // correlation with known forms, without baseline
	energyLast         // energy over the last beat's
	slopeLast          // slope over the last beat's
	lateness           // the longer of intervals and seconds since the last beat, to 1.2
	likeWide           // correlation with known forms, 360 ms long
	heightUsual        // height over the usual
	tWave              // sooner than 0.5 s and flatter than the last beat: the product
	heightLast         // height over the last beat's
	measures
)

type features [measures]float32

const (
	narrowStride = 2   // shapes of 240 ms
	wideStride   = 3   // and of 360 ms
	unlearned    = 0.8 // likeness when no form is known yet
)

// measure is all that is known of c at tick now.
func (d *Detector) measure(c *candidate, now int64) (f features) {
	f[energyUsual] = ratio(c.energy, d.energies.median, -3.5, 1.5)
	f[slopeUsual] = ratio(c.slope, d.slopes.median, -3.5, 1.5)
	f[bulkUsual] = ratio(c.bulk, d.bulks.median, -3.5, 1.5)
	f[heightUsual] = ratio(c.height, d.heights.median, -3, 1.5)
	f[energyNoise] = ratio(c.energy, d.noise.median, -1, 4)
	f[ahead] = ratio(c.energy, d.energy.peak(c.tick+rival, min(c.tick+waitDoubt, now)), -2, 4)
	from := c.tick - 60
	if d.lastKnown {
		from = max(from, d.last.tick+36)
	}
	f[behind] = ratio(c.energy, d.energy.peak(from, c.tick-rival), -2, 4)
	var sum float32
	for t := c.tick - 240; t < c.tick-16; t += 4 {
		sum += d.energy.at(t)
	}
	f[restless] = ratio(sum/56, d.energies.median, -4, 1)
	intervals, seconds := float32(1), float32(1)
	if d.lastKnown {
		intervals = min(float32(c.tick-d.last.tick)/d.interval(), 2)
		seconds = min(float32(c.tick-d.last.tick)/tickRate, 2)
	}
	f[early] = max(0, 0.9-intervals)
	f[late] = max(0, intervals-1.1)
	f[hasty] = max(0, 0.42-seconds)
	f[lateness] = min(1.2, max(intervals, seconds))
	f[energyLast] = ratio(c.energy, d.last.energy, -3.5, 1.5)
	f[slopeLast] = ratio(c.slope, d.last.slope, -3.5, 1.5)
	f[heightLast] = ratio(c.height, d.last.height, -3, 1.5)
	f[tWave] = max(0, 0.5-seconds) * max(0, -f[slopeLast])
	f[likeNarrow] = d.narrowForms.likeness(&d.narrow, c.centre+delayNarrow, narrowStride, unlearned)
	f[likeWide] = d.wideForms.likeness(&d.wide, c.centre+delayWide, wideStride, unlearned)
	return f
}

// sum is the weighted sum of the measures: the logarithm of the odds for a beat.
func (d *Detector) oddsOf(f *features) float32 {
	s := d.bias
	for i, w := range d.weights {
		s += w * f[i]
	}
	return s
}

func ratio(a, b, low, high float32) float32 {
	if b <= 0 {
		return high
	}
	if a <= 0 {
		return low
	}
	return max(low, min(high, float32(math.Log(float64(a/b)))))
}

// recent is the last eight values of a measure and their median.
type recent struct {
	last   [8]float32
	n      int
	next   int
	median float32
	second float32 // the second greatest
}

func (r *recent) add(v float32) {
	r.last[r.next] = v
	r.next = (r.next + 1) % len(r.last)
	r.n = min(r.n+1, len(r.last))
	s := r.last
	for i := 1; i < r.n; i++ { // sorted by insertion: eight values
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	r.second = s[max(0, r.n-2)]
	r.median = (s[(r.n-1)/2] + s[r.n/2]) / 2
}

// reset forgets all for v.
func (r *recent) reset(v float32) {
	*r = recent{}
	r.add(v)
}

const (
	tooSmall = -1.8 // a sixth of the usual energy
	small    = -1.2 // three tenths
)

// possible reports whether a candidate can be a beat at all, whatever its odds. It
// cannot when something greater follows at once, which makes it a P wave; when it
// is tiny; or when it is small and no greater than what lately was no beat. Else P
// waves would pass for beats once the ventricles stand still and nothing is near.
func (d *Detector) possible(c *candidate, f *features) bool {
	return f[ahead] > 0 && f[energyUsual] > tooSmall && (f[energyUsual] > small || c.energy > d.noise.second)
}
