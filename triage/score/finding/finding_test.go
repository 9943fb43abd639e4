package finding

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Source: clinical-vectors 3, age bands by completed calendar years.
func TestAgeGoesByTheBirthday(t *testing.T) {
	for _, c := range []struct {
		born, on      string
		years, months int
	}{
		{"2020-02-29", "2025-02-28", 4, 59},
		{"2020-02-29", "2025-03-01", 5, 60},
		{"2020-02-29", "2024-02-29", 4, 48},
		{"2020-02-29", "2024-02-28", 3, 47},
		{"2021-06-15", "2022-06-14", 0, 11},
		{"2021-06-15", "2022-06-15", 1, 12},
		{"2013-11-22", "2026-11-21", 12, 155},
		{"2013-11-22", "2026-11-22", 13, 156},
		{"2026-11-22", "2026-11-22", 0, 0},
		{"2026-01-31", "2026-02-28", 0, 0},
		{"2026-01-31", "2026-03-01", 0, 1},
		{"2025-12-31", "2026-01-01", 0, 0},
	} {
		years, months, err := Age(day(t, c.born), day(t, c.on))
		if err != nil || years != c.years || months != c.months {
			t.Errorf("born %s, on %s: %d years, %d months, %v; want %d, %d", c.born, c.on, years, months, err, c.years, c.months)
		}
	}
	for born, on := range map[string]string{"2026-11-23": "2026-11-22", "1850-01-01": "2026-11-22"} {
		if _, _, err := Age(day(t, born), day(t, on)); !errors.Is(err, ErrAge) {
			t.Errorf("born %s: %v", born, err)
		}
	}
	var s Set
	if err := s.PutAge(day(t, "2020-02-29"), day(t, "2025-02-28")); err != nil {
		t.Fatal(err)
	}
	if y, ok := s.Years(); y != 4 || !ok {
		t.Errorf("%d years", y)
	}
}

func TestImpossibleValuesAreErrorsThatNameTheKey(t *testing.T) {
	for in, names := range map[string]string{
		`{"rr":-1}`: "rr", `{"rr":201}`: "rr", `{"rr":1e400}`: "rr", `{"rr":"NaN"}`: "rr", `{"rr":"20"}`: "rr", `{"rr":[20]}`: "rr", `{"rr":true}`: "rr",
		`{"spo2":101}`: "spo2", `{"spo2":-0.1}`: "spo2", `{"spo2_scale":3}`: "spo2_scale", `{"spo2_scale":1.5}`: "spo2_scale",
		`{"gcs_e":0}`: "gcs_e", `{"gcs_e":5}`: "gcs_e", `{"gcs_v":6}`: "gcs_v", `{"gcs_m":7}`: "gcs_m", `{"gcs_v":2.5}`: "gcs_v", `{"gcs_v":"X"}`: "gcs_v",
		`{"gcs":2}`: "gcs", `{"gcs":16}`: "gcs", `{"consciousness":"X"}`: "consciousness", `{"consciousness":"a"}`: "consciousness", `{"consciousness":1}`: "consciousness",
		`{"walking":1}`: "walking", `{"walking":"yes"}`: "walking", `{"pupils_unreactive":3}`: "pupils_unreactive", `{"age_years":-1}`: "age_years",
		`{"age_years":131}`: "age_years", `{"age_months":0.5}`: "age_months", `{"temp_c":4}`: "temp_c", `{"hr":999}`: "hr", `{"sbp":301}`: "sbp",
		`{"pain":11}`: "pain", `{"rr":{"value":20,"age_s":-1}}`: "rr", `{"rr":{"value":20,"when":3}}`: "rr", `{"rr":{"age_s":3}}`: "rr", `{"rr":{"value":{"value":3}}}`: "rr",
		`{"respiratory_rate":20}`: "respiratory_rate", `{"RR":20}`: "RR", `{"":1}`: `""`, `{"rr":20,"rr":21}`: "rr", `{"rr":20,"rr":null}`: "rr",
	} {
		_, err := Parse([]byte(in))
		if err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v", in, err)
		}
	}
	for _, in := range []string{``, `{`, `[]`, `1`, `null`, `{"rr":NaN}`, `{"rr":Infinity}`, `{"rr":+1}`, `{"rr":20}{"rr":21}`, `{"rr":20} x`, `{rr:20}`, strings.Repeat(" ", MaxInput+1)} {
		if _, err := Parse([]byte(in)); err == nil {
			t.Errorf("%.20q was read", in)
		}
	}
}

func TestErrorsKeepThePatientsValuesToThemselves(t *testing.T) {
	for _, in := range []string{`{"rr":8765}`, `{"consciousness":"8765"}`, `{"gcs_v":8765}`, `{"age_years":8765}`} {
		if _, err := Parse([]byte(in)); err == nil || strings.Contains(err.Error(), "8765") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestNoNumberThatIsNoneGetsIn(t *testing.T) {
	var s Set
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := vital.Round(x, 1); err == nil {
			t.Errorf("%v became a number", x)
		}
	}
	for _, v := range []Value{{Number: vital.Decimal{Mantissa: 1, Exponent: 100}}, {Number: vital.Int(-5)}, {Number: vital.Int(20), Aged: true, Age: -1}, {Word: "20"}} {
		if err := s.Put(RR, v); !errors.Is(err, ErrImpossible) {
			t.Errorf("%+v: %v", v, err)
		}
	}
	if err := s.Put("nothing", Value{}); !errors.Is(err, ErrUnknownKey) {
		t.Error(err)
	}
	if len(s.Keys()) != 0 {
		t.Errorf("kept %v", s.Keys())
	}
}

func TestAbsentAndNullAreUnknown(t *testing.T) {
	s, err := Parse([]byte(`{"walking":null,"rr":null,"spo2":{"value":null},"consciousness":null}`))
	if err != nil || len(s.Keys()) != 0 {
		t.Errorf("%v, %v", s.Keys(), err)
	}
	if s.Answer(Walking) != Unknown || s.Below(RR, vital.Int(300)) != Unknown || s.Text(RR) != "unknown" {
		t.Error("unknown became something")
	}
}

func TestThreeValuedAnswers(t *testing.T) {
	for _, c := range []struct{ a, b, any, all Tri }{
		{Yes, Yes, Yes, Yes}, {Yes, No, Yes, No}, {Yes, Unknown, Yes, Unknown},
		{No, No, No, No}, {No, Unknown, Unknown, No}, {Unknown, Unknown, Unknown, Unknown},
	} {
		if Any(c.a, c.b) != c.any || Any(c.b, c.a) != c.any || All(c.a, c.b) != c.all || All(c.b, c.a) != c.all {
			t.Errorf("%v and %v: any %v, all %v", c.a, c.b, Any(c.a, c.b), All(c.a, c.b))
		}
	}
	if Yes.Not() != No || No.Not() != Yes || Unknown.Not() != Unknown {
		t.Error("not")
	}
}

func TestContradictionsAreNamed(t *testing.T) {
	for in, says := range map[string]string{
		`{"walking":true,"consciousness":"U"}`:            "walking but consciousness is P or U",
		`{"sbp":80,"dbp":90}`:                             "dbp is above sbp",
		`{"gcs":14,"gcs_e":4,"gcs_v":5,"gcs_m":6}`:        "not the sum",
		`{"gcs":15,"gcs_e":1}`:                            "not the sum",
		`{"age_years":1,"age_months":2}`:                  "age_years and age_months",
		`{"consciousness":"U","gcs":15}`:                  "gcs is above 8",
		`{"consciousness":"C","gcs":15}`:                  "gcs is 15",
		`{"on_oxygen":false,"oxygen_lpm":2}`:              "not on oxygen",
		`{"pulse":false,"sbp":90}`:                        "no pulse but sbp",
		`{"sex":"male","pregnant":true}`:                  "male but pregnant",
		`{"talking":true,"breathing_after_airway":false}`: "not breathing after the airway",
		`{"consciousness":"A","rr":0}`:                    "not breathing",
	} {
		_, err := Parse([]byte(in))
		if !errors.Is(err, ErrContradiction) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", in, err)
		}
	}
	for _, in := range []string{`{"pulse":false,"hr":60}`, `{"age_years":1,"age_months":14}`, `{"age_years":0,"age_months":8}`, `{"sbp":90,"dbp":90}`, `{"walking":true,"consciousness":"C"}`} {
		if _, err := Parse([]byte(in)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestReadingsBringTheirAge(t *testing.T) {
	now := vital.Instant(time.Hour)
	at := func(r vital.Reading, ago time.Duration) vital.Reading { r.Arrived = now.Add(-ago); return r }
	var s Set
	if err := s.Put(RR, Value{Number: vital.Int(22)}); err != nil { // counted by hand
		t.Fatal(err)
	}
	s.PutReadings(now, []vital.Reading{
		at(vital.Of(vital.RespRate, vital.Int(12)), time.Second),
		at(vital.None(vital.HeartRate, vital.ProbeOff), time.Second),
		at(vital.Of(vital.PulseRate, vital.Int(70)), 2*time.Second),
		at(vital.Of(vital.SpO2, vital.Int(97)), 11*time.Second), // too old to be shown
		at(vital.Of(vital.NIBPSys, vital.Int(140)), 20*time.Minute),
		at(vital.Of(vital.NIBPSys, vital.Int(120)), 4*time.Minute),
		at(vital.OfUnit(vital.Temperature, vital.Dec(986, -1), vital.Fahrenheit), time.Minute),
		at(vital.Of(vital.Glucose, vital.Int(90)), time.Minute),
		at(vital.Of(vital.ACVPU, vital.Int(2)), time.Minute),
	})
	for k, want := range map[Key]string{RR: "22", HR: "70", SpO2: "unknown", SBP: "120", Consciousness: "V"} {
		if got := s.Text(k); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
	}
	if n, _ := s.Number(TempC); n.Cmp(vital.Int(37)) != 0 {
		t.Errorf("98.6 °F is %v °C", n)
	}
	if n, _ := s.Number(Glucose); n.RoundTo(1).String() != "5.0" {
		t.Errorf("90 mg/dL is %v mmol/L", n)
	}
	if v, _ := s.Get(SBP); !v.Aged || v.Age != 4*time.Minute {
		t.Errorf("age of the cuff result: %v", v.Age)
	}
}

// A charted cuff result of a quarter of an hour counts for no score any more; the same
// result on the monitor's screen must not either.
func TestACuffResultThatAScreenGreysCountsForNoScore(t *testing.T) {
	now := vital.Instant(3 * time.Hour)
	at := func(r vital.Reading, ago time.Duration) vital.Reading { r.Arrived = now.Add(-ago); return r }
	for _, c := range []struct {
		reading vital.Reading
		ago     time.Duration
		key     Key
		want    string
	}{
		{vital.Of(vital.NIBPSys, vital.Int(120)), 15*time.Minute - time.Millisecond, SBP, "120"},
		{vital.Of(vital.NIBPSys, vital.Int(120)), 15 * time.Minute, SBP, "unknown"},
		{vital.Of(vital.PulseRateNIBP, vital.Int(80)), 2 * time.Hour, HR, "unknown"},
		{vital.Of(vital.Temperature, vital.Int(37)), 40 * time.Minute, TempC, "unknown"},
		{vital.Of(vital.ACVPU, vital.Int(0)), 40 * time.Minute, Consciousness, "unknown"},
		{vital.Of(vital.SpO2, vital.Int(97)), 9 * time.Second, SpO2, "97"},
		{vital.Of(vital.Weight, vital.Int(80)), 2 * time.Hour, WeightKg, "80"},
	} {
		var s Set
		s.PutReadings(now, []vital.Reading{at(c.reading, c.ago)})
		if got := s.Text(c.key); got != c.want {
			t.Errorf("%v of %v ago: %s is %s, want %s", c.reading.Sign, c.ago, c.key, got, c.want)
		}
	}
}

func TestEveryKeyStandsOnceWithItsQuestion(t *testing.T) {
	if len(byKey) != len(Table) {
		t.Error("a key stands twice")
	}
	for _, row := range Table {
		if !strings.HasSuffix(row.Ask, "?") || strings.ToLower(string(row.Key)) != string(row.Key) {
			t.Errorf("%s: %q", row.Key, row.Ask)
		}
		if row.Kind == Word && len(row.Words) < 2 || row.Kind == Number && row.Min.Cmp(row.Max) >= 0 {
			t.Errorf("%s has no values", row.Key)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"rr":20}`, `{"rr":{"value":20,"age_s":3.5}}`, `{"gcs_v":"NT"}`, `{"respiratory_distress":true}`, `{"walking":null}`, `{"rr":1e-18}`, `{"rr":20,"rr":1}`, `{`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		out := map[string]any{}
		for _, k := range s.Keys() {
			v, _ := s.Get(k)
			row, ok := k.Info()
			if !ok || row.check(v) != nil {
				t.Fatalf("%s holds %+v", k, v)
			}
			switch {
			case row.Kind == Answer:
				out[string(k)] = v.Yes
			case v.Word == present:
				out[string(k)] = true
			case v.Word != "":
				out[string(k)] = v.Word
			default:
				out[string(k)] = v.Number
			}
		}
		text, _ := json.Marshal(out)
		back, err := Parse(text)
		if err != nil || fmt.Sprint(back.Keys()) != fmt.Sprint(s.Keys()) {
			t.Fatalf("%q came back as %s: %v", b, text, err)
		}
	})
}
