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

// The keys, row by row.
const (
	padBack  = "⌫"
	padClear = "C"
	padSign  = "+/-"
)

var padKeys = [...]string{"1", "2", "3", "0", padBack, "4", "5", "6", ".", padClear, "7", "8", "9", "00", padSign}

const padColumns, padRows = 5, 3

// maxTyped bounds what is typed; a number of any sign is shorter.
const maxTyped = 12

// NewPad is a pad on which nothing is typed.
func NewPad(onChange func(text string)) *Pad {
	p := &Pad{OnChange: onChange}
	cells := make([]fyne.CanvasObject, len(padKeys))
	for i, key := range padKeys {
		cells[i] = NewButton(key, func() { p.key(key) })
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
	wide, tall := (size.Width-gap*(padColumns-1))/padColumns, (size.Height-gap*(padRows-1))/padRows
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i%padColumns)*(wide+gap), float32(i/padColumns)*(tall+gap)))
		o.Resize(fyne.NewSize(wide, tall))
	}
}
