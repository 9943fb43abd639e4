package ambulance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// undoTime is for how long what was tapped can be taken back with one tap.
const undoTime = 10 * time.Second

// recordWait bounds how long an entry may be on its way before the screen says
// that it is not recorded.
const recordWait = 10 * time.Second

// do does work apart from Fyne's goroutine and says afterwards what came of it. A
// failure stands in the alarm bar until a person has seen it.
func (s *Screen) do(what string, work func(context.Context) error, then ...func()) {
	s.pending++
	ctx := s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, recordWait)
		defer stop()
		err := work(ctx)
		s.inbox.call(func() {
			s.pending--
			if err != nil {
				s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, what, reason(err))})
				return
			}
			s.said, s.saidAt = s.speech.Say(lang.RecordedAt, what, s.clock().Format("15:04:05")), s.clock()
			for _, f := range then {
				f()
			}
		})
	})
}

// reason is why, with what the person can do.
func reason(err error) string {
	var trouble *ui.Trouble
	if errors.As(err, &trouble) {
		return trouble.Error()
	}
	return err.Error()
}

// record writes an entry for the patient of, who must still be the one on screen:
// a page opened for one patient records nothing for another. then is told where
// the entry stands once it is on disk.
func (s *Screen) record(what string, of chart.ID, content chart.Content, then func(ui.Recorded)) {
	s.recordAt(s.when(), what, of, content, then)
}

// recordNow is [Screen.record] for what happens now, also while somebody charts late.
func (s *Screen) recordNow(what string, of chart.ID, content chart.Content, then func(ui.Recorded)) {
	s.recordAt(s.clock().Round(0), what, of, content, then)
}

func (s *Screen) recordAt(happened time.Time, what string, of chart.ID, content chart.Content, then func(ui.Recorded)) {
	if of != s.on || of == (chart.ID{}) {
		s.faults = append(s.faults, fault{s.speech.Say(lang.OtherPatient, what)})
		return
	}
	row, _ := s.row(of)
	if row.Lent != nil {
		s.faults = append(s.faults, fault{s.speech.Say(lang.LentOnly, what, s.lentBy(row.Lent))})
		return
	}
	draft := ui.Draft{Encounter: of, Patient: row.Patient, Happened: happened, Content: content}
	var done ui.Recorded
	tapped := s.clock()
	s.do(what, func(ctx context.Context) (err error) {
		done, err = s.desk.Record(ctx, draft)
		return err
	}, func() {
		s.did(of, what, tapped, content, done)
		if then != nil {
			then(done)
		}
	})
}

// newPatient opens an encounter for somebody unknown, in one tap. The name comes
// later.
func (s *Screen) newPatient() { s.newPatientThen(func() {}) }

// newPatientThen does the same and goes on with then once the patient is on screen. A
// tap while another is being opened is the same tap twice.
func (s *Screen) newPatientThen(then func()) {
	if s.opening {
		return
	}
	s.opening = true
	label := s.unknownLabel()
	callSign, now := s.station.CallSign, s.clock().Round(0)
	var done ui.Recorded
	s.do(label, func(ctx context.Context) (err error) {
		defer s.inbox.call(func() { s.opening = false })
		opened := &chart.EncounterOpened{Setting: "ambulance", CallSign: callSign}
		if done, err = s.desk.Record(ctx, ui.Draft{Happened: now, Content: opened}); err != nil {
			return err
		}
		who := &chart.PatientRegistered{Who: chart.Demographics{Label: label}}
		_, err = s.desk.Record(ctx, ui.Draft{Encounter: done.Encounter, Patient: done.Patient, Happened: now, Content: who})
		return err
	}, func() {
		if rows := s.rows; len(rows) == 0 || rows[0].Encounter != done.Encounter {
			s.rows = append([]chart.Row{{Encounter: done.Encounter, Patient: done.Patient, Status: chart.Open,
				Who: chart.Demographics{Label: label}, Opened: chart.At(now)}}, rows...)
		}
		s.turnTo(done.Encounter)
		then()
	})
}

// unknownLabel is what to call somebody unknown who came now.
func (s *Screen) unknownLabel() string {
	return s.Distinct(s.speech.Say(lang.UnknownSince, s.clock().Format("15:04")))
}

// Distinct is what to call somebody who would be called first, told apart from whoever is
// on the list: of several of one minute the later ones have a number.
func (s *Screen) Distinct(first string) string {
	label := first
	for n := 2; slices.ContainsFunc(s.rows, func(r chart.Row) bool { return r.Who.Label == label }); n++ {
		label = fmt.Sprintf("%s (%d)", first, n)
	}
	return label
}

// read folds an encounter's entries apart from Fyne's goroutine and hands the chart
// to then, or why it could not.
func (s *Screen) read(of chart.ID, then func(*chart.Chart, error)) {
	ctx := s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, recordWait)
		defer stop()
		entries, err := s.desk.Entries(ctx, of)
		var c *chart.Chart
		if err == nil {
			fold := chart.NewFold(of)
			fold.Add(entries...)
			c = fold.Chart()
		}
		s.inbox.call(func() { then(c, err) })
	})
}
