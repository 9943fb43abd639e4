package score

import "fieldkit/triage/score/finding"

var apgar = Rule{
	ID: "apgar", Title: "Apgar score of a newborn, at 1, 5 and 10 minutes", Version: "Apgar 1953",
	Inputs: []finding.Key{finding.ApgarHR, finding.ApgarResp, finding.ApgarTone, finding.ApgarReflex, finding.ApgarColour},
	Source: "Apgar V: Curr Res Anesth Analg 1953;32:260-7; bands: AAP Committee on Fetus and Newborn, 2015", Licence: "published table, free to use",
	judge: func(t *tally) {
		t.warn("never wait for a score to begin resuscitation")
		for _, k := range t.rule.Inputs {
			t.grade(k, 0, 2)
		}
		t.falling(fall("total", []floor{{0, "critically_low"}, {4, "moderately_abnormal"}, {7, "normal"}}))
	},
}
