package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// latestPiece is how many entries are read at once, from the latest backwards.
const latestPiece = 256

// ErrNoEntry reports a place at which nothing is held.
var ErrNoEntry = errors.New("nothing is held at that place")

// Latest hands the entries of one log of a team that are about no patient, such as who
// looked, to each until it returns false: that first which this station came to hold
// last, so that nothing is buried by coming late or under a clock that was set back.
// It begins before the entry at a place, at the end when that is zero. Read is how many
// entries were read, those of other logs and teams that stand between included: at most
// latestPiece more than were passed. Each may call the store.
func (s *Store) Latest(ctx context.Context, team journal.TeamID, log journal.Log, before chart.Ref, each func(Entry) bool) (read int, err error) {
	piece := latest{upto: math.MaxInt64}
	if before != (chart.Ref{}) {
		if piece.upto, err = s.before(ctx, before); err != nil {
			return 0, fmt.Errorf("read the latest entries: %w", explain(err))
		}
	}
	for {
		if piece, err = s.latest(ctx, log, piece.upto); err != nil {
			return read, fmt.Errorf("read the latest entries: %w", explain(err))
		}
		if piece.read == 0 {
			return read, nil
		}
		read += piece.read
		for _, e := range slices.Backward(piece.entries) {
			if e.Log == log && e.Team == team && !each(e) {
				return read, nil
			}
		}
	}
}

// A latest is a piece of what a station came to hold, in that order.
type latest struct {
	entries []Entry
	read    int   // rows
	upto    int64 // the highest id of what came before
}

// latest is the piece that ends at an id.
func (s *Store) latest(ctx context.Context, log journal.Log, upto int64) (latest, error) {
	u, done, err := s.use()
	if err != nil {
		return latest{}, err
	}
	defer done()
	ids, err := u.db.latestLookups(ctx, u.keys.lookup(class(log), chart.ID{}), upto)
	if err != nil || len(ids) == 0 {
		return latest{}, err
	}
	first := ids[len(ids)-1]
	entries, err := u.entries(ctx, class(log), chart.ID{}, first, ids[0], nil)
	return latest{entries, len(ids), first - 1}, err
}

// before is the highest id that an entry before the one at a place can have.
func (s *Store) before(ctx context.Context, ref chart.Ref) (int64, error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	defer done()
	id, err := u.idAt(ctx, ref)
	return id - 1, err
}

// latestLookups are the highest ids under a hash up to one, the highest first.
func (d *database) latestLookups(ctx context.Context, hash, upto int64) ([]int64, error) {
	rows, err := d.read.QueryContext(ctx, "SELECT id FROM lookup WHERE hash = ? AND id <= ? ORDER BY id DESC LIMIT ?", hash, upto, latestPiece)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return out, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// idAt is the id of the entry at a place.
func (u *unlocked) idAt(ctx context.Context, ref chart.Ref) (int64, error) {
	heads, err := u.db.heads(ctx, "WHERE device = ? AND (epoch = ? OR branch = ?)", ref.Device[:], ref.Epoch[:], ref.Epoch[:])
	if err != nil {
		return 0, err
	}
	for _, h := range heads {
		if h.pruned || ref.Seq <= h.place.base || ref.Seq > h.seq || h.place.ref(ref.Seq) != ref {
			continue
		}
		// The entries of a piece have neighbouring ids, and its last is indexed.
		var id, sealed int64
		err := u.db.read.QueryRowContext(ctx, "SELECT id, seq FROM entry WHERE epoch = ? AND seq >= ? AND seal IS NOT NULL ORDER BY seq LIMIT 1", h.place.num, int64(ref.Seq)).Scan(&id, &sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, ErrDamaged
		}
		return id - (sealed - int64(ref.Seq)), err
	}
	return 0, ErrNoEntry
}

// Count is how many entries of one log of a team are held, with bodies or without.
// None is read for it.
func (s *Store) Count(ctx context.Context, team journal.TeamID, log journal.Log) (n int, err error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	defer done()
	heads, err := u.db.heads(ctx, "WHERE log = ? AND pruned = 0", int64(log))
	if err != nil {
		return 0, fmt.Errorf("count entries: %w", explain(err))
	}
	for _, h := range heads {
		from := h.place.base
		if h.place.aside != (chart.Epoch{}) {
			from = h.place.parted // what came before stands in the log that came first
		}
		if h.place.team == team && h.seq > from {
			n += int(h.seq - from)
		}
	}
	return n, nil
}
