package kit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/sync/journal"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

const (
	// chartEvery is how often vitals are charted by themselves.
	chartEvery = time.Minute
	// backlogMost is how many entries may wait for a store that is locked or does
	// not take them: an hour of one patient's seconds. Beyond it waveforms are
	// refused, in words, and numerics go on.
	backlogMost = 3600
	// retryCommit is how long a failed commit is waited with.
	retryCommit = time.Second
)

// record is the flow from monitor to journal: readings find their bed, go at once
// to alarms and faces, and second by second into the store.
type record struct {
	log      *slog.Logger
	clock    *Clock
	training bool
	callSign string

	mu       sync.Mutex // guards everything that follows
	monitors map[string]*monitor
	beds     map[chart.ID]*bed
	bound    map[string]*bed // by a monitor's name: what the record says of before the start
	backlog  []pending
	refused  uint64       // waveforms that found no room
	trouble  string       // why entries wait, in words; "" when they do not
	station  chart.Device // known once the store is open

	wake chan struct{} // the backlog has something new
}

// A monitor is an instrument on a port, as this station knows it.
type monitor struct {
	name string // lasting, see chart.MonitorBound
	port string
	prov vital.Provenance
	bed  *bed // where it records to; nil until its first reading
}

// pending is an entry that waits for the store. Its content is made when it is
// written, so that it can name entries written before it.
type pending struct {
	encounter, patient chart.ID
	wall               time.Time
	trust              chart.Trust
	mono               vital.Instant
	log                journal.Log
	author             chart.Author
	content            func() chart.Content // nil content: nothing is written
	done               func(chart.Ref)      // with the recording's lock held; may be nil
}

func newRecord(log *slog.Logger, clock *Clock, plate Nameplate) *record {
	return &record{
		log: log, clock: clock, training: plate.Training, callSign: plate.CallSign,
		monitors: map[string]*monitor{}, beds: map[chart.ID]*bed{}, bound: map[string]*bed{}, wake: make(chan struct{}, 1),
	}
}

var _ devices.Handler = (*record)(nil)

// Monitor implements devices.Handler.
func (r *record) Monitor(from devices.PortInfo, p vital.Provenance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.monitor(from)
	p.Simulated = p.Simulated || r.training
	m.prov = p
	if name := monitorName(from, p); name != m.name {
		m.name = name
		if m.bed != nil {
			r.bind(m, m.bed) // the record knows it by its lasting name from here on
		}
	}
}

// monitorName is the station's lasting name for an instrument: make and serial
// number where it says them, else the port's identity.
func monitorName(from devices.PortInfo, p vital.Provenance) string {
	if p.Serial != "" {
		return p.Make + " " + p.Serial
	}
	return from.Identity()
}

// monitor is what is known of the port's instrument, made if new. Caller holds mu.
func (r *record) monitor(from devices.PortInfo) *monitor {
	m := r.monitors[from.Identity()]
	if m == nil {
		m = &monitor{port: from.Name, name: monitorName(from, vital.Provenance{}), prov: vital.Provenance{Simulated: r.training}}
		r.monitors[from.Identity()] = m
	}
	return m
}

// place is the monitor and its bed; a monitor that nobody has bound records to a
// provisional encounter of its own. Caller holds mu.
func (r *record) place(from devices.PortInfo) *monitor {
	m := r.monitor(from)
	if m.bed == nil {
		if m.bed = r.bound[m.name]; m.bed != nil && r.beds[m.bed.encounter] == m.bed {
			return m
		}
		b := newBed(newID(), chart.ID{})
		b.provisional, b.tag = true, "unassigned"
		r.beds[b.encounter] = b
		r.append(b, journal.Chart, func() chart.Content {
			return &chart.EncounterOpened{Setting: "unassigned", Provisional: true}
		}, nil)
		r.bind(m, b)
	}
	return m
}

// bind notes that the monitor records to b from now on. Caller holds mu.
func (r *record) bind(m *monitor, b *bed) {
	m.bed = b
	bound := &chart.MonitorBound{Monitor: m.name, Provenance: m.prov}
	r.append(b, journal.Chart, func() chart.Content { return bound }, nil)
}

// Reading implements devices.Handler.
func (r *record) Reading(from devices.PortInfo, v vital.Reading) {
	r.mu.Lock()
	m := r.place(from)
	now := r.clock.Now()
	changes, result := m.bed.take(now, m.name, v, m.prov)
	r.alarms(m.bed, changes)
	if result {
		r.chart(m.bed, now, chart.ReasonNIBP, nil)
	}
	r.mu.Unlock()
}

// Waveform implements devices.Handler.
func (r *record) Waveform(from devices.PortInfo, w vital.Waveform) {
	if len(w.Samples) == 0 {
		return
	}
	w.Samples = append([]int32(nil), w.Samples...)
	w.Gaps = append([]vital.Gap(nil), w.Gaps...)
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.place(from)
	whose := trace{w, m.name}
	m.bed.second = append(m.bed.second, whose)
	m.bed.fresh = append(m.bed.fresh, whose)
}

// Alarm implements devices.Handler: what the monitor itself signals is raised in
// its own words beside ours.
func (r *record) Alarm(from devices.PortInfo, a devices.Alarm) {
	priority := alarm.Priority(a.Priority)
	if priority == alarm.None {
		priority = alarm.Low
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.place(from)
	c := alarm.Condition{What: alarm.Reported, About: a.Text}
	r.alarms(m.bed, m.bed.engine.Raise(r.clock.Now(), c, priority, !a.Ended))
}

// Changed implements devices.Handler: State asks the supervisor when it is asked.
func (r *record) Changed(devices.PortInfo) {}

// alarms records what changed of a bed's alarms. Caller holds mu.
func (r *record) alarms(b *bed, changes []alarm.Transition) {
	for _, t := range changes {
		switch {
		case t.To == alarm.Sounding && t.From != alarm.Acknowledged && t.From != alarm.Sounding:
			r.raise(b, t)
		case t.To == alarm.Latched, t.To == alarm.Quiet && (t.From == alarm.Sounding || t.From == alarm.Acknowledged):
			place := b.raised[t.Condition]
			r.append(b, journal.Chart, func() chart.Content {
				if place == nil || place.Seq == 0 {
					return nil
				}
				return &chart.AlarmCleared{Of: []chart.Ref{*place}, Why: "back in range"}
			}, nil)
		}
	}
}

func (r *record) raise(b *bed, t alarm.Transition) {
	raised := &chart.AlarmRaised{Condition: t.Condition.String(), Priority: chart.Priority(t.Priority.String()), Sign: t.Condition.Sign}
	if t.Condition.Technical() {
		raised.Priority = chart.TechnicalPriority
	}
	if t.Condition.What == alarm.Reported {
		raised.Source = "monitor"
	}
	if _, ok := t.Reading.Value(); ok {
		v := chart.VitalOf(t.Reading, t.At, 0)
		raised.Value = &v
	}
	place := new(chart.Ref)
	b.raised[t.Condition] = place
	if b.alarmIDs[t.Condition] == 0 {
		b.alarmIDs[t.Condition] = uint32(len(b.alarmIDs)) + 1
	}
	r.append(b, journal.Chart, func() chart.Content { return raised }, func(ref chart.Ref) { *place = ref })
	r.chart(b, t.At, chart.ReasonAlarm, place)
}

// chart writes the current readings into the chart log. Caller holds mu.
func (r *record) chart(b *bed, now vital.Instant, why chart.Reason, of *chart.Ref) {
	v := b.vitals(now, why)
	if v == nil {
		return
	}
	r.append(b, journal.Chart, func() chart.Content {
		if of != nil && of.Seq > 0 {
			v.For = of
		}
		return v
	}, nil)
}

// append queues an entry of the station's own. Caller holds mu.
func (r *record) append(b *bed, log journal.Log, content func() chart.Content, done func(chart.Ref)) {
	wall, trust := r.clock.Wall()
	r.push(pending{
		encounter: b.encounter, patient: b.patient, wall: wall, trust: trust, mono: r.clock.Now(), log: log,
		author: chart.Author{Checked: chart.CheckedStation}, content: content, done: done,
	})
}

func (r *record) push(p pending) {
	r.backlog = append(r.backlog, p)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// seconds closes each whole second of the station's clock until ctx ends: what was
// measured in it is queued for the stream log, and what time brings about of alarms and charting is
// done.
func (r *record) seconds(ctx context.Context) {
	for {
		now := r.clock.Now()
		began := now - now%vital.Instant(time.Second)
		select {
		case <-ctx.Done():
			return
		case <-time.After(began.Add(time.Second).Sub(now)):
		}
		r.mu.Lock()
		for _, b := range r.beds {
			r.second(b, began, began.Add(time.Second))
		}
		r.mu.Unlock()
	}
}

// second is one bed's part of seconds. Caller holds mu.
func (r *record) second(b *bed, began, now vital.Instant) {
	r.alarms(b, b.engine.Tick(now))
	s, err := b.flush(began, now)
	if err != nil {
		r.log.Error("a second's waveforms could not be packed and are not recorded", "reason", err)
	}
	if s != nil {
		if len(r.backlog) > backlogMost {
			r.refused += uint64(len(s.Blocks))
			s.Blocks = nil
		}
		wall, trust := r.clock.Wall()
		r.push(pending{
			encounter: b.encounter, patient: b.patient, wall: wall.Add(-now.Sub(began)), trust: trust, mono: began, log: journal.Stream,
			author:  chart.Author{Checked: chart.CheckedStation},
			content: func() chart.Content { return s },
			done: func(ref chart.Ref) {
				b.disk = ref
				if b.span.To == 0 || b.span.Epoch != ref.Epoch {
					b.span = chart.Span{Device: ref.Device, Epoch: ref.Epoch, From: ref.Seq}
				}
				b.span.To = ref.Seq
			},
		})
	}
	if len(b.readings) > 0 && (b.charted == 0 || now.Sub(b.charted) >= chartEvery) {
		r.chart(b, now, chart.ReasonMinute, nil)
	}
}

// write takes the backlog to the store until ctx ends. What the store does not
// take stays and is tried again; nothing is dropped silently.
func (r *record) write(ctx context.Context, s *store.Store, m *membership) {
	for {
		taken := r.take()
		if len(taken) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
			}
			continue
		}
		if err := r.commit(ctx, s, m, taken); err != nil {
			if ctx.Err() != nil {
				return
			}
			r.log.Error("entries wait for the disk", "entries", len(taken), "reason", err)
			r.setTrouble("Not recording: " + storeFault(err).Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryCommit):
			}
			continue
		}
		r.setTrouble("")
	}
}

// take is the front of the backlog, at most one transaction's worth. It stays in
// the backlog until it is on disk.
func (r *record) take() []pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.backlog[:min(len(r.backlog), store.MaxCommit)]
}

func (r *record) setTrouble(words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = words
}

// commit writes entries in order. Those that may name others before them are
// written after these are on disk, so it works in runs of one log.
func (r *record) commit(ctx context.Context, s *store.Store, m *membership, entries []pending) error {
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].log == entries[0].log && entries[n].log == journal.Stream {
			n++
		}
		var drafts []store.Draft
		var written []pending
		for _, p := range entries[:n] {
			d, err := r.draft(ctx, s, m, p)
			if err != nil {
				return err
			}
			if d != nil {
				drafts, written = append(drafts, *d), append(written, p)
			}
		}
		refs, err := s.Commit(ctx, m.signer, drafts)
		if err != nil {
			return err
		}
		r.mu.Lock()
		for i, ref := range refs {
			if written[i].done != nil {
				written[i].done(ref)
			}
		}
		r.backlog = r.backlog[n:]
		if len(r.backlog) == 0 {
			r.backlog = nil
		}
		r.mu.Unlock()
		entries = entries[n:]
	}
	return nil
}

// draft makes the entry; nil when there is nothing to write after all.
func (r *record) draft(ctx context.Context, s *store.Store, m *membership, p pending) (*store.Draft, error) {
	content := p.content()
	if content == nil {
		return nil, nil
	}
	if err := content.Validate(); err != nil {
		// The station's own mistake: the entry cannot be written as it is, and must
		// not stop those behind it.
		r.log.Error("an entry of the station's own breaks a rule and is not recorded", "kind", content.Type().String(), "reason", err)
		return nil, nil
	}
	encoded, err := journal.EncodeContent(content)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", content.Type(), err)
	}
	var saw []chart.Ref
	if p.log == journal.Chart {
		if saw, err = sawOf(ctx, s, p.encounter, p.patient); err != nil {
			return nil, err
		}
	}
	return &store.Draft{Team: m.team, Log: p.log, Body: journal.Body{
		Wall: journal.Millis(p.wall), Trust: p.trust, Boot: r.clock.Boot(), Mono: time.Duration(p.mono).Milliseconds(),
		Happened: journal.Millis(p.wall), Author: p.author, Patient: p.patient, Encounter: p.encounter, Saw: saw,
		Demo: r.training, Type: content.Type(), Content: encoded,
	}}, nil
}

// sawOf is what this station has folded of an encounter and its patient.
func sawOf(ctx context.Context, s *store.Store, subjects ...chart.ID) ([]chart.Ref, error) {
	var folded journal.Folded
	for _, id := range subjects {
		if id == (chart.ID{}) {
			continue
		}
		card, err := s.Card(ctx, id)
		if errors.Is(err, store.ErrNoSubject) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, ref := range card.Held {
			folded.Add(ref)
		}
	}
	return folded.Saw(), nil
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

// troubles are what a person should know of recording, in words.
func (r *record) troubles() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	if r.trouble != "" {
		out = append(out, r.trouble)
	}
	if r.refused > 0 {
		out = append(out, fmt.Sprintf("%d stretches of waveform were not recorded because the store takes nothing; numbers still wait for it.", r.refused))
	}
	return out
}

// heed does what an entry that a person recorded asks of the flow: a binding
// moves its monitor, a closing ends its bed.
func (r *record) heed(encounter, patient chart.ID, c chart.Content) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch c := c.(type) {
	case *chart.MonitorBound:
		b := r.bedOf(encounter, patient)
		for identity, m := range r.monitors {
			if m.name != c.Monitor && identity != c.Monitor {
				continue
			}
			before := m.bed
			m.bed = b
			if before != nil && before != b {
				r.leave(before, m)
			}
			if identity != c.Monitor {
				// After a restart the instrument is heard before it has said its serial
				// number: its port is bound too, so that those seconds go to the same bed.
				alias := &chart.MonitorBound{Monitor: identity, Provenance: m.prov}
				r.append(b, journal.Chart, func() chart.Content { return alias }, nil)
			}
		}
	case *chart.MonitorUnbound:
		for identity, m := range r.monitors {
			if (m.name == c.Monitor || identity == c.Monitor) && m.bed != nil && m.bed.encounter == encounter {
				m.bed = nil
			}
		}
	case *chart.EncounterClosed, *chart.EncounterStoodDown:
		for _, m := range r.monitors {
			if m.bed != nil && m.bed.encounter == encounter {
				m.bed = nil
			}
		}
		delete(r.beds, encounter)
	}
}

// leave notes in a bed's encounter that a monitor records elsewhere now. A bed
// without a monitor is not watched any more; a provisional one has no more to
// wait for and is stood down. Its entries stay and can be reassigned. Caller
// holds mu.
func (r *record) leave(b *bed, m *monitor) {
	gone := &chart.MonitorUnbound{Monitor: m.name, Why: "bound to another encounter"}
	r.append(b, journal.Chart, func() chart.Content { return gone }, nil)
	for _, other := range r.monitors {
		if other.bed == b {
			return
		}
	}
	if b.provisional {
		r.append(b, journal.Chart, func() chart.Content {
			return &chart.EncounterStoodDown{Why: "its monitor was bound to another encounter"}
		}, nil)
	}
	delete(r.beds, b.encounter)
}

// dress puts on a bed what the record says of its patient.
func (r *record) dress(encounter, patient chart.ID, tag string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.beds[encounter]; b != nil {
		b.tag = tag
		if patient != (chart.ID{}) {
			b.patient = patient
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

// restore puts a monitor back to the bed it was bound to before a restart.
func (r *record) restore(monitor string, encounter, patient chart.ID, tag string, provisional bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.bedOf(encounter, patient)
	b.tag, b.provisional = tag, provisional
	r.bound[monitor] = b
}

// tagOf is how a patient is called on the triage label: the label given, else
// nothing that tells who it is.
func tagOf(d chart.Demographics) string {
	if d.Label != "" {
		return d.Label
	}
	return string(d.Sex) + " " + d.Age
}

func (r *record) setStation(d chart.Device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.station = d
}
