package ambulance

import (
	"errors"
	"strings"
	"testing"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

// several is a note of three entries.
func several() []chart.Content {
	return []chart.Content{&chart.Note{Text: "a"}, &chart.Note{Text: "b"}, &chart.Event{Name: "c"}}
}

func TestEntriesThatBelongTogetherAreOneActOfOnePatient(t *testing.T) {
	r := crew(t)
	second := rehearsal.Well(chart.ID{15: 2})
	r.desk.Add(second, chart.Demographics{Label: "tag 0418"})
	r.ask()
	kinds := []chart.Type{chart.TypeNote, chart.TypeEvent}
	r.RecordAll("note", second.Encounter, several(), func() { t.Error("another patient's note is called recorded") })
	r.settle()
	if n := len(r.desk.Recorded(kinds...)); n != 0 {
		t.Fatalf("%d entries went to a patient who is not on screen", n)
	}
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NOT RECORDED") {
		t.Errorf("the bar says %v", got)
	}
	r.desk.Fail(errors.New("the disk is full"))
	r.RecordAll("note", r.On(), several(), func() { t.Error("what is on no disk is called recorded") })
	r.settle()
	if n := len(r.desk.Recorded(kinds...)); n != 0 {
		t.Fatalf("%d entries of a commit that failed are on record", n)
	}
	r.desk.Fail(nil)
	told := 0
	r.RecordAll("note", r.On(), several(), func() { told++ })
	r.settle()
	wrote := r.desk.Recorded(kinds...)
	if len(wrote) != 3 || told != 1 {
		t.Fatalf("%d entries are on record, told %d times", len(wrote), told)
	}
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.TookBack))
	back := map[chart.Ref]bool{}
	for _, e := range r.desk.Recorded(chart.TypeRetraction) {
		back[e.Content.(*chart.Retraction).Of] = true
	}
	for _, e := range wrote {
		if e.Encounter != r.On() || !back[e.Ref] {
			t.Errorf("%T: of %v, taken back: %v", e.Content, e.Encounter, back[e.Ref])
		}
	}
}
