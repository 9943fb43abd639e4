package widget

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/triage/alarm"
	"fieldkit/triage/vital"
	"fieldkit/ui/theme"
)

// A Number is what a tile shows.
type Number struct {
	Label string // "SpO₂"
	Unit  string // "%"
	// Digits is the value, Dashes when there is none. It is never a zero that
	// nobody measured.
	Digits string
	Detail string // beside the unit: "(93)" for a mean, "?" for a value the monitor doubts
	// Foot is in words under the digits: the reason there is none, or its age.
	Foot     string
	Standing vital.Age
	Colour   fyne.ThemeColorName
	Alarm    alarm.Priority // None when no alarm is about it
	Seen     bool           // somebody has acknowledged the alarm
}

// Dashes stand where there is no value to show.
const Dashes = "- -"

// A Tile is one sign in large figures. When an alarm is about it its ground
// flashes; the digits stay steady and readable in both phases.
type Tile struct {
	fynewidget.BaseWidget
	touch
	OnTap func()

	n      Number
	lit    bool
	ground *canvas.Rectangle
	label  *canvas.Text
	unit   *canvas.Text
	digits *canvas.Text
	foot   *canvas.Text
}

// NewTile is a tile with nothing measured.
func NewTile() *Tile {
	t := &Tile{
		ground: canvas.NewRectangle(color.Black),
		label:  canvas.NewText("", color.White), unit: canvas.NewText("", color.White),
		digits: canvas.NewText(Dashes, color.White), foot: canvas.NewText("", color.White),
	}
	t.digits.Alignment, t.digits.TextStyle.Bold = fyne.TextAlignCenter, true
	t.label.TextStyle.Bold = true
	t.unit.Alignment = fyne.TextAlignTrailing
	t.foot.Alignment = fyne.TextAlignCenter
	t.touch.of = t
	t.ExtendBaseWidget(t)
	return t
}

// The flash of an alarm (IEC 60601-1-8 as commonly cited, the standard itself not
// seen: high 1.4 to 2.8 Hz, medium 0.4 to 0.8 Hz, 20 to 60 % lit). Under three a
// second in any case.
const (
	highPeriod   = 500 * time.Millisecond
	mediumPeriod = 1600 * time.Millisecond
)

// Lit reports whether an alarm's flash is in its lit phase.
func Lit(p alarm.Priority, now time.Time) bool {
	phase := func(period time.Duration) bool { return time.Duration(now.UnixNano())%period < period/2 }
	switch p {
	case alarm.High:
		return phase(highPeriod)
	case alarm.Medium:
		return phase(mediumPeriod)
	}
	return false
}

// Set sets what the tile shows, and redraws it only when that changed.
func (t *Tile) Set(n Number, now time.Time) {
	lit := !n.Seen && Lit(n.Alarm, now)
	if n == t.n && lit == t.lit {
		return
	}
	t.n, t.lit = n, lit
	t.Refresh()
}

// Number is what the tile shows.
func (t *Tile) Number() Number { return t.n }

// Tapped implements [fyne.Tappable].
func (t *Tile) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		t.tap()
	}
}

func (t *Tile) press()   {}
func (t *Tile) release() {}

func (t *Tile) tap() {
	if t.OnTap != nil {
		t.OnTap()
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (t *Tile) AccessibilityLabel() string {
	text := t.n.Label + " "
	if t.n.Digits == Dashes {
		return text + t.n.Foot
	}
	return text + t.n.Digits + " " + t.n.Unit + " " + t.n.Foot
}

// AccessibilityRole implements [fyne.Accessible].
func (t *Tile) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (t *Tile) CreateRenderer() fyne.WidgetRenderer { return &tileRenderer{t} }

type tileRenderer struct{ t *Tile }

func (r *tileRenderer) Layout(s fyne.Size) {
	t, pad := r.t, theme.MM(1.5)
	t.ground.Resize(s)
	t.ground.CornerRadius = 8
	line := theme.Text(theme.Body)
	if s.Height < theme.MM(24) {
		line = theme.Text(theme.Small + 2) // the digits need the height
	}
	t.label.TextSize, t.unit.TextSize = line, theme.Text(theme.Small)
	t.foot.TextSize = theme.Text(theme.Small)
	head, foot := t.label.MinSize().Height, t.foot.MinSize().Height
	t.label.Move(fyne.NewPos(pad, pad/2))
	t.label.Resize(t.label.MinSize())
	t.unit.Move(fyne.NewPos(0, pad/2+(head-t.unit.MinSize().Height)/2))
	t.unit.Resize(fyne.NewSize(s.Width-pad, t.unit.MinSize().Height))
	// A line of text is 1.36 of its size high; the figures in it are 0.71 and stand
	// about its middle. Only they need room.
	const figures = 0.78
	top, bottom := pad/2+head*0.9, s.Height-foot
	t.digits.TextSize = fit(t.digits, fyne.NewSize(s.Width-2*pad, (bottom-top)/figures), theme.Text(110))
	h := t.digits.MinSize().Height
	t.digits.Move(fyne.NewPos(0, (top+bottom-h)/2-t.digits.TextSize*0.03))
	t.digits.Resize(fyne.NewSize(s.Width, h))
	if w := s.Width - 2*pad; t.foot.MinSize().Width > w {
		t.foot.TextSize = fit(t.foot, fyne.NewSize(w, foot), t.foot.TextSize)
	}
	t.foot.Move(fyne.NewPos(0, s.Height-foot-pad/2))
	t.foot.Resize(fyne.NewSize(s.Width, foot))
}

// fit is the largest text size up to most and room.Height with which text is no
// wider than room.
func fit(text *canvas.Text, room fyne.Size, most float32) float32 {
	size := min(most, room.Height)
	width := fyne.MeasureText(text.Text, 100, text.TextStyle).Width
	if width > 0 {
		size = min(size, room.Width*100/width)
	}
	return max(size, 8)
}

func (r *tileRenderer) MinSize() fyne.Size {
	return fyne.NewSize(theme.MM(theme.OrdinaryMM), theme.MM(theme.OrdinaryMM))
}

func (r *tileRenderer) Refresh() {
	t, n := r.t, r.t.n
	t.ground.FillColor = theme.Colour(theme.Tile)
	if t.lit {
		t.ground.FillColor = theme.Colour(theme.FlashMedium)
		if n.Alarm == alarm.High {
			t.ground.FillColor = theme.Colour(theme.FlashHigh)
		}
	}
	t.ground.StrokeWidth, t.ground.StrokeColor = 0, color.Transparent
	if n.Alarm != alarm.None {
		t.ground.StrokeWidth, t.ground.StrokeColor = theme.MM(0.6), theme.Colour(theme.OfPriority(n.Alarm))
	}
	colour := n.Colour
	if colour == "" {
		colour = theme.GlassInk
	}
	t.label.Text, t.label.Color = n.Label, theme.Colour(colour)
	if n.Alarm != alarm.None {
		t.label.Text = n.Alarm.Glyph() + " " + n.Label
	}
	t.unit.Text, t.unit.Color = n.Unit, theme.Colour(theme.GlassFaint)
	if n.Detail != "" {
		t.unit.Text = n.Detail + "  " + n.Unit
	}
	t.digits.Text, t.digits.Color = n.Digits, theme.Colour(colour)
	if n.Digits == "" {
		t.digits.Text = Dashes
	}
	if n.Standing != vital.Fresh || t.digits.Text == Dashes {
		t.digits.Color = theme.Colour(theme.GlassFaint)
	}
	t.foot.Text, t.foot.Color = n.Foot, theme.Colour(theme.GlassInk)
	r.Layout(t.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *tileRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.ground, r.t.digits, r.t.label, r.t.unit, r.t.foot}
}

func (r *tileRenderer) Destroy() {}
