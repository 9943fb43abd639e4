package kit

import (
	"crypto/rand"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

const (
	// sessionIdle is how long a session lasts without a call.
	sessionIdle = 30 * time.Minute
	// sessionsMost bounds how many sessions stand at once; the one idle longest
	// makes room.
	sessionsMost = 64
)

// sessions are the people signed in at this station, by token.
type sessions struct {
	clock *Clock

	mu     sync.Mutex // guards what follows
	open   map[api.Token]*signedIn
	lapsed []signedIn // sessions that ended by themselves, for the audit log
}

type signedIn struct {
	author chart.Author
	by     door
	last   vital.Instant     // of its last call
	looked map[chart.ID]bool // encounters whose watching is in the audit log
	noted  string            // how they came in, when the audit log has it: their going out is noted too
	where  string
}

// A door is how a session was begun.
type door uint8

const (
	byPassphrase door = iota // the station's own
	byPerson                 // one of the staff, by PIN or badge
	byPage                   // an account of the emergency room's page
	byEmergency              // nobody in particular, at a locked screen
)

func newSessions(c *Clock) *sessions { return &sessions{clock: c, open: map[api.Token]*signedIn{}} }

// begin gives a new token for somebody who came in by that door.
func (s *sessions) begin(author chart.Author, by door) api.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var idlest api.Token
	for t, in := range s.open {
		if now.Sub(in.last) > sessionIdle {
			s.lapse(t)
		} else if idlest == "" || in.last < s.open[idlest].last {
			idlest = t
		}
	}
	if len(s.open) >= sessionsMost {
		s.lapse(idlest)
	}
	t := api.Token(rand.Text())
	s.open[t] = &signedIn{author: author, by: by, last: now}
	return t
}

// check is the author behind a token, or why there is none.
func (s *sessions) check(t api.Token) (chart.Author, error) {
	in, err := s.signedIn(t)
	return in.author, err
}

// signedIn is the session behind a token, or why there is none.
func (s *sessions) signedIn(t api.Token) (signedIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.open[t]
	now := s.clock.Now()
	if in == nil || now.Sub(in.last) > sessionIdle {
		s.lapse(t)
		return signedIn{}, &api.Fault{Code: api.CodeSession, What: "nobody is signed in with this token", Do: "Sign in again."}
	}
	in.last = now
	return *in, nil
}

// any reports whether somebody is signed in at this station.
func (s *sessions) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for _, in := range s.open {
		if in.by != byPage && now.Sub(in.last) <= sessionIdle {
			return true
		}
	}
	return false
}

// lapse ends a session that nobody ended. Caller holds mu.
func (s *sessions) lapse(t api.Token) {
	if in := s.open[t]; in != nil && in.noted != "" && len(s.lapsed) < 4*sessionsMost {
		s.lapsed = append(s.lapsed, *in)
	}
	delete(s.open, t)
}

// lapses are the sessions that ended by themselves since it was last asked.
func (s *sessions) lapses() []signedIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.lapsed
	s.lapsed = nil
	return out
}

// endWhere ends the sessions that match and gives them back.
func (s *sessions) endWhere(match func(signedIn) bool) map[api.Token]signedIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := map[api.Token]signedIn{}
	for t, in := range s.open {
		if match(*in) {
			delete(s.open, t)
			ended[t] = *in
		}
	}
	return ended
}

// note keeps how a session's beginning was noted in the audit log.
func (s *sessions) note(t api.Token, how, where string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.open[t]; in != nil {
		in.noted, in.where = how, where
	}
}

// firstLook notes that a session watches an encounter, and says whether it had not
// before.
func (s *sessions) firstLook(t api.Token, encounter chart.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.open[t]
	if in == nil || in.looked[encounter] {
		return false
	}
	if in.looked == nil {
		in.looked = map[chart.ID]bool{}
	}
	in.looked[encounter] = true
	return true
}

// forgetLook takes back what firstLook noted.
func (s *sessions) forgetLook(t api.Token, encounter chart.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.open[t]; in != nil {
		delete(in.looked, encounter)
	}
}

// end ends a session and gives it back; the zero signedIn when there was none.
func (s *sessions) end(t api.Token) (in signedIn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was := s.open[t]; was != nil {
		in = *was
	}
	delete(s.open, t)
	return in
}
