package kit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestAVehicleFindsWhichOfSeveralHospitalsAnswersAtItsAddress(t *testing.T) {
	mercy, general, strange := chart.Device{1}, chart.Device{2}, chart.Device{3}
	named := func(d chart.Device) string { return hex.EncodeToString(d[:]) }
	type answer struct {
		name string
		err  error
	}
	for _, row := range []struct {
		story   string
		known   []chart.Device
		later   []chart.Device // what the roster names when it is read again
		answers []answer       // of whoever answers, the last one for good
		want    chart.Device
		asked   int
		said    []string
	}{
		{"one hospital is not asked", []chart.Device{mercy}, nil, nil, mercy, 0, nil},
		{"the one that answers", []chart.Device{mercy, general}, nil, []answer{{name: named(general)}}, general, 1, nil},
		{"one of before hospitals said their name", []chart.Device{mercy, general}, nil, []answer{{}}, mercy, 1, nil},
		{"none at first", nil, []chart.Device{general}, nil, general, 0, []string{"no hospital is on the team's roster"}},
		{"one that is away for a while", []chart.Device{mercy, general}, []chart.Device{mercy, general},
			[]answer{{err: errors.New("no route")}, {name: named(general)}}, general, 2, []string{"the hospital is not reached"}},
		{"one that the roster does not name yet", []chart.Device{mercy, general}, []chart.Device{mercy, general, strange},
			[]answer{{name: named(strange)}}, strange, 2, []string{"the hospital at that address is not on the team's roster"}},
		{"one that names itself oddly, and then answers", []chart.Device{mercy, general}, []chart.Device{mercy, general},
			[]answer{{name: "general"}, {name: named(mercy)}}, mercy, 2, []string{"the hospital at that address is not on the team's roster"}},
	} {
		t.Run(row.story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				var said []string
				got, ok := findHospital(t.Context(), row.known,
					func(context.Context) ([]chart.Device, error) { return row.later, nil },
					func(context.Context) (string, error) {
						a := row.answers[min(asked, len(row.answers)-1)]
						asked++
						return a.name, a.err
					}, func(why string) { said = append(said, why) })
				if !ok || got != row.want || asked != row.asked || !slices.Equal(said, row.said) {
					t.Errorf("found %x %v after %d questions, saying %q", got[:1], ok, asked, said)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, ok := findHospital(ctx, nil, func(context.Context) ([]chart.Device, error) { return nil, errors.New("locked") }, nil, func(string) {})
		if ok {
			t.Error("a hospital was found on an empty roster")
		}
	})
}

// A live link says nothing of the patient on screen: who is bound for another hospital,
// or for none, is not seen at the one that the link is with.
func TestAVehicleSaysWhichOfItsPatientsTheHospitalOfTheLinkDoesNotSee(t *testing.T) {
	w := newGuestOfTwo(t, "handed")
	er := w.share.member.Load().device
	id := patient(t, w.valley, w.valleyToken, "a fall")
	l := w.valley.live
	l.mu.Lock()
	l.streams[id] = &stream{} // its monitor is here
	l.mu.Unlock()
	seen := func() bool {
		name, not := l.notShown(t.Context(), er)
		if name != "ER-1" {
			t.Errorf("the hospital is called %q", name)
		}
		return !slices.Contains(not, id)
	}
	bind := func(to chart.Device, name string) {
		b, _ := json.Marshal(&chart.EncounterBoundFor{Station: to, Name: name})
		if _, err := w.valley.Record(t.Context(), w.valleyToken, api.Draft{Kind: "encounter-bound-for", Encounter: id, Content: b}); err != nil {
			t.Fatal(err)
		}
	}
	if seen() {
		t.Error("a patient with no destination is said to be seen by a hospital that reads what is bound for it")
	}
	bind(er, "ER-1")
	if !seen() {
		t.Error("a patient bound for the hospital is said not to be seen there")
	}
	bind(chart.Device{9}, "GENERAL")
	if seen() {
		t.Error("a patient bound for another hospital is said to be seen at this one")
	}
	if _, err := w.valley.Approve(t.Context(), w.valleyToken, api.Approval{Key: "ER-1", Grant: "all"}); err != nil {
		t.Fatal(err)
	}
	if seen() {
		t.Error("who may read all is said to show a patient bound for another")
	}
	bind(er, "ER-1")
	if !seen() {
		t.Error("a patient bound back is said not to be seen")
	}
	if name, not := l.notShown(t.Context(), chart.Device{}); name != "" || not != nil {
		t.Errorf("without a link it says %q, %d", name, len(not))
	}
}
