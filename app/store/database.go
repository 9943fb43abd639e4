package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed sql/*.sql
var migrations embed.FS

// applicationID marks our files in SQLite's header: "FKit".
const applicationID = 0x464b6974

// Errors of a database that cannot be used as it should.
var (
	// ErrReadOnly reports a write to a store that was opened read-only.
	ErrReadOnly = errors.New("this store is open for reading only")
	// ErrNotStore reports a file that is not ours.
	ErrNotStore = errors.New("this folder holds no store of ours")
	// ErrFull reports that the disk has no room. What was called recorded is safe.
	ErrFull = errors.New("the disk is full: nothing more can be recorded; free some space. What was recorded before is safe")
)

// readers is how many connections read at once.
const readers = 4

// database is the file: one connection that writes, a few that only read.
type database struct {
	path   string
	write  *sql.DB // nil when read-only
	read   *sql.DB
	branch *sql.Stmt // see branches
	reason string    // why it is read-only, in words; "" when it is not
}

// openDatabase opens the file in dir and brings its schema up to date. Create
// makes a file; without it a missing one is ErrNotStore.
func openDatabase(ctx context.Context, dir string, create, writable bool) (_ *database, err error) {
	d := &database{path: filepath.Join(dir, dbName)}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	_, missing := os.Stat(d.path)
	if missing != nil && !create {
		return nil, fmt.Errorf("open store in %s: %w", dir, ErrNotStore)
	}
	if !writable {
		d.reason = "the folder cannot be written"
	}
	if err := d.checkVersion(ctx, create); err != nil {
		return nil, fmt.Errorf("open store in %s: %w", dir, err)
	}
	if d.reason == "" {
		d.write = sql.OpenDB(connector(d.path, false, false))
		// The clerk has one for its transactions; the other is for keys and checks.
		d.write.SetMaxOpenConns(2)
		if err := d.migrate(ctx); err != nil {
			return nil, fmt.Errorf("open store in %s: %w", dir, explain(err))
		}
		// SQLite makes its files with the umask's rights; nobody else needs them.
		if err := os.Chmod(d.path, 0o600); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	d.read = sql.OpenDB(connector(d.path, true, !writable))
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	d.branch, err = d.read.PrepareContext(ctx, "SELECT "+placeColumns+" FROM head WHERE substr(epoch, 1, 4) = ? AND epoch = ? AND log = ? AND device = ? ORDER BY length(aside), num")
	if err != nil {
		return nil, fmt.Errorf("open store in %s: %w", dir, explain(err))
	}
	return d, nil
}

// connector opens connections with every pragma that safety hangs on.
func connector(path string, readOnly, noFiles bool) driver.Connector {
	q := url.Values{
		"_pragma": {
			"busy_timeout(10000)",
			"synchronous(FULL)",
			"secure_delete(ON)",
			"temp_store(MEMORY)",
			"cell_size_check(ON)",
			"trusted_schema(OFF)",
			"cache_size(-16000)",
		},
		"_dqs":       {"0"},
		"_defensive": {"1"},
	}
	switch {
	case noFiles:
		// On a disk that cannot be written SQLite can make no -shm; without a
		// -wal left behind the file is complete and nobody changes it.
		q.Set("mode", "ro")
		if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
			q.Set("immutable", "1")
		}
	case readOnly:
		q.Set("mode", "ro")
	default:
		q.Set("_journal_mode", "WAL")
		q.Set("_txlock", "immediate")
	}
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		path = "/" + path
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		panic(err) // the parameters are constants
	}
	return c
}

// checkVersion looks before anything is written: a file of another program is
// refused, one of a later version of this one is only read.
func (d *database) checkVersion(ctx context.Context, create bool) error {
	if create {
		return nil
	}
	db := sql.OpenDB(connector(d.path, true, d.reason != ""))
	defer db.Close()
	var application, version int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return explain(err)
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return explain(err)
	}
	if application != applicationID || version < 1 {
		return ErrNotStore
	}
	if newest := len(migrationFiles()); version > newest && d.reason == "" {
		d.reason = fmt.Sprintf("it was written by a later version of this program (store version %d, this program knows %d): update the program to record", version, newest)
	}
	return nil
}

func migrationFiles() []fs.DirEntry {
	files, err := migrations.ReadDir("sql")
	if err != nil {
		panic(err) // embedded
	}
	return files
}

// migrate runs the numbered files that the store has not seen, each in one
// transaction together with its number.
func (d *database) migrate(ctx context.Context) error {
	var version int
	if err := d.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	for i, file := range migrationFiles() {
		if i < version {
			continue
		}
		text, err := migrations.ReadFile("sql/" + file.Name())
		if err != nil {
			return err
		}
		tx, err := d.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("%s;\nPRAGMA application_id = %d; PRAGMA user_version = %d", text, applicationID, i+1))
		if err != nil {
			return errors.Join(fmt.Errorf("migrate by %s: %w", file.Name(), err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migrate by %s: %w", file.Name(), err)
		}
	}
	return nil
}

func (d *database) close() error {
	var err error
	if d.branch != nil {
		err = d.branch.Close()
	}
	if d.read != nil {
		err = errors.Join(err, d.read.Close())
	}
	if d.write != nil {
		err = errors.Join(err, d.write.Close())
	}
	return err
}

// explain puts words for people beside SQLite's.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w (%w)", ErrReadOnly, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	return err
}

// ErrDamaged reports bytes on the disk that are not what was written. Run verify
// to see what is lost; restore a backup or fetch it again from the others.
var ErrDamaged = errors.New("the store is damaged: run verify to see where, then restore a backup or fetch the entries again from another station")
