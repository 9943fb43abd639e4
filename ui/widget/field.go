package widget

// A Field is one line of text that can be read while it is written: keys on the screen
// write to it, and after a tap on it a keyboard does too.
type Field struct{ Secret }

// NewField is an empty field for at most so many characters. It shows hint while it is
// empty.
func NewField(hint string, most int, onEnter func()) *Field {
	f := &Field{}
	f.begin(hint, most, onEnter)
	f.shown = true
	f.touch.of, f.self = f, f
	f.ExtendBaseWidget(f)
	return f
}

// Set puts another text in its place.
func (f *Field) Set(text string) {
	f.Clear()
	f.Write(text)
}
