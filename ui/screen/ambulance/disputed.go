package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// disputed is all patients of whom something is in doubt, as the station's list has
// it: a tap leads to what it is.
type disputed struct {
	s     *Screen
	at    int
	root  *fyne.Container
	head  *notes
	cells []*widget.Button
	of    []chart.ID
	next  *widget.Button
}

const disputedColumns, disputedRows = 2, 3

func newDisputed(s *Screen) *disputed {
	d := &disputed{s: s, head: newNotes(s), of: make([]chart.ID, disputedColumns*disputedRows)}
	d.head.bold = true
	cells := make([]fyne.CanvasObject, len(d.of))
	for i := range cells {
		b := widget.NewButton("", func() {
			if d.of[i] != (chart.ID{}) {
				s.turnTo(d.of[i])
				s.open(newDisputes(s))
			}
		})
		d.cells, cells[i] = append(d.cells, b), b
	}
	d.next = widget.NewWide("", func() { d.at++ })
	d.root = s.sheet(container.New(headed{}, d.head.root, container.New(grid{disputedColumns, disputedRows}, cells...)), d.next)
	return d
}

func (d *disputed) object() fyne.CanvasObject { return d.root }

// inDoubt are the rows of whom something is in doubt that this team may settle.
func inDoubt(rows []chart.Row) (out []chart.Row) {
	for _, r := range own(rows) {
		if r.Disputes > 0 || r.Doubts > 0 {
			out = append(out, r)
		}
	}
	return out
}

func (d *disputed) show(time.Time) {
	s, all := d.s, inDoubt(d.s.rows)
	pages := max(1, (len(all)+len(d.cells)-1)/len(d.cells))
	d.at %= pages
	for i, b := range d.cells {
		at := d.at*len(d.cells) + i
		if at >= len(all) {
			d.of[i] = chart.ID{}
			b.Say("", "")
			b.Hide()
			continue
		}
		d.of[i] = all[at].Encounter
		b.Say(s.who(all[at]), s.about(all[at]))
		b.Show()
	}
	head := s.speech.Say(lang.DoubtsOfAll, len(all))
	switch {
	case s.unread != nil:
		head = s.speech.Say(lang.RecordNotRead, reason(s.unread))
	case len(all) == 0:
		head = s.speech.Say(lang.NobodyInDoubt)
	}
	d.head.say(head)
	d.next.Say(s.speech.Say(lang.NextPage), s.speech.Say(lang.PageOf, d.at+1, pages))
	d.next.Disable(pages == 1)
}
