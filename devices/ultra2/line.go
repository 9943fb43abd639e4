package ultra2

import (
	"time"

	"fieldkit/triage/vital"
)

const lineMost = 100

// sum is the meter's checksum.
func sum(b []byte) (n uint16) {
	for _, c := range b {
		n += uint16(c)
	}
	return n
}

// text is a line without its end and its checksum, when that is right.
func text(b []byte) ([]byte, bool) {
	for len(b) > 0 && (b[len(b)-1] == '\r' || b[len(b)-1] == '\n') {
		b = b[:len(b)-1]
	}
	if len(b) < 6 || b[len(b)-5] != ' ' {
		return nil, false
	}
	given := uint16(0)
	for _, c := range b[len(b)-4:] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return nil, false
		}
		given = given<<4 | uint16(c)
	}
	t := b[:len(b)-5]
	return t, sum(t) == given
}

// A kind of line.
type kind uint8

const (
	other kind = iota
	dumpHead
	record
	serialNumber
	version
)

// result is what one line says.
type result struct {
	kind  kind
	text  []byte // serial number or version
	at    time.Time
	value vital.Reading
}

// The parts of `P "SAT","08/03/13","22:12:00   ","  100 ","N","00", 00`, by where
// they stand.
const (
	recordShape = `P "???","??/??/??","??:??:??   ","??????","?","??", 00`
	atDate      = 9
	atTime      = 20
	atValue     = 34
)

func shaped(b []byte, shape string) bool {
	if len(b) != len(shape) {
		return false
	}
	for i := range b {
		if shape[i] != '?' && shape[i] != b[i] {
			return false
		}
	}
	return true
}

// parse reads a line without its checksum. ok is false for a line that begins like
// one of the meter's and is not.
func parse(t []byte) (r result, ok bool) {
	switch {
	case shaped(t, recordShape):
		return parseRecord(t)
	case len(t) > 17 && t[0] == 'P' && t[1] == ' ' && t[5] == ',' && t[6] == '"':
		return result{kind: dumpHead, text: t[7:16]}, t[16] == '"'
	case shaped(t, `@ "?????????"`):
		return result{kind: serialNumber, text: t[3:12]}, true
	case len(t) > 2 && t[0] == '?':
		return result{kind: version, text: t[1:]}, true
	case t[0] == 'P':
		return r, false
	}
	return r, true
}

func parseRecord(t []byte) (r result, ok bool) {
	var n [6]int
	for i, at := range [...]int{atDate, atDate + 3, atDate + 6, atTime, atTime + 3, atTime + 6} {
		if t[at] < '0' || t[at] > '9' || t[at+1] < '0' || t[at+1] > '9' {
			return r, false
		}
		n[i] = int(t[at]-'0')*10 + int(t[at+1]-'0')
	}
	r.kind = record
	r.at = time.Date(2000+n[2], time.Month(n[0]), n[1], n[3], n[4], n[5], 0, time.UTC)
	if n[0] < 1 || n[0] > 12 || r.at.Day() != n[1] || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return r, false
	}
	mark, digits, flaw := t[atValue], t[atValue+1:atValue+5], t[atValue+5]
	switch {
	case mark != 'C' && mark != ' ' || flaw != ' ' && flaw != '?':
		return r, false
	case mark == 'C':
		r.value = vital.None(vital.Glucose, vital.Demo)
		return r, true
	case flaw == '?':
		r.value = vital.None(vital.Glucose, vital.Withheld)
		return r, true
	}
	switch string(digits) {
	case "HIGH":
		r.value = vital.None(vital.Glucose, vital.OverRange)
		return r, true
	case " LOW", "LOW ":
		r.value = vital.None(vital.Glucose, vital.UnderRange)
		return r, true
	}
	v := int64(0)
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			v = v*10 + int64(c-'0')
		case c == ' ' && i == 0:
		default:
			return r, false
		}
	}
	// The meter measures 20 to 600 mg/dL.
	switch {
	case v < 20 || v > 600:
		r.value = vital.None(vital.Glucose, vital.Withheld)
	default:
		r.value = vital.Of(vital.Glucose, vital.Int(v))
	}
	return r, true
}
