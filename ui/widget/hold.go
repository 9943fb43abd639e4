package widget

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/ui/theme"
)

// HoldTime is how long a finger must rest on what cannot be undone.
const HoldTime = time.Second

// A Hold is a button that acts after a finger has rested on it for [HoldTime]. A
// bar fills meanwhile; a finger that lifts or slides off before does nothing. It
// acts once: [Hold.Reset] arms it again.
type Hold struct {
	fynewidget.BaseWidget
	touch
	OnHeld func()

	text  string
	down  bool
	since time.Time // zero until the first Tick with the finger down
	done  bool
	part  float32
	off   bool
	rect  *canvas.Rectangle
	bar   *canvas.Rectangle
	label *canvas.Text
}

// NewHold is a hold-to-confirm of 20 mm at least.
func NewHold(text string, onHeld func()) *Hold {
	h := &Hold{
		text: text, OnHeld: onHeld,
		rect: canvas.NewRectangle(color.White), bar: canvas.NewRectangle(color.Black), label: canvas.NewText(text, color.Black),
	}
	h.label.Alignment, h.label.TextStyle.Bold = fyne.TextAlignCenter, true
	h.touch.of = h
	h.ExtendBaseWidget(h)
	return h
}

// Say sets the words.
func (h *Hold) Say(text string) {
	if h.text != text {
		h.text = text
		h.Refresh()
	}
}

// Disable makes the button do nothing and shows it.
func (h *Hold) Disable(off bool) {
	if h.off != off {
		h.off, h.down = off, false
		h.Refresh()
	}
}

// Reset arms the button again.
func (h *Hold) Reset() {
	h.done, h.down, h.part = false, false, 0
	h.Refresh()
}

// Tick is called with every frame; it fills the bar and acts when the time is over.
func (h *Hold) Tick(now time.Time) {
	if !h.down || h.done {
		return
	}
	if h.since.IsZero() {
		h.since = now
	}
	held := now.Sub(h.since)
	h.part = min(1, float32(held)/float32(HoldTime))
	if held >= HoldTime {
		h.done, h.down = true, false
		h.Refresh()
		if h.OnHeld != nil {
			h.OnHeld()
		}
		return
	}
	h.Refresh()
}

func (h *Hold) press() {
	if h.off || h.done {
		return
	}
	h.down, h.since = true, time.Time{}
}

func (h *Hold) release() {
	if h.down {
		h.down, h.part = false, 0
		h.Refresh()
	}
}

func (h *Hold) tap() {}

// AccessibilityLabel implements [fyne.Accessible].
func (h *Hold) AccessibilityLabel() string { return h.text }

// AccessibilityRole implements [fyne.Accessible].
func (h *Hold) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements [fyne.Widget].
func (h *Hold) CreateRenderer() fyne.WidgetRenderer {
	r := &holdRenderer{h}
	r.Refresh()
	return r
}

type holdRenderer struct{ h *Hold }

func (r *holdRenderer) Layout(s fyne.Size) {
	h := r.h
	h.rect.Resize(s)
	h.rect.CornerRadius, h.bar.CornerRadius = 8, 8
	strip := s.Height * 0.25 // under the words, which stay readable while it fills
	h.bar.Move(fyne.NewPos(0, s.Height-strip))
	h.bar.Resize(fyne.NewSize(s.Width*h.part, strip))
	h.label.TextSize = narrow(h.label, s.Width-2*theme.MM(2), theme.Text(theme.Large))
	high := h.label.MinSize().Height
	h.label.Move(fyne.NewPos(0, (s.Height-high)/2))
	h.label.Resize(fyne.NewSize(s.Width, high))
}

func (r *holdRenderer) MinSize() fyne.Size {
	least := theme.MM(theme.PrimaryMM)
	return fyne.NewSize(2*least, least)
}

func (r *holdRenderer) Refresh() {
	h := r.h
	h.label.Text = h.text
	h.rect.FillColor, h.bar.FillColor = theme.Colour(theme.Surface), theme.Colour(theme.Accent)
	h.rect.StrokeColor, h.rect.StrokeWidth = theme.Colour(theme.Accent), theme.MM(0.8)
	h.label.Color = theme.Colour(theme.Ink)
	if h.off {
		h.label.Color, h.rect.StrokeWidth = theme.Colour(theme.Faint), 0
	}
	r.Layout(h.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *holdRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.h.rect, r.h.bar, r.h.label}
}

func (r *holdRenderer) Destroy() {}
