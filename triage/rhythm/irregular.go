package rhythm

import "math"

// How irregularly irregular a run of beats is, after D. Lake and J. Moorman,
// "Accurate estimation of entropy in very short physiological time series: the
// problem of atrial fibrillation detection", Am J Physiol 2011;300:H319: sample
// entropy of RR intervals with templates of one interval and 30 ms tolerance, as a
// density and less the logarithm of the mean interval. Bigeminy and a wandering
// sinus rhythm vary too, but one interval foretells the next.
const (
	entropyBeats     = 48    // intervals looked at; at 70 a minute 41 s
	entropyTolerance = 0.030 // seconds
	// entropyBound is where fibrillation is as likely as not. The authors' figure
	// is -1.4, in people whose other rhythms had few extrasystoles.
	entropyBound = -1.2
	entropySlope = 0.12 // of the odds
	fewest       = 24   // intervals, below which nothing is said
)

// fibrillation is how likely the last intervals, in seconds, are those of atrial
// fibrillation, 0 to 1; ok is false when they are too few.
func fibrillation(intervals []float64) (likely float64, ok bool) {
	var kept [entropyBeats]float64
	n := unectopic(kept[:], intervals)
	if n < fewest {
		return 0, false
	}
	return 1 / (1 + math.Exp((entropyBound-entropy(kept[:n]))/entropySlope)), true
}

// entropy is the coefficient of sample entropy of intervals in seconds.
func entropy(rr []float64) float64 {
	var near, nearTwice float64
	mean := rr[len(rr)-1]
	for i := 0; i+1 < len(rr); i++ {
		mean += rr[i]
		for j := i + 1; j+1 < len(rr); j++ {
			if math.Abs(rr[i]-rr[j]) <= entropyTolerance {
				near++
				if math.Abs(rr[i+1]-rr[j+1]) <= entropyTolerance {
					nearTwice++
				}
			}
		}
	}
	mean /= float64(len(rr))
	return math.Log(max(near, 0.5)/max(nearTwice, 0.5)) + math.Log(2*entropyTolerance) - math.Log(mean)
}

// unectopic copies intervals without the short one before and the long one after
// an extrasystole, whose sum is two usual intervals, and says how many are left.
func unectopic(to, rr []float64) (n int) {
	for i := 0; i < len(rr); i++ {
		if i > 0 && i+1 < len(rr) && rr[i] < 0.85*rr[i-1] && rr[i+1] > 1.15*rr[i] {
			if both := rr[i] + rr[i+1]; both > 1.8*rr[i-1] && both < 2.2*rr[i-1] {
				i++
				continue
			}
		}
		to[n] = rr[i]
		n++
	}
	return n
}
