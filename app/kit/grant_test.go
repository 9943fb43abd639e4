package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// A post is a station of a team with its record on a real disk and its exchange,
// without ports and without a mesh.
type post struct {
	*Kit
	t     testing.TB
	token api.Token
	x     *exchange.Exchange
	heard *spy
	end   func() // of the sharing
}

// A spy keeps every byte of entries that others sent.
type spy struct {
	exchange.Ledger
	mu  sync.Mutex
	all bytes.Buffer
}

func (s *spy) Accept(ctx context.Context, pieces []journal.Piece) error {
	s.mu.Lock()
	for _, p := range pieces {
		for _, r := range p.Records {
			s.all.Write(r.Envelope)
			s.all.Write(r.Body)
		}
	}
	s.mu.Unlock()
	return s.Ledger.Accept(ctx, pieces)
}

func (s *spy) has(word string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.all.Bytes(), []byte(word))
}

// newPost makes a station and lets it share. Without an inviter it begins the team.
func newPost(t testing.TB, callSign string, by *post, as identity.Member) *post {
	t.Helper()
	dir := filepath.Join(t.TempDir(), callSign)
	n := New{Nameplate: Nameplate{Kind: as.Kind.String(), CallSign: callSign, Site: as.Site}, Passphrase: words}
	if by != nil {
		invitation, err := by.Invite(t.Context(), by.token)
		if err != nil {
			t.Fatal(err)
		}
		n.Invitation = invitation.Text
	}
	made, err := Init(t.Context(), dir, n)
	if err != nil {
		t.Fatal(err)
	}
	if by != nil {
		as.CallSign = callSign
		if as.Key, err = identity.ParseKey(made.Device); err != nil {
			t.Fatal(err)
		}
		if _, err := by.Approve(t.Context(), by.token, approvalOf(as)); err != nil {
			t.Fatal(err)
		}
	}
	k, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p := &post{Kit: k, t: t}
	if p.token, err = k.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	p.shares()
	return p
}

// approvalOf is what an admin says to have a member so on the roster.
func approvalOf(m identity.Member) api.Approval {
	return api.Approval{Key: m.Key.String(), Kind: m.Kind.String(), Site: m.Site, CallSign: m.CallSign, Grant: m.Grant.String(), Admin: m.Admin}
}

// shares begins the exchange over the post's record.
func (p *post) shares() {
	p.t.Helper()
	if p.end != nil {
		p.end()
	}
	m := p.share.member.Load()
	config := p.share.config(m)
	p.heard = &spy{Ledger: config.Ledger}
	config.Ledger = p.heard
	x, err := exchange.New(p.t.Context(), config)
	if err != nil {
		p.t.Fatal(err)
	}
	p.x = x
	p.share.set(x, nil, "")
	unwatch := p.store.Watch(func(c store.Change) { p.share.changed(x, c) })
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	flows.Go(func() { p.share.refolds(ctx, m) })
	flows.Go(func() { p.share.weighs(ctx, x) })
	p.end = sync.OnceFunc(func() { unwatch(); stop(); flows.Wait() })
	p.t.Cleanup(p.end)
}

// meet keeps two posts in touch, as the mesh does, until the test or end ends it.
func meet(t testing.TB, a, b *post) (end func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	flows.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			flows.Go(func() { b.x.Answer(ctx, conn) })
		}
	})
	flows.Go(func() {
		for ctx.Err() == nil {
			if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
				a.x.Call(ctx, conn, b.x.Self())
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	end = sync.OnceFunc(func() { stop(); l.Close(); flows.Wait() })
	t.Cleanup(end)
	return end
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("three minutes went by before %s", what)
}

func (p *post) writes(encounter, patient chart.ID, content chart.Content) api.Recorded {
	p.t.Helper()
	b, err := json.Marshal(content)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := p.Record(p.t.Context(), p.token, api.Draft{Kind: content.Type().String(), Encounter: encounter, Patient: patient, Content: b})
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// opens begins an encounter of a patient with a name and a drug of its own.
func (p *post) opens(name, drug string) (encounter, patient chart.ID) {
	p.t.Helper()
	encounter = p.writes(chart.ID{}, chart.ID{}, &chart.EncounterOpened{Setting: "ambulance"}).Encounter
	patient = p.writes(encounter, chart.ID{}, &chart.PatientRegistered{Who: chart.Demographics{Family: name}}).Patient
	p.writes(encounter, patient, &chart.Note{Text: "gave " + drug})
	return encounter, patient
}

// streams records seconds of an encounter's stream.
func (p *post) streams(encounter chart.ID, seconds int) {
	p.t.Helper()
	m := p.share.member.Load()
	content, err := journal.EncodeContent(&chart.Second{Monitors: []string{"monitor"}})
	if err != nil {
		p.t.Fatal(err)
	}
	for range seconds {
		body, err := stationBody(p.clock, &chart.Note{Text: "second"}, nil, false)
		if err != nil {
			p.t.Fatal(err)
		}
		body.Encounter, body.Type, body.Content = encounter, chart.TypeSecond, content
		if _, err := p.store.Commit(p.t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Stream, Body: body}}); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *post) bind(encounter chart.ID, to *post) {
	p.t.Helper()
	p.writes(encounter, chart.ID{}, &chart.EncounterBoundFor{Station: to.x.Self(), Name: to.plate.CallSign})
}

// texts are the notes that can be read of an encounter.
func (p *post) texts(encounter chart.ID) (out []string) {
	p.t.Helper()
	held, err := p.store.Encounter(p.t.Context(), encounter)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range p.read(held) {
		if n, ok := e.Content.(*chart.Note); ok {
			out = append(out, n.Text)
		}
	}
	return out
}

func (p *post) reads(encounter chart.ID, notes ...string) func() bool {
	return func() bool { return slices.Equal(p.texts(encounter), notes) }
}

// reach is how many entries are held, whether they can be read or not.
func (p *post) reach() (n uint64) { return p.reachOf(nil) }

// reachOf is that of one writer, nil for all.
func (p *post) reachOf(by *post) (n uint64) {
	heads, err := p.store.Heads(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, h := range heads {
		if h.Log == journal.Chart && (by == nil || by.x.Self() == h.Device) {
			n += h.Seq
		}
	}
	return n
}

var (
	anAdmin   = identity.Member{Kind: identity.Ambulance, Site: "north"}
	anyMember = identity.Member{Kind: identity.Clinic, Site: "tent", Grant: identity.GrantAll}
	aGuest    = identity.Member{Kind: identity.Hospital, Grant: identity.GrantHanded}
)

func TestAGuestHospitalReadsTheEncountersBoundForItAndNothingElse(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	h := newPost(t, "ST-MARY", a, aGuest)
	mine, patient := a.opens("Okonkwo", "aspirin")
	a.bind(mine, h)
	other, _ := a.opens("Vandersloot", "ketamine")
	meet(t, a, c)
	eventually(t, "the tent reads both", func() bool { return c.reads(mine, "gave aspirin")() && c.reads(other, "gave ketamine")() })
	a.streams(mine, 3)
	a.streams(other, 4)
	theirs, _ := c.opens("Quispe", "morphine") // in a log of which the hospital sees nothing
	meet(t, c, h)                              // another's entries, passed on
	meet(t, a, h)
	eventually(t, "the hospital reads its encounter", h.reads(mine, "gave aspirin"))
	a.writes(mine, patient, &chart.Note{Text: "worse"})
	a.writes(other, chart.ID{}, &chart.Note{Text: "gave fentanyl"})
	eventually(t, "and what follows", h.reads(mine, "gave aspirin", "worse"))
	eventually(t, "and holds the whole chain of that log", func() bool { return h.reach() == 9 })
	entries, err := h.entries(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(mine)
	fold.Add(entries...)
	if ch := fold.Chart(); !ch.Complete() || ch.Row().Who.Family != "Okonkwo" {
		t.Errorf("the hospital's chart of its encounter has the doubts %v and is of %q", ch.Doubts(), ch.Row().Who.Family)
	}

	// By asking.
	for _, from := range []*post{a, c} {
		heads, err := from.store.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, head := range heads {
			h.x.Fetch(t.Context(), from.x.Self(), exchange.Range{Device: head.Device, Log: head.Log, Epoch: head.Epoch, Upto: head.Seq})
		}
	}
	if card, err := h.store.Card(t.Context(), mine); err != nil || card.Seconds != 3 {
		t.Errorf("the hospital asked for the stream and has %d seconds of its patient, want 3 (%v)", card.Seconds, err)
	}
	for _, word := range []string{"Vandersloot", "ketamine", "fentanyl", "Quispe", "morphine"} {
		if h.heard.has(word) {
			t.Errorf("%q of another encounter was sent to the hospital", word)
		}
	}
	for _, id := range []chart.ID{other, theirs} {
		if h.heard.has(string(id[:])) {
			t.Error("the id of another encounter was sent to the hospital")
		}
	}
	heads, err := h.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range heads {
		if head.Log == journal.Chart && head.Device == c.x.Self() {
			t.Error("the hospital knows of a log that holds nothing of its encounters")
		}
	}
}

func TestABodyWithheldFromAGuestArrivesAfterTheHandover(t *testing.T) {
	for _, touch := range []string{"in touch", "apart, and neither started anew", "apart, and both started anew"} {
		t.Run(touch, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			h := newPost(t, "ST-MARY", a, aGuest)
			first, _ := a.opens("Okonkwo", "aspirin")
			a.bind(first, h)
			second, patient := a.opens("Vandersloot", "ketamine")
			third, _ := a.opens("Quispe", "morphine")
			fourth, patient4 := a.opens("Lindqvist", "adrenaline")
			end := meet(t, a, h)
			eventually(t, "the hospital holds the log", func() bool { return h.reach() == 13 && h.reads(first, "gave aspirin")() })
			if len(h.texts(second)) > 0 {
				t.Fatal("the second encounter is read before the handover")
			}
			if touch != "in touch" {
				end()
			}
			offer := &chart.HandoverOffered{Format: "ATMIST", Station: h.x.Self(), Items: []chart.HandoverItem{{Key: "age", Text: "54"}}}
			a.writes(second, patient, offer)
			switch touch {
			case "apart, and neither started anew":
				meet(t, a, h)
			case "apart, and both started anew":
				a.shares()
				h.shares()
				meet(t, h, a)
			}
			eventually(t, "the hospital reads the second too", h.reads(second, "gave ketamine"))
			entries, err := h.entries(t.Context(), second)
			fold := chart.NewFold(second)
			fold.Add(entries...)
			if ch := fold.Chart(); err != nil || !ch.Complete() || ch.Row().Who.Family != "Vandersloot" || len(ch.Handovers()) != 1 {
				t.Errorf("the chart handed over has the doubts %v (%v)", ch.Doubts(), err)
			}
			a.writes(fourth, patient4, offer)
			eventually(t, "and the fourth, while nothing else is under way", h.reads(fourth, "gave adrenaline"))
			if len(h.texts(third)) > 0 || h.heard.has("Quispe") || h.heard.has("morphine") {
				t.Error("the third came too")
			}
		})
	}
}

// The crew is sent to another hospital on the way: the first learns that, and no more.
func TestAPatientBoundElsewhereIsNoLongerTheFirstHospitals(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	g := newPost(t, "GENERAL", a, aGuest)
	id, patient := a.opens("Okonkwo", "aspirin")
	a.bind(id, h)
	end := meet(t, a, h)
	meet(t, a, g)
	eventually(t, "St Mary reads it", h.reads(id, "gave aspirin"))
	end() // out of reach when the crew is sent elsewhere
	a.bind(id, g)
	a.writes(id, patient, &chart.Note{Text: "gave ketamine"})
	eventually(t, "the General reads all of it", g.reads(id, "gave aspirin", "gave ketamine"))
	meet(t, a, h)
	destination := func(p *post) string {
		card, err := p.store.Card(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if f := p.summary(t.Context(), card).Course().Destination.First(); f != nil {
			return f.Content.(*chart.EncounterBoundFor).Name
		}
		return ""
	}
	eventually(t, "St Mary learns where the patient went", func() bool { return destination(h) == "GENERAL" && h.reach() == a.reach() })
	if h.heard.has("ketamine") {
		t.Error("St Mary got what came after")
	}
	a.bind(id, h) // and back
	eventually(t, "St Mary reads all of it again", h.reads(id, "gave aspirin", "gave ketamine"))
}

func TestNobodyLetsItselfIn(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	g := newPost(t, "GENERAL", a, aGuest)
	bait, _ := a.opens("Okonkwo", "aspirin")
	a.bind(bait, h)
	id, patient := a.opens("Vandersloot", "ketamine")
	meet(t, a, h)
	meet(t, a, g)
	eventually(t, "the hospital reads its encounter", h.reads(bait, "gave aspirin"))
	held, err := a.store.Encounter(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	ref := held[0].Ref
	claims := func(p *post, c chart.Content) {
		body, err := stationBody(p.clock, c, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Encounter, body.Patient = id, patient
		if c.Type() == chart.TypeRangeReassigned {
			body.Encounter = bait
		}
		m := p.share.member.Load()
		if _, err := p.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Chart, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	claims(g, &chart.EncounterBoundFor{Station: h.x.Self(), Name: "the other"}) // two who may not read it let each other in
	for _, c := range []chart.Content{
		&chart.EncounterOpened{Setting: "hospital"},
		&chart.EncounterBoundFor{Station: h.x.Self(), Name: "here"},
		&chart.EncounterBoundFor{Station: g.x.Self(), Name: "the other"},
		&chart.EncounterMoved{Station: h.x.Self(), Place: "here"},
		&chart.RangeReassigned{FromEncounter: id, ToEncounter: bait, Why: "mine", Entries: []chart.Span{{Device: ref.Device, Epoch: ref.Epoch, From: 1, To: 100}}},
	} {
		claims(h, c)
	}
	held0 := h.reach()
	eventually(t, "the ambulance holds what the hospitals claim", func() bool { return a.reach() == held0+1 })
	for _, p := range []*post{h, g} { // what was claimed before is weighed before
		id, _ := a.opens("Lindqvist", "adrenaline")
		eventually(t, "the log is held", func() bool { return p == g || p.reachOf(a) == a.reachOf(a) })
		a.bind(id, p)
		eventually(t, "what is handed over after that came", p.reads(id, "gave adrenaline"))
	}
	for _, p := range []*post{h, g} {
		if p.heard.has("ketamine") || p.heard.has("Vandersloot") {
			t.Error("a hospital that says that an encounter is bound for it got it")
		}
		if may, err := a.share.mayRead(t.Context(), p.x.Self(), id); err != nil || may {
			t.Errorf("the ambulance would let it in (%v)", err)
		}
	}
}

func TestASiteReadsTheEncountersItsDevicesOpened(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	north := newPost(t, "NORTH-2", a, identity.Member{Kind: identity.Ambulance, Site: "north", Grant: identity.GrantSite})
	south := newPost(t, "SOUTH-1", a, identity.Member{Kind: identity.Ambulance, Site: "south", Grant: identity.GrantSite})
	meet(t, a, north)
	meet(t, a, south)
	eventually(t, "all hold the roster", func() bool {
		return len(members(north)) == 3 && len(members(south)) == 3
	})
	one, patient := a.opens("Okonkwo", "aspirin")
	two, _ := south.opens("Vandersloot", "ketamine")
	south.writes(two, chart.ID{}, &chart.Note{Text: "worse"})
	eventually(t, "the admin's reads both", func() bool {
		return a.reads(one, "gave aspirin")() && a.reads(two, "gave ketamine", "worse")()
	})
	eventually(t, "the north's other reads what the north opened", north.reads(one, "gave aspirin"))
	for _, p := range []*post{north, south} {
		eventually(t, "each holds every envelope", func() bool { return p.reach() == 7 })
	}
	if north.heard.has("ketamine") || south.heard.has("aspirin") {
		t.Error("a site got what another opened")
	}
	// The south's writes into the north's encounter, which was handed to it.
	a.bind(one, south)
	eventually(t, "the south reads what was handed to it", south.reads(one, "gave aspirin"))
	south.writes(one, patient, &chart.Note{Text: "arrived"})
	eventually(t, "the north reads what the south wrote into it", north.reads(one, "gave aspirin", "arrived"))
	if north.heard.has("ketamine") {
		t.Error("and more than that")
	}
}

func members(p *post) []identity.MemberState {
	if r := p.share.roster.Load(); r != nil {
		return r.Members()
	}
	return nil
}

func TestAGrantChangedOnTheRosterTakesEffectInAStandingContact(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	mine, _ := a.opens("Okonkwo", "aspirin")
	a.bind(mine, h)
	other, _ := a.opens("Vandersloot", "ketamine")
	a.writes(other, chart.ID{}, &chart.Note{Text: "worse"})
	meet(t, a, h)
	eventually(t, "the guest reads its own", func() bool { return h.reads(mine, "gave aspirin")() && h.reach() == 8 })
	change := func(g identity.Grant) {
		m, _ := a.share.roster.Load().Member(h.x.Self())
		m.Grant = g
		if _, err := a.Approve(t.Context(), a.token, approvalOf(m.Member)); err != nil {
			t.Fatal(err)
		}
	}
	change(identity.GrantAll)
	eventually(t, "granted all, it reads all", h.reads(other, "gave ketamine", "worse"))
	change(identity.GrantHanded)
	eventually(t, "both know that it is a guest again", func() bool {
		for _, p := range []*post{a, h} {
			if m, ok := p.share.roster.Load().Member(h.x.Self()); !ok || m.Grant != identity.GrantHanded {
				return false
			}
		}
		return a.share.narrow(h.x.Self())
	})
	a.writes(other, chart.ID{}, &chart.Note{Text: "gave fentanyl"})
	a.writes(mine, chart.ID{}, &chart.Note{Text: "better"})
	eventually(t, "its own goes on", h.reads(mine, "gave aspirin", "better"))
	if h.heard.has("fentanyl") {
		t.Error("what was recorded after the grant was narrowed came all the same")
	}
}

// narrow reports whether a view stands between the record and a peer.
func (s *share) narrow(d chart.Device) bool {
	s.mu.Lock()
	v := s.views[d]
	s.mu.Unlock()
	if v == nil {
		return false
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.member.Grant == identity.GrantHanded && v.roster == s.roster.Load()
}

func TestLiveFramesAreShownAtAHospitalThatMayReadTheEncounter(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	mine, _ := a.opens("Okonkwo", "aspirin")
	other, _ := a.opens("Vandersloot", "ketamine")
	shown := func(id chart.ID) bool {
		_, err := h.Kit.live.mayShow(t.Context(), wave.Binding{Encounter: id, Station: a.x.Self()})
		return err == nil
	}
	meet(t, a, h)
	eventually(t, "the hospital holds the roster", func() bool { return len(members(h)) == 2 })
	if shown(mine) || shown(other) {
		t.Error("frames are shown of an encounter that is not bound for the hospital")
	}
	a.bind(mine, h)
	eventually(t, "frames are shown once the encounter is bound for it", func() bool { return shown(mine) })
	if shown(other) {
		t.Error("frames of another encounter are shown")
	}
}

func TestAWithheldEntryThatOthersHadSeenIsNamedInTheChart(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "ST-MARY", a, aGuest) // to which nothing is handed yet
	id, patient := a.opens("Okonkwo", "aspirin")
	heads, err := a.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// From a station that might not read the last of it.
	team := meetOnce(t, a, c)
	team()
	for _, head := range heads {
		if head.Log != journal.Chart {
			continue
		}
		err := a.store.Pieces(t.Context(), head.Device, head.Log, head.Epoch, 0, func(p journal.Piece) error {
			p.Records = slices.Clone(p.Records)
			last := &p.Records[len(p.Records)-1]
			*last = journal.Record{Envelope: last.Envelope, Absent: chart.Withheld}
			return c.store.Accept(t.Context(), []journal.Piece{p})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	withheld := heads[slices.IndexFunc(heads, func(h journal.Head) bool { return h.Log == journal.Chart })]
	saw, err := sawOf(t.Context(), a.store, id, patient)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := c.entries(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	later := chart.Entry{Ref: chart.Ref{Device: chart.Device{9}, Epoch: chart.Epoch{9}, Seq: 1}, Encounter: id, Saw: saw, Content: &chart.Note{Text: "seen"}}
	absent, err := c.absent(t.Context(), append(entries, later))
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(id)
	fold.Add(append(append(entries, later), absent...)...)
	want := chart.Doubt{Why: chart.NotGranted, At: withheld.Ref(withheld.Seq)}
	if got := fold.Chart().Doubts(); !slices.Contains(got, want) {
		t.Errorf("the chart's doubts are %v, want %v among them", got, want)
	}
}

// meetOnce brings the team log across and parts.
func meetOnce(t testing.TB, a, b *post) (end func()) {
	end = meet(t, a, b)
	eventually(t, "the roster came", func() bool { return len(members(b)) == 2 })
	return end
}
