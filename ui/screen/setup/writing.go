package setup

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// writing is a page with a field over a keyboard.
type writing struct {
	s          *Screen
	words      *words
	head, text string
	next       *widget.Button
	empty      bool // it may be left empty
	written    func() string
	focus      func() bool // a keyboard that is plugged in writes at once; nil when it does
}

func (w *writing) show(time.Time) {
	text := w.text
	if w.s.says != "" {
		text = w.s.says
	}
	w.words.say(w.head, text)
	if w.focus != nil && w.focus() {
		w.focus = nil
	}
	written := strings.TrimSpace(w.written())
	w.next.Disable(w.s.busy || written == "" && !w.empty)
	if w.next.Say(w.s.speech.Say(lang.SetupNext), ""); written == "" && w.empty {
		w.next.Say(w.s.speech.Say(lang.SetupSkip), "")
	}
}

// write asks for a line of text.
func (s *Screen) write(step int, head, text lang.Key, now string, most int, empty bool, back func(), then func(string)) {
	f := widget.NewField(s.speech.Say(head), most, nil)
	f.Set(now)
	s.writing(step, head, text, f, &f.Secret, empty, back, then)
}

// keepSecret asks for a line that nobody may read over a shoulder.
func (s *Screen) keepSecret(step int, head, text lang.Key, back func(), then func(string)) {
	f := widget.NewSecret(s.speech.Say(head), nil)
	s.writing(step, head, text, f, f, false, back, func(text string) { f.Clear(); then(text) })
}

func (s *Screen) writing(step int, head, text lang.Key, o fyne.CanvasObject, f *widget.Secret, empty bool, back func(), then func(string)) {
	w := &writing{s: s, head: s.speech.Say(head), text: s.speech.Say(text), empty: empty, written: f.Text, focus: f.Focus}
	f.OnEnter = func() {
		if written := strings.TrimSpace(f.Text()); !s.busy && (written != "" || empty) {
			s.says = ""
			then(written)
		}
	}
	keys := widget.NewKeyboard(s.speech.Say(lang.SetupSpace))
	// A tap beside the field takes it from the keyboard that is plugged in.
	keys.OnText = func(text string) { f.Write(text); f.Focus() }
	keys.OnBack = func() { f.Back(); f.Focus() }
	w.next = widget.NewPrimary("", f.OnEnter)
	w.words = s.sheet(w, step, container.New(typing{}, o, keys.Object()), back, w.next)
}

// typing lays a field over a keyboard.
type typing struct{}

// MinSize implements [fyne.Layout].
func (typing) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, 300) }

// Layout implements [fyne.Layout].
func (typing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, high := theme.MM(theme.GapMM), theme.MM(theme.LeastMM)
	if size.Height > 5*theme.MM(theme.OrdinaryMM)+4*gap {
		high = theme.MM(theme.OrdinaryMM)
	}
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, high))
	o[1].Move(fyne.NewPos(0, high+gap))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-high-gap))
}
