package kit

import (
	"context"
	"slices"
	"sync"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

const (
	// arrivalsMost is how many pieces may wait to be looked at. Beyond it the beds
	// are read from the record instead: nothing is lost, it takes longer.
	arrivalsMost = 256
	// answerFor is how old an acknowledgement from elsewhere may be and still
	// silence an alarm here: as long as one given here lasts before the alarm sounds
	// again. Two clocks of a team are at most so far apart unless one is flagged.
	answerFor = 2 * time.Minute
)

// arrivals are the entries of other stations on their way to the beds here.
type arrivals struct {
	mu     sync.Mutex // guards everything that follows
	pieces []journal.Piece
	filled []store.Entry // whose bodies came later
	behind bool          // more came than may wait

	wake chan struct{}
}

func newArrivals() *arrivals { return &arrivals{wake: make(chan struct{}, 1)} }

// note keeps what came of the chart log. It runs in the store's writing goroutine
// and never waits.
func (a *arrivals) note(c store.Change) {
	if c.Local {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	news := false
	for _, p := range c.Pieces {
		if p.Head.Log == journal.Chart {
			a.pieces, news = append(a.pieces, p), true
		}
	}
	for _, e := range c.Filled {
		if e.Log == journal.Chart {
			a.filled, news = append(a.filled, e), true
		}
	}
	if len(a.pieces)+len(a.filled) > arrivalsMost {
		a.pieces, a.filled, a.behind = nil, nil, true
	}
	if news {
		select {
		case a.wake <- struct{}{}:
		default:
		}
	}
}

func (a *arrivals) take() (pieces []journal.Piece, filled []store.Entry, behind bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	pieces, filled, behind = a.pieces, a.filled, a.behind
	a.pieces, a.filled, a.behind = nil, nil, false
	return pieces, filled, behind
}

// receive puts what other stations recorded to the beds here until ctx ends.
func (k *Kit) receive(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.arrivals.wake:
		}
		pieces, filled, behind := k.arrivals.take()
		for _, p := range pieces {
			for i, r := range p.Records {
				ref := chart.Ref{Device: p.Head.Device, Epoch: p.Head.Epoch, Seq: p.Head.Seq + uint64(i) + 1}
				filled = append(filled, store.Entry{Ref: ref, Team: p.Head.Team, Log: p.Head.Log, Record: r})
			}
		}
		for _, e := range k.read(filled) {
			k.arrived(ctx, e)
		}
		if behind {
			for _, id := range k.record.standing() {
				entries, err := k.entries(ctx, id)
				if err != nil {
					k.log.Warn("what came for a patient could not be read", "reason", err)
				}
				for _, e := range entries {
					k.arrived(ctx, e)
				}
			}
		}
	}
}

// arrived puts an entry of another station to the beds it is about.
func (k *Kit) arrived(ctx context.Context, e chart.Entry) {
	if e.Content == nil || e.Withdrawn {
		return
	}
	if m := k.share.member.Load(); m == nil || e.Ref.Device == m.device {
		return
	}
	if t := e.Content.Type(); t == chart.TypeEncounterClosed || t == chart.TypeEncounterStoodDown {
		k.hideEnded(ctx, e.Encounter) // it may have no bed here any more
	}
	for _, id := range k.record.about(e.Encounter, e.Patient) {
		switch c := e.Content.(type) {
		case *chart.AlarmAcknowledged:
			// An old word must not silence what sounds again now.
			if now, _ := k.clock.Wall(); now.Sub(e.Happened).Abs() <= answerFor {
				k.record.heed(id, e.Patient, c)
			}
		case *chart.EncounterClosed, *chart.EncounterStoodDown:
			// Only while the record says so: it may have been taken back since.
			row, err := k.rowOf(ctx, id)
			if err == nil && (row.Status == chart.Closed || row.Status == chart.StoodDown) {
				k.record.heed(id, e.Patient, c)
			}
		case *chart.HandoverAccepted:
			k.handedOn(ctx, id)
		default:
			// A pause silences the station where it was given. A monitor's name is its
			// own station's.
			k.dress(ctx, id, e.Content.Type())
		}
	}
}

// dress brings to an encounter's bed what an entry of that type changes for it: the
// label, the age band, the limits.
func (k *Kit) dress(ctx context.Context, encounter chart.ID, t chart.Type) {
	if !k.record.stands(encounter) {
		return
	}
	if slices.Contains(listed, t) {
		k.relabel(ctx, encounter)
	}
	if t == chart.TypeLimitsSet || t == chart.TypeRetraction || t == chart.TypeMonitorBound {
		k.relimit(ctx, encounter)
	}
}

// relabel puts the label and the age band that stand on the record of an encounter
// to its bed.
func (k *Kit) relabel(ctx context.Context, encounter chart.ID) {
	k.dressing.Lock()
	defer k.dressing.Unlock()
	row, err := k.rowOf(ctx, encounter)
	if err != nil {
		k.log.Warn("the encounter's label could not be read", "reason", err)
		return
	}
	k.record.dress(encounter, row.Patient, tagOf(row.Who, encounter), monthsOf(row.Who, time.Now()))
}

// standing are the encounters with a bed here, in order.
func (r *record) standing() []chart.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []chart.ID
	for id := range r.beds {
		out = append(out, id)
	}
	slices.SortFunc(out, func(x, y chart.ID) int { return slices.Compare(x[:], y[:]) })
	return out
}

// about are the encounters with a bed here that an entry is about: its own, or when
// it names none, those of its patient.
func (r *record) about(encounter, patient chart.ID) []chart.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if encounter != (chart.ID{}) {
		if r.beds[encounter] == nil {
			return nil
		}
		return []chart.ID{encounter}
	}
	var out []chart.ID
	for id, b := range r.beds {
		if b.patient == patient && patient != (chart.ID{}) {
			out = append(out, id)
		}
	}
	return out
}
