package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// What is past its keeping time loses its bodies; envelopes and heads stay. Up to
// when is remembered of each encounter, so that a peer, a parcel or a late body
// does not bring back what went; what was written after that time is taken, and
// counts anew. Whether the time has come is not this package's to say.

// A Series is what is kept by one rule.
type Series uint8

// The series.
const (
	Charted  Series = 1 // chart entries of an encounter, or of a patient and no encounter
	Streamed Series = 2 // stream entries of an encounter
	Audited  Series = 3 // an epoch of the audit log
)

// pasts are the times up to which bodies are past keeping. Safe for concurrent use.
type pasts struct {
	mu    sync.RWMutex
	until map[pastKey]until
}

// An until is up to when, in ms since 1970 UTC, and whether all bodies went: a crash
// may have come between.
type until struct {
	upto int64
	done bool
}

type pastKey struct {
	series Series
	of     [16]byte // the subject's id, or the epoch's
}

const pastPrefix = "past keeping "

// pastPiece is how many bodies go in one transaction, so that recording goes on.
const pastPiece = 256

func (k pastKey) name() string { return pastPrefix + string(rune('0'+k.series)) + string(k.of[:]) }

func loadPasts(ctx context.Context, u *unlocked) (*pasts, error) {
	out := &pasts{until: make(map[pastKey]until)}
	rows, err := u.db.read.QueryContext(ctx, "SELECT hash, key, blob FROM kept")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash, key int64
		var blob []byte
		if err := rows.Scan(&hash, &key, &blob); err != nil {
			return nil, err
		}
		name, value, err := u.openKept(hash, key, blob)
		if err != nil {
			continue // verify names it; what it forbade to store goes again in time
		}
		rest, ok := strings.CutPrefix(name, pastPrefix)
		if !ok || len(rest) != 17 || len(value) != 9 {
			continue
		}
		k := pastKey{series: Series(rest[0] - '0')}
		copy(k.of[:], rest[1:])
		out.until[k] = until{int64(binary.BigEndian.Uint64(value)), value[8] == 1}
	}
	return out, rows.Err()
}

// seriesOf is which rule an entry goes by; false for what is kept for ever.
func seriesOf(p *place, b journal.Body) (k pastKey, ok bool) {
	switch p.log {
	case journal.Chart, journal.Stream:
		k.series, k.of = Charted, b.Encounter
		if p.log == journal.Stream {
			k.series = Streamed
		}
		if b.Encounter == (chart.ID{}) {
			k.of = b.Patient
		}
	case journal.Audit:
		k.series, k.of = Audited, p.epoch
	}
	return k, k.of != [16]byte{}
}

// TimeOf is when an entry was written at the latest: by its writer's clock or by its
// stamp, which no writer sets behind what it has seen. Both in ms since 1970 UTC.
func TimeOf(envelope []byte, wall int64) int64 {
	if e, err := journal.DecodeEnvelope(envelope); err == nil {
		return max(wall, e.Clock.Millis())
	}
	return wall
}

// gone is r without its body where that is past keeping.
func (x *pasts) gone(p *place, r journal.Record) journal.Record {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(x.until) == 0 || r.Absent != chart.Present || p.log == journal.Team || p.log == journal.Supply {
		return r
	}
	b, err := journal.DecodeBody(r.Body)
	if err != nil {
		return r
	}
	k, ok := seriesOf(p, b)
	if t, past := x.until[k]; !ok || !past || TimeOf(r.Envelope, b.Wall) > t.upto {
		return r
	}
	return journal.Record{Envelope: r.Envelope, Absent: chart.Pruned}
}

// Past is up to when the bodies of a subject, or of an audit epoch, are past
// keeping here; zero when none are.
func (s *Store) Past(series Series, of [16]byte) (time.Time, error) {
	u, done, err := s.use()
	if err != nil {
		return time.Time{}, err
	}
	defer done()
	u.past.mu.RLock()
	defer u.past.mu.RUnlock()
	if t, ok := u.past.until[pastKey{series, of}]; ok {
		return time.UnixMilli(t.upto).UTC(), nil
	}
	return time.Time{}, nil
}

// FinishExpiry goes on with what an Expire before a crash did not end.
func (s *Store) FinishExpiry(ctx context.Context) (int, error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	left := map[pastKey]until{}
	u.past.mu.RLock()
	for k, t := range u.past.until {
		if !t.done {
			left[k] = t
		}
	}
	u.past.mu.RUnlock()
	done()
	total := 0
	for k, t := range left {
		n, err := s.Expire(ctx, k.series, k.of, time.UnixMilli(t.upto))
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Expire drops for good the bodies of a series that were written up to a time, and
// never stores them again, however they come; envelopes stay. What is erased stays
// so. It returns how many went. A crash in between is FinishExpiry's.
func (s *Store) Expire(ctx context.Context, series Series, of [16]byte, upto time.Time) (int, error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	defer done()
	if u.clerk == nil {
		return 0, ErrReadOnly
	}
	if of == ([16]byte{}) || series < Charted || series > Audited {
		return 0, errors.New("drop what is past its keeping time: nothing that has such a time is named")
	}
	e := expiry{u: u, key: pastKey{series, of}, upto: upto.UnixMilli()}
	total := 0
	for more := true; more; {
		n := 0
		err := u.clerk.apart(ctx, func() (err error) {
			n, more, err = e.step(ctx)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("drop what is past its keeping time: %w", explain(err))
		}
		total += n
	}
	// Not an error: what was overwritten leaves the WAL with the next checkpoint.
	_ = u.clerk.apart(ctx, func() error { return emptyWAL(ctx, u.db.write) })
	return total, nil
}

// An expiry is one Expire under way.
type expiry struct {
	u     *unlocked
	key   pastKey
	upto  int64
	after int64 // id up to which the entries were looked at
}

// A spent is an entry whose body goes.
type spent struct {
	place  *place
	seq    uint64
	record journal.Record
}

// step drops the next bodies. Caller is the clerk.
func (e *expiry) step(ctx context.Context) (n int, more bool, err error) {
	gone, last, err := e.next(ctx)
	if err != nil {
		return 0, false, err
	}
	u, c := e.u, e.u.clerk
	x := u.index
	x.mu.Lock()
	defer x.mu.Unlock()
	more = last > e.after
	mark := until{e.upto, !more}
	err = c.transact(func() error {
		for _, g := range gone {
			x.dropFact(g.place, g.seq, g.record)
			if err := c.replace(ctx, g.place, g.seq, journal.Record{Envelope: g.record.Envelope, Absent: chart.Pruned}); err != nil {
				return err
			}
		}
		if err := c.keep(ctx, e.key.name(), mark.bytes()); err != nil {
			return err
		}
		return c.putCards(x)
	})
	if err != nil {
		return 0, false, errors.Join(err, x.load(ctx))
	}
	x.saved()
	u.past.mu.Lock()
	u.past.until[e.key] = mark
	u.past.mu.Unlock()
	e.after = last
	return len(gone), more, nil
}

func (t until) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(t.upto))
	if t.done {
		return append(b, 1)
	}
	return append(b, 0)
}

// next is those of the next entries whose bodies go, and the last that was looked at.
func (e *expiry) next(ctx context.Context) (gone []spent, last int64, err error) {
	u := e.u
	var rows *sql.Rows
	switch e.key.series {
	case Audited:
		var num int64
		err = u.db.read.QueryRowContext(ctx, "SELECT num FROM head WHERE substr(epoch, 1, 4) = ? AND epoch = ? AND log = ? AND aside = x'' AND pruned = 0", e.key.of[:4], e.key.of[:], int64(journal.Audit)).Scan(&num)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, e.after, nil
		}
		if err == nil {
			rows, err = u.db.read.QueryContext(ctx, `
				SELECT id, epoch, seq, key, seal, blob FROM entry
				WHERE epoch = ?1 AND id > ?2 AND id BETWEEN
					(SELECT id - ?3 FROM entry WHERE epoch = ?1 AND seal IS NOT NULL ORDER BY seq LIMIT 1) AND
					(SELECT max(id) FROM entry WHERE epoch = ?1 AND seal IS NOT NULL)
				ORDER BY id LIMIT ?4`, num, e.after, journal.MaxPiece, pastPiece)
		}
	default:
		log := journal.Chart
		if e.key.series == Streamed {
			log = journal.Stream
		}
		rows, err = u.db.read.QueryContext(ctx, `
			SELECT e.id, e.epoch, e.seq, e.key, e.seal, e.blob
			FROM lookup l CROSS JOIN entry e ON e.id = l.id
			WHERE l.hash = ? AND l.id > ? ORDER BY l.id LIMIT ?`, u.keys.lookup(class(log), e.key.of), e.after, pastPiece)
	}
	if err != nil {
		return nil, 0, err
	}
	last = e.after
	o := opener{u: u}
	err = each(rows, func(s stored) error {
		last = s.id
		p, r, err := o.open(ctx, s.num, s.seq, s.key, s.blob)
		if p == nil {
			return err
		}
		if err != nil || r.Absent != chart.Present {
			return nil // erased, gone already, or damaged: verify names that
		}
		b, err := journal.DecodeBody(r.Body)
		if err != nil {
			return nil // of a later version
		}
		if k, ok := seriesOf(p, b); ok && k == e.key && TimeOf(r.Envelope, b.Wall) <= e.upto {
			gone = append(gone, spent{p, s.seq, r})
		}
		return nil
	})
	return gone, last, err
}
