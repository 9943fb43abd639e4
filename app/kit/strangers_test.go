package kit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A visitor is a station on no roster: a key, and what it was sent.
type visitor struct {
	t   *testing.T
	key ed25519.PrivateKey
	x   *exchange.Exchange

	mu       sync.Mutex
	sent     bytes.Buffer
	heads    map[exchange.Place]journal.Head
	pieces   []journal.Piece
	withheld int
	ended    error // why its last contact ended
}

func newVisitor(t *testing.T, host *post) *visitor {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return newVisitorWith(t, host, key)
}

func newVisitorWith(t *testing.T, host *post, key ed25519.PrivateKey) *visitor {
	t.Helper()
	v := &visitor{t: t, key: key, heads: map[exchange.Place]journal.Head{}}
	m := host.share.member.Load()
	x, err := exchange.New(t.Context(), exchange.Config{Key: key, Team: m.team, Ledger: v, Admit: func(identity.Key) error { return nil }, Clock: host.clock.peer()})
	if err != nil {
		t.Fatal(err)
	}
	v.x = x
	return v
}

// Heads implements exchange.Ledger.
func (v *visitor) Heads(context.Context) (out []journal.Head, _ error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, h := range v.heads {
		out = append(out, h)
	}
	return out, nil
}

// Pieces implements exchange.Ledger.
func (v *visitor) Pieces(_ context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	v.mu.Lock()
	held := v.pieces
	v.mu.Unlock()
	for _, p := range held {
		if p.Head.Device == d && p.Head.Log == log && p.Head.Epoch == epoch && p.Head.Seq >= after {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Accept implements exchange.Ledger.
func (v *visitor) Accept(_ context.Context, pieces []journal.Piece) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range pieces {
		at := p.Head
		at.Seq, at.Chain = p.Seal.Seq, p.Seal.Chain
		v.heads[exchange.Place{Device: at.Device, Log: at.Log, Epoch: at.Epoch}] = at
		v.pieces = append(v.pieces, p)
		for _, r := range p.Records {
			v.sent.Write(r.Envelope)
			v.sent.Write(r.Body)
			if r.Absent == chart.Withheld {
				v.withheld++
			}
		}
	}
	return nil
}

func (v *visitor) has(word string) func() bool {
	return func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return bytes.Contains(v.sent.Bytes(), []byte(word))
	}
}

func (v *visitor) logs() (out []exchange.Place) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for p := range v.heads {
		out = append(out, p)
	}
	return out
}

// visits dials a post until the test ends or end is called.
func (v *visitor) visits(host *post) (end func()) {
	v.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	flows.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			flows.Go(func() { host.x.Answer(ctx, conn) })
		}
	})
	flows.Go(func() {
		for ctx.Err() == nil {
			if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
				err := v.x.Call(ctx, conn, host.x.Self())
				v.mu.Lock()
				v.ended = err
				v.mu.Unlock()
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	end = sync.OnceFunc(func() { stop(); l.Close(); flows.Wait() })
	v.t.Cleanup(end)
	return end
}

// gives shares an encounter with a visitor, for so long.
func (p *post) gives(encounter chart.ID, to *visitor, long time.Duration) (api.Recorded, error) {
	p.t.Helper()
	e := &chart.EncounterShared{Key: to.key.Public().(ed25519.PublicKey), Name: "Helicopter C-7"}
	if long > 0 {
		e.Until = chart.At(p.share.now().Add(long))
	}
	b, err := json.Marshal(e)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.Record(p.t.Context(), p.token, api.Draft{Kind: "encounter-shared", Encounter: encounter, Content: b})
}

func (p *post) mustGive(encounter chart.ID, to *visitor, long time.Duration) chart.Ref {
	p.t.Helper()
	r, err := p.gives(encounter, to, long)
	if err != nil {
		p.t.Fatal(err)
	}
	// A visitor takes no body behind its envelope: it must not come between two sharings.
	eventually(p.t, "it is shared", func() bool {
		return p.share.strangers.reads(identity.PublicOf(to.key).Device(), encounter, p.share.now())
	})
	return r.Ref
}

// shortens has a sharing that was of an hour end in a second.
func (p *post) shortens(encounter chart.ID, to *visitor, was chart.Ref) {
	p.t.Helper()
	p.forges(encounter, chart.ID{}, &chart.EncounterShared{Key: to.key.Public().(ed25519.PublicKey), Name: "Helicopter C-7", Until: chart.At(p.share.now().Add(time.Second))})
	p.writes(encounter, chart.ID{}, &chart.Retraction{Of: was, Why: "shorter"})
}

func TestAStrangerReadsTheOneEncounterSharedWithItAndNothingElse(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	meet(t, a, c)
	mine, _ := a.opens("Okonkwo", "aspirin")
	other, _ := a.opens("Vandersloot", "ketamine")
	a.streams(mine, 2)
	a.streams(other, 2)
	eventually(t, "the tent reads both", c.reads(other, "gave ketamine"))
	theirs, _ := c.opens("Quispe", "morphine")
	eventually(t, "the ambulance reads the tent's", a.reads(theirs, "gave morphine"))

	v := newVisitor(t, a)
	v.visits(a)
	eventually(t, "the stranger is turned away", func() bool { v.mu.Lock(); defer v.mu.Unlock(); return v.ended != nil })
	if len(v.logs()) > 0 {
		t.Fatal("a stranger with whom nothing is shared was sent something")
	}
	a.mustGive(mine, v, time.Hour)
	eventually(t, "the stranger reads the encounter", v.has("gave aspirin"))
	a.writes(mine, chart.ID{}, &chart.Note{Text: "worse"})
	eventually(t, "and what follows", v.has("worse"))
	c.writes(mine, chart.ID{}, &chart.Note{Text: "the tent helps"})
	eventually(t, "and what another of the team writes of it", v.has("the tent helps"))

	// By asking for all there is.
	for _, from := range []*post{a, c} {
		heads, err := from.store.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			v.x.Fetch(t.Context(), a.x.Self(), exchange.Range{Device: h.Device, Log: h.Log, Epoch: h.Epoch, Upto: h.Seq})
		}
	}
	for _, word := range []string{"Vandersloot", "ketamine", "Quispe", "morphine", "TENT", string(other[:]), string(theirs[:])} {
		if v.has(word)() {
			t.Errorf("%q was sent to the stranger", word)
		}
	}
	for _, p := range v.logs() {
		if p.Log == journal.Team || p.Log == journal.Audit {
			t.Error("the stranger holds envelopes of the team's or the audit log")
		}
	}
}

func TestAStrangerLearnsOfNoLogThatHoldsNothingShared(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	meet(t, a, c)
	mine, _ := a.opens("Okonkwo", "aspirin")
	theirs, _ := c.opens("Quispe", "morphine")
	eventually(t, "the ambulance reads the tent's", a.reads(theirs, "gave morphine"))
	v := newVisitor(t, a)
	a.mustGive(mine, v, time.Hour)
	v.visits(a)
	eventually(t, "the stranger reads the encounter", v.has("gave aspirin"))
	for _, p := range v.logs() {
		if p.Device != a.x.Self() {
			t.Error("the stranger knows of a log in which nothing is shared with it")
		}
	}
}

func TestASharingEndsByRetractionByItsEndAndByAnErase(t *testing.T) {
	for _, how := range []string{"taken back", "over", "taken back by another of the team", "erased"} {
		t.Run(how, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			c := newPost(t, "TENT", a, anyMember)
			meet(t, a, c)
			mine, _ := a.opens("Okonkwo", "aspirin")
			v := newVisitor(t, a)
			at := a.mustGive(mine, v, time.Hour)
			v.visits(a)
			eventually(t, "the stranger reads the encounter", v.has("gave aspirin"))
			switch how {
			case "over":
				a.shortens(mine, v, at)
			case "taken back":
				a.writes(mine, chart.ID{}, &chart.Retraction{Of: at, Why: "landed"})
			case "taken back by another of the team":
				eventually(t, "the tent holds the encounter", c.reads(mine, "gave aspirin"))
				c.writes(mine, chart.ID{}, &chart.Retraction{Of: at, Why: "landed"})
			case "erased":
				if _, err := a.Erase(t.Context(), a.token, mine, "asked for"); err != nil {
					t.Fatal(err)
				}
			}
			key := identity.PublicOf(v.key)
			eventually(t, "it is let in no more", func() bool { return a.share.admitsAny(key) != nil })
			eventually(t, "the contact is over", func() bool { return !a.x.Connected(key.Device()) })
			if how != "erased" {
				a.writes(mine, chart.ID{}, &chart.Note{Text: "in theatre"})
			}
			fresh := newVisitorWith(t, a, v.key) // which forgot everything, and asks again
			fresh.visits(a)
			eventually(t, "it is turned away", func() bool { fresh.mu.Lock(); defer fresh.mu.Unlock(); return fresh.ended != nil })
			if v.has("in theatre")() || len(fresh.logs()) > 0 {
				t.Error("the stranger still gets something")
			}
		})
	}
}

func TestWhoMayNotShareSharesNothing(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	h := newPost(t, "ST-MARY", a, aGuest)
	end := meet(t, a, c)
	meet(t, a, h)
	mine, _ := a.opens("Okonkwo", "aspirin")
	a.bind(mine, h)
	eventually(t, "both read it", func() bool { return c.reads(mine, "gave aspirin")() && h.reads(mine, "gave aspirin")() })
	v := newVisitor(t, a)
	key := identity.PublicOf(v.key)

	// One that was given it does not give it on, by its own program or a changed one.
	if _, err := h.gives(mine, v, time.Hour); !isFault(err, api.CodeRefused) {
		t.Errorf("the guest shares on: %v", err)
	}
	content := &chart.EncounterShared{Key: key[:], Name: "Helicopter C-7", Until: chart.At(a.share.now().Add(time.Hour))}
	h.forges(mine, chart.ID{}, content)
	a.writes(mine, chart.ID{}, &chart.Note{Text: "a mark"})
	eventually(t, "the ambulance holds what the guest wrote", func() bool { return a.reachOf(h) > 0 })

	// One whose key was withdrawn.
	end()
	if _, err := a.Revoke(t.Context(), a.token, "TENT", "stolen"); err != nil {
		t.Fatal(err)
	}
	c.forges(mine, chart.ID{}, content) // apart: it does not know yet
	heads, err := c.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range heads {
		if head.Device != c.x.Self() || head.Log != journal.Chart {
			continue
		}
		if err := c.store.Pieces(t.Context(), head.Device, head.Log, head.Epoch, 0, func(p journal.Piece) error {
			return a.store.Accept(t.Context(), []journal.Piece{p}) // kept, as a withdrawn key's word
		}); err != nil {
			t.Fatal(err)
		}
	}
	if a.reachOf(c) == 0 {
		t.Fatal("the ambulance does not hold what the withdrawn tablet wrote")
	}
	if err := a.share.strangers.make(t.Context(), a.share); err != nil {
		t.Fatal(err)
	}
	if a.share.admitsAny(key) == nil {
		t.Error("a stranger is let in by the word of a guest or of a withdrawn tablet")
	}

	// A key that the roster has a word on is no stranger's: nobody is readmitted so.
	for name, member := range map[string]*post{"a withdrawn station's": c, "a guest's": h} {
		as := newVisitorWith(t, a, member.share.member.Load().key)
		if _, err := a.gives(mine, as, time.Hour); !isFault(err, api.CodeRefused) {
			t.Errorf("%s key is shared with: %v", name, err)
		}
	}
	a.forges(mine, chart.ID{}, &chart.EncounterShared{Key: c.share.member.Load().key.Public().(ed25519.PublicKey), Name: "TENT", Until: content.Until})
	if err := a.share.strangers.make(t.Context(), a.share); err != nil {
		t.Fatal(err)
	}
	if a.share.admitsAny(identity.PublicOf(c.share.member.Load().key)) == nil {
		t.Error("a withdrawn tablet is let in by a sharing with its key")
	}
	if _, err := a.gives(mine, v, 30*24*time.Hour); !isFault(err, api.CodeInvalid) {
		t.Errorf("a sharing of a month: %v", err)
	}
}

func TestWhatAStrangerSendsIsNotTaken(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	end := meet(t, a, c)
	mine, _ := a.opens("Okonkwo", "aspirin")
	eventually(t, "the tent reads it", c.reads(mine, "gave aspirin"))
	end()
	// What the stranger holds is genuine: a member wrote and sealed it.
	c.writes(mine, chart.ID{}, &chart.Note{Text: "by way of a stranger"})
	v := newVisitor(t, a)
	heads, err := c.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if err := c.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			return v.Accept(t.Context(), []journal.Piece{p})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if v.x, err = exchange.New(t.Context(), exchange.Config{Key: v.key, Team: a.share.member.Load().team, Ledger: v, Admit: func(identity.Key) error { return nil }, Clock: a.clock.peer()}); err != nil {
		t.Fatal(err)
	}
	a.mustGive(mine, v, time.Hour)
	v.visits(a)
	a.writes(mine, chart.ID{}, &chart.Note{Text: "worse"})
	eventually(t, "the stranger reads on", v.has("worse"))
	a.writes(mine, chart.ID{}, &chart.Note{Text: "and worse"})
	eventually(t, "and on", v.has("and worse"))
	v.pushes(a, mine, "by the stranger itself")
	a.writes(mine, chart.ID{}, &chart.Note{Text: "and better"})
	eventually(t, "the contact stands", v.has("and better"))
	v.answered(a)
	if a.heard.has("by the stranger itself") {
		t.Error("the ambulance took what the stranger wrote")
	}
	if a.heard.has("by way of a stranger") {
		t.Error("the ambulance took entries from a stranger")
	}
	meet(t, a, c)
	eventually(t, "the member's entry comes from the member", func() bool { return len(a.texts(mine)) == 5 })
}

// Of two encounters shared the end of one is not waited for by the other's.
func TestWhenTheSharingOfOneEncounterIsOverTheOtherGoesOn(t *testing.T) {
	for _, how := range []string{"over", "taken back"} {
		t.Run(how, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			c := newPost(t, "TENT", a, anyMember)
			meet(t, a, c)
			first, _ := a.opens("Okonkwo", "aspirin")
			second, _ := a.opens("Vandersloot", "ketamine")
			eventually(t, "the tent reads the first", c.reads(first, "gave aspirin"))
			c.writes(first, chart.ID{}, &chart.Note{Text: "the tent helps"})
			eventually(t, "the ambulance reads the tent's word", a.reads(first, "gave aspirin", "the tent helps"))
			v := newVisitor(t, a)
			d := identity.PublicOf(v.key).Device()
			at := a.mustGive(first, v, time.Hour)
			a.mustGive(second, v, time.Hour)
			v.visits(a)
			eventually(t, "the stranger reads both", func() bool { return v.has("gave aspirin")() && v.has("gave ketamine")() && v.has("the tent helps")() })
			if how == "over" {
				a.shortens(first, v, at)
			} else {
				a.writes(first, chart.ID{}, &chart.Retraction{Of: at, Why: "landed"})
			}
			eventually(t, "the first is shared no more", func() bool { return !a.share.strangers.reads(d, first, a.share.now()) })
			a.writes(first, chart.ID{}, &chart.Note{Text: "in theatre"})
			a.writes(second, chart.ID{}, &chart.Note{Text: "worse"})
			eventually(t, "the second goes on", v.has("worse"))
			if v.has("in theatre")() {
				t.Error("the first goes on too")
			}
			eventually(t, "it makes contact anew", func() bool { v.mu.Lock(); defer v.mu.Unlock(); return v.ended != nil })
			eventually(t, "and stays", func() bool { return a.x.Connected(d) })
			before := v.reachOf(c)
			c.writes(first, chart.ID{}, &chart.Note{Text: "the tent goes on"})
			eventually(t, "the ambulance reads the tent's", func() bool { return a.reachOf(c) > before })
			a.writes(second, chart.ID{}, &chart.Note{Text: "better"})
			eventually(t, "the second still goes on", v.has("better"))
			if v.reachOf(c) != before {
				t.Error("the stranger is still told how far a log goes of which it may read nothing")
			}
		})
	}
}

// reachOf is how far the visitor holds the chart log of one writer.
func (v *visitor) reachOf(by *post) (n uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, h := range v.heads {
		if h.Device == by.x.Self() && h.Log == journal.Chart {
			n += h.Seq
		}
	}
	return n
}

// pushes has the visitor send an entry of its own.
func (v *visitor) pushes(host *post, encounter chart.ID, text string) {
	v.t.Helper()
	m := host.share.member.Load()
	body, err := stationBody(host.clock, &chart.Note{Text: text}, nil, false)
	if err != nil {
		v.t.Fatal(err)
	}
	body.Encounter = encounter
	encoded, err := journal.EncodeBody(body)
	if err != nil {
		v.t.Fatal(err)
	}
	w, err := journal.NewWriter(v.key, m.team, journal.Chart, chart.Epoch{9}, journal.Link{})
	if err != nil {
		v.t.Fatal(err)
	}
	start := w.Head()
	r, err := w.Append(encoded, 1)
	if err != nil {
		v.t.Fatal(err)
	}
	seal, err := w.Seal()
	if err != nil {
		v.t.Fatal(err)
	}
	p := journal.Piece{Head: start, Records: []journal.Record{r}, Seal: seal}
	if err := v.Accept(v.t.Context(), []journal.Piece{p}); err != nil {
		v.t.Fatal(err)
	}
	v.x.Committed(p)
}

// answered waits until the host has read what the visitor had sent: it asks after, on
// the same line, and waits for the answer.
func (v *visitor) answered(host *post) {
	v.t.Helper()
	heads, err := host.store.Heads(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for range 3 {
		if err := v.x.Fetch(v.t.Context(), host.x.Self(), exchange.Range{Device: heads[0].Device, Log: journal.Chart, Epoch: heads[0].Epoch, Upto: heads[0].Seq}); err != nil && !errors.Is(err, exchange.ErrShort) {
			v.t.Fatal(err)
		}
	}
}
