package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Print tells whether what the index says of a subject is as it was: of its card and
// those of the patients that it names. Entries never change, but come, go and lose their
// bodies. Prints of one run of the program can be compared, no others.
type Print struct {
	Subject chart.ID
	Sum     uint64
}

// printSeed makes the prints of this run.
var printSeed = maphash.MakeSeed()

// Prints are those of all subjects, in no order: without a copy of any card, so that who
// looks each second whether something is new pays for what is.
func (s *Store) Prints(ctx context.Context) ([]Print, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	x := u.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([]Print, 0, len(x.cards))
	for _, c := range x.cards {
		p, err := x.print(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("list patients: %w", explain(err))
		}
		out = append(out, p)
	}
	return out, nil
}

// Print is that of one subject; ErrNoSubject when nothing is held of it.
func (s *Store) Print(ctx context.Context, subject chart.ID) (Print, error) {
	u, done, err := s.use()
	if err != nil {
		return Print{}, err
	}
	defer done()
	x := u.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := x.cards[subject]
	if c == nil {
		return Print{}, ErrNoSubject
	}
	p, err := x.print(ctx, c)
	return p, explain(err)
}

// print is that of a card. Caller holds mu.
func (x *index) print(ctx context.Context, c *card) (Print, error) {
	var h maphash.Hash
	h.SetSeed(printSeed)
	if err := x.printCard(ctx, &h, c); err != nil {
		return Print{}, err
	}
	for _, p := range c.patients {
		if p.patient == c.subject {
			continue
		}
		h.Write(p.patient[:])
		if of := x.cards[p.patient]; of != nil {
			if err := x.printCard(ctx, &h, of); err != nil {
				return Print{}, err
			}
		}
	}
	return Print{c.subject, h.Sum64()}, nil
}

// printCard takes in what show would say of a card, but for how much the stream holds
// and when the last entry was written. Caller holds mu.
func (x *index) printCard(ctx context.Context, h *maphash.Hash, c *card) error {
	var b [64]byte
	take := func(r chart.Ref, absent chart.Absent) {
		e := append(append(b[:0], r.Device[:]...), r.Epoch[:]...)
		h.Write(append(binary.BigEndian.AppendUint64(e, r.Seq), byte(absent)))
	}
	h.Write(binary.BigEndian.AppendUint64(b[:0], uint64(len(c.facts))))
	for _, f := range c.facts {
		p, err := x.places.at(ctx, f.num)
		if err != nil {
			return err
		}
		take(p.ref(f.seq), x.u.erase.hide(p, f.seq, f.record).Absent)
	}
	for i, s := range c.spans {
		stream := s.class == class(journal.Stream)
		if stream && i > 0 {
			continue
		}
		p, err := x.places.at(ctx, s.num)
		if err != nil {
			return err
		}
		if i == 0 {
			h.Write(p.team[:])
		}
		if !stream {
			take(p.ref(s.seq), chart.Present) // what a writer had seen and this station has not is a doubt
		}
	}
	return nil
}
