package ambulance

import (
	"context"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// revived is a window that is started again after a crash, with the second of two
// patients on screen.
func revived(t *testing.T, desk *rehearsal.Desk) (r *rig, turned *[]chart.ID) {
	t.Helper()
	turned = new([]chart.ID)
	r = &rig{t: t, desk: desk, win: uitest.Window(t, theme.Day, 1280, 800)}
	r.Screen = New(desk, Options{Clock: desk.Now, On: chart.ID{15: 2}, OnTurn: func(id chart.ID) { *turned = append(*turned, id) }})
	r.win.SetContent(r.Object())
	return r, turned
}

func twoPatients() *rehearsal.Desk {
	desk := rehearsal.NewDesk()
	desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418", Given: "Rosa", Family: "Diaz"})
	return desk
}

func TestAWindowThatIsStartedAgainShowsThePatientItShowed(t *testing.T) {
	r, turned := revived(t, twoPatients())
	r.ask()
	r.run(5 * time.Second)
	if r.On() != (chart.ID{15: 2}) || !r.reads("DIAZ") {
		t.Errorf("on screen is %v", r.On())
	}
	if got := r.tile(oxygen); got.Standing != vital.Fresh {
		t.Errorf("the saturation is %v", got.Standing)
	}
	r.tap(r.frame.band.AccessibilityLabel())
	r.tap("tag 0417")
	if want := []chart.ID{{15: 2}, {15: 1}}; !slices.Equal(*turned, want) {
		t.Errorf("it told of %v, want %v", *turned, want)
	}
}

func TestALockedWindowThatIsStartedAgainIsLockedAndNamesNobody(t *testing.T) {
	desk := twoPatients()
	if err := desk.LockScreen(context.Background(), chart.ID{15: 2}); err != nil {
		t.Fatal(err)
	}
	r, _ := revived(t, desk)
	r.open(newTimeline(r.Screen)) // whatever page stood before the station was heard
	r.ask()
	r.run(time.Second)
	if _, ok := r.page.(*monitor); !ok || !r.locked() || r.reads("DIAZ") || r.reads("Rosa") {
		t.Errorf("a locked screen shows %T, locked %v", r.page, r.locked())
	}
}
