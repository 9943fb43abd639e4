package kit

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"fieldkit/devices"
	"fieldkit/sync/journal"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A monitor is an instrument on a port, as this station knows it.
type monitor struct {
	name  string // lasting, see chart.MonitorBound
	prov  vital.Provenance
	heard vital.Instant // when it last gave anything
	bed   *bed          // where it records to; nil until its first reading
	// expect is who was bound here when the record put the port back to its bed and
	// nobody has said yet who speaks.
	expect vital.Provenance
}

// A home is the bed that a monitor is bound to, who the monitor was then, and since
// when.
type home struct {
	bed   *bed
	prov  vital.Provenance
	since time.Time
}

// homeIn is a home in b from now on. Caller holds mu.
func (r *record) homeIn(b *bed, prov vital.Provenance) home {
	wall, _ := r.clock.Wall()
	return home{b, prov, wall}
}

// Monitor implements devices.Handler.
func (r *record) Monitor(from devices.PortInfo, p vital.Provenance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.monitor(from)
	p.Simulated = p.Simulated || r.training
	if another(m.prov, p) || another(m.expect, p) {
		// Whoever is plugged into a line must not inherit the patient of the
		// instrument that was there before.
		r.part(m, from.Identity(), "another monitor is on its port")
		m.prov, m.name = p, from.Identity()
	}
	if p.Serial == "" && m.prov.Serial != "" {
		m.expect = m.prov // a new conversation, in which it has not said its serial number yet
	}
	m.prov = p
	if p.Serial == "" && m.expect.Serial != "" {
		return // it keeps its name until it says another
	}
	name := r.nameFor(m, from, p)
	if name == m.name {
		return
	}
	before := m.name
	m.name = name
	r.results.rename(before, name)
	if m.bed == nil {
		return
	}
	m.bed.rename(before, name)
	if h, ok := r.bound[name]; ok && h.bed != m.bed {
		// It was bound under this name, on another port or before a restart.
		r.part(m, from.Identity(), "it is bound to another encounter")
		m.bed = h.bed
		r.alias(m, from.Identity(), m.bed)
		return
	}
	r.bind(m, m.bed) // the record knows it by its lasting name from here on
}

// another reports whether two descriptions are of different instruments. What one
// of them does not say makes no difference.
func another(was, is vital.Provenance) bool {
	differ := func(x, y string) bool { return x != "" && y != "" && x != y }
	return differ(was.Driver, is.Driver) || differ(was.Make, is.Make) || differ(was.Serial, is.Serial)
}

// monitorName is the station's lasting name for an instrument: make and serial
// number where it says them, else the port's identity.
func monitorName(from devices.PortInfo, p vital.Provenance) string {
	if p.Serial != "" {
		return p.Make + " " + p.Serial
	}
	return from.Identity()
}

// nameFor is m's name, of which no other present monitor has the same: two cheap
// instruments that say one serial number are told apart by their ports. One that
// has moved to another port takes its name with it. Caller holds mu.
func (r *record) nameFor(m *monitor, from devices.PortInfo, p vital.Provenance) string {
	name := monitorName(from, p)
	for identity, other := range r.monitors {
		if other == m || other.name != name {
			continue
		}
		if r.clock.Now().Sub(other.heard) < worthKeeping {
			return name + " on " + from.Identity()
		}
		delete(r.monitors, identity)
		if h, ok := r.bound[identity]; ok {
			r.unbound(h.bed, identity, "its monitor is on another port")
		}
	}
	return name
}

// monitor is what is known of the port's instrument, made if new. Caller holds mu.
func (r *record) monitor(from devices.PortInfo) *monitor {
	m := r.monitors[from.Identity()]
	if m == nil {
		m = &monitor{name: monitorName(from, vital.Provenance{}), prov: vital.Provenance{Simulated: r.training}}
		r.monitors[from.Identity()] = m
	}
	return m
}

// place is the monitor and its bed; a monitor that nobody has bound records to a
// provisional encounter of its own. Caller holds mu.
func (r *record) place(from devices.PortInfo) *monitor {
	m := r.monitor(from)
	m.heard = r.clock.Now()
	if m.bed != nil {
		return m
	}
	if h, ok := r.bound[m.name]; ok {
		if !another(h.prov, m.prov) {
			m.bed, m.expect = h.bed, h.prov
			return m
		}
		r.unbound(h.bed, m.name, "another monitor is on its port")
	}
	b := newBed(newID(), chart.ID{})
	b.provisional, b.tag = true, "unassigned"
	r.beds[b.encounter] = b
	r.append(b, journal.Chart, func() chart.Content {
		return &chart.EncounterOpened{Setting: "unassigned", Provisional: true}
	}, nil)
	r.bind(m, b)
	return m
}

// bind notes that the monitor records to b from now on. Caller holds mu.
func (r *record) bind(m *monitor, b *bed) {
	m.bed = b
	r.bound[m.name] = r.homeIn(b, m.prov)
	bound := &chart.MonitorBound{Monitor: m.name, Provenance: m.prov}
	r.append(b, journal.Chart, func() chart.Content { return bound }, nil)
}

// newID is a new patient's or encounter's name: a UUID of version 7.
func newID() chart.ID { return chart.ID(uuid.Must(uuid.NewV7())) }

// where is the encounter that the port's monitor records to; zero when none.
func (r *record) where(port devices.PortInfo) chart.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.monitors[port.Identity()]; m != nil && m.bed != nil {
		return m.bed.encounter
	}
	return chart.ID{}
}

// nameOf is the name under which the port's monitor is bound.
func (r *record) nameOf(port devices.PortInfo) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.monitors[port.Identity()]; m != nil {
		return m.name
	}
	return ""
}

// heed does what an entry that a person recorded asks of the flow: a binding
// moves its monitor, a closing ends its bed.
func (r *record) heed(encounter, patient chart.ID, c chart.Content) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch c.(type) {
	case *chart.MonitorUnbound, *chart.AlarmAcknowledged, *chart.AlarmPaused:
	default:
		r.attended(encounter)
	}
	switch c := c.(type) {
	case *chart.MonitorBound:
		b := r.bedOf(encounter, patient)
		const why = "bound to another encounter"
		for identity, m := range r.monitors {
			if m.name != c.Monitor && identity != c.Monitor {
				continue
			}
			if m.bed != b {
				r.part(m, identity, why)
			}
			m.bed, m.expect = b, vital.Provenance{}
			names := [...]string{m.name, identity}
			for _, name := range names {
				r.release(name, b, why)
			}
			r.bound[c.Monitor] = r.homeIn(b, m.prov) // the entry for this name is the person's
			for _, name := range names {
				r.alias(m, name, b)
			}
		}
		r.release(c.Monitor, b, why)
		if _, here := r.bound[c.Monitor]; !here {
			r.bound[c.Monitor] = r.homeIn(b, c.Provenance)
		}
	case *chart.MonitorUnbound:
		if h, ok := r.bound[c.Monitor]; ok && h.bed.encounter == encounter {
			delete(r.bound, c.Monitor) // the entry for this name is the person's
		}
		for identity, m := range r.monitors {
			if (m.name == c.Monitor || identity == c.Monitor) && m.bed != nil && m.bed.encounter == encounter {
				r.part(m, identity, "its monitor was unbound")
			}
		}
		for _, name := range r.namesOf(c.Monitor) {
			if h := r.bound[name]; h.bed.encounter == encounter {
				r.unbound(h.bed, name, "its monitor was unbound")
			}
		}
		r.tidy(r.beds[encounter], "its monitor was unbound")
	case *chart.AlarmAcknowledged, *chart.AlarmPaused:
		if b := r.beds[encounter]; b != nil {
			r.answered(b, c)
		}
	case *chart.EncounterClosed, *chart.EncounterStoodDown:
		r.memory.over(encounter)
		b := r.beds[encounter]
		if b == nil {
			return
		}
		now := r.clock.Now()
		r.keepSecond(b, now-now%vital.Instant(time.Second))
		for _, m := range r.monitors {
			if m.bed == b {
				m.bed, m.expect = nil, vital.Provenance{}
			}
		}
		maps.DeleteFunc(r.bound, func(_ string, h home) bool { return h.bed == b })
		for _, w := range b.watched() {
			r.overHere(b, w)
		}
		delete(r.beds, encounter)
	}
}

// attended notes that a person cares for whoever an encounter is of, though it was
// opened for a monitor that nobody had bound: what was measured in it is that
// patient's and stays. Caller holds mu.
func (r *record) attended(encounter chart.ID) {
	if b := r.beds[encounter]; b != nil {
		b.provisional = false
	}
	r.results.settle(encounter)
}

// alias notes that the monitor is bound to b under another of its names too. After
// a restart an instrument is heard before it has said its serial number: its port
// is bound, so that those seconds go to the same bed. Caller holds mu.
func (r *record) alias(m *monitor, name string, b *bed) {
	if r.bound[name].bed == b {
		return
	}
	r.bound[name] = r.homeIn(b, m.prov)
	bound := &chart.MonitorBound{Monitor: name, Provenance: m.prov}
	r.append(b, journal.Chart, func() chart.Content { return bound }, nil)
}

// part takes a monitor from its bed: what it measured there so far is kept, its
// alarms there are over, and the record no longer names it there. Caller holds mu.
func (r *record) part(m *monitor, identity, why string) {
	b := m.bed
	m.bed, m.expect = nil, vital.Provenance{}
	if b == nil {
		return
	}
	now := r.clock.Now()
	r.keepSecond(b, now-now%vital.Instant(time.Second))
	r.chartResult(b, now)
	for _, w := range b.forget(m.name) {
		r.overHere(b, w)
	}
	for _, name := range [...]string{m.name, identity} {
		if h, ok := r.bound[name]; ok && h.bed == b {
			r.unbound(b, name, why)
		}
	}
	r.tidy(b, why)
}

// namesOf are the names under which the instrument called name is bound: its own,
// and those of ports it was bound on. Caller holds mu.
func (r *record) namesOf(name string) []string {
	var out []string
	for bound, h := range r.bound {
		if bound == name || h.prov.Serial != "" && h.prov.Make+" "+h.prov.Serial == name {
			out = append(out, bound)
		}
	}
	return out
}

// release ends every binding of the instrument called name to another bed than b.
// Caller holds mu.
func (r *record) release(name string, b *bed, why string) {
	for _, bound := range r.namesOf(name) {
		if h := r.bound[bound]; h.bed != b {
			r.unbound(h.bed, bound, why)
		}
	}
}

// unbound notes in b's encounter that the name is not bound to it any more.
// Caller holds mu.
func (r *record) unbound(b *bed, name, why string) {
	delete(r.bound, name)
	gone := &chart.MonitorUnbound{Monitor: name, Why: why}
	r.append(b, journal.Chart, func() chart.Content { return gone }, nil)
	r.tidy(b, why)
}

// overHere clears the alarms of a watch that ends with its monitor's binding.
// Caller holds mu.
func (r *record) overHere(b *bed, w *watch) {
	for _, a := range w.engine.Active() {
		if place := w.raised[a.Condition]; place != nil && a.State != alarm.Latched {
			r.cleared(b, place, "its monitor records here no more")
		}
	}
}

// tidy ends a bed to which nothing is bound: it is not watched any more. A
// provisional one has no more to wait for and is stood down; its entries stay and
// can be reassigned. Caller holds mu.
func (r *record) tidy(b *bed, why string) {
	if b == nil || r.beds[b.encounter] != b {
		return
	}
	for _, h := range r.bound {
		if h.bed == b {
			return
		}
	}
	if b.provisional {
		r.append(b, journal.Chart, func() chart.Content { return &chart.EncounterStoodDown{Why: why} }, nil)
	}
	delete(r.beds, b.encounter)
}

// dress puts on a bed what the record says of its patient.
func (r *record) dress(encounter, patient chart.ID, tag string, months int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.beds[encounter]; b != nil {
		b.tag = tag
		r.limit(b, alarm.ForAge(months))
		if patient != (chart.ID{}) {
			b.patient = patient
		}
	}
}

// answered puts what a person did about alarms to the engines. Caller holds mu.
func (r *record) answered(b *bed, c chart.Content) {
	now := r.clock.Now()
	switch c := c.(type) {
	case *chart.AlarmPaused:
		r.pause(b, c)
	case *chart.AlarmAcknowledged:
		for _, w := range b.watched() {
			for condition, place := range w.raised {
				if place != nil && slices.Contains(c.Of, *place) {
					r.alarms(b, w, w.engine.Acknowledge(now, condition))
				}
			}
		}
	}
}

// bedOf is the bed of an encounter, made if new. Caller holds mu.
func (r *record) bedOf(encounter, patient chart.ID) *bed {
	b := r.beds[encounter]
	if b == nil {
		b = newBed(encounter, patient)
		r.beds[encounter] = b
	}
	if patient != (chart.ID{}) {
		b.patient = patient
	}
	return b
}

// remember takes what the record says that a monitor measured in an encounter.
func (r *record) remember(monitor string, encounter chart.ID, provisional bool, measured []chart.Measured) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results.restore(monitor, encounter, provisional, measured, r.clock)
}

// restore puts a monitor back to the bed it was bound to before a restart. One
// that was bound since, by a person or by its name, stays there; one that was
// heard while the store was locked has only a provisional bed, and leaves it.
func (r *record) restore(monitor string, prov vital.Provenance, encounter, patient chart.ID, tag string, months int, provisional bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.bound[monitor]; ok && !h.bed.provisional {
		return
	}
	b := r.bedOf(encounter, patient)
	b.tag, b.provisional = tag, provisional
	r.limit(b, alarm.ForAge(months))
	for identity, m := range r.monitors {
		if m.name != monitor || m.bed == nil || m.bed == b || another(prov, m.prov) {
			continue
		}
		r.part(m, identity, "the record says where it is bound")
		m.bed = b
	}
	r.bound[monitor] = r.homeIn(b, prov)
}

// tagOf is how a patient is called on the triage label: the label given, else
// nothing that tells who it is. It is never empty: two tiles without a word could
// be taken for each other.
func tagOf(d chart.Demographics, encounter chart.ID) string {
	if d.Label != "" {
		return d.Label
	}
	if said := strings.TrimSpace(string(d.Sex) + " " + d.Age); said != "" {
		return said
	}
	return "unnamed " + hex.EncodeToString(encounter[len(encounter)-2:])
}
