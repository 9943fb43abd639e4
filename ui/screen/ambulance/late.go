package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// mostLate is how far back a person may chart here. What is older is a note's
// matter: a wrong day is a worse mistake than a missing minute.
const mostLate = 24 * time.Hour

// when is when what is recorded now was true: now, or the time that a person who
// charts late has set. The band says it on every page, and the way back to the
// monitor ends it.
func (s *Screen) when() time.Time {
	if s.happened.IsZero() {
		return s.clock().Round(0)
	}
	return s.happened
}

// lateWords says that what is recorded now happened earlier, "" when it does not.
func (s *Screen) lateWords(now time.Time) string {
	if s.happened.IsZero() {
		return ""
	}
	return s.speech.Say(lang.ChartingLate, s.happened.Local().Format("15:04"), s.speech.Age(max(0, now.Sub(s.happened))))
}

// late sets the true time of what is charted late, and leads to what can be.
type late struct {
	s    *Screen
	ago  time.Duration // before now, whole minutes
	root *fyne.Container
	text *canvas.Text
	note *notes
	goes []*widget.Button
}

func newLate(s *Screen) *late {
	l := &late{s: s, text: canvas.NewText("", theme.Colour(theme.Ink)), note: newNotes(s), ago: 5 * time.Minute}
	l.text.TextStyle.Bold, l.text.Alignment = true, fyne.TextAlignCenter
	var cells []fyne.CanvasObject
	for _, by := range [...]int{-60, -15, -5, -1, 1, 5, 15, 60} {
		step := time.Duration(by) * time.Minute
		label := lang.MinutesEarlier
		if by > 0 {
			label = lang.MinutesLater
		}
		cells = append(cells, widget.NewButton(s.speech.Say(label, max(by, -by)), func() { l.ago = min(max(time.Minute, l.ago-step), mostLate) }))
	}
	body := container.New(lateLayout{}, l.text, l.note.root, container.New(grid{4, 2}, cells...))
	for _, to := range [...]struct {
		key  lang.Key
		open func() page
	}{
		{lang.Event, func() page { return newEvents(s) }},
		{lang.Drug, func() page { return newDrugs(s) }},
		{lang.Vitals, func() page { return newVitals(s) }},
	} {
		l.goes = append(l.goes, widget.NewPrimary(s.speech.Say(to.key), func() {
			s.happened = l.at()
			s.open(to.open())
		}))
	}
	l.root = s.sheet(body, l.goes[0], l.goes[1], l.goes[2])
	return l
}

// at is the time set, a whole minute: nobody knows the second afterwards.
func (l *late) at() time.Time {
	return l.s.clock().Round(0).Add(-l.ago).Truncate(time.Minute)
}

func (l *late) object() fyne.CanvasObject { return l.root }

func (l *late) show(time.Time) {
	l.s.happened = time.Time{} // chosen anew here
	at := l.at()
	set(l.text, at.Local().Format("15:04"), theme.Colour(theme.Ink))
	texts := []string{l.s.speech.Say(lang.ItHappenedAgo, l.s.speech.Age(l.ago))}
	if row, ok := l.s.row(l.s.on); ok && row.Opened > 0 && at.Before(row.Opened.Time()) {
		texts = append(texts, l.s.speech.Say(lang.BeforeTheRun, l.s.dayTime(row.Opened.Time())))
	}
	if y, m, d := at.Local().Date(); time.Date(y, m, d, 0, 0, 0, 0, time.Local).Before(startOfDay(l.s.clock())) {
		texts = append(texts, l.s.speech.Say(lang.Yesterday, at.Local().Format(time.DateOnly)))
	}
	l.note.say(texts...)
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.Local)
}

// lateLayout lays a time and its words over two rows of steps.
type lateLayout struct{}

// MinSize implements [fyne.Layout].
func (lateLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 200) }

// Layout implements [fyne.Layout].
func (lateLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	steps := 2*max(theme.MM(theme.LeastMM), min(theme.MM(25), size.Height*0.27)) + gap
	head := size.Height - steps - gap
	left := size.Width * 0.35
	text := o[0].(*canvas.Text)
	text.TextSize = widget.Narrow(text.Text, text.TextStyle, left, min(theme.Text(110), head/lineHigh))
	text.Move(fyne.NewPos(0, (head-text.MinSize().Height)/2))
	text.Resize(fyne.NewSize(left, text.MinSize().Height))
	o[1].Move(fyne.NewPos(left+gap, gap))
	o[1].Resize(fyne.NewSize(size.Width-left-gap, head-gap))
	o[2].Move(fyne.NewPos(0, head+gap))
	o[2].Resize(fyne.NewSize(size.Width, steps))
}
