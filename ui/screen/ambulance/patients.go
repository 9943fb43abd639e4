package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// patients is who is in this vehicle: a button for each open encounter, six to a
// page.
type patients struct {
	s     *Screen
	at    int // the page
	root  *fyne.Container
	cells []*widget.Button
	of    []chart.ID
	who   *widget.Button // age and sex of the patient on screen
	more  *widget.Button
}

const perPage = 6

func newPatients(s *Screen) *patients {
	p := &patients{s: s, of: make([]chart.ID, perPage)}
	cells := make([]fyne.CanvasObject, perPage)
	for i := range cells {
		b := widget.NewButton("", func() {
			if p.of[i] != (chart.ID{}) {
				s.turnTo(p.of[i])
			}
		})
		p.cells, cells[i] = append(p.cells, b), b
	}
	p.more = widget.NewWide("", func() { p.at++ })
	p.who = widget.NewWide("", func() { s.open(newPerson(s)) })
	p.root = s.sheet(container.New(grid{2, perPage / 2}, cells...), widget.NewWide(s.speech.Say(lang.NewPatient), s.newPatient), p.who, p.more)
	return p
}

func (p *patients) object() fyne.CanvasObject { return p.root }

func (p *patients) show(time.Time) {
	var open []chart.Row
	for _, r := range p.s.rows {
		if r.Status == chart.Open || r.Status == chart.HandedOver {
			open = append(open, r)
		}
	}
	row, known := p.s.row(p.s.on)
	p.who.Say(p.s.speech.Say(lang.PersonWord), p.s.who(row))
	p.who.Disable(!known)
	pages := max(1, (len(open)+perPage-1)/perPage)
	p.at %= pages
	for i, b := range p.cells {
		at := p.at*perPage + i
		if at >= len(open) {
			p.of[i] = chart.ID{}
			b.Say("", "")
			b.Hide()
			continue
		}
		r := open[at]
		p.of[i] = r.Encounter
		b.Say(p.s.who(r), p.s.about(r))
		b.Show()
		b.Choose(r.Encounter == p.s.on)
	}
	p.more.Say(p.s.speech.Say(lang.NextPage), p.s.speech.Say(lang.PageOf, p.at+1, pages))
	p.more.Disable(pages == 1)
}
