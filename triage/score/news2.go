package score

import (
	"fieldkit/triage/score/finding"
)

var news2 = Rule{
	ID: "news2", Title: "National Early Warning Score 2", Version: "rcp-2017",
	Inputs: []finding.Key{finding.RR, finding.SpO2, finding.OnOxygen, finding.SBP, finding.HR, finding.Consciousness, finding.TempC,
		finding.SpO2Scale, finding.AgeYears, finding.AgeMonths, finding.Sex, finding.Pregnant, finding.LooksLikeChild},
	Source:  "Royal College of Physicians: National Early Warning Score (NEWS) 2. London, 2017",
	Licence: "free of copyright restriction; the Royal College of Physicians is acknowledged",
	judge:   judgeNEWS2,
}

// The charts of NEWS2.
var (
	news2RR     = charted(cut{0, 3}, cut{9, 1}, cut{12, 0}, cut{21, 2}, cut{25, 3})
	news2Scale1 = charted(cut{0, 3}, cut{92, 2}, cut{94, 1}, cut{96, 0})
	news2Air    = charted(cut{0, 3}, cut{84, 2}, cut{86, 1}, cut{88, 0}) // scale 2, breathing air
	news2Oxygen = charted(cut{0, 3}, cut{84, 2}, cut{86, 1}, cut{88, 0}, cut{93, 1}, cut{95, 2}, cut{97, 3})
	news2SBP    = charted(cut{0, 3}, cut{91, 2}, cut{101, 1}, cut{111, 0}, cut{220, 3})
	news2HR     = charted(cut{0, 3}, cut{41, 1}, cut{51, 0}, cut{91, 1}, cut{111, 2}, cut{131, 3})
	news2Temp   = chart{places: 1, cuts: []cut{{0, 3}, {351, 1}, {361, 0}, {381, 1}, {391, 2}}}
)

func judgeNEWS2(t *tally) {
	if t.adultOnly("NEWS2", 16, "use the National PEWS (npews)") {
		return
	}
	switch t.in.Answer(finding.Pregnant) {
	case finding.Yes:
		t.refuse("NEWS2 is not for pregnancy; use an obstetric early warning score")
		return
	case finding.Unknown:
		years, known := t.in.Years()
		if sex, _ := t.in.Word(finding.Sex); sex == "female" && (!known || years >= 12 && years <= 55) {
			t.warn("pregnancy is not known; NEWS2 is not for pregnancy")
		}
	}
	t.number(finding.RR, news2RR)
	t.saturation()
	t.answer(finding.OnOxygen, 2, 0)
	t.number(finding.SBP, news2SBP)
	t.number(finding.HR, news2HR)
	t.word(finding.Consciousness, map[string]int{"A": 0, "C": 3, "V": 3, "P": 3, "U": 3})
	t.number(finding.TempC, news2Temp)
	t.total(newsBand)
}

// newsBand is the response of NEWS and NEWS2: one part of 3 makes a low total
// low-medium.
func newsBand(sum, highest int) verdict {
	switch {
	case sum >= 7:
		return verdict{"high", "total 7 or more is high"}
	case sum >= 5:
		return verdict{"medium", "total 5 or 6 is medium"}
	case highest >= 3:
		return verdict{"low_medium", "3 points in one part is low_medium"}
	}
	return verdict{"low", "total 0 to 4 without 3 points in one part is low"}
}

// saturation adds the SpO₂ on the scale that holds. Scale 2 is used only when the
// input says so, which a caller sets from a clinician's recorded decision; on it,
// 93 % or more scores only on oxygen.
func (t *tally) saturation() {
	if scale, _ := t.in.Whole(finding.SpO2Scale); scale != 2 {
		t.number(finding.SpO2, news2Scale1)
		return
	}
	t.warn("SpO₂ scale 2 is for a clinician's recorded decision only")
	v, ok := t.in.Number(finding.SpO2)
	oxygen := t.in.Answer(finding.OnOxygen)
	switch {
	case oxygen == finding.Yes:
		t.number(finding.SpO2, news2Oxygen)
	case oxygen == finding.No:
		t.number(finding.SpO2, news2Air)
	case !ok:
		t.add("spo2", 0, 3, "", finding.SpO2)
	default:
		air, given := news2Air.at(v), news2Oxygen.at(v)
		a, b := news2Air.cuts[air].points, news2Oxygen.cuts[given].points
		if a == b {
			t.number(finding.SpO2, news2Air)
			return
		}
		t.add("spo2", min(a, b), max(a, b), "", finding.OnOxygen)
	}
}

// adultOnly refuses a score for those under years of age, and for one of unknown
// age who looks like a child. It reports whether it refused.
func (t *tally) adultOnly(name string, years int, instead string) bool {
	age, known := t.in.Years()
	switch {
	case known && age < years:
		t.refuse(name + " is not for this age; " + instead)
		return true
	case !known && t.in.Answer(finding.LooksLikeChild) == finding.Yes:
		t.refuse(name + " is not for one who looks like a child; " + instead)
		return true
	case !known:
		t.warn("age is not known; " + name + " is not for children")
	}
	return false
}
