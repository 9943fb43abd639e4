package chart

import "testing"

// Two tablets write of one patient while apart. What they disagree on is in dispute
// until one of them writes with both in sight.
func TestWhatWasWrittenAtOnceWhileApartIsInDisputeUntilAPersonSettlesIt(t *testing.T) {
	allergy := &AllergyAdded{Item: Named{Name: "penicillin"}}
	for _, tt := range []struct {
		story          string
		before         Content // seen by both; nil none
		one            Content
		two            func(before Entry) Content
		matter         Matter
		name           string
		settled, other func(*Chart) bool // what holds after the first, and after the second side was settled
	}{
		{"two family names", nil, &PatientIdentified{Who: Demographics{Family: "Diallo"}},
			func(Entry) Content { return &PatientIdentified{Who: Demographics{Family: "Diarra"}} }, AboutField, "family",
			func(c *Chart) bool { return c.Field(FieldFamily).Value() == "Diarra" },
			func(c *Chart) bool { return c.Field(FieldFamily).Value() == "Diallo" }},
		{"a label, and nobody knows it any more", &PatientIdentified{Who: Demographics{Label: "red jacket"}}, &PatientIdentified{Who: Demographics{Label: "tag 7"}},
			func(Entry) Content { return &PatientIdentified{Who: Demographics{Clear: []Field{FieldLabel}}} }, AboutField, "label",
			func(c *Chart) bool { return c.Field(FieldLabel).Value() == "" },
			func(c *Chart) bool { return c.Field(FieldLabel).Value() == "tag 7" }},
		{"two categories, the more urgent first", nil, &Triage{Scheme: "START", Category: "IMMEDIATE", Urgency: Immediate},
			func(Entry) Content { return &Triage{Scheme: "START", Category: "MINOR", Urgency: Standard} }, AboutTriage, "",
			func(c *Chart) bool { return c.Triage().First().Content.(*Triage).Urgency == Immediate },
			func(c *Chart) bool { return c.Triage().First().Content.(*Triage).Urgency == Standard }},
		{"whether to resuscitate", nil, &CodeStatus{Status: "full"},
			func(Entry) Content { return &CodeStatus{Status: "no CPR"} }, AboutCodeStatus, "",
			func(c *Chart) bool { return c.CodeStatus().First().Content.(*CodeStatus).Status == "no CPR" },
			func(c *Chart) bool { return c.CodeStatus().First().Content.(*CodeStatus).Status == "full" }},
		{"an allergy removed here and said again there", allergy, allergy,
			func(b Entry) Content { return &AllergyRemoved{Removed{Of: []Ref{b.Ref}, Why: "tested"}} }, AboutAllergy, "penicillin",
			func(c *Chart) bool { return len(c.Allergies()) == 1 && c.Allergies()[0].Stands() },
			func(c *Chart) bool { return len(c.Allergies()) == 1 && !c.Allergies()[0].Stands() }},
		{"one person here, two there", &PatientsMerged{From: patientB, Into: patientA}, &PatientsMerged{From: patientB, Into: patientA},
			func(Entry) Content { return &PatientsUnmerged{From: patientB, Into: patientA} }, AboutMerge, "",
			func(c *Chart) bool { return len(c.Patients) == 2 },
			func(c *Chart) bool { return len(c.Patients) == 1 }},
	} {
		t.Run(tt.story, func(t *testing.T) {
			w := &ward{t}
			for side := range 2 {
				a, b := w.tablet(1), w.tablet(2)
				var before Entry
				if tt.before != nil {
					before = a.write("09:00", tt.before)
				}
				b.hears(a)
				a.write("10:00", tt.one)
				b.write("10:05", tt.two(before))
				c := chartOf(a, b)
				all := c.Disputes()
				if len(all) != 1 || all[0].Matter != tt.matter || all[0].Name != tt.name || len(all[0].Sides) != 2 || !all[0].Open() || c.Row().Disputes != 1 {
					t.Fatalf("disputes are %+v", all)
				}
				for _, s := range all[0].Sides {
					if (s.Had != nil) != (tt.before != nil) {
						t.Errorf("the writer of %v had seen %v before", s.Fact.Ref, s.Had)
					}
				}
				a.hears(b)
				a.write("11:00", all[0].Sides[side].Settles())
				c = chartOf(a, b)
				if left := c.Disputes(); len(left) != 0 || c.Row().Disputes != 0 {
					t.Errorf("side %d settled, still in dispute: %+v", side, left)
				}
				if holds := [...]func(*Chart) bool{tt.settled, tt.other}[side]; !holds(c) {
					t.Errorf("side %d settled, and it does not stand", side)
				}
			}
		})
	}
}

func TestASecondSettlingMeanwhileIsAnotherDispute(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	a.write("10:00", &CodeStatus{Status: "full"})
	b.write("10:05", &CodeStatus{Status: "no CPR"})
	a.hears(b)
	b.hears(a)
	sides := chartOf(a, b).Disputes()[0].Sides
	a.write("11:00", sides[0].Settles())
	b.write("11:00", sides[1].Settles())
	if got := chartOf(a, b).Disputes(); len(got) != 1 || len(got[0].Sides) != 2 {
		t.Errorf("two who settled apart leave %+v", got)
	}
}

func TestTheSameWrittenTwiceIsNoDispute(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	for _, x := range []*tablet{a, b} {
		x.write("10:00", &PatientIdentified{Who: Demographics{Family: "Diallo"}})
		x.write("10:01", &Triage{Scheme: "START", Category: "MINOR", Urgency: Standard})
		x.write("10:02", &AllergyAdded{Item: Named{Name: "penicillin"}})
		x.write("10:03", &CodeStatus{Status: "full"})
	}
	if got := chartOf(a, b).Disputes(); len(got) != 0 {
		t.Errorf("what both say alike is in dispute: %+v", got)
	}
}

func TestAPossibleDoubleDoseIsLookedAtAndStays(t *testing.T) {
	w := &ward{t}
	a, b := w.tablet(1), w.tablet(2)
	one := a.write("10:00", given("adrenaline", "1", "mg"))
	two := b.write("10:04", given("adrenaline", "1", "mg"))
	blind := a.write("10:05", &DoseReviewed{First: one.Ref, Second: two.Ref, Found: "not known"}) // had not seen the second
	c := chartOf(a, b)
	if d := c.Disputes(); len(d) != 1 || !d[0].Open() || d[0].Sides[0].Settles() != nil || d[0].Name != "adrenaline" {
		t.Fatalf("disputes are %+v; a review at %v that saw one dose must not count", d, blind.Ref)
	}
	a.hears(b)
	a.write("10:20", &DoseReviewed{First: two.Ref, Second: one.Ref, Found: "both given", Why: "asked both crews"})
	c = chartOf(a, b)
	if d := c.Disputes(); len(d) != 1 || d[0].Open() || c.Row().Disputes != 0 || c.Row().DoubleDoses != 1 {
		t.Errorf("after a look: %+v, row %+v", d, c.Row().DoubleDoses)
	}
}
