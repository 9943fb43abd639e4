package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
)

func TestTheOnsetIsSetByTapsAndIsTheHandoversTime(t *testing.T) {
	r := crew(t)
	now := r.desk.Now()
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.OnsetWord))
	r.tap(r.speech.Say(lang.HoursEarlier, 1))
	r.tap(r.speech.Say(lang.MinutesLater, 5)) // with the half hour it begins with, 85 min
	r.tap(r.say(lang.RecordIt))
	want := now.Add(-85 * time.Minute).Truncate(time.Minute)
	got := r.desk.Recorded(chart.TypeEvent)
	if len(got) != 1 || got[0].Content.(*chart.Event).Name != "onset" || !got[0].Happened.Equal(want) {
		t.Fatalf("on record: %v, want the onset at %v", got, want)
	}
	entries, err := r.desk.Entries(t.Context(), r.On())
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(r.On())
	fold.Add(entries...)
	var told []string
	for _, i := range handover.Compose(fold.Chart(), handover.ATMIST, r.desk.Now()) {
		told = append(told, i.Text)
	}
	if !strings.Contains(strings.Join(told, "\n"), "onset at 08:06") {
		t.Errorf("the handover tells %q", told)
	}
}

func TestLastKnownWellMayBeYesterdayAndTheDayIsSaid(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.LastKnownWell))
	r.tap(r.speech.Say(lang.HoursEarlier, 6))
	r.tap(r.speech.Say(lang.HoursEarlier, 6))
	if !r.says("2026-03-01") {
		t.Errorf("the page says %q", r.texts())
	}
	r.tap(r.say(lang.RecordIt))
	if got := r.desk.Recorded(chart.TypeEvent); len(got) != 1 || got[0].Content.(*chart.Event).Name != "last known well" || got[0].Happened.Day() != 1 {
		t.Errorf("on record: %v", got)
	}
}

func TestNothingBeginsInTheFuture(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.OnsetWord))
	r.tap(r.speech.Say(lang.HoursLater, 6))
	r.tap(r.say(lang.RecordIt))
	if got := r.desk.Recorded(chart.TypeEvent); len(got) != 1 || got[0].Happened.After(r.desk.Now()) {
		t.Errorf("on record: %v", got)
	}
}
