package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// shown is the encounter that another team's ambulance shows this crew.
var shownBy = chart.ID{15: 70}

// lends has another team's ambulance show the crew its patient.
func (r *rig) lends(l chart.Lent) {
	r.t.Helper()
	d := ui.Draft{Encounter: shownBy, Patient: chart.ID{0: 9, 15: 70}, Happened: r.desk.Now().Add(-20 * time.Minute)}
	for _, c := range []chart.Content{
		&chart.EncounterOpened{Setting: "ambulance"},
		&chart.PatientRegistered{Who: chart.Demographics{Given: "Ngozi", Family: "Okonkwo", Sex: chart.Female, Age: "58 a"}},
		&chart.Note{Text: "found on the ridge, hypothermic"},
	} {
		d.Content = c
		r.desk.Elsewhere(chart.Device{77}, d)
	}
	r.desk.Lend(shownBy, &l)
	r.ask()
}

func (r *rig) live() chart.Lent {
	return chart.Lent{
		By: "AMB-7", Team: "Valley EMS", Until: chart.At(r.desk.Now().Add(5 * time.Hour)), Heard: chart.At(r.desk.Now()), Live: true,
		Writers: []chart.LentWriter{{Device: chart.Device{77}, CallSign: "AMB-7"}},
	}
}

func TestAnotherTeamsPatientIsReadAndNothingIsOfferedToWrite(t *testing.T) {
	r := crew(t)
	mine := r.On()
	r.lends(r.live())
	if r.On() != mine {
		t.Fatal("another team's patient came on screen by itself")
	}
	r.tap("tag 0417") // the band: the list of patients
	all := strings.Join(r.texts(), "\n")
	if !strings.Contains(all, "SHARED BY AMB-7, Valley EMS until") {
		t.Errorf("the list does not say whose the patient is: %s", all)
	}
	r.tap("Ngozi OKONKWO")
	r.run(1100 * time.Millisecond)
	r.settle()
	all = strings.Join(r.texts(), "\n")
	for _, want := range []string{"SHARED BY AMB-7, Valley EMS until", "found on the ridge, hypothermic", "AMB-7"} {
		if !strings.Contains(all, want) {
			t.Errorf("the record does not say %q: %s", want, all)
		}
	}
	if strings.Contains(all, r.say(lang.CorrectWord)) || strings.Contains(all, r.say(lang.FromUnknown)) {
		t.Errorf("it offers a correction, or does not know who wrote: %s", all)
	}
	// The monitor's tiles would say "not measured": it is never shown for such a patient.
	r.home()
	r.settle()
	if _, ok := r.page.(*timeline); !ok {

		t.Errorf("the monitor of another team's patient is shown: %s", strings.Join(r.texts(), "\n"))
	}
	before := len(r.desk.Recorded())
	r.record("a note", shownBy, &chart.Note{Text: "landed"}, nil)
	r.settle()
	if len(r.desk.Recorded()) != before {
		t.Error("the screen records of another team's patient")
	}
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, "only read here") {
		t.Errorf("it does not say why nothing was recorded: %s", all)
	}
	r.tap(r.say(lang.BackToMonitor))
	if _, ok := r.page.(*monitor); !ok || r.On() != mine {
		t.Error("the way back does not lead to this crew's own patient")
	}
}

func TestThatNothingMoreComesOfAnotherTeamsPatientIsSaid(t *testing.T) {
	r := crew(t)
	for _, row := range []struct {
		change func(*chart.Lent)
		want   string
	}{
		{func(l *chart.Lent) { l.Live, l.Heard = false, chart.At(r.desk.Now().Add(-3*time.Minute)) }, "NOT UPDATED SINCE " + r.desk.Now().Add(-3*time.Minute).Local().Format("15:04")},
		{func(l *chart.Lent) { l.Live, l.Over, l.Heard = false, true, chart.At(r.desk.Now().Add(-50*time.Hour)) }, "NOT UPDATED SINCE " + r.desk.Now().Add(-50*time.Hour).Local().Format("2006-01-02 15:04")},
		{func(l *chart.Lent) { l.Live, l.Heard = false, 0 }, "NOTHING READ YET"},
		{func(l *chart.Lent) { *l = chart.Lent{Over: true} }, "another team"},
	} {
		l := r.live()
		row.change(&l)
		r.lends(l)
		got, _ := r.row(shownBy)
		if words := r.about(got); !strings.Contains(words, row.want) {
			t.Errorf("it is said %q, want %q in it", words, row.want)
		}
	}
}

func TestAnotherTeamsPatientIsNobodysTaskHere(t *testing.T) {
	r := crew(t)
	r.lends(r.live())
	rows := []chart.Row{{Encounter: shownBy, Status: chart.Open, Disputes: 2, Doubts: 1, Lent: &chart.Lent{}}}
	if len(inDoubt(rows)) > 0 || len(casualties(rows)) > 0 || len(own(rows)) > 0 {
		t.Error("another team's patient is counted among those whom this crew settles or sorts")
	}
	if strings.Contains(r.about(rows[0]), r.speech.Say(lang.ToSettle, 2)) {
		t.Error("this crew is asked to settle another team's record")
	}
	for _, p := range picksOf(chart.Row{Encounter: chart.ID{1}}, []chart.Row{{Encounter: shownBy, Patient: chart.ID{2}, Lent: &chart.Lent{}}}) {
		if p.row.Lent != nil {
			t.Error("another team's patient is offered to be joined with this team's")
		}
	}
	// A fresh screen puts nobody else's patient before a crew.
	r.rowsOnly(rows)
}

func (r *rig) rowsOnly(rows []chart.Row) {
	r.t.Helper()
	r.on, r.station.Monitors, r.Screen.rows = chart.ID{}, nil, rows
	r.choose()
	if r.on != (chart.ID{}) {
		r.t.Error("another team's patient is the first on screen")
	}
}

// lentPages opens the pages of another team's patient, for the tests that walk them all.
func lentPages(r *rig, look func(name string)) {
	r.lends(r.live())
	r.turnTo(shownBy)
	r.settle()
	look("shared by another team")
	r.tap(r.say(lang.Trends))
	r.settle()
	look("shared by another team, trends")
	r.desk.Lend(shownBy, &chart.Lent{By: "AMB-7", Team: "Valley EMS", Over: true, Heard: chart.At(r.desk.Now().Add(-50 * time.Hour))})
	r.ask()
	r.turnTo(shownBy)
	r.settle()
	look("no longer shared by another team")
	r.tap(r.say(lang.BackToMonitor))
	r.ask()
}
