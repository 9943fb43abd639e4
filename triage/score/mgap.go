package score

import "fieldkit/triage/score/finding"

var (
	mgap = Rule{
		ID: "mgap", Title: "Mechanism, Glasgow coma scale, Age, arterial Pressure", Version: "Sartorius 2010",
		Inputs: []finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.Mechanism, finding.AgeYears, finding.AgeMonths, finding.SBP},
		Source: "Sartorius D et al: Crit Care Med 2010;38:831-7", Licence: "published table, free to use",
		judge: func(t *tally) {
			t.comaItself()
			t.word(finding.Mechanism, map[string]int{"blunt": 4, "penetrating": 0})
			t.under60(5)
			t.number(finding.SBP, charted(cut{0, 0}, cut{60, 3}, cut{121, 5}))
			t.falling(fall("total", []floor{{3, "high"}, {18, "intermediate"}, {23, "low"}}))
		},
	}
	gap = Rule{
		ID: "gap", Title: "Glasgow coma scale, Age, arterial Pressure", Version: "Kondo 2011",
		Inputs: []finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.AgeYears, finding.AgeMonths, finding.SBP},
		Source: "Kondo Y et al: Crit Care 2011;15:R191", Licence: "published table, free to use",
		judge: func(t *tally) {
			t.comaItself()
			t.under60(3)
			t.number(finding.SBP, charted(cut{0, 0}, cut{60, 4}, cut{121, 6}))
			t.falling(fall("total", []floor{{3, "high"}, {11, "moderate"}, {19, "low"}}))
		},
	}
)

// comaItself adds the Glasgow coma scale as it is.
func (t *tally) comaItself() {
	low, high, missing := t.in.Coma()
	t.add("gcs", low, high, "gcs", missing...)
}

func (t *tally) under60(worth int) {
	age, ok := t.in.Years()
	t.criterion("age", when(ok, age < 60), worth, "under 60 years old", finding.AgeYears)
}

// when is the answer yes, or unknown where nothing is known to answer by.
func when(known, yes bool) finding.Tri {
	if !known {
		return finding.Unknown
	}
	return finding.Of(yes)
}
