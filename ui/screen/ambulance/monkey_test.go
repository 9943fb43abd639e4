package ambulance

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
	"fieldkit/ui/widget"
)

// A monkey taps and holds whatever is there while the disk fills, the recorder
// goes away and alarms come and go. Nothing may crash, and nothing may be recorded
// for a patient who was not on screen when the finger went down. FIELDKIT_LONG lets it
// play for twelve hours of the desk's clock, with pauses of up to two seconds.
func TestAMonkeyNeverReachesAnotherPatient(t *testing.T) {
	acts, shift, pause := 1500, time.Duration(0), time.Second/30
	switch {
	case testing.Short():
		acts = 200
	case os.Getenv("FIELDKIT_LONG") != "":
		acts, shift, pause = 0, 12*time.Hour, 2*time.Second
	}
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	r := newRig(t, theme.Night, 1280, 800)
	for n := byte(2); n <= 4; n++ {
		r.desk.Add(rehearsal.Desaturating(chart.ID{15: n}), chart.Demographics{Label: "tag " + string('0'+rune(n))})
	}
	r.run(time.Second)
	written := len(r.desk.Recorded())
	began, act := r.desk.Now(), 0
	for ; act < acts || r.desk.Now().Sub(began) < shift; act++ {
		switch random.IntN(40) {
		case 0:
			r.desk.Away(errors.New("no station is running"))
		case 1, 2, 3:
			r.desk.Away(nil)
		case 4:
			r.desk.Fail(errors.New("the disk is full"))
		case 5, 6, 7:
			r.desk.Fail(nil)
		}
		if r.locked() && random.IntN(6) == 0 {
			r.desk.Away(nil)
			r.signIn()
		}
		r.ask()
		on := r.On()
		targets := uitest.Targets(r.Object())
		if len(targets) == 0 {
			t.Fatalf("seed %d, act %d: nothing can be tapped", seed, act)
		}
		target := targets[random.IntN(len(targets))].Object
		// Of many pages and buttons those that record must not be seldom.
		if likely := slices.IndexFunc(targets, func(t uitest.Target) bool {
			_, hold := t.Object.(*widget.Hold)
			return hold || t.Name == r.say(lang.Drug) || t.Name == r.say(lang.InjuriesWord) || t.Name == r.say(lang.NoInjuryHere) || strings.HasPrefix(t.Name, r.say(lang.RecordIt))
		}); likely >= 0 && random.IntN(3) == 0 {
			target = targets[likely].Object
		}
		if _, hold := target.(*widget.Hold); hold {
			finger := target.(desktop.Mouseable)
			finger.MouseDown(nil)
			r.Frame(r.desk.Now())
			r.run(time.Duration(random.IntN(1400)) * time.Millisecond)
			finger.MouseUp(nil)
		} else {
			test.Tap(target.(fyne.Tappable))
		}
		r.settle()
		r.run(time.Second/30 + time.Duration(random.Int64N(int64(pause))))
		r.work.Wait() // what this act began is this act's: a strip goes to the disk as its patient leaves
		for _, e := range r.desk.Recorded()[written:] {
			switch e.Content.(type) {
			case *chart.EncounterOpened, *chart.PatientRegistered:
				continue // of a new patient
			case *chart.ShiftCheck:
				if e.Encounter == (chart.ID{}) {
					continue // of no patient
				}
			}
			if e.Encounter != on {
				t.Fatalf("seed %d, act %d: %T was recorded for a patient who was not on screen", seed, act, e.Content)
			}
		}
		written = len(r.desk.Recorded())
	}
	given := len(r.desk.Recorded(chart.TypeDrugGiven))
	t.Logf("%d acts in %v, %d entries, %d doses", act, r.desk.Now().Sub(began).Round(time.Second), written, given)
	t.Logf("%d charted by hand, %d sorted, %d assessed", len(r.desk.Recorded(chart.TypeVitals)), len(r.desk.Recorded(chart.TypeTriage)), len(r.desk.Recorded(chart.TypeAssessment)))
	if !testing.Short() && len(r.desk.Recorded(chart.TypeAssessment)) == 0 {
		t.Error("the monkey never charted an injury or a score")
	}
	if given == 0 || written < 20 {
		t.Errorf("the monkey recorded %d entries and %d doses: it proves nothing", written, given)
	}
}
