package ivy

import (
	"bytes"

	"fieldkit/triage/vital"
)

const (
	begin = 0xff
	end   = 0xfe
	flat  = 0xfb // a sample that is none

	title    = "ANSAR-B "
	waveSize = 400
	linesAt  = len(title) + waveSize
	// A message has nine short lines; texts may be longer than those seen.
	messageMost = 1024
)

// A wave is one part of the 400 bytes.
type wave struct {
	lead   vital.Lead
	from   int
	n      int // samples in the message, and so a second
	unit   vital.Unit
	scale  vital.Decimal
	offset int32
}

var wavesOf = [...]wave{
	{vital.ECG, 0, 200, vital.Millivolt, vital.Dec(2, -2), -100},
	{vital.Resp, 200, 50, vital.NoUnit, vital.Decimal{}, 0},
	{vital.Pleth, 250, 50, vital.NoUnit, vital.Decimal{}, 0},
	{vital.P1, 300, 50, vital.MmHg, vital.Int(1), 0},
	{vital.P2, 350, 50, vital.MmHg, vital.Int(1), 0},
}

// The keys of the lines, and the signs of their numbers. Every line is status,
// numbers, label, alarm text, between semicolons.
type key struct {
	name  string
	signs []vital.Sign
}

const (
	keyHR = iota
	keyRR
	keyCO2
	keySpO2
	keyNIBP
	keyP1
	keyP2
	keyT1
	keyT2
	keys
)

const numbersMost = 4

var keyOf = [keys]key{
	keyHR:   {"HR", []vital.Sign{vital.HeartRate}},
	keyRR:   {"RR", []vital.Sign{vital.RespRate}},
	keyCO2:  {"ETCO2", []vital.Sign{vital.EtCO2}},
	keySpO2: {"SPO2", []vital.Sign{vital.SpO2}}, // and PR= in place of its label
	keyNIBP: {"NIBP", []vital.Sign{vital.NIBPSys, vital.NIBPDia, vital.NIBPMean, vital.PulseRateNIBP}},
	keyP1:   {"P1", []vital.Sign{vital.P1Sys, vital.P1Dia, vital.P1Mean}},
	keyP2:   {"P2", []vital.Sign{vital.P2Sys, vital.P2Dia, vital.P2Mean}},
	keyT1:   {"T1", []vital.Sign{vital.Temperature}},
	keyT2:   {"T2", []vital.Sign{vital.Temperature2}},
}

// A number is one field, which may be empty.
type number struct {
	v    vital.Decimal
	here bool
}

// A line is what one line says. Its slices point into the message.
type line struct {
	here    bool
	numbers [numbersMost]number
	label   []byte
	alarm   []byte
}

// A message is one whole message.
type message struct {
	waves   []byte
	lines   [keys]line
	pulse   number
	unknown int // lines with a key this version does not know
}

// parse reads what stood between begin and end. Any field that is not as it
// should be makes the whole message not ok.
func (m *message) parse(b []byte) (ok bool) {
	*m = message{}
	if len(b) <= linesAt || string(b[:len(title)]) != title || b[len(b)-1] != '\r' {
		return false
	}
	m.waves = b[len(title):linesAt]
	for rest := b[linesAt:]; len(rest) > 0; {
		at := bytes.IndexByte(rest, '\r')
		if !m.line(rest[:at]) {
			return false
		}
		rest = rest[at+1:]
	}
	return m.lines[keyHR].here && m.lines[keySpO2].here
}

func (m *message) line(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	name, rest, ok := bytes.Cut(b, []byte{'='})
	if !ok || len(name) == 0 {
		return false
	}
	which := 0
	for ; which < keys && keyOf[which].name != string(name); which++ {
	}
	if which == keys {
		m.unknown++
		return true
	}
	l := &m.lines[which]
	if l.here || bytes.Count(rest, []byte{';'}) != 2+len(keyOf[which].signs) {
		return false
	}
	l.here = true
	status, rest := field(rest)
	if len(status) != 1 || status[0] < '0' || status[0] > '9' {
		return false
	}
	for i := range keyOf[which].signs {
		var text []byte
		text, rest = field(rest)
		if l.numbers[i], ok = parseNumber(text); !ok {
			return false
		}
	}
	l.label, rest = field(rest)
	if which == keySpO2 {
		text, ok := bytes.CutPrefix(l.label, []byte("PR="))
		if ok || len(l.label) == 0 {
			if m.pulse, ok = parseNumber(text); !ok {
				return false
			}
			l.label = nil
		} else if bytes.IndexByte(l.label, '=') >= 0 {
			return false
		}
	}
	l.alarm, rest = field(rest)
	return len(rest) == 0
}

// field takes what stands before the next semicolon, without spaces around it.
func field(b []byte) (text, rest []byte) {
	text, rest, _ = bytes.Cut(b, []byte{';'})
	return bytes.TrimSpace(text), rest
}

// parseNumber reads up to four digits with a sign and a point, or nothing.
func parseNumber(b []byte) (n number, ok bool) {
	if len(b) == 0 {
		return n, true
	}
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	digits, point := 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 4:
			n.v.Mantissa = n.v.Mantissa*10 + int64(c-'0')
			digits++
			if point {
				n.v.Exponent--
			}
		case c == '.' && !point && digits > 0:
			point = true
		default:
			return number{}, false
		}
	}
	if negative {
		n.v.Mantissa = -n.v.Mantissa
	}
	n.here = digits > 0
	return n, digits > 0 || len(b) == 0 && negative // "-" is no number
}

// leadOf is the ECG lead that a heart rate's label names.
func leadOf(label []byte) vital.Lead {
	name, ok := bytes.CutPrefix(label, []byte("ECG-"))
	if !ok {
		return vital.ECG
	}
	name, _, _ = bytes.Cut(name, []byte{'-'})
	switch string(name) {
	case "I":
		return vital.ECGI
	case "II":
		return vital.ECGII
	case "III":
		return vital.ECGIII
	case "AVR":
		return vital.ECGAVR
	case "AVL":
		return vital.ECGAVL
	case "AVF":
		return vital.ECGAVF
	case "V":
		return vital.ECGV
	}
	return vital.ECG
}

// reasons maps words in labels and alarm texts to why there is no value. Only NO
// TRANSDUCER was seen; the others are what such monitors write.
var reasons = [...]struct {
	words []byte
	why   vital.State
}{
	{[]byte("NO TRANSDUCER"), vital.Disconnected},
	{[]byte("UNPLUGGED"), vital.Disconnected},
	{[]byte("NO PROBE"), vital.Disconnected},
	{[]byte("NO SENSOR"), vital.Disconnected},
	{[]byte("LEAD"), vital.ProbeOff}, // LEAD OFF, LEADS OFF, CHECK LEAD
	{[]byte("OFF"), vital.ProbeOff},
	{[]byte("SEARCH"), vital.Searching},
	{[]byte("ARTIFACT"), vital.Artefact},
	{[]byte("MOTION"), vital.Artefact},
	{[]byte("ZERO"), vital.NotCalibrated},
	{[]byte("CAL"), vital.NotCalibrated},
}

// why is the reason for a missing number.
func (l *line) why() vital.State {
	for _, r := range reasons {
		if bytes.Contains(l.label, r.words) || bytes.Contains(l.alarm, r.words) {
			return r.why
		}
	}
	return vital.NotMeasured
}
