package lang

import (
	"testing"

	"fieldkit/triage/chart"
)

func TestEveryMatterAndEveryDoubtHasWords(t *testing.T) {
	for m := chart.AboutField; m <= chart.AboutDoses; m++ {
		if _, ok := matters[m]; !ok {
			t.Errorf("matter %d has no words", m)
		}
	}
	for w := chart.NotFetched; w <= chart.TwoPatients; w++ {
		if _, ok := whys[w]; !ok {
			t.Errorf("%v has no words", w)
		}
	}
	d := chart.Demographics{Family: "a", Given: "a", Called: "a", Sex: chart.Male, Birth: "1958", Age: "1 a", Language: "a", Phone: "a", Address: "a", Contact: "a", Label: "a"}
	d.Each(func(f chart.Field, _ string) {
		if _, ok := fields[f]; !ok {
			t.Errorf("field %s has no words", f)
		}
	})
	s := &Speech{Language: French}
	if got := s.Field(chart.FieldID + "NHS"); got != "NHS" {
		t.Errorf("an identifier's field is %q", got)
	}
}
