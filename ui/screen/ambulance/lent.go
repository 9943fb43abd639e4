package ambulance

import (
	"slices"
	"strings"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
)

// A patient whom a station of another team shows this one is read and never written:
// the screen says whose they are and how fresh that is, and offers nothing else.

// lent is whose the patient is, nil when it is this station's own or its team's.
func (s *Screen) lent(of chart.ID) *chart.Lent {
	row, _ := s.row(of)
	return row.Lent
}

// lentBy is who shares a patient, in words.
func (s *Screen) lentBy(l *chart.Lent) string {
	words := slices.DeleteFunc([]string{l.By, l.Team}, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return s.speech.Say(lang.AnotherIs)
	}
	return strings.Join(words, ", ")
}

// lentWords says whose the patient is and until when, or since when nothing came.
func (s *Screen) lentWords(l *chart.Lent) string {
	switch {
	case l.Live:
		return s.speech.Say(lang.LentLive, s.lentBy(l), s.dayTime(l.Until.Time()))
	case l.Heard == 0:
		return s.speech.Say(lang.LentUnread, s.lentBy(l))
	}
	return s.speech.Say(lang.LentStale, s.lentBy(l), s.dayTime(l.Heard.Time()))
}

// homeward is home from another team's patient: to this crew's own.
func (s *Screen) homeward() {
	if s.lent(s.on) == nil {
		s.home()
		return
	}
	s.on = chart.ID{}
	s.choose()
	if s.on == (chart.ID{}) {
		s.turnTo(s.on)
	}
}

// own are the rows of patients who are not another team's.
func own(rows []chart.Row) []chart.Row {
	if !slices.ContainsFunc(rows, func(r chart.Row) bool { return r.Lent != nil }) {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r chart.Row) bool { return r.Lent != nil })
}
