package kit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func TestATicketThatDoesNotFitChangesNothing(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, _ := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	own := patient(t, h.Kit, h.token, "their own patient")
	m := a.share.member.Load()
	self, err := identity.ParseKey(h.key())
	if err != nil {
		t.Fatal(err)
	}
	good := identity.Ticket{
		Team: m.team, Name: "Valley", Host: identity.PublicOf(m.key), CallSign: "AMB-1", Visitor: self,
		Encounter: mine, Until: chart.At(time.Now().Add(time.Hour)), Addresses: []string{"127.0.0.1:7"},
	}
	text := func(change func(*identity.Ticket)) string {
		bad := good
		change(&bad)
		line, err := bad.Text()
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	for what, c := range map[string]struct{ text, code string }{
		"no ticket":                        {"hello", api.CodeInvalid},
		"one that was cut":                 {text(func(*identity.Ticket) {})[:100], api.CodeInvalid},
		"one for another key":              {text(func(t *identity.Ticket) { t.Visitor[0] ^= 1 }), api.CodeRefused},
		"one that is over":                 {text(func(t *identity.Ticket) { t.Until = chart.At(time.Now().Add(-time.Minute)) }), api.CodeRefused},
		"one of this station's own team":   {text(func(t *identity.Ticket) { t.Team = h.share.member.Load().team }), api.CodeInvalid},
		"one without an address":           {text(func(t *identity.Ticket) { t.Addresses = nil }), api.CodeInvalid},
		"one with an address that is none": {text(func(t *identity.Ticket) { t.Addresses = []string{"here"} }), api.CodeInvalid},
		"one of the station's own patient": {text(func(t *identity.Ticket) { t.Encounter = own }), api.CodeRefused},
	} {
		if _, err := h.Visit(t.Context(), h.token, api.Visiting{Ticket: c.text}); !isFault(err, c.code) {
			t.Errorf("%s is answered %v", what, err)
		}
	}
	if rows, err := h.Visits(t.Context(), h.token); err != nil || len(rows) > 0 || len(h.guests()) > 0 {
		t.Errorf("something was changed: %+v, %v", rows, err)
	}
	if err := h.Lock(t.Context(), h.token); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Visit(t.Context(), h.token, api.Visiting{Ticket: text(func(*identity.Ticket) {})}); err == nil {
		t.Error("a locked station takes a ticket")
	}
}

// A host whose program was changed says and sends whatever it likes.
func TestAHostCannotSpeakOfTheVisitorsOwnPatientsNorInTheNameOfItsStations(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, _ := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	own := patient(t, h.Kit, h.token, "their own patient")
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	g := h.guests()[0]
	l := guestLedger{h.store, g}
	m, self := a.share.member.Load(), h.share.member.Load()
	before := h.recordOf(t, h.token, own)

	// Entries of its own, under the id of the visitor's patient, of no encounter, of
	// another encounter: the envelopes may come, and no word.
	for i, e := range []chart.ID{own, {}, {7}} {
		p := forgedBy(t, a.Kit, m.key, m.team, chart.Epoch{byte(0x60 + i)}, e, "forged words")
		if err := l.Accept(t.Context(), []journal.Piece{p}); err != nil {
			t.Fatal(err)
		}
	}
	words, _ := everyBody(t, h.Kit, m.team)
	if bytes.Contains(words, []byte("forged words")) {
		t.Error("words came that are not of the shared encounter")
	}
	// In the name of the visitor, of a stranger, of a station of the visitor's team.
	mate := newHelicopter(t)
	for what, c := range map[string]struct {
		key  *membership
		team journal.TeamID
	}{"the visitor itself": {self, m.team}, "one that nobody vouched for": {mate.share.member.Load(), m.team}, "the visitor's team": {m, self.team}} {
		p := forgedBy(t, a.Kit, c.key.key, c.team, chart.Epoch{0x70}, mine, "forged words")
		if err := l.Accept(t.Context(), []journal.Piece{p}); !errors.Is(err, exchange.ErrStranger) {
			t.Errorf("an entry in the name of %s: %v", what, err)
		}
	}
	// To vouch for the visitor's own key, or a mate's, gives their names to nobody.
	say := func(w ...identity.Writer) error {
		b, err := identity.Vouch{Shown: []identity.Shown{{Encounter: mine, Until: chart.At(time.Now().Add(time.Hour))}, {Encounter: own, Until: 1, Erased: true}}, Writers: w}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return g.vouched(t.Context(), m.device, b)
	}
	if err := say(identity.Writer{Key: identity.PublicOf(self.key), Out: true}, identity.Writer{Key: identity.PublicOf(mate.share.member.Load().key), CallSign: "AMB-1"}); err != nil {
		t.Fatal(err)
	}
	if _, known := g.keyOf(self.device); known {
		t.Error("the visitor's own key is taken for a writer of the other team")
	}
	p := forgedBy(t, a.Kit, m.key, m.team, chart.Epoch{0x71}, mine, "by the host, which says it is the mate")
	p.Head.Device = mate.share.member.Load().device
	if err := l.Accept(t.Context(), []journal.Piece{p}); err == nil {
		t.Error("an entry under another's name was taken")
	}
	if h.recordOf(t, h.token, own) != before {
		t.Error("the visitor's own patient's record is not what it was")
	}
	rows, err := h.Encounters(t.Context(), h.token)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Encounter == own && r.Lent != nil {
			t.Error("the visitor's own patient is said to be another's")
		}
	}
	note(t, h.Kit, h.token, own, "and its own goes on")
	// What is said is bounded.
	var many []identity.Writer
	for i := range identity.MaxWriters + 1 {
		many = append(many, identity.Writer{Key: identity.Key{byte(i), byte(i >> 8), 9}})
	}
	if _, err := (identity.Vouch{Writers: many}).Encode(); err == nil {
		t.Error("a vouch for ever so many is written")
	}
	for i := range 8 {
		for j := range many[:identity.MaxWriters] {
			many[j].Key[5] = byte(i)
		}
		if err := say(many[:identity.MaxWriters]...); err != nil {
			t.Fatal(err)
		}
	}
	g.entries = guestEntries
	if err := l.Accept(t.Context(), []journal.Piece{forgedBy(t, a.Kit, m.key, m.team, chart.Epoch{0x72}, mine, "one more")}); !errors.Is(err, errGuestFull) {
		t.Errorf("a host fills the disk: %v", err)
	}
	if len(g.writers) > writersMost {
		t.Errorf("%d writers are remembered", len(g.writers))
	}
	if err := g.vouched(t.Context(), m.device, []byte("no vouch")); !errors.Is(err, identity.ErrVouch) {
		t.Errorf("noise is taken for a vouch: %v", err)
	}
}

// A crew of another team may name the id of a patient here before the record of them
// has come from the visitor's own team.
func TestAnOwnPatientsRecordStandsThoughAStrangerNamedItsIdFirst(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, _ := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	self := h.share.member.Load()
	body, err := stationBody(h.clock, &chart.Note{Text: "of our own team"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	body.Encounter = mine
	for _, b := range []journal.Body{body} {
		opened, err := stationBody(h.clock, &chart.EncounterOpened{Setting: "helicopter"}, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		opened.Encounter = mine
		if _, err := h.store.Commit(t.Context(), self.signer, draftsOf(self.team, opened, b)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := notes(t, h.Kit, h.token, mine); !slices.Equal(got, []string{"of our own team"}) {
		t.Errorf("the record of the own team's encounter reads %q", got)
	}
	rows, err := h.Encounters(t.Context(), h.token)
	if err != nil || len(rows) != 1 || rows[0].Lent != nil {
		t.Errorf("it is listed as %+v, %v", rows, err)
	}
	note(t, h.Kit, h.token, mine, "and it is written in")
}

func TestAWithdrawnWritersLaterWordsAreShownAsSuchAtTheVisitorToo(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	end := meet(t, a, c)
	mine, _ := a.opens("Okonkwo", "aspirin")
	eventually(t, "the tent reads it", c.reads(mine, "gave aspirin"))
	c.writes(mine, chart.ID{}, &chart.Note{Text: "the tent helps"})
	eventually(t, "the ambulance reads the tent", a.reads(mine, "gave aspirin", "the tent helps"))
	h := newHelicopter(t)
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads both", h.reads(mine, "the tent helps"))
	end()
	if _, err := a.Revoke(t.Context(), a.token, "TENT", "stolen"); err != nil {
		t.Fatal(err)
	}
	c.writes(mine, chart.ID{}, &chart.Note{Text: "by a thief"})
	carryTo(t, c, a)
	eventually(t, "the helicopter reads that too", h.reads(mine, "by a thief"))
	eventually(t, "and how far it counts", func() bool { return h.recordOf(t, h.token, mine) == a.recordOf(t, a.token, mine) })
	entries, err := h.Entries(t.Context(), h.token, mine)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n, ok := e.Content.(*chart.Note); ok && e.Withdrawn != (n.Text == "by a thief") {
			t.Errorf("%q is said to be of a withdrawn tablet: %v", n.Text, e.Withdrawn)
		}
	}
}

func TestATabletWithdrawnFromItsTeamIsShownNoPatientOfAnothers(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, _ := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	h.share.withdrawn.Store(true)
	if got, withheld := notes(t, h.Kit, h.token, mine); len(got) > 0 || withheld == 0 {
		t.Errorf("the withdrawn tablet shows %q, and %d as withheld", got, withheld)
	}
	eventually(t, "it calls nobody", func() bool { return !a.x.Connected(h.share.member.Load().device) })
}

// forgedBy is a sealed piece of one entry, by a key for a team.
func forgedBy(t *testing.T, k *Kit, key []byte, team journal.TeamID, epoch chart.Epoch, encounter chart.ID, text string) journal.Piece {
	t.Helper()
	body, err := stationBody(k.clock, &chart.Note{Text: text}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	body.Encounter = encounter
	if encounter == (chart.ID{}) {
		body.Patient = chart.ID{8}
	}
	encoded, err := journal.EncodeBody(body)
	if err != nil {
		t.Fatal(err)
	}
	w, err := journal.NewWriter(key, team, journal.Chart, epoch, journal.Link{})
	if err != nil {
		t.Fatal(err)
	}
	start := w.Head()
	r, err := w.Append(encoded, 1)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := w.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return journal.Piece{Head: start, Records: []journal.Record{r}, Seal: seal}
}

func draftsOf(team journal.TeamID, bodies ...journal.Body) (out []store.Draft) {
	for _, b := range bodies {
		out = append(out, store.Draft{Team: team, Log: journal.Chart, Body: b})
	}
	return out
}

// carryTo brings one post's chart to another, as a parcel or another station would.
func carryTo(t *testing.T, from, to *post) {
	t.Helper()
	heads, err := from.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range heads {
		if head.Device != from.x.Self() || head.Log != journal.Chart {
			continue
		}
		if err := from.store.Pieces(t.Context(), head.Device, head.Log, head.Epoch, 0, func(p journal.Piece) error {
			if err := to.store.Accept(t.Context(), []journal.Piece{p}); err != nil {
				return err
			}
			to.x.Committed(p)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// That nothing more comes because the host brought too much is said, not left to be
// guessed.
func TestWhyNothingMoreComesOfASharedPatientIsSaid(t *testing.T) {
	for _, row := range []struct {
		story string
		err   error
		want  string
		gone  bool
	}{
		{"more than is taken", fmt.Errorf("store entries: %w", errGuestFull), "more entries than this station takes", false},
		{"a sharing taken back", fmt.Errorf("talk: %w", exchange.Told(exchange.Unknown)), exchange.Told(exchange.Unknown).Error(), true},
		{"a host that we refuse", exchange.WrongTeam, exchange.WrongTeam.Error(), false},
		{"a host that is closed", exchange.Told(exchange.Leaving), "", false},
		{"a line that broke", io.ErrUnexpectedEOF, "", false},
	} {
		got, gone := endWords(row.err)
		if gone != row.gone || !strings.Contains(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%s: %q, over %v", row.story, got, gone)
		}
	}
}
