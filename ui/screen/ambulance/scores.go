package ambulance

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/score"
	"fieldkit/triage/score/charted"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// known is what the scores know of a patient: what a person answers now, what the
// monitors measure, and what the record holds, in that order.
type known struct {
	s     *Screen
	of    chart.ID
	said  answers
	chart *chart.Chart
	err   error
	asked time.Time // when the record was last read

	// What the record says, worked out again when it was read again and each second:
	// ages change, and a long record takes longer to go through than a frame may.
	worked   *chart.Chart
	workedAt time.Time
	charted  finding.Set
}

// due reports whether what follows from the record is to be worked out again.
func (k *known) due(now time.Time) bool {
	if k.worked == k.chart && now.Sub(k.workedAt) < time.Second && !now.Before(k.workedAt) {
		return false
	}
	k.worked, k.workedAt = k.chart, now
	return true
}

// read keeps the chart fresh while a page stands.
func (k *known) read(now time.Time) {
	if !k.asked.IsZero() && now.Sub(k.asked) < refreshEvery {
		return
	}
	k.asked = now
	k.s.read(k.of, func(c *chart.Chart, err error) {
		k.err = err
		if err == nil {
			k.chart = c
		}
	})
}

// coma are the ways to say a coma scale; of two sources one must say all of it.
var coma = [...]finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.Consciousness}

// set is all that is known at now, and of it what no person said on this page. Where
// sources contradict each other the person's word stays, then the monitors'.
func (k *known) set(now time.Time) (set finding.Set, from []finding.Key, err error) {
	row, _ := k.s.row(k.of)
	for _, with := range [...]struct{ record, monitors bool }{{true, true}, {false, true}, {false, false}} {
		if set, err = k.said.own(row.Who, now); err != nil {
			return set, nil, err
		}
		own := set.Keys()
		if with.monitors && k.s.on == k.of {
			k.s.measured(&set, now)
		}
		if with.record && k.chart != nil {
			k.record(&set, now)
		}
		from = slices.DeleteFunc(set.Keys(), func(f finding.Key) bool { return slices.Contains(own, f) })
		if err = set.Check(); !errors.Is(err, finding.ErrContradiction) {
			return set, from, err
		}
	}
	return set, from, err
}

// record adds what the chart says and nobody said or measured later.
func (k *known) record(set *finding.Set, now time.Time) {
	said := slices.ContainsFunc(coma[:], func(f finding.Key) bool { _, ok := k.said.said[f]; return ok })
	if k.due(now) {
		k.charted = charted.Findings(k.chart, now)
	}
	for _, f := range k.charted.Keys() {
		v, _ := k.charted.Get(f)
		if _, mine := k.said.said[f]; mine || said && slices.Contains(coma[:], f) {
			continue
		}
		if there, ok := set.Get(f); ok && (!there.Aged || !v.Aged || there.Age <= v.Age) {
			continue
		}
		_ = set.Put(f, v) // it comes from a set
	}
}

// scores is the list of scores, each with what it says now.
type scores struct {
	known
	root  *fyne.Container
	at    int
	cells []*widget.Button
	next  *widget.Button
	rules []score.Rule
	words map[string]string
	told  time.Time
}

// leading are the scores that stand first.
var leading = [...]string{"news2", "gcs", "qsofa", "shock_index", "cpss"}

const scoreColumns, scoreRows = 4, 3

func newScores(s *Screen) *scores {
	c := &scores{known: known{s: s, of: s.on}, rules: slices.Clone(score.Rules), words: map[string]string{}}
	place := func(r score.Rule) int {
		if i := slices.Index(leading[:], r.ID); i >= 0 {
			return i
		}
		return len(leading)
	}
	slices.SortStableFunc(c.rules, func(a, b score.Rule) int { return place(a) - place(b) })
	cells := make([]fyne.CanvasObject, scoreColumns*scoreRows)
	for i := range cells {
		b := widget.NewButton("", func() {
			if at := c.at*len(c.cells) + i; at < len(c.rules) {
				s.open(newScore(c, c.rules[at]))
			}
		})
		c.cells, cells[i] = append(c.cells, b), b
	}
	c.next = widget.NewWide("", func() { c.at = (c.at + 1) % c.pages() })
	c.root = s.sheet(container.New(grid{scoreColumns, scoreRows}, cells...), c.next)
	return c
}

func (c *scores) pages() int { return (len(c.rules) + len(c.cells) - 1) / len(c.cells) }

func (c *scores) object() fyne.CanvasObject { return c.root }

func (c *scores) show(now time.Time) {
	c.read(now)
	if c.told.IsZero() || now.Sub(c.told) >= time.Second || now.Before(c.told) {
		c.told = now
		set, _, _ := c.set(now)
		for _, r := range c.rules {
			c.words[r.ID] = c.s.result(r.Apply(set))
		}
	}
	for i, b := range c.cells {
		at := c.at*len(c.cells) + i
		if at >= len(c.rules) {
			b.Say("", "")
			b.Hide()
			continue
		}
		b.Say(scoreName(c.rules[at].ID), c.words[c.rules[at].ID])
		b.Show()
	}
	c.next.Say(c.s.speech.Say(lang.NextPage), c.s.speech.Say(lang.PageOf, c.at+1, c.pages()))
}

// scoreName is a score's short name.
func scoreName(id string) string {
	switch id {
	case "qsofa":
		return "qSOFA"
	case "befast":
		return "BE-FAST"
	case "fasted":
		return "FAST-ED"
	case "cstat":
		return "C-STAT"
	case "apgar":
		return "Apgar"
	case "parkland":
		return "Parkland"
	case "trts":
		return "T-RTS"
	case "npews":
		return "National PEWS"
	}
	return strings.ToUpper(strings.ReplaceAll(id, "_", " "))
}

// result is a score's result as a person reads it. An incomplete one says between
// what it lies, never a total.
func (s *Screen) result(r score.Result, err error) string {
	speech := s.speech
	switch {
	case err != nil:
		return speech.Say(lang.ContradictionShort)
	case r.Refused != "":
		return speech.Say(lang.NotForThis)
	case r.Total != nil:
		text := r.Total.String()
		if r.Unit != "" {
			text += " " + r.Unit
		}
		if r.Band != "" {
			text += ", " + speech.Band(r.Band)
		}
		return text
	case r.AtLeast != nil && r.AtMost != nil && r.Band != score.Incomplete && r.Band != "":
		return speech.Say(lang.AtLeastBand, r.AtLeast.String(), speech.Band(r.Band))
	case r.AtLeast != nil && r.AtMost != nil:
		return speech.Say(lang.AtLeastAtMost, r.AtLeast.String(), r.AtMost.String())
	}
	return speech.Say(lang.IncompleteWord)
}

// scoring is one score: what it says, what it still asks, one tap each, and what it
// took from monitors and record.
type scoring struct {
	list      *scores
	rule      score.Rule
	result    score.Result
	err       error
	from      []finding.Key
	set       finding.Set
	root      *fyne.Container
	words     *notes
	questions *questions
	more      *widget.Button
	record    *widget.Button
	undo      *undo
}

func newScore(list *scores, rule score.Rule) *scoring {
	c := &scoring{list: list, rule: rule, words: newNotes(list.s), undo: list.s.newUndo()}
	s := list.s
	c.words.bold = true
	c.questions = newQuestions(s, &list.said, func(k finding.Key) {
		s.open(newNumber(s, k, c, func(v vital.Decimal) { list.said.put(k, finding.Value{Number: v}) }))
	})
	c.more = widget.NewWide("", c.questions.turn)
	c.record = widget.NewPrimary("", c.write)
	back := widget.NewWide(s.speech.Say(lang.Scores), func() { s.open(list) })
	c.root = s.sheet(container.New(scoreLayout{}, c.words.root, c.questions.root), back, c.more, c.undo.button, c.record)
	return c
}

func (c *scoring) object() fyne.CanvasObject { return c.root }

func (c *scoring) judge(now time.Time) {
	c.set, c.from, c.err = c.list.set(now)
	if c.err == nil {
		c.result, c.err = c.rule.Apply(c.set)
	}
}

// ask is what the page asks: all the rule reads that neither monitor nor record
// says. Rows stay while they are answered.
func (c *scoring) ask() (keys []finding.Key) {
	minds := []finding.Key{finding.AgeMonths, finding.LooksLikeChild, finding.GCS}
	for _, k := range c.rule.Inputs {
		_, said := c.list.said.said[k]
		if said || !c.set.Has(k) && !slices.Contains(minds, k) {
			keys = append(keys, k)
		}
	}
	if _, known := c.set.Years(); known && !slices.ContainsFunc(keys, func(k finding.Key) bool { return k == finding.AgeYears && c.saidAge() }) {
		keys = slices.DeleteFunc(keys, func(k finding.Key) bool { return k == finding.AgeYears })
	}
	// What is missing for a total stands before what is only minded.
	missing := func(k finding.Key) int {
		_, said := c.list.said.said[k]
		if said || slices.Contains(c.result.Missing, k) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(keys, func(a, b finding.Key) int { return missing(a) - missing(b) })
	return keys
}

func (c *scoring) saidAge() bool {
	_, ok := c.list.said.said[finding.AgeYears]
	return ok
}

func (c *scoring) show(now time.Time) {
	s, speech := c.list.s, c.list.s.speech
	c.list.read(now)
	c.judge(now)
	c.questions.ask(c.ask())
	c.more.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, c.questions.at+1, c.questions.pages()))
	c.more.Disable(c.questions.pages() == 1)
	words := s.result(c.result, c.err)
	texts := []string{scoreName(c.rule.ID) + "  " + words}
	if c.err != nil {
		texts = append(texts, speech.Say(lang.Contradiction, afterColon(c.err)))
	}
	if c.result.Refused != "" {
		texts = append(texts, c.result.Refused)
	}
	switch {
	case c.list.err != nil:
		texts = append(texts, speech.Say(lang.RecordNotRead, reason(c.list.err)))
	case c.list.chart == nil:
		texts = append(texts, speech.Say(lang.ReadingRecord))
	}
	texts = append(texts, c.result.Warnings...)
	var used []finding.Key
	for _, k := range c.from {
		if slices.Contains(c.rule.Inputs, k) {
			used = append(used, k)
		}
	}
	if len(used) > 0 {
		texts = append(texts, speech.Say(lang.TakenFrom, s.measuredWords(c.set, used)))
	}
	c.words.say(texts...)
	off := c.err != nil || c.result.Refused != "" || c.result.Total == nil && c.result.AtLeast == nil
	c.record.Disable(off || s.again(scoreName(c.rule.ID)+"  "+words, now))
	c.record.Say(speech.Say(lang.RecordIt), words)
	c.undo.show(now)
}

// signOf are the answers that are also signs: they are charted as measured by hand.
var signOf = map[finding.Key]vital.Sign{
	finding.RR: vital.RespRate, finding.SpO2: vital.SpO2, finding.SBP: vital.NIBPSys, finding.DBP: vital.NIBPDia, finding.HR: vital.PulseRate,
	finding.TempC: vital.Temperature, finding.Glucose: vital.Glucose, finding.GCSEye: vital.GCSEye, finding.GCSVerbal: vital.GCSVerbal,
	finding.GCSMotor: vital.GCSMotor, finding.GCS: vital.GCSTotal, finding.Pain: vital.Pain, finding.WeightKg: vital.Weight, finding.HeightCm: vital.Height,
}

// write records the score, the answers it asked for, and those of them that are
// signs as vitals too, so that trends and handover have them.
func (c *scoring) write() {
	now := c.list.s.clock()
	c.judge(now)
	r := c.result
	if c.err != nil || r.Refused != "" || r.Total == nil && r.AtLeast == nil {
		return
	}
	name := scoreName(c.rule.ID)
	first := chart.Finding{Name: name, Code: "fieldkit-score:" + c.rule.ID + ":" + clip(r.Version, 100), Presence: chart.FindingPresent, Value: r.Total, Text: clip(r.Text, chart.MaxText)}
	assessed := &chart.Assessment{Area: scoreArea, Findings: []chart.Finding{first}}
	vitals := &chart.Vitals{Reason: chart.ReasonScore, Sources: []vital.Provenance{hand}}
	for _, k := range c.rule.Inputs {
		v, said := c.list.said.said[k]
		if !said {
			continue
		}
		sign, is := signOf[k]
		word := strings.Index("ACVPU", v.Word)
		switch {
		case is && v.Word == "":
			n := v.Number
			one := chart.Vital{Sign: sign, Value: &n, Aperiodic: sign == vital.NIBPSys || sign == vital.NIBPDia}
			if k == finding.Glucose {
				one.Unit = vital.MmolPerL
			}
			vitals.Values = append(vitals.Values, one)
		case k == finding.Consciousness && word >= 0:
			n := vital.Int(int64(word))
			vitals.Values = append(vitals.Values, chart.Vital{Sign: vital.ACVPU, Value: &n})
		default:
			assessed.Findings = append(assessed.Findings, charted.Answer(k, v))
		}
	}
	words := name + "  " + c.list.s.result(r, nil)
	if len(vitals.Values) > 0 {
		c.list.s.record(words, c.list.of, vitals, nil)
	}
	c.list.s.record(words, c.list.of, assessed, nil)
}

// scoreLayout gives the words a quarter of the height, at least two lines.
type scoreLayout struct{}

// MinSize implements [fyne.Layout].
func (scoreLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 200) }

// Layout implements [fyne.Layout].
func (scoreLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	head := max(theme.Text(theme.Body)*lineHigh*1.3, size.Height*0.26)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	o[1].Move(fyne.NewPos(0, head))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-head))
}
