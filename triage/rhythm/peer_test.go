package rhythm

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/rhythm/ec57"
)

// panTompkins is the detector of J. Pan and W. Tompkins, "A Real-Time QRS Detection
// Algorithm", IEEE Trans Biomed Eng 1985;32:230, with its integer filters at 200 Hz
// and its threshold on the integrated wave: the plain peer to measure against.
type panTompkins struct {
	resampler
	x, low, high, slope, square line
	highSum, sum                float64
	wave                        line
	signal, noise               float32
	last                        int64
	lastSlope                   float32
	intervals                   recent
	missed                      int64 // best peak between the thresholds
	missedAt                    float32
	beats                       []int64
}

func (p *panTompkins) push(counts []int32) {
	for _, c := range counts {
		p.measured(c)
		for p.full() {
			p.step(p.take())
		}
		p.done()
	}
}

func (p *panTompkins) step(n int64, v float64) {
	p.x.set(n, float32(v))
	// Low-pass (1-z^-6)^2/(1-z^-1)^2, high-pass z^-16 - (1-z^-32)/32(1-z^-1).
	p.low.set(n, 2*p.low.at(n-1)-p.low.at(n-2)+p.x.at(n)-2*p.x.at(n-6)+p.x.at(n-12))
	p.highSum += float64(p.low.at(n) - p.low.at(n-32))
	p.high.set(n, p.low.at(n-16)-float32(p.highSum/32))
	d := (2*p.high.at(n) + p.high.at(n-1) - p.high.at(n-3) - 2*p.high.at(n-4)) / 8
	p.slope.set(n, abs(d))
	p.square.set(n, d*d)
	p.sum += float64(p.square.at(n)) - float64(p.square.at(n-30))
	p.wave.set(n, float32(p.sum/30))
	if n < 400 {
		p.signal = max(p.signal, p.wave.at(n)*0.6)
		p.last = n
		return
	}
	at := n - 20
	w := p.wave.at(at)
	if w <= p.wave.at(at-1) || w < p.wave.at(at+1) || p.wave.peak(at-20, at) > w || p.wave.peak(at+1, n) > w {
		return
	}
	since := at - p.last
	if since <= 40 {
		return
	}
	threshold := p.noise + 0.25*(p.signal-p.noise)
	if p.intervals.n > 0 && float32(since) > 1.66*p.intervals.median && p.missed > p.last+40 && p.missedAt > threshold/2 {
		p.accept(p.missed, p.missedAt, 0.25)
		since = at - p.last
		if since <= 40 {
			return
		}
	}
	steepest := p.slope.peak(at-30, at)
	if w < threshold || since < 72 && steepest < p.lastSlope/2 {
		p.noise = 0.125*w + 0.875*p.noise
		if p.missed <= p.last || w > p.missedAt {
			p.missed, p.missedAt = at, w
		}
		return
	}
	p.lastSlope = steepest
	p.accept(at, w, 0.125)
}

func (p *panTompkins) accept(at int64, w, share float32) {
	p.intervals.add(float32(at - p.last))
	p.last = at
	p.signal = share*w + (1-share)*p.signal
	p.missedAt = 0
	p.beats = append(p.beats, p.middle(at-36)) // the filters' delay
}

// BenchmarkPeer runs both detectors over the same leads in turn, five times, and
// prints their speeds and their figures.
func BenchmarkPeer(b *testing.B) {
	names := []string{"101", "108", "119", "201", "203", "208", "215", "223"}
	var leads []marked
	for _, name := range names {
		leads = append(leads, loadMIT(b, name, 0))
	}
	var ours, theirs [5]float64
	var our, their ec57.Tally
	for b.Loop() {
		for k := range ours {
			our, their = ec57.Tally{}, ec57.Tally{}
			var ourTime, theirTime time.Duration
			signal := 0.0
			for _, l := range leads {
				d, _ := NewDetector(l.rate)
				p := &panTompkins{resampler: newResampler(l.rate, tickRate), beats: make([]int64, 0, 4096)}
				found := make([]int64, 0, 4096)
				start := time.Now()
				for part := range slices.Chunk(l.counts, 360) {
					for _, beat := range d.Push(part, l.scale) {
						found = append(found, beat.Sample)
					}
				}
				ourTime += time.Since(start)
				start = time.Now()
				for part := range slices.Chunk(l.counts, 360) {
					p.push(part)
				}
				theirTime += time.Since(start)
				slices.Sort(p.beats)
				signal += float64(len(l.counts)) / l.rate
				our = our.Plus(ec57.Compare(l.marks, found, l.rate, ec57.Window, ec57.Learning, nil))
				their = their.Plus(ec57.Compare(l.marks, p.beats, l.rate, ec57.Window, ec57.Learning, nil))
			}
			ours[k], theirs[k] = signal/ourTime.Seconds(), signal/theirTime.Seconds()
		}
	}
	slices.Sort(ours[:])
	slices.Sort(theirs[:])
	fmt.Printf("this detector %.0f times real time (%.0f to %.0f), se %.2f ppv %.2f; plain Pan-Tompkins %.0f (%.0f to %.0f), se %.2f ppv %.2f; ratio of speeds %.2f\n",
		ours[2], ours[0], ours[4], our.Sensitivity(), our.PositivePredictivity(),
		theirs[2], theirs[0], theirs[4], their.Sensitivity(), their.PositivePredictivity(), ours[2]/theirs[2])
}
