package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A helicopter is a station of another team with a store of its own, which is shown
// patients by stations that have it on no roster.
type helicopter struct {
	*Kit
	t     *testing.T
	token api.Token
	end   func() // of the calling
}

func newHelicopter(t *testing.T) *helicopter {
	t.Helper()
	h := &helicopter{t: t}
	h.Kit, h.token = service(t, "Sky Rescue", "HELI-7")
	return h
}

// flies calls whoever shares something, until the test or end ends it.
func (h *helicopter) flies() {
	h.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	m := h.share.member.Load()
	for _, g := range h.guests() {
		flows.Go(func() { g.run(ctx, m) })
	}
	h.end = sync.OnceFunc(func() { stop(); flows.Wait() })
	h.t.Cleanup(h.end)
}

// restarts closes the store and opens it again.
func (h *helicopter) restarts() {
	h.t.Helper()
	dir := h.settings.Dir
	h.end()
	h.Close()
	h.Kit, h.token = opened_(h.t, dir)
	h.flies()
}

func (h *helicopter) key() string { return identity.PublicOf(h.share.member.Load().key).String() }

func (h *helicopter) reads(encounter chart.ID, text string) func() bool {
	return func() bool {
		got, _ := notes(h.t, h.Kit, h.token, encounter)
		return slices.Contains(got, text)
	}
}

func (h *helicopter) row(encounter chart.ID) (api.VisitRow, *chart.Lent) {
	h.t.Helper()
	v, err := h.visitRow(encounter)
	if err != nil {
		h.t.Fatal(err)
	}
	rows, err := h.Encounters(h.t.Context(), h.token)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Encounter == encounter {
			return v, r.Lent
		}
	}
	return v, nil
}

// listens answers calls at a post until the test or end ends it.
func (p *post) listens() (at string, end func()) {
	p.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	flows.Go(func() { p.x.Serve(ctx, l) })
	end = sync.OnceFunc(func() { stop(); flows.Wait() })
	p.t.Cleanup(end)
	return l.Addr().String(), end
}

// shows shares an encounter with a helicopter that takes the ticket.
func (p *post) showsTo(h *helicopter, encounter chart.ID, at string, long time.Duration) api.Ticket {
	p.t.Helper()
	ticket, err := p.ShareEncounter(p.t.Context(), p.token, api.Sharing{Encounter: encounter, Key: h.key(), Name: "Helicopter 7", Until: p.share.now().Add(long), Addresses: []string{at}})
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := h.Visit(p.t.Context(), h.token, api.Visiting{Ticket: ticket.Text})
	if err != nil {
		p.t.Fatal(err)
	}
	if v.Words != ticket.Words || len(strings.Fields(v.Words)) != 6 {
		p.t.Fatalf("the screens show %q and %q", ticket.Words, v.Words)
	}
	return ticket
}

// record is what can be read of an encounter's own entries, and the row they make.
func (k *Kit) recordOf(t *testing.T, token api.Token, encounter chart.ID) string {
	t.Helper()
	entries, err := k.Entries(t.Context(), token, encounter)
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(encounter)
	var lines []string
	for _, e := range entries {
		if e.Encounter != encounter {
			continue
		}
		fold.Add(e)
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	slices.Sort(lines)
	row, err := json.Marshal(fold.Chart().Row())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(lines, string(row)), "\n")
}

// everyBody is every word that a station's store holds of a team, opened.
func everyBody(t *testing.T, k *Kit, team journal.TeamID) (words []byte, entries int) {
	t.Helper()
	heads, err := k.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if h.Team != team {
			continue
		}
		if h.Log == journal.Team || h.Log == journal.Audit {
			t.Error("the visitor holds envelopes of the other team's team or audit log")
		}
		if err := k.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			for _, r := range p.Records {
				words = append(append(words, r.Envelope...), r.Body...)
				entries++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return words, entries
}

func TestAVisitorReadsTheOnePatientLiveAndHoldsNothingElseOfTheTeam(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	silent := newPost(t, "SILENT-9", a, anyMember)
	meet(t, a, c)
	if err := a.PutPerson(t.Context(), a.token, api.Person{ID: "fa", Name: "Folasade Adeyemi", Role: "clinician"}); err != nil {
		t.Fatal(err)
	}
	mine, _ := a.opens("Okonkwo", "aspirin")
	other, _ := a.opens("Vandersloot", "ketamine")
	theirs, _ := c.opens("Quispe", "morphine")
	eventually(t, "the ambulance reads the tent's", a.reads(theirs, "gave morphine"))
	eventually(t, "the tent reads the ambulance's", c.reads(mine, "gave aspirin"))

	h := newHelicopter(t)
	own := patient(t, h.Kit, h.token, "their own patient")
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	a.writes(mine, chart.ID{}, &chart.Note{Text: "worse"})
	eventually(t, "and what follows", h.reads(mine, "worse"))
	c.writes(mine, chart.ID{}, &chart.Note{Text: "the tent helps"})
	eventually(t, "and what another station of the team writes", h.reads(mine, "the tent helps"))
	if here, there := h.recordOf(t, h.token, mine), a.recordOf(t, a.token, mine); here != there {
		t.Errorf("the helicopter reads\n%s\nand the ambulance\n%s", here, there)
	}

	v, lent := h.row(mine)
	if lent == nil || lent.By != "AMB-1" || !lent.Live || lent.Over || lent.Until == 0 || lent.Heard == 0 || lent.Team == "" || !v.Live {
		t.Errorf("the list says %+v, %+v", lent, v)
	}
	if _, lent := func() (api.VisitRow, *chart.Lent) {
		r, _ := h.visitRow(mine)
		return r, h.lent(h.share.member.Load().team, own)
	}(); lent != nil {
		t.Errorf("its own patient is said to be another's: %+v", lent)
	}
	words, entries := everyBody(t, h.Kit, a.share.member.Load().team)
	if !bytes.Contains(words, []byte("gave aspirin")) || entries == 0 {
		t.Fatal("this test looks at nothing")
	}
	for _, word := range []string{"Vandersloot", "ketamine", "Quispe", "morphine", "Adeyemi", string(other[:]), string(theirs[:]), string(silent.share.member.Load().device[:])} {
		if bytes.Contains(words, []byte(word)) {
			t.Errorf("%q came to the helicopter", word)
		}
	}
	for _, g := range h.guests() {
		for _, w := range g.writers {
			if w.CallSign == "SILENT-9" {
				t.Error("a station that wrote nothing of the patient is named")
			}
		}
	}
	// Nothing of the patient lies open on the disk.
	dir := h.settings.Dir
	h.end()
	h.Close()
	if found := holdsText(t, dir, mine[:], []byte("gave aspirin"), []byte("Vandersloot")); len(found) > 0 {
		t.Errorf("in the clear on the visitor's disk: %v", found)
	}
}

func TestAVisitorWritesNothingAndTellsItsOwnTeamNothing(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, theirs := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	own := patient(t, h.Kit, h.token, "their own patient")
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))

	bound, _ := json.Marshal(&chart.MonitorBound{Monitor: "Nonin 77"})
	merged, _ := json.Marshal(&chart.PatientsMerged{From: theirs, Into: chart.ID{9}})
	for what, d := range map[string]api.Draft{
		"a note":             {Kind: "note", Encounter: mine, Content: json.RawMessage(`{"text":"landed"}`)},
		"a monitor":          {Kind: "monitor-bound", Encounter: mine, Content: bound},
		"a close":            {Kind: "encounter-closed", Encounter: mine, Content: json.RawMessage(`{}`)},
		"an opening":         {Kind: "encounter-opened", Encounter: mine, Content: json.RawMessage(`{"setting":"ambulance"}`)},
		"a merge":            {Kind: "patients-merged", Encounter: own, Content: merged},
		"the patient's name": {Kind: "note", Encounter: own, Patient: theirs, Content: json.RawMessage(`{"text":"the same man"}`)},
	} {
		if _, err := h.Record(t.Context(), h.token, d); !isFault(err, api.CodeRefused) {
			t.Errorf("%s is recorded of another team's patient: %v", what, err)
		}
	}
	if _, err := h.Erase(t.Context(), h.token, mine, "asked for"); !isFault(err, api.CodeRefused) {
		t.Errorf("it is erased by this team's order: %v", err)
	}
	if _, err := h.ShareEncounter(t.Context(), h.token, api.Sharing{Encounter: mine, Key: newHelicopter(t).key()}); !isFault(err, api.CodeRefused) {
		t.Errorf("it is shared on: %v", err)
	}
	if err := h.live.mayRead(t.Context(), mine); err == nil {
		t.Error("the page shows it")
	}
	note(t, h.Kit, h.token, own, "and their own goes on")

	// Its own team's exchange knows nothing of it.
	heads, err := h.share.heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range heads {
		if head.Team == a.share.member.Load().team || head.Device == a.share.member.Load().device {
			t.Error("the helicopter's own team is told of the other's log")
		}
	}
	l := ledger{h.store, h.share}
	all, err := h.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	foreign := 0
	for _, head := range all {
		if head.Team == a.share.member.Load().team {
			foreign++
			if err := l.Pieces(t.Context(), head.Device, head.Log, head.Epoch, 0, func(journal.Piece) error { return errors.New("a piece") }); err != nil {
				t.Error("its own team's peers are given the other's entries")
			}
		}
	}
	if foreign == 0 {
		t.Fatal("this test tries nothing")
	}
	// And the host is sent no word by the visitor.
	if a.heard.all.Len() > 0 {
		t.Error("the host took something from the visitor")
	}
}

func TestTheEndOfASharingIsSeenAndWhatWasReadStays(t *testing.T) {
	for _, how := range []string{"taken back", "over", "ended at the visitor", "ended and removed"} {
		t.Run(how, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			mine, _ := a.opens("Okonkwo", "aspirin")
			h := newHelicopter(t)
			at, _ := a.listens()
			a.showsTo(h, mine, at, time.Hour)
			h.flies()
			eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
			key := identity.PublicOf(h.share.member.Load().key)
			switch how {
			case "taken back":
				if err := a.UnshareEncounter(t.Context(), a.token, api.Sharing{Encounter: mine, Key: h.key()}); err != nil {
					t.Fatal(err)
				}
			case "over":
				a.writes(mine, chart.ID{}, &chart.EncounterShared{Key: key[:], Name: "Helicopter 7", Until: chart.At(a.share.now().Add(2 * time.Second))})
				entries, err := a.Entries(t.Context(), a.token, mine)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					if s, ok := e.Content.(*chart.EncounterShared); ok && s.Until > chart.At(a.share.now().Add(time.Minute)) {
						a.writes(mine, chart.ID{}, &chart.Retraction{Of: e.Ref, Why: "shorter"})
					}
				}
			case "ended at the visitor", "ended and removed":
				if _, err := h.EndVisit(t.Context(), h.token, api.VisitEnd{Encounter: mine, Remove: how == "ended and removed"}); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the contact is over", func() bool { return !a.x.Connected(key.Device()) })
			if how == "ended and removed" {
				if _, err := h.visitRow(mine); err == nil {
					t.Error("it is listed still")
				}
				words, _ := everyBody(t, h.Kit, a.share.member.Load().team)
				if bytes.Contains(words, []byte("aspirin")) {
					t.Error("it is held still")
				}
				return
			}
			eventually(t, "the end is said", func() bool { v, lent := h.row(mine); return v.Over != "" && lent != nil && lent.Over && !lent.Live })
			a.writes(mine, chart.ID{}, &chart.Note{Text: "in theatre"})
			h.restarts()
			v, lent := h.row(mine)
			if v.Over == "" || lent == nil || !lent.Over || lent.Heard == 0 {
				t.Errorf("after a restart it stands so: %+v, %+v", v, lent)
			}
			if !h.reads(mine, "gave aspirin")() || h.reads(mine, "in theatre")() {
				t.Error("what was read is gone, or more came")
			}
			// Shared anew, it goes on where it was.
			a.showsTo(h, mine, at, time.Hour)
			eventually(t, "it reads on", h.reads(mine, "in theatre"))
		})
	}
}

func TestAnEraseOrderReachesTheVisitorAndSoDoesItsEnd(t *testing.T) {
	for _, away := range []bool{false, true} {
		t.Run(map[bool]string{false: "in contact", true: "away meanwhile"}[away], func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			mine, _ := a.opens("Okonkwo", "aspirin")
			h := newHelicopter(t)
			at, _ := a.listens()
			a.showsTo(h, mine, at, time.Hour)
			h.flies()
			eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
			if away {
				h.end()
			}
			if _, err := a.Erase(t.Context(), a.token, mine, "asked for"); err != nil {
				t.Fatal(err)
			}
			if away {
				h.restarts()
			}
			eventually(t, "it is erased there too", func() bool { v, _ := h.visitRow(mine); return strings.Contains(v.Over, "erased") })
			if got, _ := notes(t, h.Kit, h.token, mine); len(got) > 0 {
				t.Errorf("the helicopter still shows %q", got)
			}
			waiting, err := a.Erasures(t.Context(), a.token)
			if err != nil || len(waiting) != 1 {
				t.Fatal(waiting, err)
			}
			if err := a.Accept(t.Context(), a.token, api.Acceptance{Erase: &waiting[0].Ref, Why: "not that one"}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the ambulance shows it again", a.reads(mine, "gave aspirin"))
			h.restarts() // it calls at once
			eventually(t, "and so does the helicopter", h.reads(mine, "gave aspirin"))
		})
	}
}

func TestAnErasureThatWasCarriedOutReachesAVisitorThatWasAwayAllTheWhile(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, _ := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	at, _ := a.listens()
	a.showsTo(h, mine, at, 6*24*time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	h.end()
	if _, err := a.Erase(t.Context(), a.token, mine, "asked for"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the erasure is known", func() bool {
		said := a.share.strangers.shown(h.share.member.Load().device, a.share.now())
		return len(said) == 1 && said[0].Erased
	})
	if n, err := a.store.CarryOut(t.Context(), time.Now().Add(73*time.Hour)); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if err := a.share.fold(t.Context(), a.share.member.Load().team); err != nil {
		t.Fatal(err)
	}
	h.restarts()
	eventually(t, "it is erased there too", func() bool { v, _ := h.visitRow(mine); return strings.Contains(v.Over, "erased") })
	if got, _ := notes(t, h.Kit, h.token, mine); len(got) > 0 {
		t.Errorf("the helicopter still shows %q", got)
	}
	if _, err := h.store.CarryOut(t.Context(), time.Now().Add(73*time.Hour)); err != nil {
		t.Fatal(err)
	}
	words, _ := everyBody(t, h.Kit, a.share.member.Load().team)
	if bytes.Contains(words, []byte("aspirin")) {
		t.Error("it is held there still")
	}
}

// What a station was told is its own record, and goes when its own team's table says.
func TestWhatWasReadGoesByTheReadersOwnTableAndKeepsNobodyElsesRecord(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	mine, theirs := a.opens("Okonkwo", "aspirin")
	h := newHelicopter(t)
	at, _ := a.listens()
	a.showsTo(h, mine, at, time.Hour)
	h.flies()
	eventually(t, "the helicopter reads the patient", h.reads(mine, "gave aspirin"))
	h.end()
	// Its own patient of the same id, whom the other team cannot have meant.
	own := opensFor(t, h.Kit, h.token, theirs)
	find := func() (lent, kept tenure) {
		t.Helper()
		all, err := h.tenures(t.Context(), h.share.roster.Load())
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range all {
			switch {
			case slices.Equal(of.subjects, []chart.ID{mine}):
				lent = of
			case slices.Contains(of.subjects, own):
				kept = of
			}
			if slices.Contains(of.subjects, own) && slices.Contains(of.subjects, mine) {
				t.Error("another team's patient's record is kept or removed with this station's own")
			}
		}
		return lent, kept
	}
	if lent, kept := find(); lent.held == "" || kept.held != "" {
		t.Errorf("while it is shared: %+v, and its own %+v", lent, kept)
	}
	if _, err := h.EndVisit(t.Context(), h.token, api.VisitEnd{Encounter: mine}); err != nil {
		t.Fatal(err)
	}
	lent, _ := find()
	if lent.held != "" || lent.foreign {
		t.Errorf("when it is over: %+v", lent)
	}
	if _, err := h.SetRetention(t.Context(), h.token, api.RetentionSet{Rows: []api.RetentionRow{{Of: "adult", Years: 2}, {Of: "minor", Years: 2}}, Why: "law"}); err != nil {
		t.Fatal(err)
	}
	if n, err := h.retain(t.Context(), h.share.roster.Load(), time.Now().AddDate(1, 11, 0)); err != nil || n > 0 {
		t.Errorf("before two years %d bodies went, %v", n, err)
	}
	if n, err := h.retain(t.Context(), h.share.roster.Load(), time.Now().AddDate(2, 1, 0)); err != nil || n == 0 {
		t.Errorf("after two years %d bodies went, %v", n, err)
	}
	words, _ := everyBody(t, h.Kit, a.share.member.Load().team)
	if bytes.Contains(words, []byte("aspirin")) {
		t.Error("what was read is held for ever")
	}
}

// opensFor is a closed encounter of a patient of that id, of the station's own team.
func opensFor(t *testing.T, k *Kit, token api.Token, patient chart.ID) chart.ID {
	t.Helper()
	self := k.share.member.Load()
	id := newID()
	var bodies []journal.Body
	for _, c := range []chart.Content{&chart.EncounterOpened{Setting: "helicopter"}, &chart.PatientRegistered{Who: chart.Demographics{Family: "Sund"}}, &chart.EncounterClosed{Outcome: "handed over"}} {
		b, err := stationBody(k.clock, c, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		b.Encounter, b.Patient = id, patient
		bodies = append(bodies, b)
	}
	if _, err := k.store.Commit(t.Context(), self.signer, draftsOf(self.team, bodies...)); err != nil {
		t.Fatal(err)
	}
	return id
}
