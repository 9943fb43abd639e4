package kit

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
)

func TestAMonitorGoesBackToThePatientItWasBoundToLast(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	first, second := chart.Boot{1}, chart.Boot{2}
	bound := func(boot chart.Boot, mono time.Duration, wall time.Time) *chart.Entry {
		return &chart.Entry{Boot: boot, Mono: mono, Wall: wall}
	}
	for _, c := range []struct {
		what           string
		earlier, later *chart.Entry
	}{
		{"a clock that runs", bound(first, time.Minute, noon), bound(first, time.Hour, noon.Add(59*time.Minute))},
		{"a clock set back an hour between the two", bound(first, time.Minute, noon), bound(first, 2*time.Minute, noon.Add(-time.Hour))},
		{"a reboot between the two", bound(first, time.Hour, noon), bound(second, time.Minute, noon.Add(time.Minute))},
		{"entries of a version that kept no boot", bound(chart.Boot{}, time.Hour, noon), bound(chart.Boot{}, 0, noon.Add(time.Minute))},
	} {
		for _, order := range [][2]*chart.Entry{{c.earlier, c.later}, {c.later, c.earlier}} {
			of := map[string]*chart.Fact{}
			for _, e := range order {
				later(of, chart.Binding{Monitor: "nonin 1", Bound: &chart.Fact{Entry: e, Wall: e.Wall}})
			}
			if of["nonin 1"].Entry != c.later {
				t.Errorf("%s: the monitor goes back to the patient before", c.what)
			}
		}
	}
}
