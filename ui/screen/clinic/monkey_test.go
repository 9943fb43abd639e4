package clinic

import (
	"errors"
	"math/rand/v2"
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

// A monkey taps and holds whatever is there, in the queue, notes and on the body map,
// while the disk fills now and then. Nothing may crash, and nothing may be recorded for a
// patient who was not on screen when the finger went down, but for records that are joined
// or parted, which name both.
func TestAMonkeyInTheClinicNeverReachesAnotherPatient(t *testing.T) {
	acts := 900
	if testing.Short() {
		acts = 150
	}
	const seed = 11
	random := rand.New(rand.NewPCG(seed, seed))
	w := busy(t, theme.Day, 1280, 800, lang.English)
	written := len(w.desk.Recorded())
	assessed := map[string]int{}
	for act := range acts {
		switch random.IntN(30) {
		case 0:
			w.desk.Fail(errors.New("the disk is full"))
		case 1, 2, 3:
			w.desk.Fail(nil)
		}
		if w.Locked() && random.IntN(4) == 0 {
			person := []string{"a", "b"}[random.IntN(2)]
			if err := w.desk.SignIn(t.Context(), person, rehearsal.PIN); err != nil {
				t.Fatal(err)
			}
			w.settle()
		}
		on := w.On()
		targets := uitest.Targets(w.Object())
		target := targets[random.IntN(len(targets))]
		if strings.HasSuffix(target.Name, ", lock") && random.IntN(4) > 0 {
			continue // it is locked often enough
		}
		// Of many pages and buttons those that record must not be seldom.
		for _, likely := range targets {
			if name := likely.Name; random.IntN(4) == 0 && (name == w.Say(lang.NoteWord) || name == w.Say(lang.InjuriesWord) || strings.HasPrefix(name, w.Say(lang.RecordNote))) {
				target = likely
			}
		}
		if _, hold := target.Object.(*widget.Hold); hold {
			finger := target.Object.(desktop.Mouseable)
			finger.MouseDown(nil)
			w.Frame(w.desk.Now())
			for range random.IntN(45) {
				w.desk.Step(time.Second / 30)
				w.Frame(w.desk.Now())
			}
			finger.MouseUp(nil)
		} else {
			test.Tap(target.Object.(fyne.Tappable))
		}
		w.settle()
		w.Settle() // what this act began is this act's
		for _, e := range w.desk.Recorded()[written:] {
			switch c := e.Content.(type) {
			case *chart.EncounterOpened, *chart.PatientRegistered, *chart.PatientsMerged, *chart.PatientsUnmerged, *chart.ShiftCheck:
				continue
			case *chart.Assessment:
				assessed[c.Area]++
			}
			if e.Encounter != on {
				t.Fatalf("seed %d, act %d: %T was recorded for a patient who was not on screen", seed, act, e.Content)
			}
		}
		written = len(w.desk.Recorded())
	}
	t.Logf("%d acts, %d entries, assessed %v", acts, written, assessed)
	if !testing.Short() && (len(assessed) < 2 || assessed["injuries"] == 0) {
		t.Errorf("the monkey assessed %v: it proves nothing", assessed)
	}
}
