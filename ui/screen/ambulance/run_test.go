package ambulance

import (
	"context"
	"testing"
	"time"

	"fieldkit/triage/vital"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// The screens with their own goroutines: moments come from one, the station's words
// from another, frames from a third.
func TestTheScreensFollowAStationAndEndWithTheirContext(t *testing.T) {
	win := uitest.Window(t, theme.Night, 1280, 800)
	desk := rehearsal.NewDesk()
	s := New(desk, Options{Clock: desk.Now, Look: theme.Night})
	win.SetContent(s.Object())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	for range 60 {
		desk.Step(100 * time.Millisecond)
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the screens did not end")
	}
	if got := s.watch.tiles[1].Number(); got.Digits != "97" || got.Standing != vital.Fresh {
		t.Errorf("the saturation shows %q", got.Digits)
	}
	if !s.stationTold || s.station.CallSign != "AMB-7" {
		t.Error("the station's words did not arrive")
	}
}
