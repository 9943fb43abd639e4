package widget

import (
	"time"

	"fyne.io/fyne/v2/driver/desktop"
)

// A pointer decides what a finger means. It stands between the widgets and Fyne
// v2.8's desktop driver, which takes a click that comes together with its motion at
// the place where the pointer was before (glfw: positions are taken over after the
// clicks of the same poll). A touch screen sends just that: motion and press at
// once. Left alone, a tap would act on what was tapped last, or on nothing.
//
// The rule: what is pressed is what the pointer is over once the motion that came
// with the press has been taken over; it is tapped when the finger lifts over it;
// and it acts at the next frame, when no more motion of that poll can come.
type pointer struct {
	target  touchable // pressed, nil when nothing is
	pressed time.Time
	lifted  bool
	clock   func() time.Time
}

// touchable is a widget a finger can mean.
type touchable interface {
	press()
	release() // without a tap: slid off, or the press was another's
	tap()
}

// together is how far apart a press and the motion that came with it are taken
// over: microseconds, within one turn of the driver's loop. A finger that slides
// on takes longer.
const together = 20 * time.Millisecond

// thePointer is the one there is: a program has one window and the window one
// pointer. It belongs to Fyne's goroutine.
var thePointer = pointer{clock: time.Now}

// Touch lets what was tapped act. It is called with every frame.
func Touch() { thePointer.frame() }

func (p *pointer) down(w touchable) {
	p.cancel()
	p.target, p.pressed, p.lifted = w, p.clock(), false
	w.press()
}

func (p *pointer) in(w touchable) {
	if p.target == nil || p.target == w || p.clock().Sub(p.pressed) > together {
		return
	}
	p.target.release()
	p.target = w
	w.press()
}

func (p *pointer) out(w touchable) {
	if p.target != w || p.lifted {
		return
	}
	if p.clock().Sub(p.pressed) <= together {
		return // the press may be the one that comes in now
	}
	p.cancel()
}

func (p *pointer) up(w touchable) {
	if p.target == nil {
		return
	}
	if p.target != w && p.clock().Sub(p.pressed) > together {
		p.cancel()
		return
	}
	p.lifted = true
}

func (p *pointer) cancel() {
	if p.target != nil {
		p.target.release()
		p.target = nil
	}
}

// frame is one frame: what was lifted from acts.
func (p *pointer) frame() {
	if p.target == nil || !p.lifted {
		return
	}
	w := p.target
	p.target = nil
	w.release()
	w.tap()
}

// busy reports whether a finger's tap is on its way: Fyne tells of it a second
// time.
func (p *pointer) busy() bool { return p.target != nil }

// touch is what every widget that can be touched embeds. Of Fyne's ways of telling
// it uses press, lift and motion; a bare Tapped is a test's or a screen reader's.
type touch struct{ of touchable }

var (
	_ desktop.Mouseable = (*touch)(nil)
	_ desktop.Hoverable = (*touch)(nil)
)

// MouseDown implements [desktop.Mouseable].
func (t *touch) MouseDown(*desktop.MouseEvent) { thePointer.down(t.of) }

// MouseUp implements [desktop.Mouseable].
func (t *touch) MouseUp(*desktop.MouseEvent) { thePointer.up(t.of) }

// MouseIn implements [desktop.Hoverable].
func (t *touch) MouseIn(*desktop.MouseEvent) { thePointer.in(t.of) }

// MouseMoved implements [desktop.Hoverable].
func (t *touch) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (t *touch) MouseOut() { thePointer.out(t.of) }
