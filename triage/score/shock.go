package score

import (
	"fmt"
	"math/big"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var shockIndex = Rule{
	ID: "shock_index", Title: "Shock index, heart rate / systolic pressure", Version: "Allgöwer 1967; raised above 0.9 in adults (0.7 to 1.0 are in use)",
	Inputs: []finding.Key{finding.HR, finding.SBP, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source: "Allgöwer M, Burri C. Dtsch Med Wochenschr 1967;92:1947-50", Licence: "published formula, free to use",
	judge: func(t *tally) {
		if age, ok := t.in.Years(); ok && age < 16 || !ok && t.in.Answer(finding.LooksLikeChild) == finding.Yes {
			t.warn("a child: the adult limit does not hold; use sipa")
		}
		t.ratio(2, vital.Dec(9, -1), "above 0.9")
	},
}

var sipa = Rule{
	ID: "sipa", Title: "Shock index, age-adjusted (SIPA)", Version: "Acker 2015 (4-6 y above 1.22, 7-12 y above 1.0, 13-16 y above 0.9)",
	Inputs: []finding.Key{finding.AgeYears, finding.AgeMonths, finding.HR, finding.SBP},
	Source: "Acker SN et al: J Pediatr Surg 2015;50:331-4, blunt trauma", Licence: "published rule, free to use",
	judge: func(t *tally) {
		age, ok := t.in.Years()
		switch {
		case !ok:
			t.open = append(t.open, span{[]finding.Key{finding.AgeYears}, 2})
			t.ratio(3, vital.Decimal{}, "")
		case age < 1:
			t.refuse("not for infants under 1 year: a limit of 1.2 would flag most of them")
		case age < 4:
			t.refuse("no original cut-off under 4 years")
		case age < 7:
			t.ratio(3, vital.Dec(122, -2), "above 1.22, 4 to 6 years")
		case age < 13:
			t.ratio(3, vital.Int(1), "above 1.0, 7 to 12 years")
		case age < 17:
			t.ratio(3, vital.Dec(9, -1), "above 0.9, 13 to 16 years")
		default:
			t.refuse("not over 16 years; use shock_index")
		}
	},
}

// ratio closes a score that is heart rate over systolic pressure, raised when
// above limit. The comparison is of the exact fraction, not of what is shown. A
// missing one of the two leaves no bound.
func (t *tally) ratio(places int8, limit vital.Decimal, words string) {
	hr, okHR := t.in.Number(finding.HR)
	sbp, okSBP := t.in.Number(finding.SBP)
	if okSBP && sbp.Cmp(vital.Int(0)) == 0 {
		t.refuse("a systolic pressure of 0 gives no shock index")
		return
	}
	if !okHR {
		t.open = append(t.open, span{[]finding.Key{finding.HR}, 1})
	}
	if !okSBP {
		t.open = append(t.open, span{[]finding.Key{finding.SBP}, 1})
	}
	t.result.Band = Incomplete
	if len(t.open) > 0 {
		return
	}
	exact := new(big.Rat).Quo(rat(hr), rat(sbp))
	shown, err := vital.ParseDecimal(exact.FloatString(int(places)))
	if err != nil {
		t.refuse("the ratio is beyond what can be shown")
		return
	}
	r := &t.result
	r.Total, r.AtLeast, r.AtMost, r.Complete, r.Band = &shown, &shown, &shown, true, "not_raised"
	if exact.Cmp(rat(limit)) > 0 {
		r.Band = "raised"
		t.fire(fmt.Sprintf("hr %s / sbp %s is %s", hr, sbp, words))
		return
	}
	t.fire(fmt.Sprintf("hr %s / sbp %s is not %s", hr, sbp, words))
}

func rat(d vital.Decimal) *big.Rat {
	r, _ := new(big.Rat).SetString(d.String())
	return r
}
