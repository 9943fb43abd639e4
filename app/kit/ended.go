package kit

import (
	"slices"
	"sync"

	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// ended is the rows of encounters that are over, so that a face that asks for the list
// each second costs what is going on and not all that ever was. A row is used while
// its card has the same print and its entries are judged by the same rosters. Safe for
// concurrent use; the rows are shared and nobody changes them.
type ended struct {
	mu sync.Mutex // guards what follows
	by []judgedBy
	of map[chart.ID]endedRow
}

type endedRow struct {
	print store.Print
	row   *markedRow // nil of what is no encounter
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

// rowsBy is the rows that are kept, none when entries are judged by something else than
// before. It asks with the lock held, so that nothing is kept of a store that has just
// closed.
func (e *ended) rowsBy(ask func() []judgedBy) endedRows {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch by := ask(); {
	case len(by) == 0:
		e.by, e.of = nil, nil
	case !slices.Equal(e.by, by):
		e.by, e.of = by, map[chart.ID]endedRow{}
	}
	return endedRows{e, e.of}
}

// endedRows are those of one way of judging: what is put there after it has changed is
// read by nobody.
type endedRows struct {
	e  *ended
	of map[chart.ID]endedRow // nil of a store that has just closed
}

func (r endedRows) get(p store.Print) (row *markedRow, ok bool) {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	kept, ok := r.of[p.Subject]
	return kept.row, ok && kept.print == p
}

func (r endedRows) put(p store.Print, row *markedRow) {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	if r.of != nil {
		r.of[p.Subject] = endedRow{p, row}
	}
}

// clear drops all rows: the store is closed.
func (e *ended) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.by, e.of = nil, nil
}
