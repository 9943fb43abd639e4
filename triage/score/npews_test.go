package score

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/triage/vital"
)

const wellChild = `{"age_years":6,"rr":22,"respiratory_distress":"none","spo2":98,"on_oxygen":false,"hr":100,"sbp":100,"crt_s":2,"consciousness":"A"}`

// Source: rcpch/digital-pews spec/npews-scoring-spec.json (a62a8af), every one of
// its [min, max, score] rows at both ends.
func TestPEWSThresholdsAreThoseOfTheRCPCHSpecification(t *testing.T) {
	var spec struct {
		Shared map[string][][3]float64
		Vitals map[string]map[string][][3]float64
	}
	if err := json.Unmarshal(foreign.Read(t, "clinical", "npews", "npews-scoring-spec.json"), &spec); err != nil {
		t.Fatal(err)
	}
	ages := map[string]string{"0-11m": `{"age_years":null,"age_months":11}`, "1-4y": `{"age_years":4}`, "5-12y": `{"age_years":12}`, "13+y": `{"age_years":13}`}
	tried := 0
	try := func(age, key, part string, low, high, points float64, more string) {
		for _, v := range []float64{low, high} {
			limit := map[string]float64{"rr": 200, "hr": 350, "sbp": 300}[key]
			if limit > 0 {
				v = min(v, limit)
			}
			if key == "oxygen_lpm" && v == 0.009 { // between "none" and the first row: some oxygen
				continue
			}
			if key == "rr" && v < 1 {
				more = `,"consciousness":null` // who does not breathe is not alert
			}
			r := apply(t, "npews", with(with(wellChild, age), fmt.Sprintf(`{%q:%v%s}`, key, v, more)))
			tried++
			if got := r.Parts[part]; got != vital.Int(int64(points)) {
				t.Errorf("%s %s %v: %v points, want %v", age, key, v, got, points)
			}
		}
	}
	for band, age := range ages {
		for name, key := range map[string]string{"respiratoryRate": "rr", "heartRate": "hr", "bloodPressureSystolic": "sbp"} {
			for _, row := range spec.Vitals[band][name] {
				try(age, key, key, row[0], row[1], row[2], "")
			}
		}
		for _, row := range spec.Shared["oxygenSaturation"] {
			try(age, "spo2", "spo2", row[0], row[1], row[2], "")
		}
		for _, row := range spec.Shared["oxygenDeliveryPercent"] {
			try(age, "oxygen_percent", "oxygen", row[0], row[1], row[2], `,"on_oxygen":null`)
		}
		for _, row := range spec.Shared["oxygenDeliveryLpm"] {
			try(age, "oxygen_lpm", "oxygen", row[0], row[1], row[2], `,"on_oxygen":null`)
		}
	}
	if tried < 200 {
		t.Errorf("only %d rows were tried", tried)
	}
}

// Source: NHS England configuration document, as in clinical-vectors 3.
func TestPEWSWordsAndEscalation(t *testing.T) {
	for _, c := range []struct {
		child, more string
		total, band string
	}{
		{"is well", `{}`, "0", "none"},
		{"breathes with mild effort", `{"respiratory_distress":"mild"}`, "1", "low"},
		{"breathes with moderate effort", `{"respiratory_distress":"moderate"}`, "2", "low"},
		{"breathes with severe effort", `{"respiratory_distress":"severe"}`, "4", "low"},
		{"refills in 2.5 s", `{"crt_s":2.5}`, "2", "low"},
		{"refills in 3 s", `{"crt_s":3}`, "2", "low"},
		{"has high flow at 1 L/min", `{"on_oxygen":true,"oxygen_device":"high_flow","oxygen_lpm":1}`, "4", "low"},
		{"has 25 % oxygen", `{"on_oxygen":true,"oxygen_percent":25}`, "1", "low"},
		{"is on oxygen, the flow read as 0", `{"on_oxygen":true,"oxygen_lpm":0}`, "1", "low"},
		{"scores 5", `{"respiratory_distress":"severe","spo2":94}`, "5", "medium"},
		{"scores 8", `{"respiratory_distress":"severe","spo2":91}`, "8", "medium"},
		{"scores 9", `{"respiratory_distress":"severe","spo2":91,"hr":79}`, "9", "high"},
		{"scores 13", `{"respiratory_distress":"severe","spo2":91,"rr":50,"hr":79}`, "13", "emergency"},
		{"responds to voice", `{"consciousness":"V"}`, "0", "high"},
		{"responds to pain", `{"consciousness":"P"}`, "0", "emergency"},
		{"is unresponsive", `{"consciousness":"U"}`, "0", "emergency"},
		{"has abnormal pupils", `{"pupils_abnormal":true}`, "0", "emergency"},
		{"may have sepsis", `{"sepsis_suspected":true}`, "0", "medium"},
		{"is in septic shock", `{"septic_shock":true}`, "0", "high"},
		{"is hot", `{"temp_c":40}`, "0", "none"},
	} {
		if r := apply(t, "npews", with(wellChild, c.more)); total(r) != c.total || r.Band != c.band {
			t.Errorf("a child who %s: %s %s, want %s %s", c.child, total(r), r.Band, c.total, c.band)
		}
	}
}

func TestPEWSOfUnknownAgeLiesBetweenTheCharts(t *testing.T) {
	r := apply(t, "npews", with(wellChild, `{"age_years":null}`))
	if r.Total != nil || r.AtLeast.String() != "0" || r.Missing[0] != "age_years" || !strings.Contains(r.Next, "How old") {
		t.Errorf("%+v", r)
	}
	if r := apply(t, "npews", with(wellChild, `{"age_years":null,"hr":185,"rr":75,"sbp":145}`)); r.AtLeast.String() != "12" || r.Band != "high" {
		t.Errorf("beyond every chart: %+v", r)
	}
	if r := apply(t, "npews", with(wellChild, `{"on_oxygen":true}`)); r.Total != nil || r.AtLeast.String() != "1" || r.AtMost.String() != "4" {
		t.Errorf("oxygen, how much is not said: %+v", r)
	}
}

func TestThresholdsThatWereChangedAreNotUsed(t *testing.T) {
	broken := []byte(strings.Replace(string(npewsData), "2500, 1", "2600, 1", 1))
	if _, err := readNPEWS(broken); err == nil {
		t.Error("changed thresholds were read")
	}
	if _, err := readNPEWS(npewsData); err != nil {
		t.Error(err)
	}
	if strings.Contains(npews.Title, "compliant") && !strings.Contains(npews.Title, "not a National PEWS compliant") {
		t.Error("claims compliance")
	}
}
