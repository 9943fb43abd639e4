package hl7

import (
	"bytes"
	"time"

	"fieldkit/triage/vital"
)

// part is the n-th piece of b between separators, counted from 0; nil beyond the
// last.
func part(b []byte, sep byte, n int) []byte {
	for ; n > 0; n-- {
		i := bytes.IndexByte(b, sep)
		if i < 0 {
			return nil
		}
		b = b[i+1:]
	}
	if i := bytes.IndexByte(b, sep); i >= 0 {
		return b[:i]
	}
	return b
}

// field is a segment's n-th field as HL7 counts: the name is 0.
func field(segment []byte, n int) []byte { return part(segment, '|', n) }

// component is a field's n-th component, counted from 1, of its first repetition.
func component(f []byte, n int) []byte { return part(part(f, '~', 0), '^', n-1) }

func is(segment []byte, name string) bool {
	return len(segment) > 3 && string(segment[:3]) == name && segment[3] == '|'
}

// number reads a plain decimal number.
func number(b []byte) (vital.Decimal, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	var d vital.Decimal
	digits, dot := 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 15:
			digits++
			d.Mantissa = d.Mantissa*10 + int64(c-'0')
			if dot {
				d.Exponent--
			}
		case c == '.' && !dot:
			dot = true
		default:
			return vital.Decimal{}, false
		}
	}
	if negative {
		d.Mantissa = -d.Mantissa
	}
	return d, digits > 0
}

// code reads the digits of an identifier; 0 for none.
func code(b []byte) (n uint32) {
	if len(b) == 0 || len(b) > 9 {
		return 0
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint32(c-'0')
	}
	return n
}

// moment reads YYYYMMDDHHMMSS with optional fractions and zone. Without a zone the
// monitor's clock is taken as if it were UTC. Anything shorter or odd is none.
func moment(b []byte) (time.Time, bool) {
	if len(b) < 14 {
		return time.Time{}, false
	}
	two := func(i int) int {
		if b[i] < '0' || b[i] > '9' || b[i+1] < '0' || b[i+1] > '9' {
			return 1 << 20
		}
		return int(b[i]-'0')*10 + int(b[i+1]-'0')
	}
	y, mo, d, h, mi, s := two(0)*100+two(2), two(4), two(6), two(8), two(10), two(12)
	t := time.Date(y, time.Month(mo), d, h, mi, s, 0, time.UTC)
	if y > 9999 || mo < 1 || mo > 12 || t.Day() != d || h > 23 || mi > 59 || s > 59 {
		return time.Time{}, false
	}
	rest := b[14:]
	if len(rest) > 1 && rest[0] == '.' {
		scale := time.Second / 10
		for rest = rest[1:]; len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9'; rest = rest[1:] {
			t = t.Add(time.Duration(rest[0]-'0') * scale)
			scale /= 10
		}
	}
	if len(rest) == 5 && (rest[0] == '+' || rest[0] == '-') {
		b = rest
		zone := time.Duration(two(1))*time.Hour + time.Duration(two(3))*time.Minute
		if zone > 15*time.Hour {
			return time.Time{}, false
		}
		if rest[0] == '+' {
			zone = -zone
		}
		return t.Add(zone), true
	}
	return t, len(rest) == 0
}

// units is what OBX-6 may say: MDC codes and names of ISO/IEEE 11073-10101 and
// UCUM. The codes are those of the samples; others are known by name.
var units = map[string]vital.Unit{
	"262688": vital.Percent, "MDC_DIM_PERCENT": vital.Percent, "%": vital.Percent,
	"264864": vital.PerMinute, "MDC_DIM_BEAT_PER_MIN": vital.PerMinute, "264928": vital.PerMinute,
	"MDC_DIM_RESP_PER_MIN": vital.PerMinute, "MDC_DIM_PER_MIN": vital.PerMinute, "/min": vital.PerMinute, "{beat}/min": vital.PerMinute, "bpm": vital.PerMinute, "rpm": vital.PerMinute,
	"266016": vital.MmHg, "MDC_DIM_MMHG": vital.MmHg, "mm[Hg]": vital.MmHg, "mmHg": vital.MmHg,
	"265987": vital.KPa, "MDC_DIM_KILO_PASCAL": vital.KPa, "kPa": vital.KPa,
	"268192": vital.Celsius, "MDC_DIM_DEGC": vital.Celsius, "Cel": vital.Celsius,
	"MDC_DIM_FAHR": vital.Fahrenheit, "[degF]": vital.Fahrenheit,
	"MDC_DIM_CM_H2O": vital.CmH2O, "cm[H2O]": vital.CmH2O,
	"MDC_DIM_MILLI_G_PER_DL": vital.MgPerDL, "mg/dL": vital.MgPerDL,
	"MDC_DIM_MILLI_MOLE_PER_L": vital.MmolPerL, "mmol/L": vital.MmolPerL,
	"MDC_DIM_X_G_PER_DL": vital.GramPerDL, "MDC_DIM_G_PER_DL": vital.GramPerDL, "g/dL": vital.GramPerDL,
	"MDC_DIM_KILO_G": vital.Kilogram, "kg": vital.Kilogram,
	"MDC_DIM_CENTI_M": vital.Centimetre, "cm": vital.Centimetre,
	"MDC_DIM_MILLI_L": vital.Millilitre, "mL": vital.Millilitre,
	"MDC_DIM_L_PER_MIN": vital.LitrePerMin, "L/min": vital.LitrePerMin,
	"MDC_DIM_MILLI_M": vital.Millimetre, "mm": vital.Millimetre,
	"MDC_DIM_MILLI_VOLT": vital.Millivolt, "mV": vital.Millivolt,
	"MDC_DIM_SEC": vital.Second, "s": vital.Second,
}

// unitOf is the unit that OBX-6 names, false when none that is known.
func unitOf(f []byte) (vital.Unit, bool) {
	for n := 1; n <= 2; n++ {
		if u, ok := units[string(component(f, n))]; ok {
			return u, true
		}
	}
	return "", false
}
