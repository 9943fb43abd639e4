package masimo

import (
	"bytes"

	"fieldkit/devices"
)

// Driver is Masimo's, see the package comment.
type Driver struct{}

var setting = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}

// Name is "masimo".
func (Driver) Name() string { return "masimo" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{setting},
		Proven:   true,
		Evidence: "twelve lines of real Rad-8 oximeters from public READMEs; Rad-5 and colour Radical-7 dialects only as described",
	}
}

// Recognise looks for a whole line: date, SPO2, BPM, ALARM and EXC, every word of
// its shape, which no other device sends.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && (l.Baud != setting.Baud || l.DataBits != 8) {
		return 0
	}
	for text := range bytes.SplitSeq(heard, []byte{'\n'}) {
		var one line
		if one.parse(bytes.TrimLeft(bytes.TrimRight(text, "\r"), "\r\x00")) {
			return 95
		}
	}
	if bytes.Contains(heard, []byte("SPO2=")) && bytes.Contains(heard, []byte("BPM=")) {
		return 40
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(bool) devices.Session { return newSession() }
