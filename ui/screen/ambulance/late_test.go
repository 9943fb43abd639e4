package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
)

func TestWhatIsChartedLateHasItsTrueTimeAndTheScreenSaysSo(t *testing.T) {
	r := crew(t)
	now := r.desk.Now()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	r.tap(r.speech.Say(lang.MinutesEarlier, 5))
	r.tap(r.speech.Say(lang.MinutesEarlier, 1)) // with the five it begins with, 11 min
	want := now.Add(-11 * time.Minute).Truncate(time.Minute)
	r.tap(r.say(lang.Event))
	if !strings.Contains(strings.Join(r.texts(), "\n"), "CHARTING AT 09:20") {
		t.Error("the band does not say that this is charted late")
	}
	r.tap(r.say(lang.EventIV))
	events := r.desk.Recorded(chart.TypeEvent)
	if len(events) != 1 || !events[0].Happened.Equal(want) {
		t.Fatalf("on record: %v, want it at %v", events, want)
	}
	r.tap(r.say(lang.Undo))
	if back := r.desk.Recorded(chart.TypeRetraction); len(back) != 1 || back[0].Happened.Before(now) {
		t.Errorf("taking it back happens now: %v", back)
	}
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.EventShock))
	if last := r.desk.Recorded(chart.TypeEvent)[1]; last.Happened.Before(now) || strings.Contains(strings.Join(r.texts(), "\n"), "CHARTING") {
		t.Errorf("after the monitor it is still charted late: %v", last.Happened)
	}
}

func TestADrugChartedLateHasItsTrueTime(t *testing.T) {
	r := crew(t)
	want := r.desk.Now().Add(-5 * time.Minute).Truncate(time.Minute)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	if given := r.desk.Recorded(chart.TypeDrugGiven); len(given) != 1 || !given[0].Happened.Equal(want) {
		t.Errorf("on record: %v, want it at %v", given, want)
	}
	if !r.happened.IsZero() {
		t.Error("the next entry would be late too")
	}
}

func TestNothingHappensInTheFutureAndAnotherDayIsSaid(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	l := r.page.(*late)
	for range 3 {
		r.tap(r.speech.Say(lang.MinutesLater, 60))
	}
	if l.at().After(r.desk.Now()) {
		t.Errorf("it would happen at %v", l.at())
	}
	for range 30 {
		r.tap(r.speech.Say(lang.MinutesEarlier, 60))
	}
	if l.ago != mostLate {
		t.Errorf("it goes back %v", l.ago)
	}
	if all := strings.Join(r.texts(), " "); !strings.Contains(all, "another day: 2026-03-01") || !strings.Contains(all, "before the run") {
		t.Errorf("the page says %q", all)
	}
}

func TestAnotherPatientIsNotChartedLate(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	r.tap(r.say(lang.Vitals))
	r.turnTo(chart.ID{15: 2})
	if !r.happened.IsZero() {
		t.Error("the late time went over to another patient")
	}
}

// A pause begins when the finger says so, whatever time is being charted meanwhile.
func TestAPauseIsNotChartedLate(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	r.tap(r.say(lang.Event))
	now := r.desk.Now()
	r.tap(r.say(lang.PauseSound))
	paused := r.desk.Recorded(chart.TypeAlarmPaused)
	if len(paused) != 1 || !paused[0].Happened.Equal(now) {
		t.Errorf("a pause at %v is on record as %v", now, paused)
	}
}

// A page that says "now" while it charts what happened five minutes ago contradicts itself,
// and somebody will believe the wrong half.
func TestNoPageSaysNowWhileItChartsLate(t *testing.T) {
	r := crew(t)
	for _, c := range []struct{ open, now lang.Key }{{lang.Vitals, lang.ByHandNow}, {lang.Event, lang.TapStampsNow}} {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.ChartLate))
		r.tap(r.say(c.open))
		all := strings.Join(r.texts(), "\n")
		if strings.Contains(all, r.say(c.now)) || strings.Count(all, "CHARTING AT 09:26") < 2 {
			t.Errorf("charting late the page says\n%s", all)
		}
		r.home()
		r.settle()
		r.tap(r.say(c.open))
		if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, r.say(c.now)) {
			t.Errorf("charting now the page says\n%s", all)
		}
		r.home()
		r.settle()
	}
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	if got := r.page.(*give).words.texts[0].Text; !strings.Contains(got, "09:26") {
		t.Errorf("a dose charted late is announced as %q", got)
	}
}
