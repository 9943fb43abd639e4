package score

import (
	"fmt"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var weight = Rule{
	ID: "weight", Title: "Weight of a child by age, in kg: an estimate, never a measurement", Version: "APLS (0-11 months m/2 + 4; 1-5 years 2y + 8; 6-12 years 3y + 7)",
	Inputs: []finding.Key{finding.AgeYears, finding.AgeMonths, finding.WeightKg},
	Source: "Advanced Life Support Group: Advanced Paediatric Life Support, 5th edition", Licence: "published formula, free to use",
	judge: judgeWeight,
}

func judgeWeight(t *tally) {
	r := &t.result
	r.Unit, r.Band = "kg", Incomplete
	set := func(kg vital.Decimal, band, why string) {
		r.Total, r.AtLeast, r.AtMost, r.Complete, r.Band = &kg, &kg, &kg, true, band
		t.fire(why)
	}
	if kg, ok := t.in.Number(finding.WeightKg); ok {
		set(kg, "given", "the weight given holds; nothing is estimated")
		return
	}
	months, ok := t.in.Months()
	years := int64(months / 12)
	switch {
	case !ok:
		t.open = append(t.open, span{[]finding.Key{finding.AgeYears}, 1})
		return
	case years > 12:
		t.refuse("not over 12 years; weigh or ask")
		return
	case years < 1:
		set(vital.Dec(int64(months)*5+40, -1), "estimated", fmt.Sprintf("%d months / 2 + 4", months))
	case years < 6:
		set(vital.Int(2*years+8), "estimated", fmt.Sprintf("2 × %d years + 8", years))
	default:
		set(vital.Int(3*years+7), "estimated", fmt.Sprintf("3 × %d years + 7", years))
	}
	t.warn("estimated by age; weigh as soon as possible")
	if years >= 1 {
		if older := vital.Int(2 * (years + 4)); older.Cmp(*r.Total) != 0 {
			t.warn("the older formula 2 × (years + 4) gives " + older.String() + " kg")
		}
	}
}
