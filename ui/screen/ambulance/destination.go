package ambulance

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// hospitalsMost is how many hospitals the page offers.
const hospitalsMost = 8

// destination is where the patient is going: a tap on a hospital of the team binds the
// encounter for it, and from then on it sees the patient. The last cell is for one
// that is no station of the team: then the hospitals before no longer see what comes.
type destination struct {
	known
	root  *fyne.Container
	words *notes
	cells []*widget.Button
	to    []ui.Peer // what the cells stand for
	undo  *undo
}

func newDestination(s *Screen) *destination {
	d := &destination{known: known{s: s, of: s.on}, words: newNotes(s), undo: s.newUndo()}
	d.words.bold = true
	var cells []fyne.CanvasObject
	for i := range hospitalsMost {
		b := widget.NewButton("", func() {
			if i < len(d.to) {
				d.bind(d.to[i])
			}
		})
		d.cells, cells = append(d.cells, b), append(cells, b)
	}
	cells = append(cells, widget.NewButton(s.speech.Say(lang.Elsewhere), func() { d.bind(ui.Peer{}) }))
	d.root = s.sheet(container.New(split{0.68}, container.New(grid{3, 3}, cells...), d.words.root), d.undo.button)
	return d
}

func (d *destination) object() fyne.CanvasObject { return d.root }

func (d *destination) bind(to ui.Peer) {
	name := to.CallSign
	if to.Device == (chart.Device{}) {
		name = d.s.speech.Say(lang.Elsewhere)
	}
	words := d.s.speech.Say(lang.BoundFor) + " " + name
	if d.s.again(words, d.s.clock()) {
		return
	}
	d.s.record(words, d.of, &chart.EncounterBoundFor{Station: to.Device, Name: clip(name, chart.MaxName)}, func(ui.Recorded) { d.asked = time.Time{} })
}

// stands is what the record says of it, in words.
func (d *destination) stands() string {
	speech := d.s.speech
	switch {
	case d.chart == nil && d.err != nil:
		return speech.Say(lang.RecordNotRead, reason(d.err))
	case d.chart == nil:
		return speech.Say(lang.ReadingRecord)
	}
	bound := d.chart.Course().Destination
	switch f := bound.First(); {
	case f == nil:
		return speech.Say(lang.BoundForNobody)
	case bound.Conflict():
		return speech.Say(lang.BoundForTwo)
	default:
		return speech.Say(lang.BoundForIs, f.Content.(*chart.EncounterBoundFor).Name, d.s.dayTime(f.At))
	}
}

func (d *destination) show(now time.Time) {
	d.read(now)
	speech := d.s.speech
	d.to = slices.DeleteFunc(slices.Clone(d.s.station.Peers), func(p ui.Peer) bool { return p.Kind != "hospital" || p.Device == (chart.Device{}) })
	more := ""
	if rest := len(d.to) - hospitalsMost; rest > 0 { // never cut silently
		more = speech.Say(lang.MoreLines, rest)
		d.to = d.to[:hospitalsMost]
	}
	if len(d.to) == 0 {
		more = speech.Say(lang.NoHospitalHere)
	}
	for i, b := range d.cells {
		if i < len(d.to) {
			b.Say(d.to[i].CallSign, d.to[i].State)
			b.Show()
		} else {
			b.Hide()
		}
	}
	d.words.say(d.stands(), speech.Say(lang.BoundForHow), more)
	d.undo.show(now)
}
