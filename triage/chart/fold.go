package chart

import (
	"bytes"
	"time"
)

// A Fold gathers the entries of one encounter and makes charts of them. Equal
// sets of entries make equal charts, in whatever order and however often they
// were added. A Fold is not safe for concurrent use; the charts it makes are.
//
// Feed it the entries of its encounter; the patient's entries of the kinds that
// are [OfPatient] from other encounters; entries that a [RangeReassigned] moves
// here; and erase, accept and clock entries of the team log. Entries that do not
// belong are kept apart as [Elsewhere], so feeding too much does no harm.
type Fold struct {
	encounter ID
	entries   map[Ref]*Entry
	reach     map[log]uint64
	chart     *Chart // of the entries so far, nil when they have changed
}

// A log is one epoch of one device's log.
type log struct {
	device Device
	epoch  Epoch
}

func (r Ref) log() log { return log{r.Device, r.Epoch} }

// NewFold is an empty fold of an encounter.
func NewFold(encounter ID) *Fold {
	return &Fold{encounter: encounter, entries: map[Ref]*Entry{}, reach: map[log]uint64{}}
}

// Add takes entries in, and reports how many changed what is known. An entry may
// come again with more: its content after "on its way", or erased. Two copies
// with content at one place are the same entry: the journal's chain holds to
// that. An entry once withdrawn stays so; when an accept lifts it, fold afresh.
func (f *Fold) Add(entries ...Entry) (changed int) {
	for i := range entries {
		e := entries[i]
		if e.Absent == Present && e.Content == nil {
			e.Absent = Unread
		}
		f.reached(e.Ref)
		if known, ok := f.entries[e.Ref]; ok && !joins(&e, known) {
			continue
		}
		e = stripped(e)
		f.entries[e.Ref] = &e
		f.chart = nil
		changed++
	}
	return changed
}

// Reach says that every entry up to these places that this station holds, and
// that belongs in this fold, has been added. Without it a fold only knows of the
// places it was given, and counts the rest of what writers saw as missing.
func (f *Fold) Reach(places ...Ref) {
	for _, r := range places {
		f.reached(r)
	}
}

func (f *Fold) reached(r Ref) {
	if r.Seq > f.reach[r.log()] {
		f.reach[r.log()] = r.Seq
		f.chart = nil
	}
}

// Chart is the chart of what has been added so far. It does not change when more
// is added.
func (f *Fold) Chart() *Chart {
	if f.chart == nil {
		f.chart = build(f)
	}
	return f.chart
}

// rank orders how much is known of an entry. What is erased stays erased.
var rank = [...]int{Unfetched: 0, Withheld: 1, Pruned: 2, Unread: 3, Damaged: 4, Present: 5, Erased: 6}

// joins makes e the sum of e and known, and reports whether that is more than
// known. The sum does not depend on which came first.
func joins(e, known *Entry) bool {
	withdrawn := e.Withdrawn || known.Withdrawn
	if !more(e, known) {
		if withdrawn == known.Withdrawn {
			return false
		}
		*e = *known
	}
	e.Withdrawn = withdrawn
	return true
}

func more(e, known *Entry) bool {
	if a, b := rankOf(e.Absent), rankOf(known.Absent); a != b {
		return a > b
	}
	if e.Absent == Present || e.Absent == Erased {
		return false
	}
	if c := bytes.Compare(e.Encounter[:], known.Encounter[:]); c != 0 {
		return c > 0
	}
	return bytes.Compare(e.Patient[:], known.Patient[:]) > 0
}

func rankOf(a Absent) int {
	if int(a) < len(rank) {
		return rank[a]
	}
	return 0
}

// stripped is e without what its absence forbids to show. Of an erased entry only
// the place is left.
func stripped(e Entry) Entry {
	switch e.Absent {
	case Present:
		return e
	case Erased:
		return Entry{Ref: e.Ref, Log: e.Log, Absent: Erased, Withdrawn: e.Withdrawn}
	}
	e.Content = nil
	return e
}

// A boot is one start of one tablet.
type boot struct {
	device Device
	boot   Boot
}

// clocks holds what clock entries say, by boot.
type clocks map[boot][]*Fact

// settle sets the fact's times, corrected by the clock entry of its boot with
// the highest trust, and of those the one nearest in monotonic time.
func (k clocks) settle(f *Fact) {
	f.At, f.Wall, f.Trust = f.Entry.Happened, f.Entry.Wall, f.Entry.Trust
	if f.At.IsZero() {
		f.At = f.Wall
	}
	var best *Clock
	for _, c := range k[boot{f.Ref.Device, f.Entry.Boot}] {
		point := c.Content.(*Clock)
		if best == nil || point.Trust > best.Trust ||
			point.Trust == best.Trust && point.away(f.Mono) < best.away(f.Mono) {
			best = point
		}
	}
	if best == nil || best.Trust <= f.Entry.Trust || f.Entry.Boot == (Boot{}) {
		return
	}
	f.Wall = best.True.Time().Add(f.Mono - time.Duration(best.MonoMS)*time.Millisecond)
	f.Trust = best.Trust
	switch {
	case f.Entry.Happened.IsZero() || f.Entry.Happened.Equal(f.Entry.Wall):
		f.At = f.Wall
	case f.Entry.Trust == ClockUnset: // charted late against a clock that was unset
		f.At = f.Entry.Happened.Add(f.Wall.Sub(f.Entry.Wall))
	}
}

func (k *Clock) away(mono time.Duration) time.Duration {
	return (mono - time.Duration(k.MonoMS)*time.Millisecond).Abs()
}
