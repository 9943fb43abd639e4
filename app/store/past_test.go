package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func TestWhatIsPastItsKeepingTimeGoesAndIsNeverTakenBack(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "clinic")
	e, other := newID(1), newID(5)
	a.write(journal.Chart,
		a.body(e, newID(2), chart.TypePatientRegistered, text("Anna")),
		a.body(other, newID(6), chart.TypePatientRegistered, text("Ben")),
		a.body(e, newID(2), chart.TypeNote, text("gone in time")))
	whole := piecesOf(t, a, journal.Chart)
	share(t, a, b)
	upto := time.UnixMilli(a.now)
	backup := filepath.Join(t.TempDir(), "backup")
	if err := b.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	var blob []byte
	if err := b.db.read.QueryRow("SELECT blob FROM entry WHERE seq = 1").Scan(&blob); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Expire(t.Context(), Charted, e, upto); n != 2 || err != nil {
		t.Fatalf("%d went, %v", n, err)
	}
	for _, name := range []string{dbName, dbName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at+8 <= len(blob); at += 8 {
			if bytes.Contains(data, blob[at:at+8]) {
				t.Fatalf("bytes %d.. of a body that went are in %s", at, name)
			}
		}
	}
	if err := b.Accept(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	gone := fmt.Sprint("absent ", chart.Pruned)
	for _, when := range []string{"a peer sent it again", "after a restart"} {
		equal(t, when, says(t, b.entriesOf(e)), []string{gone, gone})
		equal(t, when+", the other patient", says(t, b.entriesOf(other)), []string{"Ben"})
		if card, err := b.Card(t.Context(), e); err != nil || len(card.Facts) != 0 {
			t.Errorf("%s: the list still shows %v, %v", when, says(t, card.Facts), err)
		}
		if at, err := b.Past(Charted, e); !at.Equal(upto) || err != nil {
			t.Errorf("%s: past up to %v, %v", when, at, err)
		}
		if found := verify(t, b); len(found) > 0 {
			t.Errorf("%s: %+v", when, found)
		}
		heads, err := b.Heads(t.Context())
		if err != nil || len(heads) != 1 || heads[0].Seq != 3 {
			t.Errorf("%s: heads %v, %v", when, heads, err)
		}
		b.restart()
	}
	// A tablet that never held it and knows that it is past takes the envelopes alone;
	// what is written later counts anew.
	c := newTablet(t, r, "hospital")
	if n, err := c.Expire(t.Context(), Charted, e, upto); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	a.write(journal.Chart, a.body(e, newID(2), chart.TypeNote, text("seen again")))
	share(t, a, c)
	share(t, a, b)
	equal(t, "what was written later", says(t, b.entriesOf(e)), []string{gone, gone, "seen again"})
	equal(t, "at a newcomer", says(t, c.entriesOf(e)), []string{"seen again"})
	if found := verify(t, c); len(found) > 0 {
		t.Error(found)
	}
	// A backup holds it still: it goes again.
	dir := t.TempDir()
	if err := Restore(t.Context(), backup, dir); err != nil {
		t.Fatal(err)
	}
	root, _ := b.Root()
	old := &tablet{t: t, dir: dir, config: b.config, key: b.key, signer: b.signer}
	old.reopen(root)
	defer old.Close()
	equal(t, "restored", says(t, old.entriesOf(e)), []string{"Anna", "gone in time"})
	if n, err := old.Expire(t.Context(), Charted, e, upto); n != 2 || err != nil {
		t.Errorf("%d went after the restore, %v", n, err)
	}
	equal(t, "restored, and the rule applied again", says(t, old.entriesOf(e)), []string{gone, gone})
}

func TestARemovalThatACrashCutShortIsEnded(t *testing.T) {
	r := new(roster)
	b := newTablet(t, r, "ambulance")
	e, far := newID(1), newID(2)
	for range 5 {
		for range MaxCommit {
			b.write(journal.Stream, b.body(e, far, chart.TypeSecond, text("a second")))
		}
	}
	upto := time.UnixMilli(b.now)
	x := expiry{u: b.open, key: pastKey{Streamed, e}, upto: upto.UnixMilli()}
	if err := b.open.clerk.apart(t.Context(), func() error {
		n, more, err := x.step(t.Context())
		if n != pastPiece || !more {
			t.Errorf("the first step dropped %d of %d, more: %v", n, 5*MaxCommit, more)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b.restart()
	left := func() (n int) {
		seconds, _, err := b.Seconds(t.Context(), e, time.Time{}, time.Unix(1<<40, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range seconds {
			if s.Record.Absent == chart.Present {
				n++
			}
		}
		return n
	}
	if n := left(); n != 5*MaxCommit-pastPiece {
		t.Errorf("%d seconds are left after the crash", n)
	}
	if n, err := b.FinishExpiry(t.Context()); n != 5*MaxCommit-pastPiece || err != nil {
		t.Errorf("%d went, %v", n, err)
	}
	if n := left(); n != 0 {
		t.Errorf("%d seconds are left", n)
	}
	if n, err := b.FinishExpiry(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

func TestAnAuditEpochPastItsTimeGoesAndTheOthersStay(t *testing.T) {
	r := new(roster)
	b := newTablet(t, r, "ambulance")
	old := b.write(journal.Audit, b.body(chart.ID{}, chart.ID{}, chart.TypeWatched, text("looked")), b.body(chart.ID{}, chart.ID{}, chart.TypeWatched, text("looked again")))
	upto := time.UnixMilli(b.now)
	b.restart()
	b.write(journal.Audit, b.body(chart.ID{}, chart.ID{}, chart.TypeWatched, text("looked later")))
	b.write(journal.Team, b.body(chart.ID{}, chart.ID{}, chart.TypeNote, text("roster")))
	if n, err := b.Expire(t.Context(), Audited, old[0].Epoch, upto); n != 2 || err != nil {
		t.Errorf("%d went, %v", n, err)
	}
	gone := fmt.Sprint("absent ", chart.Pruned)
	equal(t, "the audit", says(t, b.entriesOf(chart.ID{})), []string{gone, gone, "looked later", "roster"})
	if found := verify(t, b); len(found) > 0 {
		t.Error(found)
	}
	if n, err := b.Expire(t.Context(), Charted, chart.ID{}, upto); n != 0 || err == nil {
		t.Errorf("what belongs to nobody could be dropped: %d, %v", n, err)
	}
}
