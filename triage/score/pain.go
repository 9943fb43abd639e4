package score

import "fieldkit/triage/score/finding"

var (
	flacc  = []finding.Key{finding.FlaccFace, finding.FlaccLegs, finding.FlaccActivity, finding.FlaccCry, finding.FlaccConsole}
	painad = []finding.Key{finding.PainadBreathing, finding.PainadVoice, finding.PainadFace, finding.PainadBody, finding.PainadConsole}
)

var pain = Rule{
	ID: "pain", Title: "Pain: numeric rating, FLACC (young children), PAINAD (dementia)", Version: "NRS 0-10; FLACC 1997; PAINAD 2003",
	Inputs:  append(append([]finding.Key{finding.Pain}, flacc...), painad...),
	Source:  "FLACC: Merkel SI et al, Pediatr Nurs 1997;23:293-7. PAINAD: Warden V et al, J Am Med Dir Assoc 2003;4:9-15",
	Licence: "published tables, free for clinical use",
	judge: func(t *tally) {
		// What patients say of their own pain comes before what others see.
		switch {
		case t.in.Has(finding.Pain):
			t.grade(finding.Pain, 0, 10)
			t.fire("numeric rating, said by the patient")
		case t.hasAny(flacc):
			t.grades("FLACC", flacc)
		case t.hasAny(painad):
			t.grades("PAINAD", painad)
		default:
			t.add("pain", 0, 10, "", finding.Pain)
		}
		t.total(over("total", floor{0, "none"}, floor{1, "mild"}, floor{4, "moderate"}, floor{7, "severe"}))
	},
}

func (t *tally) hasAny(keys []finding.Key) bool {
	for _, k := range keys {
		if t.in.Has(k) {
			return true
		}
	}
	return false
}

func (t *tally) grades(scale string, keys []finding.Key) {
	t.fire("by " + scale)
	for _, k := range keys {
		t.grade(k, 0, 2)
	}
}
