package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes a whole, consistent copy of the store to path while recording
// goes on. It is sealed as the store is and opens with the same keys. A file that
// is there already is not touched.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return ErrClosed
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("back up: %s is there already: name another file", path)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	// VACUUM INTO reads in one transaction; a writer is not in its way.
	if _, err := s.db.read.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return fmt.Errorf("back up: %w", explain(err))
	}
	if err := publish(part, path); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// publish makes a written file durable and gives it its name.
func publish(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Restore makes a store in dir, which must hold none, from a backup. It does not
// look at the entries: unlock it and Verify. Until ConfirmRestored is called,
// Restored says that erasures since the backup are unknown.
func Restore(ctx context.Context, backup, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	lock, writable, err := lockFolder(dir)
	if err != nil {
		return fmt.Errorf("restore to %s: %w", dir, err)
	}
	defer lock.release()
	if !writable {
		return fmt.Errorf("restore to %s: %w", dir, ErrReadOnly)
	}
	path := filepath.Join(dir, dbName)
	for _, name := range []string{path, path + "-wal"} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("restore to %s: there is a store in this folder already", dir)
		}
	}
	part := path + ".part"
	defer os.Remove(part)
	if err := copyFile(part, backup); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d := &database{path: part}
	if err := d.checkVersion(ctx, false); err != nil {
		return fmt.Errorf("restore %s: %w", backup, err)
	}
	if d.reason != "" {
		return fmt.Errorf("restore %s: %s", backup, d.reason)
	}
	db := sql.OpenDB(connector(part, false, false))
	_, err = db.ExecContext(ctx, "UPDATE store SET restored = 1")
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", backup, explain(err))
	}
	if err := publish(part, path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Restored reports whether this store came from a backup and nobody has confirmed
// since that its erasures are up to date: by one exchange, or by a person.
func (s *Store) Restored(ctx context.Context) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return false, ErrClosed
	}
	var restored bool
	if err := s.db.read.QueryRowContext(ctx, "SELECT restored FROM store").Scan(&restored); err != nil {
		return false, fmt.Errorf("read store: %w", explain(err))
	}
	return restored, nil
}

// ConfirmRestored ends what Restored reports.
func (s *Store) ConfirmRestored(ctx context.Context) error {
	return s.onErasures(ctx, "confirm restore", func(u *unlocked, c *clerk) error {
		_, err := c.conn.ExecContext(ctx, "UPDATE store SET restored = 0")
		return err
	})
}
