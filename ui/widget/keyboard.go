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

// The columns and rows of a tall keyboard, and those of a low one.
const (
	keyboardColumns, keyboardRows = 10, 4
	lowColumns, lowRows           = 12, 3
)

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

// keyboardLayout lays four rows where there is room: ten letters, nine and the key that
// takes back, the one for capitals and nine, the switch and the space. On a low screen
// these stand at the end of three rows.
type keyboardLayout struct{}

// MinSize implements [fyne.Layout].
func (keyboardLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	least, gap := theme.MM(theme.LeastMM), theme.MM(theme.GapMM)
	return fyne.NewSize(lowColumns*least+(lowColumns-1)*gap, lowRows*least+(lowRows-1)*gap)
}

// Layout implements [fyne.Layout].
func (keyboardLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	columns, rows := float32(keyboardColumns), float32(keyboardRows)
	low := size.Height < keyboardRows*theme.MM(theme.LeastMM)+(keyboardRows-1)*gap
	if low {
		columns, rows = lowColumns, lowRows
	}
	wide, high := (size.Width-gap*(columns-1))/columns, (size.Height-gap*(rows-1))/rows
	put := func(o fyne.CanvasObject, column, row, columns int) {
		o.Move(fyne.NewPos(float32(column)*(wide+gap), float32(row)*(high+gap)))
		o.Resize(fyne.NewSize(float32(columns)*(wide+gap)-gap, high))
	}
	for i, o := range objects[:len(letterKeys)] {
		if i < 19 { // ten and nine
			put(o, i%keyboardColumns, i/keyboardColumns, 1)
		} else {
			put(o, i-19+1, 2, 1)
		}
	}
	back, shift, other, space := objects[len(letterKeys)], objects[len(letterKeys)+1], objects[len(letterKeys)+2], objects[len(letterKeys)+3]
	put(shift, 0, 2, 1)
	if low {
		put(back, 10, 0, 2)
		put(other, 9, 1, 3)
		put(space, 10, 2, 2)
		return
	}
	put(back, 9, 1, 1)
	put(other, 0, 3, 2)
	put(space, 2, 3, 8)
}
