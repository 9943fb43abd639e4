package ambulance

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// questions is a column of findings, each with its answers as buttons beside it: one
// tap says it, the same tap again takes it back. As many stand on a page as there
// is room for.
type questions struct {
	s      *Screen
	said   *answers
	root   *fyne.Container
	keys   []finding.Key
	at     int // the page
	fit    int // rows of a page, as last laid out
	shown  []finding.Key
	rows   []*question
	number func(finding.Key) // a number is to be typed
}

type question struct {
	key   finding.Key
	text  *canvas.Text
	chips []*chip
}

type chip struct {
	button *widget.Button
	value  finding.Value
	enter  bool // leads to the pad
}

// maxChips is how many answers have room beside their question.
const maxChips = 8

func newQuestions(s *Screen, said *answers, number func(finding.Key)) *questions {
	q := &questions{s: s, said: said, number: number}
	q.root = container.New(q)
	return q
}

// ask sets what is asked. A page keeps its place while it can.
func (q *questions) ask(keys []finding.Key) {
	q.keys = keys
	q.fill()
}

func (q *questions) pages() int { return max(1, (len(q.keys)+max(1, q.fit)-1)/max(1, q.fit)) }

func (q *questions) turn() {
	q.at = (q.at + 1) % q.pages()
	q.fill()
}

// fill makes the rows of the page, when they are others than those that stand.
func (q *questions) fill() {
	fit := max(1, q.fit)
	q.at = min(q.at, q.pages()-1)
	page := q.keys[min(q.at*fit, len(q.keys)):min((q.at+1)*fit, len(q.keys))]
	if !slices.Equal(page, q.shown) {
		q.shown = slices.Clone(page)
		q.rows, q.root.Objects = nil, nil
		for _, k := range page {
			row := q.row(k)
			q.rows = append(q.rows, row)
			q.root.Objects = append(q.root.Objects, row.text)
			for _, c := range row.chips {
				q.root.Objects = append(q.root.Objects, c.button)
			}
		}
		q.Layout(nil, q.root.Size())
		q.root.Refresh()
	}
	q.show()
}

func (q *questions) row(k finding.Key) *question {
	row := &question{key: k, text: canvas.NewText("", theme.Colour(theme.Ink))}
	speech := q.s.speech
	info, _ := k.Info()
	add := func(label string, v finding.Value) {
		c := &chip{value: v}
		c.button = widget.NewButton(label, func() { q.tap(k, c) })
		row.chips = append(row.chips, c)
	}
	switch info.Kind {
	case finding.Answer:
		add(speech.Say(lang.Yes), finding.Value{Yes: true})
		add(speech.Say(lang.No), finding.Value{})
	case finding.Word:
		for _, w := range info.Words {
			if w != ungraded {
				add(speech.Answer(w), finding.Value{Word: w})
			}
		}
	default:
		low, high := int64(info.Min.Float()), int64(info.Max.Float())
		if info.Whole && high-low < maxChips-1 {
			for n := low; n <= high; n++ {
				add(vital.Int(n).String(), finding.Value{Number: vital.Int(n)})
			}
			if info.Kind == finding.Graded {
				add(speech.Say(lang.NotTestable), finding.Value{Word: finding.NotTestable})
			}
			break
		}
		c := &chip{enter: true}
		c.button = widget.NewButton("", func() { q.number(k) })
		row.chips = append(row.chips, c)
	}
	return row
}

// ungraded is a distress whose grade nobody said: an answer of machines, not asked.
const ungraded = "present"

func (q *questions) tap(k finding.Key, c *chip) {
	if v, ok := q.said.said[k]; ok && v == c.value {
		q.said.drop(k)
	} else {
		q.said.drop(k)
		q.said.put(k, c.value)
	}
	q.show()
}

func (q *questions) show() {
	speech, ink := q.s.speech, theme.Colour(theme.Ink)
	for _, row := range q.rows {
		set(row.text, speech.Finding(row.key), ink)
		v, said := q.said.said[row.key]
		for _, c := range row.chips {
			if c.enter {
				text := speech.Say(lang.EnterNumber)
				if said {
					text = v.Number.String()
				}
				c.button.Say(text, "")
			}
			c.button.Choose(said && (c.enter || v == c.value))
		}
	}
}

// MinSize implements [fyne.Layout].
func (q *questions) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 80) }

// Layout implements [fyne.Layout].
func (q *questions) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	gap, least := theme.MM(theme.GapMM), theme.MM(theme.LeastMM)
	if fit := int((size.Height + gap + 0.5) / (least + gap)); fit != q.fit && size.Height > 0 {
		q.fit = min(fit, 6)
		q.fill()
		return
	}
	if len(q.rows) == 0 {
		return
	}
	tall := min((size.Height-gap*float32(q.fit-1))/float32(max(1, q.fit)), theme.MM(theme.PrimaryMM))
	left := size.Width * 0.38
	for i, row := range q.rows {
		y := float32(i) * (tall + gap)
		row.text.TextSize = widget.Narrow(row.text.Text, row.text.TextStyle, left-gap, theme.Text(theme.Body))
		high := row.text.MinSize().Height
		row.text.Move(fyne.NewPos(0, y+(tall-high)/2))
		row.text.Resize(fyne.NewSize(left-gap, high))
		n := float32(max(len(row.chips), 4))
		wide := (size.Width - left - gap*(n-1)) / n
		for j, c := range row.chips {
			c.button.Move(fyne.NewPos(left+float32(j)*(wide+gap), y))
			c.button.Resize(fyne.NewSize(wide, tall))
		}
	}
}
