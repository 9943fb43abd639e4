package exchange

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// sendDevices sends a digest per device. The caller holds the lock.
func (s *session) sendDevices(answer bool) {
	list := s.index().devices()
	for {
		n := min(len(list), maxHeads)
		m := devices{last: n == len(list), answer: answer, list: list[:n]}
		s.post(newFrame(kindDevices, m.append))
		if list = list[n:]; m.last {
			return
		}
	}
}

// Compare makes every contact that stands compare itself anew: for a peer whose
// gossip says that it holds something else though nothing is under way. A guest always does.
func (x *Exchange) Compare(d chart.Device) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if s := x.sessions[d]; s != nil && s.seen == nil && s.level && len(s.wants) == 0 {
		s.sendDevices(true)
	}
}

// compare answers the peer's digests with our epochs of the devices that differ.
func (s *session) compare(m devices) error {
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if s.digests == nil {
		s.digests = map[chart.Device]journal.Digest{}
	}
	for _, d := range m.list {
		s.digests[d.device] = d.digest
	}
	if len(s.digests) > maxDevices {
		return fmt.Errorf("%w: more than %d devices", Implausible, maxDevices)
	}
	if !m.last {
		return nil
	}
	theirs := s.digests
	s.digests = nil
	if m.answer {
		s.sendDevices(false)
	}
	ours := s.index()
	for _, d := range ours.devices() {
		if theirs[d.device] != d.digest {
			s.sendVector(ours, d.device)
		} else {
			s.holds(ours, d.device)
		}
		delete(theirs, d.device)
	}
	for d := range theirs { // held by the peer alone
		s.sendVector(ours, d)
	}
	s.post(newFrame(kindVector, vector{last: true}.append))
	return nil
}

// holds books that the peer holds of a device all that we do: its digest says so,
// whatever it listed before. The caller holds the lock.
func (s *session) holds(ours *index, d chart.Device) {
	for _, k := range ours.by[d].order {
		if k.log != journal.Stream {
			s.theirs[k] = max(s.theirs[k], ours.heads[k].seq)
		}
	}
}

// sendVector lists what is held of one device. The caller holds the lock.
func (s *session) sendVector(ours *index, d chart.Device) {
	var list []reach
	if by := ours.by[d]; by != nil {
		for _, k := range by.order {
			if h := ours.heads[k]; k.log != journal.Stream {
				list = append(list, reachOf(k, h))
			}
		}
	}
	for {
		n := min(len(list), maxHeads)
		m := vector{device: d, whole: n == len(list), list: list[:n]}
		s.post(newFrame(kindVector, m.append))
		if list = list[n:]; m.whole {
			return
		}
	}
}

// learn takes one device's epochs as the peer holds them.
func (s *session) learn(m vector) error {
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if m.last {
		slices.SortStableFunc(s.lacks, byPriority)
		s.reached()
		return nil
	}
	if !s.open[m.device] {
		if len(s.open) >= maxDevices || len(s.listed) >= maxDevices && !s.listed[m.device] {
			return fmt.Errorf("%w: more than %d devices", Implausible, maxDevices)
		}
		s.open[m.device] = true
		s.ranks = 0
		for k := range s.theirs {
			if k.device == m.device {
				delete(s.theirs, k)
			}
		}
	}
	if m.whole {
		delete(s.open, m.device)
		s.listed[m.device] = true
	}
	for _, h := range m.list {
		if err := s.noteReach(h, s.ranks); err != nil {
			return err
		}
		s.ranks++
	}
	return nil
}

// noteReach takes how far the peer holds one epoch. The caller holds the lock.
func (s *session) noteReach(h reach, rank int) error {
	if h.seq > maxSeq {
		return fmt.Errorf("%w (%d in one epoch)", Implausible, h.seq)
	}
	most := maxKnown
	if s.reader {
		most = maxReader
	}
	if len(s.theirs) >= most {
		return fmt.Errorf("%w: more than %d epochs", Implausible, most)
	}
	if h.epoch.log == journal.Stream {
		return nil
	}
	s.theirs[h.epoch] = h.seq
	ours := s.x.index.heads[h.epoch]
	switch {
	case h.seq > ours.seq:
		s.lack(lack{epoch: h.epoch, rank: rank}, false)
	case h.seq > 0 && h.seq == ours.seq && h != reachOf(h.epoch, ours):
		s.x.peer(s.peer).Forked = true
		if s.x.forks[h.epoch] == h {
			return nil
		}
		s.x.forks[h.epoch] = h
		s.lack(lack{epoch: h.epoch, rank: rank, whole: true}, false)
	}
	return nil
}

// lack queues what the peer holds beyond us, before all other or behind, unless it
// waits already: who offers one epoch again and again fills nothing. The caller holds
// the lock.
func (s *session) lack(l lack, first bool) {
	if id := (lack{epoch: l.epoch, whole: l.whole}); !s.queued[id] {
		s.queued[id] = true
		at := len(s.lacks)
		if first {
			at = 0
		}
		s.lacks = slices.Insert(s.lacks, at, l)
	}
}

func byPriority(a, b lack) int {
	return cmp.Or(cmp.Compare(a.epoch.log, b.epoch.log), cmp.Compare(a.rank, b.rank))
}

// hear takes an offer.
func (s *session) hear(hs []reach) error {
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	x.peer(s.peer).Last = time.Now()
	for _, h := range hs {
		if err := s.noteReach(h, 0); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.lacks, byPriority)
	s.plan()
	return nil
}

// plan asks for the best of what the peer holds beyond us, up to the window, and
// leaves alone what is under way from whichever peer, unless that contact has
// stalled or brings nothing. The caller holds the lock.
func (s *session) plan() {
	if len(s.dues) > 0 {
		wake(s.reckons)
	}
	if !s.level || s.wants == nil || s.reader {
		return
	}
	var ask []want
	now := time.Now()
	try := func(l lack) (keep bool) {
		ours := s.x.index.heads[l.epoch].seq
		if s.theirs[l.epoch] <= ours && !l.whole {
			delete(s.queued, lack{epoch: l.epoch})
			return false
		}
		if f := s.x.flights[l.epoch]; f != nil && (f == s || !f.pulse.stalled(now) && !f.hoards(now)) {
			if f != s {
				wake(s.left)
			}
			return true
		}
		delete(s.queued, lack{epoch: l.epoch, whole: l.whole})
		after := ours
		if l.whole {
			after = 0
		}
		ask = append(ask, s.ask(want{epoch: l.epoch, after: after}, &flight{epoch: l.epoch, whole: l.whole, claim: s.theirs[l.epoch]}))
		s.x.flights[l.epoch] = s
		return false
	}
	later := s.later
	s.later = nil
	for i, l := range later {
		if len(s.wants) >= window {
			s.later = append(s.later, later[i:]...)
			break
		}
		if try(l) {
			s.later = append(s.later, l)
		}
	}
	for len(s.lacks) > 0 && len(s.wants) < window {
		l := s.lacks[0]
		s.lacks = s.lacks[1:]
		if try(l) {
			s.later = append(s.later, l)
		}
	}
	if len(ask) > 0 {
		s.post(newFrame(kindWant, func(w *writer) { appendWants(w, ask) }))
	}
}

// hoards reports whether the peer was asked for ranges and has for long sent nothing new
// of any, though it answers: its disk hangs, or it claimed what it does not hold. The
// caller holds the lock.
func (s *session) hoards(now time.Time) bool { return len(s.wants) > 0 && now.Sub(s.fed) > hoardTime }

// overtake looks again, while something was left to another contact, whether that
// has stalled or brings nothing.
func (s *session) overtake(ctx context.Context) error {
	for {
		select {
		case <-s.left:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return nil
		}
		s.x.mu.Lock()
		s.plan()
		s.x.mu.Unlock()
	}
}

// retry asks once more for what was refused while its writers were unknown. The
// caller holds the lock.
func (s *session) retry() {
	for k, n := range s.strangers {
		s.theirs[k] = max(s.theirs[k], n)
		s.lack(lack{epoch: k}, false)
	}
	clear(s.strangers)
	slices.SortStableFunc(s.lacks, byPriority)
	s.plan()
}

// ask numbers a want and books its flight. The caller holds the lock.
func (s *session) ask(w want, f *flight) want {
	if len(s.wants) == 0 {
		s.fed = time.Now()
	}
	s.nextID++
	w.id = s.nextID
	s.wants[w.id] = f
	return w
}

// remember notes, before our own reach of an epoch grows, how far the peer is:
// as far as we were, if its digest was equal and it never listed the device.
// The caller holds the lock.
func (s *session) remember(k epochKey, was uint64) {
	if _, known := s.theirs[k]; !known && !s.listed[k.device] {
		s.theirs[k] = was
	}
}

// doubt compares anew when the peer seems to lack entries and neither side has
// anything under way: its list may have crossed on the way with what it lists as
// missing. A peer that goes on lacking is asked ever less often. It is called at
// every ping.
func (s *session) doubt() {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	if s.quiet > 0 {
		s.quiet--
		return
	}
	if _, there := s.missing(); !s.level || len(s.wants) > 0 || len(s.asked) > 0 || there == 0 {
		s.pause = 0
		return
	}
	s.pause = min(2*s.pause+1, 15)
	s.quiet = s.pause
	s.sendDevices(true)
}

// missing counts the entries that the peer holds and we lack, and the reverse.
// The caller holds the lock.
func (s *session) missing() (here, there uint64) {
	ours := s.index()
	for k, n := range s.theirs {
		if m := s.x.index.heads[k].seq; n > m {
			here += n - m
		}
		if m := ours.heads[k].seq; m > n {
			there += m - n
		}
	}
	for d := range s.listed {
		if by := ours.by[d]; by != nil {
			for _, k := range by.order {
				if _, known := s.theirs[k]; !known && k.log != journal.Stream {
					there += ours.heads[k].seq
				}
			}
		}
	}
	return here, there
}
