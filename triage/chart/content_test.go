package chart

import (
	"bytes"
	"encoding/json"
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
var examples = map[string]string{
	"patient-registered":   `{"who":{"given":"Ada","sex":"female","age":"67 a","label":"woman, red coat"}}`,
	"patient-identified":   `{"who":{"family":"Okoro","birth":"1958-03","identifiers":[{"system":"NHS","value":"943 476 5919"}],"clear":["label"]},"how":"wristband"}`,
	"patients-merged":      `{"from":"` + uuid1 + `","into":"` + uuid2 + `","why":"passport"}`,
	"patients-unmerged":    `{"from":"` + uuid1 + `","into":"` + uuid2 + `"}`,
	"encounter-opened":     `{"setting":"ambulance","call_sign":"A7","incident":"` + uuid1 + `","complaint":"chest pain"}`,
	"encounter-bound-for":  `{"station":"` + devHex + `","name":"St. Mary's"}`,
	"encounter-moved":      `{"place":"bed 4"}`,
	"encounter-stood-down": `{"why":"no patient found"}`,
	"encounter-closed":     `{"outcome":"handed over"}`,
	"monitor-bound":        `{"monitor":"nonin-501203","provenance":{"make":"Nonin","proven":true}}`,
	"monitor-unbound":      `{"monitor":"nonin-501203"}`,
	"range-reassigned":     `{"from_encounter":"` + uuid1 + `","to_encounter":"` + uuid2 + `","entries":["` + place7 + `-9"],"why":"wrong patient"}`,
	"vitals":               `{"reason":"hand","values":[{"sign":"SpO2","value":97},{"sign":"TEMP","value":98.60,"unit":"[degF]","site":"ear"},{"sign":"HR","state":"probe_off"}]}`,
	"assessment":           `{"area":"chest","findings":[{"name":"wheeze","presence":"absent"},{"name":"crepitus","presence":"not_examined"}]}`,
	"triage":               `{"scheme":"START","category":"immediate","urgency":1,"fired":"breathing above 30"}`,
	"drug-ordered":         `{"drug":{"name":"morphine","code":"ATC:N02AA01"},"dose":{"amount":2.5,"unit":"mg","route":"iv"}}`,
	"drug-given":           `{"drug":{"name":"morphine"},"dose":{"amount":2.50,"unit":"mg","route":"iv"},"order":"` + place7 + `"}`,
	"drug-refused":         `{"drug":{"name":"aspirin"},"why":"feels sick"}`,
	"drug-dispensed":       `{"drug":{"name":"amoxicillin"},"quantity":21,"unit":"{capsule}","take":"one three times a day"}`,
	"drug-wasted":          `{"drug":{"name":"morphine"},"amount":7.5,"unit":"mg","given":"` + place7 + `"}`,
	"allergy-added":        `{"item":{"name":"penicillin"},"reaction":"hives","severity":"mild"}`,
	"allergy-removed":      `{"removed":{"of":["` + place7 + `"],"why":"tolerates amoxicillin"}}`,
	"condition-added":      `{"item":{"name":"asthma"},"since":"childhood"}`,
	"condition-removed":    `{"removed":{"of":["` + place7 + `"],"why":"other patient"}}`,
	"medicine-added":       `{"item":{"name":"warfarin"},"dose":"3 mg","last":"yesterday evening"}`,
	"medicine-removed":     `{"removed":{"of":["` + place7 + `"],"why":"stopped"}}`,
	"procedure":            `{"name":"tourniquet","site":"left thigh","outcome":"success","tries":1}`,
	"event":                `{"name":"ROSC"}`,
	"note":                 `{"text":"Found on the floor.\nSpeaks slowly."}`,
	"message":              `{"text":"bay 2 is ready","answers":"` + place7 + `"}`,
	"attachment":           `{"name":"leg","media":"image/jpeg","size":3,"sha256":"` + sha + `","data":"AAEC"}`,
	"snapshot":             `{"layout":"strip","blocks":[{"lead":"ECG-II","rate":250,"unit":"mV","scale":0.005,"count":250,"packed":"AAEC"}]}`,
	"alarm-raised":         `{"condition":"SpO2 low","priority":"high","sign":"SpO2","value":{"sign":"SpO2","value":84},"limit":90}`,
	"alarm-acknowledged":   `{"of":["` + place7 + `"]}`,
	"alarm-paused":         `{"seconds":120}`,
	"alarm-cleared":        `{"of":["` + place7 + `"],"why":"back in range"}`,
	"limits-set":           `{"limits":[{"sign":"SpO2","low":88}],"why":"COPD"}`,
	"handover-offered":     `{"format":"ATMIST","items":[{"key":"allergies","text":"penicillin","critical":true,"from":["` + place7 + `"]}]}`,
	"handover-read-back":   `{"of":"` + place7 + `","items":[{"key":"allergies","right":true},{"key":"age","right":false,"heard":"76"}]}`,
	"handover-accepted":    `{"of":"` + place7 + `"}`,
	"eta":                  `{"seconds":540,"to":"St. Mary's"}`,
	"position":             `{"latitude":52.5200,"longitude":-13.4050,"metres":8}`,
	"activation":           `{"team":"stroke","why":"FAST positive"}`,
	"arrival-accepted":     `{"of":"` + place7 + `"}`,
	"arrival-diverted":     `{"to":"General","why":"CT is down"}`,
	"bay-assigned":         `{"bay":"Resus 2"}`,
	"order":                `{"what":"12-lead ECG","when":"now"}`,
	"refusal":              `{"what":"transport","capacity":"yes","told":"may die"}`,
	"consent":              `{"what":"treatment","status":"given"}`,
	"code-status":          `{"status":"no CPR","document":"ReSPECT form"}`,
	"decision":             `{"name":"spo2-scale","value":"2","why":"hypercapnia known"}`,
	"shift-check":          `{"what":"vehicle","items":[{"name":"suction","ok":true},{"name":"oxygen","ok":false,"text":"empty"}]}`,
	"amendment":            `{"of":"` + place7 + `","by":"` + place8 + `","why":"typed wrongly"}`,
	"retraction":           `{"of":"` + place7 + `","why":"wrong patient"}`,
	"second":               `{"values":[{"sign":"HR","value":72,"age_ms":40}],"blocks":[{"lead":"PLETH","rate":62.5,"scale":0,"count":62,"gaps":[{"From":3,"Len":2,"Why":"probe_off"}],"packed":"AAEC"}],"monitors":["nonin-501203"]}`,
	"attachment-part":      `{"index":0,"data":"AAEC"}`,
	"erase":                `{"of":["` + place7 + `-7"],"why":"patient's request"}`,
	"accept":               `{"erase":"` + place7 + `"}`,
	"clock":                `{"boot":"00112233445566778899aabbccddeeff","mono_ms":1200000,"true":"2026-03-01T14:20:00.000Z","trust":"gps"}`,
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
