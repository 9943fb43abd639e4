package clinic

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// visit is one patient's page.
type visit struct {
	s     *ambulance.Screen
	of    chart.ID
	root  *fyne.Container
	say   func(...string)
	end   *widget.Hold
	doubt *widget.Button
	same  *widget.Button
	note  *widget.Button
	begun *shelf
}

func newVisit(s *ambulance.Screen, of chart.ID, begun *shelf) *visit {
	v := &visit{s: s, of: of, begun: begun}
	words, say := ambulance.Lines(2, theme.Body)
	v.say = say
	v.note = widget.NewButton("", func() { s.Open(newNoting(s, of, begun)) })
	cells := []fyne.CanvasObject{v.note}
	for _, c := range [...]struct {
		key  lang.Key
		open func()
	}{
		{lang.TriageWord, s.OpenTriage}, {lang.Vitals, s.OpenVitals}, {lang.TakeFromMonitor, s.OpenLink},
		{lang.InjuriesWord, s.OpenInjuries}, {lang.Drug, s.OpenDrugs}, {lang.Scores, s.OpenScores}, {lang.Record, s.OpenRecord},
	} {
		cells = append(cells, widget.NewButton(s.Say(c.key), c.open))
	}
	v.same = widget.NewButton("", s.OpenSame)
	cells = append(cells, v.same)
	v.doubt = widget.NewWide("", s.OpenDisputes)
	v.end = widget.NewHold(s.Say(lang.VisitOver), func() {
		s.Record(s.Say(lang.VisitOver), of, &chart.EncounterClosed{Outcome: "seen and left"}, nil)
		s.Turn(chart.ID{})
	})
	v.root = s.Sheet(container.New(ambulance.Beneath(), words, container.New(ambulance.Grid(5, 2), cells...)),
		widget.NewWide(s.Say(lang.BackToMonitor), s.OpenMonitor), v.doubt, v.end)
	return v
}

// Object implements [ambulance.Page].
func (v *visit) Object() fyne.CanvasObject { return v.root }

// Show implements [ambulance.Page].
func (v *visit) Show(now time.Time) {
	s := v.s
	left, whose := v.begun.waits(v.of, s.SignedIn())
	second := ""
	switch {
	case left > 0:
		second = s.Say(lang.NotRecordedYet, left)
	case whose != "":
		second = s.Say(lang.OthersNote, whose)
	}
	v.note.Say(s.Say(lang.NoteWord), second)
	v.end.Disable(left > 0)
	v.end.Tick(now)
	row, known := s.Row(v.of)
	if !known {
		v.say(s.Say(lang.ReadingRecord))
		return
	}
	var last []string
	for _, l := range row.Last {
		if text, ok := l.Vital.Reading(0).Shown(); ok && len(last) < 6 {
			last = append(last, l.Vital.Sign.Info().Label+" "+text+" ("+s.Say(lang.Ago, s.Age(max(0, now.Sub(l.At.Time()))))+")")
		}
	}
	if len(last) == 0 {
		last = append(last, s.Say(lang.NothingCharted))
	}
	s.SayDisputes(v.doubt, v.of)
	s.SaySame(v.same, v.of)
	about := s.About(row)
	if left > 0 {
		about = s.Say(lang.NoteFirst)
	}
	v.say(about, strings.Join(last, "   "))
}
