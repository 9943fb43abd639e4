package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

func (r *rig) decide(keys ...lang.Key) {
	r.t.Helper()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.DecisionsWord))
	for _, k := range keys {
		r.tap(r.say(k))
	}
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
}

func TestARefusalSaysWhatAndWithWhatCapacity(t *testing.T) {
	r := crew(t)
	r.decide(lang.RefusesTransport)
	if n := len(r.desk.Recorded(chart.TypeRefusal)); n != 0 {
		t.Fatal("a refusal is on record and nobody said whether the patient has capacity")
	}
	r.tap(r.say(lang.CapacityYes))
	r.tap(r.say(lang.RisksExplained))
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	got := r.desk.Recorded(chart.TypeRefusal)
	if len(got) != 1 || *got[0].Content.(*chart.Refusal) != (chart.Refusal{What: "transport", Capacity: "yes", Told: "risks explained"}) || got[0].Encounter != r.On() {
		t.Fatalf("on record: %+v", got)
	}
	r.refresh()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, "Refuses transport, has capacity  09:31") && !strings.Contains(all, "Refuses transport, has capacity 09:31") {
		t.Errorf("the page does not show it: %s", all)
	}
}

func TestCodeStatusAndConsentAreRecordedInTheRecordsWords(t *testing.T) {
	r := crew(t)
	r.decide(lang.CodeNoCPR, lang.PaperSeen)
	got := r.desk.Recorded(chart.TypeCodeStatus)
	if len(got) != 1 || *got[0].Content.(*chart.CodeStatus) != (chart.CodeStatus{Status: "no CPR", Document: "seen"}) || got[0].Patient != (chart.ID{0: 9, 15: 1}) {
		t.Fatalf("on record: %+v", got)
	}
	r.tap(r.say(lang.AgreeSharing))
	r.tap(r.say(lang.ConsentWithdrawn))
	r.hold(r.say(lang.HoldToRecord), 1100*time.Millisecond)
	if c := r.desk.Recorded(chart.TypeConsent); len(c) != 1 || *c[0].Content.(*chart.Consent) != (chart.Consent{What: "sharing", Status: "withdrawn"}) {
		t.Fatalf("on record: %+v", c)
	}
	r.tap(r.say(lang.TookBack))
	if back := r.desk.Recorded(chart.TypeRetraction); len(back) != 1 || back[0].Content.(*chart.Retraction).Of != r.desk.Recorded(chart.TypeConsent)[0].Ref {
		t.Errorf("undo took back %+v", back)
	}
}

// Every choice is a word the record takes.
func TestEveryDecisionOfferedIsValid(t *testing.T) {
	r := crew(t)
	d := newDecisions(r.Screen)
	check := func() {
		t.Helper()
		c, words := d.content()
		if c == nil {
			t.Errorf("nothing would be recorded: %q", words)
		} else if err := c.Validate(); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
	for i := range codes {
		d.clear()
		d.code, d.extra = i, true
		check()
	}
	for i := range refusals {
		for j := range capacities {
			d.clear()
			d.refuses, d.capacity = i, j
			check()
		}
	}
	for i := range agreements {
		for j := range statuses {
			d.clear()
			d.agrees, d.status = i, j
			check()
		}
	}
}

// casualties adds so many, sorted in turn from dead to immediate.
func (r *rig) casualties(n int) {
	r.t.Helper()
	words := []string{"dead", "expectant", "minor", "delayed", "immediate"}
	urgencies := []chart.Urgency{chart.Dead, chart.Expectant, chart.Standard, chart.Urgent, chart.Immediate}
	for i := range n {
		done, err := r.desk.Record(context.Background(), ui.Draft{Content: &chart.EncounterOpened{Setting: "ambulance", CallSign: "AMB-2"}})
		if err != nil {
			r.t.Fatal(err)
		}
		put := func(c chart.Content) {
			if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: done.Encounter, Patient: done.Patient, Content: c}); err != nil {
				r.t.Fatal(err)
			}
		}
		put(&chart.PatientRegistered{Who: chart.Demographics{Label: "tag " + string(rune('A'+i))}})
		if i%6 < 5 {
			put(&chart.Triage{Scheme: "START", Category: words[i%6], Urgency: urgencies[i%6]})
		}
	}
	r.ask()
}

func TestTheBoardShowsTheMostUrgentFirstAndTheUnsortedBeforeThoseWhoCanWait(t *testing.T) {
	r := crew(t)
	r.casualties(6)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.IncidentBoard))
	b := r.page.(*incident)
	var order []string
	for _, v := range b.cells {
		if v.Visible() {
			order = append(order, v.Said().Word)
		}
	}
	want := []string{"IMMEDIATE", "DELAYED", "not sorted", "not sorted", "MINOR", "EXPECTANT", "DEAD"}
	if strings.Join(order, " ") != strings.Join(want, " ") {
		t.Errorf("the board shows %v, want %v", order, want)
	}
	if got := b.head.texts[0]; got != "7 seen. Immediate 1, urgent 1, standard 1, expectant 1, dead 1, not sorted 2, gone on 0" {
		t.Errorf("the head says %q", got)
	}
	r.casualties(1) // another crew's, by sync
	r.settle()
	if got := b.head.texts[0]; !strings.HasPrefix(got, "8 seen") {
		t.Errorf("after another was seen the head says %q", got)
	}
	first := b.of[0]
	b.cells[0].Tapped(nil)
	r.settle()
	if r.On() != first {
		t.Error("a tap does not lead to the casualty")
	}
}

func TestNoCasualtyIsLostBeyondTheFirstPage(t *testing.T) {
	r := crew(t)
	r.casualties(40)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.IncidentBoard))
	b := r.page.(*incident)
	seen := map[chart.ID]bool{}
	for range 3 {
		for _, id := range b.of {
			seen[id] = true
		}
		r.tap(r.say(lang.NextPage))
	}
	delete(seen, chart.ID{})
	if len(seen) != 41 {
		t.Errorf("the pages show %d casualties of 41", len(seen))
	}
}
