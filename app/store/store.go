package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// ErrLocked reports a locked store: unlock it first.
var ErrLocked = errors.New("the store is locked: unlock it first")

// ErrClosed reports a store that was closed.
var ErrClosed = errors.New("the store is closed")

// Config is what a store is given from outside. The zero Config opens a store
// that lists no facts, has no keyring and knows nobody's keys.
type Config struct {
	// Secrets is the operating system's keyring, for PIN slots; nil where none is.
	Secrets Secrets
	// Lists says which types of content make the line of the patient list: their
	// bodies are kept in the index. It must not change while a store is open.
	Lists func(chart.Type) bool
	// Passes says which bodies of those types are not kept there all the same; nil for
	// none. When a later version says something else, cardVersion goes up.
	Passes func(journal.Body) bool
	// Marks says what of an entry is to be found again on its subject's card without
	// opening the entry: nil for most. It must not change while a store is open; when
	// a later version says something else, cardVersion goes up.
	Marks func(journal.Body) []byte
	// KeyOf finds the public key of a device, for entries that come from others.
	KeyOf func(chart.Device) (ed25519.PublicKey, bool)
	// Stamp is the station's hybrid clock. It is called once an entry, in the
	// order in which entries stand in the log.
	Stamp func() journal.HLC
	// Wait waits between attempts to unlock; nil waits by the system's clock.
	Wait func(context.Context, time.Duration) error
}

// A Store is the record of one station on its disk. Open it, unlock it, close
// it. Safe for concurrent use.
type Store struct {
	dir    string
	config Config
	lock   *folderLock
	db     *database

	attempt sync.Mutex // one attempt to unlock at a time

	mu   sync.RWMutex // guards open and closed; held for reading while open is used
	open *unlocked    // nil while locked
	gone bool

	watch watchers
}

// unlocked is what a store has only while it is unlocked.
type unlocked struct {
	store *Store
	db    *database
	keys  *keys
	clerk *clerk
	index *index
	erase *erasures
	past  *pasts
	quota *quota

	accepting sync.Mutex // one Accept verifies at a time: heads move only under it
}

// Create makes a store in dir with the given ways to open it and unlocks it. The
// folder is made if it is not there, for this user only.
func Create(ctx context.Context, dir string, c Config, slots ...Slot) (*Store, error) {
	return create(ctx, dir, c, NewRoot(), slots)
}

func create(ctx context.Context, dir string, c Config, root Root, slots []Slot) (*Store, error) {
	if len(slots) == 0 {
		return nil, errors.New("create store: it needs at least one key to open it again")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create store: %w", err)
	}
	s, err := openStore(ctx, dir, c, true)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, &root, slots); err != nil {
		return nil, errors.Join(fmt.Errorf("create store in %s: %w", dir, explain(err)), s.Close())
	}
	if err := s.UnlockRoot(ctx, root); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin writes the row that makes a file a store, and the first slots, as one.
func (s *Store) begin(ctx context.Context, root *Root, slots []Slot) error {
	if s.db.write == nil {
		return ErrReadOnly
	}
	tx, err := s.db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var there int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM store").Scan(&there); err != nil {
		return err
	}
	if there > 0 {
		return errors.New("there is a store in this folder already")
	}
	id := make([]byte, 16)
	rand.Read(id)
	proof := seal(gcm(root.derive(purposeMeta)), nil, id, []byte("proof"))
	if _, err := tx.ExecContext(ctx, "INSERT INTO store (one, id, proof, tries, restored) VALUES (1, ?, ?, 0, 0)", id, proof); err != nil {
		return err
	}
	for _, slot := range slots {
		if err := addSlot(ctx, tx, root, slot, s.config.Secrets); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// Open opens the store in dir, locked. A folder in use by another station is
// ErrInUse; a store that cannot or must not be written is opened for reading,
// and ReadOnly says why.
func Open(ctx context.Context, dir string, c Config) (*Store, error) {
	return openStore(ctx, dir, c, false)
}

func openStore(ctx context.Context, dir string, c Config, create bool) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if c.Passes == nil {
		c.Passes = func(journal.Body) bool { return false }
	}
	if c.Lists == nil {
		c.Lists = func(chart.Type) bool { return false }
	}
	if c.Marks == nil {
		c.Marks = func(journal.Body) []byte { return nil }
	}
	if c.KeyOf == nil {
		c.KeyOf = func(chart.Device) (ed25519.PublicKey, bool) { return nil, false }
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	lock, writable, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("open store in %s: %w", dir, err)
	}
	db, err := openDatabase(ctx, dir, create, writable)
	if err != nil {
		lock.release()
		return nil, err
	}
	return &Store{dir: dir, config: c, lock: lock, db: db}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// ReadOnly says in words why the store is open for reading only, or "".
func (s *Store) ReadOnly() string { return s.db.reason }

// Locked reports whether the store is locked.
func (s *Store) Locked() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.open == nil
}

// Root is the root key of an unlocked store, for the parent process that hands
// it to a restarted recorder. It goes nowhere else.
func (s *Store) Root() (Root, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return Root{}, ErrLocked
	}
	return s.open.keys.root, nil
}

// use holds the store unlocked until done is called.
func (s *Store) use() (u *unlocked, done func(), err error) {
	s.mu.RLock()
	switch {
	case s.gone:
		err = ErrClosed
	case s.open == nil:
		err = ErrLocked
	default:
		return s.open, s.mu.RUnlock, nil
	}
	s.mu.RUnlock()
	return nil, nil, err
}

// UnlockRoot unlocks with the root key itself, as a restarted recorder gets it.
func (s *Store) UnlockRoot(ctx context.Context, root Root) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return ErrClosed
	}
	if s.open != nil {
		return nil
	}
	if err := s.db.prove(ctx, &root); err != nil {
		return err
	}
	u := &unlocked{store: s, db: s.db, keys: newKeys(root)}
	if err := u.start(ctx); err != nil {
		u.keys.wipe()
		return fmt.Errorf("unlock store: %w", explain(err))
	}
	s.open = u
	return nil
}

// prove checks the root key against this store.
func (d *database) prove(ctx context.Context, root *Root) error {
	var id, proof []byte
	if err := d.read.QueryRowContext(ctx, "SELECT id, proof FROM store").Scan(&id, &proof); err != nil {
		return fmt.Errorf("unlock store: %w", explain(err))
	}
	if _, err := open(gcm(root.derive(purposeMeta)), nil, proof, []byte("proof")); err != nil {
		return ErrWrongKey
	}
	return nil
}

// purposeMeta derives the key that seals what is neither entry nor card.
const purposeMeta = "fieldkit store meta 1"

func (u *unlocked) start(ctx context.Context) (err error) {
	if u.erase, err = loadErasures(ctx, u.db, u.keys); err != nil {
		return err
	}
	if u.past, err = loadPasts(ctx, u); err != nil {
		return err
	}
	if u.index, err = loadIndex(ctx, u); err != nil {
		return err
	}
	if u.db.write == nil {
		return nil
	}
	if u.quota, err = loadQuota(ctx, u); err != nil {
		return err
	}
	u.clerk, err = startClerk(ctx, u)
	return err
}

// Lock writes what is in memory only, forgets the keys and refuses everything
// until the store is unlocked again. It waits for what is under way.
func (s *Store) Lock() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockHeld()
}

func (s *Store) lockHeld() error {
	u := s.open
	if u == nil {
		return nil
	}
	s.open = nil
	var err error
	if u.clerk != nil {
		err = u.clerk.stop()
	}
	u.keys.wipe()
	return err
}

// Close locks the store, ends its files and frees the folder.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	err := s.lockHeld()
	s.gone = true
	err = errors.Join(err, s.db.close())
	s.lock.release()
	return err
}
