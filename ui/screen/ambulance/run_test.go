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

func TestANumberThatChangedDoesNotWaitForTheBeat(t *testing.T) {
	win := uitest.Window(t, theme.Night, 1280, 800)
	desk := rehearsal.NewDesk()
	painted := make(chan struct{}, 1)
	s := New(desk, Options{Look: theme.Night, Clock: func() time.Time { // asked by each frame
		select {
		case painted <- struct{}{}:
		default:
		}
		return desk.Now()
	}})
	s.every = time.Hour
	win.SetContent(s.Object())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	limit := time.After(time.Minute)
	for waits := true; waits; {
		desk.Step(100 * time.Millisecond) // nobody may follow yet
		select {
		case <-painted:
			waits = false
		case <-limit:
			t.Error("no frame but the hour's")
			waits = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	stop()
	<-ended
}
