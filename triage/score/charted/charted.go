// Package charted reads from a chart what the scores need: the latest charted
// values, the patient's age and sex, decisions, and what a person answered for an
// earlier score. It is pure and fills nothing in: what is too old, contradicted by
// a later "no value", or not said is unknown.
package charted

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// UsableFor is how old a charted value or answer may be and still count for a
// score: the quarter of an hour after which a screen greys it.
const UsableFor = 15 * time.Minute

// sameTime is how far apart two sources may be for the better one to be taken; of
// those further apart the newer is: a pulse counted now goes before the rate of a
// monitor that was taken off.
const sameTime = 2 * time.Minute

// sources says which signs answer a finding, the best source first.
var sources = []struct {
	key   finding.Key
	unit  vital.Unit // of the finding, where it is not the sign's own
	signs []vital.Sign
}{
	{finding.RR, vital.NoUnit, []vital.Sign{vital.RespRateCO2, vital.RespRateImpedance, vital.RespRate, vital.RespRateAirway}},
	{finding.SpO2, vital.NoUnit, []vital.Sign{vital.SpO2}},
	{finding.SBP, vital.NoUnit, []vital.Sign{vital.ABPSys, vital.NIBPSys}},
	{finding.HR, vital.NoUnit, []vital.Sign{vital.HeartRate, vital.PulseRate, vital.PulseRateNIBP}},
	{finding.TempC, vital.NoUnit, []vital.Sign{vital.Temperature}},
	{finding.Glucose, vital.MmolPerL, []vital.Sign{vital.Glucose}},
	{finding.GCSEye, vital.NoUnit, []vital.Sign{vital.GCSEye}},
	{finding.GCSVerbal, vital.NoUnit, []vital.Sign{vital.GCSVerbal}},
	{finding.GCSMotor, vital.NoUnit, []vital.Sign{vital.GCSMotor}},
	{finding.GCS, vital.NoUnit, []vital.Sign{vital.GCSTotal}},
	{finding.Pain, vital.NoUnit, []vital.Sign{vital.Pain}},
	{finding.WeightKg, vital.NoUnit, []vital.Sign{vital.Weight}},
	{finding.HeightCm, vital.NoUnit, []vital.Sign{vital.Height}},
}

// Findings is what a chart says to the scores at now. A sign whose last charting
// has no value is unknown, whatever it was before. A value that a score finds
// impossible stays unknown to it; the chart shows it as it is.
func Findings(c *chart.Chart, now time.Time) finding.Set {
	var set finding.Set
	views := map[vital.Sign]chart.SignView{}
	for _, v := range c.Vitals() {
		views[v.Sign] = v
	}
	latest := func(s vital.Sign, unit vital.Unit) (vital.Decimal, time.Duration, bool) {
		m := views[s].Last
		if m == nil {
			return vital.Decimal{}, 0, false
		}
		if unit == vital.NoUnit {
			unit = s.Unit()
		}
		r, err := m.Vital.Reading(0).In(unit)
		if err != nil {
			return vital.Decimal{}, 0, false
		}
		v, ok := r.Value()
		age := max(now.Sub(m.At), 0)
		return v, age, ok && (age <= UsableFor || s.Info().Ageing == vital.Lasting)
	}
	for _, row := range sources {
		newest := time.Duration(math.MaxInt64) - sameTime
		for _, s := range row.signs {
			if _, age, ok := latest(s, row.unit); ok {
				newest = min(newest, age)
			}
		}
		for _, s := range row.signs {
			if v, age, ok := latest(s, row.unit); ok && age <= newest+sameTime {
				_ = set.Put(row.key, finding.Value{Number: v, Age: age, Aged: true})
				break
			}
		}
	}
	if v, age, ok := latest(vital.ACVPU, vital.NoUnit); ok {
		const words = "ACVPU"
		if n := int(v.Float()); n >= 0 && n < len(words) {
			_ = set.Put(finding.Consciousness, finding.Value{Word: words[n : n+1], Age: age, Aged: true})
		}
	}
	answered(&set, c, now)
	row := c.Row()
	putAge(&set, row.Who, now)
	if d, ok := c.Decisions()["spo2-scale"]; ok && !d.Conflict() && d.First() != nil {
		if d.First().Content.(*chart.Decision).Value == "2" {
			_ = set.Put(finding.SpO2Scale, finding.Value{Number: vital.Int(2)})
		}
	}
	if sex := string(row.Who.Sex); sex != "" {
		_ = set.Put(finding.Sex, finding.Value{Word: strings.ToLower(sex)})
	}
	return set
}

// coded begins the code of an assessment's finding that is an answer to a score.
const coded = "fieldkit:"

// Answer is one answer of a person to a score, as an assessment keeps it.
// [Findings] reads it back.
func Answer(k finding.Key, v finding.Value) chart.Finding {
	f := chart.Finding{Name: strings.ReplaceAll(string(k), "_", " "), Code: coded + string(k), Presence: chart.FindingPresent}
	info, _ := k.Info()
	switch {
	case info.Kind == finding.Answer:
		if !v.Yes {
			f.Presence = chart.FindingAbsent
		}
	case v.Word != "":
		f.Text = v.Word
	default:
		n := v.Number
		f.Value = &n
	}
	return f
}

// answered adds the answers of assessments, the latest of each, where no later
// charted value says it.
func answered(set *finding.Set, c *chart.Chart, now time.Time) {
	seen := map[finding.Key]bool{}
	for _, fact := range slices.Backward(c.Of(chart.TypeAssessment)) {
		age := max(now.Sub(fact.At), 0)
		for _, f := range fact.Content.(*chart.Assessment).Findings {
			name, ok := strings.CutPrefix(f.Code, coded)
			k := finding.Key(name)
			info, known := k.Info()
			if !ok || !known || seen[k] {
				continue
			}
			seen[k] = true
			if age > UsableFor || f.Presence == chart.FindingNotAsked {
				continue
			}
			if charted, ok := set.Get(k); ok && charted.Age <= age {
				continue
			}
			v := finding.Value{Word: f.Text, Age: age, Aged: true}
			switch {
			case info.Kind == finding.Answer:
				v.Word, v.Yes = "", f.Presence == chart.FindingPresent
			case f.Value != nil:
				v.Word, v.Number = "", *f.Value
			}
			_ = set.Put(k, v)
		}
	}
}

// Months is a patient's age in completed months by the date of birth or, without a
// whole one, as it was said; false when neither says. A said age in weeks or days is
// cut off to months. Of a birth of which only the year or month is known the youngest
// age counts: the wrong side of a birthday is then the younger one's limits.
func Months(who chart.Demographics, now time.Time) (int, bool) {
	if born, err := time.Parse(time.DateOnly, who.Birth); err == nil {
		if _, months, err := finding.Age(born, now); err == nil {
			return months, true
		}
	}
	if n, unit, ok := saidAge(who.Age); ok {
		switch unit {
		case "a":
			return 12 * n, true
		case "mo":
			return n, true
		case "wk":
			return n * 7 * 12 / 365, true
		case "d":
			return n * 12 / 365, true
		}
	}
	if _, latest, ok := births(who.Birth); ok {
		if _, months, err := finding.Age(latest, now); err == nil {
			return months, true
		}
		if !latest.Before(now) { // later this year or month
			return 0, true
		}
	}
	return 0, false
}

// saidAge parts "7 mo" into its number and unit.
func saidAge(text string) (n int, unit string, ok bool) {
	got, err := fmt.Sscanf(text, "%d %s", &n, &unit)
	return n, unit, err == nil && got == 2
}

// births are the first and the last day that a year or a month of birth may mean.
func births(text string) (first, last time.Time, ok bool) {
	if at, err := time.Parse("2006", text); err == nil {
		return at, at.AddDate(1, 0, -1), true
	}
	at, err := time.Parse("2006-01", text)
	return at, at.AddDate(0, 1, -1), err == nil
}

// childUnder is the age in years from which the scores are those of adults.
const childUnder = 16

// putAge adds the age as far as it is known to the month. Where only the year or the
// month of birth is, it is said whether this is a child when it can be nothing else.
func putAge(set *finding.Set, who chart.Demographics, now time.Time) {
	if born, err := time.Parse(time.DateOnly, who.Birth); err == nil && set.PutAge(born, now) == nil {
		return
	}
	if n, unit, ok := saidAge(who.Age); ok {
		if unit == "a" {
			_ = set.Put(finding.AgeYears, finding.Value{Number: vital.Int(int64(n))}) // an impossible age stays unknown
		} else if months, ok := Months(chart.Demographics{Age: who.Age}, now); ok {
			_ = set.Put(finding.AgeMonths, finding.Value{Number: vital.Int(int64(months))})
		}
		return
	}
	first, _, ok := births(who.Birth)
	if !ok || set.Has(finding.LooksLikeChild) {
		return
	}
	oldest, _, err := finding.Age(first, now)
	youngest, ok := Months(chart.Demographics{Birth: who.Birth}, now)
	switch {
	case err != nil || !ok:
	case oldest < childUnder:
		_ = set.Put(finding.LooksLikeChild, finding.Value{Yes: true})
	case youngest/12 >= childUnder:
		_ = set.Put(finding.LooksLikeChild, finding.Value{})
	}
}

// PutWho adds the age and sex of who, where set does not know them.
func PutWho(set *finding.Set, who chart.Demographics, now time.Time) {
	if !set.Has(finding.AgeYears) && !set.Has(finding.AgeMonths) {
		putAge(set, who, now)
	}
	if (who.Sex == chart.Female || who.Sex == chart.Male) && !set.Has(finding.Sex) {
		_ = set.Put(finding.Sex, finding.Value{Word: string(who.Sex)})
	}
}
