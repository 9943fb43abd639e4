package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// The rules under test are those of DESIGN.md, sections Six ideas, Journal, Chart
// and Team.

func TestAPersonsNameWrittenApartStandsTwiceUntilSomeoneSettlesIt(t *testing.T) {
	w := &ward{t}
	crew, ward := w.tablet(1), w.tablet(2)
	crew.write("14:00", &PatientRegistered{Demographics{Family: "Okoro", Sex: Female}})
	ward.hears(crew)
	crew.write("14:10", &PatientIdentified{Demographics{Family: "Okoro-Lind"}, "relative"})
	ward.write("14:05", &PatientIdentified{Demographics{Family: "Okorie"}, "wristband"})

	v := chartOf(crew, ward).Field(FieldFamily)
	if !v.Conflict() || v.Value() != "Okoro-Lind" || len(v.Stands) != 2 || len(v.Lost) != 1 || v.Lost[0].Value != "Okoro" {
		t.Errorf("apart: %s", fields(v))
	}
	crew.hears(ward)
	crew.write("14:02", &PatientIdentified{Demographics{Family: "Okorie"}, "passport"}) // its clock is behind
	v = chartOf(crew, ward).Field(FieldFamily)
	if v.Conflict() || v.Value() != "Okorie" || len(v.Lost) != 3 {
		t.Errorf("settled: %s", fields(v))
	}
	if sex := chartOf(crew, ward).Field(FieldSex); sex.Value() != "female" || sex.Conflict() {
		t.Errorf("a field nobody disputed: %s", fields(sex))
	}
}

func TestTheSameNameWrittenTwiceIsNoConflict(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("14:00", &PatientIdentified{Who: Demographics{Family: "Okoro"}})
	b.write("14:01", &PatientIdentified{Who: Demographics{Family: "Okoro"}})
	if v := chartOf(a, b).Field(FieldFamily); v.Conflict() || len(v.Stands) != 2 {
		t.Error(fields(v))
	}
}

func fields(v FieldView) string {
	var out []string
	for _, s := range v.Stands {
		out = append(out, "stands "+s.Value)
	}
	for _, s := range v.Lost {
		out = append(out, "lost "+s.Value)
	}
	return strings.Join(out, ", ")
}

func TestAnAllergyAddedMeanwhileSurvivesItsRemoval(t *testing.T) {
	penicillin := func() *AllergyAdded { return &AllergyAdded{Item: Named{Name: "Penicillin"}} }
	tests := []struct {
		name  string
		write func(a, b *tablet)
		want  bool
	}{
		{"nobody removed it", func(a, b *tablet) { a.write("14:00", penicillin()) }, true},
		{"removed by someone who saw it", func(a, b *tablet) {
			e := a.write("14:00", penicillin())
			b.hears(a)
			b.write("14:05", &AllergyRemoved{Removed{Of: []Ref{e.Ref}, Why: "tolerates amoxicillin"}})
		}, false},
		{"added again elsewhere, unseen by the remover", func(a, b *tablet) {
			e := a.write("14:00", penicillin())
			b.hears(a)
			b.write("14:05", &AllergyRemoved{Removed{Of: []Ref{e.Ref}, Why: "mistake"}})
			a.write("14:04", &AllergyAdded{Item: Named{Name: "penicillin "}, Reaction: "hives"})
		}, true},
		{"the removal was retracted", func(a, b *tablet) {
			e := a.write("14:00", penicillin())
			r := a.write("14:05", &AllergyRemoved{Removed{Of: []Ref{e.Ref}, Why: "mistake"}})
			a.write("14:06", &Retraction{r.Ref, "wrong patient"})
		}, true},
		{"removed by a withdrawn tablet", func(a, b *tablet) {
			e := a.write("14:00", penicillin())
			b.hears(a)
			b.writeAs("14:05", &AllergyRemoved{Removed{Of: []Ref{e.Ref}, Why: "mistake"}}, func(e *Entry) { e.Withdrawn = true })
		}, true},
		{"only a withdrawn tablet said so", func(a, b *tablet) {
			a.writeAs("14:00", penicillin(), func(e *Entry) { e.Withdrawn = true })
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &ward{t}
			a, b := w.tablet(1), w.tablet(2)
			tt.write(a, b)
			got := chartOf(a, b).Allergies()
			if len(got) != 1 || got[0].Stands() != tt.want {
				t.Errorf("allergies are %+v, want penicillin standing: %v", got, tt.want)
			}
		})
	}
}

func TestADoseGivenTwiceWhileApartIsAlerted(t *testing.T) {
	morphine := func() *DrugGiven { return given("Morphine", "5", "mg") }
	tests := []struct {
		name  string
		write func(a, b *tablet)
		want  int
	}{
		{"two crews, five minutes apart, neither had seen the other", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.write("14:05", morphine())
		}, 1},
		{"the second giver had seen the first dose", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.hears(a)
			b.write("14:05", morphine())
		}, 0},
		{"one tablet gave both", func(a, b *tablet) {
			a.write("14:00", morphine())
			a.write("14:05", morphine())
		}, 0},
		{"sixty minutes apart", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.write("15:00", morphine())
		}, 1},
		{"sixty-one minutes apart", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.write("15:01", morphine())
		}, 0},
		{"hours apart, but one tablet's clock was unset", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.trust = ClockUnset
			b.write("02:00", morphine())
		}, 1},
		{"different drugs", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.write("14:05", given("Ketamine", "30", "mg"))
		}, 0},
		{"brand and generic by one code", func(a, b *tablet) {
			one, two := given("Perfalgan", "1", "g"), given("paracetamol", "1", "g")
			one.Drug.Code, two.Drug.Code = "ATC:N02BE01", "atc:n02be01"
			a.write("14:00", one)
			b.write("14:05", two)
		}, 1},
		{"one of them was retracted", func(a, b *tablet) {
			a.write("14:00", morphine())
			e := b.write("14:05", morphine())
			b.write("14:06", &Retraction{e.Ref, "charted by both"})
		}, 0},
		{"one of them stopped an infusion", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.write("14:05", &DrugGiven{Drug: Drug{Name: "morphine"}, Phase: InfusionStopped})
		}, 0},
		{"one of them by a withdrawn tablet", func(a, b *tablet) {
			a.write("14:00", morphine())
			b.writeAs("14:05", morphine(), func(e *Entry) { e.Withdrawn = true })
		}, 1},
		{"two crews amended the same dose apart", func(a, b *tablet) {
			e := a.write("14:00", morphine())
			b.hears(a)
			for _, c := range []*tablet{a, b} {
				by := c.write("14:00", given("Morphine", "10", "mg"))
				c.write("14:20", &Amendment{Of: e.Ref, By: by.Ref, Why: "whole ampoule"})
			}
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &ward{t}
			a, b := w.tablet(1), w.tablet(2)
			tt.write(a, b)
			if got := chartOf(a, b).DoubleDoses(); len(got) != tt.want {
				t.Errorf("%d alerts, want %d", len(got), tt.want)
			}
		})
	}
}

func TestTheLastDoseIsTheOneThatHappenedLast(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:30", given("Fentanyl", "50", "ug"))
	a.writeAs("14:40", given("fentanyl", "25.5", "ug"), func(e *Entry) { e.Happened = at("14:10") }) // charted late
	a.writeAs("14:50", given("fentanyl", "100", "ug"), func(e *Entry) { e.Withdrawn = true })
	v := chartOf(a).Drugs()
	if len(v) != 1 || !v[0].Last.At.Equal(at("14:30")) || len(v[0].Doses) != 3 {
		t.Fatalf("drugs: %+v", v)
	}
	if total := v[0].Totals; len(total) != 1 || total[0].Amount != *dec("75.5") || total[0].Doses != 2 {
		t.Errorf("total is %+v, want 75.5 ug in 2 doses without the withdrawn tablet's", total)
	}
}

func TestOfTwoTriageCategoriesGivenApartTheMoreUrgentHolds(t *testing.T) {
	category := func(u Urgency) *Triage { return &Triage{Scheme: "START", Category: "c", Urgency: u} }
	tests := []struct {
		name  string
		write func(a, b *tablet)
		want  Urgency
		disp  bool
	}{
		{"apart", func(a, b *tablet) { a.write("14:00", category(Immediate)); b.write("14:10", category(Standard)) }, Immediate, true},
		{"apart, dead against immediate", func(a, b *tablet) { a.write("14:00", category(Immediate)); b.write("14:10", category(Dead)) }, Immediate, true},
		{"re-triaged down by someone who saw", func(a, b *tablet) {
			a.write("14:00", category(Immediate))
			b.hears(a)
			b.write("14:10", category(Standard))
		}, Standard, false},
		{"a withdrawn tablet's does not count", func(a, b *tablet) {
			a.write("14:00", category(Standard))
			b.writeAs("14:10", category(Immediate), func(e *Entry) { e.Withdrawn = true })
		}, Standard, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &ward{t}
			a, b := w.tablet(1), w.tablet(2)
			tt.write(a, b)
			c := chartOf(a, b).Triage()
			if got := c.First().Content.(*Triage).Urgency; got != tt.want || c.Conflict() != tt.disp {
				t.Errorf("holds %d, conflict %v; want %d, %v", got, c.Conflict(), tt.want, tt.disp)
			}
		})
	}
	for u := Immediate; u <= Dead; u++ {
		if UrgencyUnknown.Over(u) || !u.Over(UrgencyUnknown) {
			t.Errorf("an unknown urgency outranks %d", u)
		}
	}
}

func TestWhatWasAmendedStaysReadable(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	wrong := a.write("14:00", measured(vital.SpO2, "79"))
	right := a.write("14:00", measured(vital.SpO2, "97"))
	amendment := a.write("14:02", &Amendment{Of: wrong.Ref, By: right.Ref, Why: "typed wrongly"})
	c := chartOf(a)
	f := c.Fact(wrong.Ref)
	if f.Standing != Amended || !slices.Equal(f.By, []Ref{amendment.Ref, right.Ref}) {
		t.Errorf("amended entry: %s by %v", f.Standing, f.By)
	}
	if got := f.Content.(*Vitals).Values[0].Value.String(); got != "79" {
		t.Errorf("the amended value reads %s", got)
	}
	if s := c.Sign(vital.SpO2); len(s.All) != 1 || s.Lowest.Vital.Value.String() != "97" {
		t.Errorf("worst saturation is %v", s.Lowest.Vital.Value)
	}

	a.write("14:05", &Retraction{amendment.Ref, "79 was right after all"})
	if f := chartOf(a).Fact(wrong.Ref); f.Standing != Active {
		t.Errorf("after the amendment was retracted the entry is %s", f.Standing)
	}
}

func TestAnAmendmentWithoutItsReplacementHidesNothing(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	dose := a.write("14:00", given("Morphine", "10", "mg"))
	by := a.write("14:00", given("Morphine", "1", "mg"))
	amendment := a.write("14:02", &Amendment{Of: dose.Ref, By: by.Ref, Why: "slip"})
	f := NewFold(encounter1)
	f.Add(dose, amendment)
	if c := f.Chart(); c.Fact(dose.Ref).Standing != Active || c.Complete() {
		t.Errorf("the dose is %s and the chart complete: %v", c.Fact(dose.Ref).Standing, c.Complete())
	}
	f.Add(by)
	if c := f.Chart(); c.Fact(dose.Ref).Standing != Amended || !c.Complete() {
		t.Errorf("with it here the dose is %s, doubts %v", c.Fact(dose.Ref).Standing, c.Doubts())
	}
}

func TestRetractionsInARingHaveNoEffect(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	dose := a.write("14:00", given("Morphine", "10", "mg"))
	one := a.writeAs("14:01", &Retraction{Ref{Device: b.device, Epoch: b.epoch, Seq: 1}, "x"}, nil)
	b.write("14:01", &Retraction{one.Ref, "x"})
	b.write("14:02", &Retraction{dose.Ref, "never given"})
	c := chartOf(a, b)
	if c.Fact(one.Ref).Standing != Active || c.Fact(dose.Ref).Standing != Retracted || len(c.Doubts()) != 2 {
		t.Errorf("ring %s, dose %s, doubts %v", c.Fact(one.Ref).Standing, c.Fact(dose.Ref).Standing, c.Doubts())
	}
}

func TestEveryMissingEntryIsNamedAndNoCheckReadsAsComplete(t *testing.T) {
	tests := []struct {
		absent Absent
		want   Why
	}{
		{Unfetched, NotFetched}, {Withheld, NotGranted}, {Pruned, NotKept},
		{Erased, WasErased}, {Unread, NotReadable}, {Damaged, IsDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.want.String(), func(t *testing.T) {
			w := &ward{t}
			a := w.tablet(1)
			e := a.write("14:00", &Note{"x"})
			f := NewFold(encounter1)
			f.Add(Entry{Ref: e.Ref, Log: chartLog, Absent: tt.absent})
			c := f.Chart()
			if d := c.Doubts(); len(d) != 1 || d[0].Why != tt.want || d[0].At != e.Ref || c.Complete() {
				t.Errorf("doubts %v", d)
			}
			if c.Fact(e.Ref).Standing != Missing {
				t.Errorf("standing %s", c.Fact(e.Ref).Standing)
			}
			f.Add(e)
			if c := f.Chart(); c.Complete() == (tt.absent == Erased) {
				t.Errorf("with its content here, complete is %v", c.Complete())
			}
		})
	}
	t.Run("withdrawn", func(t *testing.T) {
		w := &ward{t}
		a := w.tablet(1)
		a.writeAs("14:00", measured(vital.SpO2, "60"), func(e *Entry) { e.Withdrawn = true })
		c := chartOf(a)
		if c.Complete() || len(c.Vitals()) != 0 || len(c.Unconfirmed(TypeVitals)) != 1 {
			t.Errorf("complete %v, vitals %v", c.Complete(), c.Vitals())
		}
	})
	t.Run("an entry another tablet had seen has not come", func(t *testing.T) {
		w := &ward{t}
		a, b := w.tablet(1), w.tablet(2)
		dose := a.write("14:00", given("Morphine", "10", "mg"))
		b.hears(a)
		b.write("14:05", &Note{"pain less"})
		c := chartOf(b)
		if d := c.Doubts(); len(d) != 1 || d[0].Why != NotReached || d[0].About != dose.Ref {
			t.Errorf("doubts %v", d)
		}
		if c := chartOf(a, b); !c.Complete() {
			t.Errorf("with it here: %v", c.Doubts())
		}
	})
	t.Run("it was for another patient, and this station holds that log that far", func(t *testing.T) {
		w := &ward{t}
		a, b := w.tablet(1), w.tablet(2)
		a.write("14:00", &Note{"x"})
		b.hears(a)
		b.write("14:05", &Note{"y"})
		f := NewFold(encounter1)
		f.Add(b.wrote...)
		f.Reach(a.wrote[0].Ref)
		if !f.Chart().Complete() {
			t.Errorf("doubts %v", f.Chart().Doubts())
		}
	})
}

func TestAnEraseHidesAtOnceAndAnAcceptStopsIt(t *testing.T) {
	w := &ward{t}
	a, admin := w.tablet(1), w.tablet(2)
	note := a.write("14:00", &Note{"secret"})
	span := Span{Device: a.device, Epoch: a.epoch, From: 1, To: 1}
	order := admin.write("15:00", &Erase{Of: []Span{span}, Why: "patient's request"})
	c := chartOf(a, admin)
	f := c.Fact(note.Ref)
	if f.Standing != Missing || f.Absent != Erased || f.Content != nil || !f.Happened.IsZero() || !slices.Equal(f.By, []Ref{order.Ref}) {
		t.Errorf("erased entry: %+v", f)
	}
	if c.Complete() {
		t.Error("the chart reads as complete")
	}
	admin.write("16:00", &Accept{Erase: &order.Ref})
	if f := chartOf(a, admin).Fact(note.Ref); f.Standing != Active || f.Content.(*Note).Text != "secret" {
		t.Errorf("stopped erase: %s", f.Standing)
	}
	withdrawn := w.tablet(3)
	withdrawn.writeAs("15:00", &Erase{Of: []Span{span}, Why: "x"}, func(e *Entry) { e.Withdrawn = true })
	if f := chartOf(a, withdrawn).Fact(note.Ref); f.Standing != Active {
		t.Errorf("a withdrawn tablet's erase: %s", f.Standing)
	}
}

func TestARangeReassignedShowsInBothEncounters(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", measured(vital.SpO2, "99"))
	wrong := a.write("14:01", measured(vital.SpO2, "71"))
	order := &RangeReassigned{FromEncounter: encounter1, ToEncounter: encounter2, Why: "cable was on the other patient",
		Entries: []Span{{Device: a.device, Epoch: a.epoch, From: wrong.Ref.Seq, To: wrong.Ref.Seq}}}
	a.write("14:10", order)
	a.writeAs("14:10", order, func(e *Entry) { e.Encounter, e.Patient = encounter2, patientB })

	one := chartOf(a)
	if f := one.Fact(wrong.Ref); f.Standing != Moved || one.Sign(vital.SpO2).Lowest.Vital.Value.String() != "99" {
		t.Errorf("where it came from it is %s", f.Standing)
	}
	if m := one.Moves(); len(m) != 1 || !m[0].Away || len(m[0].Facts) != 1 {
		t.Errorf("moves away: %+v", m)
	}
	two := NewFold(encounter2)
	two.Add(a.wrote...)
	c := two.Chart()
	if f := c.Fact(wrong.Ref); f.Standing != Active || f.MovedFrom != encounter1 || c.Sign(vital.SpO2).Lowest.Vital.Value.String() != "71" {
		t.Errorf("where it went it is %s", f.Standing)
	}
	if c.Fact(a.wrote[0].Ref).Standing != Elsewhere || c.Patient != patientB || !slices.Equal(c.Patients, []ID{patientB}) {
		t.Errorf("the rest is %s, patient %v", c.Fact(a.wrote[0].Ref).Standing, c.Patients)
	}
	if got := c.Wanted(); !slices.Equal(got, order.Entries) {
		t.Errorf("wanted %v", got)
	}
}

func TestARangeMovedThereAndBackIsBack(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	wrong := a.write("14:01", measured(vital.SpO2, "71"))
	span := []Span{{Device: a.device, Epoch: a.epoch, From: 1, To: 1}}
	for i, way := range [][2]ID{{encounter1, encounter2}, {encounter2, encounter1}} {
		order := &RangeReassigned{FromEncounter: way[0], ToEncounter: way[1], Why: "x", Entries: span}
		clock := fmt.Sprintf("14:%d0", i+1)
		a.write(clock, order)
		a.writeAs(clock, order, func(e *Entry) { e.Encounter = encounter2 })
	}
	if f := chartOf(a).Fact(wrong.Ref); f.Standing != Active {
		t.Errorf("in the first encounter it is %s", f.Standing)
	}
	two := NewFold(encounter2)
	two.Add(a.wrote...)
	if f := two.Chart().Fact(wrong.Ref); f.Standing != Moved {
		t.Errorf("in the second it is %s", f.Standing)
	}
}

func TestMergedPatientsShareAllergiesAndUnmergedOnesDoNot(t *testing.T) {
	w := &ward{t}
	clinic, crew := w.tablet(1), w.tablet(2)
	clinic.encounter, clinic.patient = encounter2, patientB
	clinic.write("09:00", &AllergyAdded{Item: Named{Name: "latex"}})
	clinic.write("09:00", &Note{"earlier visit"})
	crew.write("14:00", &Note{"unknown man"})
	crew.hears(clinic)
	if c := crew.fold.Chart(); len(c.Allergies()) != 0 || c.Fact(clinic.wrote[0].Ref).Standing != Elsewhere {
		t.Errorf("before: %v", c.Allergies())
	}
	crew.write("14:10", &PatientsMerged{From: patientA, Into: patientB, Why: "passport"})
	c := crew.fold.Chart()
	if len(c.Allergies()) != 1 || c.Patient != patientB || !slices.Equal(c.Patients, []ID{patientA, patientB}) {
		t.Errorf("merged: %v, patient %v of %v", c.Allergies(), c.Patient, c.Patients)
	}
	if c.Fact(clinic.wrote[1].Ref).Standing != Elsewhere {
		t.Error("the earlier visit's notes are in this chart")
	}
	crew.write("14:20", &PatientsUnmerged{From: patientA, Into: patientB, Why: "brother's passport"})
	c = crew.fold.Chart()
	if len(c.Allergies()) != 0 || c.Patient != patientA {
		t.Errorf("un-merged: %v, patient %v", c.Allergies(), c.Patient)
	}
	// A merge that the un-merging had not seen stands.
	er := w.tablet(3)
	er.write("14:15", &PatientsMerged{From: patientA, Into: patientB})
	crew.hears(er)
	if c := crew.fold.Chart(); len(c.Allergies()) != 1 {
		t.Errorf("merged again elsewhere: %v", c.Allergies())
	}
}

func TestTwoPatientsInOneEncounterAreADoubt(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &Note{"x"})
	a.patient = patientB
	a.write("14:05", &Note{"y"})
	c := chartOf(a)
	if d := c.Doubts(); len(d) != 1 || d[0].Why != TwoPatients || c.Patient != patientB {
		t.Errorf("doubts %v, patient %v", d, c.Patient)
	}
	a.write("14:10", &PatientsMerged{From: patientA, Into: patientB})
	if c := chartOf(a); !c.Complete() {
		t.Errorf("merged: %v", c.Doubts())
	}
}

func TestAClockEntryGivesEarlierEntriesTheirTrueTime(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	booted := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	unset := func(mono, ago time.Duration) func(*Entry) {
		return func(e *Entry) {
			e.Trust, e.Mono, e.Wall = ClockUnset, mono, booted.Add(mono)
			e.Happened = e.Wall.Add(-ago)
		}
	}
	now := a.writeAs("00:00", given("Adrenaline", "1", "mg"), unset(60*time.Second, 0))
	late := a.writeAs("00:00", given("Adrenaline", "1", "mg"), unset(120*time.Second, 30*time.Second))
	a.write("14:20", &Clock{Boot: a.boot, MonoMS: 1200_000, True: At(at("14:20")), Trust: ClockGPS})
	c := chartOf(a)
	if f := c.Fact(now.Ref); !f.At.Equal(at("14:01")) || f.Trust != ClockGPS {
		t.Errorf("given at boot plus 60 s: %s", f.At)
	}
	if f := c.Fact(late.Ref); !f.At.Equal(at("14:01").Add(30*time.Second)) || !f.Wall.Equal(at("14:02")) {
		t.Errorf("charted 30 s late: %s, written %s", f.At, f.Wall)
	}
	if !c.Fact(now.Ref).Happened.Equal(booted.Add(time.Minute)) {
		t.Error("the entry's own time is lost")
	}
	other := w.tablet(1)
	other.boot = Boot{9}
	other.epoch = Epoch{9}
	before := other.writeAs("00:00", &Note{"earlier boot"}, unset(60*time.Second, 0))
	if f := chartOf(a, other).Fact(before.Ref); f.Trust != ClockUnset || f.At.Year() != 1970 {
		t.Errorf("another boot's entry: %s", f.At)
	}
}
