package clinic

import (
	"context"
	"testing"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
)

// again starts a clinic's window anew, after a crash while Amina was on screen.
func (w *ward) again() {
	w.t.Helper()
	w.Screen = New(w.desk, ambulance.Options{Clock: w.desk.Now, Look: theme.Day, On: chart.ID{15: 2}})
	w.win.SetContent(w.Object())
	w.settle()
}

func TestAClinicsWindowThatIsStartedAgainShowsTheVisitItShowed(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.again()
	if w.On() != (chart.ID{15: 2}) || !found(w, w.Say(lang.TakeFromMonitor)) || found(w, "Chidi") {
		t.Errorf("on screen is %v", w.On())
	}
	if err := w.desk.LockScreen(context.Background(), w.On()); err != nil {
		t.Fatal(err)
	}
	w.again()
	if found(w, w.Say(lang.TakeFromMonitor)) || found(w, "Amina") || !found(w, w.Say(lang.SignIn)) {
		t.Error("a clinic that was locked is open after the restart")
	}
}
