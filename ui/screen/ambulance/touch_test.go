package ambulance

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// everyPage opens each page in turn.
func everyPage(r *rig, look func(name string)) {
	look("monitor")
	for _, k := range []lang.Key{lang.Event, lang.Drug, lang.Trends, lang.LinkAndDevices} {
		r.tap(r.say(k))
		look(string(k))
		if k == lang.Drug {
			r.tap("MORphine")
			look("give")
		}
		r.tap(r.say(lang.BackToMonitor))
	}
	r.tap("tag 0417")
	look("patients")
	r.tap(r.say(lang.BackToMonitor))
	carePages(r, look)
	for _, path := range [][]lang.Key{{lang.LinkAndDevices, lang.AboutStation}, {lang.LinkAndDevices, lang.AboutStation, lang.Ruler}, {lang.LinkAndDevices, lang.AboutStation, lang.Backup}, {lang.LinkAndDevices, lang.AboutStation, lang.KindWord}, {lang.Trends, lang.Record}} {
		for _, k := range path {
			r.tap(r.say(k))
		}
		look(string(path[len(path)-1]))
		r.tap(r.say(lang.BackToMonitor))
	}
	r.apart()
	disputePages(r, look)
	correctionPages(r, look)
	samePages(r, look)
	auditPages(r, look)
	lentPages(r, look)
	parcelPages(r, look)
	bodyPages(r, look)
	r.tap(r.station.SignedIn)
	look("locked")
	for _, k := range []lang.Key{lang.SignIn, lang.Emergency} {
		r.tap(r.say(k))
		look(string(k))
		r.tap(r.say(lang.BackToMonitor))
	}
	r.tap(r.say(lang.SignIn))
	r.tap(r.say(lang.LettersKey))
	look("letters")
	r.tap(r.say(lang.SetupBack))
	r.signIn()
}

func TestEverythingThatCanBeTappedIsBigEnough(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}} {
		r := newRig(t, theme.Day, size.Width, size.Height)
		r.run(time.Second)
		least := theme.MM(theme.LeastMM)
		everyPage(r, func(name string) {
			for _, target := range uitest.Targets(r.Object()) {
				s := target.Object.Size()
				if s.Width < least || s.Height < least {
					t.Errorf("%.0f wide, %s: %q is %.1f by %.1f mm", size.Width, name, target.Name, s.Width/theme.MM(1), s.Height/theme.MM(1))
				}
				if target.Name == "" && !disabled(target.Object) {
					t.Errorf("%s: something to tap has no label: %T", name, target.Object)
				}
			}
		})
	}
}

// disabled reports whether the object is a cell without a patient.
func disabled(o fyne.CanvasObject) bool {
	b, ok := o.(interface{ Text() string })
	return ok && b.Text() == ""
}

func TestNothingThatCanBeTappedLiesOverAnother(t *testing.T) {
	r := newRig(t, theme.Day, 1024, 600)
	r.run(time.Second)
	everyPage(r, func(name string) {
		targets := uitest.Targets(r.Object())
		for i, a := range targets {
			for _, b := range targets[i+1:] {
				p, q := place(a.Object), place(b.Object)
				if p.x < q.x+q.w && q.x < p.x+p.w && p.y < q.y+q.h && q.y < p.y+p.h {
					t.Errorf("%s: %q and %q overlap", name, a.Name, b.Name)
				}
			}
		}
	})
}

type rect struct{ x, y, w, h float32 }

func place(o fyne.CanvasObject) rect {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	return rect{at.X + 0.5, at.Y + 0.5, o.Size().Width - 1, o.Size().Height - 1}
}

// Texts must fit in every language: in their own width, and not so small that
// nobody reads them.
func TestTextsFitInEveryLanguage(t *testing.T) {
	for _, width := range []float32{1280, 1024} {
		for _, l := range lang.Languages {
			r := newRig(t, theme.Day, width, width*0.6)
			r.run(time.Second)
			r.speak(l)
			r.run(200 * time.Millisecond)
			everyPage(r, func(name string) {
				for _, o := range test.LaidOutObjects(r.Object()) {
					text, ok := o.(*canvas.Text)
					if !ok || text.Text == "" || !text.Visible() {
						continue
					}
					where := fmt.Sprintf("%.0f wide, %s, %s", width, l.Name(), name)
					if w := text.MinSize().Width; w > text.Size().Width+1 {
						t.Errorf("%s: %q is %.0f wide and has %.0f", where, text.Text, w, text.Size().Width)
					}
					if text.TextSize < uitest.SmallestText {
						t.Errorf("%s: %q is only %.1f units high", where, text.Text, text.TextSize)
					}
				}
			})
		}
	}
}
