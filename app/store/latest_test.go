package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func TestTheLatestOfALogIsReadBackwardsAPieceAtATime(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "clinic")
	nobody := chart.ID{}
	audits := func(x *tablet, from, to int) {
		for i := from; i < to; i++ {
			x.now += 1000
			x.write(journal.Audit, x.body(nobody, nobody, chart.TypeNote, text(fmt.Sprint(i))))
			if i%100 == 0 { // the roster grows between
				x.write(journal.Team, x.body(nobody, nobody, chart.TypeNote, text("roster")))
			}
			if i%7 == 0 {
				x.write(journal.Audit, x.body(newID(1), nobody, chart.TypeNote, text("of a patient")))
			}
		}
	}
	audits(a, 0, 300)
	b.now -= 1 << 40 // a clock that is far behind buries nothing
	audits(b, 1000, 1010)
	share(t, b, a)
	audits(a, 300, 700)
	read := func(before chart.Ref, most int) (out []string, last chart.Ref, n int) {
		t.Helper()
		n, err := a.Latest(t.Context(), team, journal.Audit, before, func(e Entry) bool {
			if len(out) == most {
				return false
			}
			out, last = append(out, says(t, []Entry{e})...), e.Ref
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return out, last, n
	}
	var want []string
	for _, span := range [][2]int{{0, 300}, {1000, 1010}, {300, 700}} {
		for i := span[0]; i < span[1]; i++ {
			want = append(want, fmt.Sprint(i))
		}
	}
	slices.Reverse(want)
	var got []string
	var at chart.Ref
	for range 200 {
		page, last, n := read(at, 50)
		if n > 50+2*latestPiece {
			t.Fatalf("a page of 50 read %d entries", n)
		}
		if len(page) == 0 {
			break
		}
		got, at = append(got, page...), last
	}
	equal(t, "page after page", got, want)
	if whole, _, _ := read(chart.Ref{}, 10_000); !slices.Equal(whole, want) {
		t.Errorf("at once: %d entries, want %d", len(whole), len(want))
	}
	if n, err := a.Count(t.Context(), team, journal.Audit); err != nil || n < len(want) {
		t.Errorf("%d entries are counted, %v; want %d at least", n, err, len(want))
	}
	if n, err := a.Count(t.Context(), journal.TeamID{9}, journal.Audit); err != nil || n != 0 {
		t.Errorf("of another team %d are counted, %v", n, err)
	}
	if n, err := a.Latest(t.Context(), team, journal.Audit, chart.Ref{Seq: 3}, func(Entry) bool { return true }); !errors.Is(err, ErrNoEntry) {
		t.Errorf("before an entry that is not held: %d read, %v", n, err)
	}
}

// Whoever locks the store while a page is read waits for a piece of it, and the page ends.
func TestTheStoreCanBeLockedWhileALogIsRead(t *testing.T) {
	a := newTablet(t, new(roster), "ambulance")
	for range latestPiece + 1 {
		a.write(journal.Audit, a.body(chart.ID{}, chart.ID{}, chart.TypeNote, text("x")))
	}
	passed := 0
	_, err := a.Latest(t.Context(), team, journal.Audit, chart.Ref{}, func(Entry) bool {
		if passed++; passed == 1 {
			if err := a.Lock(); err != nil {
				t.Error(err)
			}
		}
		return true
	})
	if !errors.Is(err, ErrLocked) || passed != latestPiece {
		t.Errorf("%d entries were passed, %v", passed, err)
	}
}

// A print is another one after whatever changes what a card says, and the same else.
func TestAPrintTellsWhetherACardIsAsItWas(t *testing.T) {
	r := new(roster)
	a := newTablet(t, r, "ambulance")
	e, who, other := newID(1), newID(2), newID(3)
	var refs []chart.Ref
	register := func(encounter, patient chart.ID, name string) {
		refs = a.write(journal.Chart, a.body(encounter, patient, chart.TypePatientRegistered, text(name)))
	}
	register(e, who, "Anna")
	register(other, newID(4), "Ben")
	printOf := func(subject chart.ID) Print {
		t.Helper()
		all, err := a.Prints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		one, err := a.Print(t.Context(), subject)
		if err != nil || !slices.Contains(all, one) {
			t.Fatalf("%v is not among %v, %v", one, all, err)
		}
		return one
	}
	was, apart := printOf(e), printOf(other)
	for _, c := range []struct {
		story string
		do    func()
		same  bool
	}{
		{"nothing", func() {}, true},
		{"a second of the stream, then another", func() {
			a.write(journal.Stream, a.body(e, who, chart.TypeSecond, text("1")))
			was = printOf(e) // the stream's first entry tells of the team
			a.write(journal.Stream, a.body(e, who, chart.TypeSecond, text("2")))
		}, true},
		{"another name", func() { register(e, who, "Anne") }, false},
		{"a note, which only says how far the log is held", func() { a.write(journal.Chart, a.body(e, who, chart.TypeNote, text("note"))) }, false},
		{"what is known of the patient and no encounter", func() { register(chart.ID{}, who, "Anna B.") }, false},
		{"an erase", func() {
			if err := a.Erase(t.Context(), refs, time.UnixMilli(a.now)); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"its stop", func() {
			var spans []chart.Span
			for _, r := range refs {
				spans = append(spans, chart.Span{Device: r.Device, Epoch: r.Epoch, From: r.Seq, To: r.Seq})
			}
			if err := a.Spare(t.Context(), spans); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"the end of its keeping time", func() {
			if _, err := a.Expire(t.Context(), Charted, e, time.UnixMilli(a.now)); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"another start", a.restart, true},
	} {
		was = printOf(e)
		c.do()
		if now := printOf(e); (now == was) != c.same {
			t.Errorf("%s: the same print %v, want %v", c.story, now == was, c.same)
		}
		if now := printOf(other); now != apart {
			t.Errorf("%s: another patient's print changes", c.story)
		}
	}
	if _, err := a.Print(t.Context(), newID(9)); !errors.Is(err, ErrNoSubject) {
		t.Errorf("of nobody: %v", err)
	}
}
