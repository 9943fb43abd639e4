package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/sieve"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/widget"
)

func (r *rig) triages() (out []*chart.Triage) {
	for _, e := range r.desk.Recorded(chart.TypeTriage) {
		out = append(out, e.Content.(*chart.Triage))
	}
	return out
}

// START's own ways through the card (Newport Beach, revised 1996), with no monitor
// on the patient: at most five taps from the monitor screen.
func TestASTARTSortIsAtMostFiveTaps(t *testing.T) {
	for _, c := range []struct {
		name     string
		taps     []lang.Key
		category string
		urgency  chart.Urgency
	}{
		{"walks", []lang.Key{lang.Walks}, "minor", chart.Standard},
		{"no breath once the airway was opened", []lang.Key{lang.NotBreathing}, "deceased", chart.Dead},
		{"breathes once the airway was opened", []lang.Key{lang.BreathesOpened}, "immediate", chart.Immediate},
		{"over 30 breaths", []lang.Key{lang.BreathesFast}, "immediate", chart.Immediate},
		{"no radial pulse", []lang.Key{lang.BreathesSlower, lang.PulseNo}, "immediate", chart.Immediate},
		{"does not obey", []lang.Key{lang.BreathesSlower, lang.PulseYes, lang.ObeysNo}, "immediate", chart.Immediate},
		{"obeys", []lang.Key{lang.BreathesSlower, lang.PulseYes, lang.ObeysYes}, "delayed", chart.Urgent},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := crew(t)
			r.desk.Change(0, func(p *rehearsal.Patient) { p.Off = true })
			delete(r.beds, r.On())
			a := acts{rig: r}
			a.tap(r.say(lang.TriageWord))
			for _, k := range c.taps {
				a.tap(r.say(k))
			}
			before := r.desk.Now()
			a.tap(r.say(lang.RecordIt))
			a.want(5)
			got := r.triages()
			if len(got) != 1 || got[0].Category != c.category || got[0].Urgency != c.urgency || !strings.HasPrefix(got[0].Scheme, "START, 1996") {
				t.Fatalf("on record: %+v", got)
			}
			if e := r.desk.Recorded(chart.TypeTriage)[0]; e.Encounter != r.On() || !e.Happened.Equal(before) {
				t.Error("the category is another patient's or of another time")
			}
			r.ask()
			if want := r.speech.Category(sieve.Category(c.category)); !strings.Contains(strings.Join(r.texts(), "\n"), want) {
				t.Errorf("the band does not say %q", want)
			}
		})
	}
}

func TestNothingAnsweredIsNoCategory(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.RecordIt))
	r.tap(r.say(lang.BreathesSlower)) // START still asks for the pulse
	r.tap(r.say(lang.RecordIt))
	if got := r.triages(); len(got) != 0 {
		t.Errorf("on record with START's questions open: %+v", got)
	}
}

// The monitor counts 26 breaths: MPTT-24 (24 and over) says P1 and START (over 30)
// delayed. Both are named, the more urgent stands first and holds; a person may
// choose, and the record says that they did.
func TestADisagreementIsNamedAndTheMostUrgentHolds(t *testing.T) {
	r := crew(t)
	r.breathing(26)
	r.tap(r.say(lang.TriageWord))
	for _, k := range []lang.Key{lang.BreathesSlower, lang.PulseYes, lang.ObeysYes} {
		r.tap(r.say(k))
	}
	cells := r.page.(*card).sorts
	if got := cells[0].Said(); got.Urgency != chart.Immediate {
		t.Errorf("the first sort says %+v", got)
	}
	all := strings.Join(r.texts(), " ")
	for _, want := range []string{"DISAGREE", "START says DELAYED", "MPTT-24 says P1"} {
		if !strings.Contains(all, want) {
			t.Errorf("the card does not say %q", want)
		}
	}
	r.tap(r.say(lang.RecordIt))
	r.tap("START: DELAYED")
	r.tap(r.say(lang.RecordIt))
	got := r.triages()
	if len(got) != 2 || got[0].Category != "p1" || got[0].Override != "" {
		t.Fatalf("without a choice: %+v", got)
	}
	if got[1].Category != "delayed" || !strings.Contains(got[1].Override, "mptt24 says p1") {
		t.Errorf("after a choice: %+v", got[1])
	}
}

// breathing sets the monitor's counted breaths.
func (r *rig) breathing(rate int64) {
	r.desk.Change(0, func(p *rehearsal.Patient) {
		p.Readings = func(since time.Duration) []vital.Reading {
			return []vital.Reading{rehearsal.At(since, vital.RespRateCO2, rate), rehearsal.At(since, vital.HeartRate, 72), rehearsal.At(since, vital.SpO2, 97)}
		}
	})
	r.run(time.Second)
}

// JumpSTART is published for 1 to 8 years: at 14 breaths it says immediate (under
// 15), which must not sort a grown-up, and must sort a child.
func TestAChildIsSortedByJumpSTARTAndAGrownUpIsNot(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"}) // of no known age
	r.run(time.Second)
	r.ask()
	r.turnTo(chart.ID{15: 2})
	r.run(time.Second)
	r.tap(r.say(lang.TriageWord))
	for _, k := range []lang.Key{lang.BreathesSlower, lang.PulseYes, lang.ObeysYes, lang.RecordIt} {
		r.tap(r.say(k))
	}
	c := r.page.(*card)
	c.said.put("looks_like_child", finding.Value{Yes: true})
	r.settle()
	r.tap(r.say(lang.RecordIt))
	got := r.triages()
	if len(got) != 2 || got[0].Category != "delayed" || !strings.HasPrefix(got[0].Scheme, "START") {
		t.Fatalf("a grown-up: %+v", got)
	}
	if got[1].Category != "immediate" || !strings.HasPrefix(got[1].Scheme, "JumpSTART") {
		t.Errorf("a child: %+v", got[1])
	}
}

func TestACountTheMonitorDoesNotShareNeedsASecondTap(t *testing.T) {
	r := crew(t)
	r.breathing(36)
	r.tap(r.say(lang.TriageWord))
	for _, k := range []lang.Key{lang.BreathesSlower, lang.PulseYes, lang.ObeysYes, lang.RecordIt} {
		r.tap(r.say(k))
	}
	if got := r.triages(); len(got) != 0 {
		t.Fatalf("30 or less was recorded while the monitor counts 36: %+v", got)
	}
	if all := strings.Join(r.texts(), " "); !strings.Contains(all, "The monitor counts 36") {
		t.Errorf("the card says %q", all)
	}
	r.tap(r.say(lang.BreathesSlower))
	r.tap(r.say(lang.RecordIt))
	if got := r.triages(); len(got) != 1 || got[0].Category != "delayed" {
		t.Errorf("after the second tap: %+v", got)
	}
	if all := strings.Join(r.texts(), " "); !strings.Contains(all, "left out") {
		t.Error("nothing says that the monitor was left out")
	}
}

func TestAnswersOfTheSecondPageCountAndCanBeTakenBack(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.BreathesSlower))
	r.tap(r.say(lang.MoreFindings))
	q := r.page.(*asking).questions
	if q.rows[0].key != "severe_bleeding" {
		t.Fatalf("the first question is %s", q.rows[0].key)
	}
	q.rows[0].chips[0].button.OnTap()
	r.settle()
	r.tap(r.say(lang.BackToCard))
	said := map[string]string{}
	for _, v := range r.page.(*card).sorts {
		said[v.Said().Title] = v.Said().Word
	}
	if said["TST"] != "P1" || said["MITT"] != "P1" || said["START"] != "?" {
		t.Errorf("with severe bleeding the sorts say %v", said)
	}
	r.tap(r.say(lang.MoreFindings))
	q.rows[0].chips[0].button.OnTap()
	r.settle()
	r.tap(r.say(lang.BackToCard))
	for _, v := range r.page.(*card).sorts {
		if v.Said().Title == "TST" && v.Said().Word != "?" {
			t.Errorf("after it was taken back TST says %q", v.Said().Word)
		}
	}
}

func TestACategoryIsTakenBackWithinTenSeconds(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.Walks))
	r.tap(r.say(lang.RecordIt))
	r.run(9 * time.Second)
	r.tap(r.say(lang.TookBack))
	back := r.desk.Recorded(chart.TypeRetraction)
	if len(back) != 1 || back[0].Content.(*chart.Retraction).Of != r.desk.Recorded(chart.TypeTriage)[0].Ref {
		t.Fatalf("taken back: %v", back)
	}
	r.tap(r.say(lang.RecordIt))
	r.run(11 * time.Second)
	r.tap(r.say(lang.TookBack))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 1 {
		t.Errorf("after 11 s it was still taken back: %d retractions", n)
	}
}

// The field triage guideline (2021): 10 to 64 years, systolic pressure under 90 is
// red. The monitor's cuff said 124 before.
func TestAPressureTypedAfterTheCuffsIsSortedBy(t *testing.T) {
	r := crew(t)
	a := acts{rig: r}
	r.tap(r.say(lang.Vitals))
	a.tapIn(r.page.(*vitals).picks[0], "70") // felt; the cuff's lower value was 78
	r.tap(r.say(lang.RecordIt))
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.TriageWord))
	if words := strings.Join(r.texts(), " "); strings.Contains(words, "left out") {
		t.Errorf("two results of a cuff contradict each other: %q", words)
	}
	for _, v := range r.page.(*card).sorts {
		if said := v.Said(); said.Title == "US field triage" && said.Word != "RED" {
			t.Errorf("with 70 mmHg typed a second ago it says %+v", said)
		}
	}
}

func TestBreathsTypedEarlierDoNotStandAgainstWhatIsSeenNow(t *testing.T) {
	r := crew(t)
	n := vital.Int(16)
	if _, err := r.desk.Record(t.Context(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(-5 * time.Minute),
		Content: &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.RespRate, Value: &n}}}}); err != nil {
		t.Fatal(err)
	}
	r.desk.Change(0, func(p *rehearsal.Patient) { p.Off = true })
	delete(r.beds, r.On())
	r.ask()
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.BreathesFast))
	r.tap(r.say(lang.RecordIt))
	if got := r.triages(); len(got) != 1 || got[0].Category != "immediate" {
		t.Errorf("over 30 breaths now, 16 typed five minutes ago: %+v", got)
	}
}

func TestTheSameTapTwiceSortsOnce(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.Walks))
	r.tap(r.say(lang.RecordIt))
	r.tap(r.say(lang.RecordIt))
	if got := r.triages(); len(got) != 1 {
		t.Errorf("%d categories of one tap", len(got))
	}
	r.run(11 * time.Second)
	r.tap(r.say(lang.RecordIt)) // looked at again
	if got := r.triages(); len(got) != 2 {
		t.Errorf("%d categories after the casualty was looked at again", len(got))
	}
}

func TestTheNextCasualtyHasACardOfTheirOwn(t *testing.T) {
	r := crew(t)
	first := r.On()
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.Walks))
	r.tap(r.say(lang.RecordIt))
	r.tap(r.say(lang.NextCasualty))
	c, ok := r.page.(*card)
	if !ok || r.On() == first || c.of != r.On() {
		t.Fatal("the card on screen is not the new casualty's")
	}
	if len(c.said.said) != 0 {
		t.Error("the new casualty has the other's answers")
	}
	var v widget.Said
	for _, cell := range c.sorts {
		if v = cell.Said(); v.Urgency != chart.UrgencyUnknown {
			t.Errorf("nobody looked yet, and a sort says %+v", v)
		}
	}
}

func TestACardOpenedForOnePatientSortsNoOther(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"})
	r.ask()
	r.tap(r.say(lang.TriageWord))
	r.tap(r.say(lang.Walks))
	r.on = chart.ID{15: 2} // as if the patient changed under the finger
	r.tap(r.say(lang.RecordIt))
	if got := r.triages(); len(got) != 0 {
		t.Fatalf("recorded for another patient: %+v", got)
	}
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NOT RECORDED") {
		t.Errorf("the bar says %v", got)
	}
}
