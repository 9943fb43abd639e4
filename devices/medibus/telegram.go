package medibus

import "fieldkit/triage/vital"

const (
	soh, esc, cr = 0x01, 0x1b, 0x0d
	dc1, dc3     = 0x11, 0x13
	nak          = 0x15

	askData1   = 0x24
	askAlarms1 = 0x27
	askData2   = 0x2b
	askAlarms2 = 0x2e
	askAlarms3 = 0x23
	nop        = 0x30
	icc        = 0x51
	askDevice  = 0x52
	askCurves  = 0x53
	setCurves  = 0x54
	stop       = 0x55

	telegramMost = 2048
)

// appendTelegram adds a telegram to b.
func appendTelegram(b []byte, kind, code byte, data ...byte) []byte {
	at := len(b)
	b = append(append(b, kind, code), data...)
	sum := byte(0)
	for _, c := range b[at:] {
		sum += c
	}
	const digits = "0123456789ABCDEF"
	return append(b, digits[sum>>4], digits[sum&15], cr)
}

// parse reads a telegram without its CR.
func parse(b []byte) (code byte, data []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	sum := byte(0)
	for _, c := range b[:len(b)-2] {
		sum += c
	}
	given, ok := hex(b[len(b)-2:])
	if !ok || byte(given) != sum {
		return 0, nil, false
	}
	return b[1], b[2 : len(b)-2], true
}

// hex reads upper-case hex digits.
func hex(b []byte) (v int, ok bool) {
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | int(c-'0')
		case c >= 'A' && c <= 'F':
			v = v<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
	}
	return v, len(b) > 0
}

// number reads a number of a fixed width: blanks or dashes alone are none.
func number(b []byte) (d vital.Decimal, none, ok bool) {
	digits, dot, begun, ended, negative := 0, false, false, false, false
	none = true
	for _, c := range b {
		if c != ' ' && c != '-' {
			none = false
		}
		switch {
		case c == ' ':
			ended = begun
			continue
		case ended:
			return d, none, none
		case c >= '0' && c <= '9':
			digits++
			d.Mantissa = d.Mantissa*10 + int64(c-'0')
			if dot {
				d.Exponent--
			}
		case c == '.' && !dot:
			dot = true
		case (c == '-' || c == '+') && !begun:
			negative = c == '-'
		case c == '-' && none:
		default:
			return d, false, false
		}
		begun = true
	}
	if negative {
		d.Mantissa = -d.Mantissa
	}
	return d, none, none || digits > 0
}

// A measured row says what a code of code page 1 is.
type measured struct {
	sign vital.Sign
	unit vital.Unit
	site vital.Site
}

// page1 is OpenICE's measured-data-cp1.map, as far as signs and units here can hold
// it. Where several codes are one sign, the first in a telegram with a value stands
// and the others keep their raw code.
var page1 = map[int]measured{
	0x6b: {vital.AmbientPressure, vital.MBar, ""},
	0x73: {vital.AirwayMean, vital.MBar, ""},
	0x74: {vital.AirwayPlateau, vital.MBar, ""},
	0x78: {vital.PEEP, vital.MBar, ""},
	0x7d: {vital.AirwayPeak, vital.MBar, ""},
	0x88: {vital.TidalExp, vital.Millilitre, ""},
	0xad: {vital.MAC, vital.NoUnit, ""},
	0xb4: {vital.RespRateAirway, vital.PerMinute, ""},
	0xb9: {vital.MinuteVolume, vital.LitrePerMin, ""},
	0xbd: {vital.Apnoea, vital.Second, ""},
	0xc1: {vital.Temperature, vital.Celsius, vital.SiteAirway},
	0xd5: {vital.RespRateCO2, vital.PerMinute, ""},
	0xd6: {vital.RespRateAirway, vital.PerMinute, ""},
	0xd7: {vital.RespRateAirway, vital.PerMinute, ""},
	0xe1: {vital.PulseRate, vital.PerMinute, ""},
	0xe3: {vital.EtCO2, vital.KPa, ""},
	0xe5: {vital.FiCO2, vital.MmHg, ""},
	0xe6: {vital.EtCO2, vital.MmHg, ""},
	0xe9: {vital.FiAA, vital.Percent, ""},
	0xea: {vital.EtAA, vital.Percent, ""},
	0xeb: {vital.SpO2, vital.Percent, ""},
	0xef: {vital.EtO2, vital.Percent, ""},
	0xf0: {vital.FiO2, vital.Percent, ""},
	0xfb: {vital.FiN2O, vital.Percent, ""},
	0xfc: {vital.EtN2O, vital.Percent, ""},
	0xff: {vital.FiCO2, vital.KPa, ""},
}

// curves is OpenICE's realtime-data.map, as far as leads here can hold it; in the
// order of how much they are wanted.
var curves = [...]struct {
	code byte
	lead vital.Lead
	unit vital.Unit
}{
	{0x00, vital.Airway, vital.MBar},
	{0x01, vital.Flow, vital.LitrePerMin},
	{0x06, vital.CO2, vital.MmHg},
	{0x02, vital.Pleth, vital.NoUnit},
	{0x03, vital.Volume, vital.Millilitre},
	{0x07, vital.CO2, vital.KPa},
	{0x05, vital.O2, vital.Percent},
}

// names of raw codes, so that they cost no memory each time.
var names = func() (n [2][256]string) {
	const digits = "0123456789ABCDEF"
	for page := range n {
		for code := range n[page] {
			n[page][code] = "CP" + string(digits[page+1]) + " " + string(digits[code>>4]) + string(digits[code&15])
		}
	}
	return n
}()
