package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// drugGiven is one dose in mg by vein.
func drugGiven(name, code string, milligrams int64) *chart.DrugGiven {
	n := vital.Int(milligrams)
	return &chart.DrugGiven{Drug: chart.Drug{Name: name, Code: code}, Dose: chart.Dose{Amount: &n, Unit: "mg", Route: "IV"}}
}

// put writes an entry of the patient on screen, so long ago.
func (r *rig) put(ago time.Duration, c chart.Content) ui.Recorded {
	r.t.Helper()
	done, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: r.On()[15]}, Happened: r.desk.Now().Add(-ago), Content: c})
	if err != nil {
		r.t.Fatal(err)
	}
	return done
}

// giving is what the page of a drug says, line by line.
func (r *rig) giving(shown string) (lines []string) {
	r.t.Helper()
	r.tap(r.say(lang.Drug))
	r.tap(shown)
	for _, t := range r.page.(*give).words.texts {
		lines = append(lines, t.Text)
	}
	return lines
}

// "Withdrawn tablet, not confirmed" is out of scores and totals and still in drug and
// allergy warnings: that is the design's rule.
func TestADoseOfAWithdrawnTabletIsStillTheLastDose(t *testing.T) {
	r := crew(t)
	r.desk.Apart(7, "Noor Abel", 4*time.Minute, ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Content: drugGiven("morphine", "", 5)})
	r.desk.Withdraw(7)
	if got := r.giving("MORphine")[1]; !strings.Contains(got, "5 mg") || !strings.Contains(got, "4 min ago") || !strings.Contains(got, "NOT CONFIRMED") {
		t.Errorf("four minutes after a dose charted on a withdrawn tablet the screen says %q", got)
	}
}

func TestALaterDoseOfAWithdrawnTabletHidesNoConfirmedOne(t *testing.T) {
	r := crew(t)
	r.put(10*time.Minute, drugGiven("morphine", "", 3))
	r.desk.Apart(7, "Noor Abel", 4*time.Minute, ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Content: drugGiven("morphine", "", 5)})
	r.desk.Withdraw(7)
	if got := r.giving("MORphine")[1]; !strings.Contains(got, "5 mg") || !strings.Contains(got, "3 mg") {
		t.Errorf("the screen says %q", got)
	}
}

// One drug has several names, and crews write the one on the button.
func TestADoseUnderAnotherNameOfTheDrugIsTheLastDose(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []*chart.DrugGiven // one a minute, the last one a minute ago
		shown string
		want  string
	}{
		{"the word on the button", []*chart.DrugGiven{drugGiven("aspirin", "", 300)}, "Aspirin", "300 mg"},
		{"the code alone", []*chart.DrugGiven{drugGiven("Epinephrine", "atc:c01ca24", 1)}, "ADRENaline", "1 mg"},
		{"a space more", []*chart.DrugGiven{drugGiven("tranexamic  acid", "", 900)}, "tranexamic acid", "900 mg"},
		{"joined by a code that the first entry lacks", []*chart.DrugGiven{drugGiven("Suprarenin", "", 2), drugGiven("Suprarenin", "ATC:C01CA24", 1)}, "ADRENaline", "1 mg"},
		{"two names, of which the second is later", []*chart.DrugGiven{drugGiven("acetylsalicylic acid", "", 100), drugGiven("aspirin", "", 300)}, "Aspirin", "300 mg"},
		{"two names, of which the first is later", []*chart.DrugGiven{drugGiven("aspirin", "", 300), drugGiven("acetylsalicylic acid", "", 100)}, "Aspirin", "100 mg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := crew(t)
			for i, g := range c.given {
				r.put(time.Duration(len(c.given)-i)*time.Minute, g)
			}
			if got := r.giving(c.shown)[1]; !strings.Contains(got, c.want+" ") || !strings.Contains(got, "1 min ago") {
				t.Errorf("the screen says %q, want %q of a minute ago", got, c.want)
			}
		})
	}
}

// The clock of the rehearsal says 09:31.
func TestTheLastDoseOfAnotherDayHasItsDay(t *testing.T) {
	r := crew(t)
	r.put(10*time.Hour, drugGiven("morphine", "", 5))
	if got := r.giving("MORphine")[1]; !strings.Contains(got, "2026-03-01 23:3") {
		t.Errorf("of a dose before midnight the screen says %q", got)
	}
}

// A dose that the record says is still to come was charted by a clock that is wrong:
// "0 s ago" would be a guess, and the dose before it hidden.
func TestADoseInTheFutureIsNotSaidToBeJustNow(t *testing.T) {
	r := crew(t)
	r.put(6*time.Minute, drugGiven("morphine", "", 3))
	r.put(-20*time.Minute, drugGiven("morphine", "", 5))
	got := r.giving("MORphine")[1]
	if strings.Contains(got, "0 s ago") || !strings.Contains(got, "clock") || !strings.Contains(got, "3 mg") {
		t.Errorf("of a dose 20 minutes ahead and one 6 minutes ago the screen says %q", got)
	}
}

func TestAnInfusionThatBeganIsToldAsOne(t *testing.T) {
	r := crew(t)
	n := vital.Dec(1, -1)
	r.put(7*time.Minute, &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Phase: chart.InfusionStarted, Dose: chart.Dose{Amount: &n, Unit: "ug/kg/min", Route: "IV"}})
	if got := r.giving("ADRENaline")[1]; !strings.Contains(got, "infusion started") || !strings.Contains(got, "microgram") {
		t.Errorf("the screen says %q", got)
	}
	r.home()
	r.put(time.Minute, &chart.DrugGiven{Drug: chart.Drug{Name: "morphine"}, Unknown: true, By: "bystander"})
	if got := r.giving("MORphine")[1]; !strings.Contains(got, "amount not known") {
		t.Errorf("of an unknown amount the screen says %q", got)
	}
}

// The button says Aspirin, the list acetylsalicylic acid (ATC B01AC06): whoever is
// allergic says aspirin. An allergy coded to a class is a prefix of its drugs' codes:
// ATC N02A is the opioids, N02AA01 morphine (WHO Collaborating Centre, ATC index).
func TestAnAllergyToTheNameOnTheButtonOrToItsClassMatches(t *testing.T) {
	for _, c := range []struct {
		item    chart.Named
		shown   string
		matches bool
	}{
		{chart.Named{Name: "aspirin"}, "Aspirin", true},
		{chart.Named{Name: "Aspirin 500"}, "Aspirin", true},
		{chart.Named{Name: "GTN"}, "GTN", true},
		{chart.Named{Name: "opioids", Code: "ATC:N02A"}, "MORphine", true},
		{chart.Named{Name: "Oramorph", Code: "atc:n02aa01"}, "MORphine", true},
		{chart.Named{Name: "opioids", Code: "ATC:N02A"}, "Aspirin", false},
		{chart.Named{Name: "latex"}, "Aspirin", false},
		{chart.Named{Name: "house dust", Code: "ATC:"}, "Aspirin", false},
		{chart.Named{Name: "no known allergies"}, "Aspirin", false},
	} {
		r := crew(t)
		added := r.put(time.Minute, &chart.AllergyAdded{Item: c.item})
		got := r.giving(c.shown)[2]
		if loud := r.page.(*give).words.texts[2].TextStyle.Bold; loud != c.matches {
			t.Errorf("%v and %s: the line stands out: %v", c.item, c.shown, loud)
		}
		if strings.HasPrefix(got, "ALLERGY TO THIS DRUG") != c.matches || !strings.Contains(got, c.item.Name) {
			t.Errorf("%v and %s: the screen says %q", c.item, c.shown, got)
		}
		r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
		despite := r.desk.Recorded(chart.TypeDrugGiven)[0].Content.(*chart.DrugGiven).Despite
		if c.matches != (len(despite) == 1 && despite[0] == added.Ref) {
			t.Errorf("%v and %s: given despite %v", c.item, c.shown, despite)
		}
	}
}

func TestOtherAllergiesAreNotCalledAllergiesToThisDrug(t *testing.T) {
	r := crew(t)
	r.put(time.Minute, &chart.AllergyAdded{Item: chart.Named{Name: "latex"}})
	r.put(time.Minute, &chart.AllergyAdded{Item: chart.Named{Name: "morphine"}})
	got := r.giving("MORphine")[2]
	this, others, _ := strings.Cut(got, "latex")
	if !strings.Contains(this, "ALLERGY TO THIS DRUG") || !strings.Contains(this, "morphine") || !strings.Contains(this, "Allergies:") || others != "" {
		t.Errorf("the screen says %q", got)
	}
}

func TestAWeightOfAnotherDayHasItsDay(t *testing.T) {
	r := crew(t)
	kg := vital.Int(31)
	r.put(26*time.Hour, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.Weight, Value: &kg}}})
	if got := r.giving("MORphine")[3]; !strings.Contains(got, "31 kg") || !strings.Contains(got, "2026-03-01 07:3") {
		t.Errorf("the screen says %q", got)
	}
}
