package theme

import (
	"image/color"

	"fyne.io/fyne/v2"

	"fieldkit/triage/alarm"
	"fieldkit/triage/vital"
)

// The colours, by what they are for.
const (
	Ground  fyne.ThemeColorName = "fieldkit-ground"  // behind forms
	Surface fyne.ThemeColorName = "fieldkit-surface" // a button, a card
	Pressed fyne.ThemeColorName = "fieldkit-pressed"
	Ink     fyne.ThemeColorName = "fieldkit-ink"
	Faint   fyne.ThemeColorName = "fieldkit-faint" // second to ink
	Accent  fyne.ThemeColorName = "fieldkit-accent"
	OnFill  fyne.ThemeColorName = "fieldkit-on-accent"

	// The instrument's part: dark in every look.
	Glass      fyne.ThemeColorName = "fieldkit-glass"
	Tile       fyne.ThemeColorName = "fieldkit-tile"
	GlassInk   fyne.ThemeColorName = "fieldkit-glass-ink"
	GlassFaint fyne.ThemeColorName = "fieldkit-glass-faint" // a value that has greyed

	// The alarms' colours belong to priorities and to nothing else (IEC 60601-1-8
	// as the Comen N10 manual gives it: red, yellow, cyan).
	High    fyne.ThemeColorName = "fieldkit-high"
	Medium  fyne.ThemeColorName = "fieldkit-medium"
	Low     fyne.ThemeColorName = "fieldkit-low"
	OnAlarm fyne.ThemeColorName = "fieldkit-on-alarm"
	// The ground of a tile while its alarm flashes; the number on it stays.
	FlashHigh   fyne.ThemeColorName = "fieldkit-flash-high"
	FlashMedium fyne.ThemeColorName = "fieldkit-flash-medium"

	Training fyne.ThemeColorName = "fieldkit-training" // the frame: purple, nothing else is

	Heart    fyne.ThemeColorName = "fieldkit-heart"
	Oxygen   fyne.ThemeColorName = "fieldkit-oxygen"
	Breath   fyne.ThemeColorName = "fieldkit-breath"
	Carbon   fyne.ThemeColorName = "fieldkit-carbon"
	Pressure fyne.ThemeColorName = "fieldkit-pressure"
	Warmth   fyne.ThemeColorName = "fieldkit-warmth"
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// table is every colour by look: day, sun, night. There is no standard for the
// signals' colours (APSF Newsletter 27(3), 2013): one scheme is kept here, and
// tests hold it to its distance from the alarms' colours and to its contrast.
var table = map[fyne.ThemeColorName][3]color.NRGBA{
	Ground:  {rgb(0xf6f5f1), rgb(0xffffff), rgb(0x0b0c0d)},
	Surface: {rgb(0xe2e0d8), rgb(0xe6e6e6), rgb(0x1d2023)},
	Pressed: {rgb(0xc9c6bb), rgb(0xbfbfbf), rgb(0x30353a)},
	Ink:     {rgb(0x16181a), rgb(0x000000), rgb(0xb9b5ab)},
	Faint:   {rgb(0x4d5257), rgb(0x303030), rgb(0x8f8b82)},
	Accent:  {rgb(0x1f5f4a), rgb(0x00402c), rgb(0x3c5a4c)},
	OnFill:  {rgb(0xffffff), rgb(0xffffff), rgb(0xd6d2c6)},

	Glass:      {rgb(0x0e1114), rgb(0x000000), rgb(0x050606)},
	Tile:       {rgb(0x171b1f), rgb(0x0c0c0c), rgb(0x0d0f10)},
	GlassInk:   {rgb(0xe8eaec), rgb(0xffffff), rgb(0xb9b5ab)},
	GlassFaint: {rgb(0x9aa2aa), rgb(0xb4b4b4), rgb(0x827e76)},

	High:        {rgb(0xff4438), rgb(0xff4a3d), rgb(0xe0443a)},
	Medium:      {rgb(0xffd60a), rgb(0xffde1f), rgb(0xd4b21a)},
	Low:         {rgb(0x32d7f0), rgb(0x3fe0ff), rgb(0x2fa9b8)},
	OnAlarm:     {rgb(0x000000), rgb(0x000000), rgb(0x000000)},
	FlashHigh:   {rgb(0x6d0f0a), rgb(0x7a0c06), rgb(0x4d0d0a)},
	FlashMedium: {rgb(0x4f4200), rgb(0x574900), rgb(0x3a3106)},

	Training: {rgb(0x8e24aa), rgb(0x9c1fc0), rgb(0x7a2f92)},

	Heart:    {rgb(0x00e676), rgb(0x1eff8a), rgb(0x4caf76)},
	Oxygen:   {rgb(0x64b5f6), rgb(0x86b4ff), rgb(0x9c98bd)},
	Breath:   {rgb(0xfff3b0), rgb(0xfff6c4), rgb(0xb8b08a)},
	Carbon:   {rgb(0xf2f2f2), rgb(0xffffff), rgb(0xb0b0ac)},
	Pressure: {rgb(0xff8ad0), rgb(0xff9fda), rgb(0xc0789f)},
	Warmth:   {rgb(0xffa25c), rgb(0xffac6b), rgb(0xb9855a)},
}

// Colour is one colour of a look; transparent for a name not in the table.
func (l Look) Colour(name fyne.ThemeColorName) color.NRGBA { return table[name][min(l, Night)] }

// Signals are the names of the signals' colours.
var Signals = [...]fyne.ThemeColorName{Heart, Oxygen, Breath, Carbon, Pressure, Warmth}

// Alarms are the names of the alarms' colours.
var Alarms = [...]fyne.ThemeColorName{High, Medium, Low}

// OfSign is the colour of a sign: its number, its label and its trace alike.
func OfSign(s vital.Sign) fyne.ThemeColorName {
	switch {
	case s == vital.SpO2, s == vital.PulseRate, s == vital.PerfusionIndex, s == vital.PlethVariability, s >= vital.SpCO && s <= vital.SpOC:
		return Oxygen
	case s == vital.HeartRate, s >= vital.STI && s <= vital.STV:
		return Heart
	case s >= vital.RespRate && s <= vital.Apnoea && s != vital.RespRateCO2:
		return Breath
	case s == vital.RespRateCO2, s >= vital.EtCO2 && s <= vital.AmbientPressure:
		return Carbon
	case s >= vital.NIBPSys && s <= vital.CVPMean, s == vital.PulseRateNIBP:
		return Pressure
	case s >= vital.Temperature && s <= vital.Temperature4:
		return Warmth
	}
	return GlassInk
}

// OfLead is the colour of a trace.
func OfLead(l vital.Lead) fyne.ThemeColorName {
	switch {
	case l >= vital.ECGI && l <= vital.ECGPads:
		return Heart
	case l == vital.Pleth:
		return Oxygen
	case l == vital.Resp, l >= vital.Airway && l <= vital.Volume:
		return Breath
	case l >= vital.CO2 && l <= vital.N2O:
		return Carbon
	case l >= vital.P1 && l <= vital.Cuff:
		return Pressure
	}
	return GlassInk
}

// OfPriority is the colour of an alarm.
func OfPriority(p alarm.Priority) fyne.ThemeColorName {
	switch p {
	case alarm.High:
		return High
	case alarm.Medium:
		return Medium
	}
	return Low
}

// bands tell patients apart at a glance, beside name and age: no red, yellow,
// green, cyan or purple among them, which say how urgent, how alarming, or training.
var bands = [...]color.NRGBA{rgb(0x2f5d9b), rgb(0x7a5230), rgb(0x1f6a75), rgb(0x9a4a6a), rgb(0x51616e), rgb(0x3f3f87)}

// Band is the colour of a patient's band: the same on every screen and station,
// for it follows from the encounter's id.
func Band(encounter [16]byte) color.NRGBA {
	return bands[int(encounter[15])%len(bands)]
}
