package exchange_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// readsAll is the view of a peer that may read everything and write nothing.
type readsAll struct{}

func (readsAll) All() bool                           { return true }
func (readsAll) Sees(exchange.Place) bool            { return true }
func (readsAll) Strip(p journal.Piece) journal.Piece { return p }
func (readsAll) Reads() bool                         { return true }
func (readsAll) Bodies(context.Context, ...exchange.Place) ([]exchange.Held, error) {
	return nil, nil
}

// A word is what a host says, and an ear what a visitor heard.
type word struct {
	mu   sync.Mutex
	says string
}

func (w *word) set(says string) { w.mu.Lock(); defer w.mu.Unlock(); w.says = says }

func (w *word) vouch(c *exchange.Config) {
	c.Vouch = func(chart.Device) []byte { w.mu.Lock(); defer w.mu.Unlock(); return []byte(w.says) }
}

type ear struct {
	mu    sync.Mutex
	heard []string
	err   error
}

func (e *ear) listen(c *exchange.Config) {
	c.Vouched = func(_ context.Context, _ chart.Device, m []byte) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, string(m))
		return e.err
	}
}

func (e *ear) all() []string { e.mu.Lock(); defer e.mu.Unlock(); return slices.Clone(e.heard) }

func onlyReads(c *exchange.Config) { c.View = func(chart.Device) exchange.View { return readsAll{} } }

func TestAVisitorIsToldWhoseWordsItReadsAndAgainWhenThatChanges(t *testing.T) {
	r := newRoster("host", "visitor")
	says, hears := &word{says: "one"}, &ear{}
	host := newStation(t, "host", r, says.vouch, onlyReads)
	visitor := newStation(t, "visitor", r, hears.listen)
	host.write(journal.Chart, 3, 1)
	m := meet(t, visitor, host)
	eventually(t, "the visitor holds what is written", func() bool { return visitor.ledger.Entries() == 3 })
	host.Vouch(visitor.Self()) // nothing has changed
	says.set("two")
	host.Vouch(visitor.Self())
	eventually(t, "the visitor heard both", func() bool { return len(hears.all()) == 2 })
	// And a last time before it is sent away.
	says.set("over")
	r.forget(visitor.Self())
	host.Recheck()
	refusedAs(t, wait(t, m.call), exchange.Unknown)
	if got := hears.all(); !slices.Equal(got, []string{"one", "two", "over"}) {
		t.Errorf("the visitor heard %q", got)
	}
	// And when it comes again.
	theirs := newRoster("host", "visitor")
	back := newStation(t, "visitor", theirs, hears.listen)
	refusedAs(t, wait(t, meet(t, back, host).call), exchange.Unknown)
	if got := hears.all(); !slices.Equal(got, []string{"one", "two", "over", "over"}) {
		t.Errorf("the visitor that comes again heard %q", got)
	}
}

func TestAMemberIsToldNothingOfTheKindAndOneThatDoesNotListenGoesOn(t *testing.T) {
	r := newRoster("host", "member", "older")
	says, hears := &word{says: "one"}, &ear{}
	host := newStation(t, "host", r, says.vouch)
	member := newStation(t, "member", r, hears.listen)
	host.write(journal.Chart, 3, 1)
	meet(t, member, host)
	eventually(t, "the member holds what is written", func() bool { return member.ledger.Entries() == 3 })
	if got := hears.all(); len(got) > 0 {
		t.Errorf("a member is told %q", got)
	}
	giver := newStation(t, "host", r, says.vouch, onlyReads)
	giver.write(journal.Chart, 3, 1)
	older := newStation(t, "older", r)
	meet(t, older, giver)
	eventually(t, "one that does not listen holds what is written", func() bool { return older.ledger.Entries() == 3 })
}

func TestWhatAHostSaysIsBounded(t *testing.T) {
	const vouch = 14
	for what, row := range map[string]struct {
		err  error
		says func(*raw)
		want exchange.Refusal
	}{
		"what does not read":       {errors.New("noise"), func(r *raw) { r.send(vouch, []byte("noise")) }, exchange.Malformed},
		"more than a frame may be": {nil, func(r *raw) { r.send(vouch, make([]byte, 300<<10)) }, exchange.TooLarge},
		"the same again and again": {nil, func(r *raw) {
			for range 5000 {
				r.send(vouch, []byte("again"))
			}
		}, exchange.TooMany},
		"before a hello, from afar": {nil, nil, exchange.TooLarge},
	} {
		t.Run(what, func(t *testing.T) {
			hears := &ear{err: row.err}
			s := newStation(t, "visitor", newRoster("visitor", "host"), hears.listen)
			r, ended := dialRaw(t, s, "host")
			if row.says == nil { // whoever calls has no word before the hello
				r.send(vouch, make([]byte, 8<<10))
			} else {
				r.greet()
				row.says(r)
			}
			refusedAs(t, wait(t, ended), row.want)
		})
	}
}
