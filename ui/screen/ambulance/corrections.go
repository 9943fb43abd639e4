package ambulance

import (
	"cmp"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// corrections is the entries of one patient that a person may correct: what people
// wrote before what the station charted by itself, of each the latest first.
type corrections struct {
	known
	at    int
	root  *fyne.Container
	head  *notes
	cells []*widget.Button
	taken *chart.Chart // that all was made of
	all   []*chart.Fact
	facts []*chart.Fact // on screen
	next  *widget.Button
}

// correctable are the kinds that the page offers: what people chart.
var correctable = []chart.Type{
	chart.TypeVitals, chart.TypeDrugGiven, chart.TypeDrugRefused, chart.TypeProcedure, chart.TypeEvent, chart.TypeNote,
	chart.TypeTriage, chart.TypeAssessment, chart.TypeRefusal, chart.TypeConsent, chart.TypeCodeStatus,
	chart.TypeAllergyAdded, chart.TypeConditionAdded, chart.TypeMedicineAdded,
}

const correctColumns, correctRows = 2, 3

// vitalsOnButton is how many numbers of an entry a button has room for; the page behind
// it has all.
const vitalsOnButton = 3

func newCorrections(s *Screen) *corrections {
	c := &corrections{known: known{s: s, of: s.on}, head: newNotes(s)}
	c.head.bold = true
	cells := make([]fyne.CanvasObject, correctColumns*correctRows)
	for i := range cells {
		b := widget.NewButton("", func() {
			if i < len(c.facts) {
				s.open(newCorrection(s, c.of, c.facts[i]))
			}
		})
		c.cells, cells[i] = append(c.cells, b), b
	}
	c.next = widget.NewWide("", func() { c.at++ })
	c.root = s.sheet(container.New(headed{}, c.head.root, container.New(grid{correctColumns, correctRows}, cells...)), c.next)
	return c
}

func (c *corrections) object() fyne.CanvasObject { return c.root }

func byMachine(f *chart.Fact) int {
	if f.Author.Checked == chart.CheckedStation {
		return 1
	}
	return 0
}

// take lists the entries when the record was read again.
func (c *corrections) take() {
	if c.taken == c.chart {
		return
	}
	c.taken, c.all = c.chart, slices.Clone(c.chart.Of(correctable...))
	slices.Reverse(c.all)
	slices.SortStableFunc(c.all, func(f, g *chart.Fact) int { return cmp.Compare(byMachine(f), byMachine(g)) })
}

func (c *corrections) show(now time.Time) {
	c.read(now)
	speech := c.s.speech
	head := speech.Say(lang.CorrectWhich)
	switch {
	case c.chart == nil && c.err != nil:
		head = speech.Say(lang.RecordNotRead, reason(c.err))
	case c.chart == nil:
		head = speech.Say(lang.ReadingRecord)
	default:
		c.take()
		if len(c.all) == 0 {
			head = speech.Say(lang.NothingCorrect)
		}
	}
	pages := max(1, (len(c.all)+len(c.cells)-1)/len(c.cells))
	c.at %= pages
	c.facts = c.all[c.at*len(c.cells) : min(len(c.all), (c.at+1)*len(c.cells))]
	for i, b := range c.cells {
		if i >= len(c.facts) {
			b.Say("", "")
			b.Hide()
			continue
		}
		words := c.s.heads(c.facts[i])
		if v, ok := c.facts[i].Content.(*chart.Vitals); ok {
			words = c.s.dayTime(c.facts[i].At) + "   " + c.s.numbers(v, vitalsOnButton)
		}
		if a, ok := c.facts[i].Content.(*chart.Assessment); ok {
			words = c.facts[i].At.Local().Format("15:04") + "   " + c.s.assessed(a, findingsOnButton)
		}
		b.Say(words, c.s.author(c.facts[i])+"   "+c.s.from(c.facts[i].Ref.Device))
		b.Show()
	}
	c.head.say(head)
	c.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, c.at+1, pages))
	c.next.Disable(pages == 1)
}
