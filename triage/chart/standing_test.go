package chart

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func withdrawn(e *Entry) { e.Withdrawn = true }

func reasons(c *Chart) (out []Why) {
	for _, d := range c.Doubts() {
		out = append(out, d.Why)
	}
	return out
}

func TestWritersWhoEachClaimToHaveSeenTheOtherBothStand(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.writeAs("14:00", &CodeStatus{Status: "full"}, func(e *Entry) { e.Saw = []Ref{{Device: b.device, Epoch: b.epoch, Seq: 1}} })
	b.writeAs("14:01", &CodeStatus{Status: "no CPR"}, func(e *Entry) { e.Saw = []Ref{{Device: a.device, Epoch: a.epoch, Seq: 1}} })
	if c := chartOf(a, b).CodeStatus(); len(c.Stands) != 2 || len(c.Lost) != 0 {
		t.Errorf("%d stand", len(c.Stands))
	}
}

func TestOnlyABetterClockCorrectsAndTheNearestOfEquals(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	note := func(trust Trust, mono time.Duration) Ref {
		return a.writeAs("09:00", &Note{"x"}, func(e *Entry) { e.Trust, e.Mono = trust, mono }).Ref
	}
	network, byHand := note(ClockNetwork, 100*time.Second), note(ClockByHand, 100*time.Second)
	late := note(ClockByHand, 5000*time.Second)
	clock := func(mono uint64, true string, trust Trust) {
		a.write("14:00", &Clock{Boot: a.boot, MonoMS: mono, True: At(at(true)), Trust: trust})
	}
	clock(100_000, "14:00", ClockNetwork)
	clock(5000_000, "16:00", ClockNetwork) // the tablet's oscillator does not run true
	clock(100_000, "20:00", ClockPeer)
	c := chartOf(a)
	for ref, want := range map[Ref]string{network: "09:00", byHand: "14:00", late: "16:00"} {
		if got := c.Fact(ref).At; !got.Equal(at(want)) {
			t.Errorf("%v happened %s, want %s", ref, got, want)
		}
	}
}

func TestNothingButThePlaceIsLeftOfAnErasedEntry(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	e := a.write("14:00", &Note{"x"})
	gone := e
	gone.Absent = Erased
	f := NewFold(encounter1)
	f.Add(gone)
	if got := *f.Chart().Fact(e.Ref).Entry; !got.Wall.IsZero() || got.Patient != (ID{}) || got.Content != nil || got.Author.Staff != "" || got.Boot != (Boot{}) {
		t.Errorf("left: %+v", got)
	}
	if f.Add(e) != 0 || f.Chart().Fact(e.Ref).Content != nil {
		t.Error("an erased entry came back")
	}
}

func TestTheSameEntryTwiceChangesNothing(t *testing.T) {
	w := &ward{t}
	e := w.tablet(1).write("14:00", &Note{"x"})
	f := NewFold(encounter1)
	if f.Add(e) != 1 {
		t.Error("a new entry changed nothing")
	}
	before := f.Chart()
	if f.Add(e, e) != 0 || f.Chart() != before {
		t.Error("the same entry again changed the chart")
	}
}

func TestErasesAndAcceptsAnswerOnlyToTheTeamLog(t *testing.T) {
	w := &ward{t}
	a, admin := w.tablet(1), w.tablet(2)
	note := a.write("14:00", &Note{"secret"})
	order := admin.writeAs("15:00", &Erase{Of: []Span{{Device: a.device, Epoch: a.epoch, From: 1, To: 1}}, Why: "request"}, func(e *Entry) {
		e.Saw = []Ref{{Device: Device{9}, Epoch: Epoch{9}, Seq: 4}} // the roster's, which no chart holds
	})
	own := admin.write("15:01", &Erase{Of: []Span{{Device: admin.device, Epoch: admin.epoch, From: 1, To: 2}}, Why: "request"})
	admin.writeAs("15:02", &Accept{Erase: &order.Ref}, withdrawn)
	retraction := a.write("15:03", &Retraction{order.Ref, "x"})
	c := chartOf(a, admin)
	if f := c.Fact(note.Ref); f.Standing != Missing || f.Absent != Erased {
		t.Errorf("the note is %s", f.Standing)
	}
	for _, r := range []Ref{order.Ref, own.Ref} {
		if f := c.Fact(r); f.Content == nil || f.Standing != Active {
			t.Errorf("an erase order was itself erased or retracted: %s", f.Standing)
		}
	}
	if d := c.Doubts(); !slices.Contains(d, Doubt{NoEffect, retraction.Ref, order.Ref}) || slices.Contains(reasons(c), NotReached) {
		t.Errorf("doubts %v", d)
	}
}

func TestCorrectionsReachAcrossEncountersAndAreShownThere(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	dose := a.write("14:00", given("Morphine", "5", "mg"))
	a.encounter = encounter2
	r := a.write("14:05", &Retraction{dose.Ref, "other patient"})
	c := chartOf(a)
	if k := c.Corrections(); c.Fact(dose.Ref).Standing != Retracted || c.Fact(r.Ref).Standing != Active || len(k) != 1 || k[0].Of.Ref != dose.Ref {
		t.Errorf("dose %s, retraction %s", c.Fact(dose.Ref).Standing, c.Fact(r.Ref).Standing)
	}
}

func TestARetractedMergeJoinsNobody(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	m := a.write("14:00", &PatientsMerged{From: patientA, Into: patientB})
	a.write("14:01", &Retraction{m.Ref, "x"})
	if c := chartOf(a); c.Patient != patientA || len(c.Patients) != 1 {
		t.Errorf("patient %v of %v", c.Patient, c.Patients)
	}
}

func TestAnUnmergeMayNameTheTwoInEitherOrder(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &PatientsMerged{From: patientA, Into: patientB})
	a.write("14:01", &PatientsUnmerged{From: patientB, Into: patientA})
	if c := chartOf(a); c.Patient != patientA {
		t.Errorf("patient %v", c.Patient)
	}
}

func TestAWithdrawnTabletCorrectsNothing(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	dose := a.write("14:00", given("Morphine", "5", "mg"))
	b.hears(a)
	b.writeAs("14:01", &Retraction{dose.Ref, "x"}, withdrawn)
	b.writeAs("14:02", &RangeReassigned{FromEncounter: encounter1, ToEncounter: encounter2, Why: "x",
		Entries: []Span{{Device: a.device, Epoch: a.epoch, From: 1, To: 1}}}, withdrawn)
	if f := chartOf(a, b).Fact(dose.Ref); f.Standing != Active {
		t.Errorf("the dose is %s", f.Standing)
	}
}

// A chain of retractions, each of the next: what is struck out follows from its
// end, and a withdrawn tablet's link in another chain weighs nothing.
func TestAChainOfRetractionsIsWorkedOutFromItsEnd(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	note := a.write("14:00", &Note{"x"})
	retract := func(of Entry, change func(*Entry)) Entry { return a.writeAs("14:01", &Retraction{of.Ref, "x"}, change) }
	x := retract(note, nil)
	r1 := retract(x, withdrawn)
	retract(r1, nil)
	r4 := retract(x, nil)
	r6 := retract(r4, nil)
	b.hears(a)
	retract(r6, nil)
	c := chartOf(a, b)
	for ref, want := range map[Ref]Standing{r6.Ref: Retracted, r4.Ref: Active, x.Ref: Retracted, note.Ref: Active} {
		if got := c.Fact(ref).Standing; got != want {
			t.Errorf("entry %d is %s, want %s", ref.Seq, got, want)
		}
	}
}

func TestRetractedOutweighsAmended(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	dose := a.write("14:00", given("Morphine", "5", "mg"))
	a.write("14:01", &Retraction{dose.Ref, "x"})
	by := a.write("14:02", given("Morphine", "6", "mg"))
	a.write("14:02", &Amendment{dose.Ref, by.Ref, "x"})
	if f := chartOf(a).Fact(dose.Ref); f.Standing != Retracted || len(f.By) != 3 {
		t.Errorf("the dose is %s by %d", f.Standing, len(f.By))
	}
}

func TestAnAmendmentThatBreaksTheRulesHidesNothing(t *testing.T) {
	tests := []struct {
		name  string
		write func(a, b *tablet, dose Ref)
	}{
		{"the replacement is another tablet's", func(a, b *tablet, dose Ref) {
			b.hears(a)
			by := b.write("14:01", given("Morphine", "6", "mg"))
			a.hears(b)
			a.write("14:02", &Amendment{dose, by.Ref, "x"})
		}},
		{"the replacement came after", func(a, b *tablet, dose Ref) {
			a.write("14:01", &Amendment{dose, Ref{Device: a.device, Epoch: a.epoch, Seq: a.seq + 2}, "x"})
			a.write("14:02", given("Morphine", "6", "mg"))
		}},
		{"the replacement is of a withdrawn tablet", func(a, b *tablet, dose Ref) {
			by := a.writeAs("14:01", given("Morphine", "6", "mg"), withdrawn)
			a.write("14:02", &Amendment{dose, by.Ref, "x"})
		}},
		{"who wrote the replacement had not seen what it replaces", func(a, b *tablet, dose Ref) {
			by := b.write("14:01", given("Morphine", "6", "mg"))
			b.hears(a)
			b.write("14:02", &Amendment{dose, by.Ref, "x"})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &ward{t}
			a, b := w.tablet(1), w.tablet(2)
			dose := a.write("14:00", given("Morphine", "5", "mg"))
			tt.write(a, b, dose.Ref)
			c := chartOf(a, b)
			if f := c.Fact(dose.Ref); f.Standing != Active || !slices.Contains(reasons(c), NoEffect) {
				t.Errorf("the dose is %s, doubts %v", f.Standing, c.Doubts())
			}
		})
	}
}

func TestReassignmentsFollowEachOther(t *testing.T) {
	const encounter3 = 3
	tests := []struct {
		name  string
		write func(a, b *tablet, move func(x *tablet, clock string, from, to byte) Entry)
		want  Standing
		doubt bool
	}{
		{"retracted", func(a, b *tablet, move func(*tablet, string, byte, byte) Entry) {
			e := move(a, "14:10", 1, 2)
			a.write("14:11", &Retraction{e.Ref, "x"})
		}, Active, false},
		{"to two encounters, apart", func(a, b *tablet, move func(*tablet, string, byte, byte) Entry) {
			b.hears(a)
			move(a, "14:10", 1, 2)
			move(b, "14:11", 1, encounter3)
		}, Moved, true},
		{"to two encounters, one after the other", func(a, b *tablet, move func(*tablet, string, byte, byte) Entry) {
			move(a, "14:10", 1, 2)
			b.hears(a)
			move(b, "14:11", 1, encounter3)
		}, Moved, false},
		{"moved back by one who had seen only this encounter's copy, with a slow clock", func(a, b *tablet, move func(*tablet, string, byte, byte) Entry) {
			e := move(a, "14:10", 1, 2)
			b.fold.Add(a.wrote...)
			a.writeAs("14:10", e.Content, func(e *Entry) { e.Encounter = encounter2 })
			move(b, "14:05", 2, 1)
		}, Active, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &ward{t}
			a, b := w.tablet(1), w.tablet(2)
			wrong := a.write("14:00", measured(vital.SpO2, "71"))
			tt.write(a, b, func(x *tablet, clock string, from, to byte) Entry {
				return x.write(clock, &RangeReassigned{FromEncounter: id(from), ToEncounter: id(to), Why: "x",
					Entries: []Span{{Device: a.device, Epoch: a.epoch, From: 1, To: 1}}})
			})
			c := chartOf(a, b)
			if f := c.Fact(wrong.Ref); f.Standing != tt.want || slices.Contains(reasons(c), MovedTwice) != tt.doubt {
				t.Errorf("the value is %s, doubts %v", f.Standing, c.Doubts())
			}
		})
	}
}

func TestADoseChartedLateByOneWhoSawTheOtherIsNoAlert(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("14:10", given("Morphine", "5", "mg"))
	b.hears(a)
	b.writeAs("14:20", given("Morphine", "5", "mg"), func(e *Entry) { e.Happened = at("14:00") })
	if got := chartOf(a, b).DoubleDoses(); len(got) != 0 {
		t.Errorf("%d alerts", len(got))
	}
}

func TestTotalsAreKeptByUnitAndSayWhatTheyLeaveOut(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", given("Adrenaline", "0.5", "mg"))
	a.write("14:05", given("Adrenaline", "0.50", "mg"))
	a.write("14:06", given("Adrenaline", "20", "ug"))
	infusion := given("Adrenaline", "4", "ug/min")
	infusion.Phase = InfusionStarted
	a.write("14:10", infusion)
	a.write("14:11", &DrugGiven{Drug: Drug{Name: "adrenaline"}, Unknown: true, By: "bystander"})
	d := chartOf(a).Drugs()
	want := []Total{{vital.Unit("mg"), vital.Dec(100, -2), 2}, {vital.Unit("ug"), vital.Int(20), 1}}
	if len(d) != 1 || !slices.Equal(d[0].Totals, want) || d[0].Uncounted != 2 {
		t.Errorf("%+v", d)
	}
}

func TestTwoReceiversWhoDisagreeLeaveAHandoverOpen(t *testing.T) {
	w := &ward{t}
	crew, nurse, doctor := w.tablet(1), w.tablet(2), w.tablet(3)
	offer := crew.write("14:00", &HandoverOffered{Format: "ATMIST", Items: []HandoverItem{{Key: "dose", Text: "morphine 10 mg"}}})
	nurse.hears(crew)
	doctor.hears(crew)
	nurse.write("14:01", &HandoverReadBack{offer.Ref, []ReadBack{{Key: "dose", Right: true}}})
	doctor.write("14:02", &HandoverReadBack{offer.Ref, []ReadBack{{Key: "dose", Heard: "1 mg"}}})
	if h := chartOf(crew, nurse, doctor).Handovers()[0]; h.Received() {
		t.Error("the handover counts as received")
	}
}

func TestARowPutAgainLeavesNoTraceOfTheOld(t *testing.T) {
	x := NewIndex()
	x.Put(Row{Encounter: encounter1, Patients: []ID{patientA}})
	x.Put(Row{Encounter: encounter1, Patients: []ID{patientB}})
	if got := x.Encounters(patientA); len(got) != 0 || len(x.Encounters(patientB)) != 1 {
		t.Errorf("the old patient still leads to %v", got)
	}
}

func TestAnEntryOfATypeThisVersionDoesNotKnowIsUnread(t *testing.T) {
	var e Entry
	text := `{"ref":"` + strings.Repeat("ab", 32) + `/` + strings.Repeat("cd", 16) + `/7","type":"from-the-future","trust":"gps","content":{"x":1}}`
	if err := json.Unmarshal([]byte(text), &e); err != nil || e.Absent != Unread || e.Content != nil {
		t.Errorf("absent %s, content %v, %v", e.Absent, e.Content, err)
	}
	f := NewFold(encounter1)
	f.Add(e)
	if f.Chart().Complete() {
		t.Error("the chart reads as complete")
	}
}

func TestOfTwoMergesOnlyTheOneNobodyTookBackHolds(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &PatientsMerged{From: patientA, Into: patientB})
	a.write("14:01", &PatientsUnmerged{From: patientA, Into: patientB})
	again := a.write("14:02", &PatientsMerged{From: patientB, Into: patientA})
	if got := Joins(chartOf(a).Row().Links); len(got) != 1 || got[0].Ref != again.Ref {
		t.Errorf("what holds is %+v, want the one at %v", got, again.Ref)
	}
}
