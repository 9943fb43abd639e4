package score

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"fieldkit/triage/score/finding"
)

// some is a value of k, by a number that chooses.
func some(k finding.Key, n int) string {
	row, _ := k.Info()
	switch row.Kind {
	case finding.Answer:
		return fmt.Sprint(n%2 == 0)
	case finding.Word:
		return fmt.Sprintf("%q", row.Words[n%len(row.Words)])
	}
	low, high := int(row.Min.Float()), int(row.Max.Float())
	switch k {
	case finding.AgeYears:
		high = 90
	case finding.AgeMonths:
		return "null"
	case finding.HR, finding.SBP, finding.RR:
		high = 240
	case finding.TempC:
		low, high = 33, 42
	case finding.SpO2:
		low = 78
	}
	return fmt.Sprint(low + n%(high-low+1))
}

// Hide any inputs of a complete score: the bounds must hold the true total between
// them, and a band that is still said must be the true one.
func TestBoundsHoldWhateverIsHidden(t *testing.T) {
	seed := uint64(7)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	// Not hidden is what chooses a scale or a method, and of two ways to say one
	// thing the one that is preferred.
	chooses := map[string]bool{
		"spo2_scale": true, "pain": true, "flacc_face": true, "weight_kg": true, // which scale; given or estimated
		"paco2_mmhg": true, "bands_percent": true, // count only where measured
		"height_cm": true, "mobility": true, // tews: beside age and walking
		"on_oxygen": true, "oxygen_lpm": true, "oxygen_percent": true, "oxygen_device": true, // npews takes the worst of them
		"gcs_e": true, "gcs_v": true, "gcs_m": true, "gcs": true, // qsofa: beside consciousness
	}
	tried := map[string]int{}
	for i := range 30000 {
		r := Rules[i%len(Rules)]
		whole := map[string]json.RawMessage{}
		for _, k := range r.Inputs {
			if next(12) > 0 && k != finding.HeightCm { // age says which chart
				whole[string(k)] = json.RawMessage(some(k, next(1<<20)))
			}
		}
		text, _ := json.Marshal(whole)
		in, err := finding.Parse(text)
		if err != nil {
			continue
		}
		truth, _ := r.Apply(in)
		if truth.Total == nil {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(whole)) { // in one order: the seed says what is hidden
			if next(3) == 0 && !chooses[k] && r.ID != "parkland" {
				delete(whole, k)
			}
		}
		less, _ := json.Marshal(whole)
		in, err = finding.Parse(less)
		if err != nil {
			t.Fatal(err)
		}
		hidden, _ := r.Apply(in)
		if hidden.Refused != "" {
			continue
		}
		tried[r.ID]++
		if hidden.AtLeast != nil && (hidden.AtLeast.Cmp(*truth.Total) > 0 || hidden.AtMost.Cmp(*truth.Total) < 0) {
			t.Errorf("%s: %s is %s, but %s is said to be %s to %s", r.ID, text, truth.Total, less, hidden.AtLeast, hidden.AtMost)
		}
		if hidden.Band != Incomplete && hidden.Band != truth.Band && r.ID != "npews" {
			t.Errorf("%s: %s is %s, but %s is said to be %s", r.ID, text, truth.Band, less, hidden.Band)
		}
		if !hidden.Complete && len(hidden.Missing) == 0 {
			t.Errorf("%s: %s is incomplete, but nothing is missing", r.ID, less)
		}
	}
	for _, r := range Rules {
		if tried[r.ID] < 20 {
			t.Errorf("%s was compared only %d times", r.ID, tried[r.ID])
		}
	}
}

func TestEveryRuleNamesItsInputsSourceAndLicence(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if r.Title == "" || r.Version == "" || r.Source == "" || r.Licence == "" || len(r.Inputs) == 0 || seen[r.ID] {
			t.Errorf("%s lacks something or stands twice", r.ID)
		}
		seen[r.ID] = true
		for _, k := range r.Inputs {
			if _, ok := k.Info(); !ok {
				t.Errorf("%s: input %s is in no table", r.ID, k)
			}
		}
		out := apply(t, r.ID, `{}`)
		if out.Complete || out.Total != nil || out.Next == "" || len(out.Missing) == 0 || out.Band != Incomplete {
			t.Errorf("%s of nothing known: %+v", r.ID, out)
		}
	}
	for _, name := range []string{"news2", "news", "mews", "npews", "gcs", "pgcs", "rts", "trts", "mgap", "gap", "qsofa", "sirs", "shock_index", "sipa", "cpss",
		"befast", "lams", "race", "fasted", "cstat", "apgar", "tews", "pain", "parkland", "weight"} {
		if !seen[name] {
			t.Errorf("%s is not there", name)
		}
	}
	if _, err := Named("esi"); !errors.Is(err, ErrNoScore) {
		t.Errorf("esi: %v", err)
	}
}

func FuzzScore(f *testing.F) {
	f.Add(wellAdult)
	f.Add(wellChild)
	f.Add(`{"gcs_e":4,"gcs_v":"NT","gcs_m":6,"sbp":{"value":0.1,"age_s":3}}`)
	f.Add(`{"hr":349.9999999999999,"sbp":0.000000000000000001}`)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := finding.Parse([]byte(text))
		if err != nil {
			return
		}
		for _, r := range Rules {
			out, err := r.Apply(in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(out); err != nil {
				t.Fatal(err)
			}
			if out.Complete != (out.Total != nil) || out.Band == "" && r.ID != "rts" {
				t.Fatalf("%s %s: %+v", r.ID, text, out)
			}
		}
	})
}
