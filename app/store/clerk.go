package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// cardEvery is how many entries may be known to the index in memory only. It
// bounds what a start after a crash has to open.
const cardEvery = 4096

// The clerk is the one writer. It takes jobs one after another, and commits of
// callers that wait at the same time as one transaction.
type clerk struct {
	u    *unlocked
	conn *sql.Conn
	stmt struct {
		begin, commit, rollback, entry, lookup, head *sql.Stmt
	}
	jobs  chan job
	ended chan error

	next    int64 // id of the next entry
	writers map[line]*writer
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

// A job is done in the clerk's goroutine: drafts to commit, or a function.
type job struct {
	drafts []draft
	signer *Signer
	run    func() error
	reply  chan<- result
}

type result struct {
	refs []chart.Ref
	err  error
}

func startClerk(ctx context.Context, u *unlocked) (*clerk, error) {
	conn, err := u.db.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &clerk{u: u, conn: conn, jobs: make(chan job, 64), ended: make(chan error, 1), writers: make(map[line]*writer)}
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
	go c.work()
	return c, nil
}

// stop waits for the work under way, writes the index and ends. Nobody may send
// jobs any more.
func (c *clerk) stop() error {
	close(c.jobs)
	return <-c.ended
}

func (c *clerk) work() {
	var left *job // taken from the queue and not done yet
	for {
		var j job
		if left != nil {
			j, left = *left, nil
		} else {
			var more bool
			if j, more = <-c.jobs; !more {
				break
			}
		}
		if j.run != nil {
			j.reply <- result{err: j.run()}
		} else {
			left = c.commitBatch(j)
		}
		c.upkeep()
	}
	c.ended <- errors.Join(c.writeCards(), c.close())
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

// upkeep does between jobs what no caller should wait for. What fails here is
// tried again after the next job.
func (c *clerk) upkeep() {
	if c.u.quota.low() {
		_ = c.u.quota.reserve(context.Background(), c.u.db)
	}
	if c.u.index.behind() >= cardEvery {
		_ = c.writeCards()
	}
}

// apart runs f in the clerk's goroutine, between transactions, and waits.
func (c *clerk) apart(ctx context.Context, f func() error) error {
	return c.ask(ctx, job{run: f}).err
}

// ask waits until the job is done, even when ctx ends: only the way into the
// queue can be given up, for what is under way will be on the disk.
func (c *clerk) ask(ctx context.Context, j job) result {
	reply := make(chan result, 1)
	j.reply = reply
	select {
	case c.jobs <- j:
		return <-reply
	case <-ctx.Done():
		return result{err: ctx.Err()}
	}
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
	mac := c.u.headMAC(to)
	done, err := c.stmt.head.Exec(int64(to.seq), to.chain[:], mac[:], to.place.num, int64(from))
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
	err := c.conn.QueryRowContext(ctx, `
		INSERT INTO epoch (team, device, log, epoch, aside, branch, parted, base, seq, chain, opened, carded, pruned, mac)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, x'') RETURNING num`,
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
