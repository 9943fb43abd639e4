package kit

import (
	"encoding/json"
	"slices"
	"testing"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// admitted is a new patient with a family name, and their encounter.
func admitted(t *testing.T, k *Kit, token api.Token, family string) (encounter, who chart.ID) {
	t.Helper()
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"clinic"}`)})
	if err != nil {
		t.Fatal(err)
	}
	registered, err := k.Record(t.Context(), token, api.Draft{Kind: "patient-registered", Encounter: opened.Encounter, Content: json.RawMessage(`{"who":{"family":"` + family + `"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return opened.Encounter, registered.Patient
}

func allergies(c *chart.Chart) (names []string) {
	for _, a := range c.Allergies() {
		if a.Stands() {
			names = append(names, a.Name)
		}
	}
	return names
}

// Two records of one person, one of them with an allergy: joined, either chart warns
// of it; parted again, only its own does. Nothing is in doubt for want of entries.
func TestMergedRecordsShareTheirAllergiesUntilTheyAreParted(t *testing.T) {
	k, token := staffed(t)
	one, p1 := admitted(t, k, token, "Diallo")
	two, p2 := admitted(t, k, token, "Diarra")
	stranger, _ := admitted(t, k, token, "Okoro")
	record := func(kind string, encounter, who chart.ID, content any) {
		t.Helper()
		b, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Record(t.Context(), token, api.Draft{Kind: kind, Encounter: encounter, Patient: who, Content: b}); err != nil {
			t.Fatal(err)
		}
	}
	both := func(kind string, content any) {
		t.Helper()
		b, _ := json.Marshal(content)
		if _, err := k.RecordAll(t.Context(), token, []api.Draft{
			{Kind: kind, Encounter: one, Patient: p1, Content: b}, {Kind: kind, Encounter: two, Patient: p2, Content: b},
		}); err != nil {
			t.Fatal(err)
		}
	}
	record("allergy-added", one, p1, &chart.AllergyAdded{Item: chart.Named{Name: "penicillin"}})
	record("note", one, p1, &chart.Note{Text: "of the first alone"})
	check := func(when string, want []string) {
		t.Helper()
		c := ofEncounter(t, k, token, two)
		if got := allergies(c); !slices.Equal(got, want) {
			t.Errorf("%s: the second record's allergies are %v, want %v", when, got, want)
		}
		if !c.Complete() {
			t.Errorf("%s: in doubt is %v", when, c.Doubts())
		}
		if notes := c.Of(chart.TypeNote); len(notes) != 0 {
			t.Errorf("%s: a note of the first record counts in the second", when)
		}
		if got := allergies(ofEncounter(t, k, token, one)); !slices.Equal(got, []string{"penicillin"}) {
			t.Errorf("%s: the first record's allergies are %v", when, got)
		}
		if c := ofEncounter(t, k, token, stranger); len(c.Facts()) != 2 {
			t.Errorf("%s: a stranger's record has %d entries", when, len(c.Facts()))
		}
	}
	check("before", nil)
	both("patients-merged", &chart.PatientsMerged{From: p2, Into: p1, Why: "same person"})
	check("merged", []string{"penicillin"})
	rows, err := k.Encounters(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if want := r.Encounter != stranger; (len(r.InConflict) > 0 || len(r.Links) > 0) != want {
			t.Errorf("the row of %v: in conflict %v, links %v", r.Encounter, r.InConflict, r.Links)
		}
	}
	// One writer saw both names, so the later stands; what is settled for one record is
	// settled for both.
	record("patient-identified", two, p2, &chart.PatientIdentified{Who: chart.Demographics{Family: "Diallo-Diarra"}})
	for _, e := range []chart.ID{one, two} {
		if c := ofEncounter(t, k, token, e); c.Field(chart.FieldFamily).Value() != "Diallo-Diarra" || len(c.Disputes()) != 0 {
			t.Errorf("the name is %q, in dispute %v", c.Field(chart.FieldFamily).Value(), c.Disputes())
		}
	}
	both("patients-unmerged", &chart.PatientsUnmerged{From: p2, Into: p1, Why: "they are two"})
	check("parted", nil)
}
