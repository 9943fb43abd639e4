package score

import (
	"encoding/json"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/triage/score/finding"
)

// apply scores one JSON object.
func apply(t *testing.T, id, in string) Result {
	t.Helper()
	rule, err := Named(id)
	if err != nil {
		t.Fatal(err)
	}
	set, err := finding.Parse([]byte(in))
	if err != nil {
		t.Fatalf("%s %s: %v", id, in, err)
	}
	r, err := rule.Apply(set)
	if err != nil {
		t.Fatalf("%s %s: %v", id, in, err)
	}
	return r
}

// with puts keys into a JSON object, over those it has; a null takes one away.
func with(base, more string) string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal([]byte(base), &a) != nil || json.Unmarshal([]byte(more), &b) != nil {
		panic("test input is not JSON: " + base + more)
	}
	for k, v := range b {
		a[k] = v
	}
	out, _ := json.Marshal(a)
	return string(out)
}

func total(r Result) string {
	if r.Total == nil {
		return "none"
	}
	return r.Total.String()
}

// gdlSuite is one suite of gdl-lang/common-clinical-models (Apache-2.0): cases
// with what goes in and what its authors expect.
func gdlSuite(t *testing.T, name string) []gdlCase {
	t.Helper()
	var suites map[string][]gdlCase
	if err := json.Unmarshal(foreign.Read(t, "clinical", "gdl", "vectors.json"), &suites); err != nil {
		t.Fatal(err)
	}
	if len(suites[name]) == 0 {
		t.Fatalf("no suite %s", name)
	}
	return suites[name]
}

type gdlCase struct {
	ID      string
	In, Out map[string]string
}

// first is the value before GDL's first comma or bar: "20" of "20,/min", "3" of
// "3|local::at0012|To sound|".
func first(text string) string {
	text = strings.Trim(text, `"`)
	if i := strings.IndexAny(text, ",|"); i >= 0 {
		text = text[:i]
	}
	return text
}

// last is GDL's word: "Unresponsive" of "local::at0008|Unresponsive|".
func last(text string) string {
	fields := strings.Split(strings.Trim(text, "|"), "|")
	return fields[len(fields)-1]
}
