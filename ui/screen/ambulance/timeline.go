package ambulance

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// timeline is the record of one patient as it was written: when, what, by whom and
// from which station. What was taken back or corrected stays, and says so.
type timeline struct {
	s     *Screen
	of    chart.ID
	root  *fyne.Container
	words *lines
	back  *widget.Button
	on    *widget.Button
	facts []*chart.Fact // the latest first
	says  string
	at    int // of the first shown
	asked time.Time
	busy  bool
}

const (
	// timelineLines is how many entries one page shows, under a line of heading.
	timelineLines = 11
	// readAgain is how often an open page reads the record again.
	readAgain = 5 * time.Second
)

func newTimeline(s *Screen) *timeline {
	t := &timeline{s: s, of: s.on, words: newLines(timelineLines+1, theme.Body), says: s.speech.Say(lang.ReadingRecord)}
	t.back = widget.NewWide(s.speech.Say(lang.Newer), func() { t.at = max(0, t.at-timelineLines) })
	t.on = widget.NewWide(s.speech.Say(lang.Older), func() { t.at += timelineLines })
	t.root = s.sheet(t.words.root, t.back, t.on)
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
		t.says = t.s.speech.Say(lang.RecordOf)
		t.facts = slices.DeleteFunc(slices.Clone(c.Facts()), func(f *chart.Fact) bool { return f.Standing == chart.Elsewhere })
		slices.Reverse(t.facts)
	})
}

func (t *timeline) show(now time.Time) {
	t.look(now)
	if t.at >= len(t.facts) {
		t.at = 0
	}
	texts := []string{t.says}
	for _, f := range t.facts[t.at:min(len(t.facts), t.at+timelineLines)] {
		texts = append(texts, t.s.told(f))
	}
	t.words.say(texts...)
	t.back.Disable(t.at == 0)
	t.on.Disable(t.at+timelineLines >= len(t.facts))
}

// lateBy is how much later than it happened an entry must be written for the screen
// to say so.
const lateBy = 2 * time.Minute

// told is one entry in a line.
func (s *Screen) told(f *chart.Fact) string {
	say := s.speech.Say
	parts := []string{f.At.Local().Format("15:04"), s.what(f)}
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
	if f.Wall.Sub(f.At) > lateBy {
		parts = append(parts, say(lang.WrittenAt, f.Wall.Local().Format("15:04")))
	}
	return strings.Join(append(parts, s.by(f), s.from(f.Ref.Device)), "   ")
}

// by is who wrote an entry and whether that was checked.
func (s *Screen) by(f *chart.Fact) string {
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
	return s.speech.Say(lang.FromUnknown)
}

// what is an entry's content in a few words; of a kind this page does not know how
// to tell, the kind's name.
func (s *Screen) what(f *chart.Fact) string {
	if f.Content == nil {
		return s.speech.Say(lang.IsAbsent, f.Absent.String())
	}
	join := func(words ...string) string {
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
	}
	switch c := f.Content.(type) {
	case *chart.Vitals:
		var words []string
		for _, v := range c.Values {
			if text, ok := v.Reading(0).Shown(); ok && len(words) < 5 {
				words = append(words, v.Sign.Info().Label+" "+text)
			}
		}
		return join(words...)
	case *chart.DrugGiven:
		dose := ""
		if c.Dose.Amount != nil {
			dose = c.Dose.Amount.String() + " " + string(c.Dose.Unit)
		}
		return join(c.Drug.Name, dose, c.Dose.Route)
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
		return s.who(chart.Row{Who: c.Who})
	case *chart.AllergyAdded:
		return join(s.speech.Say(lang.ToldAllergy), c.Item.Name)
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
		return s.speech.Say(lang.WithNow, c.Place, f.At.Local().Format("15:04"))
	case *chart.HandoverOffered:
		if c.Onward {
			return s.speech.Say(lang.ToldOffered, c.To)
		}
		return join(s.speech.Say(lang.ToldHandover), c.To)
	case *chart.HandoverAccepted:
		return s.speech.Say(lang.ToldTaken)
	case *chart.HandoverDeclined:
		return s.speech.Say(lang.ToldDeclined, c.Why)
	case *chart.MonitorUnbound:
		return join(s.speech.Say(lang.ToldMonitorOff, c.Monitor), c.Why)
	}
	for _, k := range chart.Kinds {
		if k.Type == f.Content.Type() {
			return k.Name
		}
	}
	return ""
}
