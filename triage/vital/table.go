package vital

import "time"

// Ageing says how a value loses its standing as it gets older.
type Ageing uint8

const (
	// Continuous values grey after 3 s and become dashes after 10 s.
	Continuous Ageing = iota
	// Episodic values (cuff, temperature, glucose) stay with their age and grey
	// after 15 min.
	Episodic
	// Lasting values (weight, height) stay with their date.
	Lasting
)

// Age is how old a value may be shown as.
type Age uint8

// The ages a shown value can have.
const (
	Fresh Age = iota
	Grey      // shown, but greyed, with its age
	Gone      // dashes, with the age of the last value
)

// At is the standing of a value of this kind that is old.
func (a Ageing) At(old time.Duration) Age {
	switch {
	case a == Continuous && old >= 10*time.Second:
		return Gone
	case a == Continuous && old >= 3*time.Second, a == Episodic && old >= 15*time.Minute:
		return Grey
	}
	return Fresh
}

// Info is what is known of a sign: one row of [Signs].
type Info struct {
	Label  string // as on a monitor: "SpO₂"
	Name   string // in words: "oxygen saturation"
	Code   string // for JSON and the command line: "SpO2"
	Unit   Unit   // of a reading that does not say otherwise
	MDC    uint32 // ISO/IEEE 11073-10101 code, 0 when there is none
	LOINC  string // "" when there is none
	Places int8   // decimal places a person is shown
	// Min and Max are what the sign can possibly be, in Unit, both included. A
	// value outside is withheld.
	Min, Max Decimal
	Ageing   Ageing
}

// Signs is the table of signs, one row each. It is never changed at run time.
var Signs = map[Sign]Info{
	HeartRate: {Label: "HR", Name: "heart rate", Code: "HR", Unit: PerMinute, MDC: 147842, LOINC: "8867-4", Min: Int(0), Max: Int(350)},
	PulseRate: {Label: "PR", Name: "pulse rate", Code: "PR", Unit: PerMinute, MDC: 149530, LOINC: "8889-8", Min: Int(0), Max: Int(350)},
	SpO2:      {Label: "SpO₂", Name: "oxygen saturation", Code: "SpO2", Unit: Percent, MDC: 150456, LOINC: "59408-5", Min: Int(0), Max: Int(100)},
}

// Info is the row of s; for a sign this version does not know, a row with no
// codes that allows any value.
func (s Sign) Info() Info {
	if i, ok := Signs[s]; ok {
		return i
	}
	return Info{Label: "?", Name: "unknown parameter", Code: "unknown", Min: Dec(-1, 18), Max: Dec(1, 18)}
}

// Unit is the sign's own unit.
func (s Sign) Unit() Unit { return s.Info().Unit }

// Possible reports whether s can be v in unit u. A unit that cannot be converted
// to the sign's own makes every value impossible.
func (s Sign) Possible(v Decimal, u Unit) bool {
	i := s.Info()
	if s != Unknown && u != i.Unit {
		return false // conversions: see Convert
	}
	return v.Cmp(i.Min) >= 0 && v.Cmp(i.Max) <= 0
}
