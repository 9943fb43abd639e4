package kit

import (
	"errors"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// kinds is every content this station can read: the chart's and the roster's.
func kinds(t chart.Type) (chart.Content, bool) {
	if k, ok := chart.KindOf(t); ok {
		return k.New(), true
	}
	return identity.Content(t)
}

// logOf is the log a content is written to.
func logOf(t chart.Type) journal.Log {
	if k, ok := chart.KindOf(t); ok {
		return journal.Log(k.Log)
	}
	return journal.Team
}

// stampedBody begins the body of an entry that is written now.
func stampedBody(c *Clock, content chart.Content, training bool) (journal.Body, error) {
	if err := content.Validate(); err != nil {
		return journal.Body{}, &api.Fault{Code: api.CodeInvalid, What: "the entry cannot be right: " + err.Error(), Do: "Correct it and record it again."}
	}
	encoded, err := journal.EncodeContent(content)
	if err != nil {
		return journal.Body{}, err
	}
	wall, trust := c.Wall()
	return journal.Body{
		Wall: journal.Millis(wall), Trust: trust, Boot: c.Boot(), Mono: time.Duration(c.Now()).Milliseconds(),
		Happened: journal.Millis(wall), Demo: training, Type: content.Type(), Content: encoded,
	}, nil
}

// stationBody is the body of an entry that the station itself writes.
func stationBody(c *Clock, content chart.Content, saw []chart.Ref, training bool) (journal.Body, error) {
	b, err := stampedBody(c, content, training)
	b.Author = chart.Author{Checked: chart.CheckedStation}
	b.Saw = saw
	return b, err
}

// stamps is the station's hybrid clock: what the journal orders entries by.
type stamps struct {
	clock *Clock

	mu  sync.Mutex // guards hlc
	hlc journal.Clock
}

func newStamps(c *Clock) *stamps { return &stamps{clock: c} }

// from goes on after the latest stamp on disk, so that a clock that was set back
// does not put new entries before old ones.
func (s *stamps) from(last journal.HLC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hlc = journal.ClockFrom(last)
}

func (s *stamps) now() journal.HLC {
	wall, _ := s.clock.Wall()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hlc.Now(journal.Millis(wall))
}

// storeFault puts a store's error into words for a person.
func storeFault(err error) error {
	for _, f := range []struct {
		is             error
		code, what, do string
	}{
		{store.ErrLocked, api.CodeLocked, "the store is locked", "Unlock it with a passphrase."},
		{store.ErrWrongKey, api.CodeRefused, "the passphrase does not open this store", "Try again; each wrong try makes the next one slower."},
		{store.ErrInUse, api.CodeFailed, "another station uses this data folder", "Close it, or use its local API."},
		{store.ErrReadOnly, api.CodeNewer, "the store can only be read", "Check the disk, and that this program is not older than the store."},
	} {
		if errors.Is(err, f.is) {
			return &api.Fault{Code: f.code, What: f.what, Do: f.do}
		}
	}
	return err
}
