package ambulance

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

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

// order is the keys the second page asks for at most, the injuries' list of the
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
