package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A fakeKeyring is a keyring in memory.
type fakeKeyring map[string][]byte

func (k fakeKeyring) Keep(name string, secret []byte) error {
	k[name] = bytes.Clone(secret)
	return nil
}
func (k fakeKeyring) Forget(name string) error { delete(k, name); return nil }
func (k fakeKeyring) Kept(name string) ([]byte, error) {
	if s, ok := k[name]; ok {
		return s, nil
	}
	return nil, errors.New("no such secret")
}

func TestEveryKeyOpensTheStoreAndNoOtherDoes(t *testing.T) {
	recovery, err := identity.NewRecovery(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := recovery.BoxPublic()
	if err != nil {
		t.Fatal(err)
	}
	file := make([]byte, 32)
	rand.Read(file)
	ring := fakeKeyring{}
	c := Config{Secrets: ring, Wait: func(context.Context, time.Duration) error { return nil }}
	dir := t.TempDir()
	s, err := Create(t.Context(), dir, c,
		Slot{Key: words, Owner: "medic-7"}, Slot{Key: PIN("4711"), Owner: "medic-8"},
		Slot{Key: RecoveryBox(box)}, Slot{Key: KeyFile(file)})
	if err != nil {
		t.Fatal(err)
	}
	root, err := s.Root()
	if err != nil {
		t.Fatal(err)
	}
	slots, err := s.Slots(t.Context())
	if err != nil || len(slots) != 4 || slots[0].Owner != "medic-7" || slots[1].Kind != PINSlot || slots[1].Owner != "medic-8" {
		t.Errorf("slots %+v, %v", slots, err)
	}
	for _, row := range []struct {
		name string
		key  Key
		want error
	}{
		{"the passphrase", words, nil},
		{"the passphrase with more space", Passphrase("  ambulance seven\tnever stops   recording "), nil},
		{"the PIN", PIN("4711"), nil},
		{"the recovery key", RecoveryKey(recovery), nil},
		{"the key file", KeyFile(file), nil},
		{"a wrong passphrase", Passphrase("ambulance eight never stops recording"), ErrWrongKey},
		{"a wrong PIN", PIN("4712"), ErrWrongKey},
		{"the PIN as a passphrase", Passphrase("4711"), ErrWrongKey},
		{"another team's recovery key", RecoveryKey{9}, ErrWrongKey},
		{"another key file", KeyFile(bytes.Repeat([]byte{7}, 32)), ErrWrongKey},
	} {
		if err := s.Lock(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Encounter(t.Context(), newID(1)); !errors.Is(err, ErrLocked) {
			t.Errorf("a locked store answers: %v", err)
		}
		if err := s.Unlock(t.Context(), row.key); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
		if got, err := s.Root(); row.want == nil && (err != nil || got != root) {
			t.Errorf("%s opens with another root", row.name)
		}
	}
	clear(ring)
	if err := s.Unlock(t.Context(), PIN("4711")); !errors.Is(err, ErrNoSecrets) {
		t.Errorf("a PIN without its keyring: %v", err)
	}
	if err := s.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	if err := s.AddSlot(t.Context(), Slot{Key: Passphrase("too few words")}); !errors.Is(err, ErrWeak) {
		t.Errorf("three words: %v", err)
	}
	changed := Passphrase("quite another set of words")
	if err := s.ReplaceSlot(t.Context(), slots[0].ID, Slot{Key: changed, Owner: "medic-7"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context(), words); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the old passphrase: %v", err)
	}
	if err := s.Check(t.Context(), changed); err != nil {
		t.Errorf("the new passphrase: %v", err)
	}
	if err := s.KeepRecoveryOnly(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(t.Context(), changed); !errors.Is(err, ErrWrongKey) || !s.Locked() {
		t.Errorf("a revoked tablet opens: %v", err)
	}
	if err := s.Unlock(t.Context(), RecoveryKey(recovery)); err != nil {
		t.Errorf("the recovery key: %v", err)
	}
	last, err := s.Slots(t.Context())
	if err != nil || len(last) != 1 {
		t.Fatalf("slots %v, %v", last, err)
	}
	if err := s.RemoveSlot(t.Context(), last[0].ID); err == nil {
		t.Error("the last key was taken away")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWrongPassphrasesWaitLongerEachTimeAndDestroyNothing(t *testing.T) {
	var waits []time.Duration
	c := Config{Wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}
	dir := t.TempDir()
	s, err := Create(t.Context(), dir, c, Slot{Key: words})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := s.Check(t.Context(), Passphrase("these are five wrong words")); !errors.Is(err, ErrWrongKey) {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), dir, c); err != nil { // a restart does not make it faster
		t.Fatal(err)
	}
	defer s.Close()
	for range 6 {
		if err := s.Unlock(t.Context(), Passphrase("these are five wrong words")); !errors.Is(err, ErrWrongKey) {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Unlock(t.Context(), words); err != nil {
			t.Fatalf("the right passphrase after many wrong ones: %v", err)
		}
		if err := s.Lock(); err != nil {
			t.Fatal(err)
		}
	}
	second := time.Second
	want := []time.Duration{0, 0, 0, second, 2 * second, 4 * second, 8 * second, 16 * second, 32 * second, time.Minute, time.Minute, time.Minute, 0}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
}

func TestTheKeyringGivesBackWhatItWasGiven(t *testing.T) {
	keyring.MockInit() // the library's own stand-in: no desktop session here
	secret := []byte{0, 1, 2, 255}
	ring := Keyring{}
	if err := ring.Keep("slot 1", secret); err != nil {
		t.Fatal(err)
	}
	if got, err := ring.Kept("slot 1"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("kept %v, %v", got, err)
	}
	for range 2 { // forgetting twice is no error
		if err := ring.Forget("slot 1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ring.Kept("slot 1"); err == nil {
		t.Error("a forgotten secret is there")
	}
}

func TestThePersonWhoCameLastIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	s, err := Create(t.Context(), dir, Config{}, Slot{Key: KeyFile(one)}, Slot{Key: KeyFile(two)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, row := range []struct {
		key  []byte
		want int64
	}{{two, 2}, {two, 2}, {one, 1}, {two, 2}} {
		if err := s.Lock(); err != nil {
			t.Fatal(err)
		}
		if err := s.Unlock(t.Context(), KeyFile(row.key)); err != nil {
			t.Fatal(err)
		}
		slots, err := s.db.slots(t.Context(), UnattendedSlot)
		if err != nil || slots[0].id != row.want {
			t.Errorf("unlock %d: slot %d is first, want %d (%v)", i, slots[0].id, row.want, err)
		}
	}
}

func TestTwoStationsOnOneFolderAreRefusedInWords(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	if _, err := Open(t.Context(), b.dir, b.config); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v", err)
	}
	if _, err := Create(t.Context(), b.dir, b.config, Slot{Key: words}); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v", err)
	}
	b.restart()
	root, _ := b.Root()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), b.dir, b.config, Slot{Key: words}); err == nil {
		t.Error("a store was made over another")
	}
	b.reopen(root)
}

func TestAFolderWithoutAStoreIsSaidSo(t *testing.T) {
	if _, err := Open(t.Context(), t.TempDir(), Config{}); !errors.Is(err, ErrNotStore) {
		t.Errorf("an empty folder: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/"+dbName, bytes.Repeat([]byte("not a database. "), 300), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Config{}); err == nil {
		t.Error("another program's file was opened")
	}
}

func TestAStoreOfALaterVersionIsReadAndNeverWritten(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	e := newID(1)
	b.write(journal.Chart, b.body(e, newID(2), chart.TypeNote, text("before the update")))
	if _, err := b.db.write.Exec("PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if b.ReadOnly() == "" {
		t.Error("it does not say that it only reads")
	}
	equal(t, "read", says(t, b.entriesOf(e)), []string{"before the update"})
	if _, err := b.tryWrite(journal.Chart, b.body(e, newID(2), chart.TypeNote, text("x"))); !errors.Is(err, ErrReadOnly) {
		t.Errorf("written: %v", err)
	}
}

func TestEveryConnectionHasThePragmasThatSafetyHangsOn(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	for name, db := range map[string]interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}{"the writer": b.open.clerk.conn, "a reader": b.db.read} {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "temp_store": "2", "cell_size_check": "1", "trusted_schema": "0",
		} {
			var got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q (%v)", name, pragma, got, want, err)
			}
		}
	}
	if _, err := b.db.read.Exec("DELETE FROM entry"); err == nil {
		t.Error("a reader can write")
	}
}
