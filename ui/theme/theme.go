// Package theme is how everything looks: three looks (day, sun, night), sizes in
// millimetres, and one table of colours in which the signals' colours are kept
// away from the alarms'. It draws nothing and knows no patient.
//
// # Look
//
// Day is paper, for forms. Sun is the most contrast there is. Night is near black
// and without saturated blue, so that eyes stay used to the dark; alarms stay as
// distinct as by day. The instrument's part of a screen is dark in every look.
//
// # Millimetre
//
// Fyne's unit is 1/120 inch when the display tells its size truly. Displays lie:
// a person lays a ruler on the screen and [Theme.Calibrate] takes the answer.
package theme

import (
	"errors"
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// A Look is one of the three sets of colours.
type Look uint8

// The looks.
const (
	Day Look = iota
	Sun
	Night
)

// Looks are all of them, in the order a tap goes through them.
var Looks = [...]Look{Day, Sun, Night}

// String is the look's name for a setting.
func (l Look) String() string { return [...]string{"day", "sun", "night"}[min(l, Night)] }

// Next is the look one tap further.
func (l Look) Next() Look { return (l + 1) % Look(len(Looks)) }

// unitsPerMM is Fyne's baseline of 120 units an inch.
const unitsPerMM = 120 / 25.4

// A Theme is a look and a ruler. It is a value in use: Fyne is told of a new one
// by SetTheme.
type Theme struct {
	Look   Look
	ruler  float32 // units in one millimetre
	basics fyne.Theme
}

var _ fyne.Theme = (*Theme)(nil)

// New is a look on a display that tells its size truly.
func New(l Look) *Theme {
	return &Theme{Look: l, ruler: unitsPerMM, basics: fynetheme.DefaultTheme()}
}

// With is the same ruler under another look.
func (t *Theme) With(l Look) *Theme {
	return &Theme{Look: l, ruler: t.ruler, basics: t.basics}
}

// ErrRuler reports a measure no display of a tablet can have.
var ErrRuler = errors.New("the measured length cannot be right: measure the line again, in millimetres")

// Calibrate is t with a ruler that makes a line of that many units measured
// millimetres long. A display more than twice off is ErrRuler: a typing mistake
// must not make every button too small to hit.
func (t *Theme) Calibrate(units, measured float32) (*Theme, error) {
	if measured <= 0 {
		return t, ErrRuler
	}
	ruler := units / measured
	if !(ruler > unitsPerMM/2 && ruler < unitsPerMM*2) {
		return t, ErrRuler
	}
	return &Theme{Look: t.Look, ruler: ruler, basics: t.basics}, nil
}

// MM is a length in Fyne units under the theme in use; under a theme not of this
// package, by Fyne's baseline.
func MM(millimetres float32) float32 {
	if t, ok := current().(*Theme); ok {
		return millimetres * t.ruler
	}
	return millimetres * unitsPerMM
}

// The sizes of what a finger meets, in millimetres. Under vibration entry
// improves up to 17.5 mm (Liu 2024) and 20 mm (Appl. Ergon. 44, 2013).
const (
	PrimaryMM  = 20 // primary actions, acknowledgement, confirmation
	OrdinaryMM = 17 // buttons, tiles, keys
	LeastMM    = 15 // anything that can be tapped
	GapMM      = 2
)

// The sizes of text, in units.
func (t *Theme) text(scale float32) float32 { return scale * t.ruler / unitsPerMM }

// Text sizes in units at the baseline ruler: body text is 4.6 mm high.
const (
	Small = 16
	Body  = 22
	Large = 28
)

// Text is a text size under the theme in use.
func Text(size float32) float32 {
	if t, ok := current().(*Theme); ok {
		return t.text(size)
	}
	return size
}

// current is the theme in use, nil when no program runs yet.
func current() fyne.Theme {
	if app := fyne.CurrentApp(); app != nil {
		return app.Settings().Theme()
	}
	return nil
}

// Colour is a colour of this package's table under the theme in use.
func Colour(name fyne.ThemeColorName) color.NRGBA {
	look := Day
	if t, ok := current().(*Theme); ok {
		look = t.Look
	}
	return look.Colour(name)
}

// Color implements [fyne.Theme].
func (t *Theme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if _, ours := table[name]; ours {
		return t.Look.Colour(name)
	}
	switch name {
	case fynetheme.ColorNameBackground, fynetheme.ColorNameMenuBackground, fynetheme.ColorNameOverlayBackground:
		return t.Look.Colour(Ground)
	case fynetheme.ColorNameForeground:
		return t.Look.Colour(Ink)
	case fynetheme.ColorNameButton, fynetheme.ColorNameInputBackground:
		return t.Look.Colour(Surface)
	case fynetheme.ColorNameDisabled, fynetheme.ColorNamePlaceHolder:
		return t.Look.Colour(Faint)
	case fynetheme.ColorNamePrimary, fynetheme.ColorNameFocus:
		return t.Look.Colour(Accent)
	}
	variant := fynetheme.VariantLight
	if t.Look == Night {
		variant = fynetheme.VariantDark
	}
	return t.basics.Color(name, variant)
}

// Font implements [fyne.Theme]. Fyne's own face has figures of one width, which a
// test holds it to: a number must not jump when a digit changes.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return t.basics.Font(s) }

// Icon implements [fyne.Theme].
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return t.basics.Icon(n) }

// Size implements [fyne.Theme].
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case fynetheme.SizeNameText:
		return t.text(Body)
	case fynetheme.SizeNamePadding:
		return GapMM * t.ruler / 2
	}
	return t.basics.Size(n)
}
