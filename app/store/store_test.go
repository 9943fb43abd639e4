package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// words opens the stores of these tests.
const words = Passphrase("ambulance seven never stops recording")

var team = journal.TeamID(sha256.Sum256([]byte("team of the tests")))

// A tablet is a device with a store.
type tablet struct {
	*Store
	t      testing.TB
	dir    string
	key    ed25519.PrivateKey
	signer *Signer
	config Config

	mu    sync.Mutex
	clock journal.Clock
	now   int64 // ms since 1970
}

// roster knows every tablet that a test made.
type roster struct {
	mu   sync.Mutex
	keys map[chart.Device]ed25519.PublicKey
}

func (r *roster) keyOf(d chart.Device) (ed25519.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.keys[d]
	return k, ok
}

func (r *roster) add(key ed25519.PrivateKey) {
	public := key.Public().(ed25519.PublicKey)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = make(map[chart.Device]ed25519.PublicKey)
	}
	r.keys[journal.DeviceOf(public)] = public
}

// newTablet makes a store that a test key opens, fast; tests of slots make their own.
func newTablet(t testing.TB, r *roster, name string) *tablet {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	b := &tablet{t: t, dir: t.TempDir(), key: ed25519.NewKeyFromSeed(seed[:]), now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC).UnixMilli()}
	b.signer = NewSigner(b.key)
	r.add(b.key)
	b.config = Config{
		KeyOf: r.keyOf,
		Lists: func(t chart.Type) bool { return t == chart.TypePatientRegistered },
		Wait:  func(context.Context, time.Duration) error { return nil },
		Stamp: func() journal.HLC {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.clock.Now(b.now)
		},
	}
	s, err := Create(t.Context(), b.dir, b.config, Slot{Key: KeyFile(seed[:])})
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// restart closes the store and opens it with the root key, as after a crash of
// the recorder.
func (b *tablet) restart() {
	b.t.Helper()
	root, err := b.Root()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.reopen(root)
}

func (b *tablet) reopen(root Root) {
	b.t.Helper()
	s, err := Open(b.t.Context(), b.dir, b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Store = s
	if err := s.UnlockRoot(b.t.Context(), root); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tablet) device() chart.Device {
	return journal.DeviceOf(b.key.Public().(ed25519.PublicKey))
}

// body is an entry's body a second later than the one before.
func (b *tablet) body(encounter, patient chart.ID, typ chart.Type, content []byte) journal.Body {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now += 1000
	return journal.Body{
		Wall: b.now, Trust: chart.ClockGPS, Mono: b.now % 1e9, Happened: b.now,
		Author:  chart.Author{Staff: "medic-7", Checked: chart.CheckedPIN},
		Patient: patient, Encounter: encounter, Type: typ, Content: content,
	}
}

func (b *tablet) write(log journal.Log, bodies ...journal.Body) []chart.Ref {
	b.t.Helper()
	refs, err := b.tryWrite(log, bodies...)
	if err != nil {
		b.t.Fatal(err)
	}
	return refs
}

func (b *tablet) tryWrite(log journal.Log, bodies ...journal.Body) ([]chart.Ref, error) {
	drafts := make([]Draft, len(bodies))
	for i, body := range bodies {
		drafts[i] = Draft{Team: team, Log: log, Body: body}
	}
	return b.Commit(context.Background(), b.signer, drafts)
}

func (b *tablet) entriesOf(subject chart.ID) []Entry {
	b.t.Helper()
	entries, err := b.Encounter(b.t.Context(), subject)
	if err != nil {
		b.t.Fatal(err)
	}
	return entries
}

// text is a content: one deterministic CBOR text.
func text(s string) []byte {
	switch {
	case len(s) < 24:
		return append([]byte{0x60 | byte(len(s))}, s...)
	case len(s) < 256:
		return append([]byte{0x78, byte(len(s))}, s...)
	}
	return append(binary.BigEndian.AppendUint16([]byte{0x79}, uint16(len(s))), s...)
}

func newID(n int) chart.ID {
	sum := sha256.Sum256(fmt.Append(nil, "id ", n))
	return chart.ID(sum[:16])
}

// says is what the entries say, in order; absent ones by their reason.
func says(t testing.TB, entries []Entry) []string {
	t.Helper()
	var out []string
	for _, e := range entries {
		if e.Record.Absent != chart.Present {
			out = append(out, fmt.Sprint("absent ", e.Record.Absent))
			continue
		}
		b, err := journal.DecodeBody(e.Record.Body)
		if err != nil {
			t.Fatal(err)
		}
		skip := 1
		if b.Content[0] == 0x78 {
			skip = 2
		} else if b.Content[0] == 0x79 {
			skip = 3
		}
		out = append(out, string(b.Content[skip:]))
	}
	return out
}

func equal(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// share brings everything of one tablet to another, as the exchange would.
func share(t testing.TB, from, to *tablet, logs ...journal.Log) {
	t.Helper()
	heads, err := from.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if len(logs) > 0 && !slices.Contains(logs, h.Log) {
			continue
		}
		err := from.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			return to.Accept(t.Context(), []journal.Piece{p})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatWasRecordedIsThereAfterARestart(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	e1, e2, p := newID(1), newID(2), newID(3)
	refs := b.write(journal.Chart,
		b.body(e1, p, chart.TypePatientRegistered, text("Anna Unknown")),
		b.body(e1, p, chart.TypeNote, text("found on the stairs")),
		b.body(e2, newID(4), chart.TypeNote, text("another patient")))
	if len(refs) != 3 || refs[0].Seq != 1 || refs[2].Seq != 3 {
		t.Fatalf("refs %v", refs)
	}
	b.write(journal.Stream, b.body(e1, p, chart.TypeSecond, text("hr 80")))
	b.write(journal.Chart, b.body(e1, p, chart.TypeNote, text("carried down")))
	for _, when := range []string{"while open", "after a restart", "after a second restart"} {
		equal(t, when, says(t, b.entriesOf(e1)), []string{"Anna Unknown", "found on the stairs", "carried down"})
		equal(t, when, says(t, b.entriesOf(e2)), []string{"another patient"})
		card, err := b.Card(t.Context(), e1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, when+": patient list", says(t, card.Facts), []string{"Anna Unknown"})
		if card.Seconds != 1 || len(card.Held) != 1 || card.Held[0].Seq != 4 || !slices.Equal(card.Patients, []chart.ID{p}) {
			t.Errorf("%s: card %+v", when, card)
		}
		b.restart()
	}
	stamp, err := b.LastStamp(t.Context(), b.device())
	if err != nil || stamp.Millis() != b.now {
		t.Errorf("the last clock on disk is %d, want %d (%v)", stamp.Millis(), b.now, err)
	}
	again := b.write(journal.Chart, b.body(e1, p, chart.TypeNote, text("after restart")))
	if again[0].Epoch == refs[0].Epoch || again[0].Seq != 1 {
		t.Errorf("an epoch went on after a restart: %v", again)
	}
	heads, err := b.Heads(t.Context())
	if err != nil || len(heads) != 3 {
		t.Fatalf("%d heads, %v", len(heads), err)
	}
	entries := b.entriesOf(e1)
	first, err := journal.DecodeEnvelope(entries[len(entries)-1].Record.Envelope)
	if err != nil || first.Opening == nil || first.Opening.Previous.Epoch != refs[0].Epoch || first.Opening.Previous.Seq != 4 {
		t.Errorf("the new epoch does not name the one before: %+v, %v", first.Opening, err)
	}
}

func TestAnotherStationHoldsTheSameBytes(t *testing.T) {
	r := new(roster)
	a, b := newTablet(t, r, "ambulance"), newTablet(t, r, "hospital")
	e, p := newID(1), newID(2)
	var want []string
	for i := range 200 {
		s := fmt.Sprint("note ", i)
		want = append(want, s)
		a.write(journal.Chart, a.body(e, p, chart.TypeNote, text(s)))
	}
	share(t, a, b)
	share(t, a, b) // again: nothing changes
	equal(t, "at the hospital", says(t, b.entriesOf(e)), want)
	for i, got := range b.entriesOf(e) {
		if held := a.entriesOf(e)[i]; got.Ref != held.Ref || !bytes.Equal(got.Record.Envelope, held.Record.Envelope) || !bytes.Equal(got.Record.Body, held.Record.Body) {
			t.Fatalf("entry %d differs", i)
		}
	}
	// From the middle, not at a seal of the receiver, and back again.
	for i := range 3 {
		a.write(journal.Chart, a.body(e, p, chart.TypeNote, text(fmt.Sprint("late ", i))))
	}
	h := headOf(t, a, journal.Chart)
	if h.Seq != 203 {
		t.Fatalf("head %d", h.Seq)
	}
	for _, after := range []uint64{150, 203, 202, 64, 63, 1, 0} {
		err := a.Pieces(t.Context(), h.Device, h.Log, h.Epoch, after, func(p journal.Piece) error {
			if p.Head.Seq > after {
				t.Errorf("asked after %d, got a piece after %d", after, p.Head.Seq)
			}
			return b.Accept(t.Context(), []journal.Piece{p})
		})
		if err != nil {
			t.Errorf("after %d: %v", after, err)
		}
	}
	if got := len(b.entriesOf(e)); got != 203 {
		t.Errorf("%d entries, want 203", got)
	}
	if got := headOf(t, b, journal.Chart); got != h {
		t.Errorf("heads differ: %+v %+v", got, h)
	}
}

func headOf(t testing.TB, b *tablet, log journal.Log) journal.Head {
	t.Helper()
	heads, err := b.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if h.Log == log {
			return h
		}
	}
	t.Fatalf("no %s log", log)
	return journal.Head{}
}

func piecesOf(t testing.TB, b *tablet, log journal.Log) []journal.Piece {
	t.Helper()
	h := headOf(t, b, log)
	var out []journal.Piece
	err := b.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
		out = append(out, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPiecesThatMustNotBeBelieved(t *testing.T) {
	r := new(roster)
	a := newTablet(t, r, "ambulance")
	e := newID(1)
	var pieces []journal.Piece
	stop := a.Watch(func(c Change) { pieces = append(pieces, c.Pieces...) })
	for i := range 3 {
		a.write(journal.Chart, a.body(e, newID(2), chart.TypeNote, text(fmt.Sprint("note ", i))))
	}
	stop()
	stranger := newTablet(t, new(roster), "stranger")
	stranger.write(journal.Chart, stranger.body(e, newID(2), chart.TypeNote, text("who?")))
	strange := piecesOf(t, stranger, journal.Chart)
	edited := pieces[0]
	edited.Records = []journal.Record{{Envelope: edited.Records[0].Envelope, Body: bytes.Clone(edited.Records[0].Body)}}
	edited.Records[0].Body[20] ^= 1
	unsigned := pieces[0]
	unsigned.Seal.Signature[5] ^= 1
	for _, c := range []struct {
		name   string
		pieces []journal.Piece
		want   error
	}{
		{"the first is missing", pieces[1:2], journal.ErrGap},
		{"one in the middle is missing", []journal.Piece{pieces[0], pieces[2]}, journal.ErrGap},
		{"a device on no roster", strange, ErrStranger},
		{"a body that was edited", []journal.Piece{edited}, journal.ErrBody},
		{"a seal that was edited", []journal.Piece{unsigned}, journal.ErrSeal},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newTablet(t, r, "hospital "+c.name)
			if err := b.Accept(t.Context(), c.pieces); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got := b.entriesOf(e); len(got) != 0 {
				t.Errorf("%d entries were stored", len(got))
			}
			if err := b.Accept(t.Context(), pieces); err != nil {
				t.Errorf("the true pieces after that: %v", err)
			}
		})
	}
}

func TestManyWhoRecordAtOnceAllFindTheirEntries(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			for j := range 20 {
				if _, err := b.tryWrite(journal.Chart, b.body(newID(i), newID(100+i), chart.TypeNote, text(fmt.Sprint(i, " ", j)))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	for i := range 16 {
		var want []string
		for j := range 20 {
			want = append(want, fmt.Sprint(i, " ", j))
		}
		equal(t, fmt.Sprint("encounter ", i), says(t, b.entriesOf(newID(i))), want)
	}
}

func TestAStoreKeepsItsOwnSecrets(t *testing.T) {
	b := newTablet(t, new(roster), "ambulance")
	if _, err := b.Kept(t.Context(), "device key"); !errors.Is(err, ErrNotKept) {
		t.Errorf("got %v", err)
	}
	secret := make([]byte, 64)
	rand.Read(secret)
	if err := b.Keep(t.Context(), "device key", secret); err != nil {
		t.Fatal(err)
	}
	b.restart()
	got, err := b.Kept(t.Context(), "device key")
	if err != nil || !bytes.Equal(got, secret) {
		t.Errorf("kept %x, %v", got, err)
	}
	if err := b.Keep(t.Context(), "device key", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Kept(t.Context(), "device key"); !errors.Is(err, ErrNotKept) {
		t.Errorf("got %v", err)
	}
}
