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
	err = u.clerk.apart(ctx, func() error {
		if value == nil {
			_, err := u.clerk.conn.ExecContext(ctx, "DELETE FROM kept WHERE hash = ?", u.keys.hash8([]byte("kept "+name)))
			return err
		}
		return u.clerk.keep(ctx, name, value)
	})
	if err != nil {
		return fmt.Errorf("keep setting: %w", explain(err))
	}
	return nil
}

// keep seals the name with the value, so that a rekeyed store can take it over.
func (c *clerk) keep(ctx context.Context, name string, value []byte) error {
	key, err := c.u.quota.take(1)
	if err != nil {
		return err
	}
	hash := c.u.keys.hash8([]byte("kept " + name))
	plain := append(append(binary.AppendUvarint(nil, uint64(len(name))), name...), value...)
	blob := seal(c.u.keys.aead(key), nil, plain, keptPlace(hash))
	_, err = c.conn.ExecContext(ctx, "INSERT INTO kept (hash, key, blob) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET key = excluded.key, blob = excluded.blob", hash, int64(key), blob)
	return err
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
	_, value, err := u.openKept(hash, key, blob)
	if err != nil {
		return nil, fmt.Errorf("read setting: %w", err)
	}
	return value, nil
}

func (u *unlocked) openKept(hash, key int64, blob []byte) (name string, value []byte, err error) {
	plain, err := open(u.keys.aead(uint32(key)), nil, blob, keptPlace(hash))
	if err != nil {
		return "", nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	size, n := binary.Uvarint(plain)
	if n <= 0 || size > uint64(len(plain)-n) {
		return "", nil, ErrDamaged
	}
	return string(plain[n : n+int(size)]), plain[n+int(size):], nil
}

// kept opens everything that is kept.
func (u *unlocked) kept(ctx context.Context) (map[string][]byte, error) {
	rows, err := u.db.read.QueryContext(ctx, "SELECT hash, key, blob FROM kept")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string][]byte)
	for rows.Next() {
		var hash, key int64
		var blob []byte
		if err := rows.Scan(&hash, &key, &blob); err != nil {
			return nil, err
		}
		name, value, err := u.openKept(hash, key, blob)
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, rows.Err()
}

// keptPlace is the associated data of a kept thing.
func keptPlace(hash int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("kept"), uint64(hash))
}
