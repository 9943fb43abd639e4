package store

import (
	"sync"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Change is what one transaction added.
type Change struct {
	Local  bool // written by this station
	Pieces []journal.Piece
	Filled []Entry     // entries held before, whose bodies came now
	Forked []chart.Ref // where a log was found to have two branches
}

// watchers are told of every change after it is on the disk.
type watchers struct {
	mu    sync.Mutex
	next  int
	funcs map[int]func(Change)
}

// Watch calls f after each commit, this station's own and accepted ones, in the
// order of commits, until stop is called. F runs while the one writer is held: it
// must not block and must not call the store. The pieces are shared: f must not
// change them.
func (s *Store) Watch(f func(Change)) (stop func()) {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.funcs == nil {
		w.funcs = make(map[int]func(Change))
	}
	id := w.next
	w.next++
	w.funcs[id] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.funcs, id)
	}
}

func (w *watchers) tell(c Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.funcs {
		f(c)
	}
}
