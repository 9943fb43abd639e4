package vital

import (
	"errors"
	"fmt"
	"math/big"
)

// ErrUnit reports a unit that the sign cannot have, or that cannot be converted
// to the one asked for.
var ErrUnit = errors.New("unit does not fit the sign")

// A measure places a unit on the scale of its kind: base = value x scale + offset.
// Exact fractions, so that a value at the edge of a range stays on its side.
type measure struct {
	kind          string
	scale, offset *big.Rat
}

// measures holds the units whose conversion is the same for every sign. Factors:
// NIST SP 811 (2008) appendix B: conventional mmHg 133.322387415 Pa, conventional
// cmH2O 98.0665 Pa, inch 2.54 cm and pound 0.45359237 kg exactly.
var measures = map[Unit]measure{
	MmHg:  {"pressure", fraction("133.322387415"), zero},
	KPa:   {"pressure", fraction("1000"), zero},
	CmH2O: {"pressure", fraction("98.0665"), zero},
	MBar:  {"pressure", fraction("100"), zero},

	Celsius:    {"temperature", one, zero},
	Fahrenheit: {"temperature", fraction("5/9"), fraction("-160/9")},

	Kilogram: {"mass", one, zero},
	Pound:    {"mass", fraction("0.45359237"), zero},

	Centimetre: {"length", one, zero},
	Metre:      {"length", fraction("100"), zero},
	Inch:       {"length", fraction("2.54"), zero},

	Millilitre: {"volume", one, zero},
	Litre:      {"volume", fraction("1000"), zero},

	Second:      {"time", one, zero},
	Millisecond: {"time", fraction("1/1000"), zero},
}

// ownMeasures holds conversions that hold for one sign only: they need what is
// dissolved, or how a trace is drawn.
var ownMeasures = map[Sign]map[Unit]measure{
	// Molar mass of glucose 180.156 g/mol: 1 mmol/L is 18.0156 mg/dL.
	Glucose: {MgPerDL: {"glucose", one, zero}, MmolPerL: {"glucose", fraction("18.0156"), zero}},
	// Monomer of haemoglobin 16114.5 g/mol (IFCC): 1 mmol/L is 1.61145 g/dL.
	SpHb: {GramPerDL: {"haemoglobin", one, zero}, MmolPerL: {"haemoglobin", fraction("1.61145"), zero}},
	// ST is drawn at the standard gain of 10 mm for 1 mV.
	STI: stMeasure, STII: stMeasure, STIII: stMeasure, STV: stMeasure,
}

var (
	stMeasure = map[Unit]measure{
		Millimetre: {"ST", one, zero},
		Millivolt:  {"ST", fraction("10"), zero},
		Microvolt:  {"ST", fraction("1/100"), zero},
	}
	zero, one = new(big.Rat), big.NewRat(1, 1)
)

func fraction(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}

// Convert is v, a value of s in unit from, in unit to. The result carries up to
// two places more than are shown in that unit, so that going there and back
// shows the same number. Units that s cannot have are ErrUnit; a result beyond
// 18 digits is ErrDecimal.
func Convert(s Sign, v Decimal, from, to Unit) (Decimal, error) {
	if from == to {
		return v, nil
	}
	a, b, ok := s.measures(from, to)
	if !ok {
		return Decimal{}, fmt.Errorf("convert %s from %q to %q: %w", s, string(from), string(to), ErrUnit)
	}
	x := v.rat()
	x.Add(x.Mul(x, a.scale), a.offset)
	x.Quo(x.Sub(x, b.offset), b.scale)
	shown := s.PlacesIn(to)
	d, err := ParseDecimal(x.FloatString(int(shown) + 2))
	if err != nil {
		return Decimal{}, fmt.Errorf("convert %s: %w", s, err)
	}
	for d.Exponent < -shown && d.Mantissa%10 == 0 {
		d.Mantissa /= 10
		d.Exponent++
	}
	return d, nil
}

// measures finds both units on one scale that s may have.
func (s Sign) measures(from, to Unit) (a, b measure, ok bool) {
	table := measures
	if own, is := ownMeasures[s]; is {
		table = own
	}
	a, ok = table[from]
	if !ok {
		return a, b, false
	}
	b, ok = table[to]
	if !ok || a.kind != b.kind {
		return a, b, false
	}
	if row, known := Signs[s]; known { // and of the kind that s is: a pressure is no mass
		own, has := table[row.Unit]
		ok = has && own.kind == a.kind
	}
	return a, b, ok
}

// rat is d as an exact fraction.
func (d Decimal) rat() *big.Rat {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Exponent, -d.Exponent))), nil)
	if d.Exponent < 0 {
		return new(big.Rat).SetFrac(big.NewInt(d.Mantissa), power)
	}
	return new(big.Rat).SetInt(power.Mul(power, big.NewInt(d.Mantissa)))
}

// Possible reports whether s can be v in unit u. A unit that s cannot have makes
// every value impossible; for a sign this version does not know, every value is
// possible, since nothing is known of it.
func (s Sign) Possible(v Decimal, u Unit) bool {
	row, known := Signs[s]
	if !known {
		return true
	}
	if u == row.Unit {
		return v.Cmp(row.Min) >= 0 && v.Cmp(row.Max) <= 0
	}
	a, own, ok := s.measures(u, row.Unit)
	if !ok {
		return false
	}
	on := func(d Decimal, m measure) *big.Rat {
		x := d.rat()
		return x.Add(x.Mul(x, m.scale), m.offset)
	}
	x := on(v, a)
	return x.Cmp(on(row.Min, own)) >= 0 && x.Cmp(on(row.Max, own)) <= 0
}

// Range is what s can possibly be in unit u, rounded as by [Convert]. A unit s
// cannot have is ErrUnit.
func (s Sign) Range(u Unit) (lowest, highest Decimal, err error) {
	row := s.Info()
	if lowest, err = Convert(s, row.Min, row.Unit, u); err != nil {
		return Decimal{}, Decimal{}, err
	}
	highest, err = Convert(s, row.Max, row.Unit, u)
	return lowest, highest, err
}

// PlacesIn is how many decimal places of s a person is shown in unit u: its own
// places in its own unit, one in kPa, mmol/L, °F, lb and inches, two in metres,
// litres and mV.
func (s Sign) PlacesIn(u Unit) int8 {
	row := s.Info()
	if u == row.Unit {
		return row.Places
	}
	switch u {
	case KPa, MmolPerL, Fahrenheit, Celsius, Pound, Kilogram, Inch:
		return 1
	case Metre, Litre, Millivolt, Second:
		return 2
	}
	return row.Places
}
