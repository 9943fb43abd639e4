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

// A receiver puts one stream's frames together: which are new, which are missing,
// what to ask for. It is pure and not safe for concurrent use.
type receiver struct {
	highest uint32
	base    uint32          // frames up to here are received, or given up
	got     map[uint32]bool // above base
	missing map[uint32]*gap
	pieces  map[uint32][][]byte // of frames that came in parts; nil where one lacks
	lost    []Span              // given up since last taken
	rtt     time.Duration
}

type gap struct {
	noticed time.Duration
	asked   time.Duration // -1: never
	wait    time.Duration // until it is asked for again
	passed  bool          // the repeats have passed it by
}

func newReceiver() *receiver {
	return &receiver{got: map[uint32]bool{}, missing: map[uint32]*gap{}, pieces: map[uint32][][]byte{}, rtt: 100 * time.Millisecond}
}

// take notes a datagram's parts of this stream and returns the frames they make
// whole. Urgent means that something should be asked for without waiting.
func (r *receiver) take(now time.Duration, parts []part) (fresh []Frame, urgent bool) {
	if len(parts) == 0 {
		return nil, false
	}
	low, oldest := parts[0].Seq, uint32(0)
	whole := !slices.ContainsFunc(parts, func(p part) bool { return p.last > 0 }) // a frame in pieces has its repeats in the last
	for _, p := range parts {
		low = min(low, p.Seq)
		oldest = max(oldest, p.Seq-min(p.Seq-1, uint32(p.behind)))
		r.reach(now, p)
		if p.Seq <= r.base || r.got[p.Seq] {
			continue
		}
		f, ok := r.join(p)
		if !ok {
			continue
		}
		r.got[p.Seq] = true
		delete(r.missing, p.Seq)
		fresh = append(fresh, f)
	}
	for seq, g := range r.missing {
		if seq < low && !g.passed && (whole || r.highest-seq > repeats) {
			g.passed, urgent = true, true
		}
	}
	r.giveUp(now, oldest)
	return fresh, urgent
}

// reach moves the highest frame known to p's and marks what lies between, p's own
// frame included until it is whole.
func (r *receiver) reach(now time.Duration, p part) {
	if p.Seq <= r.highest {
		return
	}
	from := r.highest
	if r.highest == 0 {
		from = p.Seq - 1 - min(p.Seq-1, uint32(p.behind), ringFrames)
		r.base = from
	} else if p.Seq-from > ringFrames {
		r.lost = append(r.lost, Span{from + 1, p.Seq - ringFrames})
		from = p.Seq - ringFrames
	}
	for seq := from; seq < p.Seq; {
		seq++
		r.missing[seq] = &gap{noticed: now, asked: -1, wait: max(r.rtt+40*time.Millisecond, askSoonest)}
	}
	r.highest = p.Seq
}

// join is p's frame when p makes it whole.
func (r *receiver) join(p part) (Frame, bool) {
	if p.last == 0 {
		return p.Frame, true
	}
	pieces := r.pieces[p.Seq]
	if len(pieces) != int(p.last)+1 {
		pieces = make([][]byte, p.last+1)
		r.pieces[p.Seq] = pieces
	}
	pieces[p.index] = append([]byte{}, p.Bytes...)
	if slices.ContainsFunc(pieces, func(b []byte) bool { return b == nil }) {
		return Frame{}, false
	}
	delete(r.pieces, p.Seq)
	return Frame{Stream: p.Stream, Seq: p.Seq, Bytes: slices.Concat(pieces...)}, true
}

// giveUp hands to the journal what can no longer be repeated, and forgets what
// lies too far back to matter.
func (r *receiver) giveUp(now time.Duration, oldest uint32) {
	for _, seq := range slices.Sorted(maps.Keys(r.missing)) {
		if now-r.missing[seq].noticed < repairFor && seq >= oldest {
			continue
		}
		delete(r.missing, seq)
		delete(r.pieces, seq)
		r.got[seq] = true
		if n := len(r.lost); n > 0 && r.lost[n-1].To == seq-1 {
			r.lost[n-1].To = seq
		} else {
			r.lost = append(r.lost, Span{seq, seq})
		}
	}
	if far := r.highest - min(r.highest, 2*ringFrames); far > r.base {
		r.base = far
		below := func(seq uint32) bool { return seq <= far }
		maps.DeleteFunc(r.got, func(seq uint32, _ bool) bool { return below(seq) })
		maps.DeleteFunc(r.missing, func(seq uint32, _ *gap) bool { return below(seq) })
		maps.DeleteFunc(r.pieces, func(seq uint32, _ [][]byte) bool { return below(seq) })
	}
	for r.base < r.highest && r.got[r.base+1] {
		r.base++
		delete(r.got, r.base)
	}
}

// ask is what to ask for now, newest first, at most limit spans.
func (r *receiver) ask(now time.Duration, limit int) []Span {
	var due []uint32
	for seq, g := range r.missing {
		if (g.passed || now-g.noticed >= repeatsPassed) && (g.asked < 0 || now-g.asked >= g.wait) {
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
		} else if n < limit {
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
