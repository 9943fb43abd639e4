package widget

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/triage/alarm"
	"fieldkit/ui/theme"
)

// A Notice is what the alarm bar says.
type Notice struct {
	Priority  alarm.Priority // None: nothing stands
	Word      string         // the priority as a word: "HIGH"
	Technical bool
	Seen      bool   // acknowledged
	Text      string // "SpO₂ low"
	More      string // "and 3 more"
}

// A Bar is the alarm bar: colour, glyph, word and position say the priority, so
// that none of them is needed alone. An alarm of the equipment is an outline, one
// of the patient is filled. Its place never changes.
type Bar struct {
	fynewidget.BaseWidget

	n     Notice
	lit   bool
	rect  *canvas.Rectangle
	glyph *canvas.Text
	text  *canvas.Text
	more  *canvas.Text
}

// NewBar is a bar on which nothing stands.
func NewBar() *Bar {
	b := &Bar{
		rect:  canvas.NewRectangle(color.Black),
		glyph: canvas.NewText("", color.White), text: canvas.NewText("", color.White), more: canvas.NewText("", color.White),
	}
	b.glyph.TextStyle.Bold, b.text.TextStyle.Bold = true, true
	b.more.Alignment = fyne.TextAlignTrailing
	b.ExtendBaseWidget(b)
	return b
}

// Set sets what the bar says, and redraws it only when that changed.
func (b *Bar) Set(n Notice, now time.Time) {
	lit := n.Seen || n.Priority == alarm.Low || Lit(n.Priority, now)
	if n == b.n && lit == b.lit {
		return
	}
	b.n, b.lit = n, lit
	b.Refresh()
}

// Notice is what the bar says.
func (b *Bar) Notice() Notice { return b.n }

// AccessibilityLabel implements [fyne.Accessible].
func (b *Bar) AccessibilityLabel() string { return b.n.Word + " " + b.n.Text + " " + b.n.More }

// AccessibilityRole implements [fyne.Accessible].
func (b *Bar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{b}
	r.Refresh()
	return r
}

type barRenderer struct{ b *Bar }

func (r *barRenderer) Layout(s fyne.Size) {
	b, pad := r.b, theme.MM(3)
	b.rect.Resize(s)
	b.rect.CornerRadius = 8
	b.glyph.TextSize, b.more.TextSize = theme.Text(theme.Large+6), theme.Text(theme.Body)
	g, m := b.glyph.MinSize(), b.more.MinSize()
	left := pad
	if b.glyph.Text != "" {
		left += g.Width + pad
	}
	room := s.Width - left - m.Width - 2*pad
	b.text.TextSize = narrow(b.text, room, theme.Text(theme.Large+2))
	t := b.text.MinSize()
	b.glyph.Move(fyne.NewPos(pad, (s.Height-g.Height)/2))
	b.glyph.Resize(g)
	b.text.Move(fyne.NewPos(left, (s.Height-t.Height)/2))
	b.text.Resize(fyne.NewSize(room, t.Height))
	b.more.Move(fyne.NewPos(s.Width-m.Width-pad, (s.Height-m.Height)/2))
	b.more.Resize(m)
}

func (r *barRenderer) MinSize() fyne.Size {
	return fyne.NewSize(theme.MM(40), theme.MM(theme.PrimaryMM))
}

func (r *barRenderer) Refresh() {
	b, n := r.b, r.b.n
	b.glyph.Text, b.text.Text, b.more.Text = n.Priority.Glyph(), n.Text, n.More
	if n.Word != "" {
		b.text.Text = n.Word + "  " + n.Text
	}
	colour := theme.Colour(theme.OfPriority(n.Priority))
	ground, ink, edge := theme.Colour(theme.Tile), colour, colour
	switch {
	case n.Priority == alarm.None:
		ink, edge = theme.Colour(theme.GlassFaint), theme.Colour(theme.Tile)
	case b.lit && !n.Technical && !n.Seen:
		ground, ink = colour, theme.Colour(theme.OnAlarm)
	}
	b.rect.FillColor, b.rect.StrokeColor, b.rect.StrokeWidth = ground, edge, theme.MM(0.8)
	b.glyph.Color, b.text.Color, b.more.Color = ink, ink, ink
	b.text.TextStyle.Bold = n.Priority != alarm.None
	r.Layout(b.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *barRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.rect, r.b.glyph, r.b.text, r.b.more}
}

func (r *barRenderer) Destroy() {}
