package contour

import (
	"bytes"
	"time"

	"fieldkit/triage/vital"
)

const (
	stx, etx, eot, enq, ack, nak, etb = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x17

	frameMost = 256 // the standard's 247, and room
)

// parse reads a frame from the front of b, which begins with STX. n is its length
// with its line end, 0 to wait for more, -1 when it can be none. shaped says that only
// its checksum is wrong.
func parse(b []byte) (number byte, text []byte, n int, shaped bool) {
	end := -1
	for i, c := range b[1:] {
		switch {
		case c == etx || c == etb:
			end = i + 1
		case c < ' ' && c != '\r' && c != '\n' || c == 0x7f:
			return 0, nil, -1, false
		case i == 0 && (c < '0' || c > '7'):
			return 0, nil, -1, false
		}
		if end > 0 {
			break
		}
	}
	switch {
	case end < 0 && len(b) >= frameMost, end >= 0 && end < 3:
		return 0, nil, -1, false
	case end < 0, len(b) < end+5:
		return 0, nil, 0, false
	}
	sum := byte(0)
	for _, c := range b[1 : end+1] {
		sum += c
	}
	high, low := hexDigit(b[end+1]), hexDigit(b[end+2])
	if b[end+3] != '\r' || b[end+4] != '\n' || high > 15 || low > 15 {
		return 0, nil, -1, false
	}
	if high<<4|low != sum {
		return 0, nil, -1, true
	}
	return b[1], b[2:end], end + 5, true
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// part is the n-th piece of b between separators; nil beyond the last.
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

// moment reads YYYYMMDDHHMM with optional seconds.
func moment(b []byte) (time.Time, bool) {
	if len(b) != 12 && len(b) != 14 {
		return time.Time{}, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	s := 0
	if len(b) == 14 {
		s = two(12)
	}
	t := time.Date(two(0)*100+two(2), time.Month(two(4)), two(6), two(8), two(10), s, 0, time.UTC)
	return t, two(4) >= 1 && two(4) <= 12 && t.Day() == two(6) && two(8) < 24 && two(10) < 60 && s < 60
}

// result reads an R record. known is false for one that is not of glucose.
func result(r []byte) (v vital.Reading, known, ok bool) {
	if string(part(part(r, '|', 2), '^', 3)) != "Glucose" {
		return v, false, true
	}
	at, ok := moment(part(r, '|', 8))
	if !ok {
		return v, true, false
	}
	var unit vital.Unit
	var least, most vital.Decimal
	switch string(part(part(r, '|', 4), '^', 0)) {
	case "mg/dL":
		unit, least, most = vital.MgPerDL, vital.Int(10), vital.Int(600)
	case "mmol/L":
		unit, least, most = vital.MmolPerL, vital.Dec(6, -1), vital.Dec(333, -1)
	default:
		return v, true, false
	}
	value, isNumber := number(part(r, '|', 3))
	flags := part(r, '|', 6)
	low, high := false, false
	why := vital.Measured
	for n := 0; ; n++ {
		f := part(flags, '/', n)
		if f == nil {
			break
		}
		switch string(f) {
		case "E":
			why = vital.Demo
		case "<":
			low = true
		case ">":
			high = true
		}
	}
	switch {
	case why == vital.Demo:
	case low:
		why = vital.UnderRange
	case high:
		why = vital.OverRange
	case !isNumber:
		return v, true, false
	case value.Cmp(least) < 0 || value.Cmp(most) > 0:
		why = vital.Withheld
	}
	v = vital.None(vital.Glucose, why)
	v.Unit = unit
	if why == vital.Measured {
		v = vital.OfUnit(vital.Glucose, value, unit)
	}
	v.MonitorTime, v.Aperiodic, v.Stored = at, true, true
	return v, true, true
}

// number reads digits with at most one point.
func number(b []byte) (d vital.Decimal, ok bool) {
	digits, dot := 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 6:
			digits++
			d.Mantissa = d.Mantissa*10 + int64(c-'0')
			if dot {
				d.Exponent--
			}
		case c == '.' && !dot:
			dot = true
		default:
			return d, false
		}
	}
	return d, digits > 0
}
