package kit

import (
	"bytes"
	"slices"
	"testing"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// forges writes what no honest station does, without a word of what it had seen.
func (p *post) forges(encounter, patient chart.ID, c chart.Content) {
	p.t.Helper()
	body, err := stationBody(p.clock, c, nil, false)
	if err != nil {
		p.t.Fatal(err)
	}
	body.Encounter, body.Patient = encounter, patient
	m := p.share.member.Load()
	if _, err := p.store.Commit(p.t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Chart, Body: body}}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) may(of *post, encounter chart.ID) bool {
	p.t.Helper()
	may, err := p.share.mayRead(p.t.Context(), of.x.Self(), encounter)
	if err != nil {
		p.t.Fatal(err)
	}
	return may
}

// shows reports whether a peer may have an entry of p's own that has a word in it.
func (p *post) shows(to *post, word string) (found bool) {
	p.t.Helper()
	heads, err := p.store.Heads(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	view := p.share.viewOf(to.x.Self())
	for _, h := range heads {
		if h.Device != p.x.Self() || h.Log != journal.Chart {
			continue
		}
		err := p.store.Pieces(p.t.Context(), h.Device, h.Log, h.Epoch, 0, func(piece journal.Piece) error {
			for _, r := range view.Strip(piece).Records {
				found = found || bytes.Contains(r.Body, []byte(word))
			}
			return nil
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	return found
}

// settles waits until what a guest wrote was judged at a: what is handed over after
// it came.
func settles(t *testing.T, a *post, guests ...*post) {
	t.Helper()
	for _, h := range guests {
		eventually(t, "the ambulance holds what the guest wrote", func() bool { return a.reachOf(h) == h.reachOf(h) })
	}
	for _, h := range guests {
		id, _ := a.opens("Lindqvist", "adrenaline")
		a.bind(id, h)
		eventually(t, "what is handed over after that came", h.reads(id, "gave adrenaline"))
	}
}

func TestAGuestThatMovesAWideSpanOfEntriesToItselfGetsNoneOfAnotherEncounter(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	bait, _ := a.opens("Okonkwo", "aspirin")
	a.bind(bait, h)
	a.opens("Vandersloot", "ketamine")
	meet(t, a, h)
	eventually(t, "the hospital reads its own", h.reads(bait, "gave aspirin"))
	held, err := h.store.Encounter(t.Context(), bait)
	if err != nil {
		t.Fatal(err)
	}
	ref, own := held[0].Ref, newID()
	h.forges(own, chart.ID{}, &chart.EncounterOpened{Setting: "hospital"})
	h.forges(own, chart.ID{}, &chart.RangeReassigned{FromEncounter: bait, ToEncounter: own, Why: "mine", Entries: []chart.Span{{Device: ref.Device, Epoch: ref.Epoch, From: 1, To: 1000}}})
	settles(t, a, h)
	if a.shows(h, "ketamine") || a.shows(h, "Vandersloot") || h.heard.has("ketamine") || h.heard.has("Vandersloot") {
		t.Error("the hospital got an encounter that was never handed to it")
	}
}

func TestAGuestThatStrikesOutTheNewDestinationStaysOut(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	g := newPost(t, "GENERAL", a, aGuest)
	id, _ := a.opens("Okonkwo", "aspirin")
	a.bind(id, h)
	meet(t, a, h)
	eventually(t, "the first reads it", h.reads(id, "gave aspirin"))
	r := a.writes(id, chart.ID{}, &chart.EncounterBoundFor{Station: g.x.Self(), Name: "GENERAL"})
	eventually(t, "the first knows that it ended", func() bool { return !a.may(h, id) && h.reachOf(a) == a.reachOf(a) })
	h.forges(id, chart.ID{}, &chart.Retraction{Of: r.Ref, Why: "mine"})
	a.writes(id, chart.ID{}, &chart.Note{Text: "gave ketamine"})
	settles(t, a, h)
	if h.heard.has("ketamine") || a.shows(h, "ketamine") || a.may(h, id) || !a.may(g, id) {
		t.Error("the hospital let itself back in")
	}
	a.writes(id, chart.ID{}, &chart.Retraction{Of: r.Ref, Why: "sent there by mistake"})
	eventually(t, "the crew's own retraction counts", h.reads(id, "gave aspirin", "gave ketamine"))
}

func TestTwoGuestsThatNameEachOtherDoNotKeepEachOtherIn(t *testing.T) {
	for _, when := range []string{"after the crew went elsewhere", "before, and unseen by the crew"} {
		t.Run(when, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			h := newPost(t, "ST-MARY", a, aGuest)
			g := newPost(t, "GENERAL", a, aGuest)
			id, _ := a.opens("Okonkwo", "aspirin")
			a.bind(id, h)
			ends := []func(){meet(t, a, h), meet(t, a, g)}
			eventually(t, "the first reads it", h.reads(id, "gave aspirin"))
			h.bind(id, g) // it passes the patient on, which counts
			eventually(t, "the second reads it", g.reads(id, "gave aspirin"))
			for _, end := range ends {
				end()
			}
			name := func() {
				h.forges(id, chart.ID{}, &chart.EncounterBoundFor{Station: g.x.Self(), Name: "the other"})
				g.forges(id, chart.ID{}, &chart.EncounterBoundFor{Station: h.x.Self(), Name: "the other"})
				h.forges(id, chart.ID{}, &chart.EncounterMoved{Station: g.x.Self(), Place: "the other"})
				g.forges(id, chart.ID{}, &chart.EncounterMoved{Station: h.x.Self(), Place: "the other"})
			}
			if when != "after the crew went elsewhere" {
				name()
			}
			a.writes(id, chart.ID{}, &chart.EncounterBoundFor{Name: "COUNTY"})
			a.writes(id, chart.ID{}, &chart.Note{Text: "gave ketamine"})
			meet(t, a, h)
			meet(t, a, g)
			eventually(t, "they hold that it ended", func() bool { return h.reachOf(a) == a.reachOf(a) && g.reachOf(a) == a.reachOf(a) })
			if when == "after the crew went elsewhere" {
				name()
			}
			settles(t, a, h, g)
			for _, p := range []*post{h, g} {
				if p.heard.has("ketamine") || a.shows(p, "ketamine") || a.may(p, id) {
					t.Error("a hospital got what came after the patient went elsewhere")
				}
				if !p.heard.has("COUNTY") {
					t.Error("a hospital was not told that the patient went elsewhere")
				}
			}
		})
	}
}

func TestAGuestThatNamesAPatientReadsNothingThatIsSaidOfThePatientAlone(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	id, patient := a.opens("Okonkwo", "aspirin")
	a.writes(chart.ID{}, patient, &chart.AllergyAdded{Item: chart.Named{Name: "peanut"}})
	meet(t, a, h)
	own := newID()
	h.forges(own, chart.ID{}, &chart.EncounterOpened{Setting: "hospital"})
	h.forges(own, patient, &chart.Note{Text: "a patient's id"})
	h.forges(own, patient, &chart.PatientRegistered{})
	h.forges(own, id, &chart.PatientRegistered{}) // an encounter's
	h.forges(patient, chart.ID{}, &chart.EncounterOpened{Setting: "hospital"})
	settles(t, a, h)
	if a.shows(h, "peanut") || a.shows(h, "aspirin") || h.heard.has("peanut") || h.heard.has("aspirin") || h.heard.has("Okonkwo") {
		t.Error("the hospital got what was said of a patient whose id it knew")
	}
	a.bind(id, h)
	eventually(t, "handed over, it has the allergies too", func() bool { return h.reads(id, "gave aspirin")() && h.heard.has("peanut") })
}

func TestAPatientGoesWithTheEncounterOfTheSiteThatRegisteredIt(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	s := newPost(t, "SOUTH-1", a, identity.Member{Kind: identity.Ambulance, Site: "south", Grant: identity.GrantSite})
	h := newPost(t, "ST-MARY", a, aGuest)
	meet(t, a, s)
	eventually(t, "the south holds the roster", func() bool { return len(members(s)) == 3 })
	id, patient := s.opens("Okonkwo", "aspirin")
	a.writes(chart.ID{}, patient, &chart.AllergyAdded{Item: chart.Named{Name: "peanut"}})
	s.bind(id, h)
	meet(t, a, h)
	eventually(t, "the hospital has the allergies", func() bool { return h.reads(id, "gave aspirin")() && h.heard.has("peanut") })
}

func TestAViewThatCannotBeMadeAnewShowsNothing(t *testing.T) {
	for what, fails := range map[string]func(*view, chart.ID) error{
		"made":    func(v *view, _ chart.ID) error { v.forget(); return v.make(t.Context()) },
		"weighed": func(v *view, id chart.ID) error { _, err := v.weigh(t.Context(), id); return err },
	} {
		t.Run(what, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			h := newPost(t, "ST-MARY", a, aGuest)
			id, _ := a.opens("Okonkwo", "aspirin")
			a.bind(id, h)
			v := &view{share: a.share, peer: h.x.Self()}
			if err := v.make(t.Context()); err != nil {
				t.Fatal(err)
			}
			heads, err := a.store.Heads(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			head := heads[slices.IndexFunc(heads, func(h journal.Head) bool { return h.Log == journal.Chart })]
			place := exchange.Place{Device: head.Device, Log: head.Log, Epoch: head.Epoch}
			var pieces []journal.Piece
			if err := a.store.Pieces(t.Context(), head.Device, head.Log, head.Epoch, 0, func(p journal.Piece) error {
				pieces = append(pieces, p)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			bodies := func() (n int) {
				for _, p := range pieces {
					for _, r := range v.Strip(p).Records {
						if r.Absent == chart.Present {
							n++
						}
					}
				}
				return n
			}
			if bodies() != 4 || !v.Sees(place) {
				t.Fatalf("the view shows %d bodies of the encounter, want 4", bodies())
			}
			root, err := a.store.Root()
			if err != nil {
				t.Fatal(err)
			}
			if err := a.store.Lock(); err != nil {
				t.Fatal(err)
			}
			if err := fails(v, id); err == nil {
				t.Fatal("a view was made of a locked store")
			}
			if n := bodies(); n != 0 || v.Sees(place) || v.All() {
				t.Errorf("a view that could not be made shows %d bodies", n)
			}
			if err := a.store.UnlockRoot(t.Context(), root); err != nil {
				t.Fatal(err)
			}
			if err := v.make(t.Context()); err != nil || bodies() != 4 {
				t.Errorf("made anew, it shows %d bodies, want 4 (%v)", bodies(), err)
			}
		})
	}
}

func TestAKnownNarrowDeviceThatAnswersAnInvitationStaysNarrow(t *testing.T) {
	admin, token, _ := founded(t)
	_, _, made := newcomer(t, admin, token, "ST-MARY")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Key: made.Device, Kind: "hospital", Site: "north", CallSign: "ST-MARY", Grant: "handed"}); err != nil {
		t.Fatal(err)
	}
	in, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}) // which wishes to be a clinic
	if err != nil || in.Grant != "handed" || in.Kind != "hospital" || in.Site != "north" {
		t.Errorf("it is now a %s of site %q that is granted %s (%v)", in.Kind, in.Site, in.Grant, err)
	}
	in, err = admin.Approve(t.Context(), token, api.Approval{Key: made.Device, Grant: "all"})
	if err != nil || in.Grant != "all" || in.Kind != "hospital" {
		t.Errorf("an admin says otherwise, and it is a %s that is granted %s (%v)", in.Kind, in.Grant, err)
	}
}
