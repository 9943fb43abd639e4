package exchange_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

func TestAnEmptyClinicTabletFetchesWhatTheAmbulanceRecorded(t *testing.T) {
	r := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", r), newStation(t, "clinic", r)
	a.write(journal.Team, 3, 1)
	a.write(journal.Chart, 2000, 64)
	a.pen.Turn(journal.Chart)
	a.write(journal.Chart, 50, 7)
	a.write(journal.Audit, 20, 1)
	a.write(journal.Stream, 30, 10)
	b.write(journal.Chart, 5, 5)
	meet(t, a, b)
	eventually(t, "both hold the same", level(a, b))
	if got := b.ledger.Entries(); got != 3+2000+50+20+5 {
		t.Errorf("the clinic holds %d entries; the stream log must not come unasked", got)
	}
	eventually(t, "both call themselves level", func() bool {
		pa, pb := a.Peers()[0], b.Peers()[0]
		return pa.Level && pb.Level && pa.Here+pa.There+pb.Here+pb.There == 0
	})
}

// A tally is a ledger that counts what it is given.
type tally struct {
	*meshtest.Ledger
	given atomic.Int64
}

func (c *tally) Accept(ctx context.Context, list []journal.Piece) error {
	for _, p := range list {
		c.given.Add(int64(len(p.Records)))
	}
	return c.Ledger.Accept(ctx, list)
}

func TestTwoPeersDoNotSendTheSameTwice(t *testing.T) {
	r := newRoster("ambulance", "clinic", "kiosk")
	a, b := newStation(t, "ambulance", r), newStation(t, "clinic", r)
	for range 40 {
		a.pen.Turn(journal.Chart)
		a.write(journal.Chart, 200, 20)
	}
	meet(t, a, b)
	eventually(t, "the clinic holds all", level(a, b))
	var count *tally
	k := newStation(t, "kiosk", r, func(c *exchange.Config) {
		count = &tally{Ledger: c.Ledger.(*meshtest.Ledger)}
		c.Ledger = count
	})
	meet(t, k, a)
	meet(t, k, b)
	eventually(t, "the kiosk holds all", level(a, k))
	if n := count.given.Load(); n > 8000*12/10 {
		t.Errorf("8,000 entries came as %d", n)
	}
}

func TestAnEntryReachesThePeerAsItIsCommitted(t *testing.T) {
	r := newRoster("ambulance", "clinic", "kiosk")
	a, b, c := newStation(t, "ambulance", r), newStation(t, "clinic", r), newStation(t, "kiosk", r)
	meet(t, a, b)
	meet(t, b, c)
	eventually(t, "they are level", func() bool {
		return len(b.Peers()) == 2 && b.Peers()[0].Level && b.Peers()[1].Level
	})
	for i := range 20 {
		a.write(journal.Chart, 1, 1)
		eventually(t, "the clinic holds it", func() bool { return b.ledger.Entries() == uint64(i+1) })
	}
	eventually(t, "the kiosk, which never met the ambulance, holds all", level(a, c))
}

func TestStreamComesByRangeOnly(t *testing.T) {
	r := newRoster("ambulance", "hospital")
	a, b := newStation(t, "ambulance", r), newStation(t, "hospital", r)
	a.write(journal.Stream, 300, 10)
	meet(t, a, b)
	eventually(t, "they have met", func() bool { return b.Connected(a.Self()) && len(b.Peers()) == 1 && b.Peers()[0].Level })
	heads, _ := a.ledger.Heads(t.Context())
	want := exchange.Range{Device: a.Self(), Log: journal.Stream, Epoch: heads[0].Epoch, Upto: 120}
	if err := b.Fetch(t.Context(), a.Self(), want); err != nil {
		t.Fatal(err)
	}
	got, _ := b.ledger.Heads(t.Context())
	if len(got) != 1 || got[0].Seq != 120 {
		t.Errorf("after asking for 120 entries of stream the hospital holds %v", got)
	}
	want.Upto = 400
	if err := b.Fetch(t.Context(), a.Self(), want); err != exchange.ErrShort {
		t.Errorf("asking for more than there is: %v", err)
	}
}

func TestABrokenConnectionCostsNothingThatHadArrived(t *testing.T) {
	r := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", r), newStation(t, "clinic", r)
	a.write(journal.Chart, 20000, 16)
	cut, reached, stores := make(chan struct{}), make(chan struct{}), 0
	b.ledger.Break(func() error { // asked one at a time
		if stores++; stores <= 3 { // of at most 1,024 entries and a frame each
			return nil
		}
		if stores == 4 {
			close(reached)
		}
		<-cut
		return errors.New("nothing more arrives after the cut")
	})
	m := meet(t, a, b)
	<-reached
	m.stop()
	close(cut)
	wait(t, m.call)
	wait(t, m.answer)
	if had := b.ledger.Entries(); had == 0 || had == 20000 {
		t.Fatalf("%d entries had arrived at the cut: it cut nothing in two", had)
	}
	b.ledger.Break(nil)
	meet(t, a, b)
	eventually(t, "the rest arrived", level(a, b))
}

func TestThePeersClockIsMeasured(t *testing.T) {
	r := newRoster("ambulance", "clinic")
	a := newStation(t, "ambulance", r)
	b := newStation(t, "clinic", r, func(c *exchange.Config) { c.Clock = clock{off: 90 * time.Second} })
	meet(t, a, b)
	eventually(t, "the clock is measured", func() bool { return len(a.Peers()) == 1 && a.Peers()[0].RoundTrip > 0 })
	p := a.Peers()[0]
	if d := (p.Offset - 90*time.Second).Abs(); d > p.RoundTrip/2+time.Millisecond {
		t.Errorf("the clinic's clock is 90 s ahead, measured %v with a round trip of %v", p.Offset, p.RoundTrip)
	}
}

// On a line of 20 kB/s that is busy with a long range, a new entry must not wait
// for the range.
func TestANewEntryOvertakesALongRangeOnASlowLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoster("ambulance", "clinic")
		a, b := newStation(t, "ambulance", r), newStation(t, "clinic", r)
		fillNoise(t, a, 250, 16, 500) // 2 MB
		ca, cb := meshtest.Thin(20<<10, 8<<10)
		m := meetOver(t, a, b, ca, cb)
		time.Sleep(30 * time.Second)
		if n := b.ledger.Entries(); n == 0 || n == 4000 {
			t.Fatalf("after half a minute the clinic holds %d entries", n)
		}
		var worst time.Duration
		for range 10 {
			a.pen.Turn(journal.Chart)
			began := time.Now()
			a.write(journal.Chart, 1, 1)
			heads, _ := a.ledger.Heads(t.Context())
			for !holds(b, heads[0].Epoch) && time.Since(began) < time.Minute {
				time.Sleep(10 * time.Millisecond)
			}
			worst = max(worst, time.Since(began))
			time.Sleep(1700 * time.Millisecond)
		}
		t.Logf("of ten new entries the slowest took %v", worst)
		if worst > 1500*time.Millisecond {
			t.Errorf("a new entry took %v", worst)
		}
		m.stop()
		wait(t, m.call)
		wait(t, m.answer)
		ca.Close()
		cb.Close()
	})
}

// fillNoise records pieces of entries that do not compress.
func fillNoise(t *testing.T, s *station, pieces, entries, size int) {
	t.Helper()
	for range pieces {
		bodies := make([][]byte, entries)
		for i := range bodies {
			bodies[i] = make([]byte, size)
			rand.Read(bodies[i])
		}
		p, err := s.pen.Piece(journal.Chart, bodies...)
		if err == nil {
			err = s.ledger.Append(p)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Committed(p)
	}
}

func holds(s *station, e chart.Epoch) bool {
	heads, _ := s.ledger.Heads(context.Background())
	return slices.ContainsFunc(heads, func(h journal.Head) bool { return h.Epoch == e })
}
