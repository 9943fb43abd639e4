package widget

import (
	"image"
	"image/color"
	"math"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Paper is a kept strip as on ECG paper: 25 mm to the second and 10 mm to the
// millivolt by the ruler's calibration, on a grid of 1 and 5 mm. What is not in
// millivolts fills its lane and is not to scale. Nothing is filtered: of an ECG only
// the middle of the whole strip is taken away, the same for every sample. Two taps
// measure the time between them.
type Paper struct {
	fynewidget.BaseWidget
	// OnMeasure is told of every tap: the first mark, and with two the time between.
	OnMeasure func()

	lanes []Lane
	from  time.Duration // the left edge
	marks []time.Duration
	held  *image.RGBA
	stale bool

	ground *canvas.Rectangle
	raster *canvas.Raster
	labels []*canvas.Text
}

// A Lane is one trace of a strip.
type Lane struct {
	Label  string
	Colour fyne.ThemeColorName
	// Millivolts says that the values are; else they are the monitor's counts.
	Millivolts bool
	Points     []LanePoint // in order of time
}

// A LanePoint is one sample, counted from the strip's begin. A NaN value lifts the pen.
type LanePoint struct {
	At    time.Duration
	Value float64
}

// The scales of ECG paper, in millimetres.
const (
	PaperSpeed = 25.0 // a second
	PaperGain  = 10.0 // a millivolt
)

// NewPaper is a sheet without a strip.
func NewPaper() *Paper {
	p := &Paper{ground: canvas.NewRectangle(color.Black), stale: true}
	p.raster = canvas.NewRaster(p.generate)
	p.raster.ScaleMode = canvas.ImageScalePixels
	p.ExtendBaseWidget(p)
	return p
}

// Put puts a strip on the sheet, from that time on. What was measured on the one
// before is gone.
func (p *Paper) Put(lanes []Lane, from time.Duration) {
	p.lanes, p.from, p.marks = lanes, from, nil
	p.labels = nil
	for _, l := range lanes {
		t := canvas.NewText(l.Label, theme.Colour(l.Colour))
		t.TextStyle.Bold = true
		p.labels = append(p.labels, t)
	}
	p.Refresh()
}

// Width is how much time is seen at once.
func (p *Paper) Width() time.Duration {
	return time.Duration(float64(p.Size().Width/theme.MM(1)) / PaperSpeed * float64(time.Second))
}

// Measured is the time between the two marks, false until there are two.
func (p *Paper) Measured() (time.Duration, bool) {
	if len(p.marks) < 2 {
		return 0, false
	}
	return (p.marks[1] - p.marks[0]).Abs(), true
}

// Tapped implements [fyne.Tappable]: it sets a mark, a third tap begins anew.
func (p *Paper) Tapped(e *fyne.PointEvent) {
	at := p.from + time.Duration(float64(e.Position.X/theme.MM(1))/PaperSpeed*float64(time.Second))
	if len(p.marks) == 2 {
		p.marks = nil
	}
	p.marks = append(p.marks, at)
	p.Refresh()
	if p.OnMeasure != nil {
		p.OnMeasure()
	}
}

// generate draws the sheet; Fyne asks for it in pixels.
func (p *Paper) generate(w, h int) image.Image {
	if !p.stale && p.held != nil && p.held.Rect.Dx() == w && p.held.Rect.Dy() == h {
		return p.held
	}
	p.stale = false
	p.held = image.NewRGBA(image.Rect(0, 0, w, h))
	units := p.raster.Size().Width
	if units <= 0 {
		return p.held
	}
	mm := float64(theme.MM(1)) * float64(w) / float64(units)
	glass := theme.Colour(theme.Glass)
	for y := range h {
		for x := range w {
			p.held.SetRGBA(x, y, color.RGBA{glass.R, glass.G, glass.B, 0xff})
		}
	}
	p.grid(mm)
	if len(p.lanes) == 0 {
		return p.held
	}
	high := float64(h) / float64(len(p.lanes))
	for i, l := range p.lanes {
		p.lane(l, (float64(i)+0.5)*high, high, mm)
	}
	for _, m := range p.marks {
		x := int((m - p.from).Seconds() * PaperSpeed * mm)
		for y := range h {
			for d := range max(1, int(mm*0.4)) {
				p.dot(x+d, y, theme.Colour(theme.GlassInk), 1)
			}
		}
	}
	return p.held
}

// grid draws lines of 1 mm, and stronger ones of 5.
func (p *Paper) grid(mm float64) {
	if mm < 2 {
		return // the lines would be all there is
	}
	faint := theme.Colour(theme.GlassFaint)
	w, h := p.held.Rect.Dx(), p.held.Rect.Dy()
	first := int(math.Ceil(p.from.Seconds() * PaperSpeed)) // the grid goes with the time
	for n := first; ; n++ {
		x := int((float64(n) - p.from.Seconds()*PaperSpeed) * mm)
		if x >= w {
			break
		}
		for y := range h {
			p.dot(x, y, faint, strength(n))
		}
	}
	for n := 0; int(float64(n)*mm) < h; n++ {
		for x := range w {
			p.dot(x, int(float64(n)*mm), faint, strength(n))
		}
	}
}

func strength(n int) float64 {
	if n%5 == 0 {
		return 0.34
	}
	return 0.12
}

// lane draws one trace about the middle of its lane.
func (p *Paper) lane(l Lane, middle, high, mm float64) {
	values := make([]float64, 0, len(l.Points))
	low, top := math.Inf(1), math.Inf(-1)
	for _, pt := range l.Points {
		if !math.IsNaN(pt.Value) {
			values = append(values, pt.Value)
			low, top = min(low, pt.Value), max(top, pt.Value)
		}
	}
	if len(values) == 0 {
		return
	}
	zero, scale := (low+top)/2, 1.0
	switch {
	case l.Millivolts:
		zero, scale = median(values), PaperGain*mm // values are a copy
		middle += high * 0.15                      // an R wave points up more than anything points down
	case top > low:
		scale = high * 0.7 / (top - low)
	}
	ink, width := theme.Colour(l.Colour), max(1.5, 0.35*mm)
	var bx, by float64
	began := false
	for _, pt := range l.Points {
		if math.IsNaN(pt.Value) {
			began = false
			continue
		}
		x, y := (pt.At-p.from).Seconds()*PaperSpeed*mm, middle-(pt.Value-zero)*scale
		if began && x >= -mm && bx <= float64(p.held.Rect.Dx()) {
			p.stroke(bx, by, x, y, width, ink)
		}
		bx, by, began = x, y, true
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// stroke draws a straight line of that width, softened at its edges.
func (p *Paper) stroke(x0, y0, x1, y1, width float64, ink color.NRGBA) {
	half := width / 2
	left, right := int(math.Floor(min(x0, x1)-half-1)), int(math.Ceil(max(x0, x1)+half+1))
	top, bottom := int(math.Floor(min(y0, y1)-half-1)), int(math.Ceil(max(y0, y1)+half+1))
	dx, dy := x1-x0, y1-y0
	long := dx*dx + dy*dy
	for y := max(0, top); y <= min(bottom, p.held.Rect.Dy()-1); y++ {
		for x := max(0, left); x <= min(right, p.held.Rect.Dx()-1); x++ {
			px, py := float64(x)+0.5-x0, float64(y)+0.5-y0
			along := 0.0
			if long > 0 {
				along = min(1, max(0, (px*dx+py*dy)/long))
			}
			away := math.Hypot(px-along*dx, py-along*dy)
			p.dot(x, y, ink, min(1, max(0, half+0.5-away)))
		}
	}
}

// dot lays ink over a pixel, so much of it.
func (p *Paper) dot(x, y int, ink color.NRGBA, part float64) {
	if part <= 0 || !image.Pt(x, y).In(p.held.Rect) {
		return
	}
	i := p.held.PixOffset(x, y)
	for c, v := range [...]uint8{ink.R, ink.G, ink.B} {
		was := float64(p.held.Pix[i+c])
		p.held.Pix[i+c] = uint8(was + (float64(v)-was)*part)
	}
}

// AccessibilityLabel implements [fyne.Accessible].
func (p *Paper) AccessibilityLabel() string {
	text := "strip"
	for _, l := range p.lanes {
		text += " " + l.Label
	}
	return text
}

// AccessibilityRole implements [fyne.Accessible].
func (p *Paper) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (p *Paper) CreateRenderer() fyne.WidgetRenderer { return &paperRenderer{p} }

type paperRenderer struct{ p *Paper }

func (r *paperRenderer) Layout(s fyne.Size) {
	p := r.p
	p.ground.FillColor = theme.Colour(theme.Glass)
	p.ground.Resize(s)
	p.raster.Resize(s)
	for i, t := range p.labels {
		t.TextSize = theme.Text(theme.Small)
		t.Color = theme.Colour(p.lanes[i].Colour)
		t.Move(fyne.NewPos(theme.MM(1), s.Height*float32(i)/float32(len(p.labels))))
		t.Resize(t.MinSize())
	}
}

func (r *paperRenderer) MinSize() fyne.Size { return fyne.NewSize(theme.MM(30), theme.MM(20)) }

func (r *paperRenderer) Refresh() {
	r.p.stale = true
	r.Layout(r.p.Size())
	r.p.ground.Refresh()
	r.p.raster.Refresh()
	for _, t := range r.p.labels {
		t.Refresh()
	}
}

func (r *paperRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.p.ground, r.p.raster}
	for _, t := range r.p.labels {
		out = append(out, t)
	}
	return out
}

func (r *paperRenderer) Destroy() {}
