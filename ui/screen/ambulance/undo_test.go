package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

func TestADoseIsTakenBackWithinTenSecondsAndOnce(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.TookBack))
	r.tap(r.say(lang.TookBack))
	back := r.desk.Recorded(chart.TypeRetraction)
	if len(back) != 1 || back[0].Content.(*chart.Retraction).Of != r.desk.Recorded(chart.TypeDrugGiven)[0].Ref || back[0].Encounter != r.On() {
		t.Fatalf("taken back: %+v", back)
	}
}

func TestWhatOnePageTookBackAnotherDoesNotAgain(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.EventIV))
	r.tap(r.say(lang.Undo))
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.TookBack))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 1 {
		t.Errorf("%d retractions of one event", n)
	}
}

func TestAnActOfOnePatientIsNotTakenBackFromAnothersPage(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.EventIV))
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.NewPatient))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.TookBack))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 0 {
		t.Errorf("%d retractions from another patient's page", n)
	}
	if got := r.frame.bar.Notice().Text; strings.Contains(got, "NOT RECORDED") {
		t.Errorf("a button that does nothing says %q", got)
	}
}

// A score is two entries, written a moment apart by a clock that runs.
func TestTheEntriesOfOneTapAreTakenBackTogether(t *testing.T) {
	r := crew(t)
	now := r.desk.Now()
	ref := func(n uint64) ui.Recorded { return ui.Recorded{Ref: chart.Ref{Seq: n}} }
	r.did(r.On(), "NEWS2", now, &chart.Vitals{}, ref(1))
	r.did(r.On(), "NEWS2", now.Add(300*time.Microsecond), &chart.Assessment{}, ref(2))
	if len(r.last.refs) != 2 {
		t.Errorf("the act has %d entries", len(r.last.refs))
	}
	r.did(r.On(), "NEWS2", now.Add(2*time.Second), &chart.Assessment{}, ref(3))
	if len(r.last.refs) != 1 {
		t.Errorf("the next act has %d entries", len(r.last.refs))
	}
}
