package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// cardEvery is how many entries may be known to the index in memory only. It
// bounds what a start after a crash has to open.
const cardEvery = 4096

// The clerk is the one writer. Whoever writes holds mu; a caller of Commit that
// gets it commits for all who wait as well, as one transaction. There is no
// goroutine between caller and disk: waking one costs as much as the fsync.
type clerk struct {
	u *unlocked

	waiting struct {
		mu   sync.Mutex
		jobs []*job
	}

	mu   sync.Mutex // guards what follows
	conn *sql.Conn
	stmt struct {
		begin, commit, rollback, entry, lookup, head *sql.Stmt
	}
	next    int64 // id of the next entry
	writers map[line]*writer

	tidying atomic.Bool
	tidies  sync.WaitGroup
}

// A line is one of this device's logs for one team.
type line struct {
	team journal.TeamID
	log  journal.Log
}

type writer struct {
	*journal.Writer
	place  *place
	opened time.Time // by the monotonic clock
	since  int64     // clock of its first entry, ms since 1970
	fresh  bool      // its epoch has no row yet
}

// head is the epoch's row at h.
func (w *writer) head(h journal.Head) head {
	return head{place: w.place, seq: h.Seq, chain: h.Chain, opened: w.since}
}

// A job is what one caller of Commit waits for. Its result is guarded by the
// clerk's mu.
type job struct {
	ctx    context.Context
	signer *Signer
	drafts []draft

	done bool
	refs []chart.Ref
	err  error
}

func startClerk(ctx context.Context, u *unlocked) (*clerk, error) {
	conn, err := u.db.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &clerk{u: u, conn: conn, writers: make(map[line]*writer)}
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&c.stmt.begin, "BEGIN IMMEDIATE"},
		{&c.stmt.commit, "COMMIT"},
		{&c.stmt.rollback, "ROLLBACK"},
		{&c.stmt.entry, "INSERT INTO entry (id, epoch, seq, key, seal, blob) VALUES (?, ?, ?, ?, ?, ?)"},
		{&c.stmt.lookup, "INSERT INTO lookup (hash, id) VALUES (?, ?)"},
		{&c.stmt.head, "UPDATE epoch SET seq = ?, chain = ?, mac = ? WHERE num = ? AND seq = ?"},
	} {
		if *s.into, err = conn.PrepareContext(ctx, s.text); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	if err := conn.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) + 1 FROM entry").Scan(&c.next); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// stop writes the index and ends. Nobody may write any more.
func (c *clerk) stop() error {
	c.tidies.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.writeCards(), c.close())
}

// close ends the statements before their connection: one that is left keeps the
// file open, and the WAL beside it.
func (c *clerk) close() error {
	var err error
	for _, s := range []*sql.Stmt{c.stmt.begin, c.stmt.commit, c.stmt.rollback, c.stmt.entry, c.stmt.lookup, c.stmt.head} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, c.conn.Close())
}

// tidy does, beside the callers, what none of them should wait for. What fails
// is tried again after the next write.
func (c *clerk) tidy() {
	if !c.u.quota.low() && c.u.index.behind() < cardEvery || !c.tidying.CompareAndSwap(false, true) {
		return
	}
	c.tidies.Go(func() {
		defer c.tidying.Store(false)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.u.quota.low() {
			_ = c.u.quota.reserve(context.Background(), c.u.db)
		}
		if c.u.index.behind() >= cardEvery {
			_ = c.writeCards()
		}
	})
}

// apart runs f as the one writer, between transactions.
func (c *clerk) apart(ctx context.Context, f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	defer c.tidy()
	return f()
}

// transact runs f between BEGIN and COMMIT. After an error nothing of it is on
// the disk.
func (c *clerk) transact(f func() error) error {
	if _, err := c.stmt.begin.Exec(); err != nil {
		return explain(err)
	}
	err := f()
	if err == nil {
		_, err = c.stmt.commit.Exec()
	}
	if err != nil {
		// After some errors SQLite has rolled back already and says so.
		_, _ = c.stmt.rollback.Exec()
		return explain(err)
	}
	return nil
}

// write inserts the rows of one piece under neighbouring ids, which it returns
// in the rows' notes, and moves the head from one sequence to another.
func (c *clerk) write(rows []row, from uint64, to head) error {
	for i := range rows {
		r := &rows[i]
		r.note.id = c.next
		var sealed any
		if r.seal != nil {
			sealed = r.seal
		}
		if _, err := c.stmt.entry.Exec(c.next, r.place.num, int64(r.seq), int64(r.key), sealed, r.blob); err != nil {
			return fmt.Errorf("write entry: %w", err)
		}
		if r.found {
			if _, err := c.stmt.lookup.Exec(r.hash, c.next); err != nil {
				return fmt.Errorf("write lookup: %w", err)
			}
		}
		c.next++
	}
	done, err := c.stmt.head.Exec(int64(to.seq), to.chain[:], c.u.headMAC(to), to.place.num, int64(from))
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errMoved, err)
	}
	return nil
}

// newPlace writes the row of an epoch as it is before its first entry and gives
// it its number.
func (c *clerk) newPlace(h head) error {
	p := h.place
	name := func(e chart.Epoch) []byte {
		if e == (chart.Epoch{}) {
			return []byte{}
		}
		return e[:]
	}
	ctx := context.Background()
	for _, b := range [][]byte{p.team[:], p.device[:]} {
		if _, err := c.conn.ExecContext(ctx, "INSERT INTO name (bytes) VALUES (?) ON CONFLICT DO NOTHING", b); err != nil {
			return fmt.Errorf("open epoch: %w", err)
		}
	}
	err := c.conn.QueryRowContext(ctx, `
		INSERT INTO epoch (team, device, log, epoch, aside, branch, parted, base, seq, chain, opened, carded, pruned, mac)
		VALUES ((SELECT id FROM name WHERE bytes = ?), (SELECT id FROM name WHERE bytes = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0) RETURNING num`,
		p.team[:], p.device[:], int64(p.log), p.epoch[:], name(p.aside), name(p.branch), int64(p.parted), int64(p.base),
		int64(h.seq), h.chain[:], h.opened, int64(h.seq)).Scan(&p.num)
	if err != nil {
		return fmt.Errorf("open epoch: %w", err)
	}
	return nil
}

// sealBytes is what stands in the seal column: the signature, and at every
// chainEvery-th entry the chain hash too, so that a range can be cut out of a
// long epoch without reading it from its beginning.
func sealBytes(s journal.Seal, before uint64) []byte {
	out := append(make([]byte, 0, 96), s.Signature[:]...)
	if s.Seq/chainEvery != before/chainEvery {
		out = append(out, s.Chain[:]...)
	}
	return out
}

const chainEvery = 64
