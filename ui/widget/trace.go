package widget

import (
	"image"
	"image/color"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"

	"fieldkit/triage/vital"
	"fieldkit/ui/theme"
)

// A Trace is one waveform as a sweep. ECG is drawn with 10 mm for a millivolt, or
// 5 where that does not fit, about a slowly followed middle: it must not be used
// to judge ST, and its caption says so. CO2 has a fixed scale; other leads fill
// their height.
type Trace struct {
	fynewidget.BaseWidget
	Lead vital.Lead
	// Caption says lead, speed and gain; the caller fits in its own words.
	Caption func(gain string, speed float64) string

	pen     pen
	ground  *canvas.Rectangle
	raster  *canvas.Raster
	label   *canvas.Text
	reason  *canvas.Text
	colour  fyne.ThemeColorName
	pixels  float64 // of one unit
	expect  vital.Instant
	newest  vital.Instant // the last sample that was one
	sampled bool
	format  format // of the runs taken
	middle  float64
	settled bool
	seen    extent
	ranged  vital.Instant
	gain    string
}

// format tells two monitors' traces of one lead apart, which a live frame does not:
// samples of two must never be drawn as one.
type format struct {
	rate, scale      vital.Decimal
	offset, min, max int32
}

// otherAfter is for how long the trace shown must be silent before another
// monitor's takes its place.
const otherAfter = 2 * time.Second

// extent is the lowest and highest value lately.
type extent struct{ low, high float64 }

// Sweep speeds in millimetres a second: 25 for what beats, 6.25 for what breathes.
const (
	beatSpeed   = 25
	breathSpeed = 6.25
)

// NewTrace is an empty trace of a lead.
func NewTrace(l vital.Lead) *Trace {
	t := &Trace{Lead: l, colour: theme.OfLead(l), pixels: 1}
	t.ground = canvas.NewRectangle(color.Black)
	t.raster = canvas.NewRaster(t.generate)
	t.raster.ScaleMode = canvas.ImageScalePixels
	t.label = canvas.NewText("", color.White)
	t.reason = canvas.NewText("", color.White)
	t.reason.Alignment = fyne.TextAlignCenter
	t.ExtendBaseWidget(t)
	t.restyle()
	return t
}

// Speed is the sweep's, in millimetres a second.
func (t *Trace) Speed() float64 {
	switch t.Lead {
	case vital.Resp, vital.CO2, vital.Flow, vital.Volume, vital.Airway, vital.O2, vital.AA, vital.N2O:
		return breathSpeed
	}
	return beatSpeed
}

// Hear takes in a run of samples. Runs come in order; one that starts before the
// last ended by more than two samples and 30 ms is dropped, one that starts later
// by more leaves a gap.
func (t *Trace) Hear(w *vital.Waveform) {
	rate := w.Rate.Float()
	if rate <= 0 || len(w.Samples) == 0 {
		return
	}
	if f := (format{w.Rate, w.Scale, w.Offset, w.Min, w.Max}); f != t.format {
		if t.sampled && w.Arrived.Sub(t.newest) < otherAfter {
			return
		}
		t.Forget()
		t.format = f
	}
	step := time.Duration(float64(time.Second) / rate)
	slack := 2*step + 30*time.Millisecond
	start := w.Arrived
	if t.expect != 0 {
		switch late := start.Sub(t.expect); {
		case late < -slack:
			return
		case late > slack:
			t.lift(start)
		case late < 0:
			start = t.expect // a run begins on the clock's tenth; its samples go on evenly
		}
	}
	scale, bare := w.Scale.Float(), w.Scale.Mantissa == 0
	if bare {
		scale = 1
	}
	gap := 0
	for i, s := range w.Samples {
		at := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		for gap < len(w.Gaps) && i >= w.Gaps[gap].From+w.Gaps[gap].Len {
			gap++
		}
		if gap < len(w.Gaps) && i >= w.Gaps[gap].From {
			t.lift(at)
			continue
		}
		t.put(at, (float64(s)+float64(w.Offset))*scale, step, bare)
	}
	t.expect = start.Add(time.Duration(float64(len(w.Samples)) / rate * float64(time.Second)))
}

// lift leaves a gap at an instant.
func (t *Trace) lift(at vital.Instant) {
	t.settled = false
	if n := len(t.pen.points); n > 0 && math.IsNaN(t.pen.points[n-1].value) {
		return
	}
	t.pen.add(point{at, math.NaN()})
}

// middleTime is how slowly the middle of an ECG is followed: about 0.1 Hz, under
// the beat and over the drift of a warming electrode.
const middleTime = 1500 * time.Millisecond

func (t *Trace) put(at vital.Instant, v float64, step time.Duration, bare bool) {
	if t.ecg() {
		if !t.settled {
			t.middle, t.settled = v, true
		}
		t.middle += (v - t.middle) * min(1, step.Seconds()/middleTime.Seconds())
		v -= t.middle
	}
	t.newest, t.sampled = at, true
	t.pen.add(point{at, v})
	t.fit(at, v, bare)
}

func (t *Trace) ecg() bool { return t.Lead >= vital.ECGI && t.Lead <= vital.ECGPads }

// rangeOver is how far back the values count for the scale: two slow breaths.
const rangeOver = 10 * time.Second

// fit widens the scale at once to hold v, and narrows it every four seconds.
func (t *Trace) fit(at vital.Instant, v float64, bare bool) {
	t.seen.low, t.seen.high = min(t.seen.low, v), max(t.seen.high, v)
	if t.ecg() && !bare {
		return // its scale follows from the height
	}
	low, high := t.seen.low, t.seen.high
	if t.Lead == vital.CO2 && !bare {
		low, high = 0, 50
		if t.seen.high > 50 {
			high = 100
		}
	}
	if at.Sub(t.ranged) < 4*time.Second && low >= t.pen.low && high <= t.pen.high {
		return
	}
	t.ranged = at
	t.seen = extent{v, v}
	for _, p := range t.pen.points {
		if !math.IsNaN(p.value) && at.Sub(p.at) < rangeOver {
			t.seen.low, t.seen.high = min(t.seen.low, p.value), max(t.seen.high, p.value)
		}
	}
	if t.Lead != vital.CO2 || bare {
		room := (t.seen.high - t.seen.low) * 0.1
		low, high = t.seen.low-room, t.seen.high+room
		if span := t.pen.high - t.pen.low; span > 0 && low >= t.pen.low && high <= t.pen.high && high-low > 0.7*span {
			return // near enough: a scale that keeps moving cannot be read
		}
	}
	t.setRange(low, high)
}

func (t *Trace) setRange(low, high float64) {
	if low == t.pen.low && high == t.pen.high {
		return
	}
	t.pen.low, t.pen.high = low, high
	t.pen.redraw()
}

// Advance draws up to the station's instant now, and shows it when anything
// changed. why is said in words across a trace that holds nothing.
func (t *Trace) Advance(now vital.Instant, why string) {
	if t.reason.Text != why {
		t.reason.Text = why
		t.reason.Refresh()
	}
	if t.pen.advance(now) {
		t.raster.Refresh()
	}
}

// Quiet reports whether no sample stands in the last second before the instant
// drawn last.
func (t *Trace) Quiet() bool {
	return !t.sampled || t.pen.to.Sub(t.newest) > time.Second
}

// Forget empties the trace.
func (t *Trace) Forget() {
	t.pen.forget()
	t.expect, t.settled, t.sampled, t.seen, t.ranged = 0, false, false, extent{}, 0
	t.pen.low, t.pen.high = 0, 0
	t.rescale()
	t.raster.Refresh()
}

// generate is called by Fyne with the size in pixels.
func (t *Trace) generate(w, h int) image.Image {
	if units := t.raster.Size().Width; units > 0 {
		if pixels := float64(w) / float64(units); math.Abs(pixels-t.pixels) > 0.001 {
			t.pixels = pixels
			t.restyle()
		}
	}
	if t.pen.picture == nil || t.pen.picture.Rect.Dx() != w || t.pen.picture.Rect.Dy() != h {
		t.pen.size(w, h)
		t.rescale()
	}
	return t.pen.picture
}

// rescale fits an ECG's millivolts to the height there is.
func (t *Trace) rescale() {
	if !t.ecg() || t.pen.picture == nil {
		return
	}
	mm := float64(theme.MM(1)) * t.pixels
	tall := float64(t.pen.picture.Rect.Dy()) / mm // millimetres
	per, gain := 10.0, "10 mm/mV"
	if tall < 25 { // 2.5 mV must fit
		per, gain = 5, "5 mm/mV"
	}
	if gain != t.gain {
		t.gain = gain
		t.relabel()
	}
	half := tall / per / 2
	t.setRange(-0.7*half, 1.3*half) // an R wave points up more than anything points down
}

func (t *Trace) relabel() {
	t.label.Text = t.Lead.Info().Label
	if t.Caption != nil {
		t.label.Text = t.Caption(t.gain, t.Speed())
	}
	t.label.Resize(t.label.MinSize())
	t.label.Refresh()
}

// restyle takes over the theme's colours and lengths.
func (t *Trace) restyle() {
	t.pen.ink, t.pen.paper = theme.Colour(t.colour), theme.Colour(theme.Glass)
	t.pen.speed = t.Speed() * float64(theme.MM(1)) * t.pixels
	t.pen.width = max(1.5, float64(theme.MM(0.45))*t.pixels)
	t.label.Color, t.label.TextSize = theme.Colour(t.colour), theme.Text(theme.Small)
	t.reason.Color, t.reason.TextSize = theme.Colour(theme.GlassInk), theme.Text(theme.Body)
	t.pen.redraw()
	t.rescale()
}

// AccessibilityLabel implements [fyne.Accessible].
func (t *Trace) AccessibilityLabel() string {
	if t.reason.Text != "" {
		return t.label.Text + ": " + t.reason.Text
	}
	return t.label.Text
}

// AccessibilityRole implements [fyne.Accessible].
func (t *Trace) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements [fyne.Widget].
func (t *Trace) CreateRenderer() fyne.WidgetRenderer { return &traceRenderer{t} }

type traceRenderer struct{ t *Trace }

func (r *traceRenderer) Layout(s fyne.Size) {
	t := r.t
	t.label.TextSize = theme.Text(theme.Small)
	head := t.label.MinSize().Height * 0.9
	t.ground.FillColor = theme.Colour(theme.Glass)
	t.ground.Resize(s)
	t.raster.Move(fyne.NewPos(0, head))
	t.raster.Resize(fyne.NewSize(s.Width, max(1, s.Height-head)))
	t.label.Move(fyne.NewPos(theme.MM(1), -head*0.05))
	t.label.Resize(t.label.MinSize())
	h := t.reason.MinSize().Height
	t.reason.Move(fyne.NewPos(0, (s.Height-h)/2))
	t.reason.Resize(fyne.NewSize(s.Width, h))
}

func (r *traceRenderer) MinSize() fyne.Size { return fyne.NewSize(theme.MM(30), theme.MM(8)) }

func (r *traceRenderer) Refresh() {
	t := r.t
	t.restyle()
	t.relabel()
	t.reason.Refresh()
	r.Layout(t.Size())
	t.ground.Refresh()
	t.raster.Refresh()
}

func (r *traceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.ground, r.t.raster, r.t.label, r.t.reason}
}

func (r *traceRenderer) Destroy() {}
