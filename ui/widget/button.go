package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Button is big enough for a thumb in a moving vehicle and says in words what it
// does: one line, and a smaller second one.
type Button struct {
	fynewidget.BaseWidget
	touch
	OnTap func()

	down         bool
	text, second string
	primary      bool // the one main action of a screen
	chosen       bool
	off          bool
	least        float32 // millimetres
	rect         *canvas.Rectangle
	label, under *canvas.Text
}

// NewButton is an ordinary button, 17 mm at least.
func NewButton(text string, onTap func()) *Button {
	return newButton(text, onTap, theme.OrdinaryMM, false)
}

// NewPrimary is the main action of a screen, 20 mm at least.
func NewPrimary(text string, onTap func()) *Button {
	return newButton(text, onTap, theme.PrimaryMM, true)
}

// NewWide is an ordinary button of the height of a primary one.
func NewWide(text string, onTap func()) *Button {
	return newButton(text, onTap, theme.PrimaryMM, false)
}

func newButton(text string, onTap func(), least float32, primary bool) *Button {
	b := &Button{
		text: text, OnTap: onTap, least: least, primary: primary,
		rect:  canvas.NewRectangle(color.White),
		label: canvas.NewText(text, color.Black), under: canvas.NewText("", color.Black),
	}
	b.label.Alignment, b.under.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	b.label.TextStyle.Bold = true
	b.touch.of = b
	b.ExtendBaseWidget(b)
	return b
}

// Say sets both lines.
func (b *Button) Say(text, second string) {
	if b.text == text && b.second == second {
		return
	}
	b.text, b.second = text, second
	b.Refresh()
}

// Choose marks the button as the one chosen of several.
func (b *Button) Choose(chosen bool) {
	if b.chosen != chosen {
		b.chosen = chosen
		b.Refresh()
	}
}

// Disable makes taps do nothing and shows it.
func (b *Button) Disable(off bool) {
	if b.off != off {
		b.off = off
		b.Refresh()
	}
}

// Text is the button's first line.
func (b *Button) Text() string { return b.text }

// Tapped implements [fyne.Tappable].
func (b *Button) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		b.tap()
	}
}

func (b *Button) press()   { b.sink(true) }
func (b *Button) release() { b.sink(false) }

func (b *Button) sink(down bool) {
	if !b.off && b.down != down {
		b.down = down
		b.Refresh()
	}
}

func (b *Button) tap() {
	if b.OnTap != nil && !b.off {
		b.OnTap()
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (b *Button) AccessibilityLabel() string {
	if b.second != "" {
		return b.text + ", " + b.second
	}
	return b.text
}

// AccessibilityRole implements [fyne.Accessible].
func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements [fyne.Widget].
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{b}
	r.Refresh()
	return r
}

type buttonRenderer struct{ b *Button }

func (r *buttonRenderer) Layout(s fyne.Size) {
	b, pad := r.b, theme.MM(2)
	b.rect.Resize(s)
	b.rect.CornerRadius = 8
	room := s.Width - 2*pad
	b.label.Text, b.under.Text, b.under.TextStyle.Bold = b.text, b.second, false
	b.label.TextSize = narrow(b.label, room, theme.Text(theme.Body+2))
	b.under.TextSize = narrow(b.under, room, theme.Text(theme.Small))
	if first, rest, ok := b.halves(); ok && room > 0 && b.label.TextSize < theme.Text(theme.Small) {
		b.label.Text, b.under.Text, b.under.TextStyle.Bold = first, rest, true
		size := min(narrow(b.label, room, theme.Text(theme.Body)), narrow(b.under, room, theme.Text(theme.Body)))
		b.label.TextSize, b.under.TextSize = size, size
	}
	h, u := b.label.MinSize().Height, float32(0)
	if b.under.Text != "" {
		u = b.under.MinSize().Height
	}
	top := (s.Height - h - u) / 2
	b.label.Move(fyne.NewPos(pad, top))
	b.label.Resize(fyne.NewSize(room, h))
	b.under.Move(fyne.NewPos(pad, top+h))
	b.under.Resize(fyne.NewSize(room, u))
}

// halves is a text of several words in two lines as like as can be; not ok when it
// is one word or the second line is in use.
func (b *Button) halves() (first, rest string, ok bool) {
	if b.second != "" {
		return "", "", false
	}
	least := len(b.text)
	for i, c := range b.text {
		if c != ' ' {
			continue
		}
		if longer := max(i, len(b.text)-i-1); longer < least {
			least, first, rest, ok = longer, b.text[:i], b.text[i+1:], true
		}
	}
	return first, rest, ok
}

// narrow is size, or what makes text as narrow as room. Text does not grow quite
// evenly with its size, so what is worked out is measured again.
func narrow(text *canvas.Text, room, size float32) float32 {
	return Narrow(text.Text, text.TextStyle, room, size)
}

// Narrow is size, or the largest size at which text is no wider than room.
func Narrow(text string, style fyne.TextStyle, room, size float32) float32 {
	const least = 8
	for size > least && room > 0 {
		w := fyne.MeasureText(text, size, style).Width
		if w <= room {
			break
		}
		size = min(size*room/w, size*0.99)
	}
	return max(least, size)
}

func (r *buttonRenderer) MinSize() fyne.Size {
	least := theme.MM(r.b.least)
	return fyne.NewSize(least, least)
}

func (r *buttonRenderer) Refresh() {
	b := r.b
	b.label.Text, b.under.Text = b.text, b.second
	ground, ink := theme.Surface, theme.Ink
	switch {
	case b.off:
		ink = theme.Faint
	case b.down:
		ground = theme.Pressed
	case b.chosen || b.primary:
		ground, ink = theme.Accent, theme.OnFill
	}
	b.rect.FillColor = theme.Colour(ground)
	b.label.Color, b.under.Color = theme.Colour(ink), theme.Colour(ink)
	r.Layout(b.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.rect, r.b.label, r.b.under}
}

func (r *buttonRenderer) Destroy() {}
