package ambulance

import (
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// An undo takes back the last thing a page recorded, within ten seconds of it: the
// entries stay on record, struck out.
type undo struct {
	s      *Screen
	of     chart.ID
	button *widget.Button
	words  string
	at     time.Time
	refs   []chart.Ref
	gone   bool // taken back
}

func (s *Screen) newUndo(of chart.ID) *undo {
	u := &undo{s: s, of: of}
	u.button = widget.NewWide("", u.takeBack)
	return u
}

// did is told of every entry of one act once it is on disk: an act of the same
// moment and words may be several entries.
func (u *undo) did(words string, at time.Time) func(ui.Recorded) {
	return func(r ui.Recorded) {
		if words != u.words || !at.Equal(u.at) {
			u.words, u.at, u.refs, u.gone = words, at, nil, false
		}
		u.refs = append(u.refs, r.Ref)
	}
}

func (u *undo) open(now time.Time) bool {
	return len(u.refs) > 0 && !u.gone && now.Sub(u.at) < undoTime
}

func (u *undo) takeBack() {
	if !u.open(u.s.clock()) {
		return
	}
	u.gone = true
	words := u.s.speech.Say(lang.TakenBack, u.words)
	for _, ref := range u.refs {
		u.s.recordNow(words, u.of, &chart.Retraction{Of: ref, Why: "tapped by mistake"}, nil)
	}
}

// show keeps the button true: for how long it still can, and what it takes back.
func (u *undo) show(now time.Time) {
	label, second := u.s.speech.Say(lang.TookBack), ""
	if u.open(now) {
		second = u.s.speech.Age(undoTime - now.Sub(u.at))
	}
	u.button.Say(label, second)
	u.button.Disable(!u.open(now))
}
