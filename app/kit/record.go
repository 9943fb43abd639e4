package kit

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

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
	// secondsMost is beyond how many waiting entries the seconds' numerics are
	// refused too, in words: a day of one patient's, about 200 MB. What is charted
	// goes on waiting.
	secondsMost = 24 * 3600
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
	bound    map[string]home // by a monitor's name: where it records to, present or not
	results  results
	memory   memory
	backlog  []pending
	refused  uint64       // waveforms that found no room
	unkept   uint64       // seconds of numerics that found no room
	room     room         // on the disk, zero while nobody has looked
	crowded  uint64       // waveforms not recorded because the disk was nearly full
	unfit    uint64       // values, waveforms and entries that the record does not take
	trouble  string       // why entries wait, in words; "" when they do not
	station  chart.Device // known once the store is open
	trust    chart.Trust  // of the clock, at the last second

	wake  chan struct{} // the backlog has something new
	said  chan struct{} // a bed has news for the faces
	alive func() error  // says each second that recording works
}

func newRecord(log *slog.Logger, clock *Clock, plate Nameplate) *record {
	_, trust := clock.Wall()
	return &record{
		trust: trust, alive: func() error { return nil }, log: log, clock: clock, training: plate.Training, callSign: plate.CallSign,
		monitors: map[string]*monitor{}, beds: map[chart.ID]*bed{}, bound: map[string]home{}, results: results{}, memory: newMemory(), wake: make(chan struct{}, 1),
		said: make(chan struct{}, 1),
	}
}

var _ devices.Handler = (*record)(nil)

// Reading implements devices.Handler.
func (r *record) Reading(from devices.PortInfo, v vital.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.Stored {
		r.stored(from, v)
		return
	}
	m := r.place(from)
	now := r.clock.Now()
	w, changes, result := m.bed.take(now, m.name, v, m.prov, r.results)
	r.alarms(m.bed, w, changes)
	m.bed.result = m.bed.result || result // charted once, with the numbers that come with it
	if m.bed.news {
		r.tell(m.bed)
	}
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
	w := m.bed.watch(source{monitor: m.name})
	r.alarms(m.bed, w, w.engine.Raise(r.clock.Now(), c, priority, !a.Ended))
}

// Changed implements devices.Handler: State asks the supervisor when it is asked.
func (r *record) Changed(devices.PortInfo) {}

// alarms records what changed of a bed's alarms. Caller holds mu.
func (r *record) alarms(b *bed, w *watch, changes []alarm.Transition) {
	if len(changes) > 0 {
		r.tell(b)
	}
	for _, t := range changes {
		switch {
		case t.To == alarm.Sounding && t.From != alarm.Acknowledged && t.From != alarm.Sounding:
			r.raise(b, w, t)
		case t.To == alarm.Latched, t.To == alarm.Quiet && (t.From == alarm.Sounding || t.From == alarm.Acknowledged):
			r.cleared(b, w.raised[t.Condition], "back in range")
		}
	}
}

// cleared notes that the alarm whose entry stands at place is over. Caller holds mu.
func (r *record) cleared(b *bed, place *chart.Ref, why string) {
	r.append(b, journal.Chart, func() chart.Content {
		if place == nil || place.Seq == 0 {
			return nil
		}
		return &chart.AlarmCleared{Of: []chart.Ref{*place}, Why: why}
	}, nil)
}

func (r *record) raise(b *bed, w *watch, t alarm.Transition) {
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
	w.raised[t.Condition] = place
	if w.ids[t.Condition] == 0 {
		b.numbered++
		w.ids[t.Condition] = b.numbered
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

// seconds closes each whole second of the station's clock until ctx ends: what was
// measured in it is queued for the stream log, and what time brings about of
// alarms and charting is done. The part of a second at its end is queued too.
func (r *record) seconds(ctx context.Context) {
	for {
		now := r.clock.Now()
		began := now - now%vital.Instant(time.Second)
		select {
		case <-ctx.Done():
			r.eachBed(func(b *bed) {
				r.chartResult(b, now)
				r.keepSecond(b, began)
			})
			return
		case <-time.After(began.Add(time.Second).Sub(now)):
		}
		r.eachBed(func(b *bed) { r.second(b, began, began.Add(time.Second)) })
		r.checkClock()
		if err := r.alive(); err != nil {
			r.log.Warn("the parent does not hear that the recorder works", "reason", err)
		}
	}
}

// checkClock notes in the team's log what time it is when the clock is trusted more
// than a second ago: earlier entries of this boot get their true time from it.
func (r *record) checkClock() {
	r.mu.Lock()
	defer r.mu.Unlock()
	wall, trust := r.clock.Wall()
	mono := r.clock.Now()
	rose := r.trust < trust && trust > chart.ClockByHand
	r.trust = trust
	if !rose {
		return
	}
	point := &chart.Clock{Boot: r.clock.Boot(), MonoMS: uint64(time.Duration(mono).Milliseconds()), True: chart.At(wall), Trust: trust}
	r.push(pending{
		wall: wall, trust: trust, mono: mono, log: journal.Team,
		author: chart.Author{Checked: chart.CheckedStation}, content: func() chart.Content { return point },
	})
}

func (r *record) eachBed(do func(*bed)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.beds {
		do(b)
	}
}

// second is one bed's part of seconds. Caller holds mu.
func (r *record) second(b *bed, began, now vital.Instant) {
	for _, w := range b.watched() {
		r.alarms(b, w, w.engine.Tick(now))
	}
	r.keepSecond(b, began)
	r.chartResult(b, now)
	if len(b.readings) > 0 && (b.charted == 0 || now.Sub(b.charted) >= chartEvery) {
		r.chart(b, now, chart.ReasonMinute, nil)
	}
}

// chartResult charts the results that came since the last second. A cuff's three
// pressures and its pulse come one by one and are one charting. Caller holds mu.
func (r *record) chartResult(b *bed, now vital.Instant) {
	if b.result {
		b.result = false
		r.chart(b, now, chart.ReasonNIBP, nil)
	}
}

// keepSecond queues what was measured in the second that began at began. Caller
// holds mu.
func (r *record) keepSecond(b *bed, began vital.Instant) {
	s, err := b.flush(began, began.Add(time.Second))
	if err != nil {
		r.unfit++
		r.log.Error("a second's waveforms could not be packed and are not recorded", "reason", err)
	}
	if s == nil {
		return
	}
	switch {
	case len(r.backlog) > backlogMost:
		r.refused += uint64(len(s.Blocks))
		s.Blocks = nil
	case r.room.full:
		r.crowded += uint64(len(s.Blocks))
		s.Blocks = nil
	}
	if len(r.backlog) > secondsMost {
		r.unkept++
		return
	}
	if len(s.Values)+len(s.Blocks) == 0 {
		return
	}
	wall, trust := r.clock.Wall()
	r.push(pending{
		encounter: b.encounter, patient: b.patient, wall: wall.Add(-r.clock.Now().Sub(began)), trust: trust, mono: began, log: journal.Stream,
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

// troubles are what a person should know of recording, in words.
func (r *record) troubles() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	if r.trouble != "" {
		out = append(out, r.trouble)
	}
	if words := r.room.words(r.crowded); words != "" {
		out = append(out, words)
	}
	if r.refused > 0 {
		out = append(out, fmt.Sprintf("%d stretches of waveform were not recorded because the store takes nothing; numbers still wait for it.", r.refused))
	}
	if r.unkept > 0 {
		out = append(out, fmt.Sprintf("%d seconds of numbers were not recorded because the store takes nothing; what is charted each minute still waits for it.", r.unkept))
	}
	if r.unfit > 0 {
		out = append(out, fmt.Sprintf("%d values or waveforms broke a rule of the record and are not in it. Report this: it is a mistake of the program.", r.unfit))
	}
	out = append(out, r.memory.troubles(r.clock.Now())...)
	return out
}

func (r *record) setStation(d chart.Device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.station = d
}
