package vital

import (
	"encoding/json"
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

const (
	maxExponent = 18
	limit       = 1e18 // mantissas stay below it, so that ten times one still fits the sums here
)

// Dec is the decimal mantissa x 10^exponent.
func Dec(mantissa int64, exponent int8) Decimal {
	return Decimal{Mantissa: mantissa, Exponent: exponent}
}

// Int is the whole number n.
func Int(n int64) Decimal { return Decimal{Mantissa: n} }

// ParseDecimal reads plain decimal text such as "98", "-0.5", "+04.25" or
// "1e3". It keeps trailing zeros. Anything else, NaN and infinities included,
// is ErrDecimal. The error does not repeat the text: it may be a patient's.
func ParseDecimal(text string) (Decimal, error) {
	digits, power := text, ""
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		digits, power = text[:at], text[at+1:]
		if power == "" {
			return Decimal{}, fmt.Errorf("read number: %w", ErrDecimal)
		}
	}
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	mantissa, ok := naturals(whole + fraction)
	exponent := 0
	if power != "" {
		n, err := strconv.Atoi(power)
		ok = ok && err == nil && n >= -2*maxExponent && n <= 2*maxExponent
		exponent = n
	}
	exponent -= len(fraction)
	if !ok || exponent < -maxExponent || exponent > maxExponent {
		return Decimal{}, fmt.Errorf("read number: %w", ErrDecimal)
	}
	if negative {
		mantissa = -mantissa
	}
	return Decimal{Mantissa: mantissa, Exponent: int8(exponent)}, nil
}

// naturals reads one or more digits, of value below 10^18.
func naturals(digits string) (n int64, ok bool) {
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n >= limit/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, digits != ""
}

// Round is x to places decimal places, half away from zero. NaN, infinities
// and numbers beyond 18 digits are ErrDecimal: they must not become a number.
func Round(x float64, places int8) (Decimal, error) {
	scaled := math.Round(x * math.Pow10(int(places)))
	if math.IsNaN(scaled) || math.Abs(scaled) >= limit || places < 0 || places > maxExponent {
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

// Valid reports whether d has at most 18 digits and an exponent from -18 to 18,
// as everything this package makes. Decoders of foreign bytes ask it.
func (d Decimal) Valid() bool {
	return d.Mantissa > -limit && d.Mantissa < limit && d.Exponent >= -maxExponent && d.Exponent <= maxExponent
}

// RoundTo is d with at most places decimal places, half away from zero. Fewer
// places than that are kept as they are: 37 does not become 37.0.
func (d Decimal) RoundTo(places int8) Decimal {
	for d.Exponent < -places {
		last := d.Mantissa % 10
		d.Mantissa /= 10
		d.Exponent++
		if d.Exponent < -places {
			continue // only the digit next to the cut decides: rounding twice moves 0.46 to 1
		}
		switch {
		case last >= 5:
			d.Mantissa++
		case last <= -5:
			d.Mantissa--
		}
	}
	return d
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

// UnmarshalJSON reads a JSON number; a string, null or anything that JSON does
// not call a number, such as NaN, +1, .5 or 01, is ErrDecimal.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	v, err := ParseDecimal(string(b))
	if err != nil || !json.Valid(b) {
		return fmt.Errorf("read JSON number: %w", ErrDecimal)
	}
	*d = v
	return nil
}
