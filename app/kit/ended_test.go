package kit

import (
	"encoding/json"
	"strings"
	"testing"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// The rows of encounters that are over are kept from one asking to the next; whatever
// is learnt of such a patient all the same stands in the next list.
func TestWhatIsLearntOfAPatientWhoseEncounterIsOverStandsInTheList(t *testing.T) {
	k, token := newKit(t)
	encounter, who := admitted(t, k, token, "Okonkwo")
	quiet, _ := admitted(t, k, token, "Vandersloot")
	record := func(kind string, content any) {
		t.Helper()
		b, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Record(t.Context(), token, api.Draft{Kind: kind, Encounter: encounter, Patient: who, Content: b}); err != nil {
			t.Fatal(err)
		}
	}
	close := func(e chart.ID) {
		t.Helper()
		b, _ := json.Marshal(&chart.EncounterClosed{Outcome: "handed over"})
		if _, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-closed", Encounter: e, Content: b}); err != nil {
			t.Fatal(err)
		}
	}
	row := func(e chart.ID) chart.Row {
		t.Helper()
		rows, err := k.Encounters(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Encounter == e {
				return r
			}
		}
		t.Fatalf("the encounter is not in the list of %d", len(rows))
		return chart.Row{}
	}
	close(encounter)
	close(quiet)
	for range 2 {
		if r := row(encounter); r.Status != chart.Closed || r.Who.Family != "Okonkwo" {
			t.Fatalf("closed: %q, %q", r.Status, r.Who.Family)
		}
	}
	if len(k.ended.of) != 2 {
		t.Fatalf("%d rows are kept, want those of both", len(k.ended.of))
	}
	record("patient-identified", &chart.PatientIdentified{Who: chart.Demographics{Family: "Okonkwo-Reyes"}})
	if r := row(encounter); r.Who.Family != "Okonkwo-Reyes" {
		t.Errorf("after the name was learnt the list says %q", r.Who.Family)
	}
	record("encounter-opened", &chart.EncounterOpened{Setting: "ambulance", Complaint: "again"})
	if r := row(encounter); r.Status != chart.Open {
		t.Errorf("an encounter that was opened again is %q", r.Status)
	}
	if r := row(quiet); r.Who.Family != "Vandersloot" || r.Status != chart.Closed {
		t.Errorf("the other: %q, %q", r.Who.Family, r.Status)
	}
	if _, err := k.Erase(t.Context(), token, quiet, "asked for"); err != nil {
		t.Fatal(err)
	}
	rows, err := k.Encounters(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if b, _ := json.Marshal(r); strings.Contains(string(b), "Vandersloot") {
			t.Error("a patient who was erased is still named in the list")
		}
	}
	if err := k.Lock(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if k.ended.of != nil {
		t.Error("rows of patients are kept while the store is locked")
	}
}
