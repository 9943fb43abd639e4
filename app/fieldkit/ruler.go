//go:build cgo

package main

import (
	"fyne.io/fyne/v2"

	"fieldkit/ui/theme"
)

// Under which names the window's preferences keep what a ruler said.
const (
	rulerUnits       = "ruler-units"
	rulerMillimetres = "ruler-millimetres"
)

// ruled is t by the ruler that a person laid on this display, when one did.
func ruled(t *theme.Theme, p fyne.Preferences) *theme.Theme {
	units, millimetres := p.Float(rulerUnits), p.Float(rulerMillimetres)
	if units <= 0 || millimetres <= 0 {
		return t
	}
	if calibrated, err := t.Calibrate(float32(units), float32(millimetres)); err == nil {
		return calibrated
	}
	return t
}

func keepRuler(p fyne.Preferences, units, millimetres float32) {
	p.SetFloat(rulerUnits, float64(units))
	p.SetFloat(rulerMillimetres, float64(millimetres))
}
