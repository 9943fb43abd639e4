package ambulance

import (
	"image/color"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/sieve"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// disputes is what is in doubt of one patient, one matter at a time: each side with
// its value, who wrote it and when, and what they had seen. A person settles by a hold
// on one side; no clock does. A possible double dose is looked at, with what was
// found, and its alert stays.
type disputes struct {
	known
	at    int
	all   []leaf
	taken *chart.Chart // that all was made of
	on    leaf         // the page on screen: what a finger rests on must not change under it
	found int          // of a double dose, -1 none
	wrote time.Time    // when something was settled last, zero once it was read back

	root   *fyne.Container
	head   *notes
	sides  *fyne.Container
	panels [leafSides]*panel
	finds  []*widget.Button
	looked *widget.Hold
	doses  *fyne.Container // the finds and the hold of a double dose
	prev   *widget.Button
	next   *widget.Button
}

// leafSides is how many sides stand beside each other.
const leafSides = 3

// A leaf is one page: a matter, or the further sides of one that has many.
type leaf struct {
	chart.Dispute
	from int // the first side shown
}

// about reports whether two pages are of the same matter, at the same place in it.
// Entries alone do not tell: one may disagree with another on several fields, and one
// dose may be doubled by two.
func (l leaf) about(m leaf) bool {
	if l.Matter != m.Matter || l.Name != m.Name || l.from != m.from || len(l.Sides) == 0 || len(m.Sides) == 0 {
		return false
	}
	return l.Sides[l.from].Fact.Ref == m.Sides[m.from].Fact.Ref && (l.Matter != chart.AboutDoses || l.Sides[1].Fact.Ref == m.Sides[1].Fact.Ref)
}

// same reports whether two pages say the same, of everything that may be settled on them.
func (l leaf) same(m leaf) bool {
	return l.about(m) && len(l.Reviewed) == len(m.Reviewed) && slices.EqualFunc(l.Sides, m.Sides, func(x, y chart.Side) bool {
		return x.Fact.Ref == y.Fact.Ref && x.Value == y.Value
	})
}

// finds are what a person may find of a possible double dose.
var finds = [...]struct {
	word string
	key  lang.Key
}{{"both given", lang.BothGiven}, {"charted twice", lang.ChartedTwice}, {"not known", lang.DoseNotKnown}}

func newDisputes(s *Screen) *disputes {
	d := &disputes{known: known{s: s, of: s.on}, head: newNotes(s), found: -1}
	d.head.bold = true
	for i := range d.panels {
		d.panels[i] = newPanel(s, func() { d.settle(i) })
	}
	var chips []fyne.CanvasObject
	for i, f := range finds {
		b := widget.NewButton(s.speech.Say(f.key), func() { d.found = i; d.looked.Reset() })
		d.finds = append(d.finds, b)
		chips = append(chips, b)
	}
	d.looked = widget.NewHold(s.speech.Say(lang.HoldLookedAt), d.review)
	d.doses = container.New(grid{2, 2}, append(chips, d.looked)...)
	d.sides = container.New(columns{})
	d.prev = widget.NewWide("", func() { d.at-- })
	d.next = widget.NewWide("", func() { d.at++ })
	others := widget.NewWide(s.speech.Say(lang.OthersInDoubt), func() { s.open(newDisputed(s)) })
	d.root = s.sheet(container.New(beneath{}, d.head.root, d.sides), others, d.prev, d.next)
	return d
}

func (d *disputes) object() fyne.CanvasObject { return d.root }

// leaves are the pages of a chart's disputes.
func leaves(c *chart.Chart) (out []leaf) {
	for _, x := range c.Disputes() {
		most := leafSides
		for from := 0; from < len(x.Sides); from += most {
			out = append(out, leaf{x, from})
		}
	}
	return out
}

// shown is the page on screen and its sides, none when nothing is in doubt.
func (d *disputes) shown() (leaf, []chart.Side) {
	if len(d.all) == 0 {
		return leaf{}, nil
	}
	l := d.all[d.at]
	return l, l.Sides[l.from:min(len(l.Sides), l.from+leafSides)]
}

func (d *disputes) settle(i int) {
	l, sides := d.shown()
	if i >= len(sides) || sides[i].Settles() == nil || !d.wrote.IsZero() {
		return
	}
	d.wrote = d.s.clock()
	words := d.s.speech.Say(lang.SettledWord, d.s.answer(l.Dispute, sides[i]))
	d.unchanged(words, sides[i].Settles())
}

// unchanged records what settles the page when the record, read anew, says of it still
// what the page shows: the station writes down everything it holds as seen, and a side
// that has just come was seen by nobody.
func (d *disputes) unchanged(words string, content chart.Content) {
	s, on := d.s, d.on
	s.pending++
	s.read(d.of, func(c *chart.Chart, err error) {
		s.pending--
		switch {
		case err != nil:
			s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, words, reason(err))})
		case !slices.ContainsFunc(leaves(c), on.same):
			d.chart = c
			s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, words, s.speech.Say(lang.LookAgain))})
		default:
			s.recordNow(words, d.of, content, func(ui.Recorded) { d.asked = time.Time{} })
		}
	})
}

func (d *disputes) review() {
	l, sides := d.shown()
	if l.Matter != chart.AboutDoses || len(sides) != 2 || d.found < 0 || !d.wrote.IsZero() {
		return
	}
	d.wrote = d.s.clock()
	c := &chart.DoseReviewed{First: sides[0].Fact.Ref, Second: sides[1].Fact.Ref, Found: finds[d.found].word}
	d.unchanged(d.s.speech.Say(lang.SettledWord, d.s.speech.Say(finds[d.found].key)), c)
}

// take makes the pages anew when the record was read again, and keeps the one on
// screen there while it is in doubt.
func (d *disputes) take() {
	if d.chart == nil || d.taken == d.chart {
		return
	}
	d.taken, d.all = d.chart, leaves(d.chart)
	if at := slices.IndexFunc(d.all, d.on.about); at >= 0 {
		d.at = at
	}
}

func (d *disputes) show(now time.Time) {
	d.read(now)
	d.take()
	if !d.wrote.IsZero() && d.s.pending == 0 && now.Sub(d.wrote) > time.Second {
		d.wrote, d.on = time.Time{}, leaf{} // written, or refused and said so in the alarm bar
	}
	speech := d.s.speech
	d.at = max(0, min(d.at, len(d.all)-1))
	l, sides := d.shown()
	if !d.on.same(l) {
		d.on, d.found = l, -1
		d.looked.Reset()
		for _, p := range d.panels {
			p.hold.Reset()
		}
	}
	dose := l.Matter == chart.AboutDoses && len(sides) > 0
	for i, p := range d.panels {
		p.showFor(d.s, l, sides, i, now)
		p.hold.Disable(!d.wrote.IsZero())
	}
	d.stand(len(sides), dose)
	for i, b := range d.finds {
		b.Choose(d.found == i)
	}
	d.looked.Disable(d.found < 0 || !d.wrote.IsZero())
	d.looked.Tick(now)
	d.head.say(d.headWords(l)...)
	d.prev.Say(speech.Say(lang.PrevPage), "")
	d.next.Say(speech.Say(lang.NextPage), "")
	d.prev.Disable(d.at == 0)
	d.next.Disable(d.at+1 >= len(d.all))
}

// stand puts as many panels on screen as there are sides, and for a double dose the
// finds beside them.
func (d *disputes) stand(n int, dose bool) {
	var cells []fyne.CanvasObject
	for _, p := range d.panels[:n] {
		cells = append(cells, p.root)
	}
	if dose {
		cells = append(cells, d.doses)
	}
	if !slices.Equal(cells, d.sides.Objects) {
		d.sides.Objects = cells
		d.sides.Refresh()
	}
}

func (d *disputes) headWords(l leaf) (texts []string) {
	speech := d.s.speech
	switch {
	case d.chart == nil && d.err != nil:
		return []string{speech.Say(lang.RecordNotRead, reason(d.err))}
	case d.chart == nil:
		return []string{speech.Say(lang.ReadingRecord)}
	case len(d.all) == 0:
		texts = append(texts, speech.Say(lang.NothingInDoubt))
	default:
		texts = append(texts, speech.Say(lang.DoubtHead, d.at+1, len(d.all), speech.Matter(l.Dispute)))
	}
	if d.err != nil {
		texts = append(texts, speech.Say(lang.RecordNotRead, reason(d.err)))
	}
	if l.Matter == chart.AboutDoses && len(l.Sides) > 0 {
		words := speech.Say(lang.DoseAsk)
		if n := len(l.Reviewed); n > 0 {
			r := l.Reviewed[n-1]
			words = speech.Say(lang.DoseLookedAt, d.s.dayTime(r.At), d.s.author(r), d.s.what(r))
		}
		texts = append(texts, words+"  "+speech.Say(lang.DoseStays))
	}
	var whys []string
	for _, x := range d.chart.Doubts() {
		if w := speech.Why(x.Why); !slices.Contains(whys, w) {
			whys = append(whys, w)
		}
	}
	if len(whys) > 0 {
		texts = append(texts, speech.Say(lang.IsMissingHere, strings.Join(whys, ", ")))
	}
	return texts
}

// A panel is one side: its words, and the hold that settles on it.
type panel struct {
	root   *fyne.Container
	ground *canvas.Rectangle
	words  *notes
	hold   *widget.Hold
}

func newPanel(s *Screen, onHeld func()) *panel {
	p := &panel{ground: canvas.NewRectangle(color.Transparent), words: newNotes(s), hold: widget.NewHold(s.speech.Say(lang.HoldThisStands), onHeld)}
	p.words.bold = true
	p.ground.CornerRadius = 8
	p.root = container.New(panelLayout{}, p.ground, p.words.root, p.hold)
	return p
}

func (p *panel) showFor(s *Screen, l leaf, sides []chart.Side, i int, now time.Time) {
	if i >= len(sides) {
		return
	}
	p.hold.Tick(now)
	if settles := sides[i].Settles() != nil; p.hold.Visible() != settles {
		p.hold.Hidden = !settles
		p.root.Refresh()
	}
	p.say(s.sideWords(l, sides[i], l.from+i == 0)...)
}

// say sets the words, on the look's ground.
func (p *panel) say(texts ...string) {
	if c := theme.Colour(theme.Surface); p.ground.FillColor != c {
		p.ground.FillColor = c
		p.ground.Refresh()
	}
	p.words.say(texts...)
}

// sideWords are a side: what it says, who wrote it when and where, and what they had
// seen.
func (s *Screen) sideWords(l leaf, side chart.Side, first bool) []string {
	say, f := s.speech.Say, side.Fact
	texts := []string{s.answer(l.Dispute, side), say(lang.WroteIt, s.dayTime(f.Wall), s.author(f), s.from(f.Ref.Device))}
	if f.Wall.Sub(f.At).Abs() > lateBy || l.Matter == chart.AboutDoses {
		texts = append(texts, say(lang.TrueAtTime, s.dayTime(f.At)))
	}
	if f.Trust == chart.ClockUnset {
		texts = append(texts, say(lang.ClockWasUnset))
	}
	texts = append(texts, say(lang.HadNotSeen))
	switch {
	case l.Matter == chart.AboutDoses:
	case side.Had == nil:
		texts = append(texts, say(lang.HadSeenNothing))
	default:
		texts = append(texts, say(lang.HadSeen, s.before(l.Dispute, side.Had), s.dayTime(side.Had.At)))
	}
	if first && l.Matter != chart.AboutDoses {
		texts = append(texts, say(lang.ShownMeanwhile))
	}
	return texts
}

// before is what an earlier entry says of a matter.
func (s *Screen) before(d chart.Dispute, f *chart.Fact) string {
	if d.Matter != chart.AboutField {
		return s.answer(d, chart.Side{Fact: f, Not: isRemoval(f)})
	}
	value := ""
	who := chart.Demographics{}
	switch c := f.Content.(type) {
	case *chart.PatientRegistered:
		who = c.Who
	case *chart.PatientIdentified:
		who = c.Who
	}
	who.Each(func(field chart.Field, v string) {
		if string(field) == d.Name {
			value = v
		}
	})
	return s.answer(d, chart.Side{Fact: f, Value: value})
}

func isRemoval(f *chart.Fact) bool {
	switch f.Content.(type) {
	case *chart.AllergyRemoved, *chart.ConditionRemoved, *chart.MedicineRemoved, *chart.PatientsUnmerged:
		return true
	}
	return false
}

// answer is what a side says, in words.
func (s *Screen) answer(d chart.Dispute, side chart.Side) string {
	say := s.speech.Say
	switch d.Matter {
	case chart.AboutField:
		switch {
		case side.Value == "":
			return say(lang.NoValueNow)
		case d.Name == string(chart.FieldSex):
			return s.sex(chart.Sex(side.Value))
		case d.Name == string(chart.FieldAge):
			return s.age(chart.Demographics{Age: side.Value})
		}
		return side.Value
	case chart.AboutAllergy, chart.AboutCondition, chart.AboutMedicine:
		if side.Not {
			return say(lang.PatientHasNot, d.Name)
		}
		return say(lang.PatientHasIt, d.Name)
	case chart.AboutMerge:
		if side.Not {
			return say(lang.TwoPersons)
		}
		return say(lang.OnePerson)
	}
	switch c := side.Fact.Content.(type) {
	case *chart.Triage:
		return s.speech.Category(sieve.Category(c.Category)) + "  (" + c.Scheme + ")"
	case *chart.CodeStatus:
		words := say(wordOf(codes, c.Status))
		if c.Document != "" {
			words += ", " + say(lang.PaperSeen)
		}
		return words
	case *chart.Consent:
		return say(wordOf(statuses, c.Status))
	case *chart.Decision:
		return c.Value
	case *chart.EncounterClosed:
		return say(lang.ClosedWord) + ": " + c.Outcome
	case *chart.EncounterStoodDown:
		return c.Type().String() + ": " + c.Why
	case *chart.EncounterBoundFor:
		return c.Name
	case *chart.BayAssigned:
		return c.Bay
	}
	return s.what(side.Fact)
}

func (s *Screen) sex(x chart.Sex) string {
	switch x {
	case chart.Female:
		return s.speech.Say(lang.FemaleWord)
	case chart.Male:
		return s.speech.Say(lang.MaleWord)
	case chart.OtherSex:
		return s.speech.Say(lang.OtherWord)
	}
	return s.speech.Say(lang.UnknownWord)
}

// dayTime is a time of today, or of another day with it.
func (s *Screen) dayTime(t time.Time) string {
	if !startOfDay(t).Equal(startOfDay(s.clock())) {
		return t.Local().Format("2006-01-02 15:04")
	}
	return t.Local().Format("15:04")
}

// daySecond is a time of today to the second, or of another day with it.
func (s *Screen) daySecond(t time.Time) string {
	if !startOfDay(t).Equal(startOfDay(s.clock())) {
		return t.Local().Format(time.DateTime)
	}
	return t.Local().Format(time.TimeOnly)
}

// sayDisputes is a button that leads to what is in doubt, with how much that is.
func (s *Screen) sayDisputes(b *widget.Button, of chart.ID) {
	second := ""
	if row, ok := s.row(of); ok && row.Disputes > 0 {
		second = s.speech.Say(lang.ToSettle, row.Disputes)
	}
	b.Say(s.speech.Say(lang.InDoubt), second)
}

// panelLayout lays words over a hold on a ground.
type panelLayout struct{}

// MinSize implements [fyne.Layout].
func (panelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 120) }

// Layout implements [fyne.Layout].
func (panelLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	pad, high := theme.MM(2), theme.MM(theme.PrimaryMM)
	room := size.Height - 2*pad
	if o[2].Visible() {
		room -= high
	}
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(size)
	o[1].Move(fyne.NewPos(pad, pad))
	o[1].Resize(fyne.NewSize(size.Width-2*pad, room))
	o[2].Move(fyne.NewPos(0, size.Height-high))
	o[2].Resize(fyne.NewSize(size.Width, high))
}

// columns lays objects side by side, with 10 mm between: they exclude each other.
type columns struct{}

// MinSize implements [fyne.Layout].
func (columns) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 120) }

// Layout implements [fyne.Layout].
func (columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(10)
	wide := (size.Width - gap*float32(len(objects)-1)) / float32(max(1, len(objects)))
	x := float32(0)
	for _, o := range objects {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(wide, size.Height))
		x += wide + gap
	}
}
