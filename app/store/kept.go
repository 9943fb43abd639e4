package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrNotKept reports a name under which nothing is kept.
var ErrNotKept = errors.New("nothing is kept under that name")

// Keep seals a small thing of the station's own under a name: its device key, its
// teams, its settings. Neither name nor value stands in the clear. A nil value
// forgets. It is durable when Keep returns.
func (s *Store) Keep(ctx context.Context, name string, value []byte) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if u.clerk == nil {
		return ErrReadOnly
	}
	hash := u.keys.hash8([]byte("kept " + name))
	err = u.clerk.apart(ctx, func() error {
		if value == nil {
			_, err := u.clerk.conn.ExecContext(ctx, "DELETE FROM kept WHERE hash = ?", hash)
			return err
		}
		key, err := u.quota.take(1)
		if err != nil {
			return err
		}
		blob := seal(u.keys.aead(key), nil, value, keptPlace(hash))
		_, err = u.clerk.conn.ExecContext(ctx, "INSERT INTO kept (hash, key, blob) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET key = excluded.key, blob = excluded.blob", hash, int64(key), blob)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep setting: %w", explain(err))
	}
	return nil
}

// Kept is what Keep sealed under a name; ErrNotKept when there is nothing.
func (s *Store) Kept(ctx context.Context, name string) ([]byte, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	hash := u.keys.hash8([]byte("kept " + name))
	var key int64
	var blob []byte
	err = u.db.read.QueryRowContext(ctx, "SELECT key, blob FROM kept WHERE hash = ?", hash).Scan(&key, &blob)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotKept
	}
	if err != nil {
		return nil, fmt.Errorf("read setting: %w", explain(err))
	}
	value, err := open(u.keys.aead(uint32(key)), nil, blob, keptPlace(hash))
	if err != nil {
		return nil, fmt.Errorf("read setting: %w (%w)", ErrDamaged, err)
	}
	return value, nil
}

// keptPlace is the associated data of a kept thing.
func keptPlace(hash int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("kept"), uint64(hash))
}
