package sieve

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fieldkit/triage/score/finding"
)

func parse(t testing.TB, in string) finding.Set {
	t.Helper()
	set, err := finding.Parse([]byte(in))
	if err != nil {
		t.Fatalf("%s: %v", in, err)
	}
	return set
}

func apply(t testing.TB, id, in string) Result {
	t.Helper()
	rule, err := Named(id)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rule.Apply(parse(t, in))
	if err != nil {
		t.Fatalf("%s %s: %v", id, in, err)
	}
	return r
}

// Source of the rows: the published charts named in each rule, as transcribed in
// clinical-vectors section 5.
func TestSortsGiveThePublishedCategory(t *testing.T) {
	all4 := `"breathing":true,"obeys_commands":true,"radial_pulse":true,"respiratory_distress":false,"severe_bleeding":false`
	for _, c := range []struct {
		sieve, casualty, in string
		want                Category
	}{
		{"start", "walks", `{"walking":true}`, Minor},
		{"start", "does not breathe after the airway is opened", `{"walking":false,"breathing":false,"breathing_after_airway":false}`, Deceased},
		{"start", "breathes after the airway is opened", `{"walking":false,"breathing":false,"breathing_after_airway":true}`, Immediate},
		{"start", "breathes 31 times", `{"walking":false,"breathing":true,"rr":31}`, Immediate},
		{"start", "breathes 30 times, all well", `{"walking":false,"breathing":true,"rr":30,"radial_pulse":true,"crt_s":2,"obeys_commands":true}`, Delayed},
		{"start", "has no radial pulse", `{"walking":false,"rr":29,"radial_pulse":false}`, Immediate},
		{"start", "refills in 2.1 s", `{"walking":false,"rr":20,"radial_pulse":true,"crt_s":2.1}`, Immediate},
		{"start", "refills in 2.1 s, pulse not felt for", `{"walking":false,"rr":20,"crt_s":2.1}`, Immediate},
		{"start", "refills in 2.0 s and obeys", `{"walking":false,"rr":20,"crt_s":2.0,"obeys_commands":true}`, Delayed},
		{"start", "does not obey", `{"walking":false,"rr":20,"radial_pulse":true,"obeys_commands":false}`, Immediate},
		{"start", "responds to pain only", `{"walking":false,"rr":20,"radial_pulse":true,"consciousness":"P"}`, Immediate},
		{"start", "breathes 4 times and obeys", `{"walking":false,"rr":4,"radial_pulse":true,"obeys_commands":true}`, Delayed},
		{"start", "walks with an arterial bleed", `{"walking":true,"severe_bleeding":true}`, Minor},
		{"start", "breath not counted", `{"walking":false,"breathing":true,"radial_pulse":true,"obeys_commands":true}`, Incomplete},
		{"start", "breath not counted, no pulse", `{"walking":false,"breathing":true,"radial_pulse":false}`, Immediate},
		{"start", "nothing known", `{}`, Incomplete},

		{"jumpstart", "walks", `{"walking":true}`, Minor},
		{"jumpstart", "breathes after the airway is opened", `{"walking":false,"breathing":false,"breathing_after_airway":true}`, Immediate},
		{"jumpstart", "no breath, no pulse", `{"walking":false,"breathing":false,"breathing_after_airway":false,"pulse":false}`, Deceased},
		{"jumpstart", "breathes after rescue breaths", `{"walking":false,"breathing":false,"breathing_after_airway":false,"pulse":true,"breathing_after_rescue_breaths":true}`, Immediate},
		{"jumpstart", "does not breathe after rescue breaths", `{"walking":false,"breathing":false,"breathing_after_airway":false,"pulse":true,"breathing_after_rescue_breaths":false}`, Deceased},
		{"jumpstart", "no breath, pulse not felt for", `{"walking":false,"breathing":false,"breathing_after_airway":false}`, Incomplete},
		{"jumpstart", "breathes 14 times", `{"walking":false,"rr":14}`, Immediate},
		{"jumpstart", "breathes 15 times, alert", `{"walking":false,"rr":15,"pulse":true,"consciousness":"A"}`, Delayed},
		{"jumpstart", "breathes 45 times, alert", `{"walking":false,"rr":45,"pulse":true,"consciousness":"A"}`, Delayed},
		{"jumpstart", "breathes 46 times", `{"walking":false,"rr":46}`, Immediate},
		{"jumpstart", "breathes irregularly", `{"walking":false,"rr":30,"rr_irregular":true}`, Immediate},
		{"jumpstart", "no palpable pulse", `{"walking":false,"rr":30,"pulse":false}`, Immediate},
		{"jumpstart", "localises pain", `{"walking":false,"rr":30,"pulse":true,"consciousness":"P","pain_response_appropriate":true}`, Delayed},
		{"jumpstart", "postures to pain", `{"walking":false,"rr":30,"pulse":true,"consciousness":"P","pain_response_appropriate":false}`, Immediate},
		{"jumpstart", "moves with purpose to pain", `{"walking":false,"rr":30,"pulse":true,"consciousness":"P","purposeful_movement":true}`, Delayed},
		{"jumpstart", "responds to pain, how is not said", `{"walking":false,"rr":30,"pulse":true,"consciousness":"P"}`, Incomplete},
		{"jumpstart", "unresponsive", `{"walking":false,"rr":30,"pulse":true,"consciousness":"U"}`, Immediate},
		{"jumpstart", "carried, well, not hurt", `{"not_yet_walking":true,"rr":30,"pulse":true,"consciousness":"A","significant_external_injury":false}`, Minor},
		{"jumpstart", "carried, well, injury not looked for", `{"not_yet_walking":true,"rr":30,"pulse":true,"consciousness":"A"}`, Delayed},

		{"salt", "does not breathe after the interventions", `{"breathing":false,"breathing_after_airway":false}`, Dead},
		{"salt", "a child who breathes after rescue breaths", `{"age_years":4,"breathing":false,"breathing_after_airway":false,"breathing_after_rescue_breaths":true,"obeys_commands":false,"likely_to_survive":true}`, Immediate},
		{"salt", "a child, rescue breaths not given", `{"age_years":4,"breathing":false,"breathing_after_airway":false}`, Incomplete},
		{"salt", "all four met, minor injuries only", `{` + all4 + `,"minor_injuries_only":true}`, Minimal},
		{"salt", "all four met, more than minor", `{` + all4 + `,"minor_injuries_only":false}`, Delayed},
		{"salt", "does not obey, will survive", `{"breathing":true,"obeys_commands":false,"likely_to_survive":true}`, Immediate},
		{"salt", "does not obey but moves with purpose", `{"breathing":true,"obeys_commands":false,"purposeful_movement":true,"radial_pulse":true,"respiratory_distress":false,"severe_bleeding":false,"minor_injuries_only":false}`, Delayed},
		{"salt", "no peripheral pulse, will survive", `{"breathing":true,"obeys_commands":true,"radial_pulse":false,"likely_to_survive":true}`, Immediate},
		{"salt", "respiratory distress, will survive", `{"breathing":true,"obeys_commands":true,"radial_pulse":true,"respiratory_distress":true,"likely_to_survive":true}`, Immediate},
		{"salt", "bleeds without control, will survive", `{"breathing":true,"obeys_commands":true,"radial_pulse":true,"respiratory_distress":false,"severe_bleeding":true,"bleeding_controlled":false,"likely_to_survive":true}`, Immediate},
		{"salt", "no pulse, will not survive", `{"breathing":true,"obeys_commands":true,"radial_pulse":false,"likely_to_survive":false}`, Expectant},
		{"salt", "walks with bleeding not controlled", `{"walking":true,"breathing":true,"obeys_commands":true,"radial_pulse":true,"respiratory_distress":false,"bleeding_controlled":false,"likely_to_survive":true}`, Immediate},
		{"salt", "survival not judged", `{"breathing":true,"obeys_commands":true,"radial_pulse":false}`, Incomplete},

		{"tst", "walks", `{"walking":true}`, P3},
		{"tst", "lies with severe bleeding", `{"walking":false,"severe_bleeding":true}`, P1},
		{"tst", "talks, penetrating injury", `{"walking":false,"severe_bleeding":false,"talking":true,"penetrating_torso":true}`, P1},
		{"tst", "talks, no penetrating injury", `{"walking":false,"severe_bleeding":false,"talking":true,"penetrating_torso":false}`, P2},
		{"tst", "does not talk, breathes", `{"walking":false,"severe_bleeding":false,"talking":false,"breathing":true}`, P1},
		{"tst", "does not breathe", `{"walking":false,"severe_bleeding":false,"talking":false,"breathing":false,"breathing_after_airway":false}`, NotBreathing},
		{"tst", "walks with severe bleeding", `{"walking":true,"severe_bleeding":true}`, P3},
		{"tst", "talks, back not looked at", `{"walking":false,"severe_bleeding":false,"talking":true}`, Incomplete},

		{"usft2021", "45 y, 89 systolic", `{"age_years":45,"sbp":89}`, Red},
		{"usft2021", "45 y, 90 systolic, heart rate 91", `{"age_years":45,"sbp":90,"hr":91}`, Red},
		{"usft2021", "64 y, 89 systolic", `{"age_years":64,"sbp":89}`, Red},
		{"usft2021", "65 y, 109 systolic", `{"age_years":65,"sbp":109}`, Red},
		{"usft2021", "5 y, 79 systolic", `{"age_years":5,"sbp":79}`, Red},
		{"usft2021", "9 y, 87 systolic", `{"age_years":9,"sbp":87}`, Red},
		{"usft2021", "10 y, 89 systolic", `{"age_years":10,"sbp":89}`, Red},
		{"usft2021", "breathes 9 times", `{"rr":9}`, Red},
		{"usft2021", "breathes 30 times", `{"rr":30}`, Red},
		{"usft2021", "89 % on room air", `{"spo2":89,"on_oxygen":false}`, Red},
		{"usft2021", "89 % on oxygen: needs support", `{"spo2":89,"on_oxygen":true}`, Red},
		{"usft2021", "motor 5", `{"gcs_m":5}`, Red},
		{"usft2021", "65 systolic, age unknown", `{"sbp":65}`, Red},
	} {
		if got := apply(t, c.sieve, c.in); got.Category != c.want {
			t.Errorf("%s: a casualty who %s is %s, want %s (%s)", c.sieve, c.casualty, got.Category, c.want, got.Fired)
		}
	}
}

// Source: clinical-vectors 5.5 (RCEM Learning; BMJ Mil Health 2018;164:103; NHS MITT 2023).
func TestMPTT24AndMITTSideBySide(t *testing.T) {
	lies := `"walking":false,"severe_bleeding":false,"age_years":30,"breathing":true`
	for _, c := range []struct {
		in         string
		mptt, mitt Category
	}{
		{`{"severe_bleeding":true}`, P1, P1},
		{`{"severe_bleeding":true,"walking":true}`, P1, P1},
		{`{"severe_bleeding":false,"walking":true}`, P3, P3},
		{`{"walking":false,"severe_bleeding":false,"breathing":false,"breathing_after_airway":false}`, Dead, Dead},
		{`{"walking":false,"severe_bleeding":false,"age_years":5,"submersion_or_smoke":true,"breathing":false,"breathing_after_airway":false}`, Refused, Incomplete},
		{`{"walking":false,"severe_bleeding":false,"age_years":5,"submersion_or_smoke":true,"breathing":false,"breathing_after_airway":false,"breathing_after_rescue_breaths":true}`, Refused, P1},
		{`{"walking":false,"severe_bleeding":false,"age_years":12,"submersion_or_smoke":true,"breathing":false,"breathing_after_airway":false}`, Refused, Dead},
		{`{` + lies + `,"consciousness":"P"}`, P1, P1},
		{`{` + lies + `,"consciousness":"A","rr":11}`, P1, P1},
		{`{` + lies + `,"consciousness":"A","rr":12,"hr":99}`, P2, P2},
		{`{` + lies + `,"consciousness":"A","rr":23,"hr":99}`, P2, P2},
		{`{` + lies + `,"consciousness":"A","rr":24,"hr":99}`, P1, P1},
		{`{` + lies + `,"consciousness":"A","rr":16,"hr":100}`, P1, P1},
		{`{` + lies + `,"consciousness":"A","rr":16,"hr":40}`, P2, P2},
		{`{` + lies + `,"consciousness":"A","rr":16}`, Incomplete, Incomplete},
		{`{"walking":false,"severe_bleeding":false,"age_years":1,"consciousness":"A","breathing":true,"rr":20,"hr":90}`, Refused, P1},
		{`{"walking":false,"severe_bleeding":false,"age_years":2,"consciousness":"A","breathing":true,"rr":20,"hr":90}`, Refused, P1},
		{`{"walking":false,"severe_bleeding":false,"age_months":36,"consciousness":"A","breathing":true,"rr":20,"hr":90}`, Refused, P2},
	} {
		if got := apply(t, "mptt24", c.in).Category; got != c.mptt {
			t.Errorf("mptt24 %s: %s, want %s", c.in, got, c.mptt)
		}
		if got := apply(t, "mitt", c.in).Category; got != c.mitt {
			t.Errorf("mitt %s: %s, want %s", c.in, got, c.mitt)
		}
	}
}

// Source: clinical-vectors 7, from NEMSIS 3.5.1 eInjury.03 and .04.
func TestFieldTriageNamesTheCodeThatFired(t *testing.T) {
	for in, code := range map[string]string{
		`{"age_years":45,"sbp":89}`:                    "2903031",
		`{"age_years":45,"sbp":90,"hr":91}`:            "2903025",
		`{"age_years":65,"sbp":109}`:                   "2903027",
		`{"age_years":5,"sbp":79}`:                     "2903029",
		`{"age_years":10,"sbp":89}`:                    "2903031",
		`{"rr":9}`:                                     "2903037",
		`{"spo2":89,"on_oxygen":false}`:                "2903035",
		`{"spo2":89,"on_oxygen":true}`:                 "2903033",
		`{"gcs_m":5}`:                                  "2903041",
		`{"fall_ft":11}`:                               "2904031",
		`{"crash_intrusion_in":13}`:                    "2904011",
		`{"age_years":70,"low_fall_head_impact":true}`: "2904033",
		`{"anticoagulant":true}`:                       "2904019",
	} {
		if r := apply(t, "usft2021", in); !strings.Contains(r.Fired, code) {
			t.Errorf("%s: fired %q, want code %s", in, r.Fired, code)
		}
	}
	for _, in := range []string{
		`{"age_years":45,"sbp":90,"hr":90}`, `{"age_years":64,"sbp":109,"hr":80}`, `{"age_years":5,"sbp":80}`,
		`{"age_years":9,"hr":150,"sbp":100}`, `{"rr":10}`, `{"rr":29}`,
	} {
		if r := apply(t, "usft2021", in); r.Category == Red || strings.Contains(r.Fired, "29030") {
			t.Errorf("%s: %s %q", in, r.Category, r.Fired)
		}
	}
	well := `"criteria_checked":true,"age_years":45,"sbp":120,"hr":80,"rr":16,"spo2":98,"on_oxygen":false,"gcs_m":6,"respiratory_distress":false,"respiratory_support":false`
	for in, want := range map[string]Category{
		`{` + well + `}`:                                   NoCriterion,
		`{` + well + `,"fall_ft":11}`:                      Yellow,
		`{` + well + `,"fall_ft":10}`:                      NoCriterion,
		`{` + well + `,"amputation":true}`:                 Red,
		`{"fall_ft":11}`:                                   Incomplete,
		strings.Replace(`{`+well+`}`, `"sbp":120,`, ``, 1): Incomplete,
	} {
		if r := apply(t, "usft2021", in); r.Category != want {
			t.Errorf("%s: %s, want %s", in, r.Category, want)
		}
	}
}

func TestSeveralSortsAreShownWithTheirDisagreement(t *testing.T) {
	c, err := Compare(parse(t, `{"age_years":30,"walking":true,"severe_bleeding":true,"breathing":true,"obeys_commands":true,"radial_pulse":true,"respiratory_distress":false,"bleeding_controlled":false,"likely_to_survive":true,"rr":20,"hr":90}`))
	if err != nil || len(c.Results) != len(Rules) {
		t.Fatalf("%d of %d sorts, %v", len(c.Results), len(Rules), err)
	}
	if !slices.IsSortedFunc(c.Results, func(a, b Result) int { return b.worst() - a.worst() }) {
		t.Error("the most urgent does not come first")
	}
	for _, says := range []string{"start says minor", "salt says immediate", "tst says p3", "mitt says p1"} {
		if !strings.Contains(c.Disagreement, says) {
			t.Errorf("the disagreement leaves out that %s: %q", says, c.Disagreement)
		}
	}
	c, _ = Compare(parse(t, `{"walking":false,"severe_bleeding":true,"bleeding_controlled":false,"breathing":true,"rr":40,"consciousness":"U","radial_pulse":false,"likely_to_survive":true}`))
	if c.Disagreement != "" {
		t.Errorf("all say immediate, but: %s", c.Disagreement)
	}
}

func TestWalkersWhoAreUnconsciousGetNoCategory(t *testing.T) {
	for _, in := range []string{
		`{"walking":true,"consciousness":"U"}`, `{"walking":true,"breathing":false}`, `{"walking":true,"pulse":false}`, `{"walking":true,"rr":0}`,
		`{"talking":true,"breathing":false}`, `{"obeys_commands":true,"consciousness":"P"}`, `{"breathing":true,"rr":0}`, `{"breathing":false,"rr":12}`,
		`{"radial_pulse":true,"pulse":false}`, `{"breathing":true,"breathing_after_airway":false}`, `{"obeys_commands":false,"gcs_m":6}`,
	} {
		if _, err := finding.Parse([]byte(in)); !errors.Is(err, finding.ErrContradiction) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// keysOf are the yes-or-no inputs of a rule and some values of the others.
func choices(k finding.Key) []string {
	row, _ := k.Info()
	switch row.Kind {
	case finding.Answer:
		return []string{"true", "false"}
	case finding.Word:
		out := []string{}
		for _, w := range row.Words {
			out = append(out, fmt.Sprintf("%q", w))
		}
		return out
	}
	switch k {
	case finding.RR:
		return []string{"0", "5", "20", "23.5", "35", "50"}
	case finding.HR:
		return []string{"60", "120"}
	case finding.SBP:
		return []string{"65", "85", "100", "120"}
	case finding.CRT:
		return []string{"1", "3"}
	case finding.AgeYears:
		return []string{"1", "5", "30", "70"}
	case finding.SpO2:
		return []string{"85", "97"}
	}
	return nil
}

// Whatever the truth is, hiding any part of it must not give a less urgent
// category than the truth: the category must be the same, or incomplete with the
// true one among those that are possible.
//
// Left out of the hiding is what a rule's card takes as given until somebody says
// otherwise; the result then carries a warning.
func TestWhatIsUnknownNeverLowersTheUrgency(t *testing.T) {
	seed := uint64(1)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	taken := map[string]bool{
		"rr_irregular":                   true, // jumpstart: who counts the breaths sees it
		"submersion_or_smoke":            true, // mitt: rescue breaths before dead
		"breathing_after_rescue_breaths": true, // salt and mitt, for a child
		"age_years":                      true,
		"looks_like_child":               true,
		"pain_response_appropriate":      true, // jumpstart: said again as purposeful movement
	}
	tried := 0
	for range 20000 {
		r := Rules[next(len(Rules))]
		whole := map[string]json.RawMessage{}
		for _, k := range r.Inputs {
			if c := choices(k); len(c) > 0 && next(5) > 0 {
				whole[string(k)] = json.RawMessage(c[next(len(c))])
			}
		}
		text, _ := json.Marshal(whole)
		in, err := finding.Parse(text)
		if err != nil {
			continue // a contradiction
		}
		truth, _ := r.Apply(in)
		if truth.Category == Incomplete || truth.Category == Refused {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(whole)) { // in one order: the seed says what is hidden
			perfusion := r.ID == "start" && (k == "radial_pulse" || k == "crt_s") // its two variants: one is enough
			if next(2) == 0 && !taken[k] && !perfusion {
				delete(whole, k)
			}
		}
		text2, _ := json.Marshal(whole)
		in, err = finding.Parse(text2)
		if err != nil {
			t.Fatalf("hiding made a contradiction: %s: %v", text2, err)
		}
		tried++
		hidden, _ := r.Apply(in)
		if hidden.Category == Refused || hidden.Category == Incomplete && hidden.Possible[0].Urgency() >= truth.Category.Urgency() {
			continue
		}
		if hidden.Category.Urgency() < truth.Category.Urgency() {
			t.Errorf("%s: %s is %s, but with less known %s is %s %v", r.ID, text, truth.Category, text2, hidden.Category, hidden.Possible)
		}
	}
	t.Logf("%d pairs", tried)
	if tried < 1000 {
		t.Errorf("only %d pairs were compared", tried)
	}
}

func TestEveryRuleNamesItsInputsSourceAndLicence(t *testing.T) {
	for _, r := range Rules {
		if r.Title == "" || r.Version == "" || r.Source == "" || r.Licence == "" || len(r.Inputs) == 0 {
			t.Errorf("%s lacks something: %+v", r.ID, r)
		}
		out := apply(t, r.ID, `{}`)
		if out.Category != Incomplete || out.Next == "" || len(out.Missing) == 0 {
			t.Errorf("%s of nothing known: %+v", r.ID, out)
		}
	}
	if _, err := Named("manchester"); !errors.Is(err, ErrNoSieve) {
		t.Errorf("manchester: %v", err)
	}
}

func FuzzSort(f *testing.F) {
	f.Add(`{"walking":false,"rr":30,"radial_pulse":true,"obeys_commands":true}`)
	f.Add(`{"age_months":5,"not_yet_walking":true,"consciousness":"P"}`)
	f.Add(`{"breathing":false,"breathing_after_airway":false,"likely_to_survive":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := finding.Parse([]byte(text))
		if err != nil {
			return
		}
		c, err := Compare(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Results {
			if r.Category == Incomplete && (len(r.Possible) < 2 || len(r.Missing) == 0 || r.Next == "") {
				t.Fatalf("%s: incomplete without a reason: %+v", text, r)
			}
			if r.Category != Incomplete && r.Category != Refused && r.Category.Urgency() == 0 {
				t.Fatalf("%s: category %q", text, r.Category)
			}
		}
	})
}
