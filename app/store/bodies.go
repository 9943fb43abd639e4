package store

import (
	"context"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// What is held of bodies apart from their envelopes: whose they are, so that a
// peer gets those it is granted, and which are absent, so that they are asked for.

// A Tally stands for a set of bodies of one epoch: how many, and a sum over their
// places. Two stations with equal tallies hold the same ones, but for one chance in
// 2^64.
type Tally struct {
	Count, Sum uint64
}

func (t Tally) plus(u Tally) Tally { return Tally{t.Count + u.Count, t.Sum + u.Sum} }

// placeSum is one entry's part of a sum: the last step of splitmix64 (Steele, Lea
// and Flood, 2014), so that sums of different sets differ.
func placeSum(seq uint64) uint64 {
	z := seq * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// An Epoch names one epoch of one log of one device.
type Epoch struct {
	Device chart.Device
	Log    journal.Log
	Epoch  chart.Epoch
}

// A Mark is what Config.Marks said of an entry of a subject.
type Mark struct {
	Ref   chart.Ref
	Team  journal.TeamID
	Bytes []byte // shared with the index: do not change it
}

// A Named is a patient that a writer's entries of a subject name.
type Named struct {
	Ref     chart.Ref // the first of its epoch
	Team    journal.TeamID
	Patient chart.ID
}

// A Share is what one epoch holds of a subject.
type Share struct {
	Epoch
	Team journal.TeamID
	Tally
}

// A Reach is where the entries of a subject stand and what is marked of them.
type Reach struct {
	Subject chart.ID
	Named   []Named
	Marks   []Mark
	Shares  []Share // stream too
}

// Reach is where the entries of an encounter, or of a patient and no encounter,
// stand; ErrNoSubject when nothing is held of it. It costs what the subject has, not
// what the store holds.
func (s *Store) Reach(ctx context.Context, subject chart.ID) (Reach, error) {
	u, done, err := s.use()
	if err != nil {
		return Reach{}, err
	}
	defer done()
	x := u.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.cards[subject]
	if c == nil {
		return Reach{}, ErrNoSubject
	}
	out := Reach{Subject: subject}
	for _, n := range c.patients {
		p, err := x.places.at(ctx, n.num)
		if err != nil {
			return Reach{}, fmt.Errorf("read where an encounter stands: %w", explain(err))
		}
		out.Named = append(out.Named, Named{p.ref(n.seq), p.team, n.patient})
	}
	if out.Marks, err = x.marksOf(ctx, c); err != nil {
		return Reach{}, fmt.Errorf("read where an encounter stands: %w", explain(err))
	}
	for _, span := range c.spans {
		p, err := x.places.at(ctx, span.num)
		if err != nil {
			return Reach{}, fmt.Errorf("read where an encounter stands: %w", explain(err))
		}
		out.Shares = append(out.Shares, Share{p.name(), p.team, Tally{uint64(span.count), span.sum}})
	}
	return out, nil
}

func (p *place) name() Epoch { return Epoch{p.device, p.log, p.epoch} }

// marksOf resolves a card's marks. Caller holds mu.
func (x *index) marksOf(ctx context.Context, c *card) ([]Mark, error) {
	out := make([]Mark, 0, len(c.marks))
	for _, m := range c.marks {
		p, err := x.places.at(ctx, m.num)
		if err != nil {
			return nil, err
		}
		out = append(out, Mark{p.ref(m.seq), p.team, m.bytes})
	}
	return out, nil
}

// Marked yields every subject that has marks, in no order. The index is held
// meanwhile: yield must not call the store.
func (s *Store) Marked(ctx context.Context, yield func(chart.ID, []Mark)) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	x := u.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	for id, c := range x.cards {
		if len(c.marks) == 0 {
			continue
		}
		marks, err := x.marksOf(ctx, c)
		if err != nil {
			return fmt.Errorf("read marks: %w", explain(err))
		}
		yield(id, marks)
	}
	return nil
}

// Tally is of all bodies of an epoch that are of an encounter or a patient.
func (s *Store) Tally(ctx context.Context, e Epoch) (Tally, error) {
	u, done, err := s.use()
	if err != nil {
		return Tally{}, err
	}
	defer done()
	p, err := u.named(ctx, e)
	if err != nil || p == nil {
		return Tally{}, err
	}
	u.index.mu.RLock()
	defer u.index.mu.RUnlock()
	return u.index.tally[p.num], nil
}

// Team is the team that an epoch belongs to; the zero team when nothing of it is held.
func (s *Store) Team(ctx context.Context, e Epoch) (journal.TeamID, error) {
	u, done, err := s.use()
	if err != nil {
		return journal.TeamID{}, err
	}
	defer done()
	p, err := u.named(ctx, e)
	if err != nil || p == nil {
		return journal.TeamID{}, err
	}
	return p.team, nil
}

// named is the place of an epoch; nil when nothing of it is held.
func (u *unlocked) named(ctx context.Context, e Epoch) (*place, error) {
	heads, err := u.db.branches(ctx, e.Device, e.Log, e.Epoch)
	if err != nil || len(heads) == 0 {
		return nil, explain(err)
	}
	return heads[0].place, nil
}

// awaited reports whether an absent body may yet come by itself. The stream's are
// asked for by range; those that were asked for and withheld come when a grant is
// widened.
func awaited(log journal.Log, a chart.Absent) bool {
	return a == chart.Withheld || a == chart.Unfetched && log != journal.Stream
}

// absents is the lookup of every entry whose body may yet come: of no class of
// entries, so that it meets no subject's.
func (u *unlocked) absents() int64 { return u.keys.lookup(3, chart.ID{}) }

// Absent is the entries of an epoch whose bodies may yet come, in order.
func (s *Store) Absent(ctx context.Context, e Epoch) ([]uint64, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	p, err := u.named(ctx, e)
	if err != nil || p == nil {
		return nil, err
	}
	rows, err := u.db.read.QueryContext(ctx, `
		SELECT e.seq FROM lookup l CROSS JOIN entry e ON e.id = l.id
		WHERE l.hash = ?1 AND e.epoch = ?2 AND l.id BETWEEN
			(SELECT id - ?3 FROM entry WHERE epoch = ?2 AND seal IS NOT NULL ORDER BY seq LIMIT 1) AND
			(SELECT max(id) FROM entry WHERE epoch = ?2 AND seal IS NOT NULL)
		ORDER BY e.seq`, u.absents(), p.num, journal.MaxPiece)
	if err != nil {
		return nil, fmt.Errorf("list absent bodies: %w", explain(err))
	}
	defer rows.Close()
	var out []uint64
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, fmt.Errorf("list absent bodies: %w", explain(err))
		}
		out = append(out, uint64(seq))
	}
	return out, explain(rows.Err())
}

// Lacking is the epochs with bodies that may yet come.
func (s *Store) Lacking(ctx context.Context) ([]Epoch, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	rows, err := u.db.read.QueryContext(ctx, "SELECT DISTINCT e.epoch FROM lookup l CROSS JOIN entry e ON e.id = l.id WHERE l.hash = ?", u.absents())
	if err != nil {
		return nil, fmt.Errorf("list absent bodies: %w", explain(err))
	}
	var nums []int64
	for rows.Next() {
		var num int64
		if err := rows.Scan(&num); err != nil {
			rows.Close()
			return nil, fmt.Errorf("list absent bodies: %w", explain(err))
		}
		nums = append(nums, num)
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("list absent bodies: %w", explain(err))
	}
	var out []Epoch
	for _, num := range nums {
		p, err := u.index.places.at(ctx, num)
		if err != nil {
			return nil, fmt.Errorf("list absent bodies: %w", explain(err))
		}
		out = append(out, p.name())
	}
	return out, nil
}

// At is the entry at one place; false when it is not held.
func (s *Store) At(ctx context.Context, ref chart.Ref) (Entry, bool, error) {
	u, done, err := s.use()
	if err != nil {
		return Entry{}, false, err
	}
	defer done()
	heads, err := u.db.heads(ctx, "WHERE substr(epoch, 1, 4) = ? AND epoch = ? AND device = ?", ref.Epoch[:4], ref.Epoch[:], ref.Device[:])
	if err == nil && len(heads) == 0 { // the name of a branch, which is rare
		heads, err = u.db.heads(ctx, "WHERE device = ? AND branch = ?", ref.Device[:], ref.Epoch[:])
	}
	if err != nil {
		return Entry{}, false, fmt.Errorf("read one entry: %w", explain(err))
	}
	for _, h := range heads {
		if h.pruned || ref.Seq <= h.place.base || ref.Seq > h.seq || h.place.ref(ref.Seq) != ref {
			continue
		}
		var out Entry
		o := opener{u: u}
		err := u.span(ctx, h.place, ref.Seq-1, ref.Seq, func(r stored) error {
			_, record, _ := o.open(ctx, r.num, r.seq, r.key, r.blob) // Damaged when it does not open
			out = entryAt(h.place, ref.Seq, record)
			return nil
		})
		if err != nil {
			return Entry{}, false, fmt.Errorf("read one entry: %w", explain(err))
		}
		return out, true, nil
	}
	return Entry{}, false, nil
}
