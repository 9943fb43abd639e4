package vital

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
)

func TestANumberKeepsTheDigitsTheMonitorShowed(t *testing.T) {
	for _, c := range []struct {
		text string
		want Decimal
		back string
	}{
		{"98", Int(98), "98"},
		{"36.60", Dec(3660, -2), "36.60"},
		{"-0.5", Dec(-5, -1), "-0.5"},
		{"+04.25", Dec(425, -2), "4.25"},
		{"1e3", Dec(1, 3), "1000"},
		{"1.5E-2", Dec(15, -3), "0.015"},
		{".5", Dec(5, -1), "0.5"},
		{"0.000", Dec(0, -3), "0.000"},
		{"-0", Int(0), "0"},
		{"999999999999999999", Int(999999999999999999), "999999999999999999"},
		{"0000000000000000000000007", Int(7), "7"},
	} {
		got, err := ParseDecimal(c.text)
		if err != nil || got != c.want || got.String() != c.back {
			t.Errorf("%q: got %+v %q %v, want %+v %q", c.text, got, got, err, c.want, c.back)
		}
	}
}

func TestWhatIsNotANumberNeverBecomesOne(t *testing.T) {
	for _, text := range []string{
		"", " ", "-", "+", ".", "-.", "e", "e5", "1e", "1e+", "1-2", "+-3", "--3", "-+3", "1.2.3", "1e5e5", "1e5.0",
		"NaN", "nan", "Inf", "-Infinity", "null", "true", `"98"`, "98 ", " 98", "9_8", "0x10", "1,5", "９８", "---", "98*",
		"1e19", "1e-19", "1e999999999999999999999", "1000000000000000000", "0.0000000000000000001",
	} {
		if got, err := ParseDecimal(text); !errors.Is(err, ErrDecimal) || got != (Decimal{}) {
			t.Errorf("%q became %+v, %v", text, got, err)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e18, -1e300} {
		if got, err := Round(x, 1); !errors.Is(err, ErrDecimal) {
			t.Errorf("rounding %v gave %+v, %v", x, got, err)
		}
	}
}

func TestJSONTakesOnlyItsOwnNumbers(t *testing.T) {
	for _, text := range []string{`"98"`, "null", "NaN", "+1", ".5", "1.", "01", "-", "[1]", "1 2", "1e400"} {
		d := Int(7)
		if err := d.UnmarshalJSON([]byte(text)); !errors.Is(err, ErrDecimal) || d != Int(7) {
			t.Errorf("%s: %+v %v", text, d, err)
		}
	}
	var d Decimal
	if err := json.Unmarshal([]byte("36.60"), &d); err != nil || d != Dec(3660, -2) {
		t.Errorf("36.60: %+v %v", d, err)
	}
	if b, err := json.Marshal(d); string(b) != "36.60" {
		t.Errorf("wrote %s %v", b, err)
	}
	var row struct{ SpO2 Decimal }
	if err := json.Unmarshal([]byte(`{"SpO2":null}`), &row); err == nil {
		t.Error("a missing SpO2 was read as a number")
	}
}

func TestNumbersCompareByValue(t *testing.T) {
	ordered := []Decimal{Dec(-1, 18), Dec(-37, 0), Dec(-1, -18), Int(0), Dec(1, -18), Dec(366, -1), Dec(3661, -2), Int(37), Dec(1, 18), Dec(999999999999999999, 18)}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := a.Cmp(b); got != want {
				t.Errorf("%v against %v: %d, want %d", a, b, got, want)
			}
		}
	}
	if Dec(3660, -2).Cmp(Dec(366, -1)) != 0 || Int(0).Cmp(Dec(0, 5)) != 0 {
		t.Error("equal values compare as different")
	}
}

func TestRoundingForTheScreenIsHalfAwayFromZeroAndOnce(t *testing.T) {
	for _, c := range []struct {
		from   Decimal
		places int8
		want   string
	}{
		{Dec(9665, -2), 0, "97"}, {Dec(3665, -2), 1, "36.7"}, {Dec(-3665, -2), 1, "-36.7"}, {Dec(449, -3), 0, "0"},
		{Dec(46, -2), 0, "0"}, {Dec(5, -1), 0, "1"}, {Int(37), 1, "37"}, {Dec(12, 1), 0, "120"}, {Dec(95, -1), 0, "10"},
	} {
		if got := c.from.RoundTo(c.places).String(); got != c.want {
			t.Errorf("%v to %d places: %s, want %s", c.from, c.places, got, c.want)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"98", "-0.5", "1e3", "NaN", "1-2", "+-3", "1e-18", "999999999999999999e18"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal(s)
		if err != nil {
			return
		}
		if !d.Valid() {
			t.Fatalf("%q gave %+v", s, d)
		}
		if len(d.String()) > 40 {
			t.Fatalf("%q is written as %q", s, d)
		}
		if d.Exponent <= 0 && len(d.String()) < 18 {
			back, err := ParseDecimal(d.String())
			if err != nil || back.Cmp(d) != 0 {
				t.Fatalf("%q: %v came back as %v, %v", s, d, back, err)
			}
		}
	})
}

func FuzzUnmarshalJSON(f *testing.F) {
	for _, s := range []string{"98", "-0.5", "null", `"1"`, "1E+2", "01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decimal
		err := d.UnmarshalJSON(b)
		var n json.Number
		if err == nil && json.Unmarshal(b, &n) != nil {
			t.Fatalf("%q is not a JSON number but became %v", b, d)
		}
	})
}
