package vital

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
)

// constants reads the numbered constants of a file, so that a sign
// added without a row is found.
func constants(t *testing.T, file, pattern string) map[string]uint16 {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]uint16{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(src), -1) {
		n, _ := strconv.Atoi(m[2])
		found[m[1]] = uint16(n)
	}
	return found
}

func TestEverySignHasItsRow(t *testing.T) {
	named := constants(t, "sign.go", `(?m)^\t(\w+)\s+Sign = (\d+)`)
	if len(named) < 80 {
		t.Fatalf("only %d constants found", len(named))
	}
	codes := map[string]Sign{}
	for name, n := range named {
		s := Sign(n)
		if s == Unknown {
			continue
		}
		row, ok := Signs[s]
		switch {
		case !ok:
			t.Errorf("%s has no row", name)
		case row.Label == "" || row.Name == "" || row.Code == "":
			t.Errorf("%s lacks a label, name or code", name)
		case row.Min.Cmp(row.Max) >= 0:
			t.Errorf("%s: range %v to %v", name, row.Min, row.Max)
		case row.Places < 0 || row.Places > 2:
			t.Errorf("%s: %d places", name, row.Places)
		case row.MDC != 0 && (row.MDC < 131072 || row.MDC >= 196608 || row.MDC&0xffff >= 0xf000):
			t.Errorf("%s: MDC %d is not a public code of partition 2", name, row.MDC)
		}
		if other, twice := codes[row.Code]; twice {
			t.Errorf("%s and %v share the code %s", name, other, row.Code)
		}
		codes[row.Code] = s
	}
	if len(Signs) != len(named)-1 {
		t.Errorf("%d rows for %d signs", len(Signs), len(named)-1)
	}
	for name, n := range constants(t, "lead.go", `(?m)^\t(\w+)\s+Lead = (\d+)`) {
		if _, ok := Leads[Lead(n)]; !ok && n != 0 {
			t.Errorf("lead %s has no row", name)
		}
	}
}

// The check digit of a LOINC number is mod 10, double-add-double (LOINC users'
// guide, appendix C); it catches a mistyped code.
func TestLOINCNumbersHaveTheirCheckDigit(t *testing.T) {
	codes := []string{Glucose.LOINC(MmolPerL)}
	for _, row := range Signs {
		codes = append(codes, row.LOINC)
	}
	for _, code := range codes {
		if code == "" {
			continue
		}
		digits, check, _ := strings.Cut(code, "-")
		sum := 0
		for i := range len(digits) {
			d := int(digits[len(digits)-1-i] - '0')
			if i%2 == 0 {
				d *= 2
			}
			sum += d/10 + d%10
		}
		if want := strconv.Itoa((10 - sum%10) % 10); check != want {
			t.Errorf("%s should end in %s", code, want)
		}
	}
}

func TestCodesFindTheirSign(t *testing.T) {
	// Codes as in the Danish FHIR core profiles (valueSets.fsh), the German ICU
	// profiles, Philips' Data Export list and Mindray's and GE's HL7 messages.
	for _, c := range []struct {
		mdc  uint32
		sign Sign
		site Site
	}{
		{147842, HeartRate, ""}, {149530, PulseRate, ""}, {149546, PulseRateNIBP, ""}, {150456, SpO2, ""},
		{150488, PerfusionIndex, ""}, {150448, PerfusionIndex, ""},
		{151562, RespRate, ""}, {151578, RespRateImpedance, ""}, {151594, RespRateCO2, ""}, {151658, RespRatePleth, ""}, {151570, RespRateAirway, ""},
		{150021, NIBPSys, ""}, {150022, NIBPDia, ""}, {150023, NIBPMean, ""}, {150301, NIBPSys, ""}, {150302, NIBPDia, ""}, {150303, NIBPMean, ""},
		{150037, ABPSys, ""}, {150033, ABPSys, ""}, {150087, CVPMean, ""}, {150017, P1Sys, ""},
		{151708, EtCO2, ""}, {151716, FiCO2, ""}, {151728, EtCO2, ""}, {152196, FiO2, ""}, {152440, EtO2, ""},
		{150344, Temperature, ""}, {188420, Temperature, SiteRectal}, {188496, Temperature, SiteAxilla}, {188452, Temperature, SiteAxilla},
		{150392, Temperature, SiteTympanic}, {150372, Temperature, SiteOesophagus},
		{160184, Glucose, ""}, {188736, Weight, ""}, {188740, Height, ""}, {153728, GCSTotal, ""}, {153731, GCSMotor, ""}, {153732, GCSVerbal, ""},
	} {
		s, site, ok := ByMDC(c.mdc)
		if !ok || s != c.sign || site != c.site {
			t.Errorf("MDC %d is %v %q %v, want %v %q", c.mdc, s, site, ok, c.sign, c.site)
		}
	}
	if s, _, ok := ByMDC(0); ok {
		t.Errorf("MDC 0 is %v", s)
	}
	if got := SiteRectal.TemperatureMDC(); got != 188420 {
		t.Errorf("rectal temperature is %d", got)
	}
	if got := SiteWrist.TemperatureMDC(); got != 150344 {
		t.Errorf("a wrist temperature is %d, want plain MDC_TEMP", got)
	}
	if l, ok := LeadByMDC(131330); !ok || l != ECGII {
		t.Errorf("MDC 131330 is %v", l)
	}
	if l, ok := LeadByCode("PLETH"); !ok || l != Pleth {
		t.Errorf("PLETH is %v", l)
	}
}

func TestForeignMonitorsCodesAreKnown(t *testing.T) {
	obx := regexp.MustCompile(`\|NM\|(\d+)\^MDC_`)
	n := 0
	for _, name := range []string{"ge-b40.hl7", "mindray-vs900.hl7"} {
		for _, m := range obx.FindAllStringSubmatch(string(foreign.Read(t, "devices", "hl7", name)), -1) {
			code, _ := strconv.ParseUint(m[1], 10, 32)
			n++
			if _, _, ok := ByMDC(uint32(code)); !ok && code != 151712 { // CO2 at expiry, not end-tidal
				t.Errorf("%s sends MDC %d, which no sign has", name, code)
			}
		}
	}
	if n == 0 {
		t.Error("no codes found in the messages")
	}
}

func TestASignTravelsByItsCode(t *testing.T) {
	for s := range Signs {
		b, err := json.Marshal(map[Sign]Sign{s: s})
		back := map[Sign]Sign{}
		if err2 := json.Unmarshal(b, &back); err != nil || err2 != nil || back[s] != s {
			t.Errorf("%v: %s came back as %v (%v, %v)", s, b, back, err, err2)
		}
	}
	for text, want := range map[string]Sign{"HR": HeartRate, "SpO2": SpO2, "NIBP-SYS": NIBPSys, "unknown": Unknown, "sign-900": 900} {
		var s Sign
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want || s.String() != text {
			t.Errorf("%q: %v %v", text, s, err)
		}
	}
	for _, text := range []string{"", "hr", "HR ", "sign-", "sign-1", "sign-0900", "sign-70000", "sign--1", "sign-+9"} {
		s := Sign(77)
		if err := s.UnmarshalText([]byte(text)); !errors.Is(err, ErrCode) || s != 77 {
			t.Errorf("%q became %v, %v", text, s, err)
		}
	}
	for l := range Leads {
		var back Lead
		text, _ := l.MarshalText()
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("lead %s came back as %v, %v", text, back, err)
		}
	}
}

func TestConversionsMatchPublishedPairs(t *testing.T) {
	for _, c := range []struct {
		source   string
		sign     Sign
		value    Decimal
		from, to Unit
		want     string
	}{
		{"definition", Temperature, Dec(370, -1), Celsius, Fahrenheit, "98.6"},
		{"definition", Temperature, Dec(1004, -1), Fahrenheit, Celsius, "38.0"},
		{"definition", Temperature, Int(95), Fahrenheit, Celsius, "35.0"},
		{"NIST SP 811, 1 mmHg = 0.1333224 kPa", NIBPSys, Int(120), MmHg, KPa, "15.999"},
		{"NIST SP 811", EtCO2, Dec(53, -1), KPa, MmHg, "39.75"},
		{"BIPM, 1 cmH2O = 0.980665 mbar", PEEP, Int(10), MBar, CmH2O, "10.2"},
		{"ADA: 100 mg/dL is 5.55 mmol/L", Glucose, Int(100), MgPerDL, MmolPerL, "5.551"},
		{"WHO 2006: 7.0 mmol/L is 126 mg/dL", Glucose, Dec(70, -1), MmolPerL, MgPerDL, "126.11"},
		{"WHO 2011: 11.0 g/dL is 6.83 mmol/L", SpHb, Dec(110, -1), GramPerDL, MmolPerL, "6.826"},
		{"international pound", Weight, Int(154), Pound, Kilogram, "69.853"},
		{"international inch", Height, Int(70), Inch, Centimetre, "177.8"},
		{"definition", Height, Dec(178, -2), Metre, Centimetre, "178"},
		{"definition", Height, Int(178), Centimetre, Metre, "1.78"},
		{"standard gain 10 mm/mV", STII, Dec(-1, -1), Millivolt, Millimetre, "-1.0"},
		{"same unit keeps its digits", Temperature, Dec(3660, -2), Celsius, Celsius, "36.60"},
	} {
		got, err := Convert(c.sign, c.value, c.from, c.to)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %v %v %s is %v %s (%v), want %s", c.source, c.sign, c.value, c.from, got, c.to, err, c.want)
		}
	}
}

func TestThereAndBackShowsTheSameNumber(t *testing.T) {
	coarser := []Unit{Metre, Litre, Second, Millivolt} // shown with fewer digits by choice
	pairs := 0
	for s, row := range Signs {
		for u := range units() {
			if _, err := Convert(s, row.Min, row.Unit, u); err != nil || u == row.Unit || slices.Contains(coarser, u) {
				continue
			}
			pairs++
			for n := row.Min.RoundTo(0).Mantissa; n <= row.Max.RoundTo(0).Mantissa; n += 1 + n/50 {
				there, err := Convert(s, Int(n), row.Unit, u)
				back, err2 := Convert(s, there, u, row.Unit)
				if err != nil || err2 != nil || back.RoundTo(row.Places).Cmp(Int(n)) != 0 {
					t.Fatalf("%v %d %s went to %v %s and came back as %v (%v, %v)", s, n, row.Unit, there, u, back, err, err2)
				}
				if n < 0 {
					n -= n / 50
				}
			}
		}
	}
	if pairs < 60 {
		t.Errorf("only %d pairs of units were tried", pairs)
	}
}

// units gives every unit that can be converted for some sign.
func units() map[Unit]bool {
	all := map[Unit]bool{}
	for u := range measures {
		all[u] = true
	}
	for _, own := range ownMeasures {
		for u := range own {
			all[u] = true
		}
	}
	return all
}

func TestAUnitThatDoesNotFitIsRefused(t *testing.T) {
	for _, c := range []struct {
		sign     Sign
		from, to Unit
	}{
		{SpO2, Percent, MmHg}, {NIBPSys, MmHg, Kilogram}, {NIBPSys, Kilogram, Pound}, {Glucose, MgPerDL, Percent},
		{Ketone, MmolPerL, MgPerDL}, {HeartRate, PerMinute, ""}, {Temperature, Celsius, "K"}, {EtCO2, Percent, MmHg},
	} {
		if got, err := Convert(c.sign, Int(1), c.from, c.to); !errors.Is(err, ErrUnit) {
			t.Errorf("%v from %q to %q gave %v, %v", c.sign, c.from, c.to, got, err)
		}
	}
}

func TestAnImpossibleValueIsWithheldInEveryUnit(t *testing.T) {
	for _, c := range []struct {
		sign Sign
		v    Decimal
		u    Unit
		want State
	}{
		{SpO2, Int(100), Percent, Measured}, {SpO2, Int(127), Percent, Withheld}, {SpO2, Int(-1), Percent, Withheld},
		{PulseRate, Int(511), PerMinute, Withheld}, {HeartRate, Int(0), PerMinute, Measured},
		{NIBPSys, Int(300), MmHg, Measured}, {NIBPSys, Int(301), MmHg, Withheld},
		{NIBPSys, Dec(3999, -2), KPa, Measured}, {NIBPSys, Int(40), KPa, Withheld}, // 300 mmHg is 39.997 kPa
		{Temperature, Int(50), Celsius, Measured}, {Temperature, Int(122), Fahrenheit, Measured}, {Temperature, Dec(1221, -1), Fahrenheit, Withheld},
		{Temperature, Dec(986, -1), Celsius, Withheld}, // °F sent as °C
		{Glucose, Dec(333, -1), MmolPerL, Measured}, {Glucose, Int(333), MmolPerL, Withheld},
		{GCSTotal, Int(2), NoUnit, Withheld}, {GCSTotal, Int(3), NoUnit, Measured},
		{SpO2, Int(98), MmHg, Withheld}, {NIBPSys, Int(120), "", Withheld},
		{Unknown, Int(120), "furlong", Measured}, {Sign(900), Int(120), "furlong", Measured},
	} {
		r := OfUnit(c.sign, c.v, c.u)
		if r.State() != c.want {
			t.Errorf("%v %v %q is %v, want %v", c.sign, c.v, c.u, r.State(), c.want)
		}
		if v, ok := r.Value(); ok != (c.want == Measured) || (!ok && v != Decimal{}) {
			t.Errorf("%v %v %q holds %v, %v", c.sign, c.v, c.u, v, ok)
		}
	}
}

func TestRangesFollowTheUnit(t *testing.T) {
	low, high, err := Temperature.Range(Fahrenheit)
	if err != nil || low.Cmp(Int(50)) != 0 || high.Cmp(Int(122)) != 0 {
		t.Errorf("temperature in °F: %v to %v, %v", low, high, err)
	}
	if _, _, err := SpO2.Range(MmHg); !errors.Is(err, ErrUnit) {
		t.Errorf("SpO2 in mmHg: %v", err)
	}
}

func TestAReadingInAnotherUnit(t *testing.T) {
	r, err := Of(Temperature, Dec(380, -1)).In(Fahrenheit)
	if v, ok := r.Value(); err != nil || !ok || v.Cmp(Dec(1004, -1)) != 0 || r.Unit != Fahrenheit {
		t.Errorf("38.0 °C is %v, %v", r, err)
	}
	r, err = None(Temperature, ProbeOff).In(Fahrenheit)
	if v, ok := r.Value(); err != nil || ok || v != (Decimal{}) || r.State() != ProbeOff {
		t.Errorf("a probe that is off became %v, %v", r, err)
	}
	if r, err = Of(SpO2, Int(98)).In(MmHg); !errors.Is(err, ErrUnit) || r.Unit != Percent {
		t.Errorf("SpO2 in mmHg: %v %v", r, err)
	}
	if text, ok := Of(SpO2, Dec(9665, -2)).Shown(); !ok || text != "97" {
		t.Errorf("96.65 %% is shown as %q", text)
	}
	if text, ok := None(SpO2, ProbeOff).Shown(); ok || text != "" {
		t.Errorf("probe off is shown as %q", text)
	}
}

func TestNothingMeasuredIsNeverZero(t *testing.T) {
	var zero Reading
	if v, ok := zero.Value(); ok || v != (Decimal{}) || zero.String() != "not measured" {
		t.Errorf("the zero reading is %v", zero)
	}
	if r := None(SpO2, Measured); r.State() != NotMeasured {
		t.Errorf("a reading without value claims %v", r.State())
	}
	if r := Of(SpO2, Int(98)).Without(ProbeOff); r.String() != "probe off" {
		t.Errorf("a withdrawn value reads %v", r)
	}
}

func TestStatesTravelByName(t *testing.T) {
	for s := NotMeasured; s.Known(); s++ {
		text, err := s.MarshalText()
		var back State
		if err2 := back.UnmarshalText(text); err != nil || err2 != nil || back != s {
			t.Errorf("%v: %q %v %v", s, text, err, err2)
		}
	}
	var s State
	if err := s.UnmarshalText([]byte("Smith, John")); err == nil || strings.Contains(err.Error(), "Smith") {
		t.Errorf("error repeats what was read: %v", err)
	}
}

func TestValuesAge(t *testing.T) {
	for _, c := range []struct {
		a    Ageing
		old  time.Duration
		want Age
	}{
		{Continuous, 2999 * time.Millisecond, Fresh}, {Continuous, 3 * time.Second, Grey}, {Continuous, 10 * time.Second, Gone},
		{Episodic, 14 * time.Minute, Fresh}, {Episodic, 15 * time.Minute, Grey}, {Episodic, 9 * time.Hour, Grey}, {Lasting, 9000 * time.Hour, Fresh},
	} {
		if got := c.a.At(c.old); got != c.want {
			t.Errorf("%v after %v: %v, want %v", c.a, c.old, got, c.want)
		}
	}
}
