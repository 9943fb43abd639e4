package ambulance

import (
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/sieve"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// card sorts one casualty by every rule at once: START's questions as buttons, what
// the other rules still ask on a second page, and their answers side by side, the
// most urgent first. Nothing is recorded before a person taps it.
type card struct {
	s      *Screen
	of     chart.ID
	said   answers
	held   bool   // the person holds to a count the monitor does not share
	chosen string // the rule a person chose; "" while the most urgent holds

	root    *fyne.Container
	body    *fyne.Container
	states  [5]*widget.Button
	pulse   [2]*widget.Button
	obeys   [2]*widget.Button
	sorts   []*widget.Verdict
	words   *notes
	record  *widget.Button
	undo    *undo
	judged  judgement
	asking  *asking
	verdict []sieve.Result // as the cells show them
}

func newCard(s *Screen) *card {
	c := &card{s: s, of: s.on, words: newNotes(s), undo: s.newUndo()}
	speech := s.speech
	for i := range c.states {
		c.states[i] = widget.NewButton("", func() { c.state(i) })
	}
	for i, k := range [...]lang.Key{lang.Walks, lang.NotBreathing, lang.BreathesOpened, lang.BreathesFast, lang.BreathesSlower} {
		second := [...]lang.Key{"", lang.AirwayOpened, lang.AirwayOpened, lang.DoesNotWalk, lang.DoesNotWalk}[i]
		if second != "" {
			c.states[i].Say(speech.Say(k), speech.Say(second))
		} else {
			c.states[i].Say(speech.Say(k), "")
		}
	}
	for i := range 2 {
		yes := i == 0
		c.pulse[i] = widget.NewButton(speech.Say([...]lang.Key{lang.PulseYes, lang.PulseNo}[i]), func() { c.answer(finding.RadialPulse, yes) })
		c.obeys[i] = widget.NewButton(speech.Say([...]lang.Key{lang.ObeysYes, lang.ObeysNo}[i]), func() { c.answer(finding.Obeys, yes) })
	}
	for i := range sieve.Rules {
		c.sorts = append(c.sorts, widget.NewVerdict(func() { c.choose(i) }))
	}
	c.record = widget.NewPrimary("", c.write)
	var objects []fyne.CanvasObject
	for _, b := range c.states {
		objects = append(objects, b)
	}
	objects = append(objects, c.pulse[0], c.pulse[1], c.obeys[0], c.obeys[1])
	for _, v := range c.sorts {
		objects = append(objects, v)
	}
	c.body = container.New(cardLayout{}, append(objects, c.words.root)...)
	more := widget.NewWide(speech.Say(lang.MoreFindings), func() { s.open(c.ask()) })
	next := widget.NewWide(speech.Say(lang.NextCasualty), func() { s.newPatientThen(func() { s.open(newCard(s)) }) })
	c.root = s.sheet(c.body, more, c.undo.button, next, c.record)
	return c
}

func (c *card) object() fyne.CanvasObject { return c.root }

// state is how the casualty walks and breathes: one tap answers START's first three
// questions.
func (c *card) state(i int) {
	again := c.is(i)
	c.said.drop(finding.Walking, finding.Breathing, finding.BreathingAirway, finding.RR)
	held := c.held
	c.held = false
	if again && (c.judged.counts == "" || held) {
		return // the same tap again takes it back
	}
	c.held = again
	put := func(k finding.Key, yes bool) { c.said.put(k, finding.Value{Yes: yes}) }
	put(finding.Walking, i == 0)
	switch i {
	case 1, 2:
		put(finding.Breathing, false)
		put(finding.BreathingAirway, i == 2)
	case 3:
		put(finding.Breathing, true)
		c.said.between(finding.RR, 31, 200)
	case 4:
		put(finding.Breathing, true)
		c.said.between(finding.RR, 1, 30)
	}
}

// is reports whether the answers are those of state i.
func (c *card) is(i int) bool {
	walks, ok := c.said.said[finding.Walking]
	if !ok || walks.Yes != (i == 0) {
		return false
	}
	opened, airway := c.said.said[finding.BreathingAirway]
	w, counted := c.said.within[finding.RR]
	switch i {
	case 1, 2:
		return airway && opened.Yes == (i == 2)
	case 3, 4:
		return counted && (w[0].Cmp(vital.Int(31)) == 0) == (i == 3)
	}
	return true
}

func (c *card) answer(k finding.Key, yes bool) {
	if v, ok := c.said.said[k]; ok && v.Yes == yes {
		c.said.drop(k)
		return
	}
	c.said.put(k, finding.Value{Yes: yes})
}

func (c *card) choose(i int) {
	if i < len(c.verdict) {
		c.chosen = c.verdict[i].Sieve
	}
}

func (c *card) write() {
	now := c.s.clock()
	c.judged = c.judge(now)
	r, ok := c.judged.holds(c.chosen)
	if !ok || c.judged.err != "" {
		return
	}
	given := &chart.Triage{
		Scheme: clip(sieveName(r.Sieve)+", "+r.Version, chart.MaxName), Category: string(r.Category),
		Urgency: urgencies[r.Category], Fired: clip(r.Fired, chart.MaxName),
	}
	for _, k := range r.Missing {
		given.Missing = append(given.Missing, string(k))
	}
	if worst, ok := c.judged.holds(""); ok && worst.Category.Urgency() > r.Category.Urgency() {
		given.Override = "chosen by a person though " + worst.Sieve + " says " + string(worst.Category)
	}
	words := c.name(r)
	c.s.record(words, c.of, given, nil)
}

// name is a result as it is said: "START: IMMEDIATE".
func (c *card) name(r sieve.Result) string {
	return c.s.speech.Say(lang.RecordedAsWords, sieveName(r.Sieve), c.s.speech.Category(r.Category))
}

func sieveName(id string) string {
	switch id {
	case "jumpstart":
		return "JumpSTART"
	case "mptt24":
		return "MPTT-24"
	case fieldTriage:
		return "US field triage"
	}
	return strings.ToUpper(id)
}

// clip is text of at most limit bytes, with dots where some is left out.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const dots = "..."
	cut := limit - len(dots)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + dots
}

func (c *card) show(now time.Time) {
	c.judged = c.judge(now)
	for i, b := range c.states {
		b.Choose(c.is(i))
	}
	for i := range 2 {
		v, ok := c.said.said[finding.RadialPulse]
		c.pulse[i].Choose(ok && v.Yes == (i == 0))
		v, ok = c.said.said[finding.Obeys]
		c.obeys[i].Choose(ok && v.Yes == (i == 0))
	}
	r, ok := c.judged.holds(c.chosen)
	c.showSorts(r.Sieve)
	speech := c.s.speech
	c.record.Disable(!ok || c.judged.err != "" || c.s.again(c.name(r), now))
	c.record.Say(speech.Say(lang.RecordIt), "")
	if ok && c.judged.err == "" {
		c.record.Say(speech.Say(lang.RecordIt), c.name(r))
	}
	c.undo.show(now)
	c.words.bold = c.judged.err != "" || c.judged.differ() != nil
	texts := []string{c.judged.err, c.disagreement(), c.judged.warn}
	if ok {
		texts = append(texts, speech.Say(lang.Because, c.name(r), r.Fired))
		texts = append(texts, r.Warnings...)
	} else if c.judged.err == "" {
		texts = append(texts, speech.Say(lang.AnswerToSort))
	}
	if row, known := c.s.row(c.of); known && row.Category != "" {
		texts = append(texts, speech.Say(lang.CategoryOnFile, speech.Category(sieve.Category(row.Category))))
	}
	c.words.say(append(texts, c.judged.from)...)
}

// disagreement names who says what, when the sorts differ.
func (c *card) disagreement() string {
	said := c.judged.differ()
	if said == nil {
		return ""
	}
	var parts []string
	for _, r := range said {
		parts = append(parts, c.s.speech.Say(lang.SortsSay, sieveName(r.Sieve), c.s.speech.Category(r.Category)))
	}
	return c.s.speech.Say(lang.SortsDisagree, strings.Join(parts, ", "))
}

func (c *card) showSorts(chosen string) {
	speech := c.s.speech
	// While nothing is said the rules stand in their own order.
	c.verdict = c.judged.Results
	for i, v := range c.sorts {
		if i >= len(c.verdict) {
			v.Say(widget.Said{Title: sieveName(sieve.Rules[i].ID), Word: "?", Off: true})
			continue
		}
		r := c.verdict[i]
		said := widget.Said{Title: sieveName(r.Sieve), Word: speech.Category(r.Category), Urgency: urgencies[r.Category], Chosen: r.Sieve == chosen}
		if r.Category == sieve.Incomplete && len(r.Possible) > 0 {
			said.Detail = speech.Say(lang.UpTo, speech.Category(r.Possible[0]))
		}
		if r.Sieve == "jumpstart" && !c.judged.speaks(r) && r.Sieve != chosen {
			said.Detail, said.Urgency = speech.Say(lang.ForChildren), chart.UrgencyUnknown
		}
		said.Off = r.Category.Urgency() == 0
		v.Say(said)
	}
}

// cardLayout is four rows: state, pulse and commands, the sorts, words.
type cardLayout struct{}

// MinSize implements [fyne.Layout].
func (cardLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (cardLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	least := theme.MM(theme.LeastMM)
	tall := max(least, min(theme.MM(23), (size.Height-theme.Text(theme.Small)*lineHigh-3*gap)/3-0.5))
	y := float32(0)
	for _, n := range [...]int{5, 4, len(sieve.Rules)} {
		wide := (size.Width - gap*float32(n-1)) / float32(n)
		for i := range n {
			o[i].Move(fyne.NewPos(float32(i)*(wide+gap), y))
			o[i].Resize(fyne.NewSize(wide, tall))
		}
		o = o[n:]
		y += tall + gap
	}
	o[0].Move(fyne.NewPos(0, y))
	o[0].Resize(fyne.NewSize(size.Width, max(0, size.Height-y)))
}
