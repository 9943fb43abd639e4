package vital

import "strings"

// A Unit is a UCUM unit code, case-sensitive: "mm[Hg]", "mmol/L", "Cel". The
// empty Unit is a bare number, such as a score.
type Unit string

// The units this version measures and converts.
const (
	NoUnit      Unit = ""
	PerMinute   Unit = "/min"
	Percent     Unit = "%"
	MmHg        Unit = "mm[Hg]"
	KPa         Unit = "kPa"
	Celsius     Unit = "Cel"
	Fahrenheit  Unit = "[degF]"
	MgPerDL     Unit = "mg/dL"
	MmolPerL    Unit = "mmol/L"
	GramPerDL   Unit = "g/dL"
	Kilogram    Unit = "kg"
	Pound       Unit = "[lb_av]"
	Centimetre  Unit = "cm"
	Metre       Unit = "m"
	Inch        Unit = "[in_i]"
	CmH2O       Unit = "cm[H2O]"
	MBar        Unit = "mbar"
	Millilitre  Unit = "mL"
	Litre       Unit = "L"
	LitrePerMin Unit = "L/min"
	MlPerCmH2O  Unit = "mL/cm[H2O]"
	Millivolt   Unit = "mV"
	Microvolt   Unit = "uV"
	Ohm         Unit = "Ohm"
	Millisecond Unit = "ms"
	Second      Unit = "s"
	Millimetre  Unit = "mm"

	MlPerDL      Unit = "mL/dL"
	KiloJoule    Unit = "kJ"
	KgPerM2      Unit = "kg/m2"
	CmH2OPerLSec Unit = "cm[H2O].s/L"
)

// Label is the unit as a person reads it: "mmHg", "°C", "/min". Micrograms are written
// out: µg and mg are misread for each other.
func (u Unit) Label() string {
	switch u {
	case MmHg:
		return "mmHg"
	case Celsius:
		return "°C"
	case Fahrenheit:
		return "°F"
	case CmH2O:
		return "cmH₂O"
	case MlPerCmH2O:
		return "mL/cmH₂O"
	case Pound:
		return "lb"
	case Inch:
		return "in"
	case Microvolt:
		return "µV"
	case Ohm:
		return "Ω"
	case KgPerM2:
		return "kg/m²"
	case CmH2OPerLSec:
		return "cmH₂O·s/L"
	}
	if per, ok := strings.CutPrefix(string(u), "ug"); ok && (per == "" || per[0] == '/') {
		return "microgram" + per
	}
	return string(u)
}
