package score

import (
	"fmt"
	"math/big"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var parkland = Rule{
	ID: "parkland", Title: "Parkland formula: fluid in the first 24 hours after a burn, in mL", Version: "4 mL/kg/% (under 16 years 3 mL/kg/%, plus maintenance; 2 to 4 are in use)",
	Inputs: []finding.Key{finding.WeightKg, finding.BurnPercent, finding.HoursSinceBurn, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source: "Baxter CR, Shires T: Ann N Y Acad Sci 1968;150:874-94", Licence: "published formula, free to use",
	judge: judgeParkland,
}

func judgeParkland(t *tally) {
	factor := int64(4)
	switch age, ok := t.in.Years(); {
	case ok && age < 16, !ok && t.in.Answer(finding.LooksLikeChild) == finding.Yes:
		factor = 3
		t.warn("a child: add maintenance fluid")
	case !ok:
		t.warn("age is not known: 4 mL/kg/% is for adults")
	}
	weight, okWeight := t.in.Number(finding.WeightKg)
	burnt, okBurnt := t.in.Number(finding.BurnPercent)
	t.result.Band = Incomplete
	if !okWeight {
		t.open = append(t.open, span{[]finding.Key{finding.WeightKg}, 1})
	}
	if !okBurnt {
		t.open = append(t.open, span{[]finding.Key{finding.BurnPercent}, 2})
	}
	if len(t.open) > 0 {
		return
	}
	volume := new(big.Rat).Mul(rat(weight), rat(burnt))
	volume.Mul(volume, big.NewRat(factor, 1))
	total := rounded(volume, 0)
	r := &t.result
	r.Unit, r.Band = "mL", "volume"
	r.Total, r.AtLeast, r.AtMost, r.Complete = &total, &total, &total, true
	half := new(big.Rat).Mul(volume, big.NewRat(1, 2))
	r.Parts["first_8_h_ml"] = rounded(half, 0)
	r.Parts["next_16_h_ml"] = rounded(half, 0)
	r.Parts["next_16_h_ml_per_h"] = rounded(new(big.Rat).Mul(half, big.NewRat(1, 16)), 1)
	t.fire(fmt.Sprintf("%d mL × %s kg × %s %% burnt; half of it within 8 hours of the burn", factor, weight, burnt))
	since, ok := t.in.Number(finding.HoursSinceBurn)
	switch {
	case !ok:
		t.next = finding.HoursSinceBurn.Ask()
		t.warn("the 8 hours count from the burn, not from arrival")
	case since.Cmp(vital.Int(8)) < 0:
		left := new(big.Rat).Sub(big.NewRat(8, 1), rat(since))
		r.Parts["first_half_ml_per_h"] = rounded(new(big.Rat).Quo(half, left), 1)
	default:
		t.warn("the first 8 hours are over: the first half is due")
	}
}

// rounded is r to places decimal places, half away from zero.
func rounded(r *big.Rat, places int) vital.Decimal {
	d, _ := vital.ParseDecimal(r.FloatString(places)) // at most 700 kg × 100 % × 4
	return d
}
