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
	quietAfter  = 180 * time.Millisecond // not heard for so long, the receiver may be in a fade
	quietEvery  = 40 * time.Millisecond  // then the newest frames are tried this often, so that its end is met at once
	quietFor    = 2 * time.Second        // and no longer; then ten a second are enough

	togetherMost = 400 // bytes of a frame that waits for the next one

	narrowMost    = 400     // bytes of a repair on a narrow path, where more would hold live frames up
	repairSlowest = 500.0   // bytes a second for repairs, at least
	repairFastest = 32000.0 // and at most
	repairBurst   = 2 * MaxDatagram
	queueEasy     = 30 * time.Millisecond // below this repairs speed up
	queueTight    = 60 * time.Millisecond // above this they halve
	tightFor      = 5 * time.Second       // a queue seen keeps second copies back so long
)

// A sender decides what parts of frames each datagram carries. It is pure: times
// come in as durations since the run began. It is not safe for concurrent use.
type sender struct {
	lines  [MaxStreams]line
	due    []second
	repair int // frames asked for and not yet sent again

	doubling bool
	quiet    bool
	tight    time.Duration // when a queue was last seen: the path is narrow, nothing is sent beyond need
	rate     float64       // of repairs, bytes a second
	tokens   float64
	filled   time.Duration

	beside throttle // of streams
	ladder ladder
	rtt    time.Duration
	loss   float64       // as last reported
	queue  time.Duration // as last reported
}

// A line is one stream's frames.
type line struct {
	ring   []kept // ascending, gapless, at most ringFrames
	unsent int    // newest frames that have not gone yet: they wait for one another
	pushed time.Duration
	live   time.Duration // when the newest was last sent
	idle   time.Duration // how long it may stay unsent
}

type kept struct {
	Frame
	asked    bool
	repaired time.Duration // when it was last sent again, -1 for never
}

// A second copy of a stream's newest datagrams.
type second struct {
	stream uint8
	at     time.Duration
}

func newSender() *sender {
	return &sender{rate: 4000, tokens: repairBurst, beside: throttle{rate: streamFirst}}
}

// push appends f, whose Seq follows its stream's last one's.
func (s *sender) push(now time.Duration, f Frame) {
	l := &s.lines[f.Stream]
	if len(l.ring) == ringFrames {
		if l.ring[0].asked {
			s.repair--
		}
		l.ring = slices.Delete(l.ring, 0, 1)
	}
	l.ring = append(l.ring, kept{Frame: f, repaired: -1})
	l.pushed, l.idle = now, idleAfter
	l.unsent++
}

// fresh is what goes now that a frame was pushed: nothing while it waits for the
// next one to share a datagram with. Without repeats nothing goes twice: the lane
// loses nothing.
func (s *sender) fresh(now time.Duration, stream uint8, repeats bool) [][]part {
	l := &s.lines[stream]
	if n := len(l.ring); l.unsent < s.ladder.together() && len(l.ring[n-1].Bytes) <= togetherMost {
		return nil
	}
	return s.live(now, stream, repeats, repeats)
}

// follows says whether f's Seq is its stream's next.
func (s *sender) follows(f Frame) bool {
	ring := s.lines[f.Stream].ring
	return f.Seq > 0 && (len(ring) == 0 || f.Seq == ring[len(ring)-1].Seq+1)
}

// live is a stream's newest frame and, newest first, as many of its predecessors as
// the rung allows and the last datagram holds, one slice a datagram; what has not
// gone at all yet goes in any case. It plans the second copy when again is true.
func (s *sender) live(now time.Duration, stream uint8, repeating, again bool) [][]part {
	l := &s.lines[stream]
	if len(l.ring) == 0 {
		return nil
	}
	l.live = now
	if again && s.doubling && s.ladder.redundant() {
		s.due = append(s.due, second{stream, now + doubleAfter})
	}
	previous := 0
	switch {
	case !repeating:
	case s.quiet:
		previous = ringFrames // as many as fit
	default:
		previous = s.ladder.previous()
	}
	newest := len(l.ring) - 1
	unsent := max(newest-l.unsent, -1) // those after it
	l.unsent = 0
	var out [][]part
	space := 0
	for i := newest; i >= 0 && (i > unsent || i >= newest-previous); i-- {
		parts := split(l.ring[i].Frame)
		size := parts[len(parts)-1].size()
		fits := i < newest && len(parts) == 1 && size <= space
		if !fits && i <= unsent && i < newest {
			break
		}
		for _, p := range parts {
			p.behind = uint16(i)
			if fits {
				out[len(out)-1] = append(out[len(out)-1], p)
				break
			}
			out, space = append(out, []part{p}), MaxDatagram-headSize-notedSize
		}
		space -= size
	}
	return out
}

// again is the second copies and repeats due at now. unheard is how long nothing
// has come from the receiver.
func (s *sender) again(now, unheard time.Duration) [][]part {
	var out [][]part
	s.quiet = unheard >= quietAfter && unheard < quietFor && s.wide(now)
	for i := range s.lines {
		if l := &s.lines[i]; s.quiet && len(l.ring) > 0 && now-l.live >= quietEvery && now-l.pushed < quietFor {
			out = append(out, s.live(now, uint8(i), true, false)...)
		}
	}
	for len(s.due) > 0 && now >= s.due[0].at {
		out = append(out, s.live(now, s.due[0].stream, true, false)...)
		s.due = slices.Delete(s.due, 0, 1)
	}
	for i := range s.lines {
		l := &s.lines[i]
		if len(l.ring) > 0 && now-l.live >= l.idle && now-l.pushed < repairFor {
			l.idle = min(2*l.idle, idleMost)
			out = append(out, s.live(now, uint8(i), true, false)...)
		}
	}
	return out
}

// ask notes that the receiver lacks the spans. What the ring no longer holds is
// left to the journal.
func (s *sender) ask(now time.Duration, asked []ask) {
	for _, a := range asked {
		ring := s.lines[a.stream].ring
		if len(ring) == 0 {
			continue
		}
		first := ring[0].Seq
		for _, span := range a.spans {
			if span.To < first {
				continue
			}
			for i := int(max(span.From, first) - first); i < len(ring) && ring[i].Seq <= span.To; i++ {
				k := &ring[i]
				if !k.asked && (k.repaired < 0 || now-k.repaired >= s.rtt) {
					k.asked = true
					s.repair++
				}
			}
		}
	}
}

// repairs is the next datagrams' worth of frames that were asked for, newest
// first, nil when none is waiting or the pace does not allow it yet.
func (s *sender) repairs(now time.Duration) [][]part {
	s.tokens = min(s.tokens+s.rate*(now-s.filled).Seconds(), repairBurst)
	s.filled = now
	if s.repair == 0 || s.tokens < MaxDatagram/2 || s.ladder.drains > 0 {
		return nil
	}
	for i := range s.lines {
		if out := s.repairsOf(now, &s.lines[i]); out != nil {
			return out
		}
	}
	return nil
}

func (s *sender) repairsOf(now time.Duration, l *line) [][]part {
	var out []part
	space := MaxDatagram - headSize - notedSize
	if s.ladder.together() > 1 {
		space = narrowMost
	}
	for i := len(l.ring) - 1; i >= 0; i-- {
		k := &l.ring[i]
		if !k.asked {
			continue
		}
		parts := split(k.Frame)
		if len(out) > 0 && (len(parts) > 1 || parts[0].size() > space) {
			break
		}
		k.asked, k.repaired = false, now
		s.repair--
		s.tokens -= float64(len(k.Bytes) + len(parts)*frameHead)
		if len(parts) > 1 {
			var each [][]part
			for _, p := range parts {
				p.behind = uint16(i)
				each = append(each, []part{p})
			}
			return each
		}
		parts[0].behind = uint16(i)
		space -= parts[0].size()
		out = append(out, parts[0])
	}
	if out == nil {
		return nil
	}
	return [][]part{out}
}

// wide says that the path has shown no queue for a while.
func (s *sender) wide(now time.Duration) bool {
	return (s.tight == 0 || now-s.tight > tightFor) && s.ladder.redundant()
}

// heard takes the receiver's report: it sets the pace of repairs, the second
// copies and the rung.
func (s *sender) heard(now time.Duration, r report) {
	s.loss, s.queue = r.loss, r.queue
	if r.queue > queueEasy {
		s.tight = now
	}
	s.beside.heard(r.queue, s.wide(now))
	switch {
	case r.queue > queueTight:
		s.rate = max(s.rate/2, repairSlowest)
	case r.queue < queueEasy:
		s.rate = min(s.rate*1.1, repairFastest)
	}
	switch {
	case r.loss > doubleAbove && s.wide(now):
		s.doubling = true
	case r.loss < doubleBelow || !s.wide(now):
		s.doubling = false
		s.due = s.due[:0]
	}
	s.ladder.heard(now, r)
}
