package score

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var qsofa = Rule{
	ID: "qsofa", Title: "Quick SOFA", Version: "Sepsis-3, 2016",
	Inputs:  []finding.Key{finding.RR, finding.SBP, finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.Consciousness, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source:  "Singer M et al: JAMA 2016;315:801-10. Surviving Sepsis Campaign 2021 advises against qSOFA as the only screen",
	Licence: "published rule, free to use",
	judge: func(t *tally) {
		if t.adultOnly("qSOFA", 16, "use the National PEWS (npews)") {
			return
		}
		t.warn("not to be the only screen for sepsis (Surviving Sepsis Campaign 2021)")
		t.number(finding.RR, charted(cut{0, 0}, cut{22, 1}))
		t.number(finding.SBP, charted(cut{0, 1}, cut{101, 0}))
		t.criterion("mentation", t.alteredMind(), 1, "altered mentation (coma scale under 15, or not alert)", finding.Consciousness, finding.GCSEye, finding.GCSVerbal, finding.GCSMotor)
		t.total(over("total", floor{0, "not_high"}, floor{2, "high"}))
	},
}

// alteredMind is a coma scale under 15 or any consciousness but A.
func (t *tally) alteredMind() finding.Tri {
	low, high, missing := t.in.Coma()
	w, known := t.in.Word(finding.Consciousness)
	switch {
	case high < 15 || known && w != "A":
		return finding.Yes
	case low == 15 || known && len(missing) == 3: // alert, and nobody began a coma scale
		return finding.No
	}
	return finding.Unknown
}

var sirs = Rule{
	ID: "sirs", Title: "Systemic inflammatory response syndrome", Version: "ACCP/SCCM 1992",
	Inputs:  []finding.Key{finding.TempC, finding.HR, finding.RR, finding.WBC, finding.PaCO2, finding.Bands, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source:  "Bone RC et al: Chest 1992;101:1644-55",
	Licence: "published rule, free to use",
	judge: func(t *tally) {
		if t.adultOnly("SIRS", 18, "its limits are those of adults") {
			return
		}
		in := t.in
		t.criterion("temp_c", finding.Any(in.Above(finding.TempC, vital.Int(38)), in.Below(finding.TempC, vital.Int(36))), 1, "temperature over 38 or under 36 °C", finding.TempC)
		t.criterion("hr", in.Above(finding.HR, vital.Int(90)), 1, "heart rate over 90", finding.HR)
		t.criterion("breathing", measured(in, finding.PaCO2, in.Above(finding.RR, vital.Int(20)), in.Below(finding.PaCO2, vital.Int(32))), 1, "respiratory rate over 20, or PaCO₂ under 32 mmHg", finding.RR)
		white := finding.Any(in.Above(finding.WBC, vital.Int(12)), in.Below(finding.WBC, vital.Int(4)))
		t.criterion("white_cells", measured(in, finding.Bands, white, in.Above(finding.Bands, vital.Int(10))), 1, "white cells over 12 or under 4, or over 10 % bands", finding.WBC)
		for _, k := range [...]finding.Key{finding.PaCO2, finding.Bands} {
			if !in.Has(k) {
				t.warn(string(k) + " is not known; it counts only where it was measured")
			}
		}
		t.total(over("criteria", floor{0, "not_met"}, floor{2, "met"}))
	},
}

// measured is a criterion of two ways, the second of which counts where it was
// measured: nobody takes a PaCO₂ to find that there is no SIRS.
func measured(in finding.Set, second finding.Key, a, b finding.Tri) finding.Tri {
	if in.Has(second) {
		return finding.Any(a, b)
	}
	return a
}
