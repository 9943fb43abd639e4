package charted

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var now = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

// told is a chart of contents, each so long ago.
func told(t *testing.T, contents map[time.Duration]chart.Content) *chart.Chart {
	t.Helper()
	encounter := chart.ID{1}
	fold := chart.NewFold(encounter)
	seq := uint64(0)
	add := func(ago time.Duration, c chart.Content) {
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		seq++
		at := now.Add(-ago)
		fold.Add(chart.Entry{Ref: chart.Ref{Device: chart.Device{1}, Epoch: chart.Epoch{1}, Seq: seq}, Log: 2, Wall: at, Happened: at,
			Patient: chart.ID{2}, Encounter: encounter, Content: c})
	}
	add(time.Hour, &chart.EncounterOpened{Setting: "ambulance"})
	add(time.Hour, &chart.PatientRegistered{Who: chart.Demographics{Age: "64 a", Sex: chart.Male}})
	for ago := 59 * time.Minute; ago >= 0; ago -= time.Minute {
		if c, ok := contents[ago]; ok {
			add(ago, c)
		}
	}
	return fold.Chart()
}

func typed(values map[vital.Sign]int64) *chart.Vitals {
	v := &chart.Vitals{Reason: chart.ReasonHand}
	for s, n := range values {
		d := vital.Int(n)
		v.Values = append(v.Values, chart.Vital{Sign: s, Value: &d})
	}
	return v
}

func asked(k finding.Key, v finding.Value) *chart.Assessment {
	return &chart.Assessment{Area: "NEWS2", Findings: []chart.Finding{Answer(k, v)}}
}

// Points of the Royal College of Physicians' chart (2017): 22 breaths 2, 91 % 3,
// oxygen 2, 105 mmHg 1, 118 beats 2, alert 0, 36.6 °C 0.
func TestAnswersOfOneScoreMakeTheNextComplete(t *testing.T) {
	measured := typed(map[vital.Sign]int64{vital.RespRate: 22, vital.SpO2: 91, vital.NIBPSys: 105, vital.HeartRate: 118, vital.Temperature: 37, vital.ACVPU: 0})
	rule, err := score.Named("news2")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		told map[time.Duration]chart.Content
		text string
	}{
		{"nobody said whether oxygen is given", map[time.Duration]chart.Content{time.Minute: measured}, "incomplete, at least 8"},
		{"on oxygen, as answered 5 min ago", map[time.Duration]chart.Content{time.Minute: measured, 5 * time.Minute: asked(finding.OnOxygen, finding.Value{Yes: true})}, "10, high"},
		{"breathing air, as answered", map[time.Duration]chart.Content{time.Minute: measured, 5 * time.Minute: asked(finding.OnOxygen, finding.Value{})}, "8, high"},
		{"the later answer holds", map[time.Duration]chart.Content{time.Minute: measured,
			9 * time.Minute: asked(finding.OnOxygen, finding.Value{}), 5 * time.Minute: asked(finding.OnOxygen, finding.Value{Yes: true})}, "10, high"},
		{"an answer of 20 min ago does not count", map[time.Duration]chart.Content{time.Minute: measured, 20 * time.Minute: asked(finding.OnOxygen, finding.Value{Yes: true})}, "incomplete, at least 8"},
		{"a later answer goes before a charted word", map[time.Duration]chart.Content{5 * time.Minute: measured,
			time.Minute: asked(finding.Consciousness, finding.Value{Word: "V"}), 2 * time.Minute: asked(finding.OnOxygen, finding.Value{})}, "11, high"},
		{"a later charted word goes before an answer", map[time.Duration]chart.Content{time.Minute: measured,
			5 * time.Minute: asked(finding.Consciousness, finding.Value{Word: "V"}), 2 * time.Minute: asked(finding.OnOxygen, finding.Value{})}, "8, high"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := rule.Apply(Findings(told(t, c.told), now))
			if err != nil || r.Text != c.text {
				t.Errorf("NEWS2 is %q (%v), want %q", r.Text, err, c.text)
			}
		})
	}
}

func TestAnAnswerComesBackAsItWasGiven(t *testing.T) {
	for k, v := range map[finding.Key]finding.Value{
		finding.OnOxygen: {Yes: true}, finding.FaceDroop: {}, finding.Consciousness: {Word: "P"},
		finding.GCSVerbal: {Word: finding.NotTestable}, finding.GCSMotor: {Number: vital.Int(5)}, finding.LastKnownWell: {Number: vital.Dec(15, -1)},
	} {
		set := Findings(told(t, map[time.Duration]chart.Content{time.Minute: asked(k, v)}), now)
		got, ok := set.Get(k)
		got.Age, got.Aged = 0, false
		if !ok || got != v {
			t.Errorf("%s came back as %+v, want %+v", k, got, v)
		}
	}
}

func TestANewerValueGoesBeforeABetterSource(t *testing.T) {
	for _, c := range []struct {
		story    string
		contents map[time.Duration]chart.Content
		rate, rr int64
	}{
		{"taken off, then counted", map[time.Duration]chart.Content{
			12 * time.Minute: typed(map[vital.Sign]int64{vital.HeartRate: 80, vital.RespRateCO2: 16}),
			0:                typed(map[vital.Sign]int64{vital.PulseRate: 140, vital.RespRate: 32}),
		}, 140, 32},
		{"in the same minute", map[time.Duration]chart.Content{
			time.Minute: typed(map[vital.Sign]int64{vital.HeartRate: 80, vital.RespRateCO2: 16}),
			0:           typed(map[vital.Sign]int64{vital.PulseRate: 78, vital.RespRate: 18}),
		}, 80, 16},
	} {
		set := Findings(told(t, c.contents), now)
		for k, want := range map[finding.Key]int64{finding.HR: c.rate, finding.RR: c.rr} {
			if v, ok := set.Get(k); !ok || v.Number != vital.Int(want) {
				t.Errorf("%s: %v is %v, want %d", c.story, k, v.Number, want)
			}
		}
	}
}

// A thermometer's 40 stands though the monitor, which has no probe, says so each minute.
func TestAMonitorWithoutAProbeDoesNotWipeWhatAPersonMeasured(t *testing.T) {
	monitor := []vital.Provenance{{Driver: "datex", Make: "GE"}}
	none := &chart.Vitals{Reason: chart.ReasonMinute, Monitor: "GE 9", Sources: monitor, Values: []chart.Vital{
		{Sign: vital.Temperature, State: vital.Disconnected}, {Sign: vital.SpO2, State: vital.ProbeOff},
	}}
	set := Findings(told(t, map[time.Duration]chart.Content{
		5 * time.Minute: typed(map[vital.Sign]int64{vital.Temperature: 40, vital.SpO2: 91}),
		0:               none,
	}), now)
	if v, ok := set.Get(finding.TempC); !ok || v.Number != vital.Int(40) {
		t.Errorf("the temperature is %v", v.Number)
	}
	if _, ok := set.Get(finding.SpO2); ok {
		t.Error("a saturation is told though the probe is off now")
	}
}

// The age of an infant is said in weeks or days (UCUM "wk", "d"). NEWS2 is not for
// those under 16 (Royal College of Physicians, 2017); 49/min is normal under one year
// in the National PEWS (30 to 49 give 0) and 3 points in NEWS2.
func TestAnInfantOfWeeksOrDaysIsNoAdult(t *testing.T) {
	for _, c := range []struct {
		who    chart.Demographics
		refuse bool // by NEWS2
		years  int  // -1 when not known
		months int  // for alarm limits, -1 when not known
	}{
		{chart.Demographics{Age: "5 d"}, true, 0, 0},
		{chart.Demographics{Age: "3 wk"}, true, 0, 0},
		{chart.Demographics{Age: "10 wk"}, true, 0, 2},
		{chart.Demographics{Age: "11 mo"}, true, 0, 11},
		{chart.Demographics{Age: "64 a"}, false, 64, 768},
		{chart.Demographics{Birth: "2025-11-23"}, true, 0, 11},
		{chart.Demographics{Birth: "2024"}, true, -1, 22}, // born from January to December: 22 to 34 months
		{chart.Demographics{Birth: "2026"}, true, -1, 0},
		{chart.Demographics{Birth: "2024-05"}, true, -1, 29},
		{chart.Demographics{Birth: "1950"}, false, -1, 75*12 + 10},
		{chart.Demographics{Birth: "2010"}, false, -1, 15*12 + 10}, // 15 or 16: nobody can say
		{chart.Demographics{Birth: "2024", Age: "2 a"}, true, 2, 24},
		{chart.Demographics{}, false, -1, -1},
	} {
		var set finding.Set
		PutWho(&set, c.who, now)
		r, err := news2.Apply(set)
		if err != nil || (r.Refused != "") != c.refuse {
			t.Errorf("%+v: NEWS2 refuses %q (%v), want a refusal: %v", c.who, r.Refused, err, c.refuse)
		}
		years, known := set.Years()
		if !known {
			years = -1
		}
		months, known := Months(c.who, now)
		if !known {
			months = -1
		}
		if years != c.years || months != c.months {
			t.Errorf("%+v: %d years to the scores, %d months to the limits, want %d and %d", c.who, years, months, c.years, c.months)
		}
	}
}

// Weight and height are lasting signs: a child weighed 50 minutes ago is as heavy now,
// and must not be given a weight by its age.
func TestAWeightOfLongAgoStillCounts(t *testing.T) {
	set := Findings(told(t, map[time.Duration]chart.Content{50 * time.Minute: typed(map[vital.Sign]int64{vital.Weight: 31, vital.Height: 120, vital.Temperature: 39})}), now)
	for k, want := range map[finding.Key]string{finding.WeightKg: "31", finding.HeightCm: "120", finding.TempC: "unknown"} {
		if got := set.Text(k); got != want {
			t.Errorf("%s of 50 min ago is %s, want %s", k, got, want)
		}
	}
}

var news2 = func() score.Rule {
	r, err := score.Named("news2")
	if err != nil {
		panic(err)
	}
	return r
}()
