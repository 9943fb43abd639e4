package ambulance

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/triage/score"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
)

// carePages opens each page of care in turn, for the tests that walk them all.
func carePages(r *rig, look func(name string)) {
	r.tap(r.say(lang.Vitals))
	look("vitals")
	r.tap("120")
	r.tap("130")
	look("vitals, refused")
	r.tap(r.say(lang.NumberPad))
	look("vitals, pad")
	r.tap(r.say(lang.OtherSign))
	look("signs")
	r.tap(r.say(lang.NextPage))
	look("signs, second page")
	r.tap(r.say(lang.BackToCard))
	r.tap(r.say(lang.OtherSign))
	r.tap("SpO₂")
	look("vitals, SpO2")
	r.tap(r.say(lang.OtherSign))
	r.tap(vital.Glucose.Info().Label)
	look("vitals, glucose")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.TriageWord))
	look("triage")
	r.tap(r.say(lang.BreathesSlower))
	look("triage, half")
	r.tap(r.say(lang.MoreFindings))
	look("triage, more")
	r.tap(r.say(lang.NextPage))
	look("triage, more, second page")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.HandoverWord))
	look("handover")
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	look("handover, sent")
	r.tap(r.say(lang.WriteAnew))
	look("handover, anew")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	look("more")
	r.tap(r.say(lang.CPRTimer))
	look("CPR")
	r.tap(r.say(lang.EventCPR))
	r.tap(r.say(lang.EventShock))
	look("CPR, going")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.DecisionsWord))
	look("decisions")
	r.tap(r.say(lang.RefusesTransport))
	r.tap(r.say(lang.CapacityNotAssessed))
	look("decisions, refusal")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.frame.band.Who())
	r.tap(r.say(lang.PersonWord))
	look("person")
	r.tap("7")
	r.tap(r.say(lang.FemaleWord))
	look("person, typed")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.IncidentBoard))
	look("incident")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.BoundFor))
	look("destination")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.ChartLate))
	look("late")
	r.tap(r.say(lang.Event))
	look("events, late")
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.Scores))
	look("scores")
	r.tap(r.say(lang.NextPage))
	look("scores, second page")
	for _, rule := range score.Rules {
		r.open(newScore(newScores(r.Screen), rule))
		r.settle()
		look("score " + rule.ID)
	}
	r.tap(r.say(lang.BackToMonitor))
}

// pictured are the pages of care as pictures.
var pictured = []struct {
	name string
	open func(*rig)
}{
	{"vitals", func(r *rig) {
		r.tap(r.say(lang.Vitals))
		r.page.(*vitals).picks[0][8].OnTap()
		r.page.(*vitals).picks[1][6].OnTap()
	}},
	{"pad", func(r *rig) {
		r.tap(r.say(lang.Vitals))
		r.tap(r.say(lang.NumberPad))
		for _, key := range []string{"1", "2", "0", "0"} {
			r.tap(key)
		}
	}},
	{"signs", func(r *rig) {
		r.tap(r.say(lang.Vitals))
		r.tap(r.say(lang.OtherSign))
	}},
	{"person", func(r *rig) {
		r.tap(r.frame.band.Who())
		r.tap(r.say(lang.PersonWord))
		r.tap("7")
		r.tap(r.say(lang.FemaleWord))
	}},
	{"scores", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.Scores))
	}},
	{"news2", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.Scores))
		r.tap("NEWS2")
		r.tap(r.say(lang.Yes))
	}},
	{"handover", func(r *rig) { r.tap(r.say(lang.HandoverWord)) }},
	{"readback", func(r *rig) {
		r.tap(r.say(lang.HandoverWord))
		r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
		r.readBack("allergies", "")
		r.readBack("identification", "42 years")
		r.run(6 * time.Second)
		r.settle()
	}},
	{"more", func(r *rig) { r.tap(r.say(lang.More)) }},
	{"strip", func(r *rig) {
		r.tap(r.say(lang.StripMarked))
		r.run(10400 * time.Millisecond) // the foot says when it was on disk: not near a whole second
		r.run(200 * time.Millisecond)
		r.settle()
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.StripsWord))
		p, mm := r.page.(*strips), theme.MM(1)
		p.paper.Tapped(&fyne.PointEvent{Position: fyne.NewPos(60*mm, 20)})
		p.paper.Tapped(&fyne.PointEvent{Position: fyne.NewPos(72.5*mm, 20)})
	}},
	{"shift", func(r *rig) {
		r.desk.Ready(func(c *ui.Readiness) { c.Checked, c.DiskFree = time.Time{}, 9e9 })
		r.run(31 * time.Second)
		r.settle()
		r.tap(r.say(lang.ShiftCheck))
		r.tap(r.say(lang.CheckVehicle))
		r.settle()
	}},
	{"questioned", func(r *rig) {
		r.tap(r.say(lang.HandoverWord))
		r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
		r.readBack("identification", "42 years")
		r.tap(r.say(lang.BackToMonitor))
		r.ask()
	}},
	{"began", func(r *rig) {
		r.tap(r.say(lang.Event))
		r.tap(r.say(lang.LastKnownWell))
	}},
	{"ending", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.EndRun))
		r.tap(r.say(lang.EndNoneFound))
	}},
	{"handon", func(r *rig) {
		r.vehicles()
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.HandOn))
		r.tap("AMB-3")
	}},
	{"offered", func(r *rig) { r.handOn() }},
	{"taking", func(r *rig) {
		r.receives()
		r.tap("AMB-3 hands you tag 0555")
	}},
	{"incoming", func(r *rig) { r.receives() }},
	{"destination", func(r *rig) {
		hospitals(r)
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.BoundFor))
		r.tap("St Mary")
		r.refresh()
	}},
	{"decisions", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.DecisionsWord))
		r.tap(r.say(lang.RefusesTransport))
		r.tap(r.say(lang.CapacityYes))
	}},
	{"incident", func(r *rig) {
		r.casualties(11)
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.IncidentBoard))
	}},
	{"cpr", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.CPRTimer))
		r.tap(r.say(lang.EventCPR))
		r.run(30 * time.Second)
		r.tap(r.say(lang.EventShock))
		r.run(45 * time.Second)
		r.settle()
	}},
	{"late", func(r *rig) {
		r.tap(r.say(lang.More))
		r.tap(r.say(lang.ChartLate))
	}},
	{"triage", func(r *rig) {
		r.tap(r.say(lang.TriageWord))
		r.tap(r.say(lang.BreathesSlower))
		r.tap(r.say(lang.PulseYes))
		r.tap(r.say(lang.ObeysYes))
	}},
	{"asking", func(r *rig) {
		r.tap(r.say(lang.TriageWord))
		r.tap(r.say(lang.BreathesSlower))
		r.tap(r.say(lang.MoreFindings))
	}},
}

func TestEveryPageOfCareLooksAsItDid(t *testing.T) {
	for _, look := range []theme.Look{theme.Night, theme.Day} {
		for _, p := range pictured {
			t.Run(p.name+"_"+look.String(), func(t *testing.T) { picture(t, p.name, look, 1280, 800, p.open) })
		}
	}
}

// texts are all words on the screen, to be looked for in.
func (r *rig) texts() (all []string) {
	for _, o := range test.LaidOutObjects(r.Object()) {
		if t, ok := o.(*canvas.Text); ok && t.Visible() && t.Text != "" {
			all = append(all, t.Text)
		}
	}
	return all
}

// acts counts what a person does from here on.
type acts struct {
	*rig
	n int
}

func (a *acts) tap(name string) {
	a.t.Helper()
	a.n++
	a.rig.tap(name)
}

func (a *acts) want(most int) {
	a.t.Helper()
	if a.n > most {
		a.t.Errorf("it took %d acts, allowed are %d", a.n, most)
	}
}
