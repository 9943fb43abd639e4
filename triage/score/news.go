package score

import "fieldkit/triage/score/finding"

var news = Rule{
	ID: "news", Title: "National Early Warning Score (2012, replaced by NEWS2)", Version: "rcp-2012",
	Inputs: []finding.Key{finding.RR, finding.SpO2, finding.OnOxygen, finding.SBP, finding.HR, finding.Consciousness, finding.TempC,
		finding.AgeYears, finding.AgeMonths, finding.Pregnant, finding.LooksLikeChild},
	Source:  "Royal College of Physicians: National Early Warning Score (NEWS). London, 2012",
	Licence: "free of copyright restriction; the Royal College of Physicians is acknowledged",
	judge: func(t *tally) {
		if t.adultOnly("NEWS", 16, "use the National PEWS (npews)") {
			return
		}
		if t.in.Answer(finding.Pregnant) == finding.Yes {
			t.refuse("NEWS is not for pregnancy; use an obstetric early warning score")
			return
		}
		if w, _ := t.in.Word(finding.Consciousness); w == "C" {
			t.warn("new confusion is not on the chart of NEWS 2012; use news2")
		}
		t.number(finding.RR, news2RR)
		t.number(finding.SpO2, news2Scale1)
		t.answer(finding.OnOxygen, 2, 0)
		t.number(finding.SBP, news2SBP)
		t.number(finding.HR, news2HR)
		t.word(finding.Consciousness, map[string]int{"A": 0, "V": 3, "P": 3, "U": 3})
		t.number(finding.TempC, news2Temp)
		t.total(func(sum, highest int) verdict {
			if sum < 5 && highest >= 3 {
				return verdict{"medium", "3 points in one part is medium"}
			}
			return fall("total", []floor{{0, "low"}, {5, "medium"}, {7, "high"}})(sum)
		})
	},
}
