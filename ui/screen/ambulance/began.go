package ambulance

import (
	"strings"
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

// A beginning is an event whose time is what matters: the handover's time of the
// incident, and whether a stroke can still be treated, come from it. The names are
// those triage/handover reads.
type beginning struct {
	key, ask lang.Key
	name     string
}

var (
	onset    = beginning{lang.OnsetWord, lang.OnsetAsk, "onset"}
	lastWell = beginning{lang.LastKnownWell, lang.WellAsk, "last known well"}
)

// mostBegan is how far back it may lie. A stroke's vessel is opened up to 24 hours
// after the patient was last known well; what is older is a note's matter.
const mostBegan = 48 * time.Hour

// began sets a beginning's time by taps and records it.
type began struct {
	known
	what beginning
	ago  time.Duration // before now, whole minutes
	root *fyne.Container
	text *canvas.Text
	note *notes
	take *widget.Button
}

func newBegan(s *Screen, what beginning) *began {
	b := &began{known: known{s: s, of: s.on}, what: what, text: canvas.NewText("", theme.Colour(theme.Ink)), note: newNotes(s), ago: 30 * time.Minute}
	b.text.TextStyle.Bold, b.text.Alignment = true, fyne.TextAlignCenter
	b.note.bold = true
	var cells []fyne.CanvasObject
	for _, by := range [...]int{-360, -60, -15, -5, -1, 360, 60, 15, 5, 1} {
		step, n, label := time.Duration(by)*time.Minute, max(by, -by), lang.MinutesEarlier
		switch {
		case n >= 60 && by < 0:
			n, label = n/60, lang.HoursEarlier
		case n >= 60:
			n, label = n/60, lang.HoursLater
		case by > 0:
			label = lang.MinutesLater
		}
		cells = append(cells, widget.NewButton(s.speech.Say(label, n), func() { b.ago = min(max(0, b.ago-step), mostBegan) }))
	}
	body := container.New(lateLayout{}, b.text, b.note.root, container.New(grid{5, 2}, cells...))
	b.take = widget.NewPrimary("", b.write)
	b.root = s.sheet(body, b.take)
	return b
}

func (b *began) object() fyne.CanvasObject { return b.root }

// at is the time set, a whole minute.
func (b *began) at() time.Time { return b.s.clock().Round(0).Add(-b.ago).Truncate(time.Minute) }

func (b *began) write() {
	at := b.at()
	words := b.s.speech.Say(b.what.key) + " " + at.Local().Format("15:04")
	if b.s.again(words, b.s.clock()) {
		return
	}
	b.s.recordAt(at, words, b.of, &chart.Event{Name: b.what.name}, func(ui.Recorded) {
		if b.s.page == page(b) {
			b.s.open(newEvents(b.s))
		}
	})
}

func (b *began) show(now time.Time) {
	speech, at := b.s.speech, b.at()
	b.read(now)
	set(b.text, at.Local().Format("15:04"), theme.Colour(theme.Ink))
	texts := []string{speech.Say(b.what.ask), speech.Say(lang.BeganAgo, speech.Age(b.ago))}
	if at.Before(startOfDay(now)) {
		texts = append(texts, speech.Say(lang.Yesterday, at.Local().Format(time.DateOnly)))
	}
	if b.chart != nil {
		var said []string
		for _, f := range b.chart.Of(chart.TypeEvent) {
			if f.Content.(*chart.Event).Name == b.what.name {
				said = append(said, b.s.dayTime(f.At))
			}
		}
		if len(said) > 0 {
			texts = append(texts, speech.Say(lang.OnRecordAt, strings.Join(said, ", ")))
		}
	}
	b.note.say(texts...)
	b.take.Say(speech.Say(lang.RecordIt), speech.Say(b.what.key)+" "+at.Local().Format("15:04"))
	b.take.Disable(b.of == chart.ID{})
}
