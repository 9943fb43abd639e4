package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Band says on every screen whose record this is: a colour that follows from
// the encounter, who it is, and what is the matter. Tapping it leads to the
// patients of this vehicle.
type Band struct {
	fynewidget.BaseWidget
	touch
	OnTap func()

	colour color.NRGBA
	who    string
	about  string
	rect   *canvas.Rectangle
	name   *canvas.Text
	line   *canvas.Text
}

// NewBand is a band of nobody.
func NewBand(onTap func()) *Band {
	b := &Band{OnTap: onTap, rect: canvas.NewRectangle(color.Black), name: canvas.NewText("", color.White), line: canvas.NewText("", color.White)}
	b.name.TextStyle.Bold = true
	b.touch.of = b
	b.ExtendBaseWidget(b)
	return b
}

// Set sets whose band it is.
func (b *Band) Set(colour color.NRGBA, who, about string) {
	if b.colour == colour && b.who == who && b.about == about {
		return
	}
	b.colour, b.who, b.about = colour, who, about
	b.Refresh()
}

// Who is the name on the band.
func (b *Band) Who() string { return b.who }

// Tapped implements [fyne.Tappable].
func (b *Band) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		b.tap()
	}
}

func (b *Band) press()   {}
func (b *Band) release() {}

func (b *Band) tap() {
	if b.OnTap != nil {
		b.OnTap()
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (b *Band) AccessibilityLabel() string { return b.who + ", " + b.about }

// AccessibilityRole implements [fyne.Accessible].
func (b *Band) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements [fyne.Widget].
func (b *Band) CreateRenderer() fyne.WidgetRenderer {
	r := &bandRenderer{b}
	r.Refresh()
	return r
}

type bandRenderer struct{ b *Band }

func (r *bandRenderer) Layout(s fyne.Size) {
	b, pad := r.b, theme.MM(3)
	b.rect.Resize(s)
	b.rect.CornerRadius = 8
	b.name.TextSize = narrow(b.name, s.Width-2*pad, theme.Text(theme.Large))
	b.line.TextSize = narrow(b.line, s.Width-2*pad, theme.Text(theme.Small+2))
	n, l := b.name.MinSize().Height, b.line.MinSize().Height
	top := (s.Height - n - l) / 2
	b.name.Move(fyne.NewPos(pad, top))
	b.name.Resize(fyne.NewSize(s.Width-2*pad, n))
	b.line.Move(fyne.NewPos(pad, top+n))
	b.line.Resize(fyne.NewSize(s.Width-2*pad, l))
}

func (r *bandRenderer) MinSize() fyne.Size {
	return fyne.NewSize(theme.MM(60), theme.MM(theme.OrdinaryMM))
}

func (r *bandRenderer) Refresh() {
	b := r.b
	b.rect.FillColor = b.colour
	b.name.Text, b.line.Text = b.who, b.about
	b.name.Color, b.line.Color = color.White, color.White
	r.Layout(b.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *bandRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.rect, r.b.name, r.b.line}
}

func (r *bandRenderer) Destroy() {}
