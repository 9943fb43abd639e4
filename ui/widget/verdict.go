package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/triage/chart"
	"fieldkit/ui/theme"
)

// A Said is what a [Verdict] says.
type Said struct {
	Title   string        // "START"
	Word    string        // the category in words
	Detail  string        // why, or what is still asked
	Urgency chart.Urgency // its colour; unknown while there is none
	Chosen  bool          // the one to be recorded
	Off     bool          // cannot be chosen
}

// A Verdict is one judgement of a casualty beside others: whose, the word on its
// colour, and a line of detail. Tapping it chooses it.
type Verdict struct {
	fynewidget.BaseWidget
	touch
	OnTap func()

	said  Said
	rect  *canvas.Rectangle
	texts [3]*canvas.Text
}

// NewVerdict is a verdict that says nothing yet.
func NewVerdict(onTap func()) *Verdict {
	v := &Verdict{OnTap: onTap, rect: canvas.NewRectangle(color.Black)}
	for i := range v.texts {
		v.texts[i] = canvas.NewText("", color.White)
		v.texts[i].Alignment = fyne.TextAlignCenter
	}
	v.texts[1].TextStyle.Bold = true
	v.touch.of = v
	v.ExtendBaseWidget(v)
	return v
}

// Say sets what it says.
func (v *Verdict) Say(s Said) {
	if v.said != s {
		v.said = s
		v.Refresh()
	}
}

// Said is what it says.
func (v *Verdict) Said() Said { return v.said }

// Tapped implements [fyne.Tappable].
func (v *Verdict) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		v.tap()
	}
}

func (v *Verdict) press()   {}
func (v *Verdict) release() {}

func (v *Verdict) tap() {
	if v.OnTap != nil && !v.said.Off {
		v.OnTap()
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (v *Verdict) AccessibilityLabel() string {
	return v.said.Title + ": " + v.said.Word + ", " + v.said.Detail
}

// AccessibilityRole implements [fyne.Accessible].
func (v *Verdict) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements [fyne.Widget].
func (v *Verdict) CreateRenderer() fyne.WidgetRenderer {
	r := &verdictRenderer{v}
	r.Refresh()
	return r
}

type verdictRenderer struct{ v *Verdict }

func (r *verdictRenderer) Layout(s fyne.Size) {
	v, pad := r.v, theme.MM(1)
	v.rect.Resize(s)
	v.rect.CornerRadius = 8
	room := s.Width - 2*pad
	high := float32(0)
	for i, size := range [...]float32{theme.Small, theme.Large, theme.Small} {
		t := v.texts[i]
		t.TextSize = min(narrow(t, room, theme.Text(size)), s.Height/4.6)
		if i == 1 {
			t.TextSize = min(narrow(t, room, theme.Text(size)), s.Height/3)
		}
		high += t.MinSize().Height
	}
	y := (s.Height - high) / 2
	for _, t := range v.texts {
		h := t.MinSize().Height
		t.Move(fyne.NewPos(pad, y))
		t.Resize(fyne.NewSize(room, h))
		y += h
	}
}

func (r *verdictRenderer) MinSize() fyne.Size {
	least := theme.MM(theme.LeastMM)
	return fyne.NewSize(least, least)
}

func (r *verdictRenderer) Refresh() {
	v, s := r.v, r.v.said
	ground, ink := theme.Tag(s.Urgency)
	if s.Urgency == chart.UrgencyUnknown {
		ground, ink = theme.Colour(theme.Surface), theme.Colour(theme.Ink)
	}
	v.rect.FillColor, v.rect.StrokeWidth = ground, 0
	if s.Chosen {
		v.rect.StrokeColor, v.rect.StrokeWidth = theme.Colour(theme.Ink), theme.MM(1)
	}
	for i, text := range [...]string{s.Title, s.Word, s.Detail} {
		v.texts[i].Text, v.texts[i].Color = text, ink
	}
	r.Layout(v.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *verdictRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.v.rect, r.v.texts[0], r.v.texts[1], r.v.texts[2]}
}

func (r *verdictRenderer) Destroy() {}
