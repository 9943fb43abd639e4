package ui

import (
	"testing"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

func of(s vital.Sign, n int64, at time.Duration) vital.Reading {
	r := vital.Of(s, vital.Int(n))
	r.Arrived = vital.Instant(at)
	return r
}

func none(s vital.Sign, why vital.State, at time.Duration) vital.Reading {
	r := vital.None(s, why)
	r.Arrived = vital.Instant(at)
	return r
}

// The ages are the plan's (Safety): continuous values grey after 3 s and become
// dashes after 10 s; cuff, temperature and glucose stay and grey after 15 min.
func TestAValueLosesItsStandingAsItGetsOlder(t *testing.T) {
	start := time.Now()
	for _, c := range []struct {
		story    string
		reading  vital.Reading
		later    time.Duration // after the tenth that brought it
		text     string
		why      vital.State
		standing vital.Age
	}{
		{"a saturation just measured", of(vital.SpO2, 97, 0), 0, "97", vital.Measured, vital.Fresh},
		{"a saturation of 3 s ago is grey", of(vital.SpO2, 97, 0), 3 * time.Second, "97", vital.Measured, vital.Grey},
		{"a saturation of 10 s ago is dashes", of(vital.SpO2, 97, 0), 10 * time.Second, "", vital.Measured, vital.Gone},
		{"a cuff of 10 min ago still stands", of(vital.NIBPSys, 120, 0), 10 * time.Minute, "120", vital.Measured, vital.Fresh},
		{"a cuff of 15 min ago is grey, never gone", of(vital.NIBPSys, 120, 0), 15 * time.Minute, "120", vital.Measured, vital.Grey},
		{"a probe that is off has a reason and no zero", none(vital.SpO2, vital.ProbeOff, 0), 0, "", vital.ProbeOff, vital.Fresh},
		{"a heart that stands still is a measured zero", of(vital.HeartRate, 0, 0), 0, "0", vital.Measured, vital.Fresh},
	} {
		t.Run(c.story, func(t *testing.T) {
			var b Bed
			b.Hear(start, &Moment{Readings: []vital.Reading{c.reading}, Full: true})
			s := b.Show(start.Add(c.later), c.reading.Sign)
			if s.Text != c.text || s.Why != c.why || s.Standing != c.standing {
				t.Errorf("shown %q, %v, standing %d; want %q, %v, %d", s.Text, s.Why, s.Standing, c.text, c.why, c.standing)
			}
		})
	}
}

func TestANumberNobodyMeasuresIsNotZero(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{Full: true})
	if s := b.Show(now, vital.EtCO2); s.Text != "" || s.Why != vital.NotMeasured {
		t.Errorf("an unmeasured end-tidal CO2 shows %q, %v", s.Text, s.Why)
	}
}

func TestThePulseStandsInForAHeartRateThatIsNotThere(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{Readings: []vital.Reading{none(vital.HeartRate, vital.ProbeOff, 0), of(vital.PulseRate, 71, 0)}, Full: true})
	if s := b.Show(now, vital.HeartRate, vital.PulseRate); s.Text != "71" || s.Sign != vital.PulseRate {
		t.Errorf("shown %q of %v, want the pulse 71 under its own name", s.Text, s.Sign)
	}
	b.Hear(now, &Moment{Readings: []vital.Reading{none(vital.PulseRate, vital.Searching, 0)}})
	if s := b.Show(now, vital.HeartRate, vital.PulseRate); s.Text != "" || s.Why != vital.ProbeOff {
		t.Errorf("shown %q, %v; want the heart rate's own reason", s.Text, s.Why)
	}
}

func TestHalvesOfTwoCuffResultsAreNotABloodPressure(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{At: vital.Instant(5 * time.Minute), Full: true, Readings: []vital.Reading{
		of(vital.NIBPSys, 90, 5*time.Minute), of(vital.NIBPDia, 80, time.Minute)}})
	sys, dia := b.Pair(now, vital.NIBPSys, vital.NIBPDia)
	if sys.Text != "90" || dia.Text != "" {
		t.Errorf("shown %q over %q; the diastolic is of an earlier result", sys.Text, dia.Text)
	}
}

func TestARestartedStationLeavesNoOldNumbers(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{Boot: chart.Boot{1}, At: vital.Instant(time.Hour), Full: true, AlarmsTold: true,
		Readings: []vital.Reading{of(vital.SpO2, 97, time.Hour)}, Alarms: []Alarm{{Text: "SpO₂ low"}}})
	b.Hear(now, &Moment{Boot: chart.Boot{2}, At: 0})
	if s := b.Show(now, vital.SpO2); s.Text != "" || len(b.Alarms) != 0 {
		t.Errorf("after a restart %q and %d alarms still stand", s.Text, len(b.Alarms))
	}
}

func TestASilentStationAgesEveryNumber(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{At: vital.Instant(time.Minute), Full: true, Readings: []vital.Reading{of(vital.SpO2, 97, time.Minute)}})
	later := now.Add(4 * time.Second)
	if got := b.Silent(later); got != 4*time.Second {
		t.Errorf("silent for %v", got)
	}
	if s := b.Show(later, vital.SpO2); s.Standing != vital.Grey || s.Age < 4*time.Second {
		t.Errorf("standing %d at age %v", s.Standing, s.Age)
	}
}

func TestNoNumberComesUnderAnothersName(t *testing.T) {
	var b Bed
	now := time.Now()
	b.Hear(now, &Moment{Encounter: chart.ID{1}, Full: true, Readings: []vital.Reading{of(vital.SpO2, 97, 0)}})
	b.Hear(now, &Moment{Encounter: chart.ID{2}, Full: true, Readings: []vital.Reading{of(vital.SpO2, 60, 0)}})
	if s := b.Show(now, vital.SpO2); s.Text != "97" {
		t.Errorf("shown %q of another encounter", s.Text)
	}
	b.Hear(now, &Moment{Encounter: chart.ID{1}, Ended: true})
	if s := b.Show(now, vital.SpO2); s.Text != "" || b.Heard() {
		t.Errorf("after the binding ended %q is still shown", s.Text)
	}
}

func TestTheMostUrgentAlarmStandsFirst(t *testing.T) {
	var b Bed
	b.Hear(time.Now(), &Moment{AlarmsTold: true, Alarms: []Alarm{
		{Text: "seen", Priority: alarm.High, Acknowledged: true},
		{Text: "probe", Priority: alarm.Low, Technical: true},
		{Text: "low", Priority: alarm.Medium},
		{Text: "worst", Priority: alarm.High},
		{Text: "cable", Priority: alarm.High, Technical: true},
	}})
	want := []string{"worst", "cable", "low", "probe", "seen"}
	for i, a := range b.Alarms {
		if a.Text != want[i] {
			t.Fatalf("place %d is %q, want %q", i, a.Text, want[i])
		}
	}
}
