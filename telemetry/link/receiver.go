package link

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// How missing frames are asked for.
const (
	repeatsPassed = 150 * time.Millisecond // a gap younger than this may still be filled by the repeats
	askSoonest    = 60 * time.Millisecond
	askSlowest    = 2 * time.Second
	askAtMost     = 120              // frames a datagram
	repairFor     = 30 * time.Second // then the gap is the journal's
)

// A receiver puts a run's frames together: which are new, which are missing,
// what to ask for. It is pure and not safe for concurrent use.
type receiver struct {
	run     uint64
	highest uint32
	base    uint32          // frames up to here are received, or missing for good
	got     map[uint32]bool // above base
	missing map[uint32]*gap
	lost    []Span // given up since last taken
	rtt     time.Duration
}

type gap struct {
	noticed time.Duration
	asked   time.Duration
	wait    time.Duration
	repeats bool // the repeats have passed it by
}

func newReceiver(run uint64) *receiver {
	return &receiver{run: run, got: map[uint32]bool{}, missing: map[uint32]*gap{}, rtt: 100 * time.Millisecond}
}

// take notes the frames of one datagram and returns the new ones. oldest is the
// oldest frame the sender can repeat. Urgent means that something should be
// asked for without waiting for the next tick.
func (r *receiver) take(now time.Duration, frames []Frame, oldest uint32) (fresh []Frame, urgent bool) {
	if len(frames) == 0 {
		return nil, false
	}
	low := frames[0].Seq
	for _, f := range frames {
		low = min(low, f.Seq)
		if r.highest == 0 {
			r.highest = f.Seq
			r.base = f.Seq - 1
			if oldest > 0 && oldest < f.Seq {
				r.base = max(oldest-1, f.Seq-min(f.Seq, ringFrames))
			}
			r.note(now, r.base, f.Seq)
			r.got[f.Seq] = true
			fresh = append(fresh, f)
			continue
		}
		if f.Seq <= r.base || r.got[f.Seq] {
			continue
		}
		if f.Seq > r.highest {
			from := r.highest
			if f.Seq-from > ringFrames {
				r.lost = append(r.lost, Span{from + 1, f.Seq - ringFrames})
				from = f.Seq - ringFrames
			}
			r.note(now, from, f.Seq)
			r.highest = f.Seq
		}
		r.got[f.Seq] = true
		delete(r.missing, f.Seq)
		fresh = append(fresh, f)
	}
	for seq, g := range r.missing {
		if seq < low && !g.repeats && low > 0 && r.highest-seq > repeats {
			g.repeats, urgent = true, true
		}
	}
	r.giveUp(now, oldest)
	return fresh, urgent
}

// note marks what lies between two frames as missing.
func (r *receiver) note(now time.Duration, after, before uint32) {
	for seq := after + 1; seq < before; seq++ {
		r.missing[seq] = &gap{noticed: now, asked: -1, wait: max(r.rtt+40*time.Millisecond, askSoonest)}
	}
}

// giveUp hands to the journal what can no longer be repeated, and forgets what
// lies too far back to matter.
func (r *receiver) giveUp(now time.Duration, oldest uint32) {
	for _, seq := range slices.Sorted(maps.Keys(r.missing)) {
		if now-r.missing[seq].noticed < repairFor && (oldest == 0 || seq >= oldest) {
			continue
		}
		delete(r.missing, seq)
		r.got[seq] = true
		if n := len(r.lost); n > 0 && r.lost[n-1].To == seq-1 {
			r.lost[n-1].To = seq
		} else {
			r.lost = append(r.lost, Span{seq, seq})
		}
	}
	for r.highest-r.base > 2*ringFrames || (r.base < r.highest && r.got[r.base+1]) {
		r.base++
		delete(r.got, r.base)
		delete(r.missing, r.base)
	}
}

// ask is what to ask for now, newest first, at most a datagram's worth.
func (r *receiver) ask(now time.Duration) []Span {
	var due []uint32
	for seq, g := range r.missing {
		if (g.repeats || now-g.noticed >= repeatsPassed) && (g.asked < 0 || now-g.asked >= g.wait) {
			due = append(due, seq)
		}
	}
	slices.SortFunc(due, func(a, b uint32) int { return cmp.Compare(b, a) })
	due = due[:min(len(due), askAtMost)]
	var spans []Span
	for _, seq := range due {
		n := len(spans)
		if n > 0 && spans[n-1].From == seq+1 {
			spans[n-1].From = seq
		} else if n < maxSpans {
			spans = append(spans, Span{seq, seq})
		} else {
			break
		}
		g := r.missing[seq]
		if g.asked >= 0 {
			g.wait = min(2*g.wait, askSlowest)
		}
		g.asked = now
	}
	return spans
}

// takeLost is what was given up since the last call.
func (r *receiver) takeLost() []Span {
	lost := r.lost
	r.lost = nil
	return lost
}
