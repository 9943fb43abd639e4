package ambulance

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// grid lays objects out in rows of equal cells, as tall as there is room for, but
// for the last object, which is the bar of buttons along the bottom.
type grid struct {
	columns, rows int
}

// MinSize implements [fyne.Layout].
func (g grid) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 200) }

// Layout implements [fyne.Layout].
func (g grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	wide := (size.Width - gap*float32(g.columns-1)) / float32(g.columns)
	tall := (size.Height - gap*float32(g.rows-1)) / float32(g.rows)
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i%g.columns)*(wide+gap), float32(i/g.columns)*(tall+gap)))
		o.Resize(fyne.NewSize(wide, tall))
	}
}

// above lays a body over a row of primary height.
type above struct{}

// MinSize implements [fyne.Layout].
func (above) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 200) }

// Layout implements [fyne.Layout].
func (above) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, high := theme.MM(theme.GapMM), theme.MM(theme.PrimaryMM)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, size.Height-high-gap))
	o[1].Move(fyne.NewPos(0, size.Height-high))
	o[1].Resize(fyne.NewSize(size.Width, high))
}

// sheet is a page: a body over a row of buttons, the way back first.
func (s *Screen) sheet(body fyne.CanvasObject, buttons ...fyne.CanvasObject) *fyne.Container {
	row := append([]fyne.CanvasObject{s.back()}, buttons...)
	return container.New(above{}, body, container.New(bar{}, row...))
}

// bar is one row of equal cells; what is held is twice as wide, with 10 mm before
// it: a thumb that means the way back must not slip onto it.
type bar struct{}

// MinSize implements [fyne.Layout].
func (bar) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 90) }

// Layout implements [fyne.Layout].
func (bar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	before := func(i int) float32 {
		_, held := objects[i].(*widget.Hold)
		switch {
		case i == 0:
			return 0
		case held:
			return theme.MM(10)
		}
		return theme.MM(theme.GapMM)
	}
	shares := func(o fyne.CanvasObject) float32 {
		if _, held := o.(*widget.Hold); held {
			return 2
		}
		return 1
	}
	room, all := size.Width, float32(0)
	for i, o := range objects {
		room -= before(i)
		all += shares(o)
	}
	x := float32(0)
	for i, o := range objects {
		wide := room * shares(o) / all
		x += before(i)
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(wide, size.Height))
		x += wide
	}
}

// lines is a column of text from the top down, the first larger when headed. Text
// too wide is set narrower, never cut: half a sentence about a drug is worse than
// small print.
type lines struct {
	root   *fyne.Container
	texts  []*canvas.Text
	size   float32
	headed bool
	loud   int // the line besides the first that must be seen, 0 when none must
}

func newLines(n int, size float32) *lines {
	l := &lines{size: size}
	l.root = container.New(l)
	for range n {
		t := canvas.NewText("", color.Black)
		l.texts = append(l.texts, t)
		l.root.Add(t)
	}
	return l
}

// MinSize implements [fyne.Layout].
func (l *lines) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 20) }

// Layout implements [fyne.Layout].
func (l *lines) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	const line, head = 1.5, 1.5 // of the text's size; of the first line to the others
	pad := theme.MM(2)
	wide, count := size.Width-2*pad, float32(len(l.texts))
	if l.headed {
		count += head - 1
	}
	body := min(theme.Text(l.size), size.Height/count/line)
	y := float32(0)
	for i, t := range l.texts {
		t.TextSize, t.TextStyle.Bold = body, i == l.loud && i > 0
		if i == 0 && l.headed {
			t.TextSize, t.TextStyle.Bold = body*head, true
		}
		tall := t.TextSize * line
		t.TextSize = widget.Narrow(t.Text, t.TextStyle, wide, t.TextSize)
		t.Move(fyne.NewPos(pad, y))
		t.Resize(fyne.NewSize(wide, tall))
		y += tall
	}
}

// say sets the lines; what is too many is the caller's to page.
func (l *lines) say(texts ...string) {
	ink, changed := theme.Colour(theme.Ink), false
	for i, t := range l.texts {
		text := ""
		if i < len(texts) {
			text = texts[i]
		}
		if t.Text != text || t.Color != ink {
			t.Text, t.Color, changed = text, ink, true
		}
	}
	if changed {
		l.Layout(nil, l.root.Size())
		l.root.Refresh()
	}
}
