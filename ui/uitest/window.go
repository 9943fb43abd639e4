package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// Window is a window without a display, of that many pixels, under a look. One
// pixel is one Fyne unit.
func Window(t testing.TB, look theme.Look, width, height float32) fyne.Window {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(look))
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	return w
}

// A Target is something a finger can hit.
type Target struct {
	Object fyne.CanvasObject
	Name   string
}

// Targets are all that can be tapped or held in what is laid out under o.
func Targets(o fyne.CanvasObject) []Target {
	var out []Target
	for _, object := range test.LaidOutObjects(o) {
		_, tap := object.(fyne.Tappable)
		_, hold := object.(desktop.Mouseable)
		if _, ground := object.(*widget.Ground); ground || !object.Visible() || !tap && !hold {
			continue
		}
		name := ""
		if a, ok := object.(fyne.Accessible); ok {
			name = a.AccessibilityLabel()
		}
		out = append(out, Target{object, name})
	}
	return out
}

// Find is the target whose name begins with that, or the test ends.
func Find(t testing.TB, o fyne.CanvasObject, name string) fyne.CanvasObject {
	t.Helper()
	var names []string
	for _, target := range Targets(o) {
		if len(target.Name) >= len(name) && target.Name[:len(name)] == name {
			return target.Object
		}
		names = append(names, target.Name)
	}
	t.Fatalf("nothing to tap is called %q; there is %q", name, names)
	return nil
}

// Tap taps the target of that name.
func Tap(t testing.TB, o fyne.CanvasObject, name string) {
	t.Helper()
	object, ok := Find(t, o, name).(fyne.Tappable)
	if !ok {
		t.Fatalf("%q is to be held, not tapped", name)
	}
	test.Tap(object)
}

// Press rests a finger on the target of that name; Lift takes it off.
func Press(t testing.TB, o fyne.CanvasObject, name string) (lift func()) {
	t.Helper()
	object, ok := Find(t, o, name).(desktop.Mouseable)
	if !ok {
		t.Fatalf("%q is to be tapped, not held", name)
	}
	object.MouseDown(&desktop.MouseEvent{})
	return func() { object.MouseUp(&desktop.MouseEvent{}) }
}
