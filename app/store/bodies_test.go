package store

import (
	"slices"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func TestABodyWithheldIsKnownToBeAbsentUntilItComes(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "clinic")
	mine, other := newID(1), newID(2)
	for i := range 6 {
		id := mine
		if i%2 == 1 {
			id = other
		}
		a.write(journal.Chart, a.body(id, chart.ID{}, chart.TypeNote, text("note")))
	}
	pieces := piecesOf(t, a, journal.Chart)
	var bare []journal.Piece
	for _, p := range pieces {
		records := slices.Clone(p.Records)
		for i, rec := range records {
			if body, err := journal.DecodeBody(rec.Body); err != nil || body.Encounter != mine {
				records[i] = journal.Record{Envelope: rec.Envelope, Absent: chart.Withheld}
			}
		}
		p.Records = records
		bare = append(bare, p)
	}
	if err := b.Accept(t.Context(), bare); err != nil {
		t.Fatal(err)
	}
	h := headOf(t, a, journal.Chart)
	epoch := Epoch{h.Device, h.Log, h.Epoch}
	absent := func(when string, want ...uint64) {
		t.Helper()
		got, err := b.Absent(t.Context(), epoch)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: absent are %v (%v), want %v", when, got, err, want)
		}
		lacking, err := b.Lacking(t.Context())
		if err != nil || (len(lacking) == 1) != (len(want) > 0) {
			t.Errorf("%s: epochs that lack bodies: %v (%v)", when, lacking, err)
		}
	}
	same := func(when string, want bool) {
		t.Helper()
		ours, err := a.Tally(t.Context(), epoch)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := b.Tally(t.Context(), epoch)
		if err != nil || (ours == theirs) != want {
			t.Errorf("%s: the tallies are %v and %v (%v)", when, ours, theirs, err)
		}
	}
	absent("with every second body withheld", 2, 4, 6)
	same("with every second body withheld", false)
	granted, err := a.Reach(t.Context(), mine)
	if theirs, _ := b.Tally(t.Context(), epoch); err != nil || len(granted.Shares) != 1 || granted.Shares[0].Tally != theirs {
		t.Errorf("what was granted tallies %v, what came %v (%v)", granted.Shares, theirs, err)
	}
	b.restart()
	absent("after a restart", 2, 4, 6)
	if theirs, _ := b.Tally(t.Context(), epoch); theirs != granted.Shares[0].Tally {
		t.Errorf("after a restart the tally is %v, was %v", theirs, granted.Shares[0].Tally)
	}
	if found := verify(t, b); len(found) > 0 {
		t.Errorf("verify finds %v", found)
	}
	if err := b.Accept(t.Context(), pieces); err != nil {
		t.Fatal(err)
	}
	absent("when the bodies came")
	same("when the bodies came", true)
	b.restart()
	absent("after another restart")
	same("after another restart", true)
	if found := verify(t, b); len(found) > 0 {
		t.Errorf("verify finds %v", found)
	}
}

func TestAMarkLeadsToAnEncounterWithoutOpeningItsEntries(t *testing.T) {
	r := new(roster)
	a := newTablet(t, r, "ambulance")
	a.config.Marks = func(b journal.Body) []byte {
		if b.Type == chart.TypeEncounterBoundFor {
			return []byte{byte(b.Type)}
		}
		return nil
	}
	a.restart()
	patient := newID(9)
	by := a.write(journal.Chart, a.body(newID(1), patient, chart.TypeNote, text("a")))
	refs := a.write(journal.Chart, a.body(newID(1), chart.ID{}, chart.TypeEncounterBoundFor, text("b")))
	a.write(journal.Chart, a.body(newID(2), chart.ID{}, chart.TypeNote, text("c")))
	for _, when := range []string{"at once", "after a restart"} {
		count := 0
		err := a.Marked(t.Context(), func(id chart.ID, marks []Mark) {
			count++
			if id != newID(1) || len(marks) != 1 || marks[0].Ref != refs[0] || len(marks[0].Bytes) != 1 {
				t.Errorf("%s: encounter %v is marked %v", when, id, marks)
			}
		})
		if err != nil || count != 1 {
			t.Errorf("%s: %d encounters are marked (%v)", when, count, err)
		}
		reach, err := a.Reach(t.Context(), newID(1))
		if err != nil || !slices.Equal(reach.Named, []Named{{by[0], team, patient}}) || reach.Shares[0].Count != 2 {
			t.Errorf("%s: the encounter reaches %+v (%v)", when, reach, err)
		}
		a.restart()
	}
	got, ok, err := a.At(t.Context(), refs[0])
	if err != nil || !ok || got.Ref != refs[0] || got.Record.Absent != chart.Present {
		t.Errorf("the entry at its place is %+v, %t (%v)", got, ok, err)
	}
}
