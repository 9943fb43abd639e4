package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/theme"
)

// SmallestText is the least height of a text, in units, 2.6 mm: less cannot be read in a
// moving vehicle.
const SmallestText = 12.5

// Fits fails for every target of a page that is too small for a thumb, and every text
// that is too small to read or wider than its place.
func Fits(t testing.TB, where string, page fyne.CanvasObject) {
	t.Helper()
	least := theme.MM(theme.LeastMM)
	for _, target := range Targets(page) {
		if s := target.Object.Size(); s.Width < least || s.Height < least {
			t.Errorf("%s: %q is %.1f by %.1f mm", where, target.Name, s.Width/theme.MM(1), s.Height/theme.MM(1))
		}
	}
	for _, o := range test.LaidOutObjects(page) {
		if text, ok := o.(*canvas.Text); ok && text.Text != "" && text.Visible() {
			if wide := text.MinSize().Width; wide > text.Size().Width+1 || text.TextSize < SmallestText {
				t.Errorf("%s: %q is %.0f wide in %.0f, %.1f units high", where, text.Text, wide, text.Size().Width, text.TextSize)
			}
		}
	}
}
