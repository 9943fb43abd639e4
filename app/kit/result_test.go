package kit

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// What a crew sees of a cuff whose monitor says its last result with every message
// and no time with it, as a GE S/5 does.
func TestACuffResultIsAsOldAsItsMeasurement(t *testing.T) {
	const (
		none = -1 // the monitor says that there is no result
		held = -2 // nothing is shown
	)
	type said struct {
		at       time.Duration
		on       string // whose monitor it is then
		sys, dia int64
		seen     [2]int64         // systolic and diastolic shown
		from     [2]time.Duration // since when
		news     bool             // one of them is a new result
	}
	minute := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	for story, steps := range map[string][]said{
		"said again with each message": {
			{minute(0), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(1), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, false},
			{minute(9), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, false},
		},
		"measured anew, the systolic came out the same": {
			{minute(0), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(5), "ann", 120, 70, [2]int64{120, 70}, [2]time.Duration{minute(5), minute(5)}, true},
			{minute(6), "ann", 120, 70, [2]int64{120, 70}, [2]time.Duration{minute(5), minute(5)}, false},
		},
		"measured anew, the diastolic came out the same": {
			{minute(0), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(5), "ann", 90, 80, [2]int64{90, 80}, [2]time.Duration{minute(5), minute(5)}, true},
			{minute(6), "ann", 90, 80, [2]int64{90, 80}, [2]time.Duration{minute(5), minute(5)}, false},
		},
		"said again after the hose was off": {
			{minute(0), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(1), "ann", none, none, [2]int64{held, held}, [2]time.Duration{}, false},
			{minute(2), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, false},
		},
		"said again on the next patient": {
			{minute(0), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(1), "bob", 120, 80, [2]int64{held, held}, [2]time.Duration{}, false},
			{minute(2), "bob", 100, 80, [2]int64{100, 80}, [2]time.Duration{minute(2), minute(2)}, true},
			{minute(3), "bob", 101, 60, [2]int64{101, 60}, [2]time.Duration{minute(3), minute(3)}, true},
			{minute(4), "ann", 101, 60, [2]int64{held, held}, [2]time.Duration{}, false},
		},
		"measured before anybody had said whose monitor it is": {
			{minute(0), "unassigned", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, true},
			{minute(3), "ann", 120, 80, [2]int64{120, 80}, [2]time.Duration{0, 0}, false},
			{minute(4), "bob", 120, 80, [2]int64{held, held}, [2]time.Duration{}, false},
		},
	} {
		t.Run(story, func(t *testing.T) {
			all, beds := results{}, map[string]*bed{}
			for i, s := range steps {
				b := beds[s.on]
				if b == nil {
					b = newBed(chart.ID{byte(len(beds) + 1)}, chart.ID{})
					b.provisional = s.on == "unassigned"
					beds[s.on] = b
				}
				news := false
				for j, v := range [...]int64{s.sys, s.dia} {
					sign := [...]vital.Sign{vital.NIBPSys, vital.NIBPDia}[j]
					r := vital.None(sign, vital.Disconnected)
					if v != none {
						r = vital.Of(sign, vital.Int(v))
					}
					r.Aperiodic = true
					r.Arrived = vital.Instant(s.at) + vital.Instant(j)*vital.Instant(time.Millisecond)
					_, _, n := b.take(r.Arrived, "S/5", r, vital.Provenance{}, all)
					news = news || n
				}
				if news != s.news {
					t.Errorf("step %d: a new result: %v", i, news)
				}
				for j, sign := range [...]vital.Sign{vital.NIBPSys, vital.NIBPDia} {
					r := b.readings[numeric{"S/5", sign, "", ""}]
					v, ok := r.Value()
					switch {
					case s.seen[j] == held && ok:
						t.Errorf("step %d: %v shows %v of %v", i, sign, v, time.Duration(r.Arrived))
					case s.seen[j] != held && (!ok || v != vital.Int(s.seen[j])):
						t.Errorf("step %d: %v shows %v, want %d", i, sign, r.Reading, s.seen[j])
					case s.seen[j] != held && time.Duration(r.Arrived).Truncate(time.Second) != s.from[j]:
						t.Errorf("step %d: %v is of %v, want %v", i, sign, time.Duration(r.Arrived), s.from[j])
					}
				}
			}
		})
	}
}
