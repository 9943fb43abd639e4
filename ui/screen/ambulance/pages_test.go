package ambulance

import (
	"testing"

	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
)

// carePages opens each page of care in turn, for the tests that walk them all.
func carePages(r *rig, look func(name string)) {
	r.tap(r.say(lang.TriageWord))
	look("triage")
	r.tap(r.say(lang.BreathesSlower))
	look("triage, half")
	r.tap(r.say(lang.MoreFindings))
	look("triage, more")
	r.tap(r.say(lang.NextPage))
	look("triage, more, second page")
	r.tap(r.say(lang.BackToMonitor))
}

// pictured are the pages of care as pictures.
var pictured = []struct {
	name string
	open func(*rig)
}{
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
