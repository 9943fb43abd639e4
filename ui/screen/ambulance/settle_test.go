package ambulance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
)

// patientOn is the patient of [rehearsal.NewDesk].
var patientOn = chart.ID{0: 9, 15: 1}

// apart has another station and this one write different things at once.
func (r *rig) apart(theirs, ours chart.Content) {
	r.t.Helper()
	at := ui.Draft{Encounter: r.On(), Patient: patientOn}
	r.desk.Step(time.Minute)
	mine := at
	mine.Content = ours
	if _, err := r.desk.Record(r.t.Context(), mine); err != nil {
		r.t.Fatal(err)
	}
	at.Content = theirs
	r.desk.Apart(at)
	r.ask()
}

func (r *rig) toSettle() {
	r.t.Helper()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ToSettle))
	r.run(100 * time.Millisecond)
	r.settle()
}

func born(year string) *chart.PatientIdentified {
	return &chart.PatientIdentified{Who: chart.Demographics{Birth: year}}
}

func TestTwoBirthsWrittenApartStandUntilSomebodyHoldsOne(t *testing.T) {
	r := newRig(t, theme.Night, 1280, 800)
	r.apart(born("1985"), born("1958"))
	if row, _ := r.row(r.On()); !strings.Contains(r.about(row), r.say(lang.NamesConflict)) {
		t.Errorf("the band does not say that they differ: %q", r.about(row))
	}
	r.toSettle()
	words := strings.Join(r.texts(), "\n")
	for _, want := range []string{r.say(lang.BirthDate), "HOLD: 1985", "HOLD: 1958", "Market clinic", "M. Okafor"} {
		if !strings.Contains(words, want) {
			t.Errorf("the page does not say %q:\n%s", want, words)
		}
	}
	before := len(r.desk.Recorded(chart.TypePatientIdentified))
	r.hold("HOLD: 1958", 400*time.Millisecond)
	if got := len(r.desk.Recorded(chart.TypePatientIdentified)); got != before {
		t.Fatal("a touch shorter than a hold settled it")
	}
	r.hold("HOLD: 1958", 1100*time.Millisecond)
	all := r.desk.Recorded(chart.TypePatientIdentified)
	if len(all) != before+1 || all[len(all)-1].Content.(*chart.PatientIdentified).Who.Birth != "1958" {
		t.Fatalf("recorded %d, of the last %+v", len(all)-before, all[len(all)-1].Content)
	}
	r.run(2 * time.Second)
	r.settle()
	r.ask()
	if row, _ := r.row(r.On()); len(row.InConflict) != 0 || row.Who.Birth != "1958" {
		t.Errorf("afterwards %v are in conflict, born %q", row.InConflict, row.Who.Birth)
	}
	if !slices.Contains(r.texts(), r.say(lang.NothingToSettle)) {
		t.Errorf("the page still shows: %v", r.texts())
	}
}

func TestADoseChartedTwiceIsStruckOutAndTwoThatWereGivenStay(t *testing.T) {
	dose := func(n int64) *chart.DrugGiven {
		amount := vital.Int(n)
		return &chart.DrugGiven{Drug: chart.Drug{Name: "morphine"}, Dose: chart.Dose{Amount: &amount, Unit: "mg", Route: "IV"}}
	}
	r := newRig(t, theme.Night, 1280, 800)
	r.apart(dose(4), dose(5))
	r.toSettle()
	words := strings.Join(r.texts(), "\n")
	if !strings.Contains(words, r.say(lang.PossibleDoubleDose)+": morphine") {
		t.Fatalf("the page says\n%s", words)
	}
	r.tap(r.say(lang.BackToMonitor)) // both were given: nothing is written
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 0 {
		t.Fatalf("leaving the page struck %d out", n)
	}
	r.toSettle()
	r.hold("HOLD: only 5 mg 09:32", 1100*time.Millisecond)
	struck := r.desk.Recorded(chart.TypeRetraction)
	if len(struck) != 1 || struck[0].Content.(*chart.Retraction).Of.Device == (chart.Device{0xde, 0x5c}) {
		t.Fatalf("struck out: %+v", struck)
	}
}

func TestWhatIsInDisputeOfOnePatientIsNotSettledForAnother(t *testing.T) {
	r := newRig(t, theme.Night, 1280, 800)
	r.apart(born("1985"), born("1958"))
	r.toSettle()
	page := r.page.(*settle)
	other := chart.ID{15: 2}
	r.desk.Add(rehearsal.Well(other), chart.Demographics{Label: "tag 2"})
	r.ask()
	r.turnTo(other)
	before := len(r.desk.Recorded())
	page.choose(0)
	r.settle()
	if got := len(r.desk.Recorded()); got != before {
		t.Errorf("%d entries were written for a patient who is not on screen", got-before)
	}
}
