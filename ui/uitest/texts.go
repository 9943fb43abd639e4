package uitest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// Texts are all words that are seen under o.
func Texts(o fyne.CanvasObject) (all []string) {
	for _, object := range test.LaidOutObjects(o) {
		if t, ok := object.(*canvas.Text); ok && t.Visible() && t.Text != "" {
			all = append(all, t.Text)
		}
	}
	return all
}
