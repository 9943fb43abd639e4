package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/vital"
)

// keys are the constants of type Key as the package's files declare them.
func keys(t *testing.T) map[Key]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[Key]string{}
	look := func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Key" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if other, twice := found[Key(text)]; twice {
				t.Errorf("%s and %s are one key", other, spec.Names[0].Name)
			}
			found[Key(text)] = spec.Names[0].Name
		}
		return true
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, look)
	}
	if len(found) < 50 {
		t.Fatalf("found only %d keys", len(found))
	}
	return found
}

// rows are all words of all keys.
func rows() map[Key][3]string {
	all := maps.Clone(table)
	maps.Copy(all, care)
	return all
}

func TestEveryKeyIsSaidInEveryLanguage(t *testing.T) {
	all := keys(t)
	for k, name := range all {
		for i, words := range rows()[k] {
			if words == "" {
				t.Errorf("%s has no words in %s", name, Languages[i].Name())
			}
		}
	}
	for k := range rows() {
		if _, ok := all[k]; !ok {
			t.Errorf("the table has %q, which is no key", k)
		}
	}
}

// A translation that takes its arguments in another order or number would put one
// patient's age where a dose belongs.
func TestTranslationsTakeTheSameArguments(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`)
	for k, row := range rows() {
		want := verb.FindAllString(row[English], -1)
		for _, l := range Languages[1:] {
			got := verb.FindAllString(row[l], -1)
			if len(got) != len(want) {
				t.Errorf("%q takes %v in English and %v in %s", k, want, got, l.Name())
				continue
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%q takes %v in English and %v in %s", k, want, got, l.Name())
				}
			}
		}
	}
}

func TestEveryReasonForNoValueHasWords(t *testing.T) {
	for state := vital.NotMeasured; state.Known(); state++ {
		if _, ok := states[state]; !ok && state != vital.Measured {
			t.Errorf("%v has no words", state)
		}
	}
}

func TestTheStationsAlarmsAreTranslated(t *testing.T) {
	s := &Speech{Language: French}
	for _, c := range []struct {
		condition alarm.Condition
		want      string
	}{
		{alarm.Condition{What: alarm.TooLow, Sign: vital.SpO2}, "SpO₂ bas"},
		{alarm.Condition{What: alarm.TooHigh, Sign: vital.HeartRate}, "HR haut"},
		{alarm.Condition{What: alarm.NoBeats, Sign: vital.HeartRate}, "HR aucun battement trouvé"},
		{alarm.Condition{What: alarm.Irregular, Sign: vital.HeartRate}, "HR rythme irrégulier"},
		{alarm.Condition{What: alarm.NoValue, Sign: vital.SpO2}, "SpO₂ aucune valeur"},
		{alarm.Condition{What: alarm.Silent, About: "link"}, "link muet"},
		{alarm.Condition{What: alarm.Failing, About: "disk"}, "disk en panne"},
	} {
		if got := s.Condition(c.condition.String()); got != c.want {
			t.Errorf("%v is %q in French, want %q", c.condition, got, c.want)
		}
	}
	if got := s.Condition(alarm.Condition{What: alarm.Reported, About: "LEADS OFF"}.String()); !strings.HasPrefix(got, "LEADS OFF") {
		t.Errorf("the monitor's own words became %q", got)
	}
	if got := s.Condition("words of a later version"); got != "words of a later version" {
		t.Errorf("unknown words became %q", got)
	}
}

func TestAnAgeIsNeverRoundedUp(t *testing.T) {
	s := &Speech{}
	for _, c := range []struct {
		age  time.Duration
		want string
	}{
		{999 * time.Millisecond, "0 s"}, {59999 * time.Millisecond, "59 s"}, {60 * time.Second, "1 min"},
		{59*time.Minute + 59*time.Second, "59 min"}, {3 * time.Hour, "3 h 0 min"}, {72 * time.Hour, "3 days"},
	} {
		if got := s.Age(c.age); got != c.want {
			t.Errorf("%v is %q, want %q", c.age, got, c.want)
		}
	}
}
