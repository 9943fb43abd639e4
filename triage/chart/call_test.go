package chart

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheListTellsTheLastOfWhatAHospitalAnswers(t *testing.T) {
	w := &ward{t}
	er := w.tablet(2)
	for n := range 9 {
		er.write(fmt.Sprintf("14:0%d", n), &Message{Text: fmt.Sprint("message ", n)})
	}
	er.write("14:10", &Message{Text: "a" + strings.Repeat("é", 200)}) // 401 bytes
	er.write("14:11", &BayAssigned{Bay: "3"})
	er.write("14:12", &Activation{Team: "stroke", Why: "FAST positive"})
	er.write("14:13", &Activation{Team: "stroke", Off: true})
	taken := er.write("14:14", &ArrivalDiverted{To: "St Mary", Why: "no scanner"})
	er.write("14:15", &ArrivalAccepted{Text: "resus ready"})
	all := chartOf(er).Row().Calls
	var got []string
	for _, c := range all {
		got = append(got, fmt.Sprint(c.What, " ", c.Name, " ", len(c.Text), " ", c.Off, " ", c.Cut))
		if !utf8.ValidString(c.Text) {
			t.Errorf("a letter is cut in two: %q", c.Text)
		}
	}
	want := []string{"message  9 false false", "message  9 false false", "message  299 false true", "bay-assigned 3 0 false false", "activation stroke 13 false false",
		"activation stroke 0 true false", "arrival-diverted St Mary 10 false false", "arrival-accepted  11 false false"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the list tells\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	er.write("14:16", &Retraction{Of: taken.Ref, Why: "wrong vehicle"})
	for _, c := range chartOf(er).Row().Calls {
		if c.What == TypeArrivalDiverted {
			t.Error("a diversion taken back is still told")
		}
	}
}
