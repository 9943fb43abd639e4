package vital

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Decimal is Mantissa times ten to the power Exponent, as in IEEE 11073: the
// digits a monitor showed, no more and no fewer. 36.60 is {3660, -2}, and stays
// distinct from 36.6 in the record because the monitor resolved it so; use
// [Decimal.Cmp] to compare values. The zero Decimal is the number 0, which is a
// measured zero only inside a [Reading] that says it was measured.
type Decimal struct {
	_        struct{} `cbor:",toarray"`
	Mantissa int64
	Exponent int8
}

// ErrDecimal reports a text or number that is not a finite decimal of at most
// 18 digits and an exponent from -18 to 18.
var ErrDecimal = errors.New("not a decimal number")

const maxExponent = 18

// Dec is the decimal mantissa x 10^exponent.
func Dec(mantissa int64, exponent int8) Decimal {
	return Decimal{Mantissa: mantissa, Exponent: exponent}
}

// Int is the whole number n.
func Int(n int64) Decimal { return Decimal{Mantissa: n} }

// ParseDecimal reads plain decimal text such as "98", "-0.5", "+04.25" or
// "1e3". It keeps trailing zeros. Anything else, NaN and infinities included,
// is ErrDecimal.
func ParseDecimal(text string) (Decimal, error) {
	digits, exponent := text, 0
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		n, err := strconv.Atoi(text[at+1:])
		if err != nil {
			return Decimal{}, fmt.Errorf("read %q: %w", text, ErrDecimal)
		}
		digits, exponent = text[:at], n
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if strings.Trim(whole, "+-") == "" && fraction == "" {
		return Decimal{}, fmt.Errorf("read %q: %w", text, ErrDecimal)
	}
	if point && strings.Trim(fraction, "0123456789") != "" {
		return Decimal{}, fmt.Errorf("read %q: %w", text, ErrDecimal)
	}
	mantissa, err := strconv.ParseInt(whole+fraction, 10, 64)
	exponent -= len(fraction)
	if err != nil || exponent < -maxExponent || exponent > maxExponent {
		return Decimal{}, fmt.Errorf("read %q: %w", text, ErrDecimal)
	}
	return Decimal{Mantissa: mantissa, Exponent: int8(exponent)}, nil
}

// Round is x to places decimal places, half away from zero. NaN, infinities
// and numbers beyond 18 digits are ErrDecimal: they must not become a number.
func Round(x float64, places int8) (Decimal, error) {
	scaled := math.Round(x * math.Pow10(int(places)))
	if math.IsNaN(scaled) || math.Abs(scaled) >= 1e18 || places < 0 || places > maxExponent {
		return Decimal{}, fmt.Errorf("round to %d places: %w", places, ErrDecimal)
	}
	return Decimal{Mantissa: int64(scaled), Exponent: -places}, nil
}

// Float is d as the nearest binary float: for arithmetic and drawing, never for
// the record.
func (d Decimal) Float() float64 {
	if d.Exponent < 0 {
		return float64(d.Mantissa) / math.Pow10(-int(d.Exponent))
	}
	return float64(d.Mantissa) * math.Pow10(int(d.Exponent))
}

// Cmp is -1, 0 or 1 as d is less than, equal to or greater than e by value:
// 36.6 and 36.60 are equal.
func (d Decimal) Cmp(e Decimal) int {
	if d.Exponent == e.Exponent {
		switch {
		case d.Mantissa < e.Mantissa:
			return -1
		case d.Mantissa > e.Mantissa:
			return 1
		}
		return 0
	}
	if d.Exponent < e.Exponent {
		return -e.Cmp(d)
	}
	m := d.Mantissa
	for x := int(d.Exponent); x > int(e.Exponent); x-- {
		if m > math.MaxInt64/10 || m < math.MinInt64/10 {
			if m > 0 {
				return 1
			}
			return -1
		}
		m *= 10
	}
	return Int(m).Cmp(Int(e.Mantissa))
}

// String is plain decimal text without an exponent: 3660e-2 is "36.60".
func (d Decimal) String() string {
	text := strconv.FormatInt(d.Mantissa, 10)
	if d.Exponent >= 0 {
		if d.Mantissa == 0 {
			return "0"
		}
		return text + strings.Repeat("0", int(d.Exponent))
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	places := -int(d.Exponent)
	if len(text) <= places {
		text = strings.Repeat("0", places-len(text)+1) + text
	}
	at := len(text) - places
	return sign + text[:at] + "." + text[at:]
}

// MarshalJSON writes d as a JSON number with the digits the monitor showed.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number; a string or null is an error.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	v, err := ParseDecimal(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
