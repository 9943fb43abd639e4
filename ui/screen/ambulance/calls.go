package ambulance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// A call is what another station wrote to whoever has the patient: a hospital's message,
// or its answer. It stands in the alarm bar, after the alarms, until a person has seen
// it here, and in the record for ever.
type call struct {
	row chart.Row
	chart.RowCall
}

// calledFor is for how long a call is told: what is older was lost with a window that
// had been closed, and stands in the record.
const calledFor = 12 * time.Hour

// barText is how many bytes of a message the alarm bar has room for.
const barText = 40

// findCalls looks through the list that has come for them. Those of this station are its
// own words.
func (s *Screen) findCalls() {
	s.called = nil
	if s.station.Device == (chart.Device{}) {
		return
	}
	for i := range s.rows {
		r := &s.rows[i]
		if r.Status != chart.Open || !s.cares(r) {
			continue
		}
		for _, c := range r.Calls {
			if c.Of.Device != s.station.Device && s.clock().Sub(c.At.Time()) < calledFor {
				s.called = append(s.called, call{*r, c})
			}
		}
	}
	slices.SortStableFunc(s.called, func(x, y call) int { return cmp.Compare(y.At, x.At) })
}

// cares reports whether a patient is this crew's: on screen, or one for whom this station
// wrote and whom it has not handed on. A team's tablets hold each other's patients too.
func (s *Screen) cares(r *chart.Row) bool {
	own := s.station.Device
	switch {
	case r.Encounter == s.on:
		return true
	case slices.ContainsFunc(r.Transfers, func(t chart.RowTransfer) bool {
		return t.Of.Device == own && (t.State == chart.TransferDone || t.State == chart.TransferGone)
	}):
		return false
	}
	return slices.ContainsFunc(r.Reached, func(at chart.Ref) bool { return at.Device == own })
}

// calls are those that nobody has seen here, the latest first. That the patient is to go
// elsewhere is more urgent than the rest.
func (s *Screen) calls() []standing {
	if s.locked() {
		return nil
	}
	var out []standing
	for _, c := range s.called {
		if s.heeded[c.Of] {
			continue
		}
		short := c.RowCall
		if text := clip(short.Text, barText); text != short.Text {
			short.Text, short.Cut = strings.TrimSuffix(text, "..."), true
		}
		a := ui.Alarm{Priority: alarm.Low, Text: s.callSign(c.Of.Device) + " " + s.dayTime(c.At.Time()) + ":  " + s.callWords(short)}
		if c.What == chart.TypeArrivalDiverted {
			a.Priority = alarm.Medium
		}
		other := c.row.Encounter != s.on
		if other {
			a.Text = s.speech.Say(lang.AlarmOfOther, s.who(c.row), a.Text)
		}
		out = append(out, standing{Alarm: a, call: c.Of, ofOther: other})
	}
	return out
}

// heed notes that a person has seen the call in the alarm bar, if it is one about the
// patient on screen, and reports whether it was.
func (s *Screen) heed() bool {
	all := s.alarms(s.clock())
	if len(all) == 0 || all[0].call == (chart.Ref{}) || all[0].ofOther {
		return false
	}
	s.heeded[all[0].call] = true
	return true
}

// callWords is a call in words, without who said it and when.
func (s *Screen) callWords(c chart.RowCall) string {
	say := s.speech.Say
	words := ""
	switch {
	case c.What == chart.TypeArrivalAccepted:
		words = say(lang.CallAccepted)
	case c.What == chart.TypeArrivalDiverted && c.Name != "":
		words = say(lang.CallDivertedTo, c.Name)
	case c.What == chart.TypeArrivalDiverted:
		words = say(lang.CallDiverted)
	case c.What == chart.TypeBayAssigned:
		words = say(lang.CallBay, c.Name)
	case c.What == chart.TypeActivation && c.Off:
		words = say(lang.CallTeamOff, c.Name)
	case c.What == chart.TypeActivation:
		words = say(lang.CallTeam, c.Name)
	}
	text := strings.Join(strings.Fields(c.Text), " ")
	if c.Cut {
		text += " … " + say(lang.CallCut)
	}
	if words != "" && text != "" {
		return words + ": " + text
	}
	return words + text
}
