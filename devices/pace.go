package devices

import (
	"time"

	"fieldkit/triage/vital"
)

// A Pace turns a count of samples into the times they were taken, from when they
// arrived. Bytes arrive in lumps, never early; so it follows the earliest
// arrivals and advances by sample count in between. The zero Pace has not
// started. It is not safe for concurrent use.
type Pace struct {
	next    vital.Instant
	started bool
	broken  bool
}

const (
	// paceJump is the distance beyond which samples were lost, not late.
	paceJump = 500 * time.Millisecond
	// A crystal is good to some 100 ppm; the share of each run by which the pace
	// may be slowed must be above that, and small enough not to be seen.
	paceSlow = 1000
	paceFast = 100
)

// Place gives the time of the first of n samples that were complete at arrival,
// of a lead that has rate samples each period.
func (p *Pace) Place(arrival vital.Instant, n int, rate int, period time.Duration) vital.Instant {
	run := time.Duration(n) * period / time.Duration(rate)
	if !p.started {
		p.started, p.next = true, arrival.Add(-run)
	}
	if p.broken {
		p.broken, p.next = false, max(p.next, arrival.Add(-run))
	}
	late := arrival.Sub(p.next.Add(run)) // above 0: the samples waited somewhere
	switch {
	case late > paceJump:
		p.next = arrival.Add(-run)
	case late > 0:
		p.next = p.next.Add(min(late, run/paceSlow))
	case late < -paceJump:
		// Far more samples than time: the rate is wrong or the bytes are a replay
		// without times. Count on.
	case late < 0:
		p.next = p.next.Add(max(late, -run/paceFast))
	}
	at := p.next
	p.next = at.Add(run)
	return at
}

// Break says that samples were lost: the next are placed by their arrival, but
// never before those already placed.
func (p *Pace) Break() { p.broken = true }
