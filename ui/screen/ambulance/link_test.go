package ambulance

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
)

// "Hospital: live" beside a patient whom it does not see would have a crew believe that
// the hospital watches.
func TestALiveLinkIsNotSaidOfAPatientWhomTheHospitalDoesNotSee(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(2 * time.Second)
	for _, row := range []struct {
		story string
		not   []chart.ID
		want  bool
	}{
		{"another patient", []chart.ID{{7}}, false},
		{"the one on screen", []chart.ID{{7}, r.On()}, true},
		{"nobody any more", nil, false},
	} {
		r.desk.Set(func(s *ui.Station) { s.Link.Not, s.Link.Name = row.not, "ER-1" })
		r.ask()
		r.run(time.Second)
		near := 0
		for _, p := range r.station.Peers {
			if p.Connected {
				near++
			}
		}
		words := r.speech.Say(lang.LinkNotThis, near)
		if got := r.sees(words); got != row.want {
			t.Errorf("%s: %q is on screen: %v", row.story, words, got)
		}
		if live := r.sees(r.speech.Say(lang.LinkLine, r.station.Link.State, near)); live == row.want {
			t.Errorf("%s: the link is said to be live: %v", row.story, live)
		}
		r.OpenLink()
		r.run(time.Second)
		if got := r.sees(r.say(lang.NotSeenThere)); got != row.want {
			t.Errorf("%s: the page of the link says that the hospital does not see: %v", row.story, got)
		}
		if !r.sees("ER-1") {
			t.Errorf("%s: the page does not name the hospital", row.story)
		}
		r.tap(r.say(lang.BackToMonitor))
	}
}
