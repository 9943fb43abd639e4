package alarm

import (
	"fmt"
	"testing"

	"fieldkit/triage/score"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// Every whole value of every sign that is scored: high is what NEWS2 gives 3 points
// and the National PEWS 4, medium is 2 points in both.
func TestLimitsAreThoseOfTheTables(t *testing.T) {
	for _, c := range []struct {
		age          string
		months       int
		score        string
		high, medium int64
	}{
		{`"age_months":0`, 0, "npews", 4, 2}, {`"age_months":11`, 11, "npews", 4, 2},
		{`"age_years":1`, 12, "npews", 4, 2}, {`"age_years":4`, 59, "npews", 4, 2},
		{`"age_years":5`, 60, "npews", 4, 2}, {`"age_years":12`, 155, "npews", 4, 2},
		{`"age_years":13`, 156, "npews", 4, 2}, {`"age_years":15`, 191, "npews", 4, 2},
		{`"age_years":16`, 192, "news2", 3, 2}, {`"age_years":90`, 1080, "news2", 3, 2},
	} {
		rule, err := score.Named(c.score)
		if err != nil {
			t.Fatal(err)
		}
		limits := ForAge(c.months)
		for _, s := range []struct {
			key       string
			sign      vital.Sign
			low, high int64
		}{
			{"rr", vital.RespRate, 0, 120}, {"hr", vital.HeartRate, 0, 250}, {"hr", vital.PulseRate, 0, 250},
			{"sbp", vital.NIBPSys, 1, 300}, {"sbp", vital.ABPSys, 1, 300}, {"spo2", vital.SpO2, 0, 100},
		} {
			for n := s.low; n <= s.high; n++ {
				in, err := finding.Parse(fmt.Appendf(nil, `{%s,%q:%d}`, c.age, s.key, n))
				if err != nil {
					t.Fatal(err)
				}
				r, err := rule.Apply(in)
				if err != nil {
					t.Fatal(err)
				}
				points := int64(r.Parts[s.key].Float())
				want := None
				switch {
				case points >= c.high:
					want = High
				case points == c.medium:
					want = Medium
				}
				if got := worst(limits, s.sign, vital.Int(n)); got != want {
					t.Errorf("%s: %s %d has %d points, its limit is %v, want %v", limits.ID, s.key, n, points, got, want)
				}
			}
		}
	}
}

// worst is the priority of the worst tier of l that v is beyond.
func worst(l Limits, s vital.Sign, v vital.Decimal) Priority {
	p := None
	for _, limit := range l.Limit {
		if limit.Sign == s {
			if i := limit.reached(v); i >= 0 {
				p = max(p, limit.Tier[i].Priority)
			}
		}
	}
	return p
}

// Source: NEWS2, temperature; the National PEWS does not score it.
func TestTemperatureLimits(t *testing.T) {
	for value, want := range map[string]Priority{"35.0": High, "35.1": None, "39.0": None, "39.1": Medium} {
		v, _ := vital.ParseDecimal(value)
		if got := worst(Adult(), vital.Temperature, v); got != want {
			t.Errorf("%s °C: %v, want %v", value, got, want)
		}
		if got := worst(ForAge(60), vital.Temperature, v); got != None {
			t.Errorf("%s °C in a child: %v", value, got)
		}
	}
}

// Source: NEWS2, SpO₂ scale 2: 83 is 3 points, 84 and 85 are 2.
func TestScale2Limits(t *testing.T) {
	for n, want := range map[int64]Priority{83: High, 84: Medium, 85: Medium, 86: None, 92: None} {
		if got := worst(Scale2(Adult()), vital.SpO2, vital.Int(n)); got != want {
			t.Errorf("%d %%: %v, want %v", n, got, want)
		}
	}
	if worst(Adult(), vital.SpO2, vital.Int(90)) != High {
		t.Error("scale 2 changed the adult set")
	}
}

func TestEveryTierIsWorseThanTheOneBefore(t *testing.T) {
	for _, months := range []int{-1, 0, 12, 60, 156, 192} {
		for _, l := range ForAge(months).Limit {
			for i := 1; i < len(l.Tier); i++ {
				c := l.Tier[i].Bound.Cmp(l.Tier[i-1].Bound)
				if l.Tier[i].Priority < l.Tier[i-1].Priority || l.Side == TooLow && c >= 0 || l.Side == TooHigh && c <= 0 {
					t.Errorf("%d months, %v: tier %d", months, l.Sign, i)
				}
			}
		}
	}
}
