package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// EraseAfter is how long an erase is only hidden, so that another admin's or the
// recovery key's accept can stop it.
const EraseAfter = 72 * time.Hour

// erasures are the places whose content is hidden or gone. Safe for concurrent use.
type erasures struct {
	mu   sync.RWMutex
	done map[chart.Ref]bool // false: hidden and not yet carried out

	damaged int // rows that are not as they were written; obeyed all the same
}

// erasureMAC is the keyed hash of an erasure's row.
func erasureMAC(k *keys, ref chart.Ref, due int64, done bool) [16]byte {
	b := append([]byte("erasure"), ref.Device[:]...)
	b = append(b, ref.Epoch[:]...)
	b = binary.BigEndian.AppendUint64(b, ref.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(due))
	if done {
		b = append(b, 1)
	}
	return k.hash16(b)
}

func loadErasures(ctx context.Context, d *database, k *keys) (*erasures, error) {
	rows, err := d.read.QueryContext(ctx, "SELECT device, epoch, seq, due, done, mac FROM erasure")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	e := &erasures{done: make(map[chart.Ref]bool)}
	for rows.Next() {
		var device, epoch, mac []byte
		var ref chart.Ref
		var due int64
		var done bool
		if err := rows.Scan(&device, &epoch, &ref.Seq, &due, &done, &mac); err != nil {
			return nil, err
		}
		copy(ref.Device[:], device)
		copy(ref.Epoch[:], epoch)
		e.done[ref] = done
		if want := erasureMAC(k, ref, due, done); !bytes.Equal(mac, want[:]) {
			e.damaged++
		}
	}
	return e, rows.Err()
}

// erasable reports whether an order reaches a log at all. Who belongs to the team and
// who looked at what cannot be ordered away: an admin's stolen tablet would hide its own
// withdrawal, before it was written.
func erasable(log journal.Log) bool { return log != journal.Team && log != journal.Audit }

// hide is r without its body where it is to be erased.
func (e *erasures) hide(p *place, seq uint64, r journal.Record) journal.Record {
	if !erasable(p.log) {
		return r
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.done) == 0 {
		return r
	}
	if _, ok := e.done[p.ref(seq)]; ok {
		return journal.Record{Envelope: r.Envelope, Absent: chart.Erased}
	}
	return r
}

// gone is r without its body where the erase was carried out: such a body is
// never stored again.
func (e *erasures) gone(p *place, seq uint64, r journal.Record) journal.Record {
	if !erasable(p.log) {
		return r
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.done) > 0 && e.done[p.ref(seq)] {
		return journal.Record{Envelope: r.Envelope, Absent: chart.Erased}
	}
	return r
}

// Erase hides the contents at refs at once, whether they are held yet or not, and
// has them dropped for good by the first CarryOut at or after due (the order's
// time and EraseAfter). Repeating an order changes nothing. The team and audit logs
// are out of its reach.
func (s *Store) Erase(ctx context.Context, refs []chart.Ref, due time.Time) error {
	return s.onErasures(ctx, "erase", func(u *unlocked, c *clerk) error {
		err := c.transact(func() error {
			for _, r := range refs {
				mac := erasureMAC(u.keys, r, due.Unix(), false)
				if _, err := c.conn.ExecContext(ctx, "INSERT INTO erasure (epoch, device, seq, due, done, mac) VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING", r.Epoch[:], r.Device[:], int64(r.Seq), due.Unix(), mac[:]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		u.erase.mu.Lock()
		defer u.erase.mu.Unlock()
		for _, r := range refs {
			if _, there := u.erase.done[r]; !there {
				u.erase.done[r] = false
			}
		}
		return nil
	})
}

// Waiting is until when an entry is only hidden by an erase; false where none was
// ordered, or it was carried out.
func (s *Store) Waiting(ctx context.Context, r chart.Ref) (due time.Time, waits bool, err error) {
	u, done, err := s.use()
	if err != nil {
		return due, false, err
	}
	defer done()
	var at int64
	err = u.db.read.QueryRowContext(ctx, "SELECT due FROM erasure WHERE epoch = ? AND device = ? AND seq = ? AND done = 0", r.Epoch[:], r.Device[:], int64(r.Seq)).Scan(&at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return due, false, nil
	case err != nil:
		return due, false, fmt.Errorf("read when an erase is due: %w", explain(err))
	}
	return time.Unix(at, 0).UTC(), true, nil
}

// Spare takes back what of an erase was not carried out yet and shows the contents
// again. What is gone is gone.
func (s *Store) Spare(ctx context.Context, spans []chart.Span) error {
	return s.onErasures(ctx, "take erase back", func(u *unlocked, c *clerk) error {
		err := c.transact(func() error {
			for _, s := range spans {
				if _, err := c.conn.ExecContext(ctx, "DELETE FROM erasure WHERE epoch = ? AND device = ? AND seq BETWEEN ? AND ? AND done = 0", s.Epoch[:], s.Device[:], int64(s.From), int64(s.To)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		u.erase.mu.Lock()
		defer u.erase.mu.Unlock()
		of := map[journal.Place][]chart.Span{}
		for _, s := range spans {
			at := journal.Place{Device: s.Device, Epoch: s.Epoch}
			of[at] = append(of[at], s)
		}
		maps.DeleteFunc(u.erase.done, func(r chart.Ref, done bool) bool {
			in := func(s chart.Span) bool { return s.Holds(r) }
			return !done && slices.ContainsFunc(of[journal.Place{Device: r.Device, Epoch: r.Epoch}], in)
		})
		return nil
	})
}

func (s *Store) onErasures(ctx context.Context, what string, f func(*unlocked, *clerk) error) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if u.clerk == nil {
		return ErrReadOnly
	}
	if err := u.clerk.apart(ctx, func() error { return f(u, u.clerk) }); err != nil {
		return fmt.Errorf("%s: %w", what, explain(err))
	}
	return nil
}

// CarryOut drops for good the contents whose erase is due at now, and returns how
// many. Envelopes stay, so that the chain holds. Afterwards no byte of them is in
// the database or its write-ahead file.
func (s *Store) CarryOut(ctx context.Context, now time.Time) (int, error) {
	var count int
	err := s.onErasures(ctx, "carry out erase", func(u *unlocked, c *clerk) error {
		due, err := u.dueErasures(ctx, now)
		if err != nil || len(due) == 0 {
			return err
		}
		u.index.mu.Lock()
		defer u.index.mu.Unlock()
		err = c.transact(func() error {
			for _, o := range due {
				if err := c.drop(ctx, o); err != nil {
					return err
				}
			}
			return c.putCards(u.index)
		})
		if err != nil {
			return errors.Join(err, u.index.load(ctx))
		}
		u.index.saved()
		u.erase.mu.Lock()
		for _, o := range due {
			u.erase.done[o.ref] = true
		}
		u.erase.mu.Unlock()
		count = len(due)
		return emptyWAL(ctx, u.db.write)
	})
	return count, err
}

// An order is an erasure that is due.
type order struct {
	ref chart.Ref
	due int64
}

func (u *unlocked) dueErasures(ctx context.Context, now time.Time) ([]order, error) {
	rows, err := u.db.read.QueryContext(ctx, "SELECT device, epoch, seq, due FROM erasure WHERE done = 0 AND due <= ?", now.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []order
	for rows.Next() {
		var device, epoch []byte
		var o order
		if err := rows.Scan(&device, &epoch, &o.ref.Seq, &o.due); err != nil {
			return nil, err
		}
		copy(o.ref.Device[:], device)
		copy(o.ref.Epoch[:], epoch)
		out = append(out, o)
	}
	return out, rows.Err()
}
