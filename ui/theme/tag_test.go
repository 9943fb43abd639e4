package theme

import (
	"testing"

	"fieldkit/triage/chart"
)

func TestATagIsReadAndIsNoAlarm(t *testing.T) {
	for u := chart.UrgencyUnknown; u <= chart.Dead; u++ {
		ground, ink := Tag(u)
		if got := contrast(ink, ground); got < 4.5 {
			t.Errorf("the word on tag %d has a contrast of %.1f", u, got)
		}
		for _, l := range Looks {
			for _, a := range Alarms {
				if d := apart(ground, l.Colour(a)); d < 20 {
					t.Errorf("tag %d is only %.0f from the alarms' %s by %v", u, d, a, l)
				}
			}
		}
	}
}
