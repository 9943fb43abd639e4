package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
)

// market is the station that the rehearsal knows as a peer.
var market = chart.Device{1: 1}

func (r *rig) elsewhere(of chart.ID, c chart.Content) {
	r.t.Helper()
	if err := c.Validate(); err != nil {
		r.t.Fatal(err)
	}
	r.desk.Elsewhere(market, ui.Draft{Encounter: of, Patient: chart.ID{0: 9, 15: of[15]}, Content: c})
	r.ask()
}

// What a hospital writes to a crew must reach its eyes: the hospital believes that it
// did.
func TestWhatTheHospitalAnswersStandsInTheBarUntilItIsSeen(t *testing.T) {
	for _, c := range []struct {
		content chart.Content
		want    string
		urgent  alarm.Priority
	}{
		{&chart.Message{Text: "Give 300 mg of aspirin.\nCall us at 555"}, "Market clinic 09:31:  Give 300 mg of aspirin. Call us at 555", alarm.Low},
		{&chart.ArrivalDiverted{To: "St Mary", Why: "no scanner"}, "DIVERTS YOU to St Mary: no scanner", alarm.Medium},
		{&chart.ArrivalDiverted{Why: "closed"}, "DIVERTS YOU: closed", alarm.Medium},
		{&chart.BayAssigned{Bay: "Resus 2"}, "place Resus 2", alarm.Low},
		{&chart.Activation{Team: "stroke"}, "team called: stroke", alarm.Low},
		{&chart.Activation{Team: "stroke", Off: true}, "team called off: stroke", alarm.Low},
		{&chart.ArrivalAccepted{}, "expects the patient", alarm.Low},
	} {
		r := crew(t)
		r.elsewhere(r.On(), c.content)
		got := r.frame.bar.Notice()
		if !strings.Contains(got.Text, c.want) || got.Priority != c.urgent || got.Word != r.say(lang.CallWord) {
			t.Errorf("%T: the bar says %+v, want %q", c.content, got, c.want)
		}
		r.tap(r.say(lang.Acknowledge))
		r.ask()
		if got := r.frame.bar.Notice(); got.Priority != 0 {
			t.Errorf("%T: seen, the bar still says %+v", c.content, got)
		}
		r.tap(r.say(lang.Trends))
		r.tap(r.say(lang.Record))
		r.run(time.Second)
		if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, c.want[strings.LastIndex(c.want, "  ")+1:]) {
			t.Errorf("%T: the record says\n%s", c.content, all)
		}
	}
}

func TestAnAlarmGoesBeforeWhatTheHospitalSays(t *testing.T) {
	r := crew(t)
	r.elsewhere(r.On(), &chart.ArrivalDiverted{Why: "closed"})
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	r.run(time.Second)
	if got := r.frame.bar.Notice(); got.Priority != alarm.High || !strings.Contains(got.Text, "SpO₂") || !strings.Contains(got.More, "2") {
		t.Errorf("the bar says %+v", got)
	}
}

func TestACallAboutAnotherPatientBearsTheirNameAndIsSeenOnTheirPage(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"})
	r.elsewhere(chart.ID{15: 2}, &chart.BayAssigned{Bay: "4"})
	if got := r.frame.bar.Notice(); !strings.HasPrefix(got.Text, "tag 0418") {
		t.Errorf("the bar says %+v", got)
	}
	r.acknowledge()
	r.settle()
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "place 4") {
		t.Errorf("acknowledged on another patient's page, the bar says %+v", got)
	}
	r.turnTo(chart.ID{15: 2})
	r.settle()
	r.tap(r.say(lang.Acknowledge))
	if got := r.frame.bar.Notice(); strings.Contains(got.Text, "place 4") {
		t.Errorf("acknowledged on the patient's page, the bar says %+v", got)
	}
}

func TestOwnWordsOldOnesAndALockedScreenCallNobody(t *testing.T) {
	r := crew(t)
	if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Content: &chart.Message{Text: "on our way"}}); err != nil {
		t.Fatal(err)
	}
	r.ask()
	if got := r.frame.bar.Notice(); got.Priority != 0 {
		t.Errorf("of its own message the bar says %+v", got)
	}
	r.desk.Elsewhere(market, ui.Draft{Encounter: r.On(), Happened: r.desk.Now().Add(-13 * time.Hour), Content: &chart.Message{Text: "of the last shift"}})
	r.ask()
	if got := r.frame.bar.Notice(); got.Priority != 0 {
		t.Errorf("of a message of 13 h ago the bar says %+v", got)
	}
	r.elsewhere(r.On(), &chart.Message{Text: "his name is Ole"})
	r.lock()
	r.settle()
	r.ask()
	if got := r.frame.bar.Notice(); strings.Contains(got.Text, "Ole") {
		t.Errorf("locked, the bar says %+v", got)
	}
}

// Text that is too long for the bar would be set ever smaller and then cut.
func TestALongMessageSaysInTheBarThatItGoesOnInTheRecord(t *testing.T) {
	r := crew(t)
	r.elsewhere(r.On(), &chart.Message{Text: strings.Repeat("adrenaline every three minutes ", 12)})
	got := r.frame.bar.Notice().Text
	if !strings.Contains(got, "adrenaline every") || !strings.HasSuffix(got, r.say(lang.CallCut)) {
		t.Errorf("the bar says %q", got)
	}
	if wide := fyne.MeasureText(got, theme.Text(theme.Small), fyne.TextStyle{Bold: true}).Width; wide > r.frame.bar.Size().Width*0.75 {
		t.Errorf("%q is %v wide in small print, and the bar %v", got, wide, r.frame.bar.Size().Width)
	}
}

// "and 1 more" is not read yet: a tap means what stands in the bar.
func TestATapSeesTheCallInTheBarAndNoneBehindIt(t *testing.T) {
	r := crew(t)
	r.elsewhere(r.On(), &chart.Message{Text: "first"})
	r.elsewhere(r.On(), &chart.ArrivalDiverted{Why: "closed"})
	r.tap(r.say(lang.Acknowledge))
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "first") {
		t.Errorf("after the diversion was seen the bar says %+v", got)
	}
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Content: &chart.AlarmRaised{Condition: "SpO₂ low", Priority: chart.HighPriority, Sign: vital.SpO2}}); err != nil {
		t.Fatal(err)
	}
	r.run(time.Second)
	r.tap(r.say(lang.Acknowledge)) // the alarm that stands before it
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Well(chart.ID{15: 1}) })
	r.run(time.Second)
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "first") || len(r.desk.Recorded(chart.TypeAlarmAcknowledged)) != 1 {
		t.Errorf("after the alarm was acknowledged the bar says %+v", got)
	}
	r.tap(r.say(lang.Acknowledge))
	if got := r.frame.bar.Notice(); got.Priority != 0 || len(r.desk.Recorded(chart.TypeAlarmAcknowledged)) != 1 {
		t.Errorf("all seen, the bar says %+v", got)
	}
}

// A team's tablets hold each other's patients: what a hospital writes to one crew must
// not sound in every vehicle, nor go on in this one once the patient was taken over.
func TestACallIsForWhoeverHasThePatient(t *testing.T) {
	r := crew(t)
	theirs := chart.ID{15: 6}
	r.elsewhere(theirs, &chart.EncounterOpened{Setting: "ambulance", CallSign: "AMB-3"})
	r.elsewhere(theirs, &chart.Message{Text: "for AMB-3"})
	if got := r.frame.bar.Notice(); got.Priority != 0 {
		t.Errorf("of another crew's patient the bar says %+v", got)
	}
	r.turnTo(theirs) // who looks at them is told
	r.settle()
	r.ask()
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "for AMB-3") {
		t.Errorf("with the other crew's patient on screen the bar says %+v", got)
	}
	r.turnTo(chart.ID{15: 1})
	offer := r.put(0, &chart.HandoverOffered{Format: "IMIST-AMBO", To: "AMB-3", Station: market, Onward: true, Items: []chart.HandoverItem{{Key: "identification", Text: "x"}}})
	r.elsewhere(r.On(), &chart.HandoverAccepted{Of: offer.Ref})
	r.elsewhere(r.On(), &chart.Message{Text: "to the new crew"})
	r.turnTo(theirs)
	r.heed()
	r.ask()
	r.settle()
	if got := r.frame.bar.Notice(); strings.Contains(got.Text, "to the new crew") {
		t.Errorf("of a patient handed on the bar says %+v", got)
	}
}
