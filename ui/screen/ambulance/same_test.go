package ambulance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// others are three more patients of the station: one of the same age as the unknown
// one with an allergy, one of another sex, and a stranger.
func (r *rig) others() {
	r.t.Helper()
	for i, who := range []chart.Demographics{
		{Given: "Marc", Family: "Okoro", Sex: chart.Male, Age: "31 a"},
		{Given: "Awa", Family: "Diallo", Sex: chart.Female, Birth: "1962-03-09", Age: "64 a", Identifiers: []chart.Identifier{{System: "camp card", Value: "K-0917"}}},
		{Given: "Jon", Family: "Sund", Sex: chart.Male, Age: "64 a"},
	} {
		n := byte(40 + i)
		d := ui.Draft{Encounter: chart.ID{15: n}, Patient: chart.ID{0: 9, 15: n}, Happened: r.desk.Now().Add(time.Duration(i-200) * time.Minute)}
		contents := []chart.Content{&chart.EncounterOpened{Setting: "clinic"}, &chart.PatientRegistered{Who: who}}
		if i == 1 {
			contents = append(contents, &chart.AllergyAdded{Item: chart.Named{Name: "penicillin"}})
		}
		for _, c := range contents {
			d.Content = c
			if _, err := r.desk.Record(r.ctx, d); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	r.ask()
}

func (r *rig) openSame() {
	r.t.Helper()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.SamePerson))
	r.run(1100 * time.Millisecond)
	r.settle()
}

// join joins the patient on screen to another, and waits until nothing is said of it.
func (r *rig) join(name string) {
	r.t.Helper()
	r.openSame()
	r.tap(name)
	r.settle()
	r.hold(r.say(lang.HoldJoin), 1200*time.Millisecond)
	r.settle()
	r.ask()
	r.run(11 * time.Second)
	r.ask()
}

// samePages opens each page of joining and parting, for the tests that walk them all.
func samePages(r *rig, look func(name string)) {
	r.others()
	r.openSame()
	look("same")
	r.tap("Awa DIALLO")
	r.settle()
	look("join")
	r.hold(r.say(lang.HoldJoin), 1200*time.Millisecond)
	r.settle()
	r.ask()
	r.openSame()
	look("same, joined")
	r.tap(r.say(lang.JoinedWord)[:4])
	r.settle()
	look("part")
	r.tap(r.say(lang.BackToMonitor))
}

func TestTwoRecordsOfOnePersonAreJoinedInOneCommitAndPartedAgain(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.others()
	r.openSame()
	// Of the three, Sund says the same sex and age, Diallo the age and another sex,
	// Okoro another age: the likest first.
	var names []string
	for _, p := range r.page.(*same).picks {
		names = append(names, p.row.Who.Family)
	}
	if want := []string{"Sund", "Diallo", "Okoro"}; !slices.Equal(names, want) {
		t.Errorf("offered are %v, want %v", names, want)
	}
	r.tap("Awa DIALLO")
	r.settle()
	for _, words := range []string{"penicillin", "1962-03-09", "K-0917", "tag 0417", "THEY DIFFER", r.say(lang.FieldSexWord)} {
		if !r.sees(words) {
			t.Errorf("the page does not say %q: %q", words, r.texts())
		}
	}
	before := len(r.desk.Recorded())
	r.hold(r.say(lang.HoldJoin), 600*time.Millisecond)
	if len(r.desk.Recorded()) != before {
		t.Fatal("a short touch joined them")
	}
	r.hold(r.say(lang.HoldJoin), 1200*time.Millisecond)
	r.settle()
	wrote := r.desk.Recorded()[before:]
	if len(wrote) != 2 || wrote[0].Encounter != r.on || wrote[1].Encounter != (chart.ID{15: 41}) {
		t.Fatalf("written were %+v", wrote)
	}
	me, other := chart.ID{0: 9, 15: 1}, chart.ID{0: 9, 15: 41}
	for i, e := range wrote {
		if m, ok := e.Content.(*chart.PatientsMerged); !ok || m.From != me || m.Into != other || e.Patient != [...]chart.ID{me, other}[i] {
			t.Errorf("entry %d is %+v of %v", i, e.Content, e.Patient)
		}
	}
	r.ask()
	r.openSame()
	r.tap("JOINED: Awa DIALLO")
	r.settle()
	r.hold(r.say(lang.HoldPart), 1200*time.Millisecond)
	if len(r.desk.Recorded()) != before+2 {
		t.Fatal("they were parted without a reason")
	}
	r.tap(r.say(lang.WhyWrongRecord))
	r.hold(r.say(lang.HoldPart), 1200*time.Millisecond)
	r.settle()
	wrote = r.desk.Recorded()[before+2:]
	if len(wrote) != 2 || wrote[0].Encounter != r.on || wrote[1].Encounter != (chart.ID{15: 41}) {
		t.Fatalf("written were %+v", wrote)
	}
	if u, ok := wrote[1].Content.(*chart.PatientsUnmerged); !ok || u.From != me || u.Into != other || u.Why != "wrong record chosen" {
		t.Errorf("parted by %+v", wrote[1].Content)
	}
	r.ask()
	r.openSame()
	for _, p := range r.page.(*same).picks {
		if p.joined != nil {
			t.Error("they are still joined")
		}
	}
}

func TestNothingIsJoinedForAnotherPatientNorUnread(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.others()
	r.openSame()
	r.tap("Awa DIALLO")
	r.settle()
	p := r.page.(*pair)
	before := len(r.desk.Recorded())
	try := func(what string) {
		t.Helper()
		p.write()
		r.settle()
		if len(r.desk.Recorded()) != before {
			t.Fatalf("it was written although %s", what)
		}
	}
	on := r.on
	r.on = chart.ID{15: 2}
	try("another patient is on screen")
	if len(r.faults) != 1 {
		t.Error("nobody was told why not")
	}
	r.on = on
	read := p.other.chart
	p.other.chart = nil
	try("the other record was not read")
	p.other.chart, p.other.err = read, errors.New("the disk is gone")
	try("the other record could not be read again")
	p.other.err = nil
	r.desk.Fail(&ui.Trouble{What: "the disk is full"})
	try("the disk is full")
	if len(r.faults) != 2 || !strings.Contains(r.faults[1].text, "the disk is full") {
		t.Error("nobody was told that it is not recorded")
	}
	r.desk.Fail(nil)
	r.run(2 * time.Second)
	r.settle()
	if !p.ready() {
		t.Error("it cannot be tried again")
	}
	rows := r.rows
	for i := range rows {
		if rows[i].Encounter == p.other.of {
			rows[i].Patient = chart.ID{1}
		}
	}
	try("the other encounter is another patient's meanwhile")
}

func TestAHoldDoesNotGoOnWhenWhatIsComparedChanges(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.others()
	r.openSame()
	r.tap("Awa DIALLO")
	r.settle()
	p := r.page.(*pair)
	before := len(r.desk.Recorded())
	lift := uitest.Press(t, r.Object(), r.say(lang.HoldJoin))
	r.run(600 * time.Millisecond)
	d := ui.Draft{Encounter: p.other.of, Patient: p.pick.row.Patient, Content: &chart.PatientIdentified{Who: chart.Demographics{Birth: "1991-01-01"}}}
	if _, err := r.desk.Record(r.ctx, d); err != nil {
		t.Fatal(err)
	}
	p.other.asked = time.Time{} // it is read again now
	r.settle()
	r.run(900 * time.Millisecond)
	lift()
	r.settle()
	if n := len(r.desk.Recorded()) - before; n != 1 || !r.sees("1991-01-01") {
		t.Errorf("%d entries were written while what a finger rested on changed", n)
	}
}

func TestWhatTwoRecordsSayOfAPersonIsComparedFieldByField(t *testing.T) {
	id := func(v string) []chart.Identifier { return []chart.Identifier{{System: "card", Value: v}} }
	for _, c := range []struct {
		name         string
		a, b         chart.Demographics
		differ, same string
	}{
		{"nothing is known of one", chart.Demographics{Family: "Diallo", Sex: chart.Female}, chart.Demographics{Label: "tag 1"}, "", ""},
		{"labels tell nobody apart", chart.Demographics{Label: "tag 1"}, chart.Demographics{Label: "tag 2"}, "", ""},
		{"an unknown sex is no sex", chart.Demographics{Sex: chart.UnknownSex}, chart.Demographics{Sex: chart.Male}, "", ""},
		{"case and spaces do not count", chart.Demographics{Family: "de  la Cruz"}, chart.Demographics{Family: "De La Cruz "}, "", "family"},
		{"a year of birth may be of that day", chart.Demographics{Birth: "1958"}, chart.Demographics{Birth: "1958-03-09"}, "", ""},
		{"two days of birth", chart.Demographics{Birth: "1958-03-10"}, chart.Demographics{Birth: "1958-03-09"}, "birth", ""},
		{"two cards of one system", chart.Demographics{Identifiers: id("1")}, chart.Demographics{Identifiers: id("2")}, "id:card", ""},
		{"one card", chart.Demographics{Identifiers: id("1"), Sex: chart.Male}, chart.Demographics{Identifiers: id("1"), Sex: chart.Female}, "sex", "id:card"},
	} {
		for _, turned := range []bool{false, true} {
			a, b := c.a, c.b
			if turned {
				a, b = b, a
			}
			differ, same := compared(a, b)
			words := func(fields []chart.Field) string {
				var all []string
				for _, f := range fields {
					all = append(all, string(f))
				}
				return strings.Join(all, " ")
			}
			if words(differ) != c.differ || words(same) != c.same {
				t.Errorf("%s: differ %v, same %v", c.name, differ, same)
			}
		}
	}
}

func TestNobodyOfAnotherTeamNorATraineesPatientIsOffered(t *testing.T) {
	own := chart.Row{Encounter: chart.ID{1}, Patient: chart.ID{11}, Team: "north"}
	rows := []chart.Row{
		own,
		{Encounter: chart.ID{2}, Patient: chart.ID{11}, Team: "north"}, // another visit of theirs
		{Encounter: chart.ID{3}, Patient: chart.ID{12}, Team: "south"},
		{Encounter: chart.ID{4}, Patient: chart.ID{13}, Team: "north", Demo: true},
		{Encounter: chart.ID{5}, Team: "north"}, // nobody yet
		{Encounter: chart.ID{6}, Patient: chart.ID{14}, Team: "north"},
		{Encounter: chart.ID{7}, Patient: chart.ID{14}, Team: "north"},
	}
	if got := picksOf(own, rows); len(got) != 1 || got[0].row.Encounter != (chart.ID{6}) {
		t.Errorf("offered are %+v", got)
	}
	own.Patient = chart.ID{}
	if got := picksOf(own, rows); got != nil {
		t.Errorf("to nobody are offered %+v", got)
	}
	own.Patient = chart.ID{11}
	own.Links = []chart.Link{{From: chart.ID{99}, Into: chart.ID{11}, Ref: chart.Ref{Seq: 1}}}
	if got := picksOf(own, rows); len(got) != 2 || got[0].joined == nil || got[0].row.Patient != (chart.ID{99}) || got[0].row.Encounter != (chart.ID{}) {
		t.Errorf("joined to a record that is not here: %+v", got)
	}
}
