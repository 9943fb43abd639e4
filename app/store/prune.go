package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Retention is how long each log's entries stay. Zero is for ever.
var Retention = map[journal.Log]time.Duration{
	journal.Team:   0,
	journal.Chart:  0,
	journal.Supply: 0,
	journal.Audit:  0,
	journal.Stream: 30 * 24 * time.Hour, // sooner when the disk is nearly full
}

// Bounds of pruning.
const (
	scarce     = 0.15 // share of free space under which held epochs go early
	copies     = 2    // other stations that must hold an epoch before it may go
	prunePiece = 256  // seals whose entries are dropped in one transaction
)

// Held notes that a device says it holds an epoch of the stream up to a sequence.
// Hospital says that it is one whose word is enough alone.
func (s *Store) Held(ctx context.Context, by chart.Device, hospital bool, at journal.Head) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if u.clerk == nil {
		return ErrReadOnly
	}
	err = u.clerk.apart(ctx, func() error {
		_, err := u.clerk.conn.ExecContext(ctx, `
			INSERT INTO held (epoch, by, safe, seq)
			SELECT num, ?, ?, ? FROM head WHERE substr(epoch, 1, 4) = ? AND epoch = ? AND log = ? AND device = ? AND aside = x''
			ON CONFLICT (epoch, by) DO UPDATE SET safe = max(safe, excluded.safe), seq = max(seq, excluded.seq)`,
			by[:], hospital, int64(at.Seq), at.Epoch[:4], at.Epoch[:], int64(at.Log), at.Device[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("note what %x holds: %w", by[:4], explain(err))
	}
	return nil
}

// A Disk is how much room the disk of the data folder has, in bytes.
type Disk struct{ Free, Total int64 }

// A Pruned is what Prune did.
type Pruned struct {
	Epochs int  // dropped
	Scarce bool // space is still short, and what is left is held nowhere else: refuse new waveforms
}

// Prune drops whole epochs of the stream, the oldest first, that two other
// stations or the hospital hold to their end and that are over 30 days old, or
// younger ones while less than 15 % of the disk is free. What nobody else holds is
// never dropped. Each epoch keeps its head. Space comes free inside the database
// file, which does not shrink. The epoch being written is never dropped.
func (s *Store) Prune(ctx context.Context, now time.Time, disk Disk) (Pruned, error) {
	u, done, err := s.use()
	if err != nil {
		return Pruned{}, err
	}
	defer done()
	if u.clerk == nil {
		return Pruned{}, ErrReadOnly
	}
	var out Pruned
	// What an earlier run marked and did not end comes first.
	heads, err := u.db.heads(ctx, `
		WHERE pruned = 1 OR pruned = 0 AND log = ? AND seq > base AND (
			(SELECT count(*) FROM held WHERE held.epoch = num AND held.seq >= head.seq) >= ? OR
			EXISTS (SELECT 1 FROM held WHERE held.epoch = num AND held.seq >= head.seq AND safe = 1))
		ORDER BY pruned DESC, opened`, int64(journal.Stream), copies)
	if err != nil {
		return out, fmt.Errorf("prune: %w", explain(err))
	}
	for _, h := range heads {
		short, err := u.short(ctx, disk)
		if err != nil {
			return out, fmt.Errorf("prune: %w", explain(err))
		}
		// An epoch lasts a day at most, so its last entry is younger than that.
		old := now.Sub(time.UnixMilli(h.opened)) > Retention[journal.Stream]+journal.EpochLife
		if h.state == 0 && !old && !short {
			continue
		}
		dropped, err := u.prune(ctx, h)
		if err != nil {
			return out, fmt.Errorf("prune: %w", explain(err))
		}
		if dropped {
			out.Epochs++
		}
	}
	out.Scarce, err = u.short(ctx, disk)
	if err != nil {
		return out, fmt.Errorf("prune: %w", explain(err))
	}
	return out, nil
}

// short reports whether the disk is nearly full, counting the room inside the file.
func (u *unlocked) short(ctx context.Context, disk Disk) (bool, error) {
	inside, err := u.room(ctx)
	return disk.Total > 0 && float64(disk.Free+inside) < scarce*float64(disk.Total), err
}

// Room is how many bytes of the database file are free for new entries.
func (s *Store) Room(ctx context.Context) (int64, error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	defer done()
	inside, err := u.room(ctx)
	if err != nil {
		return 0, fmt.Errorf("look at the room in the store: %w", explain(err))
	}
	return inside, nil
}

func (u *unlocked) room(ctx context.Context) (int64, error) {
	var pages, size int64
	err := u.db.read.QueryRowContext(ctx, "SELECT freelist_count, page_size FROM pragma_freelist_count, pragma_page_size").Scan(&pages, &size)
	return pages * size, err
}

// prune drops an epoch's entries, some at a time so that recording goes on. A
// crash in between leaves it marked, and the next run goes on.
func (u *unlocked) prune(ctx context.Context, h head) (bool, error) {
	c := u.clerk
	mark := func(state int64) error {
		h.state = state
		_, err := c.conn.ExecContext(ctx, "UPDATE epoch SET pruned = ?, mac = ?, carded = seq WHERE num = ?", state, u.headMAC(h), h.place.num)
		return err
	}
	busy := false
	err := c.apart(ctx, func() error {
		for _, w := range c.writers {
			busy = busy || w.place.num == h.place.num
		}
		if busy {
			return nil
		}
		// Cards first: they are what remembers that there was something.
		if err := c.writeCards(); err != nil {
			return err
		}
		return c.transact(func() error { return mark(1) })
	})
	if err != nil || busy {
		return false, err
	}
	for more := true; more; {
		err := c.apart(ctx, func() error {
			return c.transact(func() (err error) {
				more, err = c.dropSeals(ctx, h.place)
				return err
			})
		})
		if err != nil {
			return false, err
		}
	}
	return true, c.apart(ctx, func() error {
		return c.transact(func() error {
			if err := c.dropLookups(ctx, h.place); err != nil {
				return err
			}
			if _, err := c.conn.ExecContext(ctx, "DELETE FROM held WHERE epoch = ?", h.place.num); err != nil {
				return err
			}
			return mark(2)
		})
	})
}

// dropSeals deletes the entries of the first seals of an epoch.
func (c *clerk) dropSeals(ctx context.Context, p *place) (more bool, err error) {
	rows, err := c.conn.QueryContext(ctx, "SELECT id, seq FROM entry WHERE epoch = ? AND seal IS NOT NULL ORDER BY seq LIMIT ?", p.num, prunePiece)
	if err != nil {
		return false, err
	}
	var ids, seqs []int64
	for rows.Next() {
		var id, seq int64
		if err := rows.Scan(&id, &seq); err != nil {
			return false, errors.Join(err, rows.Close())
		}
		ids, seqs = append(ids, id), append(seqs, seq)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return false, err
	}
	for i, id := range ids {
		// Back from its seal to the one before, which may be gone already.
		count := int64(journal.MaxPiece)
		if i > 0 {
			count = seqs[i] - seqs[i-1]
		}
		if _, err := c.conn.ExecContext(ctx, "DELETE FROM entry WHERE id BETWEEN ? AND ? AND epoch = ?", id-count+1, id, p.num); err != nil {
			return false, err
		}
	}
	return len(ids) == prunePiece, nil
}

// dropLookups deletes what leads to entries of an epoch that are gone.
func (c *clerk) dropLookups(ctx context.Context, p *place) error {
	c.u.index.mu.RLock()
	defer c.u.index.mu.RUnlock()
	for subject, card := range c.u.index.cards {
		for _, s := range card.spans {
			if s.num != p.num {
				continue
			}
			_, err := c.conn.ExecContext(ctx, `
				DELETE FROM lookup WHERE hash = ? AND id BETWEEN ? AND ?
				AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = lookup.id)`,
				c.u.keys.lookup(class(p.log), subject), s.first, s.last)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
