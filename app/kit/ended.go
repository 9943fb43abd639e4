package kit

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync"

	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// ended is the rows of encounters that are over, so that a face that asks for the list
// each second costs what is going on and not all that ever was. A row is used while
// its card holds the same entries and they are judged by the same rosters. Safe for
// concurrent use; the rows are shared and nobody changes them.
type ended struct {
	mu sync.Mutex // guards what follows
	by []judgedBy
	of map[chart.ID]endedRow
}

type endedRow struct {
	mark uint64
	row  chart.Row
}

// A judgedBy is by what a team's entries are trusted and shown.
type judgedBy struct {
	roster    *identity.Roster
	member    *membership
	withdrawn bool
}

// judges are those of all teams; none while the store is locked.
func (k *Kit) judges() (out []judgedBy) {
	for _, s := range k.shares() {
		if s.member.Load() == nil {
			return nil
		}
		out = append(out, judgedBy{s.roster.Load(), s.member.Load(), s.withdrawn.Load()})
	}
	return out
}

// judgedBy drops all rows when entries are judged by something else than before. It
// asks with the lock held, so that nothing is kept of a store that has just closed.
func (e *ended) judgedBy(ask func() []judgedBy) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch by := ask(); {
	case len(by) == 0:
		e.by, e.of = nil, nil
	case !slices.Equal(e.by, by):
		e.by, e.of = by, map[chart.ID]endedRow{}
	}
}

func (e *ended) get(id chart.ID, mark uint64) (chart.Row, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.of[id]
	return r.row, ok && r.mark == mark
}

func (e *ended) put(id chart.ID, r endedRow) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of != nil { // not once the store is closed
		e.of[id] = r
	}
}

// clear drops all rows: the store is closed.
func (e *ended) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.by, e.of = nil, nil
}

// seed makes marks of one run comparable with each other and nothing else.
var seed = maphash.MakeSeed()

// markOf tells whether a row made from a card and its patients' would be the same:
// entries never change, but come, go and lose their bodies.
func (k *Kit) markOf(ctx context.Context, card store.Card) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	take := func(c store.Card) {
		for _, e := range c.Facts {
			h.Write(e.Ref.Device[:])
			h.Write(e.Ref.Epoch[:])
			var b [9]byte
			binary.BigEndian.PutUint64(b[:], e.Ref.Seq)
			b[8] = byte(e.Record.Absent)
			h.Write(b[:])
		}
		for _, r := range c.Held { // what a writer had seen and this station has not is a doubt
			h.Write(r.Device[:])
			h.Write(r.Epoch[:])
			h.Write(binary.BigEndian.AppendUint64(nil, r.Seq))
		}
	}
	take(card)
	for _, p := range card.Patients {
		if p == card.Subject {
			continue
		}
		h.Write(p[:])
		if patient, err := k.store.Card(ctx, p); err == nil {
			take(patient)
		}
	}
	return h.Sum64()
}
