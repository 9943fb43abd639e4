package ambulance

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/sieve"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// settle is what stations wrote at once while apart and only one of which can be
// true: one dispute to a page, each value with who says so. Both stand until a person
// holds one; no clock decides.
type settle struct {
	known
	at       int
	disputes []chart.Dispute

	root  *fyne.Container
	head  *notes
	froms [settleMost]*notes
	holds [settleMost]*widget.Hold
	next  *widget.Button
	undo  *undo
}

// settleMost is how many values of one dispute a page offers; what more there are is
// said in words, and comes up once these are fewer.
const settleMost = 4

func newSettle(s *Screen) *settle {
	p := &settle{known: known{s: s, of: s.on}, head: newNotes(s), undo: s.newUndo()}
	p.head.bold = true
	objects := []fyne.CanvasObject{p.head.root}
	for i := range p.holds {
		p.froms[i] = newNotes(s)
		p.holds[i] = widget.NewHold("", func() { p.choose(i) })
		objects = append(objects, p.froms[i].root, p.holds[i])
	}
	p.next = widget.NewWide("", func() { p.at++; p.arm() })
	p.root = s.sheet(container.New(settleLayout{}, objects...), p.next, p.undo.button)
	return p
}

func (p *settle) object() fyne.CanvasObject { return p.root }

func (p *settle) arm() {
	for _, h := range p.holds {
		h.Reset()
	}
}

// dispute is the one on the page.
func (p *settle) dispute() (chart.Dispute, bool) {
	if len(p.disputes) == 0 {
		return chart.Dispute{}, false
	}
	return p.disputes[p.at%len(p.disputes)], true
}

func (p *settle) choose(i int) {
	defer p.arm()
	d, ok := p.dispute()
	if !ok || i >= len(d.Choices) {
		return
	}
	c := d.Choices[i]
	words := p.s.speech.Say(lang.Settled, p.about(d), p.value(d, c))
	p.s.recordNow(words, p.of, c.Content, func(ui.Recorded) { p.asked = time.Time{} })
	p.disputes, p.chart = nil, nil // until the record has been read again
}

func (p *settle) show(now time.Time) {
	speech := p.s.speech
	p.read(now)
	for _, h := range p.holds {
		h.Tick(now)
	}
	if p.due(now) && p.chart != nil {
		p.take(p.chart.Disputes())
	}
	p.undo.show(now)
	p.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, p.place()+1, max(1, len(p.disputes))))
	p.next.Disable(len(p.disputes) < 2)
	d, ok := p.dispute()
	switch {
	case p.chart == nil && p.err != nil:
		p.head.say(speech.Say(lang.RecordNotRead, reason(p.err)))
	case p.chart == nil:
		p.head.say(speech.Say(lang.ReadingRecord))
	case !ok:
		p.head.say(speech.Say(lang.NothingToSettle))
	case d.About == chart.AboutDose:
		p.head.say(p.about(d), speech.Say(lang.DoseTwice))
	default:
		more := ""
		if over := len(d.Choices) - settleMost; over > 0 {
			more = speech.Say(lang.MoreLines, over)
		}
		p.head.say(p.about(d), speech.Say(lang.WrittenApart), more)
	}
	for i, h := range p.holds {
		if i >= len(d.Choices) {
			p.froms[i].say()
			h.Hide()
			continue
		}
		c := d.Choices[i]
		p.froms[i].say(p.sources(c)...)
		key := lang.HoldThatHolds
		if d.About == chart.AboutDose {
			key = lang.HoldOnlyDose
		}
		h.Say(speech.Say(key, p.value(d, c)))
		h.Show()
	}
}

// take keeps the page on the dispute that was there.
func (p *settle) take(disputes []chart.Dispute) {
	was, had := p.dispute()
	at := slices.IndexFunc(disputes, func(d chart.Dispute) bool { return d.About == was.About && d.Of == was.Of })
	p.disputes = disputes
	switch {
	case had && at >= 0:
		if !sameChoices(was, disputes[at]) {
			p.arm() // a finger that rests on one value must not choose another
		}
		p.at = at
	default:
		p.at = 0
		p.arm()
	}
}

func sameChoices(a, b chart.Dispute) bool {
	return slices.EqualFunc(a.Choices, b.Choices, func(x, y chart.Settlement) bool {
		return x.Value == y.Value && x.From[0].Ref == y.From[0].Ref
	})
}

func (p *settle) place() int { return p.at % max(1, len(p.disputes)) }

// about is what the dispute is about, in words.
func (p *settle) about(d chart.Dispute) string {
	say := p.s.speech.Say
	switch d.About {
	case chart.AboutTriage:
		return say(lang.TriageWord)
	case chart.AboutCodeStatus:
		return say(lang.ResuscitationWord)
	case chart.AboutConsent:
		return say(lang.ConsentTo, p.s.speech.Say(wordOf(agreements, d.Of)))
	case chart.AboutDose:
		return say(lang.PossibleDoubleDose) + ": " + d.Of
	case chart.AboutField:
		if key, ok := fieldWords[chart.Field(d.Of)]; ok {
			return say(key)
		}
		return strings.TrimPrefix(d.Of, string(chart.FieldID))
	}
	return d.Of
}

// value is a choice in words.
func (p *settle) value(d chart.Dispute, c chart.Settlement) string {
	say := p.s.speech.Say
	switch {
	case c.Value == "":
		return say(lang.NotKnownField)
	case d.About == chart.AboutTriage:
		return strings.ToUpper(p.s.speech.Category(sieve.Category(c.Value)))
	case d.About == chart.AboutCodeStatus:
		return say(wordOf(codes, c.Value))
	case d.About == chart.AboutConsent:
		return say(wordOf(statuses, c.Value))
	case d.About == chart.AboutDose:
		return c.Value + " " + c.From[0].At.Local().Format("15:04")
	case d.Of == string(chart.FieldSex):
		return say(sexWords[chart.Sex(c.Value)])
	case d.Of == string(chart.FieldAge):
		if number, unit, ok := strings.Cut(c.Value, " "); ok {
			return number + " " + say(ageUnits[unit])
		}
	}
	return c.Value
}

// sources are who says so, a line each: when, from where, by whom.
func (p *settle) sources(c chart.Settlement) []string {
	var out []string
	for _, f := range c.From {
		out = append(out, f.At.Local().Format("15:04")+"  "+p.s.from(f.Ref.Device)+", "+p.s.by(f))
	}
	return out
}

var fieldWords = map[chart.Field]lang.Key{
	chart.FieldFamily: lang.FamilyName, chart.FieldGiven: lang.GivenName, chart.FieldCalled: lang.CalledName, chart.FieldSex: lang.SexWord,
	chart.FieldBirth: lang.BirthDate, chart.FieldAge: lang.AgeWord, chart.FieldLanguage: lang.SpokenLanguage, chart.FieldPhone: lang.PhoneWord,
	chart.FieldAddress: lang.AddressWord, chart.FieldContact: lang.ContactWord, chart.FieldLabel: lang.LabelWord,
}

var sexWords = map[chart.Sex]lang.Key{
	chart.Female: lang.FemaleWord, chart.Male: lang.MaleWord, chart.OtherSex: lang.OtherWord, chart.UnknownSex: lang.UnknownWord,
}

// settleLayout is words over rows, each a source beside its hold.
type settleLayout struct{}

// MinSize implements [fyne.Layout].
func (settleLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (settleLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	head := theme.MM(13)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	tall := min((size.Height-head-gap*settleMost)/settleMost, theme.MM(24))
	left := size.Width * 0.5
	for i := 1; i+1 < len(o); i += 2 {
		y := head + gap + float32(i/2)*(tall+gap)
		o[i].Move(fyne.NewPos(0, y))
		o[i].Resize(fyne.NewSize(left-gap, tall))
		o[i+1].Move(fyne.NewPos(left, y))
		o[i+1].Resize(fyne.NewSize(size.Width-left, tall))
	}
}
