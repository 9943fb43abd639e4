package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An Entry is a record with where it stands. A body that is hidden or gone says
// so in Record.Absent; Damaged is one whose bytes on the disk no longer open.
type Entry struct {
	Ref    chart.Ref
	Team   journal.TeamID
	Log    journal.Log
	Record journal.Record
}

func entryAt(p *place, seq uint64, r journal.Record) Entry {
	return Entry{Ref: p.ref(seq), Team: p.team, Log: p.log, Record: r}
}

// stored is a row of the entry table. Its bytes are valid until the next row.
type stored struct {
	id, num    int64
	seq        uint64
	key        uint32
	seal, blob sql.RawBytes
}

// each scans rows of (id, epoch, seq, key, seal, blob).
func each(rows *sql.Rows, f func(stored) error) error {
	defer rows.Close()
	for rows.Next() {
		var s stored
		if err := rows.Scan(&s.id, &s.num, &s.seq, &s.key, &s.seal, &s.blob); err != nil {
			return err
		}
		if err := f(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// span reads the entries of one epoch after one sequence up to another, in order.
func (u *unlocked) span(ctx context.Context, p *place, after, upTo uint64, f func(stored) error) error {
	floor, err := u.db.sealBefore(ctx, p, after)
	if err != nil {
		return err
	}
	rows, err := u.db.read.QueryContext(ctx, `
		SELECT e.id, e.epoch, e.seq, e.key, e.seal, e.blob
		FROM (
			SELECT id AS last, id - (seq - lag(seq, 1, ?2) OVER (ORDER BY seq)) + 1 AS first
			FROM entry WHERE epoch = ?1 AND seq > ?2 AND seal IS NOT NULL
		) s CROSS JOIN entry e ON e.id BETWEEN s.first AND s.last`, p.num, int64(floor))
	if err != nil {
		return err
	}
	next := floor + 1
	err = each(rows, func(s stored) error {
		if s.num != p.num || s.seq != next {
			return fmt.Errorf("read entry %d of %s log, device %x, epoch %x: %w", next, p.log, p.device[:4], p.epoch[:4], ErrDamaged)
		}
		next++
		if s.seq <= after {
			return nil
		}
		if s.seq > upTo {
			return errEnough
		}
		return f(s)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// errEnough ends a scan early.
var errEnough = errors.New("enough")

// sealBefore is the highest sealed sequence of a place at or before seq.
func (d *database) sealBefore(ctx context.Context, p *place, seq uint64) (uint64, error) {
	var at sql.NullInt64
	err := d.read.QueryRowContext(ctx, "SELECT max(seq) FROM entry WHERE epoch = ? AND seal IS NOT NULL AND seq <= ?", p.num, int64(min(seq, math.MaxInt64))).Scan(&at)
	if err != nil {
		return 0, err
	}
	return max(p.base, uint64(at.Int64)), nil
}

// Encounter reads every entry of an encounter but its stream, in the order in
// which this station came to hold them; of a patient's id, the entries of that
// patient and no encounter; of the zero id, the entries of neither (the roster).
// A blob that does not open is an entry with Absent Damaged.
func (s *Store) Encounter(ctx context.Context, subject chart.ID) ([]Entry, error) {
	return s.entries(ctx, class(journal.Chart), subject, 0, math.MaxInt64, nil)
}

// Unread reads the entries whose bodies this program cannot read: they were
// written by a later version, and nobody can say whose they are.
func (s *Store) Unread(ctx context.Context) ([]Entry, error) {
	return s.Encounter(ctx, unread)
}

func (s *Store) entries(ctx context.Context, class uint8, subject chart.ID, from, to int64, keep func(*place, journal.Body) bool) ([]Entry, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	out, err := u.entries(ctx, class, subject, from, to, keep)
	if err != nil {
		return out, fmt.Errorf("read entries: %w", explain(err))
	}
	return out, nil
}

// entries reads the entries of one subject with ids from..to of which keep, where
// there is one, approves.
func (u *unlocked) entries(ctx context.Context, class uint8, subject chart.ID, from, to int64, keep func(*place, journal.Body) bool) ([]Entry, error) {
	hash := u.keys.lookup(class, subject)
	var out []Entry
	o := opener{u: u}
	last := from - 1 // id of the last row that was read
	take := func(s stored) error {
		last = s.id
		p, r, err := o.open(ctx, s.num, s.seq, s.key, s.blob)
		if p == nil {
			return err
		}
		if p.aside != (chart.Epoch{}) && s.seq <= p.parted {
			return nil // shared with the log that came first, and read there
		}
		if err == nil && r.Absent == chart.Present {
			b, err := journal.DecodeBody(r.Body)
			mine := err == nil && (b.Encounter == subject || b.Encounter == (chart.ID{}) && b.Patient == subject)
			if !mine && (err == nil || subject != unread) {
				return nil // eight bytes of hash collided
			}
			if keep != nil && !keep(p, b) {
				return nil
			}
		}
		out = append(out, entryAt(p, s.seq, r))
		return nil
	}
	rows, err := u.db.read.QueryContext(ctx, `
		SELECT e.id, e.epoch, e.seq, e.key, e.seal, e.blob
		FROM lookup l CROSS JOIN entry e ON e.id = l.id
		WHERE l.hash = ? AND l.id BETWEEN ? AND ? ORDER BY l.id`, hash, from, to)
	if err == nil {
		err = each(rows, take)
	}
	if !errors.Is(explain(err), ErrDamaged) {
		return out, err
	}
	// A page is damaged: one row after another, those on it are Damaged entries.
	ids, err := u.db.lookups(ctx, hash, last+1, to)
	for _, id := range ids {
		rows, err := u.db.read.QueryContext(ctx, "SELECT id, epoch, seq, key, seal, blob FROM entry WHERE id = ?", id)
		if err == nil {
			err = each(rows, take)
		}
		if err != nil && !errors.Is(explain(err), ErrDamaged) {
			return out, err
		}
		if err != nil || last != id {
			out = append(out, Entry{Record: journal.Record{Absent: chart.Damaged}})
		}
	}
	return out, err
}

// lookups are the ids from..to under a hash, as far as they can be read.
func (d *database) lookups(ctx context.Context, hash, from, to int64) ([]int64, error) {
	rows, err := d.read.QueryContext(ctx, "SELECT id FROM lookup WHERE hash = ? AND id BETWEEN ? AND ? ORDER BY id", hash, from, to)
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

// Seconds reads an encounter's stream from one time to another (from <= happened
// < to), ordered by when it happened. Pruned is how many entries of that encounter
// were dropped with their epochs, wherever in time; they are no longer there.
func (s *Store) Seconds(ctx context.Context, encounter chart.ID, from, to time.Time) (seconds []Entry, pruned int, err error) {
	u, done, err := s.use()
	if err != nil {
		return nil, 0, err
	}
	defer done()
	seconds, pruned, err = u.seconds(ctx, encounter, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, 0, fmt.Errorf("read trend: %w", explain(err))
	}
	return seconds, pruned, nil
}

func (u *unlocked) seconds(ctx context.Context, encounter chart.ID, from, to int64) (out []Entry, pruned int, err error) {
	u.index.mu.RLock()
	var spans []span
	if c := u.index.cards[encounter]; c != nil {
		spans = slices.Clone(c.spans)
	}
	u.index.mu.RUnlock()
	var times []int64
	low, high := int64(math.MaxInt64), int64(0)
	for _, s := range spans {
		if s.class != class(journal.Stream) {
			continue
		}
		heads, err := u.db.heads(ctx, "WHERE num = ? AND pruned <> 0", s.num)
		if err != nil {
			return nil, 0, err
		}
		if len(heads) > 0 {
			pruned += s.count
			continue
		}
		if s.to < from || s.from >= to {
			continue
		}
		first := s.first
		if s.ordered && s.from < from {
			if first, _, err = u.seek(ctx, encounter, s, from); err != nil {
				return nil, 0, err
			}
		}
		last := s.last
		if s.ordered && s.to >= to {
			if _, last, err = u.seek(ctx, encounter, s, to); err != nil {
				return nil, 0, err
			}
		}
		low, high = min(low, first), max(high, last)
	}
	if low > high {
		return nil, pruned, nil
	}
	out, err = u.entries(ctx, class(journal.Stream), encounter, low, high, func(_ *place, b journal.Body) bool {
		if b.Happened < from || b.Happened >= to {
			return false
		}
		times = append(times, b.Happened)
		return true
	})
	if err != nil {
		return nil, 0, err
	}
	// Bodies that are hidden or damaged have no time to sort by; they stay
	// where they stand.
	if len(times) == len(out) && !slices.IsSorted(times) {
		order := make([]int, len(out))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(times[a] - times[b]) })
		sorted := make([]Entry, len(out))
		for i, at := range order {
			sorted[i] = out[at]
		}
		out = sorted
	}
	return out, pruned, nil
}

// seek halves the ids of a span whose times are in order: entries up to low
// happened before t, entries from high on did not. A few lie between.
func (u *unlocked) seek(ctx context.Context, encounter chart.ID, s span, t int64) (low, high int64, err error) {
	hash := u.keys.lookup(class(journal.Stream), encounter)
	o := opener{u: u}
	low, high = s.first, s.last
	for high-low > 8 {
		mid := low + (high-low)/2
		rows, err := u.db.read.QueryContext(ctx, `
			SELECT e.id, e.epoch, e.seq, e.key, e.seal, e.blob
			FROM lookup l CROSS JOIN entry e ON e.id = l.id
			WHERE l.hash = ? AND l.id >= ? AND l.id < ? AND e.epoch = ? ORDER BY l.id LIMIT 1`, hash, mid, high, s.num)
		if err != nil {
			return 0, 0, err
		}
		id, readable, before := int64(0), false, false
		err = each(rows, func(r stored) error {
			id = r.id
			_, record, err := o.open(ctx, r.num, r.seq, r.key, r.blob)
			if err != nil || record.Absent != chart.Present {
				return nil
			}
			b, err := journal.DecodeBody(record.Body)
			readable = err == nil && b.Encounter == encounter
			before = b.Happened < t
			return nil
		})
		switch {
		case err != nil:
			return 0, 0, err
		case id == 0:
			high = mid // nothing from mid on
		case !readable:
			return low, high, nil // no time to go by: read it all
		case before:
			low = id
		default:
			high = min(id, mid)
		}
	}
	return low, high, nil
}

// Heads is every epoch held, with how far: of each device and log the newest
// first. Of a log with two different branches it is the one that came first.
func (s *Store) Heads(ctx context.Context) ([]journal.Head, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	heads, err := u.db.heads(ctx, "WHERE aside = x'' ORDER BY device, log, opened DESC, num DESC")
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", explain(err))
	}
	out := make([]journal.Head, len(heads))
	for i, h := range heads {
		out[i] = h.journal()
	}
	return out, nil
}

// LastStamp is the latest clock that stands in this device's own entries, from
// which the station's hybrid clock goes on; zero when it wrote none.
func (s *Store) LastStamp(ctx context.Context, device chart.Device) (journal.HLC, error) {
	u, done, err := s.use()
	if err != nil {
		return 0, err
	}
	defer done()
	// An epoch's stamps rise, and a clock that was set back begins the next one
	// low: the newest few epochs hold the latest.
	heads, err := u.db.heads(ctx, "WHERE device = ? AND pruned = 0 AND seq > base ORDER BY opened DESC LIMIT 20", device[:])
	if err != nil {
		return 0, fmt.Errorf("read last clock: %w", explain(err))
	}
	var last journal.HLC
	o := opener{u: u}
	for _, h := range heads {
		err := u.span(ctx, h.place, h.seq-1, h.seq, func(s stored) error {
			_, r, err := o.open(ctx, s.num, s.seq, s.key, s.blob)
			if err != nil {
				return nil // verify names it; another epoch's will do
			}
			if e, err := journal.DecodeEnvelope(r.Envelope); err == nil {
				last = max(last, e.Clock)
			}
			return nil
		})
		if err != nil && !errors.Is(explain(err), ErrDamaged) {
			return 0, fmt.Errorf("read last clock: %w", explain(err))
		}
	}
	return last, nil
}

// Sizes of the pieces that Pieces cuts: enough that the seal's check costs
// little, few enough that a broken line costs little.
const (
	pieceEntries = 512
	pieceBytes   = 1 << 20
)

// Pieces yields what is held of one epoch after a sequence, in order, byte for
// byte as it was written, cut at seals; seals between may be left out. After need
// not be a seal: the piece that holds the next entry comes whole. It ends early,
// with yield's error, when yield returns one. Of a pruned epoch it yields nothing.
func (s *Store) Pieces(ctx context.Context, device chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	for {
		piece, err := s.piece(ctx, device, log, epoch, after)
		if err != nil {
			return fmt.Errorf("read piece: %w", explain(err))
		}
		if len(piece.Records) == 0 {
			return nil
		}
		if err := yield(piece); err != nil {
			return err
		}
		after = piece.Seal.Seq
	}
}

func (s *Store) piece(ctx context.Context, device chart.Device, log journal.Log, epoch chart.Epoch, after uint64) (journal.Piece, error) {
	u, done, err := s.use()
	if err != nil {
		return journal.Piece{}, err
	}
	defer done()
	heads, err := u.db.branches(ctx, device, log, epoch)
	if err != nil || len(heads) == 0 || heads[0].pruned || after >= heads[0].seq {
		return journal.Piece{}, err
	}
	return u.piece(ctx, heads[0], after)
}

func (u *unlocked) piece(ctx context.Context, h head, after uint64) (journal.Piece, error) {
	p := h.place
	floor, err := u.db.sealBefore(ctx, p, after)
	if err != nil {
		return journal.Piece{}, err
	}
	out := journal.Piece{Head: h.journal()}
	out.Head.Seq = floor
	if out.Head.Chain, err = u.chainAt(ctx, h, floor); err != nil {
		return journal.Piece{}, err
	}
	chain := out.Head.Chain
	sealed, size := 0, 0
	o := opener{u: u}
	err = u.span(ctx, p, floor, h.seq, func(s stored) error {
		_, r, err := o.open(ctx, s.num, s.seq, s.key, s.blob)
		if err != nil {
			return err
		}
		if len(out.Records) == journal.MaxPiece || sealed > 0 && size+len(r.Body) > 2*pieceBytes {
			return errEnough
		}
		chain = link(chain, r.Envelope)
		out.Records = append(out.Records, r)
		size += len(r.Envelope) + len(r.Body)
		if len(s.seal) == 0 {
			return nil
		}
		sealed = len(out.Records)
		out.Seal = journal.Seal{Seq: s.seq, Chain: chain}
		copy(out.Seal.Signature[:], s.seal)
		if sealed >= pieceEntries || size >= pieceBytes {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return journal.Piece{}, err
	}
	out.Records = out.Records[:sealed]
	return out, nil
}

// chainAt is the chain hash after the entry at seq, which is sealed or the base.
func (u *unlocked) chainAt(ctx context.Context, h head, seq uint64) (journal.Hash, error) {
	p := h.place
	if seq == h.seq {
		return h.chain, nil
	}
	start := journal.Start(p.team, p.device, p.log, p.epoch)
	rows, err := u.db.read.QueryContext(ctx, "SELECT id, epoch, seq, key, seal, x'' FROM entry WHERE epoch = ? AND seal IS NOT NULL AND seq <= ? ORDER BY seq DESC", p.num, int64(seq))
	if err != nil {
		return journal.Hash{}, err
	}
	from, chain := uint64(0), start.Chain
	err = each(rows, func(s stored) error {
		if len(s.seal) == 96 {
			from = s.seq
			copy(chain[:], s.seal[64:])
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return journal.Hash{}, err
	}
	o := opener{u: u}
	err = u.span(ctx, p, from, seq, func(s stored) error {
		_, r, err := o.open(ctx, s.num, s.seq, s.key, s.blob)
		if err == nil {
			chain = link(chain, r.Envelope)
		}
		return err
	})
	return chain, err
}

// link is the chain hash after an envelope, as sync/journal defines it.
func link(before journal.Hash, envelope []byte) journal.Hash {
	h := sha256.New()
	h.Write(before[:])
	h.Write(envelope)
	var out journal.Hash
	h.Sum(out[:0])
	return out
}
