package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Ground lies under everything: its colour, and where a press that means nothing
// lands, so that it is known to mean nothing.
type Ground struct {
	fynewidget.BaseWidget
	touch
	rect *canvas.Rectangle
}

// NewGround is a ground.
func NewGround() *Ground {
	g := &Ground{rect: canvas.NewRectangle(color.Black)}
	g.touch.of = g
	g.ExtendBaseWidget(g)
	return g
}

func (g *Ground) press()   {}
func (g *Ground) release() {}
func (g *Ground) tap()     {}

// CreateRenderer implements [fyne.Widget].
func (g *Ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{g}
	r.Refresh()
	return r
}

type groundRenderer struct{ g *Ground }

func (r *groundRenderer) Layout(s fyne.Size)           { r.g.rect.Resize(s) }
func (r *groundRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (r *groundRenderer) Destroy()                     {}
func (r *groundRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.g.rect} }

func (r *groundRenderer) Refresh() {
	r.g.rect.FillColor = theme.Colour(theme.Ground)
	r.g.rect.Refresh()
}
