package rehearsal

import (
	"context"
	"slices"
	"sync"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
)

// A Desk is a station with behaviour and a clock of its own: it makes moments of
// made-up patients, keeps what is recorded, and can lose its disk, its lock and
// its monitor. What it makes is always training data. All methods are safe for
// concurrent use.
type Desk struct {
	mu        sync.Mutex // guards everything that follows
	now       time.Time
	began     time.Time
	boot      chart.Boot
	station   ui.Station
	patients  []*Patient
	entries   []chart.Entry
	followers map[int]func(*ui.Moment)
	next      int
	fail      error // of every Record
	away      error // of everything
	drawn     vital.Instant
	shown     chart.ID // what a locked screen shows
	sticks    []ui.Stick
	quiet     map[chart.ID]time.Time   // until when alarms are paused
	lent      map[chart.ID]*chart.Lent // another team's
	ready     ui.Readiness
	audits    []ui.AuditQuery
	parcels   map[string][]ui.Parcel // by the stick's path
	taken     []string               // paths of parcels taken in
}

// A Patient is who a monitor is on.
type Patient struct {
	Encounter chart.ID
	ID        chart.ID
	// Readings are what stands at a time since the desk began; each says itself
	// when it arrived.
	Readings func(since time.Duration) []vital.Reading
	Alarms   func(since time.Duration) []ui.Alarm
	// Leads are the traces sent, at 60 beats a minute times Rate.
	Leads []vital.Lead
	Rate  float64
	// Gap withholds samples, as a probe that is off does.
	Gap func(l vital.Lead, since time.Duration) bool
	Off bool // the monitor is not there
}

// device is the desk's own, in the entries it keeps.
var device = chart.Device{0xde, 0x5c}

// NewDesk is an ambulance's station whose clock stands at 09:31 on an ordinary day
// with one patient, who is well.
func NewDesk() *Desk {
	// A time without a monotonic part compares by the wall: the desk's clock moves
	// only by Step.
	start := time.Date(2026, 3, 2, 9, 31, 0, 0, time.Local)
	d := &Desk{now: start, began: start, boot: chart.Boot{1}, followers: map[int]func(*ui.Moment){}, quiet: map[chart.ID]time.Time{}}
	d.station = ui.Station{
		Kind: "ambulance", CallSign: "AMB-7", Version: "test", Training: true, Device: device, SignedIn: crew[0].Name,
		Monitors: []ui.Monitor{{Port: "COM4", Name: "Example M1", Driver: "sim", Proven: false, State: "reading", Binding: "sim-1", Encounter: chart.ID{15: 1}}},
		Peers:    []ui.Peer{{Device: elsewhere, CallSign: "Market clinic", Kind: "clinic", State: "in touch", Connected: true}},
		Link:     ui.Link{To: "https://st-mary.example", State: "live"},
	}
	d.ready = ui.Readiness{Battery: &ui.Battery{Percent: 82, Charging: true}, DiskFree: 82e9, DiskAll: 100e9, Clock: "by the network", ClockTrusted: true,
		Backup: start.Add(-26 * time.Hour), Checked: start.Add(-2 * time.Hour)}
	d.Add(Well(chart.ID{15: 1}), chart.Demographics{Label: "tag 0417", Sex: chart.Male, Age: "64 a"})
	return d
}

// Well is a patient whom nothing ails, with four traces.
func Well(encounter chart.ID) *Patient {
	return &Patient{
		Encounter: encounter, ID: chart.ID{0: 9, 15: encounter[15]}, Rate: 72.0 / 60,
		Leads: []vital.Lead{vital.ECGII, vital.Pleth, vital.CO2, vital.Resp},
		Readings: func(since time.Duration) []vital.Reading {
			cuff := since.Truncate(5 * time.Minute)
			return []vital.Reading{
				At(since, vital.HeartRate, 72), At(since, vital.SpO2, 97), At(since, vital.PulseRate, 72),
				At(since, vital.RespRateCO2, 14), At(since, vital.EtCO2, 38),
				At(cuff, vital.NIBPSys, 124), At(cuff, vital.NIBPDia, 78), At(cuff, vital.NIBPMean, 93),
			}
		},
	}
}

// Desaturating is a patient whose saturation has fallen, with the station's alarm.
func Desaturating(encounter chart.ID) *Patient {
	p := Well(encounter)
	well := p.Readings
	p.Rate = 118.0 / 60
	p.Readings = func(since time.Duration) []vital.Reading {
		out := slices.DeleteFunc(well(since), func(r vital.Reading) bool {
			return r.Sign == vital.HeartRate || r.Sign == vital.PulseRate || r.Sign == vital.SpO2 || r.Sign == vital.NIBPSys || r.Sign == vital.NIBPMean
		})
		cuff := since.Truncate(5 * time.Minute)
		return append(out, At(since, vital.HeartRate, 118), At(since, vital.SpO2, 86), At(cuff, vital.NIBPSys, 92), At(cuff, vital.NIBPMean, 83))
	}
	p.Alarms = func(time.Duration) []ui.Alarm {
		return []ui.Alarm{{ID: 1, Priority: 3, Text: "SpO₂ low"}, {ID: 2, Priority: 2, Text: "HR high"}}
	}
	return p
}

// At is a reading of a whole number that arrived then.
func At(since time.Duration, s vital.Sign, n int64) vital.Reading {
	r := vital.Of(s, vital.Int(n))
	r.Arrived = vital.Instant(since)
	return r
}

// Without is the word that a sign has no value, said then.
func Without(since time.Duration, s vital.Sign, why vital.State) vital.Reading {
	r := vital.None(s, why)
	r.Arrived = vital.Instant(since)
	return r
}

// Add puts a patient into the vehicle, with an encounter and a name on record.
func (d *Desk) Add(p *Patient, who chart.Demographics) {
	d.mu.Lock()
	d.patients = append(d.patients, p)
	d.mu.Unlock()
	d.put(ui.Draft{Encounter: p.Encounter, Patient: p.ID, Content: &chart.EncounterOpened{Setting: "ambulance", CallSign: "AMB-7"}})
	d.put(ui.Draft{Encounter: p.Encounter, Patient: p.ID, Content: &chart.PatientRegistered{Who: who}})
}

// Change lets a test change a patient, by place, between two steps.
func (d *Desk) Change(place int, change func(*Patient)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d.patients[place])
}

// Set lets a test change what the station says of itself.
func (d *Desk) Set(change func(*ui.Station)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.station)
}

// Fail makes every record fail with err, until it is nil.
func (d *Desk) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = err
}

// Away makes the station answer nothing but err, until it is nil; then it has a new
// boot, as a restarted recorder has.
func (d *Desk) Away(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away != nil && err == nil {
		d.boot[1]++
	}
	d.away = err
}

// Now is the desk's clock.
func (d *Desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Step moves the clock and hands every whole tenth's moments to followers and to
// the caller.
func (d *Desk) Step(by time.Duration) []*ui.Moment {
	d.mu.Lock()
	var out []*ui.Moment
	for end := d.now.Add(by); ; {
		to := vital.Instant(end.Sub(d.began))
		if d.drawn.Add(ui.Tenth) > to {
			d.now = end
			break
		}
		for _, p := range d.patients {
			if d.away == nil && !p.Off && (d.station.SignedIn != "" || p.Encounter == d.shown) {
				out = append(out, d.moment(p, d.drawn))
			}
		}
		d.drawn = d.drawn.Add(ui.Tenth)
	}
	followers := make([]func(*ui.Moment), 0, len(d.followers))
	for _, f := range d.followers {
		followers = append(followers, f)
	}
	d.mu.Unlock()
	for _, f := range followers {
		for _, m := range out {
			f(m)
		}
	}
	return out
}

func (d *Desk) moment(p *Patient, at vital.Instant) *ui.Moment {
	since := time.Duration(at)
	m := &ui.Moment{
		Encounter: p.Encounter, Boot: d.boot, At: at, Monitor: "Example M1", Demo: true,
		Readings: p.Readings(since), Full: true, AlarmsTold: true,
	}
	if p.Alarms != nil {
		m.Alarms = p.Alarms(since)
	}
	for _, l := range p.Leads {
		if p.Gap == nil || !p.Gap(l, since) {
			m.Waves = append(m.Waves, Wave(l, at, ui.Tenth, p.Rate))
		}
	}
	return m
}

// Follow implements [ui.Desk].
func (d *Desk) Follow(ctx context.Context, each func(*ui.Moment)) error {
	d.mu.Lock()
	if d.away != nil {
		defer d.mu.Unlock()
		return d.away
	}
	d.next++
	id := d.next
	d.followers[id] = each
	d.mu.Unlock()
	<-ctx.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.followers, id)
	return ctx.Err()
}

// Station implements [ui.Desk].
func (d *Desk) Station(context.Context) (ui.Station, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	st := d.station
	for encounter, until := range d.quiet {
		if left := until.Sub(d.now); left > 0 {
			st.Paused = append(st.Paused, ui.Pause{Encounter: encounter, Left: left})
		}
	}
	return st, d.away
}

// hush pauses the sound of an encounter, as a real station does.
func (d *Desk) hush(encounter chart.ID, long time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.quiet[encounter] = d.now.Add(long)
}

// Encounters implements [ui.Desk].
func (d *Desk) Encounters(context.Context) ([]chart.Row, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	folds := map[chart.ID]*chart.Fold{}
	for _, e := range d.entries {
		if e.Encounter == (chart.ID{}) {
			continue
		}
		if folds[e.Encounter] == nil {
			folds[e.Encounter] = chart.NewFold(e.Encounter)
		}
		folds[e.Encounter].Add(e)
	}
	if d.station.SignedIn == "" {
		return nil, d.away
	}
	index := chart.NewIndex()
	for _, f := range folds {
		index.Put(f.Chart().Row())
	}
	rows := index.Rows()
	for i := range rows {
		rows[i].Lent = d.lent[rows[i].Encounter]
	}
	return rows, d.away
}

// Lend has an encounter be another team's, or this station's own again with nil.
func (d *Desk) Lend(encounter chart.ID, by *chart.Lent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lent == nil {
		d.lent = map[chart.ID]*chart.Lent{}
	}
	d.lent[encounter] = by
}

// Readiness implements [ui.Checker].
func (d *Desk) Readiness(context.Context) (ui.Readiness, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ready, d.away
}

// Ready lets a test change what the station measures of itself.
func (d *Desk) Ready(change func(*ui.Readiness)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.ready)
}

// Entries implements [ui.Desk].
func (d *Desk) Entries(_ context.Context, encounter chart.ID) ([]chart.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []chart.Entry
	for _, e := range d.entries {
		if e.Encounter == encounter {
			out = append(out, e)
		}
	}
	return out, d.away
}

// Record implements [ui.Desk].
func (d *Desk) Record(ctx context.Context, draft ui.Draft) (ui.Recorded, error) {
	done, err := d.RecordAll(ctx, []ui.Draft{draft})
	if err != nil {
		return ui.Recorded{}, err
	}
	return done[0], nil
}

// RecordAll implements [ui.Desk].
func (d *Desk) RecordAll(_ context.Context, drafts []ui.Draft) ([]ui.Recorded, error) {
	d.mu.Lock()
	err := d.away
	if err == nil {
		err = d.fail
	}
	if err == nil && d.station.SignedIn == "" {
		err = &ui.Trouble{What: "nobody is signed in", Do: "Sign in"}
	}
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, draft := range drafts {
		if err := draft.Content.Validate(); err != nil {
			return nil, err
		}
	}
	var done []ui.Recorded
	for _, draft := range drafts {
		if p, ok := draft.Content.(*chart.AlarmPaused); ok {
			d.hush(draft.Encounter, time.Duration(p.Seconds)*time.Second)
		}
		done = append(done, d.put(draft))
	}
	return done, nil
}

// put keeps an entry, and behind it the amendment by which it takes another's place.
func (d *Desk) put(draft ui.Draft) ui.Recorded {
	done := d.Elsewhere(device, draft)
	if draft.Amends != (chart.Ref{}) {
		d.Elsewhere(device, ui.Draft{Encounter: done.Encounter, Patient: done.Patient, Content: &chart.Amendment{Of: draft.Amends, By: done.Ref, Why: draft.Why}})
	}
	return done
}

// Elsewhere keeps an entry that another station wrote, which had seen all that is here.
func (d *Desk) Elsewhere(by chart.Device, draft ui.Draft) ui.Recorded {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.now
	if !draft.Happened.IsZero() {
		at = draft.Happened
	}
	place := uint64(len(d.entries) + 1)
	log := uint8(2)
	check, ofStation := draft.Content.(*chart.ShiftCheck)
	if ofStation {
		log, d.ready.Checked, d.ready.PutOff = 3, d.now, check.What == chart.CheckPutOff
	} else if draft.Encounter == (chart.ID{}) {
		draft.Encounter, draft.Patient = chart.ID{0: 7, 15: byte(place)}, chart.ID{0: 8, 15: byte(place)}
	}
	e := chart.Entry{
		Ref: chart.Ref{Device: by, Epoch: chart.Epoch{1}, Seq: place}, Log: log, Demo: true, Saw: d.saw(draft.Encounter),
		Wall: at, Happened: at, Trust: chart.ClockNetwork, Patient: draft.Patient, Encounter: draft.Encounter, Content: draft.Content,
	}
	d.entries = append(d.entries, e)
	return ui.Recorded{Ref: e.Ref, Encounter: e.Encounter, Patient: e.Patient}
}

// saw is the last place of each station in an encounter. Caller holds mu.
func (d *Desk) saw(encounter chart.ID) (out []chart.Ref) {
	for _, e := range d.entries {
		if e.Encounter != encounter {
			continue
		}
		out = slices.DeleteFunc(out, func(r chart.Ref) bool { return r.Device == e.Ref.Device })
		out = append(out, e.Ref)
	}
	return out
}

// elsewhere is another station's device.
var elsewhere = chart.Device{1: 1}

// Recorded are the contents recorded since the desk was made, of those types or of
// all.
func (d *Desk) Recorded(types ...chart.Type) []chart.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []chart.Entry
	for _, e := range d.entries {
		if len(types) == 0 || slices.Contains(types, e.Content.Type()) {
			out = append(out, e)
		}
	}
	return out
}
