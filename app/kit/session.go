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

	mu   sync.Mutex // guards open
	open map[api.Token]*signedIn
}

type signedIn struct {
	author chart.Author
	by     door
	last   vital.Instant     // of its last call
	looked map[chart.ID]bool // encounters whose watching is in the audit log
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
			delete(s.open, t)
		} else if idlest == "" || in.last < s.open[idlest].last {
			idlest = t
		}
	}
	if len(s.open) >= sessionsMost {
		delete(s.open, idlest)
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
		delete(s.open, t)
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

// endWhere ends the sessions that match and gives their tokens.
func (s *sessions) endWhere(match func(signedIn) bool) (ended []api.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t, in := range s.open {
		if match(*in) {
			delete(s.open, t)
			ended = append(ended, t)
		}
	}
	return ended
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

func (s *sessions) end(t api.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, t)
}

func (s *sessions) endAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.open)
}
