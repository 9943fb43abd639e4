package kit

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// A crew may share one encounter with a station that is on no roster: a helicopter of
// another service, a hospital outside the team. It reads that encounter over the
// exchange, learns nothing else of the team, and writes nothing.

const (
	// sharedFor is how long a sharing lasts of which the crew says no end, sharedMost
	// how long at most: nothing is shared for ever because nobody ended it.
	sharedFor  = 24 * time.Hour
	sharedMost = 7 * 24 * time.Hour
	// strangersEvery is how soon after its end a contact ends in which nothing was
	// sent meanwhile; what is sent is judged at once.
	strangersEvery = 10 * time.Second
)

// strangers are with whom which encounter is shared, and until when.
type strangers struct {
	reading sync.Mutex // one reading of the record at a time: an older one must not stand last

	mu     sync.RWMutex // guards what follows
	of     map[chart.ID]map[chart.Device]chart.Moment
	erased map[chart.ID]map[chart.Device]chart.Moment // with whom it was shared when it was erased, see erasing.go
}

// shared are the claims by which an encounter is shared. Only whoever the roster lets
// read it may share it; a station on the roster, withdrawn ones too, is never a
// stranger.
func (r readers) shared() (out []claim) {
	for _, c := range r.claims {
		if c.kind != claimShared || !r.byRoster(c.at.Device) {
			continue
		}
		if _, known := r.roster.Member(c.station); known {
			continue
		}
		out = append(out, c)
	}
	return out
}

// with is with whom an encounter is shared by these claims. One that was erased, as
// its encounter was, shares nothing; with whom it was shared is told of that.
func (s *share) with(ctx context.Context, claims []claim) (now, erased map[chart.Device]chart.Moment, err error) {
	now, erased = map[chart.Device]chart.Moment{}, map[chart.Device]chart.Moment{}
	for _, c := range claims {
		e, held, err := s.kit.store.At(ctx, c.at)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case held && e.Record.Absent == chart.Present:
			now[c.station] = max(now[c.station], c.until)
		case held && e.Record.Absent == chart.Erased:
			erased[c.station] = max(erased[c.station], c.until)
		}
	}
	return now, erased, nil
}

// make reads them all anew. On an error there are none.
func (s *strangers) make(ctx context.Context, sh *share) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	found := map[chart.ID][]claim{}
	self := sh.member.Load()
	if self == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.of, s.erased = nil, nil
		return storeFault(store.ErrLocked)
	}
	j := sh.judge(sh.roster.Load())
	err := sh.kit.store.Marked(ctx, func(id chart.ID, marks []store.Mark) {
		claims := readClaims(self.own(marks))
		if !slices.ContainsFunc(claims, func(c claim) bool { return c.kind == claimShared }) {
			return
		}
		if by := j.of(claims).shared(); len(by) > 0 {
			found[id] = by
		}
	})
	all, erased := map[chart.ID]map[chart.Device]chart.Moment{}, map[chart.ID]map[chart.Device]chart.Moment{}
	for id, by := range found {
		if err == nil {
			all[id], erased[id], err = sh.with(ctx, by)
		}
	}
	if err != nil {
		clear(all)
	} else if err := sh.recall(ctx, self, erased, all); err != nil {
		sh.kit.log.Warn("with whom erased encounters were shared could not be kept; who calls later is not told", "reason", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of, s.erased = all, erased
	return err
}

// weigh reads those of one encounter anew.
func (s *strangers) weigh(ctx context.Context, sh *share, encounter chart.ID) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	reach, err := sh.reach(ctx, encounter)
	if errors.Is(err, store.ErrNoSubject) {
		err = nil
	}
	var with map[chart.Device]chart.Moment
	if err == nil {
		with, _, err = sh.with(ctx, sh.judge(sh.roster.Load()).of(readClaims(reach.Marks)).shared())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(with) == 0 {
		delete(s.of, encounter)
		return err
	}
	if s.of == nil {
		s.of = map[chart.ID]map[chart.Device]chart.Moment{}
	}
	s.of[encounter] = with
	return nil
}

// reads reports whether an encounter is shared with a device now.
func (s *strangers) reads(d chart.Device, encounter chart.ID, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return chart.At(now) < s.of[encounter][d]
}

// any reports whether anything is shared with a device now.
func (s *strangers) any(d chart.Device, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for with := range maps.Values(s.of) {
		if chart.At(now) < with[d] {
			return true
		}
	}
	return false
}

// strangerOf is the device of the key that an encounter is shared with.
func strangerOf(e *chart.EncounterShared) chart.Device {
	if len(e.Key) != len(identity.Key{}) {
		return chart.Device{}
	}
	return identity.Key(e.Key).Device()
}

// now is the time by which a sharing ends.
func (s *share) now() time.Time {
	now, _ := s.kit.clock.Wall()
	return now
}

// admitsAny is who may exchange with us: the roster's, and strangers with whom
// something is shared. Of a key that the roster knows, the roster's word holds.
func (s *share) admitsAny(k identity.Key) error {
	err := s.admit(k)
	if errors.Is(err, identity.ErrUnknown) && !s.withdrawn.Load() && s.strangers.any(k.Device(), s.now()) {
		return nil
	}
	return err
}

// partStrangers ends the contacts with strangers of whom a sharing is over. One with
// whom something else is shared makes contact anew, and knows of no epoch that only
// the one held.
func (s *share) partStrangers(x *exchange.Exchange) {
	s.mu.Lock()
	views := slices.Collect(maps.Values(s.views))
	s.mu.Unlock()
	var part []chart.Device
	for _, v := range views {
		if v.over(s.now()) {
			v.forget()
			part = append(part, v.peer)
		}
	}
	if len(part) > 0 {
		x.Recheck(part...)
	}
}

// over reports whether a sharing is over that the view was made with.
func (v *view) over(now time.Time) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if !v.stranger || v.roster == nil {
		return false
	}
	for id := range v.subjects {
		if !v.share.strangers.reads(v.peer, id, now) {
			return true
		}
	}
	return false
}

// mayShare refuses to share with a station that the roster has a word on, and gives a
// sharing its end.
func (s *share) mayShare(ctx context.Context, encounter chart.ID, e *chart.EncounterShared) error {
	r, self := s.roster.Load(), s.member.Load()
	if r == nil || self == nil {
		return storeFault(store.ErrLocked)
	}
	if m, known := r.Member(strangerOf(e)); known {
		what := "that key is of " + m.CallSign + ", a station of the team"
		if m.Out {
			what = "that key was withdrawn from the team"
		}
		return &api.Fault{Code: api.CodeRefused, What: what, Do: "Bind the encounter for a station of the team instead, or hand it over; nothing is shared with a withdrawn key."}
	}
	reach, err := s.reach(ctx, encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return storeFault(err)
	}
	if !s.judge(r).of(readClaims(reach.Marks)).byRoster(self.device) {
		return &api.Fault{Code: api.CodeRefused, What: "this station was given that encounter and cannot give it on", Do: "Ask the crew whose encounter it is."}
	}
	now := s.now()
	if e.Until == 0 {
		e.Until = chart.At(now.Add(sharedFor))
	}
	if e.Until <= chart.At(now) || e.Until > chart.At(now.Add(sharedMost)) {
		return &api.Fault{Code: api.CodeInvalid, What: "a sharing ends within seven days, and not before it begins", Do: "Say how long with --until, such as 24h."}
	}
	return nil
}
