package kit

import (
	"fmt"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// charted says which signs answer a finding, the best source first.
var charted = []struct {
	key   finding.Key
	signs []vital.Sign
}{
	{finding.RR, []vital.Sign{vital.RespRateCO2, vital.RespRateImpedance, vital.RespRate, vital.RespRateAirway}},
	{finding.SpO2, []vital.Sign{vital.SpO2}},
	{finding.SBP, []vital.Sign{vital.ABPSys, vital.NIBPSys}},
	{finding.HR, []vital.Sign{vital.HeartRate, vital.PulseRate, vital.PulseRateNIBP}},
	{finding.TempC, []vital.Sign{vital.Temperature}},
}

// usableFor is how old a charted value may be and still count for a score: the
// quarter of an hour after which a screen greys it.
const usableFor = 15 * time.Minute

// findingsOf is what a chart says to the scores. A sign whose last charting has no
// value is unknown, whatever it was before.
func findingsOf(c *chart.Chart, now time.Time) finding.Set {
	var set finding.Set
	views := map[vital.Sign]chart.SignView{}
	for _, v := range c.Vitals() {
		views[v.Sign] = v
	}
	latest := func(s vital.Sign) (vital.Decimal, time.Duration, bool) {
		m := views[s].Last
		if m == nil {
			return vital.Decimal{}, 0, false
		}
		r, err := m.Vital.Reading(0).In(s.Unit())
		if err != nil {
			return vital.Decimal{}, 0, false
		}
		v, ok := r.Value()
		age := max(now.Sub(m.At), 0)
		return v, age, ok && age <= usableFor
	}
	put := func(k finding.Key, v finding.Value) {
		// What a score finds impossible stays unknown to it: the chart shows it as it is.
		_ = set.Put(k, v)
	}
	for _, row := range charted {
		for _, s := range row.signs {
			if v, age, ok := latest(s); ok {
				put(row.key, finding.Value{Number: v, Age: age, Aged: true})
				break
			}
		}
	}
	if v, age, ok := latest(vital.ACVPU); ok {
		const words = "ACVPU"
		if n := int(v.Float()); n >= 0 && n < len(words) {
			put(finding.Consciousness, finding.Value{Word: words[n : n+1], Age: age, Aged: true})
		}
	}
	row := c.Row()
	putAge(&set, row.Who, now)
	if d, ok := c.Decisions()["spo2-scale"]; ok && !d.Conflict() && d.First() != nil {
		if d.First().Content.(*chart.Decision).Value == "2" {
			put(finding.SpO2Scale, finding.Value{Number: vital.Int(2)})
		}
	}
	if sex := string(row.Who.Sex); sex != "" {
		put(finding.Sex, finding.Value{Word: strings.ToLower(sex)})
	}
	return set
}

// putAge adds the age by the date of birth or, without a whole one, as it was said
// in years.
func putAge(set *finding.Set, who chart.Demographics, now time.Time) {
	if born, err := time.Parse(time.DateOnly, who.Birth); err == nil && set.PutAge(born, now) == nil {
		return
	}
	var years int64
	var unit string
	if n, err := fmt.Sscanf(who.Age, "%d %s", &years, &unit); err == nil && n == 2 && unit == "a" {
		_ = set.Put(finding.AgeYears, finding.Value{Number: vital.Int(years)}) // an impossible age stays unknown
	}
}

// monthsOf is a patient's age in completed months, and -1 when it is not known. A
// date of birth goes before what was said; a guess in words may be years off, which
// the alarm limits bear: the wrong side of a birthday is the next band's limits.
func monthsOf(who chart.Demographics, now time.Time) int {
	if born, err := time.Parse(time.DateOnly, who.Birth); err == nil {
		if _, months, err := finding.Age(born, now); err == nil {
			return months
		}
	}
	var n int
	var unit string
	if _, err := fmt.Sscanf(who.Age, "%d %s", &n, &unit); err != nil {
		return -1
	}
	switch unit {
	case "a":
		return 12 * n
	case "mo":
		return n
	case "wk":
		return n * 7 * 12 / 365
	case "d":
		return n * 12 / 365
	}
	return -1
}

// news2Of is the patient's NEWS2 as far as the chart lets it be said.
func news2Of(c *chart.Chart, now time.Time) (score.Result, error) {
	rule, err := score.Named("news2")
	if err != nil {
		return score.Result{}, err
	}
	return rule.Apply(findingsOf(c, now))
}
