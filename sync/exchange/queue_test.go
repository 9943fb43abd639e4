package exchange

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// bare is a ledger that holds nothing.
type bare struct{ accept func([]journal.Piece) }

func (bare) Heads(context.Context) ([]journal.Head, error) { return nil, nil }
func (b bare) Accept(_ context.Context, pieces []journal.Piece) error {
	b.accept(pieces)
	return nil
}
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

// A fast peer sends waveforms, a megabyte a piece, faster than the disk takes them.
func TestWhatWaitsForTheDiskTogetherIsBounded(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	const many = 60
	most, came := 0, 0
	ctx, stop := context.WithCancel(t.Context())
	ledger := bare{func(list []journal.Piece) {
		size := 0
		for _, p := range list {
			size += Size(p)
		}
		most = max(most, size)
		if came += len(list); came == many {
			stop()
		}
	}}
	x, err := New(t.Context(), Config{Key: key, Ledger: ledger, Clock: bare{}, Admit: func(identity.Key) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(x, nil, identity.Key{1}, false)
	s.inbox = make(chan arrival, many)
	body := make([]byte, journal.MaxBody)
	for n := range uint64(many) {
		p := journal.Piece{Head: journal.Head{Device: chart.Device{7}, Log: journal.Stream, Epoch: chart.Epoch{1}, Seq: 16 * n}, Records: make([]journal.Record, 16)}
		for i := range p.Records {
			p.Records[i] = journal.Record{Envelope: []byte{1}, Body: body}
		}
		p.Seal.Seq = 16 * (n + 1)
		s.inbox <- arrival{pieces: pieces{1, []journal.Piece{p}}}
	}
	if err := s.store(ctx); err != nil {
		t.Fatal(err)
	}
	if came != many || most > 10<<20 {
		t.Errorf("%d of %d pieces came, up to %d MB of them at once", came, many, most>>20)
	}
}

// Whoever fetched has given up, and the contact ends in the moment in which the range
// does: both say so, and neither may wait for somebody to hear it.
func TestARangeThatEndsTwiceHoldsNobodyUp(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	x, err := New(t.Context(), Config{Key: key, Ledger: bare{}, Clock: bare{}, Admit: func(identity.Key) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(x, nil, identity.Key{1}, false)
	f := &flight{ended: make(chan done, 1)}
	s.wants[1] = f
	f.end(done{1, true}) // as the end of the contact says it
	if err := s.landed(t.Context(), done{id: 1}); err != nil {
		t.Fatal(err)
	}
	if d := <-f.ended; !d.short {
		t.Error("the second word stands")
	}
}

// A stranger with whom one encounter is shared lists what it claims to hold, without end:
// it holds what was shared and no more.
func TestWhatAPeerListsIsBounded(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	x, err := New(t.Context(), Config{Key: key, Ledger: bare{}, Clock: bare{}, Admit: func(identity.Key) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	name := func(n int) (d chart.Device) {
		binary.BigEndian.PutUint32(d[:], uint32(n))
		return d
	}
	for _, row := range []struct {
		story  string
		reader bool
		most   int // that it may list
		list   func(s *session, n int) error
	}{
		{"a stranger's epochs", true, maxReader, func(s *session, n int) error {
			d := name(n)
			return s.learn(vector{device: name(1), list: []reach{{epoch: epochKey{name(1), journal.Chart, chart.Epoch(d[:16])}, seq: 1}}})
		}},
		{"a stranger's devices", true, maxReader, func(s *session, n int) error { return s.learn(vector{device: name(n), whole: true}) }},
		{"a member's devices", false, maxDevices, func(s *session, n int) error { return s.learn(vector{device: name(n), whole: true}) }},
		{"a member's devices, none whole", false, maxDevices, func(s *session, n int) error { return s.learn(vector{device: name(n)}) }},
	} {
		s := newSession(x, nil, identity.Key{1}, false)
		s.reader = row.reader
		listed := 0
		for err = nil; err == nil && listed < 2*row.most; listed++ {
			err = row.list(s, listed)
		}
		if !errors.Is(err, Implausible) || listed > row.most+2 || listed < row.most {
			t.Errorf("%s: after %d it is told %v", row.story, listed, err)
		}
	}
}
