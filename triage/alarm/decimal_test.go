package alarm

import (
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// Oximeters send decimals, screens show whole per cents, and the limits are the charts'
// whole numbers (NEWS2, Royal College of Physicians 2017: 92 and 93 % give 2 points, 91 %
// and less 3). A number that stands on the screen as beyond its limit must alarm.
func TestANumberAlarmsAsItIsShown(t *testing.T) {
	for _, c := range []struct {
		sign vital.Sign
		text string
		want Priority
	}{
		{vital.SpO2, "94", None}, {vital.SpO2, "93.5", None}, {vital.SpO2, "93.4", Medium}, {vital.SpO2, "93", Medium}, {vital.SpO2, "91.5", Medium},
		{vital.SpO2, "91.4", High}, {vital.SpO2, "91", High}, {vital.SpO2, "79.4", High},
		{vital.HeartRate, "110.4", None}, {vital.HeartRate, "110.6", Medium}, {vital.HeartRate, "130.5", High}, {vital.HeartRate, "40.4", High}, {vital.HeartRate, "40.5", None},
		{vital.Temperature, "39.04", None}, {vital.Temperature, "39.05", Medium}, {vital.Temperature, "35.04", High}, {vital.Temperature, "35.1", None},
		{vital.RespRate, "24.4", Medium}, {vital.RespRate, "24.5", High}, {vital.RespRate, "8.4", High}, {vital.RespRate, "8.5", None},
	} {
		v, err := vital.ParseDecimal(c.text)
		if err != nil {
			t.Fatal(err)
		}
		e := NewEngine(Adult())
		got := None
		for s := range 20 {
			r := vital.Of(c.sign, v)
			r.Arrived = vital.Instant(time.Duration(s) * time.Second)
			for _, tr := range e.Step(r.Arrived, r) {
				if tr.To == Sounding {
					got = tr.Priority
				}
			}
			if c.text == "79.4" && s == 0 && got != High {
				t.Errorf("a saturation shown as 79 waits for a delay")
			}
		}
		if got != c.want {
			shown, _ := vital.Of(c.sign, v).Shown()
			t.Errorf("%v %s, shown as %s, alarms with %v, want %v", c.sign, c.text, shown, got, c.want)
		}
	}
}
