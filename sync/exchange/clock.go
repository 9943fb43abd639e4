package exchange

import (
	"fmt"
	"time"
)

// A clockFilter keeps samples of a peer's clock, the best of each pingEvery, and
// of the last eight believes the one with the shortest round trip, as NTP does:
// its offset is wrong by at most half of that.
type clockFilter struct {
	samples [8]sample
	n       int
	began   time.Duration // when the newest was first taken
}

type sample struct{ offset, trip time.Duration }

// add takes a sample made at a time since the contact began and returns the one
// to believe.
func (f *clockFilter) add(s sample, at time.Duration) sample {
	switch last := &f.samples[max(f.n-1, 0)%len(f.samples)]; {
	case f.n == 0 || at-f.began >= pingEvery:
		f.samples[f.n%len(f.samples)] = s
		f.n++
		f.began = at
	case s.trip < last.trip:
		*last = s
	}
	best := f.samples[0]
	for _, v := range f.samples[:min(f.n, len(f.samples))] {
		if v.trip < best.trip {
			best = v
		}
	}
	return best
}

// measured makes a sample of a ping that took elapsed here, was answered from
// came to left by the peer's clock, and whose answer arrived at now by ours.
func measured(elapsed time.Duration, came, left, now time.Time) sample {
	trip := max(elapsed-max(left.Sub(came), 0), 0)
	return sample{offset: (came.Sub(now.Add(-elapsed)) + left.Sub(now)) / 2, trip: trip}
}

// ping carries the time since the contact began, so that no clock step between
// question and answer can spoil the measure.
func (s *session) ping() frame {
	s.pulse.ping()
	return newFrame(kindPing, func(w *writer) { w.uint(uint64(time.Since(s.began))) })
}

func (s *session) pong(mark uint64) frame {
	now, trust := s.x.cfg.Clock.Now()
	return newFrame(kindPong, pong{mark, now, now, trust}.append)
}

func (s *session) measure(m pong) error {
	s.pulse.pong()
	elapsed := time.Since(s.began) - time.Duration(m.sent)
	if time.Duration(m.sent) < 0 || elapsed < 0 {
		return fmt.Errorf("%w: an answer to a ping that was never sent", Malformed)
	}
	now, _ := s.x.cfg.Clock.Now()
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	best := s.clock.add(measured(elapsed, m.came, m.left, now), time.Since(s.began))
	p := s.x.peer(s.peer)
	p.Offset, p.RoundTrip, p.Trust, p.Last = best.offset, best.trip, m.trust, time.Now()
	return nil
}
