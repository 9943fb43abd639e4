package store

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// withheld is a piece without its bodies.
func withheld(p journal.Piece, why chart.Absent) journal.Piece {
	p.Records = slices.Clone(p.Records)
	for i, r := range p.Records {
		p.Records[i] = journal.Record{Envelope: r.Envelope, Absent: why}
	}
	return p
}

func TestABodyThatComesLateFindsItsEnvelope(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "hospital")
	e := newID(1)
	a.write(journal.Chart,
		a.body(e, newID(2), chart.TypePatientRegistered, text("Anna")),
		a.body(e, newID(2), chart.TypeNote, text("first")))
	a.write(journal.Chart, a.body(e, newID(2), chart.TypeNote, text("second")))
	whole := piecesOf(t, a, journal.Chart)
	for _, p := range whole {
		if err := b.Accept(t.Context(), []journal.Piece{withheld(p, chart.Withheld)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.entriesOf(e); len(got) != 0 {
		t.Errorf("%d entries of an encounter that was withheld", len(got))
	}
	if got, want := headOf(t, b, journal.Chart), headOf(t, a, journal.Chart); got != want {
		t.Errorf("heads differ without bodies: %v %v", got, want)
	}
	var told []Entry
	b.Watch(func(c Change) { told = append(told, c.Filled...) })
	if err := b.Accept(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	if len(told) != 3 {
		t.Errorf("%d late bodies were told of, want 3", len(told))
	}
	for _, when := range []string{"now", "after a restart"} {
		equal(t, when, says(t, b.entriesOf(e)), []string{"Anna", "first", "second"})
		card, err := b.Card(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "list "+when, says(t, card.Facts), []string{"Anna"})
		if found := verify(t, b); len(found) > 0 {
			t.Errorf("%s: %+v", when, found)
		}
		b.restart()
	}
}

func TestACopiedTabletsBranchIsKeptBesideTheFirst(t *testing.T) {
	r := new(roster)
	h := newTablet(t, r, "hospital")
	_, key, _ := ed25519.GenerateKey(nil)
	r.add(key)
	w, err := journal.NewWriter(key, team, journal.Chart, chart.Epoch{1}, journal.Link{})
	if err != nil {
		t.Fatal(err)
	}
	e := newID(1)
	add := func(w *journal.Writer, notes ...string) journal.Piece {
		p := journal.Piece{Head: w.Head()}
		for _, note := range notes {
			b, err := journal.EncodeBody(h.body(e, newID(2), chart.TypeNote, text(note)))
			if err != nil {
				t.Fatal(err)
			}
			record, err := w.Append(b, journal.Stamp(h.now, 0))
			if err != nil {
				t.Fatal(err)
			}
			p.Records = append(p.Records, record)
		}
		if p.Seal, err = w.Seal(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	shared := add(w, "one", "two")
	copied := *w // the disk is copied here, and both go on
	first := []journal.Piece{add(w, "three"), add(w, "four")}
	second := []journal.Piece{add(&copied, "drei"), add(&copied, "vier")}
	// A peer may leave out seals: the piece where they part begins before that.
	second[0] = journal.Piece{Head: shared.Head, Records: slices.Concat(shared.Records, second[0].Records), Seal: second[0].Seal}
	if err := h.Accept(t.Context(), append([]journal.Piece{shared}, first...)); err != nil {
		t.Fatal(err)
	}
	if err := h.Accept(t.Context(), second[1:]); !errors.Is(err, journal.ErrFork) {
		t.Errorf("a branch whose start is unknown: %v", err)
	}
	var told []chart.Ref
	h.Watch(func(c Change) { told = append(told, c.Forked...) })
	for range 2 { // the second time changes nothing
		if err := h.Accept(t.Context(), second); err != nil {
			t.Fatal(err)
		}
	}
	for _, when := range []string{"now", "after a restart"} {
		equal(t, when, says(t, h.entriesOf(e)), []string{"one", "two", "three", "four", "drei", "vier"})
		forks, err := h.Forks(t.Context())
		if err != nil || len(forks) != 1 || forks[0].Epoch != journal.BranchName(second[0].Records[2].Envelope) || forks[0].Seq != 3 {
			t.Errorf("%s: forks %v, %v", when, forks, err)
		}
		var refs []chart.Ref
		for _, entry := range h.entriesOf(e) {
			if slices.Contains(refs, entry.Ref) {
				t.Errorf("%s: two entries at %v", when, entry.Ref)
			}
			refs = append(refs, entry.Ref)
		}
		if refs[2].Epoch != journal.BranchName(first[0].Records[0].Envelope) {
			t.Errorf("%s: the first branch goes by %x", when, refs[2].Epoch)
		}
		if found := verify(t, h); len(found) > 0 {
			t.Errorf("%s: %+v", when, found)
		}
		h.restart()
	}
	if len(told) != 1 {
		t.Errorf("told of %d forks", len(told))
	}
	if err := h.Accept(t.Context(), []journal.Piece{add(&copied, "fünf"), add(w, "five")}); err != nil {
		t.Fatal(err)
	}
	equal(t, "both go on", says(t, h.entriesOf(e))[6:], []string{"fünf", "five"})
}

func TestAnErasedBodyIsHiddenThenGoneAndNeverComesBack(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "hospital")
	e := newID(1)
	refs := a.write(journal.Chart,
		a.body(e, newID(2), chart.TypePatientRegistered, text("Anna")),
		a.body(e, newID(2), chart.TypeNote, text("keep this")),
		a.body(e, newID(2), chart.TypeNote, text("spare this")))
	whole := piecesOf(t, a, journal.Chart)
	backup := filepath.Join(t.TempDir(), "backup")
	share(t, a, b)
	if err := b.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	ordered := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := b.Erase(t.Context(), []chart.Ref{refs[0], refs[2]}, ordered.Add(EraseAfter)); err != nil {
		t.Fatal(err)
	}
	hidden := fmt.Sprint("absent ", chart.Erased)
	equal(t, "hidden at once", says(t, b.entriesOf(e)), []string{hidden, "keep this", hidden})
	equal(t, "to peers too", says(t, asEntries(piecesOf(t, b, journal.Chart))), []string{hidden, "keep this", hidden})
	if n, err := b.CarryOut(t.Context(), ordered.Add(EraseAfter-time.Second)); n != 0 || err != nil {
		t.Errorf("carried out before its time: %d, %v", n, err)
	}
	if err := b.Spare(t.Context(), []chart.Span{{Device: refs[2].Device, Epoch: refs[2].Epoch, From: refs[2].Seq, To: 1 << 40}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "one spared", says(t, b.entriesOf(e)), []string{hidden, "keep this", "spare this"})
	b.restart()
	equal(t, "hidden after a restart", says(t, b.entriesOf(e)), []string{hidden, "keep this", "spare this"})
	var blob []byte
	if err := b.db.read.QueryRow("SELECT blob FROM entry WHERE seq = 1").Scan(&blob); err != nil {
		t.Fatal(err)
	}
	if n, err := b.CarryOut(t.Context(), ordered.Add(EraseAfter)); n != 1 || err != nil {
		t.Fatalf("carried out %d, %v", n, err)
	}
	for _, name := range []string{dbName, dbName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at+8 <= len(blob); at += 8 {
			if bytes.Contains(data, blob[at:at+8]) {
				t.Fatalf("bytes %d.. of the erased blob are in %s", at, name)
			}
		}
	}
	if err := b.Accept(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"a peer sent it again", "after a restart"} {
		equal(t, when, says(t, b.entriesOf(e)), []string{hidden, "keep this", "spare this"})
		card, err := b.Card(t.Context(), e)
		if err != nil || len(card.Facts) != 0 {
			t.Errorf("%s: the list still shows %v, %v", when, says(t, card.Facts), err)
		}
		if found := verify(t, b); len(found) > 0 {
			t.Errorf("%s: %+v", when, found)
		}
		b.restart()
	}
	// An erase may come before what it names.
	c := newTablet(t, r, "clinic")
	if err := c.Erase(t.Context(), refs[:1], ordered); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CarryOut(t.Context(), ordered); err != nil {
		t.Fatal(err)
	}
	if err := c.Accept(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	if got := c.entriesOf(e); len(got) != 2 {
		t.Errorf("%d entries lead from the encounter, want the two that are left", len(got))
	}
	// From a backup: it is back until the team's erase is heard again.
	dir := t.TempDir()
	if err := Restore(t.Context(), backup, dir); err != nil {
		t.Fatal(err)
	}
	root, _ := b.Root()
	old := &tablet{t: t, dir: dir, config: b.config, key: b.key, signer: b.signer}
	old.reopen(root)
	defer old.Close()
	if restored, err := old.Restored(t.Context()); !restored || err != nil {
		t.Errorf("a restored store does not say so: %v", err)
	}
	if err := old.Erase(t.Context(), refs[:1], ordered); err != nil {
		t.Fatal(err)
	}
	equal(t, "restored and told", says(t, old.entriesOf(e)), []string{hidden, "keep this", "spare this"})
	if err := old.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	if restored, err := old.Restored(t.Context()); restored || err != nil {
		t.Errorf("still restored: %v", err)
	}
}

func asEntries(pieces []journal.Piece) (out []Entry) {
	for _, p := range pieces {
		for _, r := range p.Records {
			out = append(out, Entry{Record: r})
		}
	}
	return out
}

func TestARekeyedStoreHoldsTheSameUnderANewRoot(t *testing.T) {
	r := new(roster)
	b := newTablet(t, r, "ambulance")
	fillStore(t, b, 3, 20)
	want, err := everything(t, b.Store, 3)
	if err != nil {
		t.Fatal(err)
	}
	refs := b.write(journal.Chart, b.body(newID(50), newID(51), chart.TypeNote, text("to be erased")))
	if err := b.Erase(t.Context(), refs, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil { // no open epoch, so that heads compare
		t.Fatal(err)
	}
	seed := [32]byte{1, 2, 3}
	s, err := Open(t.Context(), b.dir, b.config)
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
	if err := s.Unlock(t.Context(), KeyFile(seedOf("ambulance"))); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	fresh, err := s.Rekey(t.Context(), to, Slot{Key: KeyFile(seed[:])})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { fresh.Close() }()
	for _, when := range []string{"at once", "after a restart"} {
		got, err := everything(t, fresh, 3)
		if err != nil {
			t.Fatal(err)
		}
		// All but heads and slots, which differ by the erased entry and the key.
		equal(t, when, got[:9], want[:9])
		report, err := fresh.Verify(t.Context())
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("%s: %+v, %v", when, report.Findings, err)
		}
		entries, err := fresh.Encounter(t.Context(), newID(50))
		if err != nil || len(entries) != 1 || entries[0].Record.Absent != chart.Erased {
			t.Errorf("%s: what was erased: %v, %v", when, entries, err)
		}
		if err := fresh.Close(); err != nil {
			t.Fatal(err)
		}
		if fresh, err = Open(t.Context(), to, b.config); err != nil {
			t.Fatal(err)
		}
		if err := fresh.Unlock(t.Context(), KeyFile(seedOf("ambulance"))); !errors.Is(err, ErrWrongKey) {
			t.Errorf("the old key opens the new store: %v", err)
		}
		if err := fresh.Unlock(t.Context(), KeyFile(seed[:])); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheStreamIsPrunedOnlyWhenOthersHoldIt(t *testing.T) {
	const gib = 1 << 30
	roomy, tight := Disk{Free: 50 * gib, Total: 100 * gib}, Disk{Free: 10 * gib, Total: 100 * gib}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	later := now.Add(32 * 24 * time.Hour)
	one, two := chart.Device{1}, chart.Device{2}
	type holder struct {
		by       chart.Device
		hospital bool
		short    uint64 // entries it lacks
	}
	for _, c := range []struct {
		name   string
		held   []holder
		at     time.Time
		disk   Disk
		epochs int
		scarce bool
	}{
		{"nobody holds it", nil, later, tight, 0, true},
		{"one holds it", []holder{{by: one}}, later, tight, 0, true},
		{"one says so twice", []holder{{by: one}, {by: one}}, later, tight, 0, true},
		{"two hold it, young, room", []holder{{by: one}, {by: two}}, now, roomy, 0, false},
		{"two hold it, old", []holder{{by: one}, {by: two}}, later, roomy, 1, false},
		{"two hold it, young, tight", []holder{{by: one}, {by: two}}, now, tight, 1, true},
		{"the hospital holds it, old", []holder{{by: one, hospital: true}}, later, roomy, 1, false},
		{"the hospital holds all but one", []holder{{by: one, hospital: true, short: 1}}, later, tight, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newTablet(t, new(roster), "ambulance")
			fillStore(t, b, 2, 30)
			b.restart() // the epoch that is being written is never pruned
			b.write(journal.Stream, b.body(newID(1), newID(1001), chart.TypeSecond, text("after")))
			before := says(t, b.entriesOf(newID(1)))
			heads, err := b.Heads(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range c.held {
				for _, head := range heads {
					if head.Log == journal.Stream && head.Seq > 1 {
						head.Seq -= h.short
						if err := b.Held(t.Context(), h.by, h.hospital, head); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			got, err := b.Prune(t.Context(), c.at, c.disk)
			if err != nil || got != (Pruned{c.epochs, c.scarce}) {
				t.Errorf("pruned %+v, %v", got, err)
			}
			seconds, gone, err := b.Seconds(t.Context(), newID(1), time.Unix(0, 0), later)
			if err != nil || gone != 30*c.epochs || len(seconds) != 31-30*c.epochs {
				t.Errorf("%d seconds and %d pruned, %v", len(seconds), gone, err)
			}
			equal(t, "the chart", says(t, b.entriesOf(newID(1))), before)
			after, err := b.Heads(t.Context())
			if err != nil || !slices.Equal(after, heads) {
				t.Errorf("heads changed: %v", err)
			}
			if found := verify(t, b); len(found) > 0 {
				t.Errorf("%+v", found)
			}
			var lookups, entries int
			if err := b.db.read.QueryRow("SELECT (SELECT count(*) FROM lookup), (SELECT count(*) FROM entry)").Scan(&lookups, &entries); err != nil || lookups != entries {
				t.Errorf("%d lookups for %d entries, %v", lookups, entries, err)
			}
		})
	}
}

func TestATrendIsReadByTime(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "hospital")
	e := newID(1)
	start := a.now
	for i := range 500 {
		a.write(journal.Stream, a.body(e, newID(2), chart.TypeSecond, text(fmt.Sprint(i))),
			a.body(newID(3), newID(4), chart.TypeSecond, text("another patient")))
	}
	a.restart() // and a second epoch
	for i := range 100 {
		a.write(journal.Stream, a.body(e, newID(2), chart.TypeSecond, text(fmt.Sprint(1000+i))))
	}
	share(t, a, b) // newest epoch first
	for _, row := range []struct{ from, to int }{{0, 500}, {100, 110}, {499, 500}, {0, 1}, {490, 2000}, {1000, 1100}, {1050, 1051}, {700, 800}} {
		at := func(i int) time.Time { // when second i began
			if i < 500 {
				return time.UnixMilli(start + 1000 + int64(i)*2000)
			}
			return time.UnixMilli(start + 1_000_000 + 1000 + int64(i-1000)*1000)
		}
		from, to := at(row.from), at(row.to)
		if row.from >= 500 && row.from < 1000 {
			from, to = at(1099).Add(time.Second), at(1100).Add(time.Hour)
		} else if row.to >= 500 && row.to < 1000 {
			to = at(1000)
		}
		var want []string
		for i := range 1100 {
			if (i < 500 || i >= 1000) && !at(i).Before(from) && at(i).Before(to) {
				want = append(want, fmt.Sprint(i))
			}
		}
		for _, tablet := range []*tablet{a, b} {
			got, _, err := tablet.Seconds(t.Context(), e, from, to)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprint(row), says(t, got), want)
		}
	}
}

func TestAStartAfterACrashFindsWhatTheCardsDoNotKnow(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	fillStore(t, b, 4, 10)
	want, err := everything(t, b.Store, 4)
	if err != nil {
		t.Fatal(err)
	}
	// A copy of the open files is what a crash leaves.
	dir := t.TempDir()
	for _, name := range []string{dbName, dbName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, _ := b.Root()
	crashed := &tablet{t: t, dir: dir, config: b.config}
	for _, how := range []string{"after the crash", "with cards", "with a damaged card", "with the index made again"} {
		crashed.reopen(root)
		got, err := everything(t, crashed.Store, 4)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, how, got, want)
		if how == "with cards" {
			if _, err := crashed.db.write.Exec("UPDATE card SET blob = zeroblob(100) WHERE hash = (SELECT max(hash) FROM card)"); err != nil {
				t.Fatal(err)
			}
		}
		if err := crashed.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, dbName+"-wal")); err == nil {
			t.Errorf("%s: a WAL is left behind a clean close", how)
		}
	}
}

func TestAProgramThatListsOtherFactsMakesTheIndexAgain(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	e := newID(1)
	b.write(journal.Chart,
		b.body(e, newID(2), chart.TypePatientRegistered, text("Anna")),
		b.body(e, newID(2), chart.TypeTriage, text("red")))
	b.restart()
	b.config.Lists = func(t chart.Type) bool { return t == chart.TypeTriage }
	for range 2 {
		b.restart()
		card, err := b.Card(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "list", says(t, card.Facts), []string{"red"})
	}
}

func seedOf(name string) []byte {
	seed := sha256.Sum256([]byte(name))
	return seed[:]
}
