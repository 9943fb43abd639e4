package widget

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
	"rsc.io/qr"
)

// quietZone is how many modules of white stand round a code (ISO/IEC 18004).
const quietZone = 4

// A Code is a text as a QR code, black on white in every look, for another screen's
// camera. Level M: 15 % may be unreadable, as on a scratched screen.
type Code struct {
	fynewidget.BaseWidget
	label   string
	picture *canvas.Image
}

// NewCode is a code that label names; a text too long for any is an error.
func NewCode(text, label string) (*Code, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	side := code.Size + 2*quietZone
	m := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				m.SetColorIndex(x+quietZone, y+quietZone, 1)
			}
		}
	}
	c := &Code{label: label, picture: canvas.NewImageFromImage(m)}
	c.picture.ScaleMode, c.picture.FillMode = canvas.ImageScalePixels, canvas.ImageFillContain
	c.ExtendBaseWidget(c)
	return c, nil
}

// AccessibilityLabel implements [fyne.Accessible].
func (c *Code) AccessibilityLabel() string { return c.label }

// AccessibilityRole implements [fyne.Accessible].
func (c *Code) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (c *Code) CreateRenderer() fyne.WidgetRenderer { return fynewidget.NewSimpleRenderer(c.picture) }
