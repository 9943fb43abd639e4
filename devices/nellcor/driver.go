package nellcor

import (
	"bytes"
	"time"

	"fieldkit/devices"
)

// Driver is Nellcor's, see the package comment.
type Driver struct{}

var setting = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}

// Name is "nellcor".
func (Driver) Name() string { return "nellcor" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{setting},
		Quiet:    5 * time.Second, // a line every 2 s, and one may be garbled
		Proven:   true,
		Evidence: "eight lines of a real N-560 from a public reader; status codes other than AO and MO only as described",
	}
}

// Recognise looks for two whole lines, or one below a heading: date, time, three
// columns and codes.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && (l.Baud != setting.Baud || l.DataBits != 8) {
		return 0
	}
	lines, headings := 0, 0
	for text := range bytes.SplitSeq(heard, []byte{'\n'}) {
		var one line
		switch text = bytes.Trim(text, "\r\f"); {
		case one.parse(text):
			lines++
		case heading(text):
			headings++
		}
	}
	switch {
	case lines >= 2 || lines == 1 && headings > 0:
		return 93
	case lines+headings > 0:
		return 45
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(bool) devices.Session { return newSession() }
