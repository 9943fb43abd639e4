package score

import "fieldkit/triage/score/finding"

// At least four tables go by the name MEWS; this one is Subbe's with systolic
// pressure scored as published in 2001 and new confusion as 1.
var mews = Rule{
	ID: "mews", Title: "Modified Early Warning Score", Version: "Subbe 2001",
	Inputs: []finding.Key{finding.RR, finding.HR, finding.SBP, finding.TempC, finding.Consciousness, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source: "Subbe CP et al: Validation of a modified Early Warning Score in medical admissions. QJM 2001;94:521-6", Licence: "published table, free to use",
	judge: func(t *tally) {
		if t.adultOnly("MEWS", 16, "use the National PEWS (npews)") {
			return
		}
		t.number(finding.RR, charted(cut{0, 2}, cut{9, 0}, cut{15, 1}, cut{21, 2}, cut{30, 3}))
		t.number(finding.HR, charted(cut{0, 2}, cut{41, 1}, cut{51, 0}, cut{101, 1}, cut{111, 2}, cut{130, 3}))
		t.number(finding.SBP, charted(cut{0, 3}, cut{71, 2}, cut{81, 1}, cut{101, 0}, cut{200, 2}))
		t.number(finding.TempC, chart{places: 1, cuts: []cut{{0, 2}, {350, 0}, {385, 2}}})
		t.word(finding.Consciousness, map[string]int{"A": 0, "C": 1, "V": 1, "P": 2, "U": 3})
		t.total(over("total", floor{0, "low"}, floor{5, "high"}))
	},
}
