package kit

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// What the live process is told as the record changes: that an encounter it shows is
// this hospital's no longer, at once, and that pages may read an encounter anew.

// hints are what is to be looked at. The zero value is none.
type hints struct {
	mu      sync.Mutex // guards everything that follows
	shown   map[chart.ID]shownAs
	touched map[chart.ID]bool
	kick    chan struct{}
}

// A shownAs is a binding that may be shown, when that was last asked. The gateway asks
// again every few seconds while its tile stands.
type shownAs struct {
	wave.Binding
	at time.Time
}

const (
	// hintsEvery parts two looks at what changed, so that a burst costs one.
	hintsEvery = 100 * time.Millisecond
	// shownMost bounds the encounters that are remembered as shown, and shownFor is how
	// long one is remembered that nobody asks for any more.
	shownMost = 800
	shownFor  = 30 * time.Second
)

func newHints() *hints {
	return &hints{shown: map[chart.ID]shownAs{}, touched: map[chart.ID]bool{}, kick: make(chan struct{}, 1)}
}

// show remembers that an encounter may be shown now.
func (h *hints) show(b wave.Binding) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(h.shown, func(_ chart.ID, s shownAs) bool { return now.Sub(s.at) > shownFor })
	if _, known := h.shown[chart.ID(b.Encounter)]; known || len(h.shown) < shownMost {
		h.shown[chart.ID(b.Encounter)] = shownAs{b, now}
	}
}

// hide forgets it.
func (h *hints) hide(encounter chart.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.shown, encounter)
}

// touch notes a change of the record. It runs in the store's writing goroutine and
// never waits.
func (h *hints) touch(c store.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.shown) == 0 {
		return
	}
	take := func(log journal.Log, r journal.Record) {
		if r.Absent != chart.Present || log != journal.Chart {
			return
		}
		if b, err := journal.DecodeBody(r.Body); err == nil {
			for _, id := range []chart.ID{b.Encounter, subjectOf(b)} {
				if _, shown := h.shown[id]; shown {
					h.touched[id] = true
				}
			}
		}
	}
	for _, p := range c.Pieces {
		for _, r := range p.Records {
			take(p.Head.Log, r)
		}
	}
	for _, e := range c.Filled {
		take(e.Log, e.Record)
	}
	if len(h.touched) > 0 {
		wake(h.kick)
	}
}

// touchAll has everything that is shown looked at: the roster has changed.
func (h *hints) touchAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.shown {
		h.touched[id] = true
	}
	if len(h.touched) > 0 {
		wake(h.kick)
	}
}

// due takes what is to be looked at.
func (h *hints) due() []wave.Binding {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []wave.Binding
	for id := range maps.Keys(h.touched) {
		if s, ok := h.shown[id]; ok {
			out = append(out, s.Binding)
		}
	}
	clear(h.touched)
	return out
}

// hint tells the live process what became of the encounters it shows, until ctx ends.
func (l *live) hint(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.hints.kick:
		}
		for _, b := range l.hints.due() {
			encounter := chart.ID(b.Encounter)
			l.folded.forget(encounter)
			verb := "changed"
			if _, err := l.mayShow(ctx, b); isRefused(err) {
				verb = "clear"
			}
			if told, err := json.Marshal(encounter); err == nil && l.between != nil {
				l.between.Tell(verb, told)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(hintsEvery):
		}
	}
}

// boundElsewhere reports whether the patient is on the way to other stations, and by
// no word that stands to this one or to one that is no station of ours. A handover
// lets the record be read for good; where the patient goes, the crew says.
func (s *share) boundElsewhere(ctx context.Context, d chart.Device, encounter chart.ID) (bool, error) {
	reach, err := s.reach(ctx, encounter)
	if errors.Is(err, store.ErrNoSubject) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r := s.judge(s.roster.Load()).of(readClaims(reach.Marks))
	bound := slices.DeleteFunc(slices.Clone(r.claims), func(c claim) bool { return c.kind != claimBound || r.rebound(c) })
	here := slices.ContainsFunc(bound, func(c claim) bool { return c.station == d || c.station == chart.Device{} })
	return len(bound) > 0 && !here, nil
}
