package ambulance

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// A rig is the screens on a desk's clock, driven frame by frame.
type rig struct {
	*Screen
	t    testing.TB
	desk *rehearsal.Desk
	win  fyne.Window
}

func newRig(t testing.TB, look theme.Look, width, height float32) *rig {
	t.Helper()
	win := uitest.Window(t, look, width, height)
	desk := rehearsal.NewDesk()
	r := &rig{New(desk, Options{Clock: desk.Now, Look: look}), t, desk, win}
	win.SetContent(r.Object())
	r.ask()
	return r
}

// ask is one round of what poll does.
func (r *rig) ask() {
	r.t.Helper()
	station, err := r.desk.Station(context.Background())
	rows, unread := r.desk.Encounters(context.Background())
	r.hear(station, rows, err, unread)
	r.settle()
}

// settle waits for what the screens do apart, and paints what came of it.
func (r *rig) settle() {
	r.Frame(r.desk.Now())
	r.work.Wait()
	r.Frame(r.desk.Now())
}

// run lets time pass at 30 frames a second.
func (r *rig) run(d time.Duration) {
	for end := r.desk.Now().Add(d); r.desk.Now().Before(end); {
		for _, m := range r.desk.Step(min(time.Second/30, end.Sub(r.desk.Now()))) {
			r.inbox.moment(m)
		}
		r.Frame(r.desk.Now())
	}
}

// tap taps, and lets what follows happen.
func (r *rig) tap(name string) {
	r.t.Helper()
	uitest.Tap(r.t, r.Object(), name)
	r.settle()
}

// hold rests a finger for a time.
func (r *rig) hold(name string, d time.Duration) {
	r.t.Helper()
	lift := uitest.Press(r.t, r.Object(), name)
	r.Frame(r.desk.Now())
	r.run(d)
	lift()
	r.settle()
}

func (r *rig) say(k lang.Key) string { return r.speech.Say(k) }
