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

// An end is one way in which a run comes to its end.
type end struct {
	key     lang.Key
	word    string // why or outcome, as the record has it
	code    string
	patient bool // a patient was there: the encounter is closed and not stood down
}

// ends are the ways. The words and codes of a run without a patient are those of
// NEMSIS 3.5.1, eDisposition.27 Unit Disposition (UnitDisposition in
// eDisposition_v3.xsd); of one with a patient the code is eDisposition.30 Transport
// Disposition, and the outcome is the record's own.
var ends = [...]end{
	{lang.EndEnRoute, "Cancelled Prior to Arrival at Scene", "NEMSIS:4227005", false},
	{lang.EndOnScene, "Cancelled on Scene", "NEMSIS:4227003", false},
	{lang.EndNoneFound, "No Patient Found", "NEMSIS:4227009", false},
	{lang.EndNoContact, "No Patient Contact", "NEMSIS:4227007", false},
	{lang.EndNoPatient, "Non-Patient Incident (Not Otherwise Listed)", "NEMSIS:4227011", false},
	{lang.EndMistake, openedByMistake, "", false},
	{lang.EndHandedOver, "handed over", "NEMSIS:4230001", true},
	{lang.EndStays, "left", "NEMSIS:4230013", true},
	{lang.EndDead, "died", "NEMSIS:4230013", true},
}

// openedByMistake is why an encounter that should not have been opened was stood
// down: no run was, and no board counts it.
const openedByMistake = "opened by mistake"

// endWords is how a run ended, in the person's language where this page can say it.
func (s *Screen) endWords(word string) string {
	for _, e := range ends {
		if e.word == word {
			return s.speech.Say(e.key)
		}
	}
	return word
}

// ending ends the run with the patient on screen.
type ending struct {
	known
	chosen int // of ends, -1 none
	root   *fyne.Container
	words  *notes
	cells  []*widget.Button
	undo   *undo
	hold   *widget.Hold
}

func newEnding(s *Screen) *ending {
	e := &ending{known: known{s: s, of: s.on}, chosen: -1, words: newNotes(s), undo: s.newUndo()}
	e.words.bold = true
	var cells []fyne.CanvasObject
	for i, way := range ends {
		b := widget.NewButton(s.speech.Say(way.key), func() { e.chosen = i; e.hold.Reset() })
		e.cells, cells = append(e.cells, b), append(cells, b)
	}
	e.hold = widget.NewHold(s.speech.Say(lang.HoldToEnd), e.write)
	e.root = s.sheet(container.New(headed{}, e.words.root, container.New(grid{3, 3}, cells...)), e.undo.button, e.hold)
	return e
}

func (e *ending) object() fyne.CanvasObject { return e.root }

func (e *ending) write() {
	defer e.hold.Reset()
	if row, _ := e.s.row(e.of); e.chosen < 0 || e.over() || e.with(row) != "" {
		return
	}
	way := ends[e.chosen]
	var content chart.Content = &chart.EncounterStoodDown{Why: way.word, Code: way.code}
	if way.patient {
		content = &chart.EncounterClosed{Outcome: way.word, Code: way.code}
	}
	e.s.recordNow(e.s.speech.Say(way.key), e.of, content, func(ui.Recorded) {
		e.chosen = -1
		e.s.askSoon()
	})
}

// over reports whether the run has ended already.
func (e *ending) over() bool {
	row, known := e.s.row(e.of)
	return known && row.Status != chart.Open && row.Status != chart.HandedOver
}

// with says where the patient is whom another station has taken over from this one, "" when
// none has: that station ends the run for the patient.
func (e *ending) with(row chart.Row) string {
	for _, t := range row.Transfers {
		if t.Of.Device == e.s.station.Device && t.State == chart.TransferDone {
			return e.s.speech.Say(lang.WithNow, t.Name, e.s.dayTime(t.At.Time()))
		}
	}
	return ""
}

// cared are the types that only a patient leaves on a record.
var cared = []chart.Type{chart.TypeDrugGiven, chart.TypeProcedure, chart.TypeAssessment, chart.TypeVitals}

func (e *ending) show(now time.Time) {
	s, speech := e.s, e.s.speech
	e.read(now)
	e.undo.show(now)
	row, _ := s.row(e.of)
	over, with := e.over(), e.with(row)
	for i, b := range e.cells {
		b.Choose(i == e.chosen)
		b.Disable(over || with != "" || e.of == chart.ID{})
	}
	var words []string
	switch {
	case e.of == (chart.ID{}):
		words = append(words, speech.Say(lang.NoPatient))
	case over:
		words = append(words, speech.Say(lang.EndAlready, s.endWords(row.Ended)))
	case with != "":
		words = append(words, with)
	case e.chosen < 0:
		words = append(words, speech.Say(lang.EndChoose, s.who(row)))
	default:
		way := ends[e.chosen]
		words = append(words, speech.Say(lang.EndSays, s.who(row), speech.Say(way.key)))
		if !way.patient && e.chart != nil && slices.ContainsFunc(cared, func(t chart.Type) bool { return len(e.chart.Of(t)) > 0 }) {
			words = []string{words[0] + " " + speech.Say(lang.EndDespiteCare)}
		}
	}
	if e.err != nil {
		words = append(words, speech.Say(lang.RecordNotRead, reason(e.err)))
	}
	e.words.say(words...)
	e.hold.Disable(e.chosen < 0 || over || with != "")
	e.hold.Tick(now)
}
