package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/uitest"
)

// amb3 is another vehicle of the made-up team.
var amb3 = chart.Device{1: 3}

func (r *rig) vehicles() {
	r.desk.Set(func(s *ui.Station) {
		s.Peers = append([]ui.Peer{
			{Device: amb3, CallSign: "AMB-3", Kind: "ambulance", State: "in touch", Connected: true},
			{Device: chart.Device{1: 9}, CallSign: "St Mary", Kind: "hospital", State: "in touch", Connected: true},
			{Device: chart.Device{1: 4}, CallSign: "AMB-4", Kind: "ambulance", State: "away since 09:02"},
		}, s.Peers...)
	})
	r.ask()
}

// handOn offers the patient on screen to AMB-3.
func (r *rig) handOn() chart.Entry {
	r.t.Helper()
	r.vehicles()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.HandOn))
	r.tap("AMB-3")
	r.hold(r.say(lang.HoldToHandOn), 1100*time.Millisecond)
	r.settle()
	offers := r.desk.Recorded(chart.TypeHandoverOffered)
	if len(offers) != 1 {
		r.t.Fatalf("%d offers are on record, want 1", len(offers))
	}
	return offers[0]
}

// receives is a patient of AMB-3 that it hands to this vehicle.
func (r *rig) receives() (chart.ID, chart.Ref) {
	r.t.Helper()
	r.vehicles()
	theirs, at := chart.ID{0: 5, 15: 5}, r.desk.Now().Add(-20*time.Minute)
	station, _ := r.desk.Station(r.t.Context())
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: theirs, Patient: chart.ID{0: 6}, Happened: at, Content: &chart.EncounterOpened{Setting: "ambulance", CallSign: "AMB-3"}})
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: theirs, Patient: chart.ID{0: 6}, Happened: at, Content: &chart.PatientRegistered{Who: chart.Demographics{Label: "tag 0555", Sex: chart.Female, Age: "31 a"}}})
	done := r.desk.Elsewhere(amb3, ui.Draft{Encounter: theirs, Patient: chart.ID{0: 6}, Content: &chart.HandoverOffered{Format: "ATMIST", To: "AMB-7", Station: station.Device, Onward: true,
		Items: []chart.HandoverItem{{Key: "time", Text: "09:05"}, {Key: "injuries", Text: "left thigh: open fracture"}, {Key: "allergies", Text: "penicillin: rash", Critical: true}}}})
	r.ask()
	return theirs, done.Ref
}

func (r *rig) says(words string) bool { return strings.Contains(strings.Join(r.texts(), "\n"), words) }

func TestAPatientHandedToAnotherVehicleIsThisCrewsUntilItHasTakenOver(t *testing.T) {
	r := crew(t)
	e := r.handOn()
	offer := e.Content.(*chart.HandoverOffered)
	if e.Encounter != r.On() || !offer.Onward || offer.Station != amb3 || offer.To != "AMB-3" || len(offer.Items) == 0 {
		t.Fatalf("on record: %+v", offer)
	}
	if !r.says("OFFERED to AMB-3 09:31, yours until taken") {
		t.Errorf("nothing on the screen says that the patient is offered: %q", r.texts())
	}
	if r.says(r.say(lang.HoldToHandOn)) {
		t.Error("the patient can be handed to a second vehicle meanwhile")
	}
	if len(r.desk.Recorded(chart.TypeEncounterMoved)) != 0 {
		t.Error("the patient is said to have gone")
	}
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: r.On(), Content: &chart.HandoverDeclined{Of: e.Ref, Why: "no room"}})
	r.ask()
	if !r.says("AMB-3 DOES NOT TAKE: no room. Yours.") || !r.says(r.say(lang.HoldToHandOn)) {
		t.Errorf("after a refusal the screen says %q", r.texts())
	}
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: r.On(), Content: &chart.HandoverAccepted{Of: e.Ref}})
	r.ask()
	if !r.says("WITH AMB-3 since 09:31") {
		t.Errorf("after AMB-3 took over the screen says %q", r.texts())
	}
}

func TestAnOfferIsTakenBackWithOneTapAndThePatientMayGoElsewhere(t *testing.T) {
	r := crew(t)
	e := r.handOn()
	r.tap(r.say(lang.TakeOfferBack))
	r.settle()
	back := r.desk.Recorded(chart.TypeRetraction)
	if len(back) != 1 || back[0].Content.(*chart.Retraction).Of != e.Ref {
		t.Fatalf("taken back: %+v", back)
	}
	if r.says("OFFERED") || !r.says(r.say(lang.HoldToHandOn)) {
		t.Errorf("the screen says %q", r.texts())
	}
}

func TestTheGiverMaySayThatThePatientHasGoneWhenNoAnswerComes(t *testing.T) {
	r := crew(t)
	r.handOn()
	r.hold("HOLD: THEY ARE WITH AMB-3", 1100*time.Millisecond)
	r.settle()
	moved := r.desk.Recorded(chart.TypeEncounterMoved)
	if len(moved) != 1 || moved[0].Content.(*chart.EncounterMoved).Station != amb3 {
		t.Fatalf("on record: %+v", moved)
	}
	if !r.says("not confirmed") {
		t.Errorf("the screen says %q", r.texts())
	}
}

// One finger that rests for the offer must not, as the button turns, say as well that
// the patient has gone.
func TestOneLongHoldOffersAndNoMore(t *testing.T) {
	r := crew(t)
	r.vehicles()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.HandOn))
	r.tap("AMB-3")
	r.hold(r.say(lang.HoldToHandOn), 5*time.Second)
	r.ask()
	r.run(3 * time.Second)
	if n := len(r.desk.Recorded(chart.TypeEncounterMoved)); n != 0 {
		t.Errorf("%d entries say that the patient has gone", n)
	}
}

// The answer comes while a finger rests on the button: it must not do what the button
// has turned into.
func TestAnAnswerUnderTheFingerTurnsNoHoldIntoAnother(t *testing.T) {
	r := crew(t)
	e := r.handOn()
	lift := uitest.Press(t, r.Object(), "HOLD: THEY ARE WITH AMB-3")
	r.Frame(r.desk.Now())
	r.run(500 * time.Millisecond)
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: r.On(), Content: &chart.HandoverDeclined{Of: e.Ref, Why: "no room"}})
	r.ask()
	r.run(2 * time.Second)
	lift()
	r.settle()
	if n, m := len(r.desk.Recorded(chart.TypeHandoverOffered)), len(r.desk.Recorded(chart.TypeEncounterMoved)); n != 1 || m != 0 {
		t.Errorf("%d offers and %d moves are on record, want the one offer", n, m)
	}
}

func TestAPatientHandedToThisVehicleIsShownOnEveryPageAndTakenOverByAHold(t *testing.T) {
	r := crew(t)
	ours := r.On()
	theirs, offer := r.receives()
	r.tap(r.say(lang.Drug))
	if r.On() != ours {
		t.Fatal("the offer changed the patient on screen")
	}
	r.tap("AMB-3 hands you tag 0555")
	if r.On() != theirs || !r.says("penicillin: rash") {
		t.Fatalf("the page says %q", r.texts())
	}
	r.hold(r.say(lang.HoldToTakeOver), 1100*time.Millisecond)
	r.settle()
	taken := r.desk.Recorded(chart.TypeHandoverAccepted)
	if len(taken) != 1 || taken[0].Content.(*chart.HandoverAccepted).Of != offer || taken[0].Encounter != theirs {
		t.Fatalf("on record: %+v", taken)
	}
	if _, link := r.page.(*link); !link || r.On() != theirs {
		t.Errorf("after taking over there is no way to put a monitor to the patient: %T", r.page)
	}
}

func TestAPatientWhomAHospitalHadTakenOverAndWhoGoesOnIsOfferedToo(t *testing.T) {
	r := crew(t)
	theirs, _ := r.receives()
	told := r.desk.Elsewhere(amb3, ui.Draft{Encounter: theirs, Content: &chart.HandoverOffered{Format: "ATMIST", To: "St Mary", Items: []chart.HandoverItem{{Key: "time", Text: "09:05"}}}})
	r.desk.Elsewhere(chart.Device{1: 9}, ui.Draft{Encounter: theirs, Content: &chart.HandoverAccepted{Of: told.Ref}})
	r.ask()
	if row, _ := r.row(theirs); row.Status != chart.HandedOver {
		t.Fatalf("the encounter is %q", row.Status)
	}
	if !r.says("AMB-3 hands you") {
		t.Errorf("nothing says that the patient is on the way: %q", r.texts())
	}
}

func TestAnOfferThatIsDeclinedLeavesTheScreen(t *testing.T) {
	r := crew(t)
	_, offer := r.receives()
	r.tap("AMB-3 hands you tag 0555")
	r.tap(r.say(lang.DeclineNoRoom))
	r.settle()
	no := r.desk.Recorded(chart.TypeHandoverDeclined)
	if len(no) != 1 || no[0].Content.(*chart.HandoverDeclined).Of != offer {
		t.Fatalf("on record: %+v", no)
	}
	r.ask()
	if r.says("AMB-3 hands you") {
		t.Error("it still waits")
	}
}

func TestAnOfferThatWasTakenBackCannotBeTakenOver(t *testing.T) {
	r := crew(t)
	theirs, offer := r.receives()
	r.tap("AMB-3 hands you tag 0555")
	r.desk.Elsewhere(amb3, ui.Draft{Encounter: theirs, Content: &chart.Retraction{Of: offer, Why: "walked"}})
	r.ask()
	if !r.says(r.say(lang.OfferOver)) {
		t.Errorf("the page says %q", r.texts())
	}
	r.hold(r.say(lang.HoldToTakeOver), 1100*time.Millisecond)
	if n := len(r.desk.Recorded(chart.TypeHandoverAccepted)); n != 0 {
		t.Error("it was taken over")
	}
}

func TestALockedScreenTellsNothingOfAPatientHandedToIt(t *testing.T) {
	r := crew(t)
	r.receives()
	r.tap(r.station.SignedIn)
	r.ask()
	if r.says("tag 0555") {
		t.Error("the locked screen names the other patient")
	}
}

func TestAPatientHandedToThisVehicleIsHeardOnceAndNeverOverAnAlarm(t *testing.T) {
	for _, c := range []struct {
		story string
		ill   bool
		want  int
	}{{"nothing else sounds", false, 1}, {"an alarm sounds", true, 0}} {
		r := crew(t)
		if c.ill {
			r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
			r.run(time.Second)
		}
		v := &heardVoice{}
		r.voice = v
		r.receives()
		low := 0
		for range 3 {
			r.ask()
			r.run(time.Second)
		}
		for _, p := range v.all {
			if p == alarm.Low {
				low++
			}
		}
		if low != c.want {
			t.Errorf("%s: the offer is heard %d times, want %d", c.story, low, c.want)
		}
	}
}
