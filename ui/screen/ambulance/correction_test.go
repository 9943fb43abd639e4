package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
)

// charts puts a dose and a monitor's temperature on the record.
func (r *rig) charts() (dose, temperature chart.Ref) {
	r.t.Helper()
	put := func(c chart.Content) chart.Ref {
		d := says(c)
		d.Happened = r.desk.Now().Add(-10 * time.Minute)
		done, err := r.desk.Record(r.ctx, d)
		if err != nil {
			r.t.Fatal(err)
		}
		return done.Ref
	}
	amount, t := vital.Int(10), vital.Dec(365, -1)
	drug := r.drugs.Drugs[0]
	dose = put(&chart.DrugGiven{Drug: drug.Drug, Dose: chart.Dose{Amount: &amount, Unit: "mg", Route: "IV"}, Lot: "L7"})
	temperature = put(&chart.Vitals{
		Reason: chart.ReasonNIBP, Sources: []vital.Provenance{{Driver: "sim"}},
		Values: []chart.Vital{{Sign: vital.Temperature, Value: &t, Questionable: true}},
	})
	r.ask()
	return dose, temperature
}

func (r *rig) openCorrections() {
	r.t.Helper()
	for _, k := range []lang.Key{lang.Trends, lang.Record, lang.CorrectWord} {
		r.tap(r.say(k))
	}
}

func (r *rig) openCorrection(words string) {
	r.t.Helper()
	r.openCorrections()
	at := r.page.(*corrections)
	for range 20 {
		for i, f := range at.facts {
			if strings.Contains(r.heads(f), words) {
				at.cells[i].OnTap()
				r.settle()
				return
			}
		}
		at.at++ // the next page
		r.settle()
	}
	r.t.Fatalf("no entry of %q can be corrected", words)
}

// correctionPages opens each page of corrections, for the tests that walk them all.
func correctionPages(r *rig, look func(name string)) {
	r.charts()
	r.openCorrections()
	look("corrections")
	r.tap(r.say(lang.BackToMonitor))
	r.openCorrection("36.5")
	look("correction of a number")
	r.tap(r.say(lang.BackToMonitor))
	r.openCorrection(r.drugs.Drugs[0].Name)
	r.page.(*correction).dose(r.page.(*correction).old.Content.(*chart.DrugGiven), r.drugs.Drugs[0].Doses[0])
	r.tap(r.say(lang.WrongNumber))
	look("correction of a dose")
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	r.run(11 * time.Second) // what was recorded last is not said any more
	r.settle()
	look("record, corrected")
	r.tap(r.say(lang.BackToMonitor))
}

func TestAWrongDoseIsCorrectedInOneCommitAndStaysReadableStruckThrough(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	ref, _ := r.charts()
	r.openCorrection(r.drugs.Drugs[0].Name)
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond) // nothing changed, no reason
	p := r.page.(*correction)
	p.dose(p.old.Content.(*chart.DrugGiven), r.drugs.Drugs[0].Doses[0])
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond) // no reason yet
	if len(r.desk.Recorded()) != before {
		t.Fatal("it was corrected without a reason")
	}
	r.tap(r.say(lang.WrongNumber))
	r.hold(r.say(lang.HoldCorrect), 600*time.Millisecond)
	if len(r.desk.Recorded()) != before {
		t.Fatal("a short touch corrected it")
	}
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	wrote := r.desk.Recorded()[before:]
	if len(wrote) != 2 {
		t.Fatalf("%d entries were written", len(wrote))
	}
	given, amends := wrote[0].Content.(*chart.DrugGiven), wrote[1].Content.(*chart.Amendment)
	if amends.Of != ref || amends.By != wrote[0].Ref || amends.Why != "wrong dose or number" {
		t.Errorf("the amendment is %+v", amends)
	}
	if want := r.drugs.Drugs[0].Doses[0]; given.Dose.Amount.Cmp(*want.Amount) != 0 || given.Lot != "L7" || !wrote[0].Happened.Equal(p.old.At) {
		t.Errorf("given %+v at %v", given, wrote[0].Happened)
	}
	r.run(6 * time.Second)
	r.settle()
	tl := r.page.(*timeline)
	struck := 0
	for i, l := range tl.strikes {
		if !l.Hidden {
			struck++
			if words := tl.words.texts[i+1].Text; !strings.Contains(words, r.say(lang.IsAmended)) || !strings.Contains(words, r.say(lang.WrongNumber)) {
				t.Errorf("struck through is %q", words)
			}
		}
	}
	if struck != 1 {
		t.Errorf("%d lines are struck through", struck)
	}
	if r.last.open(r.on, r.desk.Now()) && r.last.refs[0] == wrote[0].Ref {
		t.Error("one tap would take the replacement back and leave neither")
	}
}

func TestACorrectedNumberIsNoMonitorsAnyMoreAndTheOldEntryIsUntouched(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	_, ref := r.charts()
	r.openCorrection("36.5")
	r.tap("+10")
	r.tap("+1")
	r.tap(r.say(lang.WrongNumber))
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	wrote := r.desk.Recorded()[before:]
	v := wrote[0].Content.(*chart.Vitals)
	if len(v.Values) != 1 || v.Values[0].Value.String() != "37.6" || v.Sources[v.Values[0].Source] != hand || v.Values[0].Questionable {
		t.Errorf("the replacement is %+v", v)
	}
	for _, e := range r.desk.Recorded(chart.TypeVitals) {
		if old, ok := e.Content.(*chart.Vitals); ok && e.Ref == ref && (old.Values[0].Value.String() != "36.5" || len(old.Sources) != 1) {
			t.Errorf("the old entry became %+v", old)
		}
	}
}

func TestAWrongTimeIsCorrectedAndNeverIntoTheFuture(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.charts()
	r.openCorrection(r.drugs.Drugs[0].Name)
	old := r.page.(*correction).old.At
	r.tap(r.say(lang.WrongTime))
	r.tap(r.speech.Say(lang.MinutesLater, 15))
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	if len(r.desk.Recorded()) != before {
		t.Fatal("it will have happened in the future")
	}
	r.tap(r.speech.Say(lang.MinutesEarlier, 60))
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	if wrote := r.desk.Recorded()[before:]; len(wrote) != 2 || !wrote[0].Happened.Equal(old.Add(-45*time.Minute)) {
		t.Errorf("wrote %+v", wrote)
	}
}

func TestWhatSomebodyCorrectedMeanwhileIsNotCorrectedTwice(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	ref, _ := r.charts()
	r.openCorrection(r.drugs.Drugs[0].Name)
	r.tap(r.say(lang.WrongEntry))
	if _, err := r.desk.Record(r.ctx, says(&chart.Retraction{Of: ref, Why: "tapped by mistake"})); err != nil {
		t.Fatal(err)
	}
	r.run(6 * time.Second)
	r.settle()
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldTakeBack), 1200*time.Millisecond)
	if len(r.desk.Recorded()) != before || !r.sees(r.say(lang.NoLongerCounts)) {
		t.Error("it was taken back twice, or nobody was told why not")
	}
}

func TestACorrectionForOnePatientIsNotWrittenForAnother(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.charts()
	r.openCorrection(r.drugs.Drugs[0].Name)
	r.tap(r.say(lang.WrongTime))
	r.tap(r.speech.Say(lang.MinutesEarlier, 5))
	p := r.page.(*correction)
	r.on = chart.ID{15: 2}
	before := len(r.desk.Recorded())
	p.write()
	p.done = false
	p.takeBack()
	r.settle()
	if len(r.desk.Recorded()) != before || len(r.faults) != 2 {
		t.Errorf("%d entries were written, %d times a person was told", len(r.desk.Recorded())-before, len(r.faults))
	}
}

// Micrograms are written out, as ISMP's list of error-prone abbreviations asks; what is
// not known is said, and no number stands without its unit or is left out unsaid.
func TestEveryEntryIsToldWithItsUnitAndWhatIsNotKnown(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	amount, at := vital.Int(50), vital.Dec(365, -1)
	one := chart.Vital{Sign: vital.Temperature, Value: &at}
	drug := chart.Drug{Name: "fentanyl"}
	for _, row := range []struct {
		of   string
		c    chart.Content
		want string
	}{
		{"a dose in micrograms", &chart.DrugGiven{Drug: drug, Dose: chart.Dose{Amount: &amount, Unit: "ug", Route: "IV", Site: "left arm"}}, "fentanyl 50 microgram IV left arm"},
		{"a dose that a bystander gave", &chart.DrugGiven{Drug: drug, Unknown: true, Dose: chart.Dose{Route: "oral"}}, "fentanyl amount not known oral"},
		{"the end of an infusion", &chart.DrugGiven{Drug: drug, Phase: chart.InfusionStopped}, "fentanyl infusion stopped"},
		{"a rate", &chart.DrugGiven{Drug: drug, Phase: chart.InfusionStarted, Dose: chart.Dose{Amount: &amount, Unit: "ug/kg/min"}}, "fentanyl infusion started 50 microgram/kg/min"},
		{"a temperature", &chart.Vitals{Values: []chart.Vital{one}}, "Temp 36.5 °C"},
		{"seven numbers", &chart.Vitals{Values: []chart.Vital{one, one, one, one, one, one, one}}, strings.Repeat("Temp 36.5 °C  ", 6) + "... and 1 more"},
	} {
		if got := r.what(&chart.Fact{Entry: &chart.Entry{Content: row.c}}); got != row.want {
			t.Errorf("%s is told as %q, want %q", row.of, got, row.want)
		}
	}
}

func TestADoseCorrectedKeepsThePlaceWhenTheWayIsTheSame(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	amount := vital.Int(10)
	old := &chart.DrugGiven{Dose: chart.Dose{Amount: &amount, Unit: "mg", Route: "IV", Site: "left arm"}, Lot: "L7"}
	c := newCorrection(r.Screen, r.on, &chart.Fact{Entry: &chart.Entry{Content: old}})
	for _, row := range []struct{ listed, route, site string }{{"IV", "IV", "left arm"}, {"IM", "IM", ""}, {"", "IV", "left arm"}} {
		c.dose(old, SiteDose{Amount: &amount, Unit: "mg", Route: row.listed})
		if got := c.content.(*chart.DrugGiven); got.Dose.Route != row.route || got.Dose.Site != row.site || got.Lot != "L7" {
			t.Errorf("a dose listed for %q became %+v", row.listed, got.Dose)
		}
	}
}

// The seventh number of an entry, put right, is seen before the hold.
func TestTheNumberPutRightIsSeenWhereAnEntryHasMany(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	v := &chart.Vitals{Reason: chart.ReasonNIBP, Sources: []vital.Provenance{{Driver: "sim"}}}
	for i, sign := range []vital.Sign{vital.HeartRate, vital.PulseRate, vital.SpO2, vital.RespRate, vital.NIBPSys, vital.NIBPDia, vital.Temperature} {
		n := vital.Int(int64(30 + i))
		v.Values = append(v.Values, chart.Vital{Sign: sign, Value: &n})
	}
	if _, err := r.desk.Record(r.ctx, says(v)); err != nil {
		t.Fatal(err)
	}
	r.ask()
	r.openCorrection("... and 1 more")
	r.page.(*correction).which = 6
	r.tap("+10")
	if !r.sees("NIBP dia 35 mmHg Temp 37.0 °C") {
		t.Errorf("the page does not say what the temperature becomes: %q", r.texts())
	}
}

// The page of vitals refuses an upper pressure that is not above the lower; putting one
// right must not let it through.
func TestACorrectedPressureIsNotUpsideDown(t *testing.T) {
	r := crew(t)
	high, low := vital.Int(90), vital.Int(80)
	r.put(10*time.Minute, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.NIBPSys, Value: &high}, {Sign: vital.NIBPDia, Value: &low}}, Sources: []vital.Provenance{hand}})
	r.openCorrection("NIBP sys 90")
	r.tap("-10")
	r.tap(r.say(lang.WrongNumber))
	r.settle()
	p := r.page.(*correction)
	if all := strings.Join(p.words.texts, " "); !strings.Contains(all, "The upper value must be above the lower") {
		t.Errorf("of 80 over 80 the page says %q", all)
	}
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	if n := len(r.desk.Recorded(chart.TypeAmendment)); n != 0 {
		t.Errorf("80 over 80 is on record")
	}
	r.tap("+1")
	r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
	if all := r.desk.Recorded(chart.TypeVitals); all[len(all)-1].Content.(*chart.Vitals).Values[0].Value.String() != "81" {
		t.Errorf("81 over 80 is recorded as %v", all[len(all)-1].Content)
	}
}
