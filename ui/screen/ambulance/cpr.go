package ambulance

import (
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// cycle is how long compressions go on between two looks at the rhythm, and
// adrenalineAfter when the next adrenaline is due at the earliest and at the latest:
// ERC Guidelines 2021, adult advanced life support. They are times since, never
// orders.
const (
	cycle           = 2 * time.Minute
	adrenalineAfter = 3 * time.Minute
	adrenalineUntil = 5 * time.Minute
)

// A resuscitation is what the record says of one: it is told by the record alone, so
// that a window that restarts, and another tablet, show the same.
type resuscitation struct {
	began       time.Time // zero when none is going on
	ended       time.Time // of the last one, when none is going on
	checked     time.Time // the last look at the rhythm, or shock, or the beginning
	shocks      int
	shocked     time.Time
	adrenalines int
	adrenaline  time.Time
}

// The events of the record that make a resuscitation.
const (
	eventCPR    = "CPR started"
	eventCheck  = "rhythm check"
	eventShock  = "shock delivered"
	eventROSC   = "ROSC"
	eventCPREnd = "CPR stopped"
)

// adrenaline is what a dose of it may be called; ATC C01CA24 is its code.
var adrenaline = []chart.Drug{{Name: "adrenaline", Code: "ATC:C01CA24"}, {Name: "epinephrine"}}

// resuscitationOf reads it off a chart.
func resuscitationOf(c *chart.Chart) (r resuscitation) {
	for _, f := range c.Of(chart.TypeEvent, chart.TypeDrugGiven) {
		name := ""
		if e, ok := f.Content.(*chart.Event); ok {
			name = e.Name
		} else if d := f.Content.(*chart.DrugGiven); d.Phase == chart.SingleDose && slices.ContainsFunc(adrenaline, d.Drug.Same) {
			name = "adrenaline"
		}
		switch name {
		case eventCPR:
			if r.began.IsZero() {
				r = resuscitation{began: f.At, checked: f.At}
			}
		case eventROSC, eventCPREnd:
			if !r.began.IsZero() {
				r.began, r.ended = time.Time{}, f.At
			}
		case eventCheck:
			r.checked = f.At
		case eventShock:
			r.checked, r.shocked, r.shocks = f.At, f.At, r.shocks+1
		case "adrenaline":
			r.adrenaline, r.adrenalines = f.At, r.adrenalines+1
		}
	}
	return r
}

// cpr is the timer of a resuscitation: since when, when to look at the rhythm, shocks
// and adrenaline with their times. Each act is one tap and stamped.
type cpr struct {
	known
	root  *fyne.Container
	big   *canvas.Text
	under *canvas.Text
	words *notes
	begin *widget.Button
	acts  []*widget.Button
	undo  *undo
	state resuscitation
}

func newCPR(s *Screen) *cpr {
	c := &cpr{known: known{s: s, of: s.on}, big: canvas.NewText("", theme.Colour(theme.Ink)), under: canvas.NewText("", theme.Colour(theme.Ink)),
		words: newNotes(s), undo: s.newUndo()}
	c.big.TextStyle.Bold, c.big.Alignment = true, fyne.TextAlignCenter
	c.under.Alignment = fyne.TextAlignCenter
	speech := s.speech
	c.words.bold = true
	c.begin = widget.NewPrimary("", func() { c.stamp(eventCPR, speech.Say(lang.EventCPR)) })
	for _, a := range [...]struct {
		name string
		key  lang.Key
	}{{eventCheck, lang.RhythmCheck}, {eventShock, lang.EventShock}, {eventROSC, lang.EventROSC}, {eventCPREnd, lang.CPRStopped}} {
		words := speech.Say(a.key)
		c.acts = append(c.acts, widget.NewWide(words, func() { c.stamp(a.name, words) }))
	}
	drug := widget.NewWide(speech.Say(lang.Drug), func() { s.open(newDrugs(s)) })
	cells := []fyne.CanvasObject{c.begin, c.acts[0], c.acts[1], drug, c.acts[2], c.acts[3]}
	c.root = s.sheet(container.New(cprLayout{}, c.big, c.under, c.words.root, container.New(grid{3, 2}, cells...)), c.undo.button)
	return c
}

func (c *cpr) object() fyne.CanvasObject { return c.root }

func (c *cpr) stamp(name, words string) {
	c.s.recordNow(words, c.of, &chart.Event{Name: name}, func(ui.Recorded) {
		c.asked = time.Time{} // the record is read again at once
	})
}

func (c *cpr) show(now time.Time) {
	speech := c.s.speech
	c.read(now)
	if c.chart != nil && c.due(now) {
		c.state = resuscitationOf(c.chart)
	}
	r := c.state
	going := !r.began.IsZero()
	big, under := "--:--", speech.Say(lang.NoCPR)
	var texts []string
	switch {
	case c.chart == nil && c.err != nil:
		under = speech.Say(lang.RecordNotRead, reason(c.err))
	case c.chart == nil:
		under = speech.Say(lang.ReadingRecord)
	case going:
		since := max(0, now.Sub(r.began))
		big = clockOf(since)
		under = speech.Say(lang.CPRSince, r.began.Local().Format("15:04:05"))
		if left := cycle - max(0, now.Sub(r.checked)); left > 0 {
			texts = append(texts, speech.Say(lang.RhythmIn, clockOf(left)))
		} else {
			texts = append(texts, speech.Say(lang.RhythmNow, clockOf(-left)))
		}
	case !r.ended.IsZero():
		under = speech.Say(lang.CPREnded, r.ended.Local().Format("15:04:05"), speech.Age(max(0, now.Sub(r.ended))))
	}
	if r.shocks > 0 {
		texts = append(texts, speech.Say(lang.ShocksSo, r.shocks, speech.Age(max(0, now.Sub(r.shocked)))))
	}
	switch since := max(0, now.Sub(r.adrenaline)); {
	case r.adrenalines == 0 && going:
		texts = append(texts, speech.Say(lang.NoAdrenaline))
	case r.adrenalines > 0:
		text := speech.Say(lang.AdrenalineSo, r.adrenalines, clockOf(since))
		if going && since >= adrenalineAfter {
			text += "  " + speech.Say(lang.AdrenalineDue, int(adrenalineAfter.Minutes()), int(adrenalineUntil.Minutes()))
		}
		texts = append(texts, text)
	}
	set(c.big, big, theme.Colour(theme.Ink))
	set(c.under, under, theme.Colour(theme.Ink))
	c.words.say(texts...)
	c.begin.Say(speech.Say(lang.EventCPR), "")
	c.begin.Disable(going)
	for _, i := range [...]int{0, 3} { // shock and ROSC may come without compressions on record
		c.acts[i].Disable(!going)
	}
	c.undo.show(now)
}

// clockOf is minutes and seconds, never rounded up.
func clockOf(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// cprLayout is the clock left, words right, the acts under both.
type cprLayout struct{}

// MinSize implements [fyne.Layout].
func (cprLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (cprLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	acts := 2*max(theme.MM(theme.OrdinaryMM), min(theme.MM(25), size.Height*0.27)) + gap
	head, left := size.Height-acts-gap, size.Width*0.42
	under := min(theme.Text(theme.Body), head*0.22)
	for i, part := range [...]float32{head*0.94 - under*lineHigh, under * lineHigh} {
		t := o[i].(*canvas.Text)
		t.TextSize = widget.Narrow(t.Text, t.TextStyle, left, min(theme.Text(110), part/lineHigh))
		t.Resize(fyne.NewSize(left, part))
	}
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Move(fyne.NewPos(0, head-under*lineHigh-gap))
	o[2].Move(fyne.NewPos(left+gap, 0))
	o[2].Resize(fyne.NewSize(size.Width-left-gap, head))
	o[3].Move(fyne.NewPos(0, head+gap))
	o[3].Resize(fyne.NewSize(size.Width, acts))
}
