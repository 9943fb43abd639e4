package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Slot is one way of opening a store, to be added.
type Slot struct {
	Key   Key
	Owner string // whose it is: a staff id, or "" for the station's own. Sealed.
}

// A SlotInfo names a slot of an unlocked store.
type SlotInfo struct {
	ID    int64
	Kind  SlotKind
	Owner string
}

// maxOwner is the bytes of a slot's owner.
const maxOwner = 128

// Unlock tries the key on every slot of its kind. ErrWrongKey is all it says
// when none opens. Each wrong key since the last right one makes the next attempt
// wait longer, over restarts too, up to a minute; nothing is ever destroyed.
func (s *Store) Unlock(ctx context.Context, key Key) error {
	s.attempt.Lock()
	defer s.attempt.Unlock()
	if !s.Locked() {
		return nil
	}
	root, slot, err := s.try(ctx, key)
	if err != nil {
		return err
	}
	defer clear(root[:])
	if err := s.UnlockRoot(ctx, root); err != nil {
		return err
	}
	if s.db.write == nil {
		return nil
	}
	// The slot used last is tried first: with many persons each attempt at
	// another's slot costs a fifth of a second.
	_, err = s.db.write.ExecContext(ctx, `
		UPDATE slot SET used = (SELECT max(used) FROM slot) + 1
		WHERE id = ? AND EXISTS (SELECT 1 FROM slot o WHERE o.id <> slot.id AND o.used >= slot.used)`, slot)
	return explain(err)
}

// Check reports whether the key opens this store, locked or not: for a person
// who signs in at a store that is open already. Wrong keys count as in Unlock.
func (s *Store) Check(ctx context.Context, key Key) error {
	s.attempt.Lock()
	defer s.attempt.Unlock()
	root, _, err := s.try(ctx, key)
	clear(root[:])
	return err
}

// SlotOf is the slot that the key opens, to be replaced. Wrong keys count as in
// Unlock.
func (s *Store) SlotOf(ctx context.Context, key Key) (int64, error) {
	s.attempt.Lock()
	defer s.attempt.Unlock()
	root, slot, err := s.try(ctx, key)
	clear(root[:])
	return slot, err
}

func (s *Store) try(ctx context.Context, key Key) (root Root, slot int64, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return Root{}, 0, ErrClosed
	}
	counts := key.kind() == PassphraseSlot || key.kind() == PINSlot
	if counts {
		// The attempt is counted before it is made, so that ending the process
		// in between does not make it free.
		tries, err := s.db.countTry(ctx)
		if err != nil {
			return Root{}, 0, fmt.Errorf("unlock store: %w", explain(err))
		}
		if err := s.config.Wait(ctx, penalty(tries)); err != nil {
			return Root{}, 0, fmt.Errorf("unlock store: %w", err)
		}
	}
	slots, err := s.db.slots(ctx, key.kind())
	if err != nil {
		return Root{}, 0, fmt.Errorf("unlock store: %w", explain(err))
	}
	err = ErrWrongKey
	for _, c := range slots {
		root, e := key.unwrap(c.wrapped, c.salt, s.config.Secrets)
		if e == nil && s.db.prove(ctx, &root) == nil {
			if counts && s.db.write != nil {
				if _, err := s.db.write.ExecContext(ctx, "UPDATE store SET tries = 0"); err != nil {
					return Root{}, 0, fmt.Errorf("unlock store: %w", explain(err))
				}
			}
			return root, c.id, nil
		}
		if e != nil && !errors.Is(e, ErrWrongKey) {
			err = e
		}
	}
	return Root{}, 0, err
}

// penalty is how long an attempt waits after so many wrong ones: nothing for the
// first three, then 1 s, doubling, at most a minute.
func penalty(wrong int) time.Duration {
	if wrong < 3 {
		return 0
	}
	return min(time.Second<<min(wrong-3, 6), time.Minute)
}

// countTry adds one attempt and returns how many wrong ones came before.
func (d *database) countTry(ctx context.Context) (before int, err error) {
	if d.write == nil {
		err = d.read.QueryRowContext(ctx, "SELECT tries FROM store").Scan(&before)
		return before, err
	}
	err = d.write.QueryRowContext(ctx, "UPDATE store SET tries = tries + 1 RETURNING tries - 1").Scan(&before)
	return before, err
}

type candidate struct {
	id            int64
	salt, wrapped []byte
}

func (d *database) slots(ctx context.Context, kind SlotKind) ([]candidate, error) {
	rows, err := d.read.QueryContext(ctx, "SELECT id, salt, wrapped FROM slot WHERE kind = ? ORDER BY used DESC, id", int64(kind))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.id, &c.salt, &c.wrapped); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func addSlot(ctx context.Context, tx *sql.Tx, root *Root, slot Slot, secrets Secrets) error {
	if len(slot.Owner) > maxOwner {
		return fmt.Errorf("add slot: an owner's name of %d bytes, at most %d", len(slot.Owner), maxOwner)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	wrapped, err := slot.Key.wrap(root, salt, secrets)
	if err != nil {
		return err
	}
	// Padded, so that the size does not tell whose it is.
	owner := make([]byte, 1+maxOwner)
	owner[0] = byte(len(slot.Owner))
	copy(owner[1:], slot.Owner)
	kind := slot.Key.kind()
	sealed := seal(gcm(root.derive(purposeMeta)), nil, owner, slotPlace(kind, salt, wrapped))
	_, err = tx.ExecContext(ctx, "INSERT INTO slot (kind, used, salt, wrapped, owner) VALUES (?, 0, ?, ?, ?)", int64(kind), salt, wrapped, sealed)
	return err
}

// slotPlace is the associated data of a slot's owner, so that verify finds a
// damaged slot without the key that opens it.
func slotPlace(kind SlotKind, salt, wrapped []byte) []byte {
	return append(append([]byte{byte(kind)}, salt...), wrapped...)
}

// AddSlot gives the unlocked store one more way to be opened.
func (s *Store) AddSlot(ctx context.Context, slot Slot) error {
	return s.changeSlots(ctx, func(tx *sql.Tx, root *Root) error {
		return addSlot(ctx, tx, root, slot, s.config.Secrets)
	})
}

// ReplaceSlot puts a new key in the place of an old one, as when a passphrase or
// PIN is changed. The old one opens nothing from then on, except old backups.
func (s *Store) ReplaceSlot(ctx context.Context, old int64, slot Slot) error {
	return s.changeSlots(ctx, func(tx *sql.Tx, root *Root) error {
		if err := addSlot(ctx, tx, root, slot, s.config.Secrets); err != nil {
			return err
		}
		return s.dropSlots(ctx, tx, "id = ?", old)
	})
}

// RemoveSlot takes a way of opening away. The last slot stays.
func (s *Store) RemoveSlot(ctx context.Context, id int64) error {
	return s.changeSlots(ctx, func(tx *sql.Tx, _ *Root) error {
		return s.dropSlots(ctx, tx, "id = ?", id)
	})
}

// KeepRecoveryOnly drops every slot but the team's recovery key and locks, as a
// tablet does that reads its own revocation.
func (s *Store) KeepRecoveryOnly(ctx context.Context) error {
	err := s.changeSlots(ctx, func(tx *sql.Tx, _ *Root) error {
		return s.dropSlots(ctx, tx, "kind <> ?", int64(RecoverySlot))
	})
	if err != nil {
		return err
	}
	return s.Lock()
}

func (s *Store) changeSlots(ctx context.Context, change func(*sql.Tx, *Root) error) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if s.db.write == nil {
		return ErrReadOnly
	}
	err = u.clerk.apart(ctx, func() error {
		tx, err := s.db.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := change(tx, &u.keys.root); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		// A wrapped key that was taken away must not stand in the WAL either.
		return emptyWAL(ctx, s.db.write)
	})
	if err != nil {
		return fmt.Errorf("change keys: %w", explain(err))
	}
	return nil
}

// dropSlots removes the slots that match and their secrets in the keyring.
func (s *Store) dropSlots(ctx context.Context, tx *sql.Tx, which string, arg int64) error {
	rows, err := tx.QueryContext(ctx, "DELETE FROM slot WHERE "+which+" RETURNING kind, salt", arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind int64
		var salt []byte
		if err := rows.Scan(&kind, &salt); err != nil {
			return err
		}
		if SlotKind(kind) == PINSlot && s.config.Secrets != nil {
			// Without its slot the secret opens nothing; a keyring that is
			// away keeps a useless one.
			_ = s.config.Secrets.Forget(secretName(salt))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var left int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM slot").Scan(&left); err != nil {
		return err
	}
	if left == 0 {
		return errors.New("the last key of a store cannot be taken away: nobody could open it again")
	}
	return nil
}

// Slots lists the ways of opening the store, with their owners.
func (s *Store) Slots(ctx context.Context) ([]SlotInfo, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	return u.slots(ctx)
}

func (u *unlocked) slots(ctx context.Context) ([]SlotInfo, error) {
	rows, err := u.db.read.QueryContext(ctx, "SELECT id, kind, salt, wrapped, owner FROM slot ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", explain(err))
	}
	defer rows.Close()
	meta := gcm(u.keys.root.derive(purposeMeta))
	var out []SlotInfo
	for rows.Next() {
		var info SlotInfo
		var kind int64
		var salt, wrapped, sealed []byte
		if err := rows.Scan(&info.ID, &kind, &salt, &wrapped, &sealed); err != nil {
			return nil, fmt.Errorf("list keys: %w", explain(err))
		}
		info.Kind = SlotKind(kind)
		owner, err := open(meta, nil, sealed, slotPlace(info.Kind, salt, wrapped))
		if err != nil || len(owner) != 1+maxOwner || int(owner[0]) > maxOwner {
			return nil, fmt.Errorf("list keys: slot %d: %w", info.ID, ErrDamaged)
		}
		info.Owner = string(owner[1 : 1+owner[0]])
		out = append(out, info)
	}
	return out, explain(rows.Err())
}

// emptyWAL brings everything into the main file and cuts the WAL to nothing, so
// that what was overwritten is not left there.
func emptyWAL(ctx context.Context, db *sql.DB) error {
	var busy, frames, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("empty the write-ahead file: a reader is in the way; try again")
	}
	return nil
}
