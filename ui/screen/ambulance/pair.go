package ambulance

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// A pair is two records side by side: who each says the patient is, and in words
// where they differ. A hold joins them, or parts them again with a reason; either is
// written into an encounter of each in one commit. Nothing is written before both were
// read, nor when what a record says changes under the finger.
type pair struct {
	known       // the patient on screen
	other known // the other; of no encounter when this station holds none
	pick  pick
	why   int       // of parting, -1 none
	wrote time.Time // zero while nothing is on its way
	key   []string  // what both sides said when the hold was armed

	root   *fyne.Container
	head   *notes
	panels [2]*panel
	chips  []*widget.Button
	hold   *widget.Hold
}

// partings are the reasons to part two records, in the record's words and the screen's.
var partings = [...]struct {
	word string
	key  lang.Key
}{{"not the same person", lang.WhyNotSame}, {"wrong record chosen", lang.WhyWrongRecord}, {"not sure any more", lang.WhyNotSure}}

// visitsShown is how many encounters of a patient are listed.
const visitsShown = 3

func newPair(s *Screen, of chart.ID, p pick) *pair {
	c := &pair{known: known{s: s, of: of}, other: known{s: s, of: p.row.Encounter}, pick: p, why: -1, head: newNotes(s)}
	c.head.bold = true
	sides := container.New(columns{})
	for i := range c.panels {
		c.panels[i] = newPanel(s, nil)
		c.panels[i].hold.Hidden = true
		sides.Add(c.panels[i].root)
	}
	body := []fyne.CanvasObject{c.head.root, sides}
	hold := lang.HoldJoin
	if p.joined != nil {
		hold = lang.HoldPart
		var chips []fyne.CanvasObject
		for i, w := range partings {
			b := widget.NewButton(s.speech.Say(w.key), func() { c.why = i; c.hold.Reset() })
			c.chips, chips = append(c.chips, b), append(chips, b)
		}
		body = append(body, container.New(grid{len(chips), 1}, chips...))
	}
	c.hold = widget.NewHold(s.speech.Say(hold), c.write)
	back := widget.NewWide(s.speech.Say(lang.SamePerson), func() {
		if c.of == s.on {
			s.open(newSame(s))
		} else {
			s.home()
		}
	})
	c.root = s.sheet(container.New(pairLayout{}, body...), back, c.hold)
	return c
}

func (c *pair) object() fyne.CanvasObject { return c.root }

// content is what the hold writes.
func (c *pair) content(own chart.Row) chart.Content {
	if l := c.pick.joined; l != nil {
		return &chart.PatientsUnmerged{From: l.From, Into: l.Into, Why: partings[c.why].word}
	}
	return &chart.PatientsMerged{From: own.Patient, Into: c.pick.row.Patient}
}

// ready reports whether a hold may write: both records are read, and each is still of
// the patient it was chosen for.
func (c *pair) ready() bool {
	own, known := c.s.row(c.of)
	if !known || own.Patient == (chart.ID{}) || c.chart == nil || c.err != nil || !c.wrote.IsZero() || c.s.locked() {
		return false
	}
	if c.other.of == (chart.ID{}) {
		return c.pick.joined != nil && c.why >= 0
	}
	there, known := c.s.row(c.other.of)
	return known && there.Patient == c.pick.row.Patient && c.other.chart != nil && c.other.err == nil && (c.pick.joined == nil || c.why >= 0)
}

func (c *pair) write() {
	s := c.s
	words := s.speech.Say(lang.JoinDone)
	if c.pick.joined != nil {
		words = s.speech.Say(lang.PartDone)
	}
	if c.of != s.on {
		s.faults = append(s.faults, fault{s.speech.Say(lang.OtherPatient, words)})
		return
	}
	if !c.ready() {
		return
	}
	own, _ := s.row(c.of)
	now, content := s.clock().Round(0), c.content(own)
	drafts := []ui.Draft{{Encounter: c.of, Patient: own.Patient, Happened: now, Content: content}}
	if c.other.of != (chart.ID{}) {
		drafts = append(drafts, ui.Draft{Encounter: c.other.of, Patient: c.pick.row.Patient, Happened: now, Content: content})
	}
	c.wrote = s.clock()
	s.do(words, func(ctx context.Context) error {
		_, err := s.desk.RecordAll(ctx, drafts)
		return err
	}, func() {
		if s.page == page(c) && s.on == c.of {
			s.home()
		}
	})
}

func (c *pair) show(now time.Time) {
	s, say := c.s, c.s.speech.Say
	c.read(now)
	if c.other.of != (chart.ID{}) {
		c.other.read(now)
	}
	if !c.wrote.IsZero() && s.pending == 0 && now.Sub(c.wrote) > time.Second {
		c.wrote = time.Time{} // refused, and said so in the alarm bar
		c.hold.Reset()
	}
	mine, theirs := s.side(lang.OnThisScreen, &c.known), []string{say(lang.TheOther), say(lang.JoinNotHere)}
	if c.other.of != (chart.ID{}) {
		theirs = s.side(lang.TheOther, &c.other)
	}
	c.panels[0].say(mine...)
	c.panels[1].say(theirs...)
	if key := append(slices.Clone(mine), theirs...); !slices.Equal(key, c.key) {
		c.key = key
		c.hold.Reset()
	}
	head := []string{say(lang.JoinAsk)}
	if c.pick.joined != nil {
		head = []string{say(lang.PartAsk)}
	}
	if words := c.differ(); len(words) > 0 {
		head[0] += "  " + words[0] // what speaks against it first, and large
		head = append(head, words[1:]...)
	}
	if c.pick.joined != nil {
		head = append(head, say(lang.PartWhy))
	} else {
		head = append(head, say(lang.JoinStays))
	}
	c.head.say(head...)
	for i, b := range c.chips {
		b.Choose(c.why == i)
	}
	c.hold.Disable(!c.ready())
	c.hold.Tick(now)
}

// differ is in words what the two records say differently of the person, and what
// alike; nothing while either is not read.
func (c *pair) differ() (texts []string) {
	if c.chart == nil || c.other.chart == nil || c.pick.joined != nil { // of the joined both say the same
		return nil
	}
	s, say := c.s, c.s.speech.Say
	differ, alike := compared(personOf(c.chart), personOf(c.other.chart))
	var words []string
	for _, f := range differ {
		words = append(words, say(lang.FieldIs, s.speech.Field(f), s.fieldValue(f, c.chart)+" / "+s.fieldValue(f, c.other.chart)))
	}
	if len(words) > 0 {
		texts = append(texts, say(lang.JoinDiffer, strings.Join(words, ";  ")))
	}
	words = nil
	for _, f := range alike {
		words = append(words, s.speech.Field(f))
	}
	switch {
	case len(words) > 0:
		texts = append(texts, say(lang.JoinAlike, strings.Join(words, ", ")))
	case len(differ) == 0:
		texts = append(texts, say(lang.JoinNoCompare))
	}
	one, two := allergic(c.chart), allergic(c.other.chart)
	var only []string
	for _, a := range append(slices.Clone(one), two...) {
		if slices.ContainsFunc(one, sameItem(a)) != slices.ContainsFunc(two, sameItem(a)) {
			only = append(only, a)
		}
	}
	if len(only) > 0 {
		texts = append(texts, say(lang.JoinAllergy, strings.Join(only, ", ")))
	}
	return texts
}

func sameItem(a string) func(string) bool {
	key := chart.Named{Name: a}.Key()
	return func(b string) bool { return chart.Named{Name: b}.Key() == key }
}

// allergic are the names of the allergies that stand.
func allergic(c *chart.Chart) (names []string) {
	for _, a := range c.Allergies() {
		if a.Stands() {
			names = append(names, a.Name)
		}
	}
	return names
}

// personOf is what stands first of each field of a chart.
func personOf(c *chart.Chart) chart.Demographics { return c.Row().Who }

func (s *Screen) fieldValue(f chart.Field, c *chart.Chart) string {
	return s.answer(chart.Dispute{Matter: chart.AboutField, Name: string(f)}, chart.Side{Value: c.Field(f).Value()})
}

// side is one record in words: who it says the patient is, field by field, their
// allergies, and when they were here.
func (s *Screen) side(head lang.Key, k *known) []string {
	say := s.speech.Say
	row, _ := s.row(k.of)
	texts := []string{say(head) + ":  " + s.who(row)}
	switch {
	case k.err != nil:
		return append(texts, say(lang.RecordNotRead, reason(k.err)))
	case k.chart == nil:
		return append(texts, say(lang.ReadingRecord))
	}
	for _, f := range [...]chart.Field{chart.FieldBirth, chart.FieldSex, chart.FieldLabel} {
		value := say(lang.UnknownWord)
		if k.chart.Field(f).Value() != "" {
			value = s.fieldValue(f, k.chart)
		}
		texts = append(texts, say(lang.FieldIs, s.speech.Field(f), value))
	}
	for _, id := range personOf(k.chart).Identifiers {
		texts = append(texts, say(lang.FieldIs, id.System, id.Value))
	}
	if names := allergic(k.chart); len(names) > 0 {
		texts = append(texts, say(lang.AllergyOther, strings.Join(names, ", ")))
	} else {
		texts = append(texts, say(lang.NoAllergyOnRecord))
	}
	n := 0
	for _, r := range s.rows {
		if r.Encounter != k.of && r.Patient != row.Patient {
			continue
		}
		if n++; n <= visitsShown {
			texts = append(texts, say(lang.VisitOn, r.Opened.Time().Local().Format("2006-01-02 15:04"))+"  "+s.endedAs(r))
		}
	}
	if n > visitsShown {
		texts = append(texts, say(lang.AndMore, n-visitsShown))
	}
	if len(row.InConflict) > 0 {
		texts = append(texts, say(lang.NamesConflict))
	}
	if len(k.chart.Doubts()) > 0 {
		texts = append(texts, say(lang.RecordIncomplete))
	}
	return texts
}

func (s *Screen) endedAs(r chart.Row) string {
	if r.Ended == "" {
		return ""
	}
	return s.speech.Say(lang.EndedAs, s.endWords(r.Ended))
}

// pairLayout lays words over two sides, and over a row of reasons where there is one.
type pairLayout struct{}

// MinSize implements [fyne.Layout].
func (pairLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (pairLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	head, chips := size.Height*0.36, float32(0)
	if len(o) > 2 {
		head, chips = size.Height*0.24, theme.MM(theme.LeastMM)+gap
		o[2].Move(fyne.NewPos(0, size.Height-chips+gap))
		o[2].Resize(fyne.NewSize(size.Width, chips-gap))
	}
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	o[1].Move(fyne.NewPos(0, head+gap))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-head-gap-chips))
}
