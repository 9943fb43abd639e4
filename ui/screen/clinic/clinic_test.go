package clinic

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// ward is a clinic's screen without a display.
type ward struct {
	*ambulance.Screen
	t    *testing.T
	desk *rehearsal.Desk
	win  fyne.Window
}

func newWard(t *testing.T, look theme.Look, width, height float32, l lang.Language) *ward {
	t.Helper()
	w := &ward{t: t, desk: rehearsal.NewDesk(), win: uitest.Window(t, look, width, height)}
	w.desk.Set(func(s *ui.Station) { s.Kind, s.CallSign, s.Monitors = "clinic", "Market clinic", nil })
	w.Screen = New(w.desk, ambulance.Options{Clock: w.desk.Now, Look: look, Language: l})
	w.win.SetContent(w.Object())
	w.settle()
	return w
}

func (w *ward) settle() {
	w.t.Helper()
	for range 2 {
		if err := w.Ask(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		w.Frame(w.desk.Now())
		w.Settle()
		w.Frame(w.desk.Now())
	}
}

func (w *ward) tap(name string) {
	w.t.Helper()
	uitest.Tap(w.t, w.Object(), name)
	w.settle()
}

// waits adds a patient who came so long ago, sorted into a category or not.
func (w *ward) waits(n byte, label string, long time.Duration, category string, u chart.Urgency) {
	w.t.Helper()
	e, p := chart.ID{15: n}, chart.ID{0: 9, 15: n}
	put := func(c chart.Content) {
		if _, err := w.desk.Record(context.Background(), ui.Draft{Encounter: e, Patient: p, Happened: w.desk.Now().Add(-long), Content: c}); err != nil {
			w.t.Fatal(err)
		}
	}
	put(&chart.EncounterOpened{Setting: "clinic", Complaint: "fever"})
	put(&chart.PatientRegistered{Who: chart.Demographics{Label: label, Sex: chart.Female, Age: "31 a"}})
	if category != "" {
		put(&chart.Triage{Scheme: "SATS", Category: category, Urgency: u})
	}
	spo2 := vital.Int(97)
	put(&chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.SpO2, Value: &spo2}}, Sources: []vital.Provenance{{Driver: "hand"}}})
}

func busy(t *testing.T, look theme.Look, width, height float32, l lang.Language) *ward {
	w := newWard(t, look, width, height, l)
	w.waits(2, "Amina", 42*time.Minute, "yellow", chart.Urgent)
	w.waits(3, "Binta", 12*time.Minute, "green", chart.Standard)
	w.waits(4, "Chidi", 3*time.Minute, "red", chart.Immediate)
	w.waits(5, "Dalia", 50*time.Minute, "", 0)
	w.waits(6, "Efua", 70*time.Minute, "yellow", chart.Urgent)
	w.waits(7, "Femi", 80*time.Minute, "green", chart.Standard)
	w.settle()
	return w
}

func TestTheQueueStandsByUrgencyThenByWaiting(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	var got []string
	for _, target := range uitest.Targets(w.Object()) {
		if name, _, ok := strings.Cut(target.Name, "  F  "); ok {
			got = append(got, name)
		}
	}
	// The seventh, of the day's rehearsal, is unsorted and came last: behind Dalia.
	if want := "Chidi Dalia Efua Amina Femi"; strings.Join(got, " ") != want {
		t.Errorf("the queue is %q, want %q with tag 0417 third", got, want)
	}
	w.tap("7 waiting")
	if !strings.HasPrefix(uitest.Targets(w.Object())[0].Name, "Binta") && !found(w, "Binta") {
		t.Error("the last of seven is not on the second page")
	}
}

func found(w *ward, name string) bool {
	for _, target := range uitest.Targets(w.Object()) {
		if strings.HasPrefix(target.Name, name) {
			return true
		}
	}
	return false
}

func TestWhoIsNotSortedIsNeverBehindTheUrgent(t *testing.T) {
	for u := chart.VeryUrgent; u <= chart.Dead; u++ {
		if rank(chart.UrgencyUnknown) >= rank(u) {
			t.Errorf("a patient nobody has sorted waits behind urgency %d", u)
		}
	}
	if rank(chart.UrgencyUnknown) <= rank(chart.Immediate) {
		t.Error("a patient nobody has sorted is seen before the immediate")
	}
}

func TestAPatientIsRegisteredByTapsAndNothingIsMadeUp(t *testing.T) {
	w := newWard(t, theme.Day, 1280, 800, lang.English)
	w.tap(w.Say(lang.NewPatient))
	for _, key := range []lang.Key{lang.FemaleWord, lang.Months} {
		w.tap(w.Say(key))
	}
	for _, digit := range []string{"1", "8", "4"} { // 184 months cannot be: the 4 is not taken
		w.tap(digit)
	}
	w.tap(w.Say(lang.Fever))
	w.tap(w.Say(lang.Admit))
	who := w.desk.Recorded(chart.TypePatientRegistered)
	opened := w.desk.Recorded(chart.TypeEncounterOpened)
	d := who[len(who)-1].Content.(*chart.PatientRegistered).Who
	if d.Sex != chart.Female || d.Age != "18 mo" || d.Given != "" || d.Family != "" {
		t.Errorf("registered %+v", d)
	}
	if o := opened[len(opened)-1].Content.(*chart.EncounterOpened); o.Setting != "clinic" || o.Complaint != "fever" {
		t.Errorf("opened %+v", o)
	}
	w.tap(w.Say(lang.NewPatient))
	w.tap(w.Say(lang.Admit))
	who = w.desk.Recorded(chart.TypePatientRegistered)
	if d := who[len(who)-1].Content.(*chart.PatientRegistered).Who; d.Sex != "" || d.Age != "" || !strings.HasPrefix(d.Label, "Arrived ") {
		t.Errorf("an unknown patient is registered as %+v", d)
	}
}

func TestTwoWhoArriveInOneMinuteAreCalledApart(t *testing.T) {
	w := newWard(t, theme.Day, 1280, 800, lang.English)
	var labels []string
	for range 2 {
		w.tap(w.Say(lang.NewPatient))
		w.tap(w.Say(lang.Admit))
		w.desk.Step(3 * time.Second) // the list is asked for again
		w.settle()
		who := w.desk.Recorded(chart.TypePatientRegistered)
		labels = append(labels, who[len(who)-1].Content.(*chart.PatientRegistered).Who.Label)
	}
	if labels[0] == labels[1] || labels[1] != labels[0]+" (2)" {
		t.Errorf("they are called %q", labels)
	}
}

func TestAnAgeThatNoUnitHasIsForgotten(t *testing.T) {
	w := newWard(t, theme.Day, 1280, 800, lang.English)
	w.tap(w.Say(lang.NewPatient))
	for _, name := range []string{"6", "4", w.Say(lang.Months)} {
		w.tap(name)
	}
	w.tap(w.Say(lang.Admit))
	who := w.desk.Recorded(chart.TypePatientRegistered)
	if d := who[len(who)-1].Content.(*chart.PatientRegistered).Who; d.Age != "" {
		t.Errorf("64 years became %q", d.Age)
	}
}

func TestAVisitIsClosedByAHoldAndLeavesTheQueue(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.tap("Chidi")
	if w.On() != (chart.ID{15: 4}) {
		t.Fatalf("on screen is %v", w.On())
	}
	lift := uitest.Press(t, w.Object(), w.Say(lang.VisitOver))
	for range 40 {
		w.desk.Step(time.Second / 30)
		w.Frame(w.desk.Now())
	}
	lift()
	w.settle()
	closed := w.desk.Recorded(chart.TypeEncounterClosed)
	if len(closed) != 1 || closed[0].Encounter != (chart.ID{15: 4}) || found(w, "Chidi") {
		t.Errorf("closed %v, still in the queue: %v", closed, found(w, "Chidi"))
	}
}

// join joins Amina's record and Efua's, from the visit page.
func (w *ward) join() {
	w.t.Helper()
	w.tap("Amina")
	w.tap(w.Say(lang.SamePerson))
	w.tap("Efua")
	w.hold(w.Say(lang.HoldJoin))
}

func (w *ward) hold(name string) {
	w.t.Helper()
	lift := uitest.Press(w.t, w.Object(), name)
	for range 40 {
		w.desk.Step(time.Second / 30)
		w.Frame(w.desk.Now())
	}
	lift()
	w.settle()
}

func TestAPatientWhoCameTwiceIsJoinedAndPartedFromTheVisitPage(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.join()
	merged := w.desk.Recorded(chart.TypePatientsMerged)
	if len(merged) != 2 || merged[0].Encounter != (chart.ID{15: 2}) || merged[1].Encounter != (chart.ID{15: 6}) {
		t.Fatalf("merged by %+v", merged)
	}
	w.tap("Efua") // from the other's page
	if !found(w, w.Say(lang.SamePerson)+", "+w.Say(lang.JoinedWith, 1)) {
		t.Error("the visit page does not say that the record is joined")
	}
	w.tap(w.Say(lang.SamePerson))
	w.tap(w.Say(lang.JoinedWord, "Amina"))
	w.tap(w.Say(lang.WhyNotSame))
	w.hold(w.Say(lang.HoldPart))
	parted := w.desk.Recorded(chart.TypePatientsUnmerged)
	if len(parted) != 2 || parted[0].Encounter != (chart.ID{15: 6}) || parted[1].Encounter != (chart.ID{15: 2}) {
		t.Fatalf("parted by %+v", parted)
	}
	w.tap("Efua")
	if found(w, w.Say(lang.SamePerson)+", "+w.Say(lang.JoinedWith, 1)) {
		t.Error("the visit page says that the record is still joined")
	}
}

func TestALockedClinicShowsNoQueue(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.tap("A. Okoro")
	if found(w, "Chidi") || found(w, "Amina") || !found(w, w.Say(lang.SignIn)) {
		t.Error("a locked clinic shows who waits")
	}
}

// pages are those of the clinic, and how they are reached.
var pages = []struct {
	name string
	open func(*ward)
}{
	{"queue", func(*ward) {}},
	{"visit", func(w *ward) { w.tap("Amina") }},
	{"same", func(w *ward) { w.tap("Amina"); w.tap(w.Say(lang.SamePerson)) }},
	{"join", func(w *ward) { w.tap("Amina"); w.tap(w.Say(lang.SamePerson)); w.tap("Efua") }},
	{"part", func(w *ward) {
		w.join()
		w.tap("Efua")
		w.tap(w.Say(lang.SamePerson))
		w.tap(w.Say(lang.JoinedWord, "Amina"))
	}},
	{"note", func(w *ward) { w.openNote("Amina"); w.chips("fever", "cough", "for 2 to 3 days") }},
	{"examined", func(w *ward) {
		w.openNote("Amina")
		w.chips("fever")
		w.tap(w.Say(lang.NoteExamination))
		w.chips("chest", "crackles right", "wheeze", "wheeze", "indrawing", "indrawing", "indrawing")
	}},
	{"assessed", func(w *ward) {
		w.openNote("Amina")
		w.tap(w.Say(lang.NoteAssessment))
		w.chips("malaria", "pneumonia", "pneumonia", "malnutrition", "malnutrition", "malnutrition")
	}},
	{"told", func(w *ward) { w.longNote(); w.taps(w.Say(lang.VisitWord), w.Say(lang.Record)) }},
	{"correctnote", func(w *ward) {
		w.longNote()
		w.taps(w.Say(lang.VisitWord), w.Say(lang.Record), w.Say(lang.CorrectWord))
	}},
	{"body", func(w *ward) { w.taps("Amina", w.Say(lang.InjuriesWord)) }},
	{"waiting", func(w *ward) { w.openNote("Amina"); w.chips("fever"); w.tap(w.Say(lang.VisitWord)) }},
	{"register", func(w *ward) {
		w.tap(w.Say(lang.NewPatient))
		for _, name := range []string{w.Say(lang.FemaleWord), "3", "1", w.Say(lang.Wound)} {
			w.tap(name)
		}
	}},
}

// The pictures guard against change; a person has looked at each.
func TestEveryPageOfTheClinicLooksAsItDid(t *testing.T) {
	for _, look := range []theme.Look{theme.Night, theme.Day} {
		for _, p := range pages {
			t.Run(fmt.Sprintf("%s_%v", p.name, look), func(t *testing.T) {
				w := busy(t, look, 1280, 800, lang.English)
				p.open(w)
				w.desk.Step(11 * time.Second) // what was recorded last is not said any more
				w.settle()
				if look == theme.Day {
					test.AssertRendersToMarkup(t, p.name+".xml", w.win.Canvas())
				}
				test.AssertRendersToImage(t, fmt.Sprintf("%s_%v.png", p.name, look), w.win.Canvas())
			})
		}
	}
}

func TestClinicTargetsAreBigEnoughAndTextsFit(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}} {
		for _, l := range lang.Languages {
			for _, p := range pages {
				w := busy(t, theme.Day, size.Width, size.Height, l)
				p.open(w)
				uitest.Fits(t, fmt.Sprintf("%.0f wide, %s, %s", size.Width, l.Name(), p.name), w.Object())
			}
		}
	}
}
