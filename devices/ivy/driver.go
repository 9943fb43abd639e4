package ivy

import (
	"bytes"

	"fieldkit/devices"
)

// Driver is the Ivy 450C's, see the package comment.
type Driver struct{}

var setting = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}

// Name is "ivy".
func (Driver) Name() string { return "ivy" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{setting},
		Proven:   true,
		Evidence: "a recording of a real 450C, 27 whole messages (mdpnp/mdpnp); alarm texts other than NO TRANSDUCER were never seen",
	}
}

// Recognise looks for a whole message, whose title, lengths and fields leave no
// room for chance, or half-believes the title.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && (l.Baud != setting.Baud || l.DataBits != 8) {
		return 0
	}
	best := devices.Confidence(0)
	for {
		at := bytes.IndexByte(heard, begin)
		if at < 0 {
			return best
		}
		heard = heard[at+1:]
		if !bytes.HasPrefix(heard, []byte(title)) {
			continue
		}
		best = 60
		if stop := bytes.IndexByte(heard, end); stop >= 0 {
			var m message
			if m.parse(heard[:stop]) {
				return 98
			}
		}
	}
}

// Open starts a conversation.
func (Driver) Open(bool) devices.Session { return &session{} }
