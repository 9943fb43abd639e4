package ambulance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

func (r *rig) ends(how lang.Key) {
	r.t.Helper()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.EndRun))
	r.tap(r.say(how))
	r.hold(r.say(lang.HoldToEnd), 1100*time.Millisecond)
	r.settle()
}

func TestARunWithoutAPatientIsEndedByOneTapAndAHoldAndSaysWhy(t *testing.T) {
	for _, c := range []struct {
		how       lang.Key
		why, code string
	}{
		{lang.EndEnRoute, "Cancelled Prior to Arrival at Scene", "NEMSIS:4227005"},
		{lang.EndOnScene, "Cancelled on Scene", "NEMSIS:4227003"},
		{lang.EndNoneFound, "No Patient Found", "NEMSIS:4227009"},
		{lang.EndMistake, "opened by mistake", ""},
	} {
		r := crew(t)
		r.ends(c.how)
		got := r.desk.Recorded(chart.TypeEncounterStoodDown)
		if len(got) != 1 || got[0].Encounter != r.On() || got[0].Content.(*chart.EncounterStoodDown).Why != c.why || got[0].Content.(*chart.EncounterStoodDown).Code != c.code {
			t.Fatalf("on record: %+v", got)
		}
		if want := "ENDED: " + r.say(c.how); !r.says(want) {
			t.Errorf("nothing says %q", want)
		}
		r.tap(r.say(lang.BackToMonitor))
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.IncidentBoard))
		if counted := c.how != lang.EndMistake; strings.Contains(r.page.(*incident).cells[0].Said().Title, "tag 0417") != counted {
			t.Errorf("%s: on the board: %v, want %v", c.why, !counted, counted)
		}
	}
}

func TestADeathOnSceneClosesTheEncounterAndIsNotStoodDown(t *testing.T) {
	r := crew(t)
	r.ends(lang.EndDead)
	got := r.desk.Recorded(chart.TypeEncounterClosed)
	if len(got) != 1 || got[0].Content.(*chart.EncounterClosed).Outcome != "died" {
		t.Fatalf("on record: %+v", got)
	}
}

func TestARunThatEndedDoesNotEndTwiceAndIsTakenBackWithinTenSeconds(t *testing.T) {
	r := crew(t)
	r.ends(lang.EndNoneFound)
	r.tap(r.say(lang.EndOnScene))
	r.hold(r.say(lang.HoldToEnd), 1100*time.Millisecond)
	if n := len(r.desk.Recorded(chart.TypeEncounterStoodDown)); n != 1 {
		t.Errorf("it ended %d times", n)
	}
	r.tap(r.say(lang.TookBack))
	r.ask()
	if row, _ := r.row(r.On()); row.Status != chart.Open {
		t.Errorf("taken back, the encounter is %q", row.Status)
	}
}

func TestARunWithCareOnRecordIsNotEndedWithoutAWordOfIt(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.EndRun))
	r.tap(r.say(lang.EndNoneFound))
	r.settle()
	if !r.says("But care of a patient is on this record") {
		t.Errorf("the page says %q", r.texts())
	}
}

// The codes and words are those of the published schema.
func TestTheWordsOfARunWithoutAPatientAreThoseOfNEMSIS(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(foreign.Dir(t, "clinical", "nemsis", "XSDs", "NEMSIS_EMS_XSDs", "eDisposition_v3.xsd")))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range ends {
		_, code, _ := strings.Cut(e.code, ":")
		if code == "" {
			continue
		}
		_, rest, found := strings.Cut(string(b), `value="`+code+`"`)
		words, _, _ := strings.Cut(rest, "</xs:documentation>")
		if !found || !e.patient && !strings.HasSuffix(words, ">"+e.word) {
			t.Errorf("%s: %q is not in the schema as that", code, e.word)
		}
	}
}

func TestARunIsNotEndedForAPatientWhomAnotherVehicleHasTakenOver(t *testing.T) {
	r := crew(t)
	e := r.handOn()
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: r.On(), Content: &chart.HandoverAccepted{Of: e.Ref}})
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.EndRun))
	page := r.page.(*ending)
	page.chosen = len(ends) - 1 // tapped in the moment before the word came
	page.write()
	r.settle()
	if n := len(r.desk.Recorded(chart.TypeEncounterClosed)); n != 0 {
		t.Error("the encounter is closed while the other vehicle cares on")
	}
	if !r.says("WITH AMB-3 since 09:31") {
		t.Errorf("the page says %q", r.texts())
	}
}
