package widget

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/theme"
)

// On a pad with room for four rows 0 stands under 8, as on every telephone.
func TestOnATallPadZeroIsUnderEight(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Day))
	p := NewPad(nil)
	at := func(key string) (fyne.Position, fyne.Size) {
		for _, o := range p.Object().(*fyne.Container).Objects {
			if o.(*Button).Text() == key {
				return o.Position(), o.Size()
			}
		}
		t.Fatalf("no key %q", key)
		return fyne.Position{}, fyne.Size{}
	}
	for _, height := range []float32{480, 300} {
		p.Object().Resize(fyne.NewSize(700, height))
		zero, _ := at("0")
		eight, _ := at("8")
		if under := zero.X == eight.X && zero.Y > eight.Y; under != (height == 480) {
			t.Errorf("%v high: 0 at %v, 8 at %v", height, zero, eight)
		}
		for i := range 10 {
			if _, size := at(string(rune('0' + i))); size.Width < theme.MM(theme.LeastMM) || size.Height < theme.MM(theme.LeastMM) {
				t.Errorf("%v high: the key %d is %v", height, i, size)
			}
		}
	}
}
