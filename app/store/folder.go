package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The files of a store's folder. SQLite adds fieldkit.db-wal and -shm.
const (
	dbName   = "fieldkit.db"
	lockName = "fieldkit.lock"
)

// ErrInUse reports that another station has this data folder. Use that one, or
// name another folder.
var ErrInUse = errors.New("another station is using this data folder: use that one, or choose another folder")

// A folderLock keeps a second station out of a data folder for as long as this
// process lives; the operating system lets go of it when the process dies.
type folderLock struct{ file *os.File }

// lockFolder takes the lock. In a folder that cannot be written there is none to
// take, and none is needed: writable is then false.
func lockFolder(dir string) (l *folderLock, writable bool, err error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		if errors.Is(err, os.ErrPermission) || readOnlyDisk(err) {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("lock data folder: %w", err)
	}
	if err := lockFile(f); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 64))
		f.Close()
		if !errors.Is(err, errHeld) {
			return nil, false, fmt.Errorf("lock data folder: %w", err)
		}
		if id := strings.TrimSpace(string(holder)); id != "" {
			return nil, false, fmt.Errorf("%w (process %s)", ErrInUse, id)
		}
		return nil, false, ErrInUse
	}
	// Who holds it is a help to the reader only; the lock does not hang on it.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &folderLock{f}, true, nil
}

func (l *folderLock) release() {
	if l != nil {
		l.file.Close()
	}
}

// errHeld is what lockFile returns when someone else has the lock.
var errHeld = errors.New("held")
