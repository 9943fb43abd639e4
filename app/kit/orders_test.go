package kit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// command writes an entry of the team log, as another admin's would come.
func command(t *testing.T, k *Kit, content chart.Content) chart.Ref {
	t.Helper()
	m, err := k.member()
	if err != nil {
		t.Fatal(err)
	}
	saw, err := k.share.teamSaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body, err := stationBody(k.clock, content, saw, false)
	if err != nil {
		t.Fatal(err)
	}
	refs, err := k.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Team, Body: body}})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.share.fold(t.Context(), m.team); err != nil {
		t.Fatal(err)
	}
	return refs[0]
}

// readable is how many of an encounter's entries can be read.
func readable(t *testing.T, k *Kit, encounter chart.ID) (n int) {
	t.Helper()
	entries, err := k.entries(t.Context(), encounter)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Encounter == encounter && e.Content != nil {
			n++
		}
	}
	return n
}

func TestAnEraseThatAnAdminStopsIsTakenBackWhileThereIsTime(t *testing.T) {
	k, token := newKit(t)
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	span := chart.Span{Device: opened.Ref.Device, Epoch: opened.Ref.Epoch, From: opened.Ref.Seq, To: opened.Ref.Seq}
	order := command(t, k, &chart.Erase{Of: []chart.Span{span}, Why: "by mistake"})
	if n := readable(t, k, opened.Encounter); n != 0 {
		t.Fatalf("%d entries are readable after the order", n)
	}
	command(t, k, &chart.Accept{Erase: &order, Why: "it was a mistake"})
	if n := readable(t, k, opened.Encounter); n != 1 {
		t.Fatalf("%d entries are readable after the order was stopped, want 1", n)
	}
	if n, err := k.store.CarryOut(t.Context(), time.Now().Add(2*store.EraseAfter)); n != 0 || err != nil {
		t.Errorf("%d entries were dropped for good (%v)", n, err)
	}
	// A second order over the same entry stands, whatever became of the first.
	command(t, k, &chart.Erase{Of: []chart.Span{span}, Why: "asked for"})
	if n := readable(t, k, opened.Encounter); n != 0 {
		t.Errorf("%d entries are readable after the second order", n)
	}
}

func TestAnEncounterIsErasedOnlyWhereTheOrderCountsAndNothingMoreComes(t *testing.T) {
	k, token := newKit(t)
	stop := write(t, k)
	defer stop()
	k.record.Monitor(devices.PortInfo{Name: "/dev/ttyS1"}, ours)
	encounter := func() chart.ID {
		s := shift{t: t, k: k}
		got := s.hear(left)
		settled(t, k)
		return got
	}()
	if _, err := k.Erase(t.Context(), token, encounter, "asked for"); err == nil || !strings.Contains(err.Error(), "still records") {
		t.Errorf("erasing what a monitor records to: %v", err)
	}
	m := k.share.roster.Load()
	k.share.roster.Store(nil)
	defer k.share.roster.Store(m)
	if err := k.mustBeAdmin(k.share.member.Load(), ""); err == nil {
		t.Error("a station whose team is not known may give orders")
	}
}
