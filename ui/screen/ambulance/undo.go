package ambulance

import (
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// An act is the last thing a person recorded: for ten seconds one tap takes it back.
// Its entries stay on record, struck out.
type act struct {
	of    chart.ID
	words string
	at    time.Time
	refs  []chart.Ref // an act may be several entries
	gone  bool        // taken back
}

// oneTap is how far apart the entries of one tap are begun: a clock runs between them.
const oneTap = 100 * time.Millisecond

// did notes what was recorded. Entries of one patient, of the same words and tap, are
// one act.
func (s *Screen) did(of chart.ID, words string, at time.Time, content chart.Content, r ui.Recorded) {
	if back, ok := content.(*chart.Retraction); ok {
		s.last.gone = s.last.gone || slices.Contains(s.last.refs, back.Of)
		return
	}
	if passes(content) {
		s.last = act{} // others act on it at once: it has a way back of its own
		return
	}
	if s.last.of != of || s.last.words != words || at.Sub(s.last.at).Abs() >= oneTap {
		s.last = act{of: of, words: words, at: at}
	}
	s.last.refs = append(s.last.refs, r.Ref)
}

// passes reports whether an entry hands a patient on to another station, or answers that.
func passes(content chart.Content) bool {
	switch c := content.(type) {
	case *chart.HandoverOffered:
		return c.Onward
	case *chart.HandoverAccepted, *chart.HandoverDeclined, *chart.EncounterMoved:
		return true
	}
	return false
}

// open reports whether the act can be taken back for the patient on screen.
func (a *act) open(on chart.ID, now time.Time) bool {
	return len(a.refs) > 0 && !a.gone && a.of == on && now.Sub(a.at) < undoTime
}

// again reports whether recording these words now would most likely be the same tap
// twice: they are on their way to the disk, or were recorded in the last ten seconds
// and not taken back.
func (s *Screen) again(words string, now time.Time) bool {
	return s.pending > 0 || s.last.words == words && s.last.open(s.on, now)
}

// takeBack strikes out the last act.
func (s *Screen) takeBack() {
	if !s.last.open(s.on, s.clock()) {
		return
	}
	s.last.gone = true
	words := s.speech.Say(lang.TakenBack, s.last.words)
	for _, ref := range s.last.refs {
		s.recordNow(words, s.last.of, &chart.Retraction{Of: ref, Why: "tapped by mistake"}, nil)
	}
}

// An undo is the button that takes back the last act.
type undo struct {
	s      *Screen
	button *widget.Button
}

func (s *Screen) newUndo() *undo {
	return &undo{s, widget.NewWide("", s.takeBack)}
}

// show keeps the button true: whether it still can, and for how long.
func (u *undo) show(now time.Time) {
	second, open := "", u.s.last.open(u.s.on, now)
	if open {
		second = u.s.speech.Age(undoTime - now.Sub(u.s.last.at))
	}
	u.button.Say(u.s.speech.Say(lang.TookBack), second)
	u.button.Disable(!open)
}
