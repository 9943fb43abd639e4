package kit

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// chartOf is a chart of one charting of vitals that was recorded at at.
func chartOf(at time.Time, who chart.Demographics, values ...chart.Vital) *chart.Chart {
	encounter, patient := chart.ID{1}, chart.ID{2}
	entry := func(seq uint64, c chart.Content) chart.Entry {
		return chart.Entry{Ref: chart.Ref{Device: chart.Device{1}, Epoch: chart.Epoch{1}, Seq: seq}, Log: 2, Wall: at, Happened: at, Patient: patient, Encounter: encounter, Content: c}
	}
	fold := chart.NewFold(encounter)
	fold.Add(entry(1, &chart.EncounterOpened{Setting: "ambulance"}), entry(2, &chart.PatientRegistered{Who: who}))
	if len(values) > 0 {
		fold.Add(entry(3, &chart.Vitals{Reason: chart.ReasonMinute, Values: values}))
	}
	return fold.Chart()
}

func measured(s vital.Sign, v int64) chart.Vital {
	d := vital.Int(v)
	return chart.Vital{Sign: s, Value: &d}
}

// Points are those of the Royal College of Physicians' chart (2017): SpO2 91 and
// less 3, pulse 111 to 130 2, respirations 21 to 24 2.
func TestTheScoreOfAnOximeterAloneIsIncomplete(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	adult := chart.Demographics{Age: "64 a", Sex: chart.Male}
	off := chart.Vital{Sign: vital.SpO2, State: vital.ProbeOff}
	for _, c := range []struct {
		story  string
		at     time.Time
		who    chart.Demographics
		values []chart.Vital
		text   string
	}{
		{"saturation 91 and pulse 118", now, adult, []chart.Vital{measured(vital.SpO2, 91), measured(vital.PulseRate, 118)}, "incomplete, at least 5"},
		{"the ECG's rate goes before the oximeter's", now, adult, []chart.Vital{measured(vital.PulseRate, 140), measured(vital.HeartRate, 118)}, "incomplete, at least 2"},
		{"the probe came off: the saturation is unknown, not normal", now, adult, []chart.Vital{off, measured(vital.PulseRate, 118)}, "incomplete, at least 2"},
		{"nothing was measured", now, adult, nil, "incomplete, at least 0"},
		{"a value of an hour ago does not count", now.Add(-time.Hour), adult, []chart.Vital{measured(vital.SpO2, 91)}, "incomplete, at least 0"},
		{"breaths by capnograph count", now, adult, []chart.Vital{measured(vital.RespRateCO2, 22)}, "incomplete, at least 2"},
	} {
		t.Run(c.story, func(t *testing.T) {
			s := sheetOf(chartOf(c.at, c.who, c.values...), now)
			if s.NEWS2 == nil || s.NEWS2.Text != c.text {
				t.Errorf("NEWS2 is %+v (%s), want %q", s.NEWS2, s.Refused, c.text)
			}
		})
	}
	scale2 := chartOf(now, adult, measured(vital.SpO2, 91))
	fold := chart.NewFold(scale2.Encounter)
	for _, f := range scale2.Facts() {
		fold.Add(*f.Entry)
	}
	fold.Add(chart.Entry{Ref: chart.Ref{Device: chart.Device{1}, Epoch: chart.Epoch{1}, Seq: 9}, Log: 2, Wall: now, Happened: now, Encounter: scale2.Encounter,
		Content: &chart.Decision{Name: "spo2-scale", Value: "2", Why: "hypercapnia known"}})
	if s := sheetOf(fold.Chart(), now); s.NEWS2 == nil || s.NEWS2.Text != "incomplete, at least 0" {
		t.Errorf("with scale 2 decided, 91 %% scores %+v, want 0", s.NEWS2)
	}
	if s := sheetOf(chartOf(now, chart.Demographics{Birth: "2010-11-23"}, measured(vital.SpO2, 91)), now); s.NEWS2 != nil {
		t.Error("NEWS2 is given the day before the sixteenth birthday")
	}
	if s := sheetOf(chartOf(now, chart.Demographics{Age: "7 a"}, measured(vital.SpO2, 91)), now); s.NEWS2 != nil || s.Refused == "" {
		t.Error("NEWS2 is given for a child of seven")
	}
}
