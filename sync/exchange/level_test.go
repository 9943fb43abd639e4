package exchange_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

// A closed is a record of many closed epochs, of which only the heads are kept.
type closed struct {
	exchange.Ledger
	heads []journal.Head
}

func (c closed) Heads(context.Context) ([]journal.Head, error) { return c.heads, nil }

func manyEpochs(devices, epochs int) (c closed) {
	for d := range devices {
		for e := range epochs {
			h := journal.Head{Team: team, Log: journal.Chart, Seq: uint64(e + 1)}
			h.Device = sha256.Sum256([]byte(fmt.Sprint("device", d)))
			h.Chain = sha256.Sum256(fmt.Append(nil, d, e))
			copy(h.Epoch[:], h.Chain[:])
			c.heads = append(c.heads, h)
		}
	}
	return c
}

// A counted connection counts what it carries.
type counted struct {
	net.Conn
	sent *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	c.sent.Add(int64(len(b)))
	return c.Conn.Write(b)
}

// DESIGN's bound: 200 devices of 1,000 closed epochs each, at most 16 kB and one
// round trip after the handshake. Counted with the handshake, which is stricter.
func TestEqualStationsSpendOneRoundTripAndLittle(t *testing.T) {
	record := manyEpochs(200, 1000)
	synctest.Test(t, func(t *testing.T) {
		ro := newRoster("ambulance", "clinic")
		with := func(c *exchange.Config) { c.Ledger = record }
		a, b := newStation(t, "ambulance", ro, with), newStation(t, "clinic", ro, with)
		var carried atomic.Int64
		const oneWay = 100 * time.Millisecond
		ca, cb := meshtest.Pipe(oneWay)
		began := time.Now()
		m := meetOver(t, a, b, counted{ca, &carried}, counted{cb, &carried})
		isLevel := func(s *station) bool { p := s.Peers(); return len(p) == 1 && p[0].Level }
		for !isLevel(a) || !isLevel(b) {
			time.Sleep(time.Millisecond)
		}
		took := time.Since(began)
		time.Sleep(time.Second)
		t.Logf("%d bytes with the handshake, level after %v at %v one way", carried.Load(), took, oneWay)
		if carried.Load() > 16<<10 {
			t.Errorf("%d bytes", carried.Load())
		}
		if handshake := 2 * oneWay; took > handshake+2*oneWay+10*time.Millisecond {
			t.Errorf("level after %v: more than one round trip after the handshake", took)
		}
		m.stop()
		wait(t, m.call)
		wait(t, m.answer)
	})
}

func TestOneNewEntryAmongManyClosedEpochsCostsLittle(t *testing.T) {
	ro := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	for range 300 {
		a.pen.Turn(journal.Chart)
		a.write(journal.Chart, 1, 1)
	}
	m := meet(t, a, b)
	eventually(t, "both hold the same", level(a, b))
	m.stop()
	wait(t, m.call)
	wait(t, m.answer)
	a.write(journal.Chart, 1, 1)
	var carried atomic.Int64
	ca, cb := wire(t)
	meetOver(t, a, b, counted{ca, &carried}, counted{cb, &carried})
	eventually(t, "both hold the same again", level(a, b))
	t.Logf("one new entry of 500 bytes after 300 epochs of one device: %d bytes with the handshake", carried.Load())
	if carried.Load() > 64<<10 {
		t.Errorf("%d bytes", carried.Load())
	}
}

// A line that writes down what passes, as a packet capture would.
type tapped struct {
	net.Conn
	mu   *sync.Mutex
	seen *[]byte
}

func (t tapped) Write(b []byte) (int, error) {
	t.mu.Lock()
	*t.seen = append(*t.seen, b...)
	t.mu.Unlock()
	return t.Conn.Write(b)
}

func TestNothingPlantedShowsOnTheWire(t *testing.T) {
	ro := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	var mu sync.Mutex
	var seen []byte
	ca, cb := wire(t)
	meetOver(t, a, b, tapped{ca, &mu, &seen}, tapped{cb, &mu, &seen})
	planted := []string{"Anna Muster", "morphine", "1966-04-12"}
	for _, text := range planted {
		p, err := a.pen.Piece(journal.Chart, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.ledger.Append(p); err != nil {
			t.Fatal(err)
		}
		a.Committed(p)
	}
	eventually(t, "the clinic holds them", func() bool { return b.ledger.Entries() == 3 })
	mu.Lock()
	defer mu.Unlock()
	self, peer := a.Self(), b.Self()
	for _, text := range append(planted, string(self[:]), string(peer[:])) {
		if bytes.Contains(seen, []byte(text)) {
			t.Errorf("%q shows on the wire", text)
		}
	}
	if len(seen) < 1000 {
		t.Errorf("the tap saw %d bytes", len(seen))
	}
}

func TestOfTwoContactsMadeAtOnceBothSidesKeepTheSame(t *testing.T) {
	for range 10 {
		ro := newRoster("ambulance", "clinic")
		a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
		one, two := meet(t, a, b), meet(t, b, a)
		eventually(t, "one of them stands on both sides", func() bool {
			return len(one.call)+len(two.call) == 1 && len(one.answer)+len(two.answer) == 1 && len(one.call) == len(one.answer)
		})
		a.write(journal.Chart, 1, 1)
		eventually(t, "it carries entries", level(a, b))
	}
}

func TestATabletBackFromAnotherAddressTakesItsContactOver(t *testing.T) {
	ro := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	first := meet(t, a, b)
	eventually(t, "they have met", func() bool { return a.Connected(b.Self()) && b.Connected(a.Self()) })
	meet(t, a, b) // the clinic has not noticed that the first is dead
	refusedAs(t, wait(t, first.answer), exchange.Superseded)
	a.write(journal.Chart, 5, 5)
	eventually(t, "the new contact carries entries", level(a, b))
}

// The hand-written peer speaks a version that does not exist yet: its hello and
// its messages carry more than we know, and kinds we do not know.
func TestAPeerOfTheNextVersionIsUnderstood(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	s.write(journal.Chart, 2, 2)
	r, _ := dialRaw(t, s, "ambulance")
	r.send(hello, append(r.hello(0, 1, team), "later fields"...))
	r.send(77, []byte("a kind of the next version"))
	r.seek(devices)
	r.send(devices, append([]byte{1, 0}, "later fields"...))
	r.send(vector, []byte{1})
	p, err := meshtest.NewPen(meshtest.Key("ambulance"), team).Piece(journal.Chart, []byte("an entry"))
	if err != nil {
		t.Fatal(err)
	}
	r.send(pieces, append(aPiece(p), "later fields"...))
	eventually(t, "its entry is stored", func() bool { return s.ledger.Entries() == 3 })
	r.send(ping, binary.AppendUvarint(nil, 5))
	if m := r.seek(pong); m[0] != 5 {
		t.Errorf("the answer to ping 5 is %d", m[0])
	}
}

// granting makes an ambulance that shows a hospital what its view grants.
func granting(t *testing.T, ro *roster, h *station, guest bool) (*station, *meshtest.View) {
	var view *meshtest.View
	a := newStation(t, "ambulance", ro, func(c *exchange.Config) {
		view = meshtest.NewView(c.Ledger.(*meshtest.Ledger), guest)
		c.View = func(d chart.Device) exchange.View {
			if d == h.Self() {
				return view
			}
			return nil
		}
		accounted(true)(c)
	})
	return a, view
}

// accounted keeps the account of bodies.
func accounted(all bool) func(*exchange.Config) {
	return func(c *exchange.Config) {
		c.Bodies = meshtest.Accounts{Ledger: c.Ledger.(*meshtest.Ledger), All: all}
	}
}

// note records one entry of an encounter.
func (s *station) note(subject, text string) {
	s.t.Helper()
	p, err := s.pen.Piece(journal.Chart, []byte(subject+": "+text))
	if err == nil {
		err = s.ledger.Append(p)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.Committed(p)
}

// reads is what of an encounter can be read here.
func (s *station) reads(subject string) (n int) {
	s.ledger.Each(func(p journal.Piece) {
		for _, r := range p.Records {
			if r.Absent == chart.Present && meshtest.Subject(r.Body) == subject {
				n++
			}
		}
	})
	return n
}

func TestAGuestHospitalGetsOnlyWhatWasHandedToIt(t *testing.T) {
	ro := newRoster("ambulance", "hospital")
	h := newStation(t, "hospital", ro, accounted(false))
	a, view := granting(t, ro, h, true)
	for range 10 {
		a.note("other", "withheld")
	}
	a.pen.Turn(journal.Chart)
	for range 3 {
		a.note("mine", "granted")
		a.note("other", "withheld")
	}
	view.Grant("mine")
	heads, _ := a.ledger.Heads(t.Context())
	meet(t, a, h)
	eventually(t, "the hospital holds the epoch that its encounter stands in", func() bool { return h.ledger.Entries() == 6 })
	a.note("mine", "granted")
	a.note("other", "withheld")
	eventually(t, "and what follows in it", func() bool { return h.ledger.Entries() == 8 })
	got, _ := h.ledger.Heads(t.Context())
	if len(got) != 1 || got[0].Epoch != heads[0].Epoch || h.reads("mine") != 4 || h.reads("other") != 0 {
		t.Errorf("the hospital holds %d epochs, %d bodies of its encounter, %d of another", len(got), h.reads("mine"), h.reads("other"))
	}
	// Asked for by name, the other stays closed too.
	err := h.Fetch(t.Context(), a.Self(), exchange.Range{Device: a.Self(), Log: journal.Chart, Epoch: heads[1].Epoch, Upto: 10})
	if err != exchange.ErrShort || h.ledger.Entries() != 8 {
		t.Errorf("asking for an epoch not granted: %v, %d entries", err, h.ledger.Entries())
	}
	err = h.Fetch(t.Context(), a.Self(), exchange.Range{Device: a.Self(), Log: journal.Chart, Epoch: heads[0].Epoch, Upto: 8})
	if err != nil || h.reads("other") != 0 {
		t.Errorf("asking for an epoch granted in part: %v, %d bodies of another encounter", err, h.reads("other"))
	}
}

func TestABodyWithheldArrivesAfterTheHandover(t *testing.T) {
	for _, guest := range []bool{true, false} {
		for _, when := range []string{"while in touch", "before the next contact"} {
			t.Run(fmt.Sprint("guest ", guest, ", handed over ", when), func(t *testing.T) {
				ro := newRoster("ambulance", "hospital")
				h := newStation(t, "hospital", ro, accounted(false))
				a, view := granting(t, ro, h, guest)
				for range 5 {
					a.note("first", "granted")
					a.note("second", "granted later")
					a.note("third", "withheld")
				}
				view.Grant("first")
				m := meet(t, a, h)
				eventually(t, "the first encounter came", func() bool { return h.reads("first") == 5 && h.ledger.Entries() == 15 })
				if h.reads("second") != 0 {
					t.Error("the second encounter was read before the handover")
				}
				if when == "while in touch" {
					a.Granted(h.Self(), view.Grant("second")...)
				} else {
					m.stop()
					wait(t, m.answer)
					wait(t, m.call)
					view.Grant("second")
					meet(t, a, h)
				}
				eventually(t, "the second came", func() bool { return h.reads("second") == 5 })
				if h.reads("third") != 0 {
					t.Error("the third came too")
				}
			})
		}
	}
}

// A clinic of one site met a station of another first, which has envelopes alone.
func TestABodyThatOnePeerMayNotReadComesFromAnotherThatMay(t *testing.T) {
	ro := newRoster("ambulance", "hospital", "clinic", "kiosk")
	h, c := newStation(t, "hospital", ro, accounted(false)), newStation(t, "clinic", ro, accounted(true))
	k := newStation(t, "kiosk", ro, accounted(true))
	for _, s := range []*station{h, c, k} {
		s.ledger.Filled = func(p exchange.Place) { s.Filled(p) }
	}
	a, view := granting(t, ro, h, false)
	view.Grant("mine")
	a.note("mine", "granted")
	a.note("other", "withheld")
	m := meet(t, a, h)
	eventually(t, "the hospital holds the envelopes", func() bool { return h.ledger.Entries() == 2 })
	m.stop()
	m = meet(t, h, c)
	eventually(t, "the clinic holds the envelopes", func() bool { return c.ledger.Entries() == 2 })
	m.stop() // the clinic, which keeps nothing from anybody, would hand them on
	wait(t, m.call)
	wait(t, m.answer)
	meet(t, c, k)
	eventually(t, "the kiosk holds the envelopes", func() bool { return k.ledger.Entries() == 2 })
	if c.reads("other") != 0 || k.reads("other") != 0 {
		t.Fatal("somebody made up a body")
	}
	meet(t, a, c)
	eventually(t, "the clinic has the bodies from the ambulance", func() bool { return c.reads("other") == 1 })
	eventually(t, "and the kiosk from the clinic", func() bool { return k.reads("other") == 1 })
	if h.reads("other") != 0 {
		t.Error("the hospital can read what is not granted to it")
	}
}

func TestAFullDiskEndsTheContactInWordsAndGoesOnLater(t *testing.T) {
	ro := newRoster("ambulance", "clinic")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	a.write(journal.Chart, 100, 10)
	b.ledger.Break(func() error { return fmt.Errorf("no space left on device") })
	m := meet(t, a, b)
	refusedAs(t, wait(t, m.answer), exchange.NotStored)
	refusedAs(t, wait(t, m.call), exchange.NotStored)
	b.ledger.Break(nil)
	meet(t, a, b)
	eventually(t, "the rest came", level(a, b))
}

// Entries of a device that joined before the clinic has read the roster.
func TestEntriesOfAWriterUnknownYetComeOnceTheRosterIsRead(t *testing.T) {
	all, some := newRoster("ambulance", "clinic", "kiosk"), newRoster("ambulance", "clinic")
	a, k := newStation(t, "ambulance", all), newStation(t, "kiosk", all)
	b := newStation(t, "clinic", some)
	k.write(journal.Chart, 12, 4)
	a.write(journal.Chart, 5, 5)
	m := meet(t, k, a)
	eventually(t, "the ambulance holds the kiosk's", level(k, a))
	m.stop()
	meet(t, a, b)
	eventually(t, "the clinic holds the ambulance's", func() bool { return b.ledger.Entries() == 5 })
	some.let(all, k.Self())
	b.Recheck()
	eventually(t, "the kiosk's come, once the roster names it", func() bool { return b.ledger.Entries() == 17 })
}

// A late ledger has the roster grow just after it refused a stranger's entries.
type late struct {
	*meshtest.Ledger
	grow func()
}

func (l *late) Accept(ctx context.Context, list []journal.Piece) error {
	err := l.Ledger.Accept(ctx, list)
	if errors.Is(err, exchange.ErrStranger) {
		l.grow()
	}
	return err
}

func TestARosterThatGrowsWhileItsWriterIsRefusedIsHeeded(t *testing.T) {
	all, some := newRoster("ambulance", "clinic", "kiosk"), newRoster("ambulance", "clinic")
	a, k := newStation(t, "ambulance", all), newStation(t, "kiosk", all)
	k.write(journal.Chart, 12, 4)
	m := meet(t, k, a)
	eventually(t, "the ambulance holds the kiosk's", level(k, a))
	m.stop()
	for _, refusals := range []int{1, 2} { // of the whole batch, then of its first piece
		ledger := &late{}
		b := newStation(t, "clinic", some, func(c *exchange.Config) {
			ledger.Ledger = c.Ledger.(*meshtest.Ledger)
			c.Ledger = ledger
		})
		ledger.grow = func() {
			if refusals--; refusals == 0 {
				some.let(all, k.Self())
				b.Recheck()
			}
		}
		m := meet(t, a, b)
		eventually(t, "the kiosk's come, though the roster grew in between", func() bool { return b.ledger.Entries() == 12 })
		m.stop()
		some.forget(k.Self())
	}
}

func TestAForkIsShownAndTheRestStillComes(t *testing.T) {
	ro := newRoster("ambulance", "clinic", "kiosk")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	copied, mirror := meshtest.NewPen(meshtest.Key("kiosk"), team), meshtest.NewPen(meshtest.Key("kiosk"), team)
	var epoch chart.Epoch
	epoch[0] = 5
	for i, on := range []struct {
		*station
		*meshtest.Pen
	}{{a, copied}, {b, mirror}} {
		on.Open(journal.Chart, epoch)
		for j := range 3 {
			p, err := on.Piece(journal.Chart, fmt.Append(nil, "entry ", j, " of copy ", i))
			if err != nil {
				t.Fatal(err)
			}
			if err := on.ledger.Append(p); err != nil {
				t.Fatal(err)
			}
			on.Committed(p)
		}
	}
	a.write(journal.Chart, 4, 4)
	meet(t, a, b)
	eventually(t, "the rest came", func() bool { return b.ledger.Entries() == 3+4 })
	eventually(t, "the contradiction is shown", func() bool { return a.Peers()[0].Forked && b.Peers()[0].Forked })
}
