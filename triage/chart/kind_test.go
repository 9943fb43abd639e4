package chart

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Numbers stand in records for ever; this list is the one place that says which
// are taken. Add to it; never change a line.
func TestTypeNumbersNeverChange(t *testing.T) {
	want := `1 patient-registered 2 patient-identified 3 patients-merged 4 patients-unmerged
10 encounter-opened 11 encounter-bound-for 12 encounter-moved 13 encounter-stood-down 14 encounter-closed
15 monitor-bound 16 monitor-unbound 17 range-reassigned 18 encounter-shared
20 vitals 21 assessment 22 triage 23 drug-ordered 24 drug-given 25 drug-refused 26 drug-dispensed 27 drug-wasted 28 dose-reviewed
30 allergy-added 31 allergy-removed 32 condition-added 33 condition-removed 34 medicine-added 35 medicine-removed
40 procedure 41 event 42 note 43 message 44 attachment 45 snapshot
50 alarm-raised 51 alarm-acknowledged 52 alarm-paused 53 alarm-cleared 54 limits-set
60 handover-offered 61 handover-read-back 62 handover-accepted 63 handover-declined
65 eta 66 position 67 activation 68 arrival-accepted 69 arrival-diverted 70 bay-assigned
75 order 76 refusal 77 consent 78 code-status 79 decision 85 shift-check
90 amendment 91 retraction 95 watched 96 access 97 audit-read 100 second 101 attachment-part 200 erase 201 accept 202 clock`
	var got []string
	for _, k := range Kinds {
		n, _ := json.Marshal(k.Type)
		got = append(got, string(n), k.Name)
	}
	if g, w := strings.Join(got, " "), strings.Join(strings.Fields(want), " "); g != w {
		t.Errorf("kinds are\n%s\nwant\n%s", g, w)
	}
}

// Every content struct must name all its CBOR keys from 1 up, once, with a JSON
// name, so that sync/journal can encode it with integer keys.
func TestEveryFieldHasAKeyAndAName(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(s reflect.Type) {
		for s.Kind() == reflect.Pointer || s.Kind() == reflect.Slice {
			s = s.Elem()
		}
		if s.Kind() != reflect.Struct || seen[s] || !strings.HasSuffix(s.PkgPath(), "triage/chart") {
			return
		}
		seen[s] = true
		if f := s.Field(0); f.Name == "_" {
			if f.Tag.Get("cbor") != ",toarray" {
				t.Errorf("%s has a blank field that is not toarray", s)
			}
			return
		}
		keys := map[string]bool{}
		for i := range s.NumField() {
			f := s.Field(i)
			key, rest, _ := strings.Cut(f.Tag.Get("cbor"), ",")
			if keys[key] || key == "" || !strings.HasPrefix(rest, "keyasint,omit") || f.Tag.Get("json") == "" {
				t.Errorf("%s.%s has tag %q", s, f.Name, f.Tag)
			}
			keys[key] = true
			look(f.Type)
		}
	}
	for _, k := range Kinds {
		if k.New().Type() != k.Type {
			t.Errorf("%s makes a content of type %d", k.Name, k.New().Type())
		}
		look(reflect.TypeOf(k.New()))
	}
}

func TestAnEmptyContentIsNeverValid(t *testing.T) {
	for _, k := range Kinds {
		err := k.New().Validate()
		switch k.Name {
		case "patient-registered", "eta", "arrival-accepted": // an unknown patient; here now; a plain yes
			if err != nil {
				t.Errorf("empty %s: %v", k.Name, err)
			}
		default:
			if err == nil {
				t.Errorf("an empty %s counts as valid", k.Name)
			}
		}
	}
}

// FuzzContentJSON holds what a person may type at `fieldkit record` to three
// promises: no panic, validation ends, and what is read writes back the same.
func FuzzContentJSON(f *testing.F) {
	for _, k := range Kinds {
		f.Add(k.Name, `{}`)
	}
	f.Add("vitals", `{"reason":"hand","values":[{"sign":"SpO2","value":97,"age_ms":5}]}`)
	f.Add("amendment", `{"of":"`+strings.Repeat("ab", 32)+`/`+strings.Repeat("cd", 16)+`/7","why":"typed twice"}`)
	f.Add("clock", `{"boot":"00112233445566778899aabbccddeeff","true":"2026-03-01T14:05:00Z","trust":"gps"}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		k, ok := KindNamed(name)
		if !ok {
			return
		}
		c := k.New()
		if json.Unmarshal([]byte(text), c) != nil {
			return
		}
		_ = c.Validate()
		one, err := json.Marshal(c)
		if err != nil {
			if c.Validate() == nil {
				t.Fatalf("a valid %s cannot be written: %v", name, err)
			}
			return
		}
		again := k.New()
		if err := json.Unmarshal(one, again); err != nil {
			t.Fatalf("read back %s %s: %v", name, one, err)
		}
		two, err := json.Marshal(again)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("%s changes when read back:\n%s\n%s %v", name, one, two, err)
		}
	})
}
