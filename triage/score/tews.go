package score

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// tewsCutOffs are where the colours begin. The charts in use disagree: these are
// of the 2012 manual; the earlier Cape Triage Score and several apps use the other
// set, which is named where it differs.
var tewsCutOffs = struct{ manual, cape []floor }{
	manual: []floor{{0, "green"}, {3, "yellow"}, {5, "orange"}, {7, "red"}},
	cape:   []floor{{0, "green"}, {3, "yellow"}, {6, "orange"}, {8, "red"}},
}

// tewsChart is one of the three age charts.
type tewsChart struct {
	rr, hr, sbp chart
	mind        map[string]int
	helped      int // walks only with help
}

var tewsTemp = chart{places: 1, cuts: []cut{{0, 2}, {350, 0}, {385, 2}}}

// tewsCharts are adult, 3 to 12 years, under 3 years. The adult chart was
// transcribed once and is to be read against the manual again.
var tewsCharts = [...]tewsChart{
	{
		rr:   charted(cut{0, 2}, cut{9, 0}, cut{15, 1}, cut{21, 2}, cut{30, 3}),
		hr:   charted(cut{0, 2}, cut{41, 1}, cut{51, 0}, cut{101, 1}, cut{111, 2}, cut{130, 3}),
		sbp:  charted(cut{0, 3}, cut{71, 2}, cut{81, 1}, cut{101, 0}, cut{200, 2}),
		mind: map[string]int{"A": 0, "V": 1, "C": 2, "P": 2, "U": 3}, helped: 1,
	},
	{
		rr:   charted(cut{0, 2}, cut{15, 1}, cut{17, 0}, cut{22, 1}, cut{27, 2}),
		hr:   charted(cut{0, 2}, cut{60, 1}, cut{80, 0}, cut{100, 1}, cut{130, 2}),
		mind: map[string]int{"A": 0, "C": 1, "V": 1, "P": 2, "U": 3}, helped: 2,
	},
	{
		rr:   charted(cut{0, 2}, cut{20, 1}, cut{26, 0}, cut{40, 1}, cut{50, 2}),
		hr:   charted(cut{0, 2}, cut{70, 1}, cut{80, 0}, cut{131, 1}, cut{160, 2}),
		mind: map[string]int{"A": 0, "V": 1, "P": 2, "U": 3}, helped: 2,
	},
}

var tews = Rule{
	ID: "tews", Title: "Triage Early Warning Score of the South African Triage Scale", Version: "SATS 2012 (red from 7, orange from 5, yellow from 3)",
	Inputs: []finding.Key{finding.Mobility, finding.RR, finding.HR, finding.SBP, finding.TempC, finding.Consciousness, finding.Trauma,
		finding.AgeYears, finding.AgeMonths, finding.HeightCm, finding.Walking},
	Source:  "Emergency Medicine Society of South Africa: South African Triage Scale manual, 2012; child charts as used at King Faisal Hospital, Rwanda",
	Licence: "freely used",
	judge: func(t *tally) {
		t.warn("the discriminators of the scale can only raise the colour")
		which := t.tewsWhich()
		if len(which) == 1 {
			t.tewsBy(tewsCharts[which[0]])
		} else {
			t.tewsAll()
		}
		t.total(over("total", tewsCutOffs.manual...))
		if t.result.Complete {
			n := int(t.result.Total.Float())
			if other := fall("total", tewsCutOffs.cape)(n).band; other != t.result.Band {
				t.warn("the earlier Cape cut-offs (8, 6, 3) give " + other)
			}
		}
	},
}

// tewsWhich are the charts that age and height allow: one when either is known.
func (t *tally) tewsWhich() []int {
	age, known := t.in.Years()
	height, tall := t.in.Number(finding.HeightCm)
	switch {
	case known && age > 12, tall && height.Cmp(vital.Int(150)) > 0:
		return []int{0}
	case known && age >= 3, !known && tall && height.Cmp(vital.Int(95)) >= 0:
		return []int{1}
	case known || tall:
		return []int{2}
	}
	return []int{0, 1, 2}
}

func (t *tally) tewsBy(c tewsChart) {
	switch w, ok := t.in.Word(finding.Mobility); {
	case w == "walking" || !ok && t.in.Answer(finding.Walking) == finding.Yes:
		t.add("mobility", 0, 0, "")
	case w == "with_help":
		t.add("mobility", c.helped, c.helped, "walks with help")
	case w == "stretcher" || !ok && t.in.Answer(finding.Walking) == finding.No:
		t.add("mobility", 2, 2, "cannot walk")
	default:
		t.add("mobility", 0, 2, "", finding.Mobility)
	}
	t.number(finding.RR, c.rr)
	t.number(finding.HR, c.hr)
	if len(c.sbp.cuts) > 0 {
		t.number(finding.SBP, c.sbp)
	}
	t.number(finding.TempC, tewsTemp)
	t.word(finding.Consciousness, c.mind)
	t.answer(finding.Trauma, 1, 0)
}

// tewsAll is for an unknown age and height: between the lowest and the highest of
// the three charts.
func (t *tally) tewsAll() {
	low, high := 1<<30, 0
	missing := []finding.Key{finding.AgeYears}
	for _, c := range tewsCharts {
		sub := tally{in: t.in, rule: t.rule, result: Result{Parts: map[string]vital.Decimal{}}}
		sub.tewsBy(c)
		a, b := sub.bounds()
		low, high = min(low, a), max(high, b)
		for _, s := range sub.open {
			missing = append(missing, s.keys...)
		}
	}
	t.parts = append(t.parts, part{low, high})
	t.open = append(t.open, span{missing, high - low + 1})
}
