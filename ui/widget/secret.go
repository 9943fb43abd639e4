package widget

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Secret is a field whose text nobody sees and that cannot be copied: keys on the
// screen write to it, and after a tap on it a keyboard does too.
type Secret struct {
	fynewidget.BaseWidget
	touch
	OnEnter func()

	text    []rune
	hint    string
	shown   bool // as it was written, for a [Field]
	most    int
	self    fyne.Focusable // the field of which it is the writing
	focused bool
	rect    *canvas.Rectangle
	dots    *canvas.Text
}

// secretMost bounds a secret: the longest passphrase anyone types.
const secretMost = 200

// NewSecret is an empty field that shows hint while it is empty.
func NewSecret(hint string, onEnter func()) *Secret {
	s := &Secret{}
	s.begin(hint, secretMost, onEnter)
	s.touch.of, s.self = s, s
	s.ExtendBaseWidget(s)
	return s
}

func (s *Secret) begin(hint string, most int, onEnter func()) {
	s.hint, s.most, s.OnEnter = hint, most, onEnter
	s.rect, s.dots = canvas.NewRectangle(color.White), canvas.NewText("", color.Black)
	s.dots.Alignment = fyne.TextAlignCenter
}

// Text is what was written.
func (s *Secret) Text() string { return string(s.text) }

// Len is how many characters were written.
func (s *Secret) Len() int { return len(s.text) }

// Write adds to what was written.
func (s *Secret) Write(text string) {
	s.text = append(s.text, []rune(text)...)
	s.text = s.text[:min(len(s.text), s.most)]
	s.Refresh()
}

// Back takes the last character away.
func (s *Secret) Back() {
	if n := len(s.text); n > 0 {
		s.text[n-1] = 0
		s.text = s.text[:n-1]
		s.Refresh()
	}
}

// Clear forgets what was written.
func (s *Secret) Clear() {
	clear(s.text)
	s.text = s.text[:0]
	s.Refresh()
}

// Tapped implements [fyne.Tappable].
func (s *Secret) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		s.tap()
	}
}

func (s *Secret) press()   {}
func (s *Secret) release() {}

func (s *Secret) tap() { s.Focus() }

// Focus has a keyboard write to it, and says whether it stands in a window yet.
func (s *Secret) Focus() bool {
	o, _ := s.self.(fyne.CanvasObject)
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c != nil {
		c.Focus(s.self)
	}
	return c != nil
}

// FocusGained implements [fyne.Focusable].
func (s *Secret) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost implements [fyne.Focusable].
func (s *Secret) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune implements [fyne.Focusable].
func (s *Secret) TypedRune(r rune) { s.Write(string(r)) }

// TypedKey implements [fyne.Focusable].
func (s *Secret) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyBackspace:
		s.Back()
	case fyne.KeyEscape:
		s.Clear()
	case fyne.KeyReturn, fyne.KeyEnter:
		if s.OnEnter != nil {
			s.OnEnter()
		}
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (s *Secret) AccessibilityLabel() string { return s.hint }

// AccessibilityRole implements [fyne.Accessible].
func (s *Secret) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (s *Secret) CreateRenderer() fyne.WidgetRenderer {
	r := &secretRenderer{s}
	r.Refresh()
	return r
}

type secretRenderer struct{ s *Secret }

func (r *secretRenderer) Layout(size fyne.Size) {
	s, pad := r.s, theme.MM(3)
	s.rect.Resize(size)
	s.rect.CornerRadius = 8
	s.dots.TextSize = narrow(s.dots, size.Width-2*pad, theme.Text(theme.Large))
	high := s.dots.MinSize().Height
	s.dots.Move(fyne.NewPos(pad, (size.Height-high)/2))
	s.dots.Resize(fyne.NewSize(size.Width-2*pad, high))
}

func (r *secretRenderer) MinSize() fyne.Size {
	return fyne.NewSize(theme.MM(40), theme.MM(theme.OrdinaryMM))
}

// dotsMost is how many characters are shown one by one.
const dotsMost = 24

// tailMost is how much of a long text a [Field] shows, its end.
const tailMost = 48

func (r *secretRenderer) Refresh() {
	s := r.s
	s.dots.Text, s.dots.Color = strings.Repeat("● ", min(len(s.text), dotsMost)), theme.Colour(theme.Ink)
	if s.shown {
		s.dots.Text = string(s.text[max(0, len(s.text)-tailMost):])
	}
	if len(s.text) == 0 {
		s.dots.Text, s.dots.Color = s.hint, theme.Colour(theme.Faint)
	}
	s.rect.FillColor, s.rect.StrokeColor, s.rect.StrokeWidth = theme.Colour(theme.Surface), theme.Colour(theme.Faint), theme.MM(0.4)
	if s.focused {
		s.rect.StrokeColor, s.rect.StrokeWidth = theme.Colour(theme.Accent), theme.MM(0.8)
	}
	r.Layout(s.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *secretRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.s.rect, r.s.dots}
}

func (r *secretRenderer) Destroy() {}
