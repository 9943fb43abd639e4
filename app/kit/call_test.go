package kit

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// The crew's window is told of what a hospital writes by the vehicle's own list, and
// needs to know by it that the patient is this station's.
func TestWhatAHospitalWritesComesWithTheVehiclesList(t *testing.T) {
	c := newCouple(t)
	patient, _ := c.alarmed()
	c.writes("message", patient, time.Time{}, &chart.Message{Text: "bring the daughter"})
	c.writes("arrival-diverted", patient, time.Time{}, &chart.ArrivalDiverted{To: "County", Why: "no scanner"})
	own := c.vehicle.k.share.member.Load().device
	var calls []chart.RowCall
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && len(calls) < 2; time.Sleep(5 * time.Millisecond) {
		rows, err := c.vehicle.k.Encounters(t.Context(), c.vehicle.token)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := json.Marshal(rows) // as the window gets it
		if err != nil {
			t.Fatal(err)
		}
		var got []chart.Row
		if err := json.Unmarshal(sent, &got); err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(got, func(r chart.Row) bool { return r.Encounter == patient })
		if at < 0 {
			t.Fatal("the patient is not in the list")
		}
		calls = got[at].Calls
		if !slices.ContainsFunc(got[at].Reached, func(r chart.Ref) bool { return r.Device == own }) {
			t.Fatal("the list does not say that this station wrote for the patient")
		}
	}
	if len(calls) != 2 || calls[0].Text != "bring the daughter" || calls[1].Name != "County" || calls[0].Of.Device == own {
		t.Errorf("the list tells %+v", calls)
	}
}
