package ambulance

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// drugs is the site's list: one tap chooses a drug with its commonest dose.
type drugs struct {
	s    *Screen
	root *fyne.Container
	note *lines
}

func newDrugs(s *Screen) *drugs {
	d := &drugs{s: s, note: newLines(1, theme.Body)}
	of := s.on
	cells := make([]fyne.CanvasObject, 0, maxDrugs)
	for _, drug := range s.drugs.Drugs {
		b := widget.NewButton(drug.Shown, func() { s.open(newGive(s, of, drug)) })
		b.Say(drug.Shown, drug.Doses[0].words())
		cells = append(cells, b)
	}
	d.root = s.sheet(container.New(headed{}, d.note.root, container.New(grid{4, 3}, cells...)))
	return d
}

func (d *drugs) object() fyne.CanvasObject { return d.root }

func (d *drugs) show(time.Time) { d.note.say(d.s.listWords()) }

// listWords says whose list of drugs it is.
func (s *Screen) listWords() string {
	if s.drugs.Approved == "" {
		return s.speech.Say(lang.ExampleList)
	}
	return s.speech.Say(lang.ApprovedList, s.drugs.Approved)
}

// headed lays one line over a body.
type headed struct{}

// MinSize implements [fyne.Layout].
func (headed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 100) }

// Layout implements [fyne.Layout].
func (headed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	line := theme.MM(5.5)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, line))
	o[1].Move(fyne.NewPos(0, line))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-line))
}

// give is one dose before it is recorded: drug, dose, route and patient in one
// sentence, the last dose by its true time, allergies, and a hold.
type give struct {
	s     *Screen
	of    chart.ID
	drug  SiteDrug
	dose  int
	root  *fyne.Container
	words *lines
	doses []*widget.Button
	hold  *widget.Hold
	chart *chart.Chart
	err   error
	asked time.Time // when the record was last read: another crew may have given a dose
}

func newGive(s *Screen, of chart.ID, drug SiteDrug) *give {
	g := &give{s: s, of: of, drug: drug, words: newLines(5, theme.Large)}
	g.words.headed = true
	cells := make([]fyne.CanvasObject, 0, 6)
	for i, dose := range drug.Doses {
		b := widget.NewWide(dose.words(), func() { g.choose(i) })
		g.doses = append(g.doses, b)
		cells = append(cells, b)
	}
	g.hold = widget.NewHold("", g.record)
	g.root = s.sheet(container.New(above{}, g.words.root, container.New(grid{max(len(cells), 3), 1}, cells...)), g.hold)
	g.choose(0)
	return g
}

func (g *give) object() fyne.CanvasObject { return g.root }

func (g *give) choose(dose int) {
	g.dose = dose
	for i, b := range g.doses {
		b.Choose(i == dose)
	}
	g.hold.Reset()
}

func (g *give) sentence() string {
	row, _ := g.s.row(g.of)
	words := g.s.speech.Say(lang.GiveTo, g.drug.Shown, g.drug.Doses[g.dose].words(), g.s.who(row))
	if !g.s.happened.IsZero() {
		words = g.s.dayTime(g.s.happened) + "  " + words
	}
	return words
}

// allergyLine is where the allergies stand among the lines of the page.
const allergyLine = 2

func (g *give) record() {
	dose := g.drug.Doses[g.dose]
	given := &chart.DrugGiven{Drug: g.drug.Drug, Dose: dose.dose()}
	for _, a := range g.allergies() {
		if a.matches {
			for _, f := range a.Added {
				given.Despite = append(given.Despite, f.Ref)
			}
		}
	}
	g.s.record(g.drug.Shown+" "+dose.words(), g.of, given, func(ui.Recorded) {})
	g.s.home()
}

func (g *give) show(now time.Time) {
	if g.asked.IsZero() || now.Sub(g.asked) >= refreshEvery {
		g.asked = now
		g.s.read(g.of, func(c *chart.Chart, err error) {
			g.err = err
			if err == nil {
				g.chart = c
			}
		})
	}
	speech := g.s.speech
	g.hold.Say(speech.Say(lang.HoldToRecord))
	g.hold.Tick(now)
	g.words.loud = 0
	if slices.ContainsFunc(g.allergies(), func(a allergy) bool { return a.matches }) {
		g.words.loud = allergyLine
	}
	texts := []string{g.sentence(), g.lastDose(now), g.allergyWords(), g.weightWords(now), g.s.listWords()}
	g.words.say(texts...)
}

// weightWords is the weight on record with its age: doses by weight are not worked
// out here.
func (g *give) weightWords(now time.Time) string {
	if g.chart == nil {
		return ""
	}
	if last := g.chart.Sign(vital.Weight).LastValue; last != nil {
		return g.s.speech.Say(lang.WeightIs, last.Vital.Value.String()+" "+last.Vital.In().Label(), g.s.dayTime(last.At))
	}
	return g.s.speech.Say(lang.NoWeight)
}
