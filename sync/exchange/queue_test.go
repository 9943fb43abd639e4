package exchange

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// bare is a ledger that holds nothing.
type bare struct{}

func (bare) Heads(context.Context) ([]journal.Head, error) { return nil, nil }
func (bare) Accept(context.Context, []journal.Piece) error { return nil }
func (bare) Pieces(context.Context, chart.Device, journal.Log, chart.Epoch, uint64, func(journal.Piece) error) error {
	return nil
}
func (bare) Now() (time.Time, chart.Trust) { return time.Unix(0, 0), chart.ClockNetwork }

// Over a slow line a clinic offers the ambulance's epoch each time it grows, while the
// ambulance itself is sending it: the offers must not pile up.
func TestOneEpochThatIsOfferedAThousandTimesWaitsOnce(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	x, err := New(t.Context(), Config{Key: key, Ledger: bare{}, Clock: bare{}, Admit: func(identity.Key) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	meets := func(name byte) *session {
		s := newSession(x, nil, identity.Key{name}, false)
		s.pulse, s.level = &pulse{}, true
		x.sessions[s.peer] = s
		return s
	}
	ambulance, clinic := meets(1), meets(2)
	epoch := epochKey{chart.Device{7}, journal.Chart, chart.Epoch{1}}
	for n := range uint64(1000) {
		for _, s := range []*session{ambulance, clinic} {
			if err := s.hear([]reach{{epoch: epoch, seq: n + 1}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(ambulance.wants); n != 1 {
		t.Errorf("the ambulance is asked for %d ranges of one epoch", n)
	}
	if n := len(clinic.lacks) + len(clinic.later) + len(ambulance.lacks) + len(ambulance.later); n > 2 {
		t.Errorf("one epoch waits %d times", n)
	}
	// The ambulance's range ends short: the clinic is asked for what it holds beyond.
	if err := ambulance.landed(t.Context(), done{id: ambulance.nextID}); err != nil {
		t.Fatal(err)
	}
	if len(clinic.wants)+len(ambulance.wants) == 0 {
		t.Error("nobody is asked for the rest")
	}
}
