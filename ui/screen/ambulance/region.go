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

// region is one place of the body: a tap charts what is found there, at once, and can be
// taken back for ten seconds. What is there cannot be tapped again; that it is not there
// any more, or was looked for in vain, is a tap more.
type region struct {
	known
	place  widget.Region
	site   string               // the place, or one within it
	absent bool                 // the next tap says what is not there
	sent   string               // on its way to the disk
	done   map[string]time.Time // what this page recorded, and when
	struck bool                 // what was taken back last has been read again
	all    map[string][]found
	taken  *chart.Chart

	root  *fyne.Container
	words *notes
	finer []*widget.Button
	kinds []*widget.Button
	clear *widget.Button // nothing is there
	not   *widget.Button
	veil  *widget.Button // could not be examined
	undo  *undo
}

func newRegion(s *Screen, of chart.ID, place widget.Region) *region {
	p := &region{known: known{s: s, of: of}, place: place, site: place.Site, done: map[string]time.Time{}, words: newNotes(s), undo: s.newUndo()}
	p.words.bold = true
	say := s.speech.Say
	sites := append([]string{place.Site}, place.Finer...)
	var row []fyne.CanvasObject
	for i, site := range sites {
		name := say(lang.AllOfIt)
		if i > 0 {
			name = lang.Capital(s.speech.Site(strings.TrimSuffix(strings.TrimSuffix(site, ", front"), ", back")))
		}
		b := widget.NewButton(name, func() { p.site = site })
		p.finer, row = append(p.finer, b), append(row, b)
	}
	var cells []fyne.CanvasObject
	for _, k := range injuryKinds {
		b := widget.NewButton(say(k.key), func() { p.tap(k.name) })
		p.kinds, cells = append(p.kinds, b), append(cells, b)
	}
	p.clear = widget.NewButton(say(lang.NoInjuryHere), func() { p.write(anyInjury, chart.FindingAbsent) })
	cells = append(cells, p.clear)
	back := widget.NewWide(say(lang.BodyMap), func() { s.open(newInjuries(s)) })
	p.not = widget.NewWide(say(lang.ChooseNotThere), func() { p.absent = !p.absent })
	p.veil = widget.NewWide(say(lang.NotExamined), func() { p.write(anyInjury, chart.FindingNotAsked) })
	objects := []fyne.CanvasObject{p.words.root, container.New(grid{7, 2}, cells...)}
	if len(place.Finer) > 0 {
		objects = append(objects, container.New(grid{len(row), 1}, row...))
	}
	p.root = s.sheet(container.New(regionLayout{}, objects...), back, p.veil, p.not, p.undo.button)
	return p
}

func (p *region) object() fyne.CanvasObject { return p.root }

// tap charts one kind: there, or when that was chosen not there.
func (p *region) tap(name string) {
	presence := chart.FindingPresent
	if p.absent {
		presence = chart.FindingAbsent
	}
	p.write(name, presence)
}

// presence is what the record says of a finding at the place chosen, "" nothing.
func (p *region) presence(name string) chart.Presence {
	for _, f := range p.all[p.site] {
		if f.Name == name {
			return f.Presence
		}
	}
	return ""
}

// anything reports whether something is there, at the place chosen.
func (p *region) anything() bool {
	return slices.ContainsFunc(p.all[p.site], func(f found) bool { return f.Presence == chart.FindingPresent })
}

func (p *region) write(name string, presence chart.Presence) {
	f := chart.Finding{Name: name, Presence: presence, Site: p.site}
	words, now := p.s.placed(f), p.s.clock()
	if p.presence(name) == presence || p.sent == words && p.s.pending > 0 || now.Sub(p.done[words]) < undoTime && !p.s.last.gone {
		return // it is charted, or one tap came twice
	}
	p.sent, p.absent = words, false
	p.s.record(p.s.finding(f), p.of, &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{f}}, func(ui.Recorded) {
		p.done[words], p.asked = now, time.Time{}
	})
}

func (p *region) show(now time.Time) {
	p.readStruck(&p.struck)
	p.read(now)
	say := p.s.speech.Say
	texts := []string{strings.ToUpper(p.s.speech.Site(p.site))}
	switch {
	case p.chart == nil && p.err != nil:
		texts = append(texts, say(lang.RecordNotRead, reason(p.err)))
	case p.chart == nil:
		texts = append(texts, say(lang.ReadingRecord))
	default:
		if p.taken != p.chart {
			p.taken, p.all = p.chart, places(p.chart)
		}
		texts = append(texts, p.standing())
		if p.err != nil { // what is seen is what was read before
			texts = append(texts, say(lang.RecordNotRead, reason(p.err)))
		}
	}
	if p.absent {
		texts = append(texts, say(lang.WhichNotThere))
	} else {
		texts = append(texts, say(lang.WhichFound))
	}
	const lines = 3
	if room := p.words.root.Size().Height; room < lines*theme.Text(14)*lineHigh { // where, and what stands there, in one line
		texts = []string{strings.Join(texts[:len(texts)-1], ":  ")}
	}
	p.words.say(texts...)
	for i, b := range p.finer {
		b.Choose(p.site == p.place.Site && i == 0 || i > 0 && p.place.Finer[i-1] == p.site)
	}
	for i, b := range p.kinds {
		is := p.presence(injuryKinds[i].name)
		b.Choose(is == chart.FindingPresent)
		second := ""
		if is == chart.FindingAbsent {
			second = say(lang.No)
		}
		b.Say(say(injuryKinds[i].key), second)
		b.Disable(is == chart.FindingAbsent && p.absent)
	}
	p.clear.Disable(p.anything() || p.presence(anyInjury) == chart.FindingAbsent)
	p.veil.Disable(len(p.all[p.site]) > 0)
	p.not.Choose(p.absent)
	p.undo.show(now)
}

// standing is what is charted of the place and of those within it, in words.
func (p *region) standing() string {
	var words []string
	for _, site := range append([]string{p.place.Site}, p.place.Finer...) {
		for _, f := range p.all[site] {
			text := p.s.finding(f.Finding)
			if site != p.site {
				text = p.s.placed(f.Finding)
			}
			words = append(words, text+" "+f.fact.At.Local().Format("15:04"))
		}
	}
	if len(words) == 0 {
		return p.s.speech.Say(lang.NothingThere)
	}
	return strings.Join(words, ";  ")
}

// regionLayout lays words over two rows of findings, with a row of finer places, where
// there are any, between.
type regionLayout struct{}

// MinSize implements [fyne.Layout].
func (regionLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 230) }

// Layout implements [fyne.Layout].
func (regionLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	rows := float32(len(o)) // the findings take two, the words none
	tall := max(theme.MM(theme.LeastMM), min(theme.MM(21), (size.Height*0.75-rows*gap)/rows))
	head := size.Height - rows*(tall+gap)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	if len(o) > 2 {
		o[2].Move(fyne.NewPos(0, head+gap))
		o[2].Resize(fyne.NewSize(size.Width, tall))
	}
	o[1].Move(fyne.NewPos(0, size.Height-2*tall-gap))
	o[1].Resize(fyne.NewSize(size.Width, 2*tall+gap))
}
