package ambulance

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// injuries is the body map of one patient: what is charted of each place, and the way to
// chart more. A tap on a place opens its page.
type injuries struct {
	known
	body  *widget.Body
	words *notes
	root  *fyne.Container
	turn  *widget.Button
	none  *widget.Hold
	undo  *undo
	taken *chart.Chart // that the map was drawn of
	texts []string

	struck bool // what was taken back last has been read again
}

// readStruck reads the record again once what was taken back is on disk: what was tapped
// wrong must be free to be tapped right.
func (k *known) readStruck(done *bool) {
	gone := k.s.last.gone && k.s.pending == 0
	if gone && !*done {
		k.asked = time.Time{}
	}
	*done = gone
}

func newInjuries(s *Screen) *injuries {
	p := &injuries{known: known{s: s, of: s.on}, words: newNotes(s), undo: s.newUndo()}
	say := s.speech.Say
	p.body = widget.NewBody(widget.BodyWords{Front: say(lang.FrontWord), Back: say(lang.BackOfBody), Left: say(lang.LeftSide), Right: say(lang.RightSide)},
		s.speech.Site, func(r widget.Region) { s.open(newRegion(s, p.of, r)) })
	p.turn = widget.NewWide(say(lang.TurnOver), p.body.Turn)
	p.none = widget.NewHold(say(lang.NoOtherInjury), p.noOther)
	p.root = s.sheet(container.New(bodyLayout{}, p.body, p.words.root), p.turn, p.undo.button, p.none)
	return p
}

func (p *injuries) object() fyne.CanvasObject { return p.root }

// noOther charts that the whole body was looked at and nothing else is there.
func (p *injuries) noOther() {
	f := chart.Finding{Name: otherInjury, Presence: chart.FindingAbsent, Site: widget.WholeBody}
	p.s.record(p.s.finding(f), p.of, &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{f}}, func(ui.Recorded) { p.asked = time.Time{} })
	p.none.Reset()
}

// take draws the map when the record was read again.
func (p *injuries) take() {
	if p.taken == p.chart {
		return
	}
	p.taken = p.chart
	all := places(p.chart)
	marks, off := p.s.marks(all)
	p.body.Charted(marks)
	p.texts = p.s.bodyTexts(p.chart, all, off)
}

// bodyTexts is what is charted on the body in words: why the map may not be the whole
// truth, what is there, what was looked for, and what the map has no place for.
func (s *Screen) bodyTexts(c *chart.Chart, all map[string][]found, off []string) []string {
	say := s.speech.Say
	var texts []string
	if len(c.Doubts()) > 0 {
		texts = append(texts, say(lang.BodyIncomplete))
	}
	var flat []found
	for _, fs := range all {
		flat = append(flat, fs...)
	}
	slices.SortFunc(flat, func(a, b found) int { return b.fact.Compare(a.fact) })
	for _, want := range [...]chart.Presence{chart.FindingPresent, chart.FindingAbsent, chart.FindingNotAsked} {
		var words []string
		for _, f := range flat {
			if _, on := widget.RegionOf(f.Site); f.Presence == want && (on || f.Site == widget.WholeBody) {
				words = append(words, s.placed(f.Finding)+" "+f.fact.At.Local().Format("15:04"))
			}
		}
		texts = append(texts, strings.Join(words, ";  "))
	}
	for _, f := range c.Unconfirmed(chart.TypeAssessment) {
		for _, x := range f.Content.(*chart.Assessment).Findings {
			if x.Site != "" {
				texts = append(texts, say(lang.NotConfirmed, s.placed(x)))
			}
		}
	}
	if len(off) > 0 {
		texts = append(texts, say(lang.OffTheMap, strings.Join(off, ", ")))
	}
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

func (p *injuries) show(now time.Time) {
	p.readStruck(&p.struck)
	p.read(now)
	p.none.Tick(now)
	say := p.s.speech.Say
	texts := []string{say(lang.BodyLegend)}
	switch {
	case p.chart == nil && p.err != nil:
		texts = []string{say(lang.RecordNotRead, reason(p.err))}
	case p.chart == nil:
		texts = []string{say(lang.ReadingRecord)}
	default:
		p.take()
		if p.err != nil { // what is seen is what was read before
			texts = append(texts, say(lang.RecordNotRead, reason(p.err)))
		}
		if len(p.texts) == 0 {
			texts = append(texts, say(lang.NothingOnBody))
		}
		texts = append(texts, p.texts...)
	}
	p.words.say(texts...)
	p.turn.Disable(p.body.Both())
	p.undo.show(now)
}

// bodyLayout lays the body over its words, or beside them where there is no height for
// both.
type bodyLayout struct{}

// MinSize implements [fyne.Layout].
func (bodyLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 230) }

// Layout implements [fyne.Layout].
func (bodyLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	o[0].Move(fyne.NewPos(0, 0))
	if tall := theme.MM(3*21 + 2); size.Height > tall+theme.MM(20) {
		o[0].Resize(fyne.NewSize(size.Width, tall))
		o[1].Move(fyne.NewPos(0, tall+gap))
		o[1].Resize(fyne.NewSize(size.Width, size.Height-tall-gap))
		return
	}
	wide := size.Width * 0.66
	o[0].Resize(fyne.NewSize(wide, size.Height))
	o[1].Move(fyne.NewPos(wide+2*gap, 0))
	o[1].Resize(fyne.NewSize(size.Width-wide-2*gap, size.Height))
}
