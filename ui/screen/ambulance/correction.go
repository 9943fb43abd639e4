package ambulance

import (
	"context"
	"slices"
	"strings"
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

// correction puts one entry right: another time, dose or number takes its place, with
// the reason, in one commit; or it is taken back. The old one stays readable. Nothing
// is written by less than a hold, and nothing when the entry does not count any more.
type correction struct {
	known
	old     *chart.Fact
	content chart.Content // as it will be
	shift   time.Duration
	why     int // which reason, -1 none
	which   int // of several numbers, the one that the steps change
	done    bool

	root  *fyne.Container
	words *notes
	sign  *widget.Button
	chips []*widget.Button // reasons
	hold  *widget.Hold
	drop  *widget.Hold
}

// whys are the reasons for a correction, in the record's words and the screen's.
var whys = [...]struct {
	word string
	key  lang.Key
}{{"wrong dose or number", lang.WrongNumber}, {"wrong time", lang.WrongTime}, {"should not be here", lang.WrongEntry}, {"tapped by mistake", lang.TappedMistaken}}

// why is a recorded reason in the language chosen; one that somebody typed stays as it
// is.
func (s *Screen) why(word string) string {
	for _, w := range whys {
		if w.word == word {
			return s.speech.Say(w.key)
		}
	}
	return word
}

func newCorrection(s *Screen, of chart.ID, old *chart.Fact) *correction {
	c := &correction{known: known{s: s, of: of}, old: old, content: old.Content, why: -1, words: newNotes(s)}
	c.words.bold = true
	rows := []fyne.CanvasObject{c.timeRow()}
	if row := c.valueRow(); row != nil {
		rows = append(rows, row)
	}
	var reasons []fyne.CanvasObject
	for i, w := range whys[:3] {
		b := widget.NewButton(s.speech.Say(w.key), func() { c.why = i; c.hold.Reset(); c.drop.Reset() })
		c.chips, reasons = append(c.chips, b), append(reasons, b)
	}
	rows = append(rows, container.New(grid{len(reasons), 1}, reasons...))
	c.hold = widget.NewHold(s.speech.Say(lang.HoldCorrect), c.write)
	c.drop = widget.NewHold(s.speech.Say(lang.HoldTakeBack), c.takeBack)
	body := container.New(correctionLayout{}, append([]fyne.CanvasObject{c.words.root}, rows...)...)
	c.root = s.sheet(body, c.hold, c.drop)
	return c
}

func (c *correction) object() fyne.CanvasObject { return c.root }

func (c *correction) timeRow() fyne.CanvasObject {
	var cells []fyne.CanvasObject
	for _, by := range [...]int{-60, -15, -5, -1, 1, 5, 15, 60} {
		step, key := time.Duration(by)*time.Minute, lang.MinutesEarlier
		if by > 0 {
			key = lang.MinutesLater
		}
		cells = append(cells, widget.NewButton(c.s.speech.Say(key, max(by, -by)), func() { c.shift = min(max(c.shift+step, -mostLate), mostLate); c.hold.Reset() }))
	}
	return container.New(grid{len(cells), 1}, cells...)
}

// valueRow is the doses of the drug that the site carries, or the steps of a number;
// nil when the entry has neither.
func (c *correction) valueRow() fyne.CanvasObject {
	var cells []fyne.CanvasObject
	switch old := c.old.Content.(type) {
	case *chart.DrugGiven:
		for _, d := range c.s.drugs.Drugs {
			if !strings.EqualFold(d.Name, old.Drug.Name) {
				continue
			}
			for _, dose := range d.Doses {
				cells = append(cells, widget.NewButton(dose.words(), func() { c.dose(old, dose) }))
			}
		}
	case *chart.Vitals:
		if len(c.numbers()) == 0 {
			return nil
		}
		c.sign = widget.NewButton("", func() { c.which++ })
		cells = append(cells, c.sign)
		for _, by := range [...]int64{-10, -1, 1, 10} {
			cells = append(cells, widget.NewButton(signed(by), func() { c.step(by) }))
		}
	}
	if len(cells) == 0 {
		return nil
	}
	return container.New(grid{max(3, len(cells)), 1}, cells...)
}

func signed(n int64) string {
	text := vital.Int(n).String()
	if n > 0 {
		text = "+" + text
	}
	return text
}

func (c *correction) dose(old *chart.DrugGiven, d SiteDose) {
	given := *old
	given.Dose, given.Unknown = d.dose(), false
	if given.Dose.Route == "" {
		given.Dose.Route = old.Dose.Route
	}
	if given.Dose.Route == old.Dose.Route { // by the same way into the same place
		given.Dose.Site = old.Dose.Site
	}
	c.content = &given
	c.hold.Reset()
}

// numbers are the places of the values in the entry.
func (c *correction) numbers() (at []int) {
	if v, ok := c.content.(*chart.Vitals); ok {
		for i, x := range v.Values {
			if x.Value != nil {
				at = append(at, i)
			}
		}
	}
	return at
}

// step changes the number chosen by so many of its last shown place. What a person put
// right is theirs and no monitor's any more.
func (c *correction) step(by int64) {
	numbers := c.numbers()
	if len(numbers) == 0 {
		return
	}
	v := *c.content.(*chart.Vitals)
	v.Values = slices.Clone(v.Values)
	x := &v.Values[numbers[c.which%len(numbers)]]
	places := x.Sign.PlacesIn(x.In())
	n := x.Value.RoundTo(places)
	for n.Exponent > -places {
		n = vital.Dec(n.Mantissa*10, n.Exponent-1)
	}
	n = vital.Dec(n.Mantissa+by, n.Exponent)
	if !x.Sign.Possible(n, x.In()) {
		return
	}
	at := slices.IndexFunc(v.Sources, func(p vital.Provenance) bool { return p == hand })
	if at < 0 {
		at = len(v.Sources)
		v.Sources = append(slices.Clone(v.Sources), hand)
	}
	x.Value, x.Source, x.Questionable, x.AveragedMS = &n, uint8(at), false, 0
	c.content = &v
	c.hold.Reset()
}

// upsideDown are the two values of a cuff pressure as it will be, when the upper one is
// not above the lower.
func (c *correction) upsideDown() (high, low string, wrong bool) {
	v, ok := c.content.(*chart.Vitals)
	if !ok || c.content == c.old.Content { // as it was written, it may be taken back
		return "", "", false
	}
	value := func(s vital.Sign) *vital.Decimal {
		at := slices.IndexFunc(v.Values, func(x chart.Vital) bool { return x.Sign == s && x.Value != nil })
		if at < 0 {
			return nil
		}
		return v.Values[at].Value
	}
	sys, dia := value(vital.NIBPSys), value(vital.NIBPDia)
	if sys == nil || dia == nil || sys.Cmp(*dia) > 0 {
		return "", "", false
	}
	return sys.String(), dia.String(), true
}

// happened is when the entry will be said to have happened.
func (c *correction) happened() time.Time { return c.old.At.Add(c.shift) }

// stands reports whether the entry still counts, as far as the record was read.
func (c *correction) stands() bool {
	if c.chart == nil {
		return false
	}
	f := c.chart.Fact(c.old.Ref)
	return f != nil && f.Standing == chart.Active
}

func (c *correction) write() {
	if _, _, wrong := c.upsideDown(); wrong || c.why < 0 || c.done || !c.stands() {
		return
	}
	c.done = true
	words := c.s.what(&chart.Fact{Entry: &chart.Entry{Content: c.content}})
	if c.of != c.s.on {
		c.s.faults = append(c.s.faults, fault{c.s.speech.Say(lang.OtherPatient, words)})
		return
	}
	draft := ui.Draft{
		Encounter: c.of, Patient: c.old.Patient, Happened: c.happened(), Content: c.content, Amends: c.old.Ref, Why: whys[c.why].word,
	}
	// A correction is no act that one tap takes back: what takes it back must bring the
	// old entry back too.
	c.s.do(words, func(ctx context.Context) error {
		_, err := c.s.desk.Record(ctx, draft)
		return err
	})
	c.s.open(newTimeline(c.s))
}

func (c *correction) takeBack() {
	if c.why < 0 || c.done || !c.stands() {
		return
	}
	c.done = true
	c.s.recordNow(c.s.speech.Say(lang.TakenBack, c.s.what(c.old)), c.of, &chart.Retraction{Of: c.old.Ref, Why: whys[c.why].word}, nil)
	if c.of == c.s.on {
		c.s.open(newTimeline(c.s))
	}
}

// becomes is the entry as it will be, in words.
func (c *correction) becomes() string {
	entry := *c.old.Entry
	entry.Content = c.content
	f := *c.old
	f.Entry, f.At = &entry, c.happened()
	return c.full(&f)
}

// full is an entry in words with every number and finding: the one put right must be seen.
func (c *correction) full(f *chart.Fact) string {
	if v, ok := f.Content.(*chart.Vitals); ok {
		return c.s.dayTime(f.At) + "   " + c.s.numbers(v, len(v.Values))
	}
	if a, ok := f.Content.(*chart.Assessment); ok {
		return f.At.Local().Format("15:04") + "   " + c.s.assessed(a, len(a.Findings))
	}
	return c.s.heads(f)
}

func (c *correction) show(now time.Time) {
	c.read(now)
	c.hold.Tick(now)
	c.drop.Tick(now)
	say := c.s.speech.Say
	changed := c.shift != 0 || c.content != c.old.Content
	future := c.happened().After(now)
	texts := []string{say(lang.AsItStands, c.full(c.old)+"   "+c.s.author(c.old)+"   "+c.s.from(c.old.Ref.Device))}
	switch {
	case c.chart == nil && c.err != nil:
		texts = append(texts, say(lang.RecordNotRead, reason(c.err)))
	case c.chart == nil:
		texts = append(texts, say(lang.ReadingRecord))
	case !c.stands():
		texts = append(texts, say(lang.NoLongerCounts))
	case future:
		texts = append(texts, say(lang.NotTheFuture))
	case changed:
		texts = append(texts, say(lang.WillBe, c.becomes()))
	default:
		texts = append(texts, say(lang.StaysAsItIs))
	}
	high, low, wrong := c.upsideDown()
	if wrong {
		texts = append(texts, say(lang.PressureUpsideDown, high, low))
	}
	if c.why < 0 {
		texts = append(texts, say(lang.ChooseWhy))
	}
	c.words.say(texts...)
	for i, b := range c.chips {
		b.Choose(c.why == i)
	}
	if c.sign != nil {
		numbers := c.numbers()
		v := c.content.(*chart.Vitals).Values[numbers[c.which%len(numbers)]]
		text, _ := digits(v)
		c.sign.Say(spaced(v.Sign.Info().Label, text, v.In().Label()), say(lang.OtherSign))
	}
	ready := c.why >= 0 && !c.done && c.stands()
	c.hold.Disable(!ready || !changed || future || wrong)
	c.drop.Disable(!ready)
}

// correctionLayout lays words over rows of buttons of equal height.
type correctionLayout struct{}

// MinSize implements [fyne.Layout].
func (correctionLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (correctionLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, rows := theme.MM(theme.GapMM), float32(len(o)-1)
	tall := max(theme.MM(theme.LeastMM), min(theme.MM(21), (size.Height*0.75-gap*rows)/rows))
	head := size.Height - rows*(tall+gap)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	y := head + gap
	for _, row := range o[1:] {
		row.Move(fyne.NewPos(0, y))
		row.Resize(fyne.NewSize(size.Width, tall))
		y += tall + gap
	}
}
