package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldkit/build/foreign"
)

// lines are the JSON objects of an output.
func lines(t *testing.T, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, o)
	}
	return all
}

// Source of the case: gdl-lang NEWS2.v1, "Unconscious": 8, high.
func TestAPatientIsScoredFromTheStandardInput(t *testing.T) {
	k := newKitchen(t)
	out := lines(t, k.must(`{"rr":20,"spo2":98,"spo2_scale":2,"on_oxygen":true,"sbp":111,"hr":78,"consciousness":"V","temp_c":37}`, "score", "news2"))
	if len(out) != 1 {
		t.Fatalf("%d objects", len(out))
	}
	o := out[0]
	parts, _ := o["parts"].(map[string]any)
	if o["score"] != "news2" || o["total"] != 8.0 || o["complete"] != true || o["at_least"] != 8.0 || o["band"] != "high" || parts["spo2"] != 3.0 || o["next"] != "" {
		t.Errorf("%v", o)
	}
	for _, key := range []string{"version", "missing", "fired"} {
		if _, ok := o[key]; !ok {
			t.Errorf("no %s", key)
		}
	}
}

func TestOneObjectALineGivesOneObjectALine(t *testing.T) {
	k := newKitchen(t)
	out := lines(t, k.must("{\"hr\":60,\"sbp\":100}\n\n{\"hr\":120,\"sbp\":80}\r\n{\"hr\":62,\n \"sbp\":140}\n{\"hr\":70}", "score", "shock_index"))
	if len(out) != 4 || out[0]["total"] != 0.6 || out[1]["total"] != 1.5 || out[2]["total"] != 0.44 || out[3]["total"] != nil || out[3]["complete"] != false {
		t.Errorf("%v", out)
	}
}

func TestAnInputThatCannotBeScoredIsNamedAndTheOthersGoOn(t *testing.T) {
	k := newKitchen(t)
	for in, says := range map[string]string{
		`{"rr":-1}`:                            "rr",
		`{"respiration":20}`:                   "respiration",
		`{"walking":true,"consciousness":"U"}`: "walking but consciousness",
		`{"rr":NaN}`:                           "rr",
		`{"rr":`:                               "rr",
		`[1]`:                                  "JSON object",
		`{"age_years":30,"pregnant":true}`:     "pregnancy",
		`{"age_years":15}`:                     "age",
	} {
		code, out, err := k.run(in+"\n"+`{"rr":20}`, "score", "news2")
		all := lines(t, out)
		if code == exitDone || len(all) != 2 || !strings.Contains(err, says) || all[0]["total"] != nil || all[1]["at_least"] != 0.0 {
			t.Errorf("%s: exit %d, %s, %v", in, code, err, all)
		}
		if band, ok := all[0]["band"]; ok && band != "refused" {
			t.Errorf("%s has the band %v", in, band)
		}
	}
	if code, _, _ := k.run("", "score", "news2"); code != exitUsage {
		t.Errorf("of nothing: exit %d", code)
	}
	if code, _, err := k.run("{}", "score", "manchester"); code != exitUsage || !strings.Contains(err, "manchester") {
		t.Errorf("of an unknown name: exit %d, %s", code, err)
	}
}

func TestCasualtiesAreSortedFromTheStandardInput(t *testing.T) {
	k := newKitchen(t)
	out := lines(t, k.must(`{"walking":false,"breathing":true,"rr":31}
{"walking":false,"breathing":true,"radial_pulse":true,"obeys_commands":true}`, "sieve", "start"))
	if out[0]["category"] != "immediate" || out[1]["category"] != "incomplete" || out[1]["next"] == "" {
		t.Errorf("%v", out)
	}
	if code, out, err := k.run(`{"walking":true,"consciousness":"U"}`, "sieve", "start"); code == exitDone || strings.Contains(out, "category") || !strings.Contains(err, "contradiction") {
		t.Errorf("walking and unconscious: exit %d, %s", code, out)
	}
	all := lines(t, k.must(`{"walking":true,"severe_bleeding":true}`, "sieve", "all"))[0]
	if sieves, _ := all["sieves"].([]any); len(sieves) != 7 || !strings.Contains(all["disagreement"].(string), "mitt says p1") {
		t.Errorf("%v", all)
	}
}

func TestListsNameInputsSourcesAndLicences(t *testing.T) {
	k := newKitchen(t)
	for command, names := range map[string][]string{
		"score": strings.Fields("news2 news mews npews gcs pgcs rts trts mgap gap qsofa sirs shock_index sipa cpss befast lams race fasted cstat apgar tews pain parkland weight"),
		"sieve": strings.Fields("start jumpstart salt tst mptt24 mitt usft2021"),
	} {
		words := k.must("", command, "--list")
		var rules []map[string]any
		if err := json.Unmarshal([]byte(k.must("", command, "--list", "--json")), &rules); err != nil {
			t.Fatal(err)
		}
		if len(rules) != len(names) {
			t.Errorf("%s: %d, want %d", command, len(rules), len(names))
		}
		for i, name := range names {
			if rules[i][command] != name || rules[i]["source"] == "" || rules[i]["licence"] == "" || rules[i]["inputs"] == nil || !strings.Contains(words, name) {
				t.Errorf("%s: %v, want %s", command, rules[i], name)
			}
		}
	}
}

func TestARecordsBeatsAreListedAndWritten(t *testing.T) {
	k := newKitchen(t)
	header := foreign.Dir(t, "devices", "mitdb", "101.hea")
	marks := filepath.Join(t.TempDir(), "101.beats")
	out := k.must("", "rhythm", header, "--out", marks)
	if n := strings.Count(out, "\n"); n < 1800 {
		t.Errorf("%d lines", n)
	}
	if b, err := os.ReadFile(marks); err != nil || len(b) < 3600 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if code, _, _ := k.run("", "rhythm"); code != exitUsage {
		t.Errorf("of nothing: exit %d", code)
	}
	if code, _, _ := k.run("", "rhythm", filepath.Join(t.TempDir(), "none.hea")); code != exitFailed {
		t.Errorf("of no record: exit %d", code)
	}
	if code, _, _ := k.run("", "rhythm", header, "--lead", "9"); code != exitFailed {
		t.Errorf("of no lead: exit %d", code)
	}
}

func FuzzEachObject(f *testing.F) {
	f.Add("{\"rr\":20}\n{\"rr\":21}")
	f.Add("{\n\"rr\": {\"value\": 20}\n}\n\n{")
	f.Add("[1]\nx\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		var got strings.Builder
		err := eachObject(strings.NewReader(text), func(b []byte) error {
			if len(b) == 0 {
				t.Fatal("handed on nothing")
			}
			got.Write(b)
			return nil
		})
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if err == nil && squeeze(got.String()) != squeeze(text) {
			t.Fatalf("%q was handed on as %q", text, got.String())
		}
	})
}
