package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// more is the pages that are not on the monitor's own row of buttons.
type more struct {
	s    *Screen
	root *fyne.Container
	undo *undo
}

func newMore(s *Screen) *more {
	m := &more{s: s, undo: s.newUndo()}
	var cells []fyne.CanvasObject
	for _, c := range [...]struct {
		key  lang.Key
		open func()
	}{
		{lang.InjuriesWord, func() { s.open(newInjuries(s)) }},
		{lang.Scores, func() { s.open(newScores(s)) }},
		{lang.CPRTimer, func() { s.open(newCPR(s)) }},
		{lang.StripsWord, func() { s.open(newStrips(s)) }},
		{lang.ChartLate, func() { s.open(newLate(s)) }},
		{lang.DecisionsWord, func() { s.open(newDecisions(s)) }},
		{lang.BoundFor, func() { s.open(newDestination(s)) }},
		{lang.HandOn, func() { s.open(newPassing(s)) }},
		{lang.EndRun, func() { s.open(newEnding(s)) }},
		{lang.IncidentBoard, func() { s.open(newIncident(s)) }},
		{lang.Record, func() { s.open(newTimeline(s)) }},
		{lang.SamePerson, func() { s.open(newSame(s)) }},
		{lang.InDoubt, func() { s.open(newDisputes(s)) }},
		{lang.ShiftCheck, func() { s.open(newShift(s)) }},
		{lang.AboutStation, func() { s.open(newAbout(s)) }},
	} {
		cells = append(cells, widget.NewButton(s.speech.Say(c.key), c.open))
	}
	m.root = s.sheet(container.New(grid{5, 3}, cells...), m.undo.button)
	return m
}

func (m *more) object() fyne.CanvasObject { return m.root }

func (m *more) show(now time.Time) { m.undo.show(now) }
