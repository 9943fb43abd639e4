package link

import (
	"slices"
	"time"
)

// How frames are sent. Measured over an emulated 100 ms link with 0 to 20 % loss:
// three repeats and a negative acknowledgement lose nothing there, and packets
// twice above 5 % loss keep the slowest hundredth under three tenths.
const (
	ringFrames  = 320  // what can still be repeated: 32 s at ten a second
	repeats     = 3    // previous frames in every datagram
	doubleAbove = 0.05 // reported loss above which datagrams go twice
	doubleBelow = 0.03 // and below which they go once again
	doubleAfter = 40 * time.Millisecond
	idleAfter   = 250 * time.Millisecond // without a frame the last ones go again: the tail of a stream has no successor to repeat it
	idleMost    = time.Second            // and then less and less often

	repairSlowest = 500.0   // bytes a second for repairs, at least
	repairFastest = 32000.0 // and at most
	repairBurst   = 2 * MaxDatagram
	queueEasy     = 30 * time.Millisecond // below this repairs speed up
	queueTight    = 60 * time.Millisecond // above this they halve
)

// A sender decides what frames each datagram carries. It is pure: times come in
// as durations since the run began. It is not safe for concurrent use.
type sender struct {
	ring   []Frame                  // ascending, gapless, at most ringFrames
	repair map[uint32]time.Duration // asked for and not yet sent again: when asked
	sentAt map[uint32]time.Duration // when repaired last, so that a second ask in flight is not answered twice

	due      []time.Duration // when the newest datagram goes a second time
	lastLive time.Duration
	idle     time.Duration
	doubling bool

	rate   float64 // of repairs, bytes a second
	tokens float64
	filled time.Duration

	ladder ladder
	rtt    time.Duration
	loss   float64       // as last reported
	queue  time.Duration // as last reported
}

func newSender() *sender {
	return &sender{
		repair: map[uint32]time.Duration{},
		sentAt: map[uint32]time.Duration{},
		rate:   4000, tokens: repairBurst,
	}
}

// push appends f, whose Seq follows the last one's.
func (s *sender) push(f Frame) {
	if len(s.ring) == ringFrames {
		gone := s.ring[0].Seq
		delete(s.repair, gone)
		delete(s.sentAt, gone)
		s.ring = slices.Delete(s.ring, 0, 1)
	}
	s.ring = append(s.ring, f)
	s.idle = idleAfter
}

// oldest is the oldest frame that can still be sent, 0 when there is none.
func (s *sender) oldest() uint32 {
	if len(s.ring) == 0 {
		return 0
	}
	return s.ring[0].Seq
}

// live is the newest frame and as many of its predecessors as the rung allows
// and space holds, newest first. It plans the second copy when again is true.
func (s *sender) live(now time.Duration, space int, again bool) []Frame {
	s.lastLive = now
	if again && s.doubling && s.ladder.redundant() {
		s.due = append(s.due, now+doubleAfter)
	}
	n := 1 + repeats
	if !s.ladder.redundant() {
		n = 2
	}
	var out []Frame
	for i := len(s.ring) - 1; i >= 0 && len(out) < n; i-- {
		if space -= frameSize(s.ring[i]); space < 0 {
			break
		}
		out = append(out, s.ring[i])
	}
	return out
}

// again is what the second copy or the idle repeat due at now carries, nil when
// none is due.
func (s *sender) again(now time.Duration, space int) []Frame {
	if len(s.due) > 0 && now >= s.due[0] {
		s.due = slices.Delete(s.due, 0, 1)
		return s.live(now, space, false)
	}
	if len(s.ring) > 0 && now-s.lastLive >= s.idle {
		s.idle = min(2*s.idle, idleMost)
		return s.live(now, space, false)
	}
	return nil
}

// ask notes that the receiver lacks the spans. What the ring no longer holds is
// left to the journal.
func (s *sender) ask(now time.Duration, spans []Span) {
	if len(s.ring) == 0 {
		return
	}
	first, last := s.ring[0].Seq, s.ring[len(s.ring)-1].Seq
	for _, span := range spans {
		for seq := max(span.From, first); seq <= min(span.To, last); seq++ {
			if at, ok := s.sentAt[seq]; ok && now-at < s.rtt {
				continue
			}
			if _, ok := s.repair[seq]; !ok {
				s.repair[seq] = now
			}
			if seq == last {
				break // the largest number has no successor
			}
		}
	}
}

// repairs is the next datagram's worth of frames that were asked for, newest
// first, nil when none is waiting or the pace does not allow it yet.
func (s *sender) repairs(now time.Duration, space int) []Frame {
	s.tokens = min(s.tokens+s.rate*(now-s.filled).Seconds(), repairBurst)
	s.filled = now
	if len(s.repair) == 0 || s.tokens < MaxDatagram/2 {
		return nil
	}
	var out []Frame
	for i := len(s.ring) - 1; i >= 0; i-- {
		f := s.ring[i]
		if _, asked := s.repair[f.Seq]; !asked {
			continue
		}
		if frameSize(f) > space {
			break
		}
		space -= frameSize(f)
		s.tokens -= float64(frameSize(f))
		delete(s.repair, f.Seq)
		s.sentAt[f.Seq] = now
		out = append(out, f)
	}
	return out
}

// heard takes the receiver's report: it sets the pace of repairs, the second
// copies and the rung.
func (s *sender) heard(now time.Duration, r report) {
	s.loss, s.queue = r.loss, r.queue
	switch {
	case r.queue > queueTight:
		s.rate = max(s.rate/2, repairSlowest)
	case r.queue < queueEasy:
		s.rate = min(s.rate*1.1, repairFastest)
	}
	switch {
	case r.loss > doubleAbove && r.queue < queueTight:
		s.doubling = true
	case r.loss < doubleBelow || r.queue > queueTight:
		s.doubling = false
		s.due = s.due[:0]
	}
	s.ladder.heard(now, r)
}
