package ambulance

import (
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// notes is text of as many lines as there is room for, the most important first. A
// sentence is broken at spaces; what finds no room is counted in words, never cut
// silently.
type notes struct {
	s     *Screen
	root  *fyne.Container
	texts []string
	lines []*canvas.Text
	bold  bool // the first
}

// maxLines bounds one notes' lines.
const maxLines = 16

func newNotes(s *Screen) *notes {
	n := &notes{s: s}
	n.root = container.New(n)
	for range maxLines {
		t := canvas.NewText("", color.Black)
		n.lines = append(n.lines, t)
		n.root.Add(t)
	}
	return n
}

// say sets the sentences; empty ones are left out.
func (n *notes) say(texts ...string) {
	texts = slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
	if slices.Equal(n.texts, texts) && n.lines[0].Color == color.Color(theme.Colour(theme.Ink)) {
		return
	}
	n.texts = texts
	n.Layout(nil, n.root.Size())
	n.root.Refresh()
}

// MinSize implements [fyne.Layout].
func (n *notes) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 20) }

// Layout implements [fyne.Layout].
func (n *notes) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size.Height <= 0 || size.Width <= 0 {
		return
	}
	// The largest of these sizes at which all fits, else the smallest.
	var broken []string
	text := float32(0)
	for _, scale := range [...]float32{theme.Body, 19, 16, 14} {
		text = theme.Text(scale)
		broken = broken[:0]
		for i, t := range n.texts {
			broken = append(broken, broke(t, fyne.TextStyle{Bold: n.bold && i == 0}, text, size.Width)...)
		}
		if float32(len(broken))*text*lineHigh <= size.Height {
			break
		}
	}
	fit := min(max(1, int(size.Height/(text*lineHigh))), maxLines)
	if len(broken) > fit {
		rest := len(broken) - fit
		broken = broken[:fit]
		broken[fit-1] += "  " + n.s.speech.Say(lang.AndMore, rest)
	}
	for i, t := range n.lines {
		t.Text, t.Color, t.TextStyle.Bold = "", theme.Colour(theme.Ink), n.bold && i == 0
		if i < len(broken) {
			t.Text = broken[i]
		}
		t.TextSize = widget.Narrow(t.Text, t.TextStyle, size.Width, text)
		t.Move(fyne.NewPos(0, float32(i)*text*lineHigh))
		t.Resize(fyne.NewSize(size.Width, text*lineHigh))
	}
}

// lineHigh is a line's height, of the text's size.
const lineHigh = 1.4

// broke is text in lines no wider than room, broken at spaces.
func broke(text string, style fyne.TextStyle, size, room float32) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		tried := word
		if line != "" {
			tried = line + " " + word
		}
		if line != "" && fyne.MeasureText(tried, size, style).Width > room {
			out = append(out, line)
			tried = word
		}
		line = tried
	}
	return append(out, line)
}
