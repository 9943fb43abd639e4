package kit

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"fieldkit/sync/identity"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// An ear is a live process that keeps what the recorder tells it.
type ear struct {
	mu   sync.Mutex
	told map[string][]chart.ID // by verb
}

func (e *ear) heard(verb string, encounter chart.ID) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range e.told[verb] {
		if id == encounter {
			n++
		}
	}
	return n
}

// listen gives the post a live process.
func (p *post) listen() *ear {
	p.t.Helper()
	here, there, err := packetPair()
	if err != nil {
		p.t.Fatal(err)
	}
	e := &ear{told: map[string][]chart.ID{}}
	recorder, err := Inherited{between: here}.Join(func(context.Context, string, []byte) ([]byte, error) { return nil, nil })
	if err != nil {
		p.t.Fatal(err)
	}
	outside, err := Inherited{between: there}.Join(func(_ context.Context, verb string, payload []byte) ([]byte, error) {
		var id chart.ID
		if err := json.Unmarshal(payload, &id); err != nil {
			p.t.Errorf("%s says %q", verb, payload)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.told[verb] = append(e.told[verb], id)
		return nil, nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.Kit.live.between = recorder
	ctx, stop := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	flows.Go(func() { p.Kit.live.hint(ctx) })
	flows.Go(func() { outside.Run(ctx) })
	p.t.Cleanup(func() {
		stop()
		flows.Wait()
		recorder.conn.Close()
		outside.conn.Close()
		here.Close()
		there.Close()
	})
	return e
}

// TestATileIsClearedOnceItsPatientIsBoundElsewhere has two patients in one vehicle, one
// of whom is sent to another hospital while both are shown: its tile must go, the
// other's must stay.
func TestATileIsClearedOnceItsPatientIsBoundElsewhere(t *testing.T) {
	for name, grant := range map[string]identity.Grant{"a guest": identity.GrantHanded, "a hospital that may read all": identity.GrantAll} {
		t.Run(name, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			as := aGuest
			as.Grant = grant
			h := newPost(t, "ST-MARY", a, as)
			g := newPost(t, "GENERAL", a, aGuest)
			e := h.listen()
			one, _ := a.opens("Okonkwo", "aspirin")
			two, patient := a.opens("Vandersloot", "ketamine")
			shown := func(id chart.ID) bool {
				_, err := h.Kit.live.mayShow(t.Context(), wave.Binding{Encounter: id, Station: a.x.Self()})
				return err == nil
			}
			a.bind(one, h)
			a.bind(two, h)
			meet(t, a, h)
			eventually(t, "both are shown", func() bool { return shown(one) && shown(two) && h.reach() == a.reach() })
			a.writes(two, patient, &chart.Note{Text: "vomited"})
			eventually(t, "the page is told that the record changed", func() bool { return e.heard("changed", two) > 0 })
			if n := e.heard("clear", one) + e.heard("clear", two); n > 0 {
				t.Fatalf("%d tiles were cleared of patients who come here", n)
			}
			// The record may be read for good after a handover; the numbers go all the same.
			a.writes(one, chart.ID{}, &chart.HandoverOffered{Format: "ATMIST", Station: h.x.Self(), Items: []chart.HandoverItem{{Key: "age", Text: "54"}}})
			a.bind(one, g)
			eventually(t, "the tile of who goes elsewhere is cleared", func() bool { return e.heard("clear", one) > 0 })
			if shown(one) {
				t.Error("who goes elsewhere is shown again")
			}
			if !shown(two) || e.heard("clear", two) > 0 {
				t.Error("the other patient's tile was cleared too")
			}
			a.bind(one, h)
			eventually(t, "who comes here after all is shown again", func() bool { return shown(one) })
		})
	}
}

// The recorder of a hospital starts again while a patient is on the page: until its
// store is open it knows nobody, and takes no tile away for that.
func TestARecorderThatDoesNotKnowItsTeamYetTakesNoTileAway(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	one, _ := a.opens("Okonkwo", "aspirin")
	a.bind(one, h)
	end := meet(t, a, h)
	shown := func() error {
		_, err := h.Kit.live.mayShow(t.Context(), wave.Binding{Encounter: one, Station: a.x.Self()})
		return err
	}
	eventually(t, "the patient is shown", func() bool { return shown() == nil })
	end()
	roster := h.Kit.share.roster.Swap(nil)
	if err := shown(); err == nil || isRefused(err) {
		t.Errorf("while it knows no roster it says %v", err)
	}
	h.Kit.share.roster.Store(roster)
	member := h.Kit.share.member.Swap(nil)
	if err := shown(); err == nil || isRefused(err) {
		t.Errorf("while its store is closed it says %v", err)
	}
	h.Kit.share.member.Store(member)
	if err := shown(); err != nil {
		t.Errorf("once it knows again it says %v", err)
	}
}
