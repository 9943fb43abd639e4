package chart

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

var (
	devHex = strings.Repeat("ab", 32)
	place7 = devHex + "/" + strings.Repeat("cd", 16) + "/7"
	place8 = devHex + "/" + strings.Repeat("cd", 16) + "/8"
	uuid1  = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	uuid2  = "017f22e2-79b0-7cc3-98c4-dc0c0c073990"
	sha    = strings.Repeat("A", 43) + "="
)

// examples is one content of each kind as a person types it at `fieldkit record`
// and reads it at `fieldkit show`.
var examples = readExamples()

func readExamples() map[string]string {
	b, err := os.ReadFile("testdata/examples.json")
	if err != nil {
		panic(err)
	}
	var rows []struct {
		Kind    string
		Content json.RawMessage
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		panic(err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Kind] = string(r.Content)
	}
	return out
}

func TestEveryKindIsWrittenAndReadAsAPersonTypesIt(t *testing.T) {
	for _, k := range Kinds {
		t.Run(k.Name, func(t *testing.T) {
			text, ok := examples[k.Name]
			if !ok {
				t.Fatal("no example")
			}
			c := k.New()
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(c); err != nil {
				t.Fatalf("read: %v", err)
			}
			if err := c.Validate(); err != nil {
				t.Errorf("validate: %v", err)
			}
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			if err := e.Encode(c); err != nil {
				t.Fatalf("write: %v", err)
			}
			if strings.TrimSpace(got.String()) != text {
				t.Errorf("written again it is\n%swant\n%s", got.String(), text)
			}
		})
	}
}

func TestAWrongContentIsRefusedInWords(t *testing.T) {
	long := strings.Repeat("x", MaxName+1)
	tests := []struct{ kind, text, want string }{
		{"vitals", `{"reason":"hand","values":[{"sign":"SpO2","value":101}]}`, "not possible"},
		{"vitals", `{"reason":"hand","values":[{"sign":"SpO2","value":97,"unit":"mm[Hg]"}]}`, "not possible"},
		{"vitals", `{"reason":"hand","values":[{"sign":"SpO2","value":97,"state":"probe_off"}]}`, "says there is none"},
		{"vitals", `{"reason":"hand","values":[{"sign":"SpO2","state":"measured"}]}`, "there is no value"},
		{"vitals", `{"reason":"hand","values":[{"sign":"SpO2","value":97,"source":1}]}`, "source that is not listed"},
		{"vitals", `{"reason":"because","values":[{"sign":"SpO2","value":97}]}`, "reason is not a known word"},
		{"vitals", `{"reason":"hand","values":[{"sign":"unknown","value":97}]}`, "own name"},
		{"vitals", `{"reason":"hand"}`, "values is empty"},
		{"drug-given", `{"drug":{"name":"morphine"}}`, "exactly one of the dose's amount and unknown"},
		{"drug-given", `{"drug":{"name":"morphine"},"dose":{"amount":5,"unit":"mg"},"unknown":true}`, "exactly one"},
		{"drug-given", `{"drug":{"name":"morphine"},"dose":{"amount":5}}`, "dose has no unit"},
		{"drug-given", `{"drug":{"name":"morphine"},"dose":{"amount":0,"unit":"mg"}}`, "not above 0"},
		{"drug-given", `{"drug":{"name":"morphine"},"dose":{"amount":-5,"unit":"mg"}}`, "not between 0"},
		{"drug-given", `{"drug":{"name":"  "},"unknown":true}`, "drug's name is missing"},
		{"drug-given", `{"drug":{"name":"` + long + `"},"unknown":true}`, "longer than 200 bytes"},
		{"drug-wasted", `{"drug":{"name":"morphine"},"unit":"mg"}`, "amount is missing"},
		{"note", `{"text":"a\u0007b"}`, "control character"},
		{"note", `{"text":"` + strings.Repeat("x", MaxNote+1) + `"}`, "longer than 16000"},
		{"patient-identified", `{"who":{}}`, "who is empty"},
		{"patient-identified", `{"who":{"birth":"1958-13"}}`, "birth"},
		{"patient-identified", `{"who":{"birth":"1758"}}`, "birth"},
		{"patient-identified", `{"who":{"age":"old"}}`, "age is not written"},
		{"patient-identified", `{"who":{"sex":"f"}}`, "sex is not a known word"},
		{"patient-identified", `{"who":{"identifiers":[{"system":"NHS","value":""}]}}`, "identifier's value is missing"},
		{"patients-merged", `{"from":"` + uuid1 + `","into":"` + uuid1 + `"}`, "same patient"},
		{"range-reassigned", `{"from_encounter":"` + uuid1 + `","to_encounter":"` + uuid2 + `","entries":["` + place7 + `-6"],"why":"x"}`, "empty range"},
		{"triage", `{"scheme":"START","category":"x","urgency":8}`, "urgency is not 1 to 7"},
		{"triage", `{"scheme":"START","category":"x"}`, "urgency is not 1 to 7"},
		{"limits-set", `{"limits":[{"sign":"SpO2","low":95,"high":90}]}`, "low is not below"},
		{"limits-set", `{"limits":[{"sign":"SpO2","low":900}]}`, "low is not between"},
		{"limits-set", `{"limits":[{"sign":"SpO2"}]}`, "neither end"},
		{"alarm-paused", `{"seconds":601}`, "seconds is not 1 to 600"},
		{"handover-offered", `{"format":"x","items":[{"key":"a","text":"b"},{"key":"a","text":"c"}]}`, "two items have one key"},
		{"handover-read-back", `{"of":"` + place7 + `","items":[{"key":"a","right":false}]}`, "heard is missing"},
		{"position", `{"latitude":91,"longitude":0}`, "latitude is not between"},
		{"eta", `{"seconds":172801}`, "48 hours"},
		{"amendment", `{"of":"` + place7 + `","by":"` + place7 + `","why":"x"}`, "same entry"},
		{"retraction", `{"of":"` + place7 + `"}`, "why is missing"},
		{"accept", `{"erase":"` + place7 + `","pins":["` + place8 + `"]}`, "exactly one of erase and pins"},
		{"clock", `{"boot":"00112233445566778899aabbccddeeff","true":"2026-03-01T14:20:00Z","trust":"unset"}`, "trust is not"},
		{"shift-check", `{"what":"bag","items":[{"name":"x","ok":false}]}`, "text is missing"},
		{"attachment", `{"name":"x","media":"image/png","size":3,"sha256":"` + sha + `"}`, "exactly one of data and parts"},
		{"attachment", `{"name":"x","media":"image/png","size":4,"sha256":"` + sha + `","data":"AAEC"}`, "size is not that of data"},
		{"snapshot", `{"layout":"strip","blocks":[{"lead":"ECG-II","rate":0,"scale":0,"count":5}]}`, "rate is not above 0"},
		{"second", `{"blocks":[{"lead":"PLETH","rate":60,"scale":0,"count":5,"gaps":[{"From":4,"Len":2,"Why":"probe_off"}]}]}`, "gaps are not in order"},
		{"second", `{"blocks":[{"lead":"PLETH","rate":60,"scale":0,"count":5,"gaps":[{"From":3,"Len":1},{"From":3,"Len":1}]}]}`, "gaps are not in order"},
		{"second", `{}`, "values and blocks are empty"},
	}
	for _, tt := range tests {
		k, _ := KindNamed(tt.kind)
		c := k.New()
		if err := json.Unmarshal([]byte(tt.text), c); err != nil {
			t.Errorf("%s %s: read: %v", tt.kind, tt.text, err)
			continue
		}
		err := c.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.120s %s: %v, want %q", tt.text, tt.kind, err, tt.want)
		}
	}
}

// No error may carry what a person wrote about a patient.
func TestErrorsHoldNoPatientData(t *testing.T) {
	const planted = "Zaphodia"
	for _, k := range Kinds {
		text := strings.NewReplacer(`:"`, `:"`+planted).Replace(examples[k.Name])
		c := k.New()
		if err := json.Unmarshal([]byte(text), c); err == nil {
			err = c.Validate()
			if err != nil && strings.Contains(err.Error(), planted) {
				t.Errorf("%s: %v", k.Name, err)
			}
		}
	}
	n := Note{planted + strings.Repeat("\x07", 3)}
	if err := n.Validate(); err == nil || strings.Contains(err.Error(), planted) {
		t.Errorf("note: %v", err)
	}
}
