package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

var flips = flag.Int("flips", 60, "bytes flipped one after another in the damage trial")

// fillStore records a small street's worth: encounters, several logs, a setting, an
// erasure.
func fillStore(t testing.TB, b *tablet, encounters, each int) {
	t.Helper()
	for e := range encounters {
		b.write(journal.Chart, b.body(newID(e), newID(1000+e), chart.TypePatientRegistered, text(fmt.Sprint("patient ", e))))
		for i := range each {
			b.write(journal.Chart, b.body(newID(e), newID(1000+e), chart.TypeNote, text(fmt.Sprint("note ", i))))
			b.write(journal.Stream, b.body(newID(e), newID(1000+e), chart.TypeSecond, text(fmt.Sprint("second ", i))))
		}
	}
	if err := b.Keep(t.Context(), "device key", []byte("thirty-two bytes of secret......")); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, b *tablet) []Finding {
	t.Helper()
	r, err := b.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

// everything is all that the store shows, in words.
func everything(t testing.TB, s *Store, encounters int) (out []string, err error) {
	for e := range encounters {
		entries, err := s.Encounter(t.Context(), newID(e))
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%x", recordsOf(entries)))
		seconds, _, err := s.Seconds(t.Context(), newID(e), time.UnixMilli(0), time.UnixMilli(1<<45))
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%x", recordsOf(seconds)))
		card, err := s.Card(t.Context(), newID(e))
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%x %v %d %v", recordsOf(card.Facts), card.Patients, card.Seconds, card.Held))
	}
	heads, err := s.Heads(t.Context())
	if err != nil {
		return nil, err
	}
	slots, err := s.Slots(t.Context())
	if err != nil {
		return nil, err
	}
	kept, err := s.Kept(t.Context(), "device key")
	if err != nil {
		return nil, err
	}
	return append(out, fmt.Sprint(heads, slots), string(kept)), nil
}

func recordsOf(entries []Entry) []byte {
	h := sha256.New()
	for _, e := range entries {
		fmt.Fprint(h, e.Ref, e.Log, e.Record)
	}
	return h.Sum(nil)
}

func TestAFlippedByteAnywhereIsFoundOrHarmless(t *testing.T) {
	r := new(roster)
	b := newTablet(t, r, "ambulance")
	const encounters = 6
	fillStore(t, b, encounters, 40)
	b.write(journal.Chart, b.body(newID(90), newID(91), chart.TypeNote, text("to be erased")))
	gone := b.entriesOf(newID(90))[0].Ref
	if err := b.Erase(t.Context(), []chart.Ref{gone}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	root, _ := b.Root()
	want, err := everything(t, b.Store, encounters)
	if err != nil {
		t.Fatal(err)
	}
	if found := verify(t, b); len(found) > 0 {
		t.Fatalf("before any damage: %+v", found)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.dir, dbName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var found, harmless, refused, lostMore int
	for range *flips {
		at := random.IntN(len(whole))
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), b.dir, b.config)
		if err != nil {
			refused++
			continue
		}
		if err := s.UnlockRoot(t.Context(), root); err != nil {
			refused++
		} else {
			report, err := s.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got, err := everything(t, s, encounters)
			switch {
			case len(report.Findings) > 0:
				found++
				if err != nil {
					lostMore++
				}
			case err != nil || !slices.Equal(got, want):
				t.Errorf("byte %d (page %d, offset %d) flipped: verify is clean, the record differs (%v)", at, at/4096+1, at%4096, err)
			default:
				harmless++
			}
		}
		s.Close()
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	b.reopen(root)
	t.Logf("%d flips in %d bytes: %d found (%d with some read refused), %d in bytes that hold nothing, %d at opening", *flips, len(whole), found, lostMore, harmless, refused)
}

func TestADamagedEntryIsNamedAndTheOthersStayReadable(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	e := newID(1)
	var refs []chart.Ref
	for i := range 20 {
		refs = append(refs, b.write(journal.Chart, b.body(e, newID(2), chart.TypeNote, text(fmt.Sprint("note ", i))))...)
	}
	pieces := piecesOf(t, b, journal.Chart)
	root, _ := b.Root()
	var blob []byte
	if err := b.db.read.QueryRow("SELECT blob FROM entry WHERE seq = 8").Scan(&blob); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.dir, dbName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, blob)
	if at < 0 {
		files, _ := os.ReadDir(b.dir)
		t.Fatal("the entry is not in the file", len(blob), len(whole), files)
	}
	whole[at+50] ^= 4
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	b.reopen(root)
	found := verify(t, b)
	if len(found) == 0 || found[0].Ref != refs[7] {
		t.Fatalf("findings %+v, want the first at %v", found, refs[7])
	}
	t.Log(found[0].What)
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint("note ", i))
	}
	want[7] = fmt.Sprint("absent ", chart.Damaged)
	equal(t, "with one damaged", says(t, b.entriesOf(e)), want)
	if err := b.Accept(t.Context(), pieces); err != nil {
		t.Fatal(err)
	}
	want[7] = "note 7"
	equal(t, "after another station sent it again", says(t, b.entriesOf(e)), want)
	if found := verify(t, b); len(found) > 0 {
		t.Errorf("after mending: %+v", found)
	}
}

func TestWhateverIsChangedInTheDatabaseIsFound(t *testing.T) {
	for _, change := range []string{
		"UPDATE epoch SET pruned = 2 WHERE log = 2",
		"UPDATE epoch SET opened = opened + 1",
		"UPDATE epoch SET team = device",
		"UPDATE epoch SET branch = epoch, parted = 3",
		"UPDATE epoch SET seq = seq - 1 WHERE log = 2",
		"UPDATE epoch SET chain = zeroblob(32) WHERE log = 2",
		"DELETE FROM lookup WHERE id = 5",
		"UPDATE lookup SET hash = hash + 1 WHERE id = 5",
		"DELETE FROM entry WHERE id = 5",
		"UPDATE entry SET key = 2 WHERE id = 5",
		"UPDATE entry SET seal = zeroblob(64) WHERE id = 5",
		"UPDATE entry SET seal = NULL WHERE id = (SELECT max(id) FROM entry)",
		"UPDATE entry SET blob = zeroblob(length(blob)) WHERE id = 5",
		"UPDATE erasure SET done = 1",
		"UPDATE erasure SET seq = seq + 1",
		"UPDATE card SET blob = zeroblob(length(blob))",
		"UPDATE kept SET blob = zeroblob(length(blob))",
		"UPDATE slot SET wrapped = zeroblob(length(wrapped))",
		"UPDATE slot SET kind = kind + 1",
	} {
		t.Run(change, func(t *testing.T) {
			b := newTablet(t, new(roster), "ambulance")
			fillStore(t, b, 2, 5)
			refs := b.write(journal.Chart, b.body(newID(5), newID(6), chart.TypeNote, text("to be erased")))
			if err := b.Erase(t.Context(), refs, time.Now().Add(EraseAfter)); err != nil {
				t.Fatal(err)
			}
			b.restart() // cards are on the disk
			if found := verify(t, b); len(found) > 0 {
				t.Fatalf("before: %+v", found)
			}
			done, err := b.db.write.Exec(change)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := done.RowsAffected(); n == 0 || err != nil {
				t.Fatalf("nothing was changed: %v", err)
			}
			if found := verify(t, b); len(found) == 0 {
				t.Error("verify finds nothing")
			}
		})
	}
}

func TestAnEntryMovedToAnotherPlaceDoesNotOpen(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	e := newID(1)
	for _, note := range []string{"10 mg", "100 mg", "none"} {
		b.write(journal.Chart, b.body(e, newID(2), chart.TypeNote, text(note)))
	}
	for _, s := range []string{
		"UPDATE entry SET blob = (SELECT blob FROM entry WHERE seq = 2) WHERE seq = 1",
		"UPDATE entry SET seq = 7 WHERE seq = 3",
	} {
		if _, err := b.db.write.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	damaged := fmt.Sprint("absent ", chart.Damaged)
	equal(t, "after moving", says(t, b.entriesOf(e)), []string{damaged, "100 mg", damaged})
	if found := verify(t, b); len(found) == 0 || found[0].Ref.Seq != 1 {
		t.Errorf("verify finds %+v", found)
	}
}

// planted are things of a patient that must not be found on the disk.
var planted = []string{"Rosalind Quincey", "ketamine", "morphine sulfate", "medic-7", "crush injury", "123987654"}

// scan looks for planted things in a folder's files and their names: as UTF-8,
// as UTF-16 of both orders, and ids as bytes, hex and decimal.
func scan(t testing.TB, dir string, ids ...chart.ID) []string {
	t.Helper()
	var needles [][]byte
	for _, p := range planted {
		needles = append(needles, []byte(p), []byte(strings.ToUpper(p)))
		var little, big []byte
		for _, u := range utf16.Encode([]rune(p)) {
			little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		}
		needles = append(needles, little, big)
	}
	for _, id := range ids {
		hex := fmt.Sprintf("%x", id)
		dashed := hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
		needles = append(needles, id[:], id[:8], id[8:], []byte(hex), []byte(strings.ToUpper(hex)), []byte(dashed))
		var decimal []string
		for _, b := range id {
			decimal = append(decimal, strconv.Itoa(int(b)))
		}
		needles = append(needles, []byte(strings.Join(decimal, " ")), []byte(strings.Join(decimal, ",")))
	}
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data = append(data, d.Name()...)
		for _, n := range needles {
			if bytes.Contains(data, n) {
				found = append(found, fmt.Sprintf("%q in %s", n, d.Name()))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestALostTabletShowsNothing(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	encounter, patient := newID(7), newID(8)
	var drafts []journal.Body
	for _, p := range planted {
		drafts = append(drafts, b.body(encounter, patient, chart.TypePatientRegistered, text("entry with "+p)))
	}
	b.write(journal.Chart, drafts...)
	b.write(journal.Stream, b.body(encounter, patient, chart.TypeSecond, text(planted[0])))
	for _, p := range planted {
		if err := b.Keep(t.Context(), p, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.AddSlot(t.Context(), Slot{Key: KeyFile(bytes.Repeat([]byte{1}, 32)), Owner: "medic-7"}); err != nil {
		t.Fatal(err)
	}
	b.write(journal.Chart, drafts...) // some of it in the WAL only
	if err := b.Backup(t.Context(), filepath.Join(b.dir, "backup")); err != nil {
		t.Fatal(err)
	}
	names := func() (out []string) {
		files, err := os.ReadDir(b.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			out = append(out, f.Name())
		}
		return out
	}
	if got := names(); !slices.Contains(got, dbName+"-wal") || !slices.Contains(got, dbName+"-shm") {
		t.Fatalf("files %v: no WAL to look at", got)
	}
	if found := scan(t, b.dir, encounter, patient); len(found) > 0 {
		t.Errorf("while open: %q", found)
	}
	b.restart() // cards are on the disk now
	if found := scan(t, b.dir, encounter, patient); len(found) > 0 {
		t.Errorf("after closing: %q", found)
	}
	for _, err := range []error{
		b.Erase(t.Context(), nil, time.Now()),
		errOf(b.tryWrite(journal.Chart, journal.Body{Encounter: encounter, Patient: patient, Content: []byte(planted[0])})),
		errOf(b.Card(t.Context(), newID(99))),
	} {
		if err != nil && slices.ContainsFunc(planted, func(p string) bool { return strings.Contains(err.Error(), p) }) {
			t.Errorf("an error says %q", err)
		}
	}
	// The same scanner finds them in a file that is not sealed.
	open := t.TempDir()
	for i, e := range b.entriesOf(encounter) {
		if err := os.WriteFile(filepath.Join(open, strconv.Itoa(i)), e.Record.Body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found := scan(t, open, encounter, patient); len(found) < len(planted)+2 {
		t.Errorf("the scanner finds only %q in unsealed entries", found)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestADiskThatIsFullIsSaidAndLosesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a small disk can be mounted by root only")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %v: %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	b := newTablet(t, new(roster), "ambulance")
	seed := sha256.Sum256([]byte("ambulance"))
	s, err := Create(t.Context(), filepath.Join(dir, "data"), b.config, Slot{Key: KeyFile(seed[:])})
	if err != nil {
		t.Fatal(err)
	}
	small := &tablet{t: t, Store: s, dir: filepath.Join(dir, "data"), key: b.key, signer: b.signer, config: b.config, now: b.now}
	defer func() {
		if err := small.Close(); err != nil {
			t.Error(err)
		}
	}()
	e := newID(1)
	var want []string
	for i := 0; ; i++ {
		note := fmt.Sprint(i, strings.Repeat(" long note", 500))
		_, err := small.tryWrite(journal.Chart, small.body(e, newID(2), chart.TypeNote, text(note)))
		if err != nil {
			if !errors.Is(err, ErrFull) {
				t.Errorf("a full disk says %v", err)
			}
			break
		}
		want = append(want, note)
	}
	if len(want) < 50 {
		t.Fatalf("only %d entries fitted", len(want))
	}
	for _, bad := range []string{"again", "and again"} {
		if _, err := small.tryWrite(journal.Chart, small.body(e, newID(2), chart.TypeNote, text(bad+strings.Repeat(" long note", 2000)))); !errors.Is(err, ErrFull) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	equal(t, "while full", says(t, small.entriesOf(e)), want)
	root, _ := small.Root()
	if err := exec.Command("mount", "-o", "remount,size=16m", dir).Run(); err != nil {
		t.Fatal(err)
	}
	small.write(journal.Chart, small.body(e, newID(2), chart.TypeNote, text("room again")))
	if err := small.Close(); err != nil {
		t.Error(err)
	}
	small.reopen(root)
	equal(t, "with room again", says(t, small.entriesOf(e)), append(want, "room again"))
	if found := verify(t, small); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestAFolderThatCannotBeWrittenIsRead(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a disk can be mounted read-only by root only")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted here: %v: %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	b := newTablet(t, new(roster), "ambulance")
	e := newID(1)
	b.write(journal.Chart, b.body(e, newID(2), chart.TypeNote, text("before")))
	root, _ := b.Root()
	if err := b.Backup(t.Context(), filepath.Join(dir, dbName)); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("mount", "-o", "remount,ro", dir).Run(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dir, b.config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.ReadOnly() == "" {
		t.Error("it does not say that it only reads")
	}
	if err := s.UnlockRoot(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Encounter(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "read", says(t, entries), []string{"before"})
	if _, err := s.Commit(t.Context(), b.signer, []Draft{{Team: team, Log: journal.Chart, Body: b.body(e, newID(2), chart.TypeNote, text("x"))}}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("written: %v", err)
	}
}
