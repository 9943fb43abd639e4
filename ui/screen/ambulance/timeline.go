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
	"fieldkit/triage/handover"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// timeline is the record of one patient as it was written: when, what, by whom and
// from which station. What was taken back or corrected stays, and says so.
type timeline struct {
	s       *Screen
	of      chart.ID
	root    *fyne.Container
	words   *lines
	back    *widget.Button
	on      *widget.Button
	doubts  *widget.Button
	strikes []*canvas.Line // through what was corrected or taken back
	chart   *chart.Chart
	facts   []*chart.Fact // the latest first
	says    string
	at      int   // of the first shown
	before  []int // the first of each page newer than this one
	rows    []int // of each entry shown, its first line
	lines   []string
	laid    laidPage
	laidAt  time.Time
	asked   time.Time
	busy    bool
}

const (
	// timelineLines is how many lines of entries one page shows, under one of heading.
	timelineLines = 11
	// timelineText is the smallest text of an entry on one line; a longer one takes several.
	timelineText = 16
	// readAgain is how often an open page reads the record again.
	readAgain = 5 * time.Second
)

func newTimeline(s *Screen) *timeline {
	t := &timeline{s: s, of: s.on, words: newLines(timelineLines+1, theme.Body), says: s.speech.Say(lang.ReadingRecord)}
	t.back = widget.NewWide(s.speech.Say(lang.Newer), t.newer)
	t.on = widget.NewWide(s.speech.Say(lang.Older), func() { t.before, t.at = append(t.before, t.at), t.at+len(t.rows) })
	t.doubts = widget.NewWide("", func() { s.open(newDisputes(s)) })
	under := []fyne.CanvasObject{t.words.root}
	for range timelineLines {
		l := canvas.NewLine(color.Transparent)
		l.StrokeWidth = 2
		l.Hide()
		t.strikes, under = append(t.strikes, l), append(under, l)
	}
	buttons := []fyne.CanvasObject{t.back, t.on}
	if s.lent(t.of) == nil { // else there is nothing for this crew to correct or settle
		correct := widget.NewWide(s.speech.Say(lang.CorrectWord), func() { s.open(newCorrections(s)) })
		buttons = append(buttons, correct, t.doubts)
	} else {
		buttons = append(buttons, widget.NewWide(s.speech.Say(lang.Trends), func() { s.open(newTrends(s)) }))
	}
	t.root = s.sheet(container.New(overlay{}, under...), buttons...)
	return t
}

func (t *timeline) object() fyne.CanvasObject { return t.root }

func (t *timeline) look(now time.Time) {
	if t.busy || now.Sub(t.asked) < readAgain {
		return
	}
	t.busy, t.asked = true, now
	t.s.read(t.of, func(c *chart.Chart, err error) {
		t.busy = false
		if err != nil {
			t.says = t.s.speech.Say(lang.RecordNotRead, reason(err))
			return
		}
		t.says, t.chart = t.s.speech.Say(lang.RecordOf), c
		t.facts = slices.DeleteFunc(slices.Clone(c.Facts()), func(f *chart.Fact) bool { return f.Standing == chart.Elsewhere })
		slices.Reverse(t.facts)
	})
}

func (t *timeline) newer() {
	if n := len(t.before); n > 0 {
		t.at, t.before = t.before[n-1], t.before[:n-1]
	}
}

func (t *timeline) show(now time.Time) {
	t.look(now)
	if t.at >= len(t.facts) {
		t.at, t.before = 0, nil
	}
	t.lay(now)
	says := t.says
	if l := t.s.lent(t.of); l != nil && t.chart != nil {
		says = t.s.lentWords(l)
	}
	t.words.say(append([]string{says}, t.lines...)...)
	t.strike()
	t.s.sayDisputes(t.doubts, t.of)
	t.back.Disable(len(t.before) == 0)
	t.on.Disable(t.at+len(t.rows) >= len(t.facts))
}

// lay breaks the entries of the page into lines, once a second or when it is another page.
func (t *timeline) lay(now time.Time) {
	page := laidPage{t.chart, t.at, t.words.root.Size()}
	if page == t.laid && now.Sub(t.laidAt).Abs() < time.Second {
		return
	}
	t.laid, t.laidAt = page, now
	t.rows, t.lines = t.rows[:0], t.lines[:0]
	for _, f := range t.facts[t.at:] {
		entry := t.entry(f)
		if len(t.lines)+len(entry) > timelineLines {
			break
		}
		t.rows, t.lines = append(t.rows, len(t.lines)+1), append(t.lines, entry...)
	}
}

// laidPage is what the lines of a page were made from.
type laidPage struct {
	of   *chart.Chart
	at   int
	size fyne.Size
}

// entry is one entry in as many lines as it needs, at most a page, and then says how many
// more there are.
func (t *timeline) entry(f *chart.Fact) []string {
	text := t.s.told(t.chart, f)
	room, size := t.words.root.Size().Width-theme.MM(6), theme.Text(timelineText)
	if room <= 0 || fyne.MeasureText(text, size, fyne.TextStyle{}).Width <= room {
		return []string{text}
	}
	lines := broke(text, fyne.TextStyle{}, size, room*0.95)
	for i := range lines[1:] {
		lines[i+1] = "      " + lines[i+1]
	}
	if more := len(lines) - timelineLines; more > 0 {
		lines = lines[:timelineLines]
		lines[timelineLines-1] += "  " + t.s.speech.Say(lang.AndMore, more)
	}
	return lines
}

// strike draws through what was corrected or taken back: the words stay readable, and
// who did it and why stands behind them.
func (t *timeline) strike() {
	ink := theme.Colour(theme.Ink)
	for i, l := range t.strikes {
		wide := float32(0)
		text := t.words.texts[0]
		if i < len(t.rows) {
			f := t.facts[t.at+i]
			text = t.words.texts[t.rows[i]]
			if f.Standing == chart.Amended || f.Standing == chart.Retracted {
				wide = min(fyne.MeasureText(t.s.heads(f), text.TextSize, text.TextStyle).Width, text.MinSize().Width)
			}
		}
		from := text.Position().AddXY(0, text.Size().Height/2)
		to := from.AddXY(wide, 0)
		if l.Hidden == (wide > 0) || l.Position1 != from || l.Position2 != to || l.StrokeColor != ink {
			l.Position1, l.Position2, l.StrokeColor, l.Hidden = from, to, ink, wide == 0
			l.Refresh()
		}
	}
}

// overlay gives the first object all the room and leaves the others where they are.
type overlay struct{}

// MinSize implements [fyne.Layout].
func (overlay) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 20) }

// Layout implements [fyne.Layout].
func (overlay) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// heads is when an entry happened and what it says.
func (s *Screen) heads(f *chart.Fact) string { return s.dayTime(f.At) + "   " + s.what(f) }

// correctedBy is who took an entry back or put another in its place, when and why.
func (s *Screen) correctedBy(c *chart.Chart, f *chart.Fact) string {
	for _, r := range f.By {
		by := c.Fact(r)
		if by == nil {
			continue
		}
		switch x := by.Content.(type) {
		case *chart.Amendment:
			return s.speech.Say(lang.CorrectedBy, s.dayTime(by.At), s.author(by), s.why(x.Why))
		case *chart.Retraction:
			return s.speech.Say(lang.CorrectedBy, s.dayTime(by.At), s.author(by), s.why(x.Why))
		}
	}
	return ""
}

// lateBy is how much later than it happened an entry must be written for the screen
// to say so.
const lateBy = 2 * time.Minute

// told is one entry of a chart in a line.
func (s *Screen) told(c *chart.Chart, f *chart.Fact) string {
	say := s.speech.Say
	parts := []string{s.heads(f)}
	switch f.Standing {
	case chart.Retracted:
		parts = append(parts, say(lang.IsRetracted))
	case chart.Amended:
		parts = append(parts, say(lang.IsAmended))
	case chart.Unconfirmed:
		parts = append(parts, say(lang.IsUnconfirmed))
	case chart.Moved:
		parts = append(parts, say(lang.IsMoved))
	}
	if by := s.correctedBy(c, f); by != "" {
		parts[len(parts)-1] += " " + by
	}
	if f.Wall.Sub(f.At) > lateBy {
		parts = append(parts, say(lang.WrittenAt, s.dayTime(f.Wall)))
	}
	return strings.Join(append(parts, s.author(f), s.from(f.Ref.Device)), "   ")
}

// author is who says that an entry is true.
func (s *Screen) author(f *chart.Fact) string {
	switch f.Author.Checked {
	case chart.CheckedStation:
		return s.speech.Say(lang.ByStation)
	case chart.CheckedNone:
		return strings.TrimSpace(f.Author.Staff + " (" + s.speech.Say(lang.Unproved) + ")")
	}
	return f.Author.Staff
}

// from is which station wrote an entry.
func (s *Screen) from(d chart.Device) string {
	if d == s.station.Device {
		return s.speech.Say(lang.FromHere)
	}
	for _, p := range s.station.Peers {
		if p.Device == d && p.CallSign != "" {
			return p.CallSign
		}
	}
	if l := s.lent(s.on); l != nil {
		for _, w := range l.Writers {
			if w.Device == d && w.CallSign != "" {
				return w.CallSign
			}
		}
	}
	return s.speech.Say(lang.FromUnknown)
}

// what is an entry's content in a few words; of a kind this page does not know how
// to tell, the kind's name.
func (s *Screen) what(f *chart.Fact) string {
	if f.Content == nil {
		return s.speech.Say(lang.IsAbsent, f.Absent.String())
	}
	join := spaced
	switch c := f.Content.(type) {
	case *chart.Vitals:
		return s.numbers(c, vitalsTold)
	case *chart.DrugGiven:
		return s.given(c)
	case *chart.Amendment:
		return s.speech.Say(lang.ACorrection, s.why(c.Why))
	case *chart.Retraction:
		return s.speech.Say(lang.ATakingBack, s.why(c.Why))
	case *chart.DoseReviewed:
		for _, f := range finds {
			if f.word == c.Found {
				return s.speech.Say(f.key)
			}
		}
		return c.Found
	case *chart.Event:
		return join(c.Name, c.Text)
	case *chart.Note:
		return c.Text
	case *chart.Triage:
		return join(c.Scheme, c.Category)
	case *chart.AlarmRaised:
		return join(s.speech.Condition(c.Condition), string(c.Priority))
	case *chart.PatientRegistered:
		return s.who(chart.Row{Who: c.Who})
	case *chart.PatientIdentified:
		return s.identified(c.Who)
	case *chart.Assessment:
		return s.assessed(c, findingsTold)
	case *chart.ConditionAdded:
		return s.speech.Say(lang.ConditionIs, s.term(c.Item.Name))
	case *chart.MedicineAdded:
		return s.speech.Say(lang.MedicineIs, handover.Words(c))
	case *chart.AllergyAdded:
		return join(s.speech.Say(lang.ToldAllergy), handover.Words(c))
	case *chart.MonitorBound:
		return s.speech.Say(lang.ToldMonitorOn, c.Monitor)
	case *chart.EncounterOpened:
		return join(s.speech.Say(lang.ToldOpened), c.Complaint)
	case *chart.EncounterStoodDown:
		return s.speech.Say(lang.EndedAs, s.endWords(c.Why))
	case *chart.EncounterClosed:
		return s.speech.Say(lang.EndedAs, s.endWords(c.Outcome))
	case *chart.Snapshot:
		return handover.Words(c)
	case *chart.EncounterMoved:
		return s.speech.Say(lang.WithNow, c.Place, s.dayTime(f.At))
	case *chart.HandoverOffered:
		if c.Onward {
			return s.speech.Say(lang.ToldOffered, c.To)
		}
		return join(s.speech.Say(lang.ToldHandover), c.To)
	case *chart.HandoverAccepted:
		return s.speech.Say(lang.ToldTaken)
	case *chart.HandoverDeclined:
		return s.speech.Say(lang.ToldDeclined, c.Why)
	case *chart.Message, *chart.ArrivalAccepted, *chart.ArrivalDiverted, *chart.BayAssigned, *chart.Activation:
		return s.callWords(chart.CallOf(c))
	case *chart.MonitorUnbound:
		return join(s.speech.Say(lang.ToldMonitorOff, c.Monitor), c.Why)
	}
	return s.rest(f.Content)
}

// vitalsTold is how many numbers of one entry a line has room for.
const vitalsTold = 6

// numbers are so many of an entry's numbers in words, each in its unit, then why others
// have none, and how many more there are.
func (s *Screen) numbers(c *chart.Vitals, most int) string {
	var words, none []string
	for _, v := range c.Values {
		label := v.Sign.Info().Label
		if v.Sign == vital.Unknown {
			label = v.Raw
		}
		if text, ok := digits(v); ok {
			words = append(words, spaced(label, text, v.In().Label()))
		} else if v.State != vital.NotMeasured || v.Value != nil { // of a value not possible here, that it is withheld
			none = append(none, spaced(label, s.speech.State(v.Reading(0).State())))
		}
	}
	words = append(words, none...)
	more := max(0, len(words)-most)
	words = words[:len(words)-more]
	if more > 0 {
		words = append(words, s.speech.Say(lang.AndMore, more))
	}
	return strings.Join(words, "  ")
}

// acvpu are the words of [vital.ACVPU], by its number.
const acvpu = "ACVPU"

// digits is a value as a person reads it: a level of consciousness as its letter.
func digits(v chart.Vital) (string, bool) {
	text, ok := v.Reading(0).Shown()
	if !ok || v.Sign != vital.ACVPU {
		return text, ok
	}
	if n := int(v.Value.Float()); n >= 0 && n < len(acvpu) {
		text = acvpu[n : n+1]
	}
	return text, ok
}

// given is a drug in words.
func (s *Screen) given(c *chart.DrugGiven) string { return spaced(c.Drug.Name, s.amount(c)) }

// amount is what of an infusion is told, how much and by which way. An amount that is
// not known is said to be so.
func (s *Screen) amount(c *chart.DrugGiven) string {
	phase, dose := "", ""
	switch c.Phase {
	case chart.InfusionStarted:
		phase = s.speech.Say(lang.InfusionStarts)
	case chart.InfusionChanged:
		phase = s.speech.Say(lang.InfusionChanges)
	case chart.InfusionStopped:
		phase = s.speech.Say(lang.InfusionStops)
	}
	switch {
	case c.Dose.Amount != nil:
		dose = c.Dose.Amount.String() + " " + c.Dose.Unit.Label()
	case c.Phase != chart.InfusionStopped:
		dose = s.speech.Say(lang.AmountNotKnown)
	}
	return spaced(phase, dose, c.Dose.Route, c.Dose.Site)
}

// spaced are words with a space between; what is empty is left out.
func spaced(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
