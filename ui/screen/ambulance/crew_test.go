package ambulance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
	"fieldkit/ui/widget"
)

func crew(t *testing.T) *rig {
	r := newRig(t, theme.Night, 1280, 800)
	r.run(2 * time.Second)
	return r
}

func (r *rig) tile(slot int) widget.Number { return r.page.(*monitor).tiles[slot].Number() }

// The places of the tiles on the monitor.
const (
	heart = iota
	oxygen
	pressure
	breath
	carbon
	warmth
)

func TestAdrenalineIsRecordedInThreeActs(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	before := r.desk.Now()
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	given := r.desk.Recorded(chart.TypeDrugGiven)
	if len(given) != 1 {
		t.Fatalf("%d doses are on record, want 1", len(given))
	}
	g := given[0].Content.(*chart.DrugGiven)
	if g.Drug.Name != "adrenaline" || g.Dose.Amount.String() != "1" || g.Dose.Unit != "mg" || g.Dose.Route != "IV" {
		t.Errorf("recorded %v %v", g.Drug, g.Dose)
	}
	if given[0].Encounter != r.On() || given[0].Patient != (chart.ID{0: 9, 15: 1}) {
		t.Error("the dose is not the patient's on screen")
	}
	if late := given[0].Happened.Sub(before); late < 0 || late > 2*time.Second {
		t.Errorf("the dose happened %v after the finger went down", late)
	}
}

func TestAFingerThatLiftsEarlyGivesNothing(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Drug))
	r.tap("MORphine")
	r.hold(r.say(lang.HoldToRecord), 900*time.Millisecond)
	r.run(3 * time.Second)
	if n := len(r.desk.Recorded(chart.TypeDrugGiven)); n != 0 {
		t.Errorf("%d doses are on record after a hold of 0.9 s", n)
	}
}

func TestTheLastDoseIsToldByItsTrueTime(t *testing.T) {
	r := crew(t)
	dose := vital.Int(1)
	r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(-190 * time.Second),
		Content: &chart.DrugGiven{Drug: chart.Drug{Name: "Adrenaline"}, Dose: chart.Dose{Amount: &dose, Unit: "mg", Route: "IV"}}})
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	if got := r.page.(*give).words.texts[1].Text; !strings.Contains(got, "3 min ago") || !strings.Contains(got, "1 mg") {
		t.Errorf("the screen says %q of a dose 3 min 10 s ago", got)
	}
}

func TestAnAllergyToTheDrugIsSaidAndNamedInTheEntry(t *testing.T) {
	r := crew(t)
	added, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1},
		Content: &chart.AllergyAdded{Item: chart.Named{Name: "Morphine"}}})
	if err != nil {
		t.Fatal(err)
	}
	r.tap(r.say(lang.Drug))
	r.tap("MORphine")
	if got := r.page.(*give).words.texts[2].Text; !strings.HasPrefix(got, "ALLERGY TO THIS DRUG") {
		t.Errorf("the screen says %q", got)
	}
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	g := r.desk.Recorded(chart.TypeDrugGiven)[0].Content.(*chart.DrugGiven)
	if len(g.Despite) != 1 || g.Despite[0] != added.Ref {
		t.Errorf("the dose was given despite %v, want the allergy", g.Despite)
	}
}

func TestAnUnknownAllergyIsNotNone(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	if got := r.page.(*give).words.texts[2].Text; !strings.Contains(got, "ask") {
		t.Errorf("with nothing on record the screen says %q", got)
	}
}

func TestAnEventIsStampedByOneTapAndTakenBackWithinTenSeconds(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	at := r.desk.Now()
	r.tap(r.say(lang.EventShock))
	r.run(9 * time.Second)
	r.tap(r.say(lang.Undo))
	entries := r.desk.Recorded(chart.TypeEvent, chart.TypeRetraction)
	if len(entries) != 2 || !entries[0].Happened.Equal(at) || entries[0].Content.(*chart.Event).Name != "shock delivered" {
		t.Fatalf("on record: %v", entries)
	}
	if entries[1].Content.(*chart.Retraction).Of != entries[0].Ref {
		t.Error("another entry was taken back")
	}
	r.tap(r.say(lang.EventROSC))
	r.run(11 * time.Second)
	r.tap(r.say(lang.Undo))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 1 {
		t.Errorf("after 11 s an event was still taken back: %d retractions", n)
	}
}

func TestAnUnknownPatientIsOneTap(t *testing.T) {
	r := crew(t)
	first := r.On()
	r.tap(r.say(lang.NewPatient))
	r.ask()
	if r.On() == first || len(r.desk.Recorded(chart.TypePatientRegistered)) != 2 {
		t.Fatal("no new patient is on screen")
	}
	if got := r.frame.band.Who(); !strings.HasPrefix(got, "Unknown 09:31") {
		t.Errorf("the band says %q", got)
	}
	if got := r.tile(oxygen); got.Digits != widget.Dashes {
		t.Errorf("the new patient shows the other's saturation: %q", got.Digits)
	}
}

func TestAPageOpenedForOnePatientRecordsNothingForAnother(t *testing.T) {
	r := crew(t)
	second := rehearsal.Well(chart.ID{15: 2})
	r.desk.Add(second, chart.Demographics{Label: "tag 0418"})
	r.ask()
	r.tap(r.say(lang.Drug))
	r.tap("ADRENaline")
	lift := uitest.Press(t, r.Object(), r.say(lang.HoldToRecord))
	r.Frame(r.desk.Now())
	r.on = second.Encounter // as if the patient changed under the finger
	r.run(1200 * time.Millisecond)
	lift()
	r.settle()
	if n := len(r.desk.Recorded(chart.TypeDrugGiven)); n != 0 {
		t.Fatalf("%d doses went to another patient", n)
	}
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NOT RECORDED") || got.Priority != 3 {
		t.Errorf("the bar says %v", got)
	}
}

func TestNoMomentOfAnotherPatientReachesTheScreen(t *testing.T) {
	r := newRig(t, theme.Night, 1280, 800)
	r.desk.Change(0, func(p *rehearsal.Patient) { p.Leads = []vital.Lead{vital.Pleth} })
	p := rehearsal.Desaturating(chart.ID{15: 2})
	p.Leads = []vital.Lead{vital.ABP}
	r.desk.Add(p, chart.Demographics{Label: "tag 0418"})
	r.run(2 * time.Second)
	for _, tr := range r.watch.traces {
		if tr.Lead == vital.ABP {
			t.Error("the other patient's arterial pressure is drawn")
		}
	}
	if got := r.tile(oxygen); got.Digits != "97" || got.Alarm != 0 {
		t.Errorf("the screen shows %q, alarm %d", got.Digits, got.Alarm)
	}
	r.ask()
	r.tap("tag 0417")
	r.tap("tag 0418")
	r.run(time.Second)
	if got := r.tile(oxygen); got.Digits != "86" || r.On() != p.Encounter {
		t.Errorf("after the tap the screen shows %q", got.Digits)
	}
}

func TestAProbeThatFallsOffHasAReasonAndNoZero(t *testing.T) {
	r := crew(t)
	r.desk.Change(0, func(p *rehearsal.Patient) {
		p.Readings = func(since time.Duration) []vital.Reading {
			return []vital.Reading{rehearsal.Without(since, vital.SpO2, vital.ProbeOff)}
		}
		p.Gap = func(l vital.Lead, _ time.Duration) bool { return l == vital.Pleth }
	})
	r.run(3 * time.Second)
	if got := r.tile(oxygen); got.Digits != widget.Dashes || got.Foot != "probe off" {
		t.Errorf("the tile shows %q, %q", got.Digits, got.Foot)
	}
	for _, tr := range r.page.(*monitor).traces {
		if want := tr.Lead == vital.Pleth; tr.Quiet() != want {
			t.Errorf("%v says it has no signal: %v", tr.Lead, tr.Quiet())
		}
	}
}

func TestARecorderThatDiesIsSaidAndItsNumbersGo(t *testing.T) {
	r := crew(t)
	r.desk.Away(errors.New("no station is running"))
	r.ask()
	r.run(4 * time.Second)
	if got := r.tile(oxygen); got.Standing != vital.Grey || !strings.Contains(got.Foot, "ago") {
		t.Errorf("after 4 s of silence the tile shows %v", got)
	}
	if got := r.frame.bar.Notice(); got.Priority != 3 || !got.Technical || !strings.Contains(got.Text, "Recorder silent") {
		t.Errorf("the bar says %v", got)
	}
	r.run(7 * time.Second)
	if got := r.tile(oxygen); got.Digits != widget.Dashes {
		t.Errorf("after 11 s the tile still shows %q", got.Digits)
	}
	if got := r.tile(pressure); got.Digits != "124/78" {
		t.Errorf("a cuff result of 13 s shows %q; it stays with its age", got.Digits)
	}
	r.desk.Away(nil)
	r.ask()
	r.run(2 * time.Second)
	for _, tr := range r.watch.traces {
		if tr.Quiet() {
			t.Errorf("%v is not drawn after the recorder came back", tr.Lead)
		}
	}
	if got := r.tile(oxygen); got.Digits != "97" || r.frame.bar.Notice().Priority != 0 {
		t.Errorf("after the recorder came back: %q, %v", got.Digits, r.frame.bar.Notice())
	}
}

func TestAFullDiskIsSaidAndTheMonitorLivesOn(t *testing.T) {
	r := crew(t)
	r.desk.Fail(&ui.Trouble{What: "the disk is full", Do: "Free space, or hand over"})
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.EventIV))
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NOT RECORDED") || !strings.Contains(got.Text, "disk is full") {
		t.Errorf("the bar says %v", got)
	}
	if got := r.page.(*events).taken; len(got) != 0 {
		t.Error("the strip calls it recorded")
	}
	r.tap(r.say(lang.BackToMonitor))
	r.run(time.Second)
	if got := r.tile(heart); got.Digits != "72" {
		t.Errorf("the heart rate shows %q", got.Digits)
	}
	r.tap(r.say(lang.Acknowledge))
	if got := r.frame.bar.Notice(); got.Priority != 0 {
		t.Errorf("after it was seen the bar says %v", got)
	}
}

func TestAnAcknowledgementIsWrittenAndChangesNothingByItself(t *testing.T) {
	r := crew(t)
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	raised, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Content: &chart.AlarmRaised{Condition: "SpO₂ low", Priority: chart.HighPriority, Sign: vital.SpO2}})
	if err != nil {
		t.Fatal(err)
	}
	r.run(time.Second)
	r.tap(r.say(lang.Acknowledge))
	acts := r.desk.Recorded(chart.TypeAlarmAcknowledged)
	if len(acts) != 1 || len(acts[0].Content.(*chart.AlarmAcknowledged).Of) != 1 || acts[0].Content.(*chart.AlarmAcknowledged).Of[0] != raised.Ref {
		t.Fatalf("on record: %v", acts)
	}
	if got := r.frame.bar.Notice(); got.Seen {
		t.Error("the alarm is called seen before the station says so")
	}
}

func TestTrainingHasItsFrameOnEveryPage(t *testing.T) {
	r := crew(t)
	for _, page := range []lang.Key{lang.Event, lang.Drug, lang.Trends, lang.LinkAndDevices} {
		r.tap(r.say(page))
		if !r.frame.purple[0].Visible() || !strings.Contains(r.frame.foot.Text, "TRAINING") {
			t.Errorf("%s has no purple frame", page)
		}
		r.tap(r.say(lang.BackToMonitor))
	}
	r.desk.Set(func(s *ui.Station) { s.Training = false })
	r.desk.Change(0, func(p *rehearsal.Patient) { p.Off = true })
	r.beds = map[chart.ID]*ui.Bed{}
	r.ask()
	if r.frame.purple[0].Visible() {
		t.Error("a patient's record stands in the frame of training")
	}
}

func TestALockedStationSaysThatNothingIsRecorded(t *testing.T) {
	r := crew(t)
	r.desk.Set(func(s *ui.Station) { s.Locked = true })
	r.ask()
	if got := r.frame.bar.Notice(); got.Priority != 3 || !strings.Contains(got.Text, "nothing is being recorded") {
		t.Errorf("the bar says %v", got)
	}
	r.run(time.Second)
	if got := r.tile(heart); got.Digits != "72" {
		t.Errorf("the numbers of the patient on screen went away: %q", got.Digits)
	}
}

func TestTheLanguageChangesWithoutARestart(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.LinkAndDevices))
	r.tap("Français")
	uitest.Find(t, r.Object(), "Médic.")
	r.tap(r.say(lang.LinkAndDevices))
	found := false
	for _, l := range r.page.(*link).words.texts {
		found = found || strings.Contains(l.Text, "n'a pas été relue")
	}
	if !found {
		t.Error("nothing says that the translation was not reviewed")
	}
}

func TestAMonitorIsBoundByAHold(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.NewPatient))
	r.tap(r.say(lang.LinkAndDevices))
	r.hold("HOLD: Example M1", 1100*time.Millisecond)
	bound := r.desk.Recorded(chart.TypeMonitorBound)
	if len(bound) != 1 || bound[0].Encounter != r.On() || bound[0].Content.(*chart.MonitorBound).Monitor != "sim-1" {
		t.Errorf("on record: %v", bound)
	}
}

func TestARecordThatCannotBeReadIsNotASilentRecorder(t *testing.T) {
	r := crew(t)
	r.hear(r.station, nil, nil, &ui.Trouble{What: "the passphrase is wrong", Do: "Sign in again"})
	r.run(5 * time.Second)
	if got := r.frame.bar.Notice(); got.Priority != 2 || !strings.Contains(got.Text, "passphrase is wrong") {
		t.Errorf("the bar says %v", got)
	}
	if got := r.tile(oxygen); got.Digits != "97" || !strings.HasPrefix(r.frame.band.Who(), "tag 0417") {
		t.Errorf("the screen lost %q, %q", got.Digits, r.frame.band.Who())
	}
}

// Which entry of a condition a tap acknowledges, of what the record and the live
// frames say. Entries are r (raised), a (acknowledged) and c (cleared), each with the
// number of the alarm.
func TestWhatSoundsCanBeAcknowledgedWhateverBecameOfItsEntry(t *testing.T) {
	low := func(seen ...bool) (out []ui.Alarm) {
		for i, s := range seen {
			out = append(out, ui.Alarm{ID: uint32(i + 1), Priority: 3, Text: "SpO₂ low", Acknowledged: s})
		}
		return out
	}
	cases := []struct {
		name   string
		record string
		live   []ui.Alarm
		want   []int
	}{
		{"it sounds for the first time", "r1", low(false), []int{1}},
		{"it was acknowledged and sounds again", "r1 a1", low(false), []int{1}},
		{"it is latched", "r1 c1", low(false), []int{1}},
		{"it is latched, and an acknowledgement came too late to be heeded", "r1 c1 a1", low(false), []int{1}},
		{"it is latched again", "r1 c1 a1 r2 c2", low(false), []int{2}},
		{"it sounds again, an earlier one went unnoticed", "r1 c1 r2 a2", low(false), []int{2}},
		{"two monitors' sound again", "r1 r2 a1 a2", low(false, false), []int{2, 1}},
		{"one monitor's sounds again, the other's came and went since", "r1 a1 r2 c2 a2", low(false), []int{1}},
		{"one monitor's is latched, the other's stands for the second time", "r1 c1 r2 c2 a2 r3 a3", low(false, true), []int{3, 1}},
		{"one that does not stand is left alone", "h1 r2", low(false), []int{2}},
	}
	for _, c := range cases {
		r := crew(t)
		r.desk.Change(0, func(p *rehearsal.Patient) { p.Alarms = func(time.Duration) []ui.Alarm { return c.live } })
		raised := map[byte]chart.Ref{}
		for act := range strings.FieldsSeq(c.record) {
			of := []chart.Ref{raised[act[1]]}
			content := map[byte]chart.Content{
				'r': &chart.AlarmRaised{Condition: "SpO₂ low", Priority: chart.HighPriority, Sign: vital.SpO2},
				'h': &chart.AlarmRaised{Condition: "HR high", Priority: chart.HighPriority, Sign: vital.HeartRate},
				'a': &chart.AlarmAcknowledged{Of: of}, 'c': &chart.AlarmCleared{Of: of, Why: "back in range"},
			}[act[0]]
			r.run(time.Second)
			done, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Content: content})
			if err != nil {
				t.Fatal(err)
			}
			if of[0] == (chart.Ref{}) {
				raised[act[1]] = done.Ref
			}
		}
		r.run(time.Second)
		before := len(r.desk.Recorded(chart.TypeAlarmAcknowledged))
		r.tap(r.say(lang.Acknowledge))
		acts := r.desk.Recorded(chart.TypeAlarmAcknowledged)[before:]
		var want []chart.Ref
		for _, n := range c.want {
			want = append(want, raised['0'+byte(n)])
		}
		if len(acts) != 1 || !slices.Equal(acts[0].Content.(*chart.AlarmAcknowledged).Of, want) {
			t.Errorf("%s: acknowledged %v, want %v; the bar says %q", c.name, acts, want, r.frame.bar.Notice().Text)
		}
	}
}

func TestOfSeveralTeamsThePatientsIsSaid(t *testing.T) {
	r := crew(t)
	row, _ := r.row(r.On())
	if strings.Contains(r.about(row), "Valley EMS") {
		t.Error("a station of one team names it with every patient")
	}
	row.Team = "Valley EMS"
	if !strings.Contains(r.about(row), "Valley EMS") {
		t.Errorf("it is not said whose patient it is: %q", r.about(row))
	}
}
