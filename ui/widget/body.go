package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// A Body is a person seen from the front and from behind, lying as on a stretcher with
// the head at the left: a wide display has no height for fifteen millimetres of each
// part of somebody who stands. Every region is one target, larger than what is drawn of
// it. Where both sides do not fit beside each other one is shown, and [Body.Turn] turns
// the person over.
//
// What is charted of a region is said by a sign before it is said by a colour: "+" and
// how many findings, "−" looked for and not there, "?" could not be examined, and no sign
// where nobody has charted anything.
type Body struct {
	fynewidget.BaseWidget
	// OnTap is told which region was tapped.
	OnTap func(Region)

	parts  []*part
	titles [2]*canvas.Text // of each side
	flanks [4]*canvas.Text // left and right of each side
	lines  []*canvas.Line  // eyes, mouth, spine
	side   Side            // the one shown where only one fits
	both   bool
}

// A Mark is what is charted of one region.
type Mark struct {
	Found  int  // findings that are there
	Absent int  // looked for and not there
	Unseen bool // somebody said that it could not be examined
	Words  string
}

// Sign is the mark without words: absent is not the same as not examined, and neither as
// nothing charted.
func (m Mark) Sign() string {
	switch {
	case m.Found > 9:
		return "+9"
	case m.Found > 0:
		return "+" + string(rune('0'+m.Found))
	case m.Absent > 0:
		return "−"
	case m.Unseen:
		return "?"
	}
	return ""
}

// BodyWords are the words round the figures.
type BodyWords struct{ Front, Back, Left, Right string }

// NewBody is a body of which nothing is charted. name is a site's words.
func NewBody(words BodyWords, name func(site string) string, onTap func(Region)) *Body {
	b := &Body{OnTap: onTap}
	for _, r := range Regions {
		b.parts = append(b.parts, newPart(r, name(r.Site), func() {
			if b.OnTap != nil {
				b.OnTap(r)
			}
		}))
	}
	text := func(words string, bold bool) *canvas.Text {
		t := canvas.NewText(words, color.Black)
		t.TextStyle.Bold, t.Alignment = bold, fyne.TextAlignLeading
		return t
	}
	b.titles = [2]*canvas.Text{text(words.Front, true), text(words.Back, true)}
	// Above lies the patient's left when seen from the front, the right from behind.
	b.flanks = [4]*canvas.Text{text(words.Left, false), text(words.Right, false), text(words.Right, false), text(words.Left, false)}
	for range 3 + 2 {
		l := canvas.NewLine(color.Black)
		b.lines = append(b.lines, l)
	}
	b.ExtendBaseWidget(b)
	return b
}

// Charted puts marks on the regions by site; a region without one has none.
func (b *Body) Charted(marks map[string]Mark) {
	for _, p := range b.parts {
		if m := marks[p.region.Site]; m != p.mark {
			p.mark = m
			p.Refresh()
		}
	}
}

// Turn shows the other side, where only one fits.
func (b *Body) Turn() {
	b.side = 1 - b.side
	b.Refresh()
}

// Both reports whether both sides are seen at once.
func (b *Body) Both() bool { return b.both }

// Shown is the side that is shown where only one fits.
func (b *Body) Shown() Side { return b.side }

// AccessibilityLabel implements [fyne.Accessible].
func (b *Body) AccessibilityLabel() string { return b.titles[0].Text + ", " + b.titles[1].Text }

// AccessibilityRole implements [fyne.Accessible].
func (b *Body) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (b *Body) CreateRenderer() fyne.WidgetRenderer {
	r := &bodyRenderer{b: b}
	for _, p := range b.parts {
		r.all = append(r.all, p)
	}
	for _, t := range b.titles {
		r.all = append(r.all, t)
	}
	for _, t := range b.flanks {
		r.all = append(r.all, t)
	}
	for _, l := range b.lines {
		r.all = append(r.all, l)
	}
	r.Refresh()
	return r
}

type bodyRenderer struct {
	b   *Body
	all []fyne.CanvasObject
}

const (
	cellGapMM   = 1 // between regions, which are parts of one thing
	figureGapMM = 6
	mostCellMM  = 21
)

// bodyWide is the least width of one figure.
func bodyWide() float32 { return levels*theme.MM(theme.LeastMM+0.1) + (levels-1)*theme.MM(cellGapMM) }

func (r *bodyRenderer) Layout(s fyne.Size) {
	b, gap := r.b, theme.MM(cellGapMM)
	b.both = s.Width >= 2*bodyWide()+theme.MM(figureGapMM)
	figures := float32(1)
	if b.both {
		figures = 2
	}
	room := (s.Width - (figures-1)*theme.MM(figureGapMM)) / figures
	long := min((room-(levels-1)*gap)/levels, theme.MM(mostCellMM))
	wide := min((s.Height-(lanes-1)*gap)/lanes, theme.MM(mostCellMM))
	for side := Front; side <= Back; side++ {
		shown := b.both || side == b.side
		x := (room - levels*long - (levels-1)*gap) / 2
		if b.both && side == Back {
			x += room + theme.MM(figureGapMM)
		}
		r.figure(side, shown, fyne.NewPos(max(0, x), 0), fyne.NewSize(long, wide), gap)
	}
}

// figure lays one side out: the regions in their cells, the words in the corners that
// no region takes.
func (r *bodyRenderer) figure(side Side, shown bool, at fyne.Position, cell fyne.Size, gap float32) {
	b := r.b
	for _, p := range b.parts {
		if p.region.Side != side {
			continue
		}
		if p.Hidden == shown {
			p.Hidden = !shown
		}
		tall, top := cell.Height, float32(p.region.lane+1)*(cell.Height+gap)
		if p.region.level >= legs { // two columns share the width of three
			tall = (lanes*cell.Height + (lanes-2)*gap) / 2
			top = 0
			if p.region.lane == lower {
				top = tall + gap
			}
		}
		p.unit, p.axis = cell, 1.5*cell.Height+gap-top
		p.Move(at.AddXY(float32(p.region.level)*(cell.Width+gap), top))
		p.Resize(fyne.NewSize(cell.Width, tall))
	}
	ink := theme.Colour(theme.Ink)
	put := func(t *canvas.Text, x, y, room, size float32, bold bool) {
		t.Hidden, t.Color, t.TextStyle.Bold = !shown, ink, bold
		t.TextSize = narrow(t, room, theme.Text(size))
		t.Move(fyne.NewPos(x, y))
		t.Resize(fyne.NewSize(room, t.MinSize().Height))
	}
	// The head has one cell of three: its corners are free.
	high := fyne.MeasureText("X", theme.Text(theme.Small), fyne.TextStyle{Bold: true}).Height
	bottom := at.Y + lanes*cell.Height + (lanes-1)*gap
	put(b.titles[side], at.X, at.Y, cell.Width, theme.Body, true)
	above, below := b.flanks[2*side], b.flanks[2*side+1]
	put(above, at.X, at.Y+cell.Height-high, cell.Width, theme.Small, false)
	put(below, at.X, bottom-high, cell.Width, theme.Small, false)
	r.features(side, shown, at, cell, gap)
}

// features are what tells the front from the back at a glance: eyes and mouth, or the
// spine.
func (r *bodyRenderer) features(side Side, shown bool, at fyne.Position, cell fyne.Size, gap float32) {
	b := r.b
	line := func(i int, x0, y0, x1, y1 float32) {
		l := b.lines[i]
		place := func(along, across float32) fyne.Position {
			level := float32(int(along))
			return at.AddXY(level*(cell.Width+gap)+(along-level)*cell.Width, 1.5*cell.Height+gap+across*cell.Height)
		}
		l.Position1, l.Position2 = place(x0, y0), place(x1, y1)
		l.StrokeColor, l.StrokeWidth, l.Hidden = theme.Colour(theme.Faint), theme.MM(0.4), !shown
	}
	if side == Front {
		line(0, 0.44, 0.10, 0.44, 0.20)
		line(1, 0.44, -0.10, 0.44, -0.20)
		line(2, 0.78, -0.10, 0.78, 0.10)
		return
	}
	line(3, 1.20, 0, 3.90, 0)
	line(4, 4.15, 0, 4.90, 0)
}

func (r *bodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(bodyWide(), lanes*theme.MM(theme.LeastMM)+(lanes-1)*theme.MM(cellGapMM))
}

func (r *bodyRenderer) Refresh() {
	r.Layout(r.b.Size())
	for _, o := range r.all {
		o.Refresh()
	}
}

func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.all }
func (r *bodyRenderer) Destroy()                     {}

// A part is one region on the map: its cell is the target, its shape what is seen.
type part struct {
	fynewidget.BaseWidget
	touch
	region Region
	name   string
	mark   Mark
	onTap  func()
	down   bool

	unit fyne.Size // of one cell, in which the shape is told
	axis float32   // the middle of the body, from the top of the cell
	cell *canvas.Rectangle
	body *canvas.ArbitraryPolygon
	sign *canvas.Text
}

func newPart(r Region, name string, onTap func()) *part {
	p := &part{region: r, name: name, onTap: onTap, cell: canvas.NewRectangle(color.White),
		body: canvas.NewArbitraryPolygon(nil, color.White), sign: canvas.NewText("", color.Black)}
	p.sign.TextStyle.Bold, p.sign.Alignment = true, fyne.TextAlignCenter
	p.touch.of = p
	p.ExtendBaseWidget(p)
	return p
}

// Tapped implements [fyne.Tappable].
func (p *part) Tapped(*fyne.PointEvent) {
	if !thePointer.busy() {
		p.tap()
	}
}

func (p *part) press()   { p.down = true; p.Refresh() }
func (p *part) release() { p.down = false; p.Refresh() }
func (p *part) tap()     { p.onTap() }

// AccessibilityLabel implements [fyne.Accessible].
func (p *part) AccessibilityLabel() string {
	if p.mark.Words == "" {
		return p.name
	}
	return p.name + ": " + p.mark.Words
}

// AccessibilityRole implements [fyne.Accessible].
func (p *part) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements [fyne.Widget].
func (p *part) CreateRenderer() fyne.WidgetRenderer {
	r := &partRenderer{p}
	r.Refresh()
	return r
}

type partRenderer struct{ p *part }

func (r *partRenderer) Layout(s fyne.Size) {
	p := r.p
	p.cell.Resize(s)
	p.cell.CornerRadius = theme.MM(1)
	p.body.Resize(s)
	points := make([]fyne.Position, 0, len(p.region.shape))
	for _, c := range p.region.shape {
		points = append(points, fyne.NewPos((c[0]-float32(p.region.level))*p.unit.Width, p.axis+c[1]*p.unit.Height))
	}
	p.body.Points = points
	p.body.CornerRadii = p.body.CornerRadii[:0]
	for i, at := range points {
		before, after := points[(i+len(points)-1)%len(points)], points[(i+1)%len(points)]
		radius := theme.MM(0.9)
		if (at.X-before.X)*(after.Y-at.Y) < (at.Y-before.Y)*(after.X-at.X) {
			radius = 0 // Fyne rounds only corners that point outwards
		}
		p.body.CornerRadii = append(p.body.CornerRadii, radius)
	}
	// The sign stands on the part of the body where that has room, else beside it.
	p.sign.TextSize = theme.Text(theme.Body)
	high := p.sign.MinSize().Height
	y := p.axis - high/2
	switch {
	case p.region.lane == midst && p.region.Side == Back:
		y = p.axis - high // the spine is drawn along the middle
	case p.region.level >= legs:
		y += float32(p.region.lane) * 0.85 * p.unit.Height
	case p.region.lane == lower:
		y = s.Height - high
	case p.region.lane == upper:
		y = 0
	}
	p.sign.Move(fyne.NewPos(0, y))
	p.sign.Resize(fyne.NewSize(s.Width, high))
}

func (r *partRenderer) MinSize() fyne.Size {
	return fyne.NewSize(theme.MM(theme.LeastMM), theme.MM(theme.LeastMM))
}

func (r *partRenderer) Refresh() {
	p := r.p
	found := p.mark.Found > 0
	p.sign.Text = p.mark.Sign()
	p.cell.StrokeColor, p.cell.StrokeWidth = theme.Colour(theme.Pressed), 1
	p.cell.FillColor = color.Transparent
	p.body.FillColor, p.body.StrokeColor, p.body.StrokeWidth = theme.Colour(theme.Surface), theme.Colour(theme.Faint), theme.MM(0.35)
	p.sign.Color = theme.Colour(theme.Ink)
	switch {
	case p.down:
		p.cell.FillColor = theme.Colour(theme.Pressed)
	case found:
		p.body.FillColor = theme.Colour(theme.Accent)
		p.cell.StrokeColor, p.cell.StrokeWidth = theme.Colour(theme.Accent), theme.MM(0.6)
		if p.region.lane == midst {
			p.sign.Color = theme.Colour(theme.OnFill)
		}
	case p.mark.Absent > 0:
		p.cell.StrokeColor = theme.Colour(theme.Ink)
	}
	r.Layout(p.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *partRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.cell, r.p.body, r.p.sign}
}

func (r *partRenderer) Destroy() {}
