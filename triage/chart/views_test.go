package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func TestVitalsShowTheLatestAndTheWorstEver(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", measured(vital.SpO2, "88"))
	a.write("14:01", &Vitals{Reason: ReasonMinute, Values: []Vital{{Sign: vital.SpO2, Value: dec("40"), Questionable: true}}})
	a.write("14:02", measured(vital.SpO2, "96"))
	a.write("14:03", &Vitals{Reason: ReasonMinute, Values: []Vital{{Sign: vital.SpO2, State: vital.ProbeOff}}})
	a.write("14:04", &Vitals{Reason: ReasonHand, Values: []Vital{{Sign: vital.SpO2, Value: dec("93"), AgeMS: 150_000}}})
	s := chartOf(a).Sign(vital.SpO2)
	if s.Last.Vital.State != vital.ProbeOff || s.LastValue.Vital.Value.String() != "96" ||
		s.Lowest.Vital.Value.String() != "88" || s.Highest.Vital.Value.String() != "96" || len(s.All) != 5 {
		t.Errorf("last %v, last value %v, lowest %v, highest %v of %d", s.Last.Vital.State,
			s.LastValue.Vital.Value, s.Lowest.Vital.Value, s.Highest.Vital.Value, len(s.All))
	}
	b := w.tablet(2)
	b.write("14:00", &Vitals{Reason: ReasonHand, Values: []Vital{{Sign: vital.Temperature, Value: dec("100.4"), Unit: vital.Fahrenheit}}})
	b.write("14:01", &Vitals{Reason: ReasonHand, Values: []Vital{{Sign: vital.Temperature, Value: dec("39")}}})
	if s := chartOf(b).Sign(vital.Temperature); s.Highest.Vital.Value.String() != "39" || s.Lowest.Vital.Value.String() != "100.4" {
		t.Errorf("100.4 °F is 38 °C: highest %v, lowest %v", s.Highest.Vital.Value, s.Lowest.Vital.Value)
	}
}

func TestAReadingComesBackFromTheRecordAsItWas(t *testing.T) {
	now := vital.Instant(time.Hour)
	read := func(r vital.Reading) vital.Reading {
		r.Site, r.Arrived, r.Averaged = "ear", now.Add(-1500*time.Millisecond), 8*time.Second
		r.Questionable, r.Aperiodic, r.MonitorTime = true, true, at("13:59")
		return r
	}
	for _, r := range []vital.Reading{
		read(vital.Of(vital.SpO2, *dec("96.65"))),
		read(vital.Of(vital.SpO2, *dec("0"))),
		read(vital.None(vital.SpO2, vital.ProbeOff)),
		read(vital.None(vital.HeartRate, vital.NotMeasured)),
		read(vital.OfUnit(vital.Temperature, *dec("98.60"), vital.Fahrenheit)),
	} {
		v := VitalOf(r, now, 0)
		if got := v.Reading(now); got != r {
			t.Errorf("%v comes back as %v:\n%+v\n%+v", r, got, r, got)
		}
	}
}

func TestAHandoverIsReceivedWhenItsCriticalItemsAreReadBack(t *testing.T) {
	w := &ward{t}
	crew, er := w.tablet(1), w.tablet(2)
	offer := crew.write("14:00", &HandoverOffered{Format: "ATMIST", Items: []HandoverItem{
		{Key: "allergies", Text: "penicillin", Critical: true}, {Key: "age", Text: "67"}}})
	er.hears(crew)
	er.write("14:01", &HandoverReadBack{offer.Ref, []ReadBack{{Key: "allergies", Heard: "none"}, {Key: "bay", Right: true}}})
	h := chartOf(crew, er).Handovers()[0]
	if h.Received() || len(h.Items[0].Questions) != 1 || h.Items[1].ReadBack() || len(h.Strange) != 1 {
		t.Errorf("misheard: %+v", h)
	}
	er.write("14:02", &HandoverReadBack{offer.Ref, []ReadBack{{Key: "allergies", Right: true}}})
	h = chartOf(crew, er).Handovers()[0]
	if !h.Received() || len(h.Items[0].Questions) != 0 {
		t.Errorf("put right: %+v", h)
	}
	er.write("14:03", &HandoverAccepted{Of: offer.Ref})
	crew.write("13:00", &EncounterOpened{Setting: "ambulance"})
	if got := chartOf(crew, er).Course().Status; got != HandedOver {
		t.Errorf("status %s", got)
	}
}

func TestAnEncounterClosedWhileAnotherTabletOpensItStaysOpen(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	if s := chartOf(a).Course().Status; s != NotOpened {
		t.Errorf("empty: %s", s)
	}
	a.write("14:00", &EncounterOpened{Setting: "clinic"})
	a.write("14:30", &EncounterClosed{Outcome: "discharged"})
	if s := chartOf(a).Course().Status; s != Closed {
		t.Errorf("closed: %s", s)
	}
	b.write("14:20", &EncounterOpened{Setting: "clinic"})
	if s := chartOf(a, b).Course().Status; s != Open {
		t.Errorf("opened apart: %s", s)
	}
	b.hears(a)
	b.write("14:40", &EncounterStoodDown{Why: "left"})
	if s := chartOf(a, b).Course().Status; s != StoodDown {
		t.Errorf("stood down by one who saw all: %s", s)
	}
	a.write("14:41", &EncounterClosed{Outcome: "left"})
	if s := chartOf(a, b).Course().Status; s != Unsettled {
		t.Errorf("ended apart in two ways: %s", s)
	}
}

func TestAnAlarmIsActiveUntilItIsClearedAndSaysIfNobodyNoticed(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	raise := func() Ref {
		return a.write("14:00", &AlarmRaised{Condition: "SpO2 low", Priority: HighPriority, Sign: vital.SpO2}).Ref
	}
	active, noticed, unnoticed := raise(), raise(), raise()
	a.write("14:01", &AlarmAcknowledged{[]Ref{noticed}})
	a.write("14:02", &AlarmCleared{Of: []Ref{noticed, unnoticed}})
	want := map[Ref]AlarmState{active: AlarmActive, noticed: AlarmOver, unnoticed: AlarmOverUnnoticed}
	for _, v := range chartOf(a).Alarms() {
		if v.State() != want[v.Raised.Ref] {
			t.Errorf("%v is %s, want %s", v.Raised.Ref, v.State(), want[v.Raised.Ref])
		}
	}
}

func TestAMonitorRecordsUntilSomeoneWhoSawTheBindingEndsIt(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("14:00", &MonitorBound{Monitor: "nonin-1"})
	b.write("14:01", &MonitorUnbound{Monitor: "nonin-1"})
	if got := chartOf(a, b).Bindings(); len(got) != 1 || len(got[0].Ended) != 0 {
		t.Errorf("an unbinding from before: %+v", got)
	}
	a.write("14:02", &MonitorUnbound{Monitor: "nonin-1"})
	if got := chartOf(a, b).Bindings(); len(got[0].Ended) != 1 {
		t.Errorf("unbound: %+v", got)
	}
}

func TestTrainingDataAmongAPatientsIsADoubt(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &Note{"x"})
	a.writeAs("14:01", &Note{"y"}, func(e *Entry) { e.Demo = true })
	c := chartOf(a)
	if d := c.Doubts(); len(d) != 1 || d[0].Why != DemoMixed || !c.Demo() {
		t.Errorf("doubts %v", d)
	}
}

func TestLimitsHoldSignBySign(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &LimitsSet{Limits: []Limit{{Sign: vital.SpO2, Low: dec("90")}, {Sign: vital.HeartRate, High: dec("130")}}})
	a.write("14:05", &LimitsSet{Limits: []Limit{{Sign: vital.SpO2, Low: dec("88")}}})
	got := map[vital.Sign]string{}
	for _, v := range chartOf(a).Limits() {
		l := v.Limit(v.First())
		got[v.Sign] = fmt.Sprint(l.Low, l.High)
	}
	if got[vital.SpO2] != "88 <nil>" || got[vital.HeartRate] != "<nil> 130" {
		t.Errorf("limits %v", got)
	}
}

func TestTheIndexFollowsMergesAcrossEncounters(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	b.encounter, b.patient, b.fold = encounter2, patientB, NewFold(encounter2)
	a.write("14:00", &EncounterOpened{Setting: "ambulance"})
	a.write("14:01", measured(vital.SpO2, "91"))
	b.write("13:00", &PatientRegistered{Demographics{Family: "Okoro"}})
	b.write("13:00", &EncounterOpened{Setting: "clinic"})
	x := NewIndex()
	x.Put(a.fold.Chart().Row())
	x.Put(b.fold.Chart().Row())
	if x.Person(patientA) == x.Person(patientB) || !slices.Equal(x.Encounters(patientA), []ID{encounter1}) {
		t.Error("two strangers are one person")
	}
	a.write("14:10", &PatientsMerged{From: patientA, Into: patientB})
	x.Put(a.fold.Chart().Row())
	if x.Person(patientA) != patientB || !slices.Equal(x.Encounters(patientB), []ID{encounter1, encounter2}) {
		t.Errorf("merged: %v, %v", x.Person(patientA), x.Encounters(patientB))
	}
	b.hears(a)
	b.write("14:20", &PatientsUnmerged{From: patientA, Into: patientB})
	x.Put(b.fold.Chart().Row())
	if x.Person(patientA) != patientA || !slices.Equal(x.Encounters(patientB), []ID{encounter2}) {
		t.Errorf("un-merged in the other encounter: %v, %v", x.Person(patientA), x.Encounters(patientB))
	}
	rows := x.Rows()
	if x.Len() != 2 || rows[0].Encounter != encounter1 || rows[0].Last[0].Vital.Value.String() != "91" || rows[1].Who.Family != "Okoro" || rows[0].Status != Open {
		t.Errorf("rows: %+v", rows)
	}
	x.Drop(encounter1)
	if _, ok := x.Row(encounter1); ok || len(x.Encounters(patientA)) != 0 {
		t.Error("a dropped encounter is still listed")
	}
}

func TestPlacesAndTimesReadAsTheyAreWritten(t *testing.T) {
	r := Ref{Device: Device{0xab}, Epoch: Epoch{0xcd}, Seq: 17}
	text, _ := r.MarshalText()
	if want := "ab" + strings.Repeat("00", 31) + "/cd" + strings.Repeat("00", 15) + "/17"; string(text) != want {
		t.Errorf("place is written %s", text)
	}
	var back Ref
	if err := back.UnmarshalText(text); err != nil || back != r {
		t.Errorf("place comes back as %v: %v", back, err)
	}
	if got := r.String(); got != "ab000000…/cd000000…/17" {
		t.Errorf("for people: %s", got)
	}
	// RFC 9562, section 5.7 example layout; any UUID text will do.
	var u ID
	if err := u.UnmarshalText([]byte("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")); err != nil || u.String() != "017f22e2-79b0-7cc3-98c4-dc0c0c07398f" {
		t.Errorf("UUID comes back as %s: %v", u, err)
	}
	var m Moment
	if err := m.UnmarshalText([]byte("2026-03-01T15:05:00.25+01:00")); err != nil || !m.Time().Equal(at("14:05").Add(250*time.Millisecond)) {
		t.Errorf("time comes back as %s: %v", m.Time(), err)
	}
	for _, bad := range []string{"", "ab/cd/1", string(text) + "x", strings.Replace(string(text), "/17", "/017", 1), strings.Replace(string(text), "ab", "zz", 1)} {
		if err := back.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read as a place", bad)
		}
	}
}
