package nonin

import "bytes"

// lineMost is longer than any line of the text models.
const lineMost = 80

// A textLine is what one printed line says. Missing values are noRate and noSpO2.
type textLine struct {
	rate, spo2 int
	clock      [8]byte // "hh:mm:ss", zero when the model sends none
	event      bool    // marked by the user
}

// parseLine reads a line without its end: an optional time of day, SPO2=nnn,
// HR=nnn, and the marks some models add. "---" is no data. Anything else on the
// line makes it not ok.
func parseLine(b []byte) (l textLine, ok bool) {
	b = bytes.TrimSpace(b)
	if len(b) > 9 && b[2] == ':' && b[5] == ':' && b[8] == ' ' {
		copy(l.clock[:], b)
		if !goodClock(l.clock) {
			return textLine{}, false
		}
		b = bytes.TrimLeft(b[9:], " ")
	}
	if l.spo2, b, ok = field(b, "SPO2=", noSpO2); !ok {
		return textLine{}, false
	}
	b = bytes.TrimLeft(b, " ")
	if l.rate, b, ok = field(b, "HR=", noRate); !ok {
		return textLine{}, false
	}
	for _, c := range b {
		switch c {
		case ' ', 'F', 'B': // F is not described; B marks a breath (9847)
		case '*':
			l.event = true
		default:
			return textLine{}, false
		}
	}
	return l, l.spo2 <= 100 || l.spo2 == noSpO2
}

// field takes name and three characters, digits or "---", from the front of b.
func field(b []byte, name string, missing int) (v int, rest []byte, ok bool) {
	if len(b) < len(name)+3 || string(b[:len(name)]) != name {
		return 0, b, false
	}
	digits, rest := b[len(name):len(name)+3], b[len(name)+3:]
	if string(digits) == "---" {
		return missing, rest, true
	}
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			v = v*10 + int(c-'0')
		case c == ' ' && v == 0 && i < 2:
		default:
			return 0, rest, false
		}
	}
	return v, rest, true
}

func goodClock(c [8]byte) bool {
	two := func(i int, most byte) bool {
		return c[i] >= '0' && c[i] <= '9' && c[i+1] >= '0' && c[i+1] <= '9' && (c[i]-'0')*10+c[i+1]-'0' <= most
	}
	return two(0, 23) && two(3, 59) && two(6, 59)
}
