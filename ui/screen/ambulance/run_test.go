package ambulance

import (
	"context"
	"testing"
	"time"

	"fieldkit/triage/vital"
	"fieldkit/ui"
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

// A display asks sixty times a second, a hair early or late, what is to be painted.
func TestThirtyFramesASecondArePaintedAndANumberWithTheNextPicture(t *testing.T) {
	r := newRig(t, theme.Night, 1280, 800)
	picture := time.Second / 60
	for _, c := range []struct {
		story  string
		every  time.Duration
		said   map[int]bool  // before which pictures of a second a number comes
		late   time.Duration // by which every fifth picture is late
		frames int
	}{
		{"nothing comes", time.Second / 30, nil, 0, 30},
		{"a machine without a GPU", time.Second / 15, nil, 0, 15},
		{"a number before a picture without a frame", time.Second / 30, map[int]bool{11: true}, 0, 30},
		{"a number before a picture with one", time.Second / 30, map[int]bool{10: true}, 0, 30},
		{"two numbers a frame apart", time.Second / 30, map[int]bool{11: true, 12: true}, 0, 31},
		{"a number right after a frame of a machine without a GPU", time.Second / 15, map[int]bool{21: true}, 0, 15},
		{"a busy machine", time.Second / 30, nil, 10 * time.Millisecond, 30},
		{"a busy machine without a GPU", time.Second / 15, nil, 10 * time.Millisecond, 15},
	} {
		frames := 0
		r.every, r.painted, r.next = c.every, time.Time{}, time.Time{} // nothing yet
		for i := range 60 {
			at := time.Unix(1000, 0).Add(time.Duration(i+1) * picture).Add(time.Duration(i%3-1) * time.Millisecond)
			if i%5 == 0 {
				at = at.Add(c.late)
			}
			if c.said[i] {
				r.inbox.moment(&ui.Moment{Encounter: r.On(), AlarmsTold: true})
			}
			since := at.Sub(r.painted)
			r.dueAt(at)
			if r.painted.Equal(at) {
				frames++
			} else if c.said[i] && since > c.every/2 {
				t.Errorf("%s: a number waits though the last frame began %v ago", c.story, since)
			}
		}
		if frames < c.frames-1 || frames > c.frames+1 {
			t.Errorf("%s: %d frames in a second, want %d", c.story, frames, c.frames)
		}
		if len(r.inbox.news) > 0 {
			t.Errorf("%s: a number still waits for a frame", c.story)
		}
	}
}
