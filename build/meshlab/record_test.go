package meshlab

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

// A record is one station's store. It satisfies meshtest.Record.
type record struct {
	*store.Store
	t      *testing.T
	dir    string
	turn   int // folders and backups made
	backup string
	key    ed25519.PrivateKey
	signer *store.Signer
	root   store.Root
	config store.Config
	rng    *rand.Rand

	stored func(journal.Piece)
	filled func(exchange.Place)
	unseen func()

	mu    sync.Mutex // guards what follows
	clock journal.Clock
	fail  func() error
	wrote []journal.Piece // by the commit under way
}

// recordIn makes records below a folder.
func recordIn(dir string) meshtest.Maker {
	return func(t *testing.T, key ed25519.PrivateKey, roster func(chart.Device) (ed25519.PublicKey, bool), now func() int64) meshtest.Record {
		seed := sha256.Sum256(key)
		d := journal.DeviceOf(key.Public().(ed25519.PublicKey))
		r := &record{t: t, dir: filepath.Join(dir, fmt.Sprintf("%x", d[:4])), key: key, signer: store.NewSigner(key), rng: rand.New(rand.NewChaCha8(seed))}
		r.config = store.Config{KeyOf: roster, Stamp: func() journal.HLC {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.clock.Now(now())
		}}
		var err error
		if r.Store, err = store.Create(context.Background(), r.folder(), r.config, store.Slot{Key: store.KeyFile(seed[:])}); err != nil {
			t.Fatal(err)
		}
		if r.root, err = r.Root(); err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// folder is a new name for the store's own folder; files lie beside it.
func (r *record) folder() string {
	r.turn++
	return filepath.Join(r.dir, fmt.Sprint(r.turn))
}

func (r *record) here() string { return filepath.Join(r.dir, fmt.Sprint(r.turn)) }

// Accept implements exchange.Ledger.
func (r *record) Accept(ctx context.Context, pieces []journal.Piece) error {
	if err := r.full(); err != nil {
		return err
	}
	err := r.Store.Accept(ctx, pieces)
	if errors.Is(err, store.ErrStranger) {
		return fmt.Errorf("%w: %w", exchange.ErrStranger, err)
	}
	return err
}

// Write implements meshtest.Record.
func (r *record) Write(log journal.Log, texts ...[]byte) (journal.Piece, error) {
	if err := r.full(); err != nil {
		return journal.Piece{}, err
	}
	var drafts []store.Draft
	for _, text := range texts {
		b := journal.Body{Trust: chart.ClockByHand, Author: chart.Author{Checked: chart.CheckedStation}, Type: chart.TypeNote, Content: bytesOf(text)}
		if log != journal.Team && log != journal.Audit {
			b.Encounter = chart.ID{15: byte(1 + len(text)%5)}
		}
		drafts = append(drafts, store.Draft{Team: meshtest.Team, Log: log, Body: b})
	}
	r.mu.Lock()
	r.wrote = nil
	r.mu.Unlock()
	if _, err := r.Commit(context.Background(), r.signer, drafts); err != nil {
		return journal.Piece{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.wrote) != 1 {
		return journal.Piece{}, fmt.Errorf("one commit made %d pieces", len(r.wrote))
	}
	return r.wrote[0], nil
}

// bytesOf is CBOR's byte string (RFC 8949, major type 2).
func bytesOf(b []byte) []byte {
	switch n := len(b); {
	case n < 24:
		return append([]byte{0x40 | byte(n)}, b...)
	case n < 256:
		return append([]byte{0x58, byte(n)}, b...)
	default:
		return append(binary.BigEndian.AppendUint16([]byte{0x59}, uint16(n)), b...)
	}
}

// Text implements meshtest.Record.
func (r *record) Text(rec journal.Record) []byte {
	if rec.Absent != chart.Present {
		return nil
	}
	b, err := journal.DecodeBody(rec.Body)
	if err != nil || len(b.Content) == 0 {
		return nil
	}
	switch b.Content[0] {
	case 0x58:
		return b.Content[2:]
	case 0x59:
		return b.Content[3:]
	}
	return b.Content[1:]
}

func (r *record) full() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail == nil {
		return nil
	}
	return r.fail()
}

// Break implements meshtest.Record.
func (r *record) Break(fail func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

// Broken implements meshtest.Record.
func (r *record) Broken() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fail != nil
}

// Each implements meshtest.Record.
func (r *record) Each(yield func(journal.Piece)) {
	if err := each(r.Store, yield); err != nil {
		r.t.Error(err)
	}
}

func each(s *store.Store, yield func(journal.Piece)) error {
	heads, err := s.Heads(context.Background())
	if err != nil {
		return err
	}
	for _, h := range heads {
		if err := s.Pieces(context.Background(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			yield(p)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Watch implements meshtest.Record.
func (r *record) Watch(stored func(journal.Piece), filled func(exchange.Place)) {
	r.stored, r.filled = stored, filled
	if r.unseen != nil {
		r.unseen()
	}
	r.unseen = r.Store.Watch(func(c store.Change) {
		if c.Local {
			r.mu.Lock()
			r.wrote = append(r.wrote, c.Pieces...)
			r.mu.Unlock()
		}
		for _, p := range c.Pieces {
			stored(p)
		}
		for _, e := range c.Filled {
			filled(exchange.Place{Device: e.Ref.Device, Log: e.Log, Epoch: e.Ref.Epoch})
		}
	})
}

// Restart implements meshtest.Record. What the next start finds is what was on the
// disk, and half the time the beginning of a write that was under way.
func (r *record) Restart() error {
	from := r.here()
	to := r.folder()
	if err := image(from, to, r.rng); err != nil {
		return err
	}
	if err := r.Store.Close(); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(from), r.open(to))
}

// image copies what a disk holds of a store now.
func image(from, to string, rng *rand.Rand) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || strings.HasSuffix(f.Name(), "-shm") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			return err
		}
		if strings.HasSuffix(f.Name(), "-wal") && len(b) > 0 && rng.IntN(2) == 0 {
			b = append(b, b[len(b)-min(len(b), 1+rng.IntN(8000)):]...)
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// open opens the store in a folder as a start does.
func (r *record) open(dir string) error {
	s, err := store.Open(context.Background(), dir, r.config)
	if err != nil {
		return err
	}
	if err := s.UnlockRoot(context.Background(), r.root); err != nil {
		return errors.Join(err, s.Close())
	}
	last, err := s.LastStamp(context.Background(), journal.DeviceOf(r.key.Public().(ed25519.PublicKey)))
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.clock, r.fail = journal.ClockFrom(last), nil
	r.mu.Unlock()
	r.Store, r.unseen = s, nil
	r.Watch(r.stored, r.filled)
	return nil
}

// Backup implements meshtest.Record.
func (r *record) Backup() error {
	old := r.backup
	path := filepath.Join(r.dir, fmt.Sprintf("backup of %d, %d", r.turn, r.rng.Uint32()))
	if err := r.Store.Backup(context.Background(), path); err != nil {
		return err
	}
	r.backup = path
	if old != "" {
		return os.Remove(old)
	}
	return nil
}

// Saved implements meshtest.Record.
func (r *record) Saved(yield func(journal.Piece)) {
	if err := r.saved(yield); err != nil {
		r.t.Error(err)
	}
}

func (r *record) saved(yield func(journal.Piece)) error {
	dir, err := os.MkdirTemp(r.dir, "saved-")
	if err != nil {
		return err
	}
	if err := store.Restore(context.Background(), r.backup, dir); err != nil {
		return err
	}
	s, err := store.Open(context.Background(), dir, r.config)
	if err != nil {
		return err
	}
	err = s.UnlockRoot(context.Background(), r.root)
	if err == nil {
		err = each(s, yield)
	}
	return errors.Join(err, s.Close(), os.RemoveAll(dir))
}

// Restore implements meshtest.Record.
func (r *record) Restore() error {
	from := r.here()
	to := r.folder()
	if err := r.Store.Close(); err != nil {
		return err
	}
	if err := store.Restore(context.Background(), r.backup, to); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(from), r.open(to))
}

// Close implements meshtest.Record. What verify finds is an error.
func (r *record) Close() error {
	report, err := r.Verify(context.Background())
	for _, f := range report.Findings {
		err = errors.Join(err, fmt.Errorf("verify: %v: %s", f.Ref, f.What))
	}
	return errors.Join(err, r.Store.Close())
}
