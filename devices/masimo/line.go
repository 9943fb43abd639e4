package masimo

import (
	"time"

	"fieldkit/triage/vital"
)

// lineMost is longer than any line known.
const lineMost = 320

// A word is what is known of one key's value.
type word struct {
	name       string
	sign       vital.Sign // Unknown for those without
	unit       vital.Unit
	least      int // digits
	most       int
	lowTrusted uint32 // EXC bit that says the oximeter doubts just this one
}

// The keys with numbers.
const (
	keySpO2 = iota
	keyBPM
	keyPI
	keySpCO
	keySpMet
	keyDesat
	keyPIDelta
	keyPVI
	keySpHb
	keySpOC
	keys
)

var wordOf = [keys]word{
	keySpO2:    {"SPO2", vital.SpO2, vital.Percent, 3, 3, 0},
	keyBPM:     {"BPM", vital.PulseRate, vital.PerMinute, 3, 3, 0},
	keyPI:      {"PI", vital.PerfusionIndex, vital.Percent, 4, 4, 0},
	keySpCO:    {"SPCO", vital.SpCO, vital.Percent, 2, 3, excLowSpCO},
	keySpMet:   {"SPMET", vital.SpMet, vital.Percent, 2, 3, excLowSpMet},
	keyDesat:   {"DESAT", vital.Unknown, vital.NoUnit, 2, 3, 0},
	keyPIDelta: {"PIDELTA", vital.Unknown, vital.NoUnit, 2, 3, 0},
	keyPVI:     {"PVI", vital.PlethVariability, vital.Percent, 2, 3, 0},
	keySpHb:    {"SPHB", vital.SpHb, vital.GramPerDL, 2, 3, 0},
	keySpOC:    {"SPOC", vital.SpOC, vital.MlPerDL, 2, 3, 0},
}

// A number is one value, which may be dashes.
type number struct {
	v         vital.Decimal
	here      bool // the key is in the line
	available bool
}

// A line is what one line says. Serial points into the line's bytes.
type line struct {
	at      time.Time
	serial  []byte
	numbers [keys]number
	alarm   uint32
	exc     uint32
	unknown int // keys this version does not know
}

// parse reads a line without its end. It does not allocate.
func (l *line) parse(b []byte) (ok bool) {
	*l = line{}
	if len(b) < 17 || b[8] != ' ' || !l.clock(b) {
		return false
	}
	var alarm, exc bool
	for rest := b[17:]; ; {
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			break
		}
		n := 0
		for n < len(rest) && rest[n] != ' ' {
			n++
		}
		name, value := cut(rest[:n])
		rest = rest[n:]
		switch string(name) {
		case "":
			return false
		case "SN":
			for _, c := range value {
				if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' {
					return false
				}
			}
			if l.serial != nil || len(value) == 0 {
				return false
			}
			l.serial = value
		case "ALARM":
			if alarm || !hex(value, 4, 6, &l.alarm) {
				return false
			}
			alarm = true
		case "EXC":
			if exc || !hex(value, 6, 7, &l.exc) {
				return false
			}
			exc = true
		default:
			if !l.number(name, value) {
				return false
			}
		}
	}
	return alarm && exc && l.numbers[keySpO2].here && l.numbers[keyBPM].here
}

// cut parts a word at its equals sign; without one name is empty.
func cut(b []byte) (name, value []byte) {
	for i, c := range b {
		if c == '=' {
			return b[:i], b[i+1:]
		}
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			break
		}
	}
	return nil, nil
}

// number takes a word with a number; a key that is not known is counted.
func (l *line) number(name, value []byte) bool {
	for i := range wordOf {
		if wordOf[i].name != string(name) {
			continue
		}
		n := &l.numbers[i]
		if n.here {
			return false
		}
		n.here = true
		return n.parse(value, wordOf[i].least, wordOf[i].most)
	}
	l.unknown++
	return len(value) > 0
}

// parse reads a sign, digits with at most one point, and a percent sign; or dashes
// in place of all digits.
func (n *number) parse(b []byte, least, most int) bool {
	if len(b) > 0 && b[len(b)-1] == '%' {
		b = b[:len(b)-1]
	}
	negative := false
	if len(b) > 1 && (b[0] == '+' || b[0] == '-' && b[1] != '-') {
		negative = b[0] == '-'
		b = b[1:]
	}
	digits, dashes, point := 0, 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n.v.Mantissa = n.v.Mantissa*10 + int64(c-'0')
			if digits++; point {
				n.v.Exponent--
			}
		case c == '-':
			dashes++
		case c == '.' && !point:
			point = true
		default:
			return false
		}
	}
	if negative {
		n.v.Mantissa = -n.v.Mantissa
	}
	n.available = digits > 0
	return digits*dashes == 0 && digits+dashes >= least && digits+dashes <= most && (!point || digits+dashes == most)
}

func hex(b []byte, least, most int, v *uint32) bool {
	if len(b) < least || len(b) > most {
		return false
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			*v = *v<<4 | uint32(c-'0')
		case c >= 'A' && c <= 'F':
			*v = *v<<4 | uint32(c-'A'+10)
		case c >= 'a' && c <= 'f':
			*v = *v<<4 | uint32(c-'a'+10)
		default:
			return false
		}
	}
	return true
}

// clock reads MM/DD/YY HH:MM:SS.
func (l *line) clock(b []byte) bool {
	var v [6]int
	for i := range v {
		a, c := b[3*i], b[3*i+1]
		if a < '0' || a > '9' || c < '0' || c > '9' {
			return false
		}
		v[i] = int(a-'0')*10 + int(c-'0')
	}
	if b[2] != '/' || b[5] != '/' || b[11] != ':' || b[14] != ':' || v[3] > 23 || v[4] > 59 || v[5] > 59 || v[0] < 1 || v[0] > 12 {
		return false
	}
	l.at = time.Date(2000+v[2], time.Month(v[0]), v[1], v[3], v[4], v[5], 0, time.UTC)
	return l.at.Day() == v[1]
}
