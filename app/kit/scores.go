package kit

import (
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score"
	"fieldkit/triage/score/charted"
)

// monthsOf is a patient's age in completed months, and -1 when it is not known. A
// date of birth goes before what was said; a guess in words may be years off, which
// the alarm limits bear: the wrong side of a birthday is the next band's limits.
func monthsOf(who chart.Demographics, now time.Time) int {
	if months, known := charted.Months(who, now); known {
		return months
	}
	return -1
}

// news2Of is the patient's NEWS2 as far as the chart lets it be said.
func news2Of(c *chart.Chart, now time.Time) (score.Result, error) {
	rule, err := score.Named("news2")
	if err != nil {
		return score.Result{}, err
	}
	return rule.Apply(charted.Findings(c, now))
}
