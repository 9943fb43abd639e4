package chart

import (
	"testing"
)

// Two crews meet one patient while apart, and write at once.
func TestWhatTwoCrewsWroteApartIsSettledByOneWhoSawBoth(t *testing.T) {
	gives := func(amount string) *DrugGiven {
		return &DrugGiven{Drug: Drug{Name: "adrenaline"}, Dose: Dose{Amount: dec(amount), Unit: "mg", Route: "IV"}}
	}
	for _, c := range []struct {
		what       string
		one, other Content
		about      Subject
		of         string
		values     [2]string // the one that holds meanwhile first
	}{
		{"births", &PatientIdentified{Who: Demographics{Birth: "1958"}}, &PatientIdentified{Who: Demographics{Birth: "1985"}}, AboutField, "birth", [2]string{"1985", "1958"}},
		{"a birth that one took back", &PatientIdentified{Who: Demographics{Birth: "1958"}}, &PatientIdentified{Who: Demographics{Clear: []Field{FieldBirth}}}, AboutField, "birth", [2]string{"", "1958"}},
		{"numbers of one register", &PatientIdentified{Who: Demographics{Identifiers: []Identifier{{"nhs", "1"}}}}, &PatientIdentified{Who: Demographics{Identifiers: []Identifier{{"nhs", "2"}}}}, AboutField, "id:nhs", [2]string{"2", "1"}},
		{"triage, the more urgent first", &Triage{Scheme: "START", Category: "immediate", Urgency: Immediate}, &Triage{Scheme: "START", Category: "delayed", Urgency: Urgent}, AboutTriage, "", [2]string{"immediate", "delayed"}},
		{"whether to resuscitate", &CodeStatus{Status: "full"}, &CodeStatus{Status: "no CPR"}, AboutCodeStatus, "", [2]string{"no CPR", "full"}},
		{"a consent", &Consent{What: "treatment", Status: "given"}, &Consent{What: "treatment", Status: "refused"}, AboutConsent, "treatment", [2]string{"refused", "given"}},
		{"a decision", &Decision{Name: "spo2-scale", Value: "1", Why: "x"}, &Decision{Name: "spo2-scale", Value: "2", Why: "y"}, AboutDecision, "spo2-scale", [2]string{"2", "1"}},
		{"one dose or two", gives("1"), gives("0.5"), AboutDose, "adrenaline", [2]string{"1 mg", "0.5 mg"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			for keep := range 2 {
				w := &ward{t}
				a, b := w.tablet(1), w.tablet(2)
				a.write("14:00", c.one)
				b.write("14:01", c.other)
				a.hears(b)
				all := chartOf(a, b).Disputes()
				if len(all) != 1 || all[0].About != c.about || all[0].Of != c.of || len(all[0].Choices) != 2 {
					t.Fatalf("disputes: %+v", all)
				}
				for i, want := range c.values {
					if got := all[0].Choices[i]; got.Value != want || len(got.From) != 1 {
						t.Fatalf("choice %d is %q of %d, want %q", i, got.Value, len(got.From), want)
					}
				}
				content := all[0].Choices[keep].Content
				if err := content.Validate(); err != nil {
					t.Fatalf("what settles it cannot be recorded: %v", err)
				}
				a.write("14:02", content)
				if left := chartOf(a, b).Disputes(); len(left) != 0 {
					t.Fatalf("still in dispute: %+v", left)
				}
			}
		})
	}
}

func TestTheSameSaidTwiceApartIsNoDispute(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("14:00", &PatientIdentified{Who: Demographics{Birth: "1958"}})
	b.write("14:01", &PatientIdentified{Who: Demographics{Birth: "1958"}})
	a.write("14:02", &CodeStatus{Status: "full"})
	b.write("14:03", &CodeStatus{Status: "full"})
	if all := chartOf(a, b).Disputes(); len(all) != 0 {
		t.Errorf("disputes: %+v", all)
	}
}

func TestADoseKeptIsTheOnlyOneThatCounts(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("14:00", &DrugGiven{Drug: Drug{Name: "morphine"}, Dose: Dose{Amount: dec("5"), Unit: "mg"}})
	b.write("14:01", &DrugGiven{Drug: Drug{Name: "morphine"}, Dose: Dose{Amount: dec("4"), Unit: "mg"}})
	a.hears(b)
	d := chartOf(a, b).Disputes()[0]
	a.write("14:02", d.Choices[1].Content)
	if totals := chartOf(a, b).Drugs()[0].Totals; len(totals) != 1 || totals[0].Amount.String() != "4" {
		t.Errorf("totals %+v, want the 4 mg that were kept", totals)
	}
}
