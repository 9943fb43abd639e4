package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// events is the pad of what happens: each tap writes one event with the time of
// the tap, and can be taken back for ten seconds.
type events struct {
	s     *Screen
	of    chart.ID
	root  *fyne.Container
	last  *lines
	undo  *widget.Button
	taken []stamped // the last five, the latest first
}

type stamped struct {
	words string
	at    time.Time
	ref   chart.Ref
	gone  bool // taken back
}

// pad is the twelve events, in the record's own words and the screen's.
var pad = [...]struct {
	name string
	key  lang.Key
}{
	{"on scene", lang.EventOnScene}, {"with patient", lang.EventWithPatient}, {"airway secured", lang.EventAirway},
	{"oxygen given", lang.EventOxygen}, {"IV access", lang.EventIV}, {"12-lead ECG taken", lang.EventECG},
	{"cardiac arrest", lang.EventArrest}, {"CPR started", lang.EventCPR}, {"shock delivered", lang.EventShock},
	{"ROSC", lang.EventROSC}, {"left scene", lang.EventLeft}, {"at hospital", lang.EventHospital},
}

func newEvents(s *Screen) *events {
	e := &events{s: s, of: s.on, last: newLines(5, theme.Body)}
	cells := make([]fyne.CanvasObject, len(pad))
	for i, p := range pad {
		words := s.speech.Say(p.key)
		cells[i] = widget.NewButton(words, func() { e.stamp(p.name, words) })
	}
	e.undo = widget.NewWide(s.speech.Say(lang.Undo), e.takeBack)
	body := container.New(split{0.7}, container.New(grid{4, 3}, cells...), e.last.root)
	beginning := func(b beginning) *widget.Button {
		return widget.NewWide(s.speech.Say(b.key), func() { s.open(newBegan(s, b)) })
	}
	e.root = s.sheet(body, beginning(onset), beginning(lastWell), e.undo)
	return e
}

func (e *events) object() fyne.CanvasObject { return e.root }

func (e *events) stamp(name, words string) {
	at := e.s.clock()
	if !e.s.happened.IsZero() {
		words += "  " + e.s.dayTime(e.s.happened)
	}
	e.s.record(words, e.of, &chart.Event{Name: name}, func(r ui.Recorded) {
		e.taken = append([]stamped{{words, at, r.Ref, false}}, e.taken[:min(len(e.taken), 4)]...)
	})
}

func (e *events) takeBack() {
	for i := range e.taken {
		t := &e.taken[i]
		if t.gone {
			continue
		}
		if e.s.clock().Sub(t.at) < undoTime {
			of := *t
			e.s.recordNow(e.s.speech.Say(lang.TakenBack, of.words), e.of, &chart.Retraction{Of: of.ref, Why: "tapped by mistake"}, func(ui.Recorded) {
				for i := range e.taken {
					if e.taken[i].ref == of.ref {
						e.taken[i].gone = true
					}
				}
			})
		}
		return
	}
}

func (e *events) show(now time.Time) {
	texts := make([]string, 0, 5)
	open := false
	for _, t := range e.taken {
		words := t.words
		if t.gone {
			words = e.s.speech.Say(lang.TakenBack, words)
		}
		open = open || !t.gone && now.Sub(t.at) < undoTime
		texts = append(texts, t.at.Format("15:04:05")+"  "+words)
	}
	if len(texts) == 0 {
		words := e.s.lateWords(now)
		if words == "" {
			words = e.s.speech.Say(lang.TapStampsNow)
		}
		texts = append(texts, words)
	}
	e.last.say(texts...)
	e.undo.Disable(!open)
}

// split gives the left part of the width to the first object.
type split struct{ left float32 }

// MinSize implements [fyne.Layout].
func (split) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 100) }

// Layout implements [fyne.Layout].
func (p split) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(4)
	left := size.Width * p.left
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, size.Height))
	o[1].Move(fyne.NewPos(left+gap, 0))
	o[1].Resize(fyne.NewSize(size.Width-left-gap, size.Height))
}
