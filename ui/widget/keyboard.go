package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/theme"
)

// A Keyboard is keys for a thumb, for the few words that must be written: a tablet may
// have no other. It holds nothing of what is typed.
type Keyboard struct {
	OnText func(text string)
	OnBack func()

	root  *fyne.Container
	keys  []*Button
	shift *Button
	other *Button
	upper bool // until the key is tapped again: call signs are capitals
	signs bool // digits and letters with accents stand on the keys
}

// The keys that write, row by row: ten, nine before the key that takes back, nine after
// the one for capitals.
var (
	letterKeys = [...]string{"q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "a", "s", "d", "f", "g", "h", "j", "k", "l", "z", "x", "c", "v", "b", "n", "m", "'", "-"}
	signKeys   = [...]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "é", "è", "ê", "à", "ç", "ñ", "á", "í", "ó", "ú", "ü", "/", ".", ",", ":", "=", "+", "_"}
)

const keyboardColumns, keyboardRows = 10, 4

// NewKeyboard is a keyboard whose widest key is called space.
func NewKeyboard(space string) *Keyboard {
	k := &Keyboard{}
	var all []fyne.CanvasObject
	for i := range letterKeys {
		b := NewButton(letterKeys[i], func() { k.key(i) })
		k.keys, all = append(k.keys, b), append(all, b)
	}
	back := NewButton(padBack, func() {
		if k.OnBack != nil {
			k.OnBack()
		}
	})
	k.shift = NewButton("⇧", func() { k.upper = !k.upper; k.show() })
	k.other = NewButton("123", func() { k.signs = !k.signs; k.show() })
	all = append(all, back, k.shift, k.other, NewButton(space, func() { k.write(" ") }))
	k.root = container.New(keyboardLayout{}, all...)
	return k
}

// Object is what stands on the screen.
func (k *Keyboard) Object() fyne.CanvasObject { return k.root }

func (k *Keyboard) key(i int) {
	k.write(k.keys[i].Text())
}

func (k *Keyboard) write(text string) {
	if k.OnText != nil {
		k.OnText(text)
	}
}

func (k *Keyboard) show() {
	for i, b := range k.keys {
		text := letterKeys[i]
		if k.signs {
			text = signKeys[i]
		}
		if k.upper {
			text = strings.ToUpper(text)
		}
		b.Say(text, "")
	}
	k.shift.Choose(k.upper)
	if k.other.Say("123", ""); k.signs {
		k.other.Say("abc", "")
	}
}

// keyboardLayout lays four rows: ten letters, nine and the key that takes back, the one
// for capitals and nine, the switch and the space.
type keyboardLayout struct{}

// MinSize implements [fyne.Layout].
func (keyboardLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	least, gap := theme.MM(theme.LeastMM), theme.MM(theme.GapMM)
	return fyne.NewSize(keyboardColumns*least+(keyboardColumns-1)*gap, keyboardRows*least+(keyboardRows-1)*gap)
}

// Layout implements [fyne.Layout].
func (keyboardLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	wide, high := (size.Width-gap*(keyboardColumns-1))/keyboardColumns, (size.Height-gap*(keyboardRows-1))/keyboardRows
	put := func(o fyne.CanvasObject, column, row, columns int) {
		o.Move(fyne.NewPos(float32(column)*(wide+gap), float32(row)*(high+gap)))
		o.Resize(fyne.NewSize(float32(columns)*(wide+gap)-gap, high))
	}
	for i, o := range objects[:len(letterKeys)] {
		switch {
		case i < 19: // the tenth of the second row takes back
			put(o, i%keyboardColumns, i/keyboardColumns, 1)
		default:
			put(o, i-19+1, 2, 1)
		}
	}
	rest := objects[len(letterKeys):]
	put(rest[0], 9, 1, 1)
	put(rest[1], 0, 2, 1)
	put(rest[2], 0, 3, 2)
	put(rest[3], 2, 3, 8)
}
