package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
)

// unknownPerson is an unknown patient on screen, and the page of age and sex.
func unknownPerson(t *testing.T) (*rig, *person) {
	r := crew(t)
	r.tap(r.say(lang.NewPatient))
	r.ask()
	r.tap(r.frame.band.Who())
	r.tap(r.say(lang.PersonWord))
	return r, r.page.(*person)
}

// A child nobody has named is watched and scored as a child once the crew says how old it
// looks: National PEWS, 13 to 35 months are the chart of 1 to 4 years.
func TestAChildNobodyHasNamedIsWatchedAsAChild(t *testing.T) {
	r, p := unknownPerson(t)
	if all := strings.Join(p.words.texts, " "); !strings.Contains(all, "adult limits, age unknown") {
		t.Errorf("before the page says %q", all)
	}
	r.tap(r.say(lang.FemaleWord))
	r.tap(r.say(lang.Months))
	r.tap("1")
	r.tap("8")
	if all := strings.Join(p.words.texts, " "); !strings.Contains(all, "18 months") || !strings.Contains(all, "limits for 1-4 years") {
		t.Errorf("typed, the page says %q", all)
	}
	r.tap(r.say(lang.RecordIt))
	r.ask()
	wrote := r.desk.Recorded(chart.TypePatientIdentified)
	if len(wrote) != 1 || wrote[0].Encounter != r.On() {
		t.Fatalf("on record: %v", wrote)
	}
	if d := wrote[0].Content.(*chart.PatientIdentified).Who; d.Sex != chart.Female || d.Age != "18 mo" || d.Label != "" {
		t.Errorf("recorded %+v", d)
	}
	if got := r.frame.band.Who(); !strings.HasPrefix(got, "Unknown 09:31") || !strings.HasSuffix(got, "F  18 months") {
		t.Errorf("the band says %q", got)
	}
	r.tap(r.say(lang.RecordIt)) // a second tap has nothing to record
	if n := len(r.desk.Recorded(chart.TypePatientIdentified)); n != 1 {
		t.Errorf("%d entries are on record", n)
	}
	r.tap(r.say(lang.TookBack))
	r.ask()
	if got := r.frame.band.Who(); !strings.HasSuffix(got, "age unknown") {
		t.Errorf("taken back, the band says %q", got)
	}
}

func TestNoImpossibleAgeCanBeTyped(t *testing.T) {
	for _, c := range []struct {
		unit lang.Key
		keys string
		want string
	}{{lang.Years, "120", "120 a"}, {lang.Years, "121", "12 a"}, {lang.Months, "37", "3 mo"}, {lang.Weeks, "104", "104 wk"}, {lang.DaysOld, "61", "6 d"}, {lang.Years, "0", "0 a"}, {lang.Years, "007", "7 a"}, {lang.Years, "", ""}} {
		r, p := unknownPerson(t)
		r.tap(r.say(c.unit))
		for _, key := range c.keys {
			p.press(string(key))
		}
		if got := p.said().Age; got != c.want {
			t.Errorf("%s %q is %q, want %q", c.unit, c.keys, got, c.want)
		}
		_ = r
	}
	_, p := unknownPerson(t)
	p.press("6")
	p.press("4")
	p.unit = 1 // months
	p.press("")
	if got := p.said().Age; got != "" {
		t.Errorf("64 in months became %q", got)
	}
}

func TestAnAgeIsNotRecordedForAnotherPatient(t *testing.T) {
	r, p := unknownPerson(t)
	p.press("7")
	r.on = chart.ID{15: 1} // as if the patient changed under the finger
	p.write()
	r.settle()
	if n := len(r.desk.Recorded(chart.TypePatientIdentified)); n != 0 {
		t.Errorf("%d entries went to another patient", n)
	}
}

func TestWhatStandsIsNotRecordedAgain(t *testing.T) {
	r := crew(t)
	r.tap(r.frame.band.Who())
	r.tap(r.say(lang.PersonWord))
	r.tap(r.say(lang.MaleWord))
	r.tap("6")
	r.tap("4")
	r.tap(r.say(lang.RecordIt))
	r.run(time.Second)
	if n := len(r.desk.Recorded(chart.TypePatientIdentified)); n != 0 {
		t.Errorf("64 years and male, as it stands, were recorded %d times", n)
	}
}
