package clinic

import (
	"cmp"
	"image/color"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// New makes the screens of a clinic's station: those of a vehicle, with the queue
// in place of the monitor as the first page.
func New(desk ui.Desk, o ambulance.Options) *ambulance.Screen {
	return NewWith(desk, o, ExampleNotes())
}

// NewWith is [New] with a site's own list of what notes are tapped of.
func NewWith(desk ui.Desk, o ambulance.Options, list *NoteList) *ambulance.Screen {
	begun := newShelf(list)
	o.Lobby = func(s *ambulance.Screen) ambulance.Page { return newQueue(s, begun) }
	o.LobbyWord = lang.Queue
	o.Terms = list.Term
	s := ambulance.New(desk, o)
	if o.On != (chart.ID{}) {
		s.Open(newVisit(s, o.On, begun))
	}
	return s
}

// queue is who waits: a card each, six to a page.
type queue struct {
	s     *ambulance.Screen
	at    int // the page
	root  *fyne.Container
	cells []*widget.Button
	marks []*canvas.Rectangle
	of    []chart.ID
	more  *widget.Button
	doubt *widget.Button
}

const perPage = 6

func newQueue(s *ambulance.Screen, begun *shelf) *queue {
	q := &queue{s: s, of: make([]chart.ID, perPage)}
	var cells []fyne.CanvasObject
	for i := range perPage {
		b := widget.NewButton("", func() {
			if q.of[i] != (chart.ID{}) {
				s.Turn(q.of[i])
				s.Open(newVisit(s, q.of[i], begun))
			}
		})
		mark := canvas.NewRectangle(color.Transparent)
		q.cells, q.marks = append(q.cells, b), append(q.marks, mark)
		cells = append(cells, container.New(card{}, mark, b))
	}
	body := container.New(ambulance.Grid(2, perPage/2), cells...)
	q.more = widget.NewWide("", func() { q.at++ })
	monitor := widget.NewWide(s.Say(lang.BackToMonitor), s.OpenMonitor)
	admit := widget.NewPrimary(s.Say(lang.NewPatient), func() { s.Open(newRegister(s)) })
	link := widget.NewWide(s.Say(lang.LinkAndDevices), s.OpenLink)
	q.doubt = widget.NewWide("", s.OpenDisputed)
	q.root = container.New(floor{}, body, container.New(ambulance.Grid(5, 1), monitor, link, q.doubt, q.more, admit))
	return q
}

// Object implements [ambulance.Page].
func (q *queue) Object() fyne.CanvasObject { return q.root }

// Show implements [ambulance.Page].
func (q *queue) Show(now time.Time) {
	s, waits := q.s, Waiting(q.s.Rows())
	pages := max(1, (len(waits)+perPage-1)/perPage)
	q.at %= pages
	for i, b := range q.cells {
		at := q.at*perPage + i
		if at >= len(waits) {
			q.of[i] = chart.ID{}
			b.Say("", "")
			b.Hide()
			q.marks[i].Hide()
			continue
		}
		r := waits[at]
		q.of[i] = r.Encounter
		b.Say(s.Who(r), q.about(r, now))
		b.Show()
		if ground, _ := theme.Tag(r.Urgency); q.marks[i].FillColor != ground {
			q.marks[i].FillColor = ground
			q.marks[i].Refresh()
		}
		q.marks[i].Show()
	}
	q.more.Say(s.Say(lang.WaitingNow, len(waits)), s.Say(lang.PageOf, q.at+1, pages))
	q.more.Disable(pages == 1)
	left, second := 0, ""
	for _, r := range s.Rows() {
		if r.Lent == nil {
			left += r.Disputes
		}
	}
	if left > 0 {
		second = s.Say(lang.ToSettle, left)
	}
	q.doubt.Say(s.Say(lang.InDoubt), second)
}

// about is the category in words, how long the patient waits, and what is in doubt.
func (q *queue) about(r chart.Row, now time.Time) string {
	s := q.s
	category := strings.ToUpper(r.Category)
	switch {
	case category == "":
		category = s.Say(lang.NotSortedYet)
	case r.Disputed:
		category += " " + s.Say(lang.SortsDiffer)
	}
	parts := []string{category}
	if r.Opened > 0 {
		parts = append(parts, s.Say(lang.WaitsFor, s.Age(max(0, now.Sub(r.Opened.Time())))))
	}
	if len(r.InConflict) > 0 && r.Disputes <= 1 { // of several the number is said
		parts = append(parts, s.Say(lang.NamesConflict))
	}
	if r.DoubleDoses > 0 {
		parts = append(parts, s.Say(lang.PossibleDoubleDose))
	}
	if r.Disputes > 0 {
		parts = append(parts, s.Say(lang.ToSettle, r.Disputes))
	}
	if r.Doubts > 0 {
		parts = append(parts, s.Say(lang.RecordIncomplete))
	}
	return strings.Join(parts, "   ")
}

// Waiting are those whose encounter is open, in the order in which they are to be
// seen.
func Waiting(rows []chart.Row) []chart.Row {
	var out []chart.Row
	for _, r := range rows {
		if r.Status == chart.Open && r.Lent == nil { // another team's patient does not wait here
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b chart.Row) int {
		return cmp.Or(cmp.Compare(rank(a.Urgency), rank(b.Urgency)), cmp.Compare(a.Opened, b.Opened))
	})
	return out
}

// rank orders urgencies: who was not sorted stands behind the immediate, before all
// others.
func rank(u chart.Urgency) int {
	if u == chart.UrgencyUnknown {
		return 2*int(chart.Immediate) + 1
	}
	return 2 * int(u)
}

// card lays the category's mark left of the button.
type card struct{}

// MinSize implements [fyne.Layout].
func (card) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(80, 72) }

// Layout implements [fyne.Layout].
func (card) Layout(o []fyne.CanvasObject, size fyne.Size) {
	wide := theme.MM(6)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(wide-theme.MM(1), size.Height))
	o[1].Move(fyne.NewPos(wide, 0))
	o[1].Resize(fyne.NewSize(size.Width-wide, size.Height))
}

// floor lays a body over a row of primary height.
type floor struct{}

// MinSize implements [fyne.Layout].
func (floor) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 200) }

// Layout implements [fyne.Layout].
func (floor) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, high := theme.MM(theme.GapMM), theme.MM(theme.PrimaryMM)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, size.Height-high-gap))
	o[1].Move(fyne.NewPos(0, size.Height-high))
	o[1].Resize(fyne.NewSize(size.Width, high))
}
