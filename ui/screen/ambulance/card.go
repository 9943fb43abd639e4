package ambulance

import (
	"errors"
	"slices"
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

// judgement is what the rules make of the answers.
type judgement struct {
	sieve.Comparison
	err    string // why there is none, in words
	warn   string
	from   string // what the monitors said, in words
	asked  []finding.Key
	counts string // the monitor's breaths, when they contradict the person's
	child  finding.Tri
}

// isChild is whether the casualty is of JumpSTART's years (1 to 8), by age or by
// looks.
func isChild(in finding.Set) finding.Tri {
	if years, ok := in.Years(); ok {
		return finding.Of(years < 9)
	}
	return in.Answer(finding.LooksLikeChild)
}

// most is the urgency of a result, or the most urgent that it may still be.
func most(r sieve.Result) int {
	if len(r.Possible) > 0 {
		return r.Possible[0].Urgency()
	}
	return r.Category.Urgency()
}

// speaks reports whether a result speaks in the sort by itself. Two do not unless
// chosen: the field triage guideline chooses a hospital, not an order; and of START
// and JumpSTART each is silent where the other is for the casualty, JumpSTART also
// while nobody has said that this is a child.
func (j judgement) speaks(r sieve.Result) bool {
	switch r.Sieve {
	case fieldTriage:
		return false
	case "jumpstart":
		return j.child == finding.Yes
	case "start":
		return j.child != finding.Yes
	}
	return true
}

// differ are the results that speak, when they are not all as urgent.
func (j judgement) differ() (said []sieve.Result) {
	for _, r := range j.Results {
		if r.Category.Urgency() > 0 && j.speaks(r) {
			said = append(said, r)
		}
	}
	if len(said) == 0 || said[0].Category.Urgency() == said[len(said)-1].Category.Urgency() {
		return nil
	}
	return said
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

// judge applies every rule to what was said and to what the monitors measure.
func (c *card) judge(now time.Time) judgement {
	var j judgement
	s := c.s
	row, _ := s.row(c.of)
	set, err := c.said.own(row.Who, now)
	if err != nil {
		j.err = err.Error()
		return j
	}
	own, _ := c.said.own(row.Who, now) // apart: a set shares its map with its copies
	if s.on == c.of {
		from := typedLately(&set, row, now, s.measured(&set, now))
		if rr, ok := set.Number(finding.RR); ok {
			if w, judged := c.said.within[finding.RR]; judged && (rr.Cmp(w[0]) < 0 || rr.Cmp(w[1]) > 0) {
				j.counts = rr.String()
				if !c.held {
					j.err = s.speech.Say(lang.MonitorCounts, j.counts)
					return j
				}
			}
		}
		if j.counts != "" || errors.Is(set.Check(), finding.ErrContradiction) {
			set, from = own, nil
			j.warn = s.speech.Say(lang.MonitorLeftOut)
		}
		if len(from) > 0 {
			j.from = s.speech.Say(lang.TakenFrom, s.measuredWords(set, from))
		}
	}
	all, err := sieve.Compare(set)
	if err != nil {
		j.err = s.speech.Say(lang.Contradiction, afterColon(err))
		return j
	}
	j.Comparison = all
	j.child = isChild(own)
	// Those that do not speak for this casualty stand last; of equals what is decided
	// stands before what only may be so.
	slices.SortStableFunc(j.Results, func(a, b sieve.Result) int {
		if x, y := j.speaks(a), j.speaks(b); x != y {
			if x {
				return -1
			}
			return 1
		}
		if x, y := most(a), most(b); x != y {
			return y - x
		}
		return len(a.Possible) - len(b.Possible)
	})
	for _, r := range all.Results {
		if r.Category == sieve.Incomplete {
			for _, k := range r.Missing {
				if !slices.Contains(j.asked, k) {
					j.asked = append(j.asked, k)
				}
			}
		}
	}
	return j
}

// afterColon is an error's last words.
func afterColon(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}

// holds is the result that would be recorded: the one a person chose, else the most
// urgent there is, of equals START's.
func (j judgement) holds(chosen string) (sieve.Result, bool) {
	var best sieve.Result
	found := false
	for _, r := range j.Results {
		u := r.Category.Urgency()
		if u == 0 || !j.speaks(r) && r.Sieve != chosen {
			continue
		}
		if r.Sieve == chosen {
			return r, true
		}
		if !found || u > best.Category.Urgency() || u == best.Category.Urgency() && r.Sieve == "start" {
			best, found = r, true
		}
	}
	return best, found
}

const fieldTriage = "usft2021"

// urgencies are the sorts' words on the record's scale.
var urgencies = map[sieve.Category]chart.Urgency{
	sieve.Immediate: chart.Immediate, sieve.P1: chart.Immediate, sieve.Red: chart.Immediate,
	sieve.Delayed: chart.Urgent, sieve.P2: chart.Urgent, sieve.Yellow: chart.Urgent,
	sieve.Minor: chart.Standard, sieve.Minimal: chart.Standard, sieve.P3: chart.Standard, sieve.NoCriterion: chart.Standard,
	sieve.Expectant: chart.Expectant, sieve.NotBreathing: chart.Dead, sieve.Deceased: chart.Dead, sieve.Dead: chart.Dead,
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

// asking is the card's second page: what the other rules still want to know.
type asking struct {
	c         *card
	questions *questions
	words     *notes
	next      *widget.Button
	root      *fyne.Container
	keys      []finding.Key
}

func (c *card) ask() page {
	if c.asking == nil {
		a := &asking{c: c, words: newNotes(c.s)}
		a.questions = newQuestions(c.s, &c.said, func(k finding.Key) {
			c.s.open(newNumber(c.s, k, a, func(v vital.Decimal) { c.said.put(k, finding.Value{Number: v}) }))
		})
		a.next = widget.NewWide("", a.questions.turn)
		back := widget.NewPrimary(c.s.speech.Say(lang.BackToCard), func() { c.s.open(c) })
		a.root = c.s.sheet(container.New(headed{}, a.words.root, a.questions.root), a.next, back)
		c.asking = a
	}
	// Asked stays asked while the page stands: a row must not jump away under a thumb.
	c.judged = c.judge(c.s.clock())
	c.asking.keys = c.order()
	c.asking.questions.at = 0
	return c.asking
}

// asks are the keys the second page asks for at most, the injuries' list of the
// field triage guideline last.
func (c *card) order() []finding.Key {
	keys := slices.Clone(c.judged.asked)
	if _, known := c.said.said[finding.LooksLikeChild]; !known && c.judged.child == finding.Unknown && !slices.Contains(keys, finding.LooksLikeChild) {
		keys = append(keys, finding.LooksLikeChild)
	}
	for k := range c.said.said { // what was said can be taken back
		if !slices.Contains(keys, k) && !slices.Contains(onCard[:], k) {
			keys = append(keys, k)
		}
	}
	keys = slices.DeleteFunc(keys, func(k finding.Key) bool { return slices.Contains(onCard[:], k) })
	at := func(k finding.Key) int {
		if i := slices.Index(first[:], k); i >= 0 {
			return i
		}
		return len(first) + slices.IndexFunc(finding.Table, func(row finding.Info) bool { return row.Key == k })
	}
	slices.SortFunc(keys, func(a, b finding.Key) int { return at(a) - at(b) })
	return keys
}

// onCard are asked on the card itself.
var onCard = [...]finding.Key{finding.Walking, finding.Breathing, finding.BreathingAirway, finding.RadialPulse, finding.Obeys}

// first are the questions that decide most sorts.
var first = [...]finding.Key{
	finding.SevereBleeding, finding.BleedingControlled, finding.Talking, finding.RespondsToVoice, finding.PenetratingTorso, finding.RespDistress,
	finding.LooksLikeChild, finding.MinorOnly, finding.LikelyToSurvive, finding.Purposeful, finding.RR, finding.HR, finding.AgeYears, finding.Consciousness,
}

func (a *asking) object() fyne.CanvasObject { return a.root }

func (a *asking) show(now time.Time) {
	speech := a.c.s.speech
	a.questions.ask(a.keys)
	a.c.judged = a.c.judge(now)
	a.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, a.questions.at+1, a.questions.pages()))
	a.next.Disable(a.questions.pages() == 1)
	var parts []string
	for _, r := range a.c.judged.Results {
		if r.Category.Urgency() > 0 {
			parts = append(parts, a.c.name(r))
		}
	}
	switch {
	case a.c.judged.err != "":
		a.words.say(a.c.judged.err)
	case len(a.keys) == 0:
		a.words.say(speech.Say(lang.NothingToAsk))
	default:
		a.words.say(strings.Join(parts, ", "))
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
