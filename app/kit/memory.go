package kit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fieldkit/devices"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A memory is what is known of results that were read from instruments' memories.
// A glucose meter holds hundreds, each with the meter's own time, and says them all
// when it is plugged in. They may be anybody's. One belongs to the encounter to
// which the meter is bound only if it was measured after it was bound there, by both
// clocks; every other is recorded to an encounter of the meter's own, which nobody
// has been told of, and people are told so. Who it was is for a person to say, with
// a reassignment. The recording's lock guards it.
type memory struct {
	beds map[string]*bed // by instrument: where its results go that are of no bound patient
	said map[stored]bool // what was recorded since the recorder started
	kept map[string]kept // of whom people are to be told
}

// A stored is one result in an instrument's memory.
type stored struct {
	numeric
	at    time.Time
	value vital.Decimal
	state vital.State
}

// A kept is how many results were recorded to no patient.
type kept struct {
	results int
	last    vital.Instant
}

const (
	// aheadMost is how far an instrument's clock may be ahead of ours and still be
	// believed.
	aheadMost = 2 * time.Minute
	// saidMost bounds what is remembered: the memories of ten meters.
	saidMost = 8192
	// keptFor is how long people are told of results that went to no patient.
	keptFor = 30 * time.Minute
)

func newMemory() memory {
	return memory{beds: map[string]*bed{}, said: map[stored]bool{}, kept: map[string]kept{}}
}

// stored takes a result from an instrument's memory. Caller holds mu.
func (r *record) stored(from devices.PortInfo, v vital.Reading) {
	m := r.place(from)
	key := numeric{m.name, v.Sign, v.Site, v.Raw}
	value, _ := v.Value()
	s := stored{key, v.MonitorTime, value, v.State()}
	if r.memory.said[s] {
		return
	}
	if len(r.memory.said) >= saidMost {
		clear(r.memory.said)
	}
	r.memory.said[s] = true

	now := r.clock.Now()
	wall, trust := r.clock.Wall()
	own := asOnAClock(wall)
	age := own.Sub(v.MonitorTime)
	believed := trust != chart.ClockUnset && !v.MonitorTime.IsZero() && age >= -aheadMost
	if believed {
		v.Arrived = now.Add(-max(age, 0))
	}
	b := m.bed
	if !b.provisional && (!believed || v.State() == vital.Demo || v.MonitorTime.Before(asOnAClock(r.since(m, from)))) {
		b = r.ownBed(m)
		told := r.memory.kept[m.name]
		r.memory.kept[m.name] = kept{told.results + 1, now}
	}
	// Each is charted by itself: a whole memory comes within a second.
	prov, monitor := m.prov, m.name
	charted := &chart.Vitals{
		Reason: chart.ReasonNIBP, Monitor: monitor, Sources: []vital.Provenance{prov},
		Values: []chart.Vital{chart.VitalOf(v, now, 0)},
	}
	r.append(b, journal.Chart, func() chart.Content { return charted }, nil)
	if b != m.bed || !believed {
		return
	}
	// The latest stands on the screen, as old as it is.
	if standing, ok := b.readings[key]; ok && standing.Arrived >= v.Arrived {
		return
	}
	b.readings[key] = heard{v, prov}
	if v.Sign.Info().Ageing.At(now.Sub(v.Arrived)) == vital.Fresh {
		w := b.watch(source{monitor, v.Site})
		r.alarms(b, w, w.engine.Step(now, v))
	}
}

// asOnAClock is t as a clock on the wall shows it: instruments know no time zone,
// and their drivers give what they show as if it were UTC.
func asOnAClock(t time.Time) time.Time {
	t = t.Local()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// since is when m was bound to its bed, under whichever of its names that was
// first. Caller holds mu.
func (r *record) since(m *monitor, from devices.PortInfo) time.Time {
	var first time.Time
	for _, name := range [...]string{m.name, from.Identity()} {
		if h, ok := r.bound[name]; ok && h.bed == m.bed && (first.IsZero() || h.since.Before(first)) {
			first = h.since
		}
	}
	if first.IsZero() {
		first, _ = r.clock.Wall()
	}
	return first
}

// boundSince notes when the record says that a monitor was bound to its bed.
func (r *record) boundSince(monitor string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.bound[monitor]; ok {
		h.since = at
		r.bound[monitor] = h
	}
}

// ownBed is the bed of what m holds of others, made if new. It is no bed on a
// screen: it has no present. Caller holds mu.
func (r *record) ownBed(m *monitor) *bed {
	b := r.memory.beds[m.name]
	if b == nil {
		b = newBed(newID(), chart.ID{})
		b.provisional, b.tag = true, "unassigned"
		r.memory.beds[m.name] = b
		opened := &chart.EncounterOpened{Setting: "unassigned", Place: "in the memory of " + m.name[:min(len(m.name), 100)], Provisional: true}
		r.append(b, journal.Chart, func() chart.Content { return opened }, nil)
	}
	return b
}

// over notes that an encounter has ended: what an instrument holds from now on
// goes to another. Caller holds mu.
func (m *memory) over(encounter chart.ID) {
	maps.DeleteFunc(m.beds, func(_ string, b *bed) bool { return b.encounter == encounter })
}

// troubles are what people should know of memories, in words. Caller holds mu.
func (m *memory) troubles(now vital.Instant) []string {
	maps.DeleteFunc(m.kept, func(_ string, k kept) bool { return now.Sub(k.last) > keptFor })
	var out []string
	for _, name := range slices.SortedFunc(maps.Keys(m.kept), func(x, y string) int { return cmp.Compare(x, y) }) {
		results, are := "results", "were"
		if m.kept[name].results == 1 {
			results, are = "result", "was"
		}
		out = append(out, fmt.Sprintf("%d %s in the memory of %s %s not measured since it was bound here, by its clock: on the record, but in an unassigned encounter. Look at its clock; reassign what is this patient's.", m.kept[name].results, results, strings.TrimSpace(name), are))
	}
	return out
}
