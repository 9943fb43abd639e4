package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

// A cuff result or a temperature that the monitor itself doubts has an age too: the age
// must not take the place of the doubt.
func TestADoubtedCuffResultSaysSoBesideItsAge(t *testing.T) {
	doubts := (&lang.Speech{}).Say(lang.MonitorDoubts)
	for _, c := range []struct {
		name   string
		slot   int
		signs  []vital.Sign
		charts bool // by the record alone, no monitor measures it
	}{
		{"upper pressure", pressure, []vital.Sign{vital.NIBPSys}, false},
		{"lower pressure", pressure, []vital.Sign{vital.NIBPDia}, false},
		{"temperature", warmth, []vital.Sign{vital.Temperature}, false},
		{"a temperature charted by another monitor", warmth, []vital.Sign{vital.Temperature}, true},
		{"saturation", oxygen, []vital.Sign{vital.SpO2}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := crew(t)
			if c.charts {
				n := vital.Dec(391, -1)
				r.put(2*time.Minute, &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.Temperature, Value: &n, Questionable: true}}})
				r.ask()
			} else {
				r.desk.Change(0, func(p *rehearsal.Patient) {
					well := p.Readings
					p.Readings = func(since time.Duration) []vital.Reading {
						all := append(well(since), rehearsal.At(0, vital.Temperature, 39))
						for i := range all {
							for _, s := range c.signs {
								all[i].Questionable = all[i].Questionable || all[i].Sign == s
							}
						}
						return all
					}
				})
			}
			r.run(2 * time.Second)
			if got := r.tile(c.slot); !strings.Contains(got.Foot, doubts) {
				t.Errorf("the tile shows %q, %q", got.Digits, got.Foot)
			}
		})
	}
}
