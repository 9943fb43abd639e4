package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/theme"
)

// A Pad is a number pad for a thumb: the digits as on a telephone, the decimal
// point, the sign, and two keys that take back. It holds what was typed as text and
// judges nothing.
type Pad struct {
	OnChange func(text string)

	root *fyne.Container
	text string
}

// The keys.
const (
	padBack  = "⌫"
	padClear = "C"
	padSign  = "+/-"
)

// A padKey is where a key stands: as on a telephone, with 0 under 8, where there is
// room for four rows; and in three rows on a low screen, 0 beside 3.
type padKey struct {
	text string
	tall padCell
	low  padCell
}

// A padCell is a column and a row, and how many rows a key is high.
type padCell struct{ column, row, rows int }

var padKeys = [...]padKey{
	{"1", padCell{0, 0, 1}, padCell{0, 0, 1}}, {"2", padCell{1, 0, 1}, padCell{1, 0, 1}}, {"3", padCell{2, 0, 1}, padCell{2, 0, 1}},
	{"4", padCell{0, 1, 1}, padCell{0, 1, 1}}, {"5", padCell{1, 1, 1}, padCell{1, 1, 1}}, {"6", padCell{2, 1, 1}, padCell{2, 1, 1}},
	{"7", padCell{0, 2, 1}, padCell{0, 2, 1}}, {"8", padCell{1, 2, 1}, padCell{1, 2, 1}}, {"9", padCell{2, 2, 1}, padCell{2, 2, 1}},
	{".", padCell{0, 3, 1}, padCell{3, 1, 1}}, {"0", padCell{1, 3, 1}, padCell{3, 0, 1}}, {"00", padCell{2, 3, 1}, padCell{3, 2, 1}},
	{padBack, padCell{3, 0, 2}, padCell{4, 0, 1}}, {padClear, padCell{3, 2, 1}, padCell{4, 1, 1}}, {padSign, padCell{3, 3, 1}, padCell{4, 2, 1}},
}

// The columns and rows of a low pad, and those of a tall one.
const (
	padColumns, padRows   = 5, 3
	tallColumns, tallRows = 4, 4
)

// maxTyped bounds what is typed; a number of any sign is shorter.
const maxTyped = 12

// NewPad is a pad on which nothing is typed.
func NewPad(onChange func(text string)) *Pad {
	p := &Pad{OnChange: onChange}
	cells := make([]fyne.CanvasObject, len(padKeys))
	for i, key := range padKeys {
		cells[i] = NewButton(key.text, func() { p.key(key.text) })
	}
	p.root = container.New(padLayout{}, cells...)
	return p
}

// Object is what stands on the screen.
func (p *Pad) Object() fyne.CanvasObject { return p.root }

// Text is what was typed.
func (p *Pad) Text() string { return p.text }

// Set puts another text in its place, without telling.
func (p *Pad) Set(text string) { p.text = text }

func (p *Pad) key(key string) {
	switch key {
	case padBack:
		p.text = p.text[:max(0, len(p.text)-1)]
	case padClear:
		p.text = ""
	case padSign:
		if rest, negative := strings.CutPrefix(p.text, "-"); negative {
			p.text = rest
		} else {
			p.text = "-" + p.text
		}
	default:
		if len(p.text)+len(key) <= maxTyped {
			p.text += key
		}
	}
	if p.OnChange != nil {
		p.OnChange(p.text)
	}
}

type padLayout struct{}

func (padLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	least, gap := theme.MM(theme.LeastMM), theme.MM(theme.GapMM)
	return fyne.NewSize(padColumns*least+(padColumns-1)*gap, padRows*least+(padRows-1)*gap)
}

func (padLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	columns, rows := padColumns, padRows
	tall := size.Height >= tallRows*theme.MM(theme.OrdinaryMM)+(tallRows-1)*gap
	if tall {
		columns, rows = tallColumns, tallRows
	}
	wide, high := (size.Width-gap*float32(columns-1))/float32(columns), (size.Height-gap*float32(rows-1))/float32(rows)
	for i, o := range objects {
		at := padKeys[i].low
		if tall {
			at = padKeys[i].tall
		}
		o.Move(fyne.NewPos(float32(at.column)*(wide+gap), float32(at.row)*(high+gap)))
		o.Resize(fyne.NewSize(wide, float32(at.rows)*(high+gap)-gap))
	}
}
