package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

// answer taps the answer of that text beside its question.
func (a *acts) answer(k finding.Key, text string) {
	a.t.Helper()
	q := a.page.(*scoring).questions
	for range q.pages() {
		for _, row := range q.rows {
			if row.key != k {
				continue
			}
			for _, c := range row.chips {
				if c.button.Text() == text {
					c.button.Tapped(nil)
					a.n++
					a.settle()
					return
				}
			}
			a.t.Fatalf("%s has no answer %q", k, text)
		}
		a.tap(a.say(lang.NextPage))
	}
	a.t.Fatalf("%s is not asked; asked are %v", k, q.keys)
}

func (r *rig) score(name string) *acts {
	r.t.Helper()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.Scores))
	r.tap(name)
	return &acts{rig: r}
}

// Points of the Royal College of Physicians' chart (2017). From the monitor: 14
// breaths 0, 97 % 0, 124 mmHg 0, 72 beats 0. Answered: oxygen 2, responds to voice
// 3, 37 °C 0.
func TestNEWS2IsFilledFromTheMonitorAndAsksTheRestOneTapEach(t *testing.T) {
	r := crew(t)
	a := r.score("NEWS2")
	c := r.page.(*scoring)
	for _, k := range []finding.Key{finding.RR, finding.SpO2, finding.SBP, finding.HR} {
		for _, asked := range c.questions.keys {
			if asked == k {
				t.Errorf("%s is asked though the monitor measures it", k)
			}
		}
	}
	if got := c.words.texts[0]; got != "NEWS2  at least 0 (to 8)" {
		t.Errorf("nothing answered: %q", got)
	}
	a.answer(finding.OnOxygen, "Yes")
	if got := c.words.texts[0]; got != "NEWS2  at least 2 (to 8)" {
		t.Errorf("on oxygen: %q", got)
	}
	a.answer(finding.Consciousness, "V")
	if got := c.words.texts[0]; got != "NEWS2  at least 5 (to 8)" {
		t.Errorf("responds to voice: %q", got)
	}
	a.tap(r.say(lang.RecordIt)) // as far as it is known: a person in a hurry
	a.answer(finding.TempC, r.say(lang.EnterNumber))
	for _, key := range []string{"3", "7"} {
		r.tap(key)
	}
	r.tap(r.say(lang.TakeNumber))
	if got := c.words.texts[0]; got != "NEWS2  5, medium" {
		t.Errorf("all answered: %q", got)
	}
	a.tap(r.say(lang.RecordIt))

	entries := r.desk.Recorded(chart.TypeAssessment)
	if len(entries) != 2 {
		t.Fatalf("%d assessments are on record", len(entries))
	}
	half, whole := entries[0].Content.(*chart.Assessment).Findings, entries[1].Content.(*chart.Assessment).Findings
	if half[0].Value != nil || half[0].Text != "incomplete, at least 5" {
		t.Errorf("the incomplete score is on record as %+v", half[0])
	}
	if whole[0].Value == nil || whole[0].Value.String() != "5" || whole[0].Name != "NEWS2" || len(whole) != 2 || whole[1].Code != "fieldkit:on_oxygen" {
		t.Errorf("the score is on record as %+v", whole)
	}
	signs := map[vital.Sign]string{}
	for _, v := range r.charted()[1].Values {
		signs[v.Sign] = v.Value.String()
	}
	if len(signs) != 2 || signs[vital.Temperature] != "37" || signs[vital.ACVPU] != "2" {
		t.Errorf("charted with it: %v; what the monitor measured must not be charted as typed", signs)
	}
	r.tap(r.say(lang.TookBack))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 2 {
		t.Errorf("undo struck out %d entries, want the score and its vitals", n)
	}
}

func TestAnAnswerIsNotAskedASecondTimeForTheNextScore(t *testing.T) {
	r := crew(t)
	a := r.score("GCS")
	for k, n := range map[finding.Key]string{finding.GCSEye: "3", finding.GCSVerbal: "4", finding.GCSMotor: "5"} {
		a.answer(k, n)
	}
	if got := r.page.(*scoring).words.texts[0]; got != "GCS  12, moderate" { // E3V4M5; 9 to 12 is moderate
		t.Errorf("the coma scale says %q", got)
	}
	a.tap(r.say(lang.RecordIt))
	r.run(20 * time.Second)
	r.tap(r.say(lang.BackToMonitor))
	r.score("qSOFA")
	r.run(100 * time.Millisecond)
	c := r.page.(*scoring)
	if len(c.questions.keys) != 0 && c.questions.keys[0] != finding.Consciousness {
		t.Errorf("qSOFA still asks %v", c.questions.keys)
	}
	if got := c.words.texts[0]; got != "qSOFA  1, not high" { // altered mind 1; 14 breaths 0, 124 mmHg 0
		t.Errorf("qSOFA says %q", got)
	}
}

func TestANumberAScoreAsksForIsRefusedInWordsWhenItCannotBe(t *testing.T) {
	r := crew(t)
	a := r.score("NEWS2")
	list := r.page.(*scoring).list
	a.answer(finding.TempC, r.say(lang.EnterNumber))
	for _, c := range []struct{ keys, says string }{{"370", "between 10 and 50"}, {"9", "between 10 and 50"}, {"3.7.1", "not a number"}, {"36.65", "more than 1 decimals"}, {"", "Type the number"}} {
		page := r.page.(*number)
		page.pad.Set(c.keys)
		r.settle()
		r.tap(r.say(lang.TakeNumber))
		if _, said := list.said.said[finding.TempC]; said || !strings.Contains(strings.Join(page.words.texts, " "), c.says) {
			t.Errorf("%q: the page says %q", c.keys, page.words.texts)
		}
	}
}

// What a score charts as a sign must be shown by the trends as it was typed.
func TestNoNumberOfAScoreIsShownRounded(t *testing.T) {
	for k, sign := range signOf {
		info, _ := k.Info()
		unit := sign.Unit()
		if k == finding.Glucose {
			unit = vital.MmolPerL
		}
		if placesOf(info) > sign.PlacesIn(unit) {
			t.Errorf("%s takes %d decimals, and %v shows %d", k, placesOf(info), sign, sign.PlacesIn(unit))
		}
	}
}

func TestAnAnswerMayBeTakenBack(t *testing.T) {
	r := crew(t)
	a := r.score("CPSS")
	a.answer(finding.FaceDroop, "Yes")
	if got := r.page.(*scoring).words.texts[0]; got != "CPSS  at least 1, positive" {
		t.Errorf("one sign of three: %q", got)
	}
	a.answer(finding.FaceDroop, "Yes")
	if got := r.page.(*scoring).words.texts[0]; got != "CPSS  at least 0 (to 3)" {
		t.Errorf("taken back: %q", got)
	}
}

// A value of the record goes only where the monitor has none or an older one.
func TestTheNewestOfMonitorAndRecordIsScored(t *testing.T) {
	r := crew(t)
	low := vital.Int(84)
	put := func(ago time.Duration, s vital.Sign) {
		t.Helper()
		if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(-ago),
			Content: &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: s, Value: &low}}}}); err != nil {
			t.Fatal(err)
		}
	}
	put(5*time.Minute, vital.SpO2) // the monitor measures 97 now
	put(time.Second, vital.NIBPSys)
	r.score("SHOCK INDEX")
	r.run(100 * time.Millisecond)
	c := r.page.(*scoring)
	if v, _ := c.set.Get(finding.SpO2); v.Number.String() != "97" {
		t.Errorf("the saturation scored is %v", v.Number)
	}
	if v, _ := c.set.Get(finding.SBP); v.Number.String() != "84" {
		t.Errorf("the pressure scored is %v, and 84 was typed after the cuff's", v.Number)
	}
	if got := c.words.texts[0]; got != "SHOCK INDEX  0.86, not raised" { // 72/84
		t.Errorf("the shock index says %q", got)
	}
}

func TestAChildGetsNoScoreOfGrownUps(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418", Age: "7 a"})
	r.run(time.Second)
	r.ask()
	r.turnTo(chart.ID{15: 2})
	r.run(time.Second)
	r.score("NEWS2")
	r.tap(r.say(lang.RecordIt))
	if all := strings.Join(r.texts(), " "); !strings.Contains(all, "not for this patient") {
		t.Errorf("the page says %q", all)
	}
	if n := len(r.desk.Recorded(chart.TypeAssessment)); n != 0 {
		t.Errorf("%d scores are on record", n)
	}
}

func TestAScoreOfOnePatientIsNotRecordedForAnother(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"})
	r.ask()
	a := r.score("CPSS")
	a.answer(finding.FaceDroop, "Yes")
	r.on = chart.ID{15: 2} // as if the patient changed under the finger
	a.tap(r.say(lang.RecordIt))
	if n := len(r.desk.Recorded(chart.TypeAssessment, chart.TypeVitals)); n != 0 {
		t.Errorf("%d entries went to another patient", n)
	}
}
