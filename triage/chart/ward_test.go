package chart

import (
	"slices"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// A ward is a day on which tablets write about patients.
type ward struct{ t *testing.T }

// A tablet writes entries as a station does: with what its own fold had seen.
type tablet struct {
	*ward
	device    Device
	epoch     Epoch
	seq       uint64
	encounter ID
	patient   ID
	trust     Trust
	boot      Boot
	fold      *Fold
	wrote     []Entry
}

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// id is a made-up patient or encounter.
func id(n byte) ID { return ID{0: 1, 6: 0x70, 8: 0x80, 15: n} }

var (
	patientA, patientB     = id(0xa), id(0xb)
	encounter1, encounter2 = id(1), id(2)
)

func (w *ward) tablet(n byte) *tablet {
	return &tablet{ward: w, device: Device{n}, epoch: Epoch{n, 1}, encounter: encounter1, patient: patientA,
		trust: ClockNetwork, boot: Boot{n}, fold: NewFold(encounter1)}
}

// at is a time of the day, "14:05".
func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
}

// write makes the tablet's next entry, happened and written at the time.
func (b *tablet) write(clock string, c Content) Entry {
	b.t.Helper()
	return b.writeAs(clock, c, nil)
}

func (b *tablet) writeAs(clock string, c Content, change func(*Entry)) Entry {
	b.t.Helper()
	if err := c.Validate(); err != nil {
		b.t.Fatalf("the test's own %s: %v", c.Type(), err)
	}
	b.seq++
	when := at(clock)
	k, _ := KindOf(c.Type())
	e := Entry{
		Ref: Ref{Device: b.device, Epoch: b.epoch, Seq: b.seq}, Log: k.Log, Wall: when, Happened: when, Trust: b.trust,
		Boot: b.boot, Mono: when.Sub(day), Author: Author{Staff: "n1", Checked: CheckedPIN},
		Patient: b.patient, Encounter: b.encounter, Saw: b.saw(), Content: c,
	}
	if change != nil {
		change(&e)
	}
	b.wrote = append(b.wrote, e)
	b.fold.Add(e)
	return e
}

// saw is all that the tablet has folded, but for the team log, which has a saw of
// its own.
func (b *tablet) saw() (out []Ref) {
	last := map[log]uint64{}
	for r, e := range b.fold.entries {
		if e.Log != teamLog {
			last[r.log()] = max(last[r.log()], r.Seq)
		}
	}
	for l, seq := range last {
		out = append(out, Ref{Device: l.device, Epoch: l.epoch, Seq: seq})
	}
	slices.SortFunc(out, Ref.Compare)
	return out
}

// hears gives the tablet all that the others wrote.
func (b *tablet) hears(others ...*tablet) {
	for _, o := range others {
		b.fold.Add(o.wrote...)
	}
}

// chart is the chart of encounter 1 from all that the tablets wrote.
func chartOf(tablets ...*tablet) *Chart {
	f := NewFold(encounter1)
	for _, b := range tablets {
		f.Add(b.wrote...)
	}
	return f.Chart()
}

func dec(text string) *vital.Decimal {
	d, err := vital.ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func given(drug, amount, unit string) *DrugGiven {
	return &DrugGiven{Drug: Drug{Name: drug}, Dose: Dose{Amount: dec(amount), Unit: vital.Unit(unit), Route: "iv"}}
}

func measured(s vital.Sign, value string) *Vitals {
	return &Vitals{Reason: ReasonHand, Values: []Vital{{Sign: s, Value: dec(value)}}}
}
