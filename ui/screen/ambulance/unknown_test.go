package ambulance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

// labels are the labels under which patients were registered, in order.
func (r *rig) labels() (out []string) {
	for _, e := range r.desk.Recorded(chart.TypePatientRegistered) {
		out = append(out, e.Content.(*chart.PatientRegistered).Who.Label)
	}
	return out
}

// A casualty is sorted in seconds: two of one minute must not bear one name on the list,
// the board and the handover.
func TestTwoUnknownPatientsOfOneMinuteHaveTwoNames(t *testing.T) {
	r := crew(t)
	for range 3 {
		r.tap(r.say(lang.NewPatient))
		r.settle()
	}
	seen := map[string]bool{}
	for _, l := range r.labels() {
		if seen[l] {
			t.Errorf("two patients are called %q: %q", l, r.labels())
		}
		seen[l] = true
	}
	if len(seen) != 4 {
		t.Errorf("patients: %q", r.labels())
	}
	if got := r.frame.band.Who(); got[:13] != "Unknown 09:31" {
		t.Errorf("the band says %q", got)
	}
}

func TestATwitchingFingerOpensOnePatient(t *testing.T) {
	r := crew(t)
	r.newPatient()
	r.newPatient()
	r.settle()
	r.settle()
	if n := len(r.desk.Recorded(chart.TypeEncounterOpened)); n != 2 {
		t.Errorf("a double tap left %d encounters, want the first patient's and one more", n)
	}
	r.desk.Fail(errors.New("the disk is full"))
	r.newPatient()
	r.settle()
	r.desk.Fail(nil)
	r.newPatient()
	r.settle()
	if n := len(r.desk.Recorded(chart.TypeEncounterOpened)); n != 3 {
		t.Errorf("after one that could not be recorded there are %d encounters, want 3", n)
	}
}

// Who was a tag and has a name now still bears the tag: on the wrist, on the hospital's
// board and in the mouths of other crews.
func TestATagStaysOnTheBandOnceTheNameIsKnown(t *testing.T) {
	r := crew(t)
	r.put(time.Minute, &chart.PatientIdentified{Who: chart.Demographics{Family: "Diallo", Given: "Awa"}})
	r.ask()
	all := strings.Join(r.texts(), "\n")
	if !strings.Contains(all, "Awa DIALLO") || !strings.Contains(all, "tag 0417") {
		t.Errorf("the band says %q\n%s", r.frame.band.Who(), all)
	}
	r.tap("Awa DIALLO")
	if all := strings.Join(r.texts(), "\n"); strings.Count(all, "tag 0417") < 2 {
		t.Errorf("the list of patients says\n%s", all)
	}
}

// An unknown patient is watched with an adult's limits (NEWS2: 40/min is low), and in an
// infant 70/min is a National PEWS emergency score that those do not alarm: so "no alarms" must
// not stand alone.
func TestNoAlarmsSaysWithWhoseLimits(t *testing.T) {
	for _, c := range []struct {
		age  string
		want string // beside "No alarms"
	}{
		{"", "adult limits, age unknown"}, {"5 d", "limits for 0-11 months"}, {"3 wk", "limits for 0-11 months"}, {"2 a", "limits for 1-4 years"},
		{"7 a", "limits for 5-12 years"}, {"15 a", "limits for 13-15 years"}, {"64 a", ""},
	} {
		r := crew(t)
		r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418", Age: c.age})
		r.ask()
		r.turnTo(chart.ID{15: 2})
		r.run(2 * time.Second)
		got := r.frame.bar.Notice().Text
		if want := strings.TrimSpace("No alarms   " + c.want); got != want {
			t.Errorf("age %q: the bar says %q, want %q", c.age, got, want)
		}
	}
}
