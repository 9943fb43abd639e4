package chart

import (
	"bytes"
	"slices"
	"time"

	"fieldkit/triage/vital"
)

// A Row is one encounter in the patient list: a summary of its chart, small
// enough to keep for every encounter a station holds. It is a view, never a
// source: it can always be made again from the entries.
type Row struct {
	Encounter ID `cbor:"1,keyasint,omitzero" json:"encounter"`
	// Patient is the id its own entries name last, Patients all they name; what
	// they are merged with is the [Index]'s to say.
	Patient  ID           `cbor:"2,keyasint,omitzero" json:"patient,omitzero"`
	Patients []ID         `cbor:"3,keyasint,omitempty" json:"patients,omitempty"`
	Who      Demographics `cbor:"4,keyasint,omitzero" json:"who,omitzero"` // what stands first
	// InConflict are the fields for which different values stand.
	InConflict []Field `cbor:"5,keyasint,omitempty" json:"in_conflict,omitempty"`
	Status     Status  `cbor:"6,keyasint,omitempty" json:"status"`
	Opened     Moment  `cbor:"7,keyasint,omitempty" json:"opened,omitempty"`
	Latest     Moment  `cbor:"8,keyasint,omitempty" json:"latest,omitempty"` // when the latest active entry happened
	// Urgency and Category are those of the triage that holds.
	Urgency     Urgency    `cbor:"9,keyasint,omitempty" json:"urgency,omitempty"`
	Category    string     `cbor:"10,keyasint,omitempty" json:"category,omitempty"`
	Disputed    bool       `cbor:"11,keyasint,omitempty" json:"disputed,omitempty"` // other categories stand beside it
	Last        []RowVital `cbor:"12,keyasint,omitempty" json:"last,omitempty"`     // the latest of each sign, by sign
	Alarms      int        `cbor:"13,keyasint,omitempty" json:"alarms,omitempty"`   // raised and not cleared
	DoubleDoses int        `cbor:"14,keyasint,omitempty" json:"double_doses,omitempty"`
	Doubts      int        `cbor:"15,keyasint,omitempty" json:"doubts,omitempty"` // not 0: the row may not be the whole truth
	Demo        bool       `cbor:"16,keyasint,omitempty" json:"demo,omitempty"`
	Links       []Link     `cbor:"17,keyasint,omitempty" json:"links,omitempty"`
	// Reached is the last place of each epoch that the row was made from; when the
	// journal has more of this encounter, the row is made again.
	Reached []Ref `cbor:"18,keyasint,omitempty" json:"reached,omitempty"`
	// Transfers are the handings on to other stations, of each pair the last.
	Transfers []RowTransfer `cbor:"19,keyasint,omitempty" json:"transfers,omitempty"`
	// Ended is why a person stood the run down, or how they closed it; "" while it goes
	// on and of what the station ended by itself.
	Ended string `cbor:"20,keyasint,omitempty" json:"ended,omitempty"`
	// Handover is how far the last handover has come; "" when none was given.
	Handover HandoverProgress `cbor:"21,keyasint,omitempty" json:"handover,omitempty"`
	// Questioned is how many of its items the receiver heard otherwise than told.
	Questioned int `cbor:"22,keyasint,omitempty" json:"questioned,omitempty"`
	// Team is the name of the team that the encounter belongs to, where whoever lists
	// the rows belongs to several; it comes of no entry.
	Team string `cbor:"23,keyasint,omitempty" json:"team,omitempty"`
	// Disputes is how many matters wait for a person; double doses that nobody looked
	// at are among them. See [Chart.Disputes].
	Disputes int `cbor:"24,keyasint,omitempty" json:"disputes,omitempty"`
	// Calls are the last of what was written to whoever has the patient.
	Calls []RowCall `cbor:"25,keyasint,omitempty" json:"calls,omitempty"`
	// Lent says whose the encounter is where a station of another team shares it with
	// whoever lists the rows, nil for its own: it is read and not written. It comes of
	// no entry.
	Lent *Lent `cbor:"26,keyasint,omitempty" json:"lent,omitempty"`
}

// Lent says who shares an encounter, and how fresh what is read of it is.
type Lent struct {
	By    string `cbor:"1,keyasint,omitempty" json:"by,omitempty"` // call sign of the station
	Team  string `cbor:"2,keyasint,omitempty" json:"team,omitempty"`
	Until Moment `cbor:"3,keyasint,omitempty" json:"until,omitempty"`
	Heard Moment `cbor:"4,keyasint,omitempty" json:"heard,omitempty"` // from it last; 0 never
	Live  bool   `cbor:"5,keyasint,omitempty" json:"live,omitempty"`  // in contact now
	Over  bool   `cbor:"6,keyasint,omitempty" json:"over,omitempty"`  // nothing more comes
	// Writers are the stations whose words these are, as far as they were named.
	Writers []LentWriter `cbor:"7,keyasint,omitempty" json:"writers,omitempty"`
}

// A LentWriter is a station of another team.
type LentWriter struct {
	Device   Device `cbor:"1,keyasint" json:"device"`
	CallSign string `cbor:"2,keyasint,omitempty" json:"call_sign,omitempty"`
}

// HandoverProgress is how far a handover has come.
type HandoverProgress string

// The progresses.
const (
	HandoverSent     HandoverProgress = "sent"
	HandoverReceived HandoverProgress = "received" // what must be read back was, and right
	HandoverTaken    HandoverProgress = "taken over"
)

// rowHandover puts the last handover into the row.
func (c *Chart) rowHandover(r *Row) {
	all := c.Handovers()
	if len(all) == 0 {
		return
	}
	h := all[len(all)-1]
	for _, i := range h.Items {
		if len(i.Questions) > 0 {
			r.Questioned++
		}
	}
	switch {
	case len(h.Accepted) > 0:
		r.Handover = HandoverTaken
	case h.Received():
		r.Handover = HandoverReceived
	default:
		r.Handover = HandoverSent
	}
}

// A RowVital is the latest of one sign, a value or the reason there is none.
type RowVital struct {
	Vital Vital  `cbor:"1,keyasint,omitzero" json:"vital"`
	At    Moment `cbor:"2,keyasint,omitempty" json:"at"`
}

// Row is the chart's row in the patient list.
func (c *Chart) Row() Row {
	course, triage := c.Course(), c.Triage()
	r := Row{
		Encounter: c.Encounter, Patient: c.named, Patients: c.own,
		Status: course.Status, DoubleDoses: len(c.DoubleDoses()), Doubts: len(c.doubts),
		Demo: c.Demo(), Links: c.links, Transfers: c.rowTransfers(), Calls: c.rowCalls(),
	}
	for _, v := range c.Person() {
		r.Who.set(v.Field, v.Value())
		if v.Conflict() {
			r.InConflict = append(r.InConflict, v.Field)
		}
	}
	c.rowHandover(&r)
	if f := course.Ended.First(); f != nil && course.Status != Open && course.Status != HandedOver && f.Author.Checked != CheckedStation {
		switch end := f.Content.(type) {
		case *EncounterStoodDown:
			r.Ended = end.Why
		case *EncounterClosed:
			r.Ended = end.Outcome
		}
	}
	if course.Opened != nil {
		r.Opened = moment(course.Opened.At)
	}
	if f := triage.First(); f != nil {
		r.Urgency, r.Category = f.Content.(*Triage).Urgency, f.Content.(*Triage).Category
		r.Disputed = triage.Conflict()
	}
	for _, s := range c.Vitals() {
		if s.Sign != vital.Unknown && s.Last.Vital.State.Known() {
			r.Last = append(r.Last, RowVital{*s.Last.Vital, moment(s.Last.At)})
		}
	}
	for _, d := range c.Disputes() {
		if d.Open() {
			r.Disputes++
		}
	}
	for _, a := range c.Alarms() {
		if len(a.Cleared) == 0 {
			r.Alarms++
		}
	}
	reached := map[log]uint64{}
	for _, f := range c.facts {
		if f.Standing == Active {
			r.Latest = max(r.Latest, moment(f.At))
		}
		reached[f.Ref.log()] = max(reached[f.Ref.log()], f.Ref.Seq)
	}
	for key, seq := range reached {
		r.Reached = append(r.Reached, Ref{Device: key.device, Epoch: key.epoch, Seq: seq})
	}
	slices.SortFunc(r.Reached, Ref.Compare)
	return r
}

// moment is t for a row, in which times outside the years a Moment holds are none.
func moment(t time.Time) Moment {
	if m := At(t); m > 0 && m <= latest {
		return m
	}
	return 0
}

// set puts a field's value into d.
func (d *Demographics) set(f Field, v string) {
	switch f {
	case FieldFamily:
		d.Family = v
	case FieldGiven:
		d.Given = v
	case FieldCalled:
		d.Called = v
	case FieldSex:
		d.Sex = Sex(v)
	case FieldBirth:
		d.Birth = v
	case FieldAge:
		d.Age = v
	case FieldLanguage:
		d.Language = v
	case FieldPhone:
		d.Phone = v
	case FieldAddress:
		d.Address = v
	case FieldContact:
		d.Contact = v
	case FieldLabel:
		d.Label = v
	default:
		if system, ok := bytes.CutPrefix([]byte(f), []byte(FieldID)); ok && v != "" {
			d.Identifiers = append(d.Identifiers, Identifier{string(system), v})
		}
	}
}

// An Index is the patient list: the rows of all encounters, and which patients
// are one person by merges written in any of them. Equal sets of rows make equal
// indexes. It is not safe for concurrent use.
type Index struct {
	rows    map[ID]Row
	patient map[ID][]ID // to encounters, sorted when read
	people  *groups     // of all links, nil when they have changed
}

// NewIndex is an empty index.
func NewIndex() *Index { return &Index{rows: map[ID]Row{}, patient: map[ID][]ID{}} }

// Put sets the row of its encounter.
func (x *Index) Put(r Row) {
	old, ok := x.rows[r.Encounter]
	if ok {
		x.forget(old)
	}
	if len(old.Links)+len(r.Links) > 0 {
		x.people = nil
	}
	x.rows[r.Encounter] = r
	for _, p := range r.Patients {
		x.patient[p] = append(x.patient[p], r.Encounter)
	}
}

// Drop takes an encounter's row away.
func (x *Index) Drop(encounter ID) {
	if old, ok := x.rows[encounter]; ok {
		x.forget(old)
		delete(x.rows, encounter)
		x.people = nil
	}
}

func (x *Index) forget(r Row) {
	for _, p := range r.Patients {
		x.patient[p] = slices.DeleteFunc(x.patient[p], func(e ID) bool { return e == r.Encounter })
		if len(x.patient[p]) == 0 {
			delete(x.patient, p)
		}
	}
}

// Row is an encounter's row; false when it has none.
func (x *Index) Row(encounter ID) (Row, bool) {
	r, ok := x.rows[encounter]
	return r, ok
}

// Len is how many encounters there are.
func (x *Index) Len() int { return len(x.rows) }

// Rows are all rows, the latest opened first. The slice is the caller's.
func (x *Index) Rows() []Row {
	out := make([]Row, 0, len(x.rows))
	for _, r := range x.rows {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Row) int {
		if a.Opened != b.Opened {
			return int(min(max(b.Opened-a.Opened, -1), 1))
		}
		return compareIDs(a.Encounter, b.Encounter)
	})
	return out
}

// Person is the one id to show a patient under, by all merges that hold.
func (x *Index) Person(patient ID) ID { return x.grouped().root(patient) }

// Same are all ids of the person, the given one among them.
func (x *Index) Same(patient ID) []ID { return x.grouped().with(patient) }

// Encounters are those of the person, under whichever of their ids: where to find
// their allergies, conditions and medicines.
func (x *Index) Encounters(patient ID) []ID {
	var out []ID
	for _, p := range x.Same(patient) {
		out = append(out, x.patient[p]...)
	}
	slices.SortFunc(out, compareIDs)
	return slices.Compact(out)
}

func (x *Index) grouped() groups {
	if x.people == nil {
		var links []Link
		seen := map[Ref]bool{}
		for _, r := range x.rows {
			for _, l := range r.Links {
				if !seen[l.Ref] {
					seen[l.Ref] = true
					links = append(links, l)
				}
			}
		}
		g := groupsOf(links)
		x.people = &g
	}
	return *x.people
}
