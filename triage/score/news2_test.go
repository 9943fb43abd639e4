package score

import (
	"fmt"
	"strings"
	"testing"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

const wellAdult = `{"age_years":40,"rr":16,"spo2":98,"on_oxygen":false,"sbp":120,"hr":70,"temp_c":37,"consciousness":"A"}`

// Source: gdl-lang/common-clinical-models gdl2/NEWS2.v1.test.yml.
func TestNEWS2AgreesWithTheGDLSuite(t *testing.T) {
	for _, c := range gdlSuite(t, "NEWS2.v1.test.yml") {
		in := map[string]string{
			"rr": first(c.In["Respiration rate"]), "spo2": first(c.In["spO2"]), "sbp": first(c.In["Systolic BP"]),
			"hr": first(c.In["Heart rate"]), "temp_c": first(c.In["Temperature"]),
		}
		text := `{"spo2_scale":1`
		if last(c.In["Hypercapnic respiratory failure"]) == "Yes" {
			text = `{"spo2_scale":2`
		}
		for k, v := range in {
			text += fmt.Sprintf(`,%q:%s`, k, v)
		}
		text += fmt.Sprintf(`,"on_oxygen":%t`, last(c.In["Supplemental oxygen"]) != "Room air")
		if last(c.In["Consciousness"]) == "Alert" {
			text += `,"consciousness":"A"}`
		} else {
			text += `,"consciousness":"V"}`
		}
		r := apply(t, "news2", text)
		if total(r) != first(c.Out["Total score"]) {
			t.Errorf("%s: %s gave %s, want %s", c.ID, text, total(r), c.Out["Total score"])
		}
		if risk := c.Out["Clinical risk"]; risk != "" {
			if want := strings.ReplaceAll(strings.ToLower(last(risk)), "-", "_"); r.Band != want {
				t.Errorf("%s: band %s, want %s", c.ID, r.Band, want)
			}
		}
	}
}

// rows are boundary points as clinical-vectors writes them: "8→3, 9→1".
func rows(t *testing.T, list string, each func(value string, points int)) {
	t.Helper()
	for _, row := range strings.Split(list, ", ") {
		value, want, ok := strings.Cut(row, "→")
		var points int
		if _, err := fmt.Sscan(want, &points); !ok || err != nil {
			t.Fatalf("row %q", row)
		}
		each(value, points)
	}
}

// Source: Royal College of Physicians 2017, chart 1, as in clinical-vectors 1.2.
func TestNEWS2AtEveryBoundaryOfItsChart(t *testing.T) {
	for _, c := range []struct{ key, more, list string }{
		{"rr", `{}`, "8→3, 9→1, 11→1, 12→0, 20→0, 21→2, 24→2, 25→3"},
		{"spo2", `{}`, "91→3, 92→2, 93→2, 94→1, 95→1, 96→0"},
		{"spo2", `{"spo2_scale":2}`, "83→3, 84→2, 85→2, 86→1, 87→1, 88→0, 92→0, 93→0, 95→0, 97→0, 100→0"},
		{"spo2", `{"spo2_scale":2,"on_oxygen":true}`, "83→3, 84→2, 86→1, 88→0, 92→0, 93→1, 94→1, 95→2, 96→2, 97→3, 100→3"},
		{"on_oxygen", `{}`, "false→0, true→2"},
		{"sbp", `{}`, "90→3, 91→2, 100→2, 101→1, 110→1, 111→0, 219→0, 220→3"},
		{"hr", `{}`, "40→3, 41→1, 50→1, 51→0, 90→0, 91→1, 110→1, 111→2, 130→2, 131→3"},
		{"consciousness", `{}`, `"A"→0, "C"→3, "V"→3, "P"→3, "U"→3`},
		{"temp_c", `{}`, "35.0→3, 35.1→1, 36.0→1, 36.1→0, 38.0→0, 38.1→1, 39.0→1, 39.1→2, 35.05→1, 35.04→3"},
	} {
		rows(t, c.list, func(value string, points int) {
			in := with(with(wellAdult, c.more), fmt.Sprintf(`{%q:%s}`, c.key, value))
			if got := apply(t, "news2", in).Parts[c.key]; got != vital.Int(int64(points)) {
				t.Errorf("%s of %s %s: %v points, want %d", c.key, value, c.more, got, points)
			}
		})
	}
}

func TestNEWS2IsRefusedWhereItDoesNotHold(t *testing.T) {
	for name, more := range map[string]string{
		"a pregnant woman":                     `{"sex":"female","pregnant":true}`,
		"a child of 15":                        `{"age_years":15}`,
		"191 months old":                       `{"age_years":null,"age_months":191}`,
		"of unknown age, who looks like child": `{"age_years":null,"looks_like_child":true}`,
	} {
		r := apply(t, "news2", with(wellAdult, more))
		if r.Refused == "" || r.Total != nil || r.AtLeast != nil || r.Band != Refused {
			t.Errorf("%s was scored: %+v", name, r)
		}
	}
	if r := apply(t, "news2", with(wellAdult, `{"age_years":16}`)); r.Refused != "" || total(r) != "0" {
		t.Errorf("on the 16th birthday: %+v", r)
	}
}

func TestNEWS2SaysThatPregnancyIsNotKnown(t *testing.T) {
	said := func(more string) bool {
		return strings.Contains(strings.Join(apply(t, "news2", with(wellAdult, more)).Warnings, " "), "pregnancy is not known")
	}
	for more, want := range map[string]bool{
		`{"sex":"female"}`:                                        true,
		`{"sex":"female","age_years":55}`:                         true,
		`{"sex":"female","age_years":56}`:                         false,
		`{"sex":"female","age_years":null}`:                       true,
		`{"sex":"female","pregnant":false}`:                       false,
		`{"sex":"male"}`:                                          false,
		`{"sex":"female","age_years":16,"looks_like_child":null}`: true,
	} {
		if said(more) != want {
			t.Errorf("%s: said %t, want %t", more, !want, want)
		}
	}
}

// What is left out must neither give a total nor a lower band than any value of it could.
func TestNEWS2WithAnInputMissingGivesOnlyBounds(t *testing.T) {
	sick := `{"age_years":40,"rr":26,"spo2":90,"on_oxygen":true,"sbp":95,"hr":120,"temp_c":35,"consciousness":"V"}`
	for _, base := range []string{wellAdult, sick} {
		for _, key := range []string{"rr", "spo2", "on_oxygen", "sbp", "hr", "temp_c", "consciousness"} {
			whole := apply(t, "news2", base)
			r := apply(t, "news2", with(base, fmt.Sprintf(`{%q:null}`, key)))
			if r.Complete || r.Total != nil || r.AtLeast.Cmp(*whole.Total) > 0 || r.AtMost.Cmp(*whole.Total) < 0 {
				t.Errorf("without %s: %+v", key, r)
			}
			if len(r.Missing) != 1 || string(r.Missing[0]) != key || r.Next != r.Missing[0].Ask() {
				t.Errorf("without %s: missing %v, next %q", key, r.Missing, r.Next)
			}
			if base == wellAdult && key != "on_oxygen" && (r.Band != Incomplete || r.AtLeastBand != "low") {
				t.Errorf("without %s the band is %s, at least %s", key, r.Band, r.AtLeastBand) // it alone may score 3
			}
			if r.Band != Incomplete && r.Band != whole.Band {
				t.Errorf("without %s the band is %s", key, r.Band)
			}
			if base == sick && r.Band != "high" {
				t.Errorf("without %s, 7 points stand already: %s", key, r.Band)
			}
		}
	}
	r := apply(t, "news2", `{}`)
	if r.Text != "incomplete, at least 0" || r.Band != Incomplete || len(r.Missing) != 7 {
		t.Errorf("of nothing known: %+v", r)
	}
}

func TestNEWS2OnScale2WithOxygenUnknown(t *testing.T) {
	r := apply(t, "news2", with(wellAdult, `{"spo2":97,"spo2_scale":2,"on_oxygen":null}`))
	if r.AtLeast.String() != "0" || r.AtMost.String() != "5" || r.Next != finding.OnOxygen.Ask() {
		t.Errorf("97 %% on scale 2, oxygen unknown: %+v", r)
	}
	if r := apply(t, "news2", with(wellAdult, `{"spo2":83,"spo2_scale":2,"on_oxygen":null}`)); r.AtLeast.String() != "3" || r.AtLeastBand != "low_medium" {
		t.Errorf("83 %% on scale 2, oxygen unknown: %+v", r)
	}
}
