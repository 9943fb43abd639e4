package ambulance

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// RecordAll writes entries that belong together for the patient of, who must still be the
// one on screen: all in one commit, or none. They are one act, which one tap takes back.
// then is called once they are on disk.
func (s *Screen) RecordAll(what string, of chart.ID, contents []chart.Content, then func()) {
	if of != s.on || of == (chart.ID{}) {
		s.faults = append(s.faults, fault{s.speech.Say(lang.OtherPatient, what)})
		return
	}
	row, _ := s.row(of)
	drafts := make([]ui.Draft, len(contents))
	for i, c := range contents {
		drafts[i] = ui.Draft{Encounter: of, Patient: row.Patient, Happened: s.when(), Content: c}
	}
	tapped := s.clock()
	var done []ui.Recorded
	s.do(what, func(ctx context.Context) (err error) {
		done, err = s.desk.RecordAll(ctx, drafts)
		return err
	}, func() {
		for i, r := range done {
			s.did(of, what, tapped, contents[i], r)
		}
		then()
	})
}

// Words is all that an entry says.
func (s *Screen) Words(c chart.Content) string {
	if a, ok := c.(*chart.Assessment); ok {
		return s.assessed(a, len(a.Findings))
	}
	return s.what(&chart.Fact{Entry: &chart.Entry{Content: c}})
}

// Notes is text of as many lines as there is room for: an object, and what sets it.
func (s *Screen) Notes() (fyne.CanvasObject, func(texts ...string)) {
	n := newNotes(s)
	return n.root, n.say
}

// Pending reports whether an entry is on its way to the disk.
func (s *Screen) Pending() bool { return s.pending > 0 }

// SignedIn is who is at the screen, "" while it is locked.
func (s *Screen) SignedIn() string { return s.station.SignedIn }

// OpenInjuries opens the body map of the patient on screen.
func (s *Screen) OpenInjuries() { s.open(newInjuries(s)) }

// Undo is the button that takes back the last act, and what keeps it true with each
// frame.
func (s *Screen) Undo() (button *widget.Button, show func(now time.Time)) {
	u := s.newUndo()
	return u.button, u.show
}

// Language is the one chosen.
func (s *Screen) Language() lang.Language { return s.speech.Language }
