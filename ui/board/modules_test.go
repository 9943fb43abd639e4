package board

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// node runs a script of testdata and reads the JSON that it prints.
func node[Out any](t *testing.T, script string, args ...string) (out Out) {
	t.Helper()
	return nodeReads[Out](t, nil, script, args...)
}

// nodeReads is node with something to read on its standard input.
func nodeReads[Out any](t *testing.T, input any, script string, args ...string) (out Out) {
	t.Helper()
	read, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not here: the page's modules were not run outside a browser")
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{"--no-warnings", filepath.Join(asModules(t), "testdata", script)}, args...)...)
	cmd.Stdin = bytes.NewReader(read)
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v: %s", script, err, stderr(err))
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("read what %s printed: %v", script, err)
	}
	return out
}

// asModules is a copy of the page and of the scripts beside a package.json that says
// modules: node before 20.19 takes a .js file for one by nothing else, and the page
// itself needs no such file.
func asModules(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"page", "testdata"} {
		if err := os.CopyFS(filepath.Join(folder, name), os.DirFS(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type": "module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func stderr(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.Stderr
	}
	return nil
}

// The vectors are those by which the decoder in Go and the one in Python are held
// to telemetry/wave/FORMAT.md.
func TestThePageDecodesTheVectorsOfTheFormat(t *testing.T) {
	found := node[struct {
		Frames, Refused int
		Wrong           []string
	}](t, "vectors.mjs", filepath.Join("..", "..", "telemetry", "wave", "testdata", "vectors.json"))
	for _, w := range found.Wrong {
		t.Error(w)
	}
	if found.Frames < 5 || found.Refused < 7 {
		t.Errorf("%d frames read and %d refused; the file has at least 5 and 7", found.Frames, found.Refused)
	}
}

type tables struct {
	Words  map[string]map[string]string
	States []string
	Ages   []struct {
		Ageing, Stands string
		MS             int64
	}
	Signs []struct {
		N                         uint16
		Code, Unit, Ageing, Label string
		Least, Most               json.Number
		Places                    int
	}
	Leads []struct {
		N    uint16
		Unit string
	}
	Units    map[string]string
	Possible []bool
	Rounded  []string
}

func TestEveryWordIsThereInEveryLanguage(t *testing.T) {
	words := node[tables](t, "tables.mjs").Words
	if len(words) != 3 || words["fr"] == nil || words["es"] == nil {
		t.Fatalf("languages are not English, French and Spanish: %d", len(words))
	}
	places := regexp.MustCompile(`\{\d\}`)
	for language, table := range words {
		for key, text := range table {
			if words["en"][key] == "" {
				t.Errorf("%s: %q is not in English", language, key)
			}
			if text == "" {
				t.Errorf("%s: %q is empty", language, key)
			}
		}
		for key, english := range words["en"] {
			got := places.FindAllString(table[key], -1)
			want := places.FindAllString(english, -1)
			slices.Sort(got)
			slices.Sort(want)
			if table[key] == "" {
				t.Errorf("%s: %q is missing", language, key)
			} else if !slices.Equal(got, want) {
				t.Errorf("%s: %q fills in %v, English %v", language, key, got, want)
			}
		}
	}
}

// Every key that the page's code and markup ask for.
func TestEveryWordAskedForIsInTheTable(t *testing.T) {
	words := node[tables](t, "tables.mjs").Words["en"]
	asks := regexp.MustCompile(`\bsay\("(\w+)"|data-say="(\w+)"`)
	files, err := fs.Glob(Page(), "*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(Page(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asks.FindAllStringSubmatch(string(b), -1) {
			if key := m[1] + m[2]; words[key] == "" {
				t.Errorf("%s asks for %q", name, key)
			}
		}
	}
	for _, state := range node[tables](t, "tables.mjs").States {
		if words[state] == "" {
			t.Errorf("the state %q has no words", state)
		}
	}
}

// A GE S/5 sends a saturation to the hundredth. The page rounds it as the vehicle's
// screen does.
func TestThePageRoundsAsTheVehicleDoes(t *testing.T) {
	var values []map[string]any
	var want []string
	for _, c := range []struct {
		sign     vital.Sign
		mantissa int64
		exponent int8
	}{
		{vital.SpO2, 9800, -2}, {vital.SpO2, 9750, -2}, {vital.SpO2, 9749, -2}, {vital.SpO2, 98, 0}, {vital.SpO2, 995, -1},
		{vital.Temperature, 3660, -2}, {vital.Temperature, 3665, -2}, {vital.Temperature, 36, 0}, {vital.Temperature, 3696, -2},
		{vital.STI, -5, -2}, {vital.STI, -4, -2}, {vital.STI, -105, -2}, {vital.HeartRate, 4, -1},
	} {
		d := vital.Dec(c.mantissa, c.exponent)
		values = append(values, map[string]any{"sign": uint16(c.sign), "text": d.String(), "unit": "", "value": 0})
		if places := c.sign.Info().Places; int(-c.exponent) > int(places) {
			d = d.RoundTo(places)
		}
		want = append(want, d.String())
	}
	asked, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	if got := node[tables](t, "tables.mjs", string(asked)).Rounded; !slices.Equal(got, want) {
		t.Errorf("the page shows %q, the vehicle %q", got, want)
	}
}

func TestThePagesSignsAreThoseOfTheClinicalCore(t *testing.T) {
	var values []map[string]any
	var want []bool
	for _, c := range []struct {
		sign  vital.Sign
		unit  vital.Unit
		value float64
		may   bool
	}{
		{vital.SpO2, "%", 100, true}, {vital.SpO2, "%", 101, false}, {vital.SpO2, "%", -1, false},
		{vital.HeartRate, "/min", 350, true}, {vital.HeartRate, "/min", 500, false},
		{vital.Temperature, vital.Celsius, 98.6, false}, {vital.Temperature, vital.Fahrenheit, 98.6, true}, {vital.Temperature, vital.Fahrenheit, 36, false},
		{vital.NIBPSys, vital.KPa, 16, true}, {vital.NIBPSys, vital.KPa, 120, false},
		{vital.Glucose, vital.MmolPerL, 5.5, true}, {vital.Glucose, vital.MmolPerL, 500, false},
		{900, "x", 1e9, true}, // of a later version: shown as it is told
	} {
		values = append(values, map[string]any{"sign": uint16(c.sign), "unit": c.unit, "value": c.value})
		want = append(want, c.may)
	}
	asked, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	got := node[tables](t, "tables.mjs", string(asked))
	if !slices.Equal(got.Possible, want) {
		t.Errorf("possible values are %v, want %v", got.Possible, want)
	}
	if len(got.Signs) != len(vital.Signs) || len(got.Leads) != len(vital.Leads) {
		t.Errorf("%d signs and %d leads, want %d and %d", len(got.Signs), len(got.Leads), len(vital.Signs), len(vital.Leads))
	}
	ageing := map[vital.Ageing]string{vital.Continuous: "continuous", vital.Episodic: "episodic", vital.Lasting: "lasting"}
	for _, s := range got.Signs {
		i := vital.Signs[vital.Sign(s.N)]
		if s.Code != i.Code || s.Unit != string(i.Unit) || s.Ageing != ageing[i.Ageing] || s.Places != int(i.Places) || s.Least.String() != i.Min.String() || s.Most.String() != i.Max.String() {
			t.Errorf("sign %d is %+v, want %+v", s.N, s, i)
		}
	}
	for _, l := range got.Leads {
		if i := vital.Leads[vital.Lead(l.N)]; l.Unit != string(i.Unit) {
			t.Errorf("lead %d is in %q, want %q", l.N, l.Unit, i.Unit)
		}
	}
	for unit, label := range got.Units {
		if want := vital.Unit(unit).Label(); label != want {
			t.Errorf("the unit %q is shown as %q, want %q", unit, label, want)
		}
	}
	stands := map[vital.Age]string{vital.Fresh: "fresh", vital.Grey: "grey", vital.Gone: "gone"}
	for _, a := range got.Ages {
		for kind, name := range ageing {
			if want := stands[kind.At(time.Duration(a.MS)*time.Millisecond)]; name == a.Ageing && a.Stands != want {
				t.Errorf("a %s value of %d ms is %s, want %s", name, a.MS, a.Stands, want)
			}
		}
	}
	for n, state := range got.States {
		if want := strings.ReplaceAll(vital.State(n).String(), " ", "_"); state != want {
			t.Errorf("state %d is %q, want %q", n, state, want)
		}
	}
}

func TestTheTypesOfThePageHold(t *testing.T) {
	path, err := exec.LookPath("tsc")
	if err != nil {
		t.Skip("typescript is not here: the page's types were not checked")
	}
	files, err := filepath.Glob(filepath.Join("page", "*.js"))
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"--noEmit", "--checkJs", "--allowJs", "--target", "es2022", "--module", "es2022", "--strict"}, files...)
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}

// WCAG 2.2, 1.4.3: text at least 4.5 to 1.
func TestTextCanBeReadInEveryLight(t *testing.T) {
	b, err := fs.ReadFile(Page(), "board.css")
	if err != nil {
		t.Fatal(err)
	}
	night := colours(t, string(b), ":root {")
	day := colours(t, string(b), ":root.day {")
	pairs := [][2]string{{"chrome", "ground"}, {"chrome-quiet", "ground"}, {"ink", "key"}, {"ink", "done"}, {"quiet", "key"},
		{"on-alarm", "high"}, {"on-alarm", "medium"}, {"on-alarm", "low"}, {"on-alarm", "other"}, {"on-training", "training"}, {"panel", "ink"},
		{"paper-ink", "paper"}, {"paper-ink", "paper-fine"}, {"paper-ink", "paper-bold"}, {"paper-words", "paper"}, {"paper-words", "paper-hole"}}
	for _, tone := range []string{"ink", "quiet", "heart", "oximetry", "breath", "gas", "pressure", "warmth", "other", "stale", "medium"} {
		pairs = append(pairs, [2]string{tone, "panel"})
	}
	for u := 1; u <= 7; u++ {
		pairs = append(pairs, [2]string{fmt.Sprintf("on-u%d", u), fmt.Sprintf("u%d", u)})
	}
	for light, own := range map[string]map[string]string{"night": nil, "day": day} {
		of := func(name string) string {
			if c, ok := own[name]; ok {
				return c
			}
			if night[name] == "" {
				t.Fatalf("no colour is called %s", name)
			}
			return night[name]
		}
		for _, p := range pairs {
			if c := contrast(t, of(p[0]), of(p[1])); c < 4.5 {
				t.Errorf("%s: %s on %s is %.2f to 1", light, p[0], p[1], c)
			}
		}
	}
}

func colours(t *testing.T, css, block string) map[string]string {
	t.Helper()
	_, after, found := strings.Cut(css, block)
	inside, _, closed := strings.Cut(after, "}")
	if !found || !closed {
		t.Fatalf("no %q in the style sheet", block)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(inside, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// contrast is WCAG's ratio of two sRGB colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
