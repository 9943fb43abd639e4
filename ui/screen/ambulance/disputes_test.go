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
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

var onScreen = ui.Draft{Encounter: chart.ID{15: 1}, Patient: chart.ID{0: 9, 15: 1}}

// says is a draft of the patient on screen.
func says(c chart.Content) ui.Draft {
	d := onScreen
	d.Content = c
	return d
}

// apart is what this station and another wrote of one patient while away from each
// other: two names, two categories, whether to resuscitate, and a dose each.
func (r *rig) apart() {
	r.t.Helper()
	dose := vital.Int(1)
	given := &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Dose: chart.Dose{Amount: &dose, Unit: "mg", Route: "IV"}}
	for _, c := range []chart.Content{
		&chart.PatientIdentified{Who: chart.Demographics{Family: "Diallo"}},
		&chart.Triage{Scheme: "START", Category: "IMMEDIATE", Urgency: chart.Immediate},
		&chart.CodeStatus{Status: "full"}, given,
	} {
		if _, err := r.desk.Record(r.ctx, says(c)); err != nil {
			r.t.Fatal(err)
		}
	}
	for i, c := range []chart.Content{
		&chart.PatientIdentified{Who: chart.Demographics{Family: "Diarra"}},
		&chart.Triage{Scheme: "START", Category: "DELAYED", Urgency: chart.Urgent},
		&chart.CodeStatus{Status: "no CPR", Document: "seen"}, given,
	} {
		r.desk.Apart(7, "b.lindqvist", time.Duration(12-i)*time.Minute, says(c))
	}
	r.ask()
}

func (r *rig) openDisputes() {
	r.t.Helper()
	for _, k := range []lang.Key{lang.Trends, lang.Record, lang.InDoubt} {
		r.tap(r.say(k))
	}
}

// disputePages opens each page of what is in doubt, for the tests that walk them all.
func disputePages(r *rig, look func(name string)) {
	r.openDisputes()
	for range 4 {
		look("in doubt")
		r.tap(r.say(lang.NextPage))
	}
	r.tap(r.say(lang.ChartedTwice))
	look("double dose, found")
	r.tap(r.say(lang.OthersInDoubt))
	look("all in doubt")
	r.tap(r.say(lang.BackToMonitor))
}

func (r *rig) sees(words string) bool {
	return slices.ContainsFunc(r.texts(), func(t string) bool { return strings.Contains(t, words) })
}

func TestWhatIsInDoubtIsSaidOnTheBandAndSettledByAHold(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	if r.sees(r.speech.Say(lang.ToSettle, 4)) {
		t.Fatal("something is in doubt before anybody wrote")
	}
	r.apart()
	if !r.sees(r.speech.Say(lang.ToSettle, 4)) {
		t.Error("the band does not say how much is in doubt")
	}
	r.openDisputes()
	for _, words := range []string{"Diallo", "Diarra", "b.lindqvist", r.say(lang.HadNotSeen), r.say(lang.HadSeenNothing)} {
		if !r.sees(words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	before := len(r.desk.Recorded())
	r.run(30 * time.Second) // no clock settles
	r.settle()
	r.tap(r.say(lang.NextPage))
	r.tap(r.say(lang.PrevPage))
	if n := len(r.desk.Recorded()); n != before {
		t.Errorf("%d entries were written by nobody", n-before)
	}
	p := r.page.(*disputes)
	_, sides := p.shown()
	other := slices.IndexFunc(sides, func(s chart.Side) bool { return s.Value == "Diarra" })
	p.panels[other].hold.OnHeld() // which hold is which: TestAHoldSettlesTheSideAboveIt
	r.settle()
	r.settle() // it is read anew before it is written
	r.run(6 * time.Second)
	r.ask()
	who := r.desk.Recorded(chart.TypePatientIdentified)
	last := who[len(who)-1].Content.(*chart.PatientIdentified).Who
	if last.Family != "Diarra" || last.Given != "" {
		t.Errorf("settled as %+v", last)
	}
	if row, _ := r.row(r.on); row.Disputes != 3 || row.Who.Family != "Diarra" || len(row.InConflict) != 0 {
		t.Errorf("after settling, %d are in doubt and the name is %q", row.Disputes, row.Who.Family)
	}
}

func TestAHoldSettlesTheSideAboveItAndAShortTouchNothing(t *testing.T) {
	for _, long := range []time.Duration{700 * time.Millisecond, 1200 * time.Millisecond} {
		r := newRig(t, theme.Day, 1280, 800)
		r.run(time.Second)
		r.apart()
		r.openDisputes()
		p := r.page.(*disputes)
		_, sides := p.shown()
		before := len(r.desk.Recorded())
		r.hold(r.say(lang.HoldThisStands), long)
		r.settle() // it is read anew before it is written
		wrote := r.desk.Recorded()[before:]
		if long < time.Second {
			if len(wrote) != 0 {
				t.Errorf("a touch of %v settled", long)
			}
			continue
		}
		if len(wrote) != 1 || wrote[0].Content.(*chart.PatientIdentified).Who.Family != sides[0].Value || wrote[0].Encounter != onScreen.Encounter {
			t.Errorf("the hold under %q wrote %+v", sides[0].Value, wrote)
		}
	}
}

// Two entries disagree on a name and a year of birth: the second page stays when the
// record is read again, and no finger goes from one field to the other.
func TestThePageOfASecondFieldStaysThoughTheSameTwoEntriesDisagreeOnBoth(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	if _, err := r.desk.Record(r.ctx, says(&chart.PatientIdentified{Who: chart.Demographics{Family: "Diallo", Birth: "1950"}})); err != nil {
		t.Fatal(err)
	}
	r.desk.Apart(7, "b.lindqvist", 12*time.Minute, says(&chart.PatientIdentified{Who: chart.Demographics{Family: "Diarra", Birth: "1961"}}))
	r.ask()
	r.openDisputes()
	p := r.page.(*disputes)
	first, _ := p.shown()
	r.tap(r.say(lang.NextPage))
	second, _ := p.shown()
	if first.Name == second.Name || first.Matter != chart.AboutField || second.Matter != chart.AboutField {
		t.Fatalf("the pages are of %q and %q", first.Name, second.Name)
	}
	r.run(12 * time.Second) // read again
	r.settle()
	if now, _ := p.shown(); now.Name != second.Name {
		t.Errorf("the page of %q became that of %q by itself", second.Name, now.Name)
	}
	before := len(r.desk.Recorded())
	lift := uitest.Press(t, r.Object(), r.say(lang.HoldThisStands))
	r.Frame(r.desk.Now())
	r.run(600 * time.Millisecond)
	p.at = slices.IndexFunc(p.all, func(l leaf) bool { return l.Name == first.Name })
	r.run(600 * time.Millisecond)
	lift()
	r.settle()
	if n := len(r.desk.Recorded()); n != before {
		t.Error("a finger that rested on one field settled the other")
	}
}

// A second dose may be doubled by two others: each pair has a page that stays.
func TestThePageOfASecondPairOfDosesStays(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	dose := vital.Int(1)
	given := &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Dose: chart.Dose{Amount: &dose, Unit: "mg", Route: "IV"}}
	for i := range byte(3) {
		r.desk.Apart(7+i, "b.lindqvist", time.Duration(12-i)*time.Minute, says(given))
	}
	r.ask()
	r.openDisputes()
	r.tap(r.say(lang.NextPage))
	p := r.page.(*disputes)
	was := p.at
	r.run(12 * time.Second)
	r.settle()
	if l, _ := p.shown(); l.Matter != chart.AboutDoses || p.at != was {
		t.Errorf("the page of one pair became that of another by itself")
	}
}

// What comes while the finger rests was seen by nobody, and the hold must not settle it.
func TestASideThatCameSinceThePageWasReadIsNotSettledUnseen(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.apart()
	r.openDisputes()
	p := r.page.(*disputes)
	before := len(r.desk.Recorded())
	r.desk.Apart(8, "c.moreau", time.Minute, says(&chart.PatientIdentified{Who: chart.Demographics{Family: "Diop"}}))
	p.panels[0].hold.OnHeld()
	r.settle()
	r.settle()
	for _, e := range r.desk.Recorded()[before:] {
		if id, ok := e.Content.(*chart.PatientIdentified); ok && id.How != "" {
			t.Errorf("settled on %q by somebody who had not seen that a third says Diop", id.Who.Family)
		}
	}
	if len(r.faults) != 1 || !strings.Contains(r.faults[0].text, r.say(lang.LookAgain)) {
		t.Errorf("the person is told %+v", r.faults)
	}
	r.run(2 * time.Second)
	r.settle()
	if !r.sees("Diop") {
		t.Error("the third side is not on the page")
	}
	r.hold(r.say(lang.HoldThisStands), 1200*time.Millisecond) // now all three are in sight
	r.settle()
	if got := r.desk.Recorded(chart.TypePatientIdentified); got[len(got)-1].Content.(*chart.PatientIdentified).How == "" {
		t.Error("with all sides in sight it cannot be settled")
	}
}

// What the finger rests on must not become another matter under it.
func TestAHoldIsBrokenOffWhenTheMatterChangesUnderTheFinger(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.apart()
	r.openDisputes()
	p := r.page.(*disputes)
	_, sides := p.shown()
	r.run(4600 * time.Millisecond)
	before := len(r.desk.Recorded())
	if _, err := r.desk.Record(r.ctx, says(sides[1].Settles())); err != nil { // somebody else settles it
		t.Fatal(err)
	}
	lift := uitest.Press(t, r.Object(), r.say(lang.HoldThisStands))
	r.run(500 * time.Millisecond) // the record is read again
	r.settle()
	r.run(1200 * time.Millisecond)
	lift()
	r.settle()
	if n := len(r.desk.Recorded()) - before; n != 1 {
		t.Errorf("%d entries were written, one of them by the other", n)
	}
}

func TestADoubleDoseIsLookedAtWithWhatWasFoundAndItsAlertStays(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.apart()
	r.openDisputes()
	for range 3 {
		r.tap(r.say(lang.NextPage))
	}
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldLookedAt), 1200*time.Millisecond) // nothing found yet: it cannot be said
	if len(r.desk.Recorded()) != before {
		t.Fatal("a double dose was acknowledged without a reason")
	}
	r.tap(r.say(lang.BothGiven))
	r.hold(r.say(lang.HoldLookedAt), 1200*time.Millisecond)
	r.settle()
	wrote := r.desk.Recorded()[before:]
	if len(wrote) != 1 || wrote[0].Content.(*chart.DoseReviewed).Found != "both given" {
		t.Fatalf("wrote %+v", wrote)
	}
	r.run(6 * time.Second)
	r.ask()
	if row, _ := r.row(r.on); row.DoubleDoses != 1 || row.Disputes != 3 {
		t.Errorf("the row has %d double doses and %d to settle", row.DoubleDoses, row.Disputes)
	}
	if !r.sees(r.say(lang.PossibleDoubleDose)) {
		t.Error("the alert of a double dose is gone")
	}
}

func TestAPageOfOnePatientSettlesNothingForAnother(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.apart()
	r.openDisputes()
	p := r.page.(*disputes)
	r.on = chart.ID{15: 2} // as if another patient had come onto the screen under the finger
	before := len(r.desk.Recorded())
	p.settle(0)
	r.settle()
	r.settle()
	if len(r.desk.Recorded()) != before || len(r.faults) == 0 {
		t.Error("it was recorded, or nobody was told that it was not")
	}
}
