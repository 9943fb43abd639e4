package berry

import "fieldkit/devices"

// Driver is that of the BCI protocol, see the package comment.
type Driver struct{}

var lines = []devices.Line{
	{Baud: 115200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true},
	{Baud: 4800, DataBits: 8, Parity: devices.EvenParity, StopBits: 1, RTS: true, DTR: true},
}

// Name is "berry".
func (Driver) Name() string { return "berry" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    lines,
		Evidence: "the vendor's document BCI Protocol V1.2; no recording of a real oximeter is public",
	}
}

// How many packets in a row make sure; five bits of each are fixed.
const (
	sure      = 20
	sureEmpty = 60 // without a finger
)

// Recognise looks for a run of packets at one of the two speeds. Contec's older
// oximeters send the same shape at another: where there is no speed to tell, a
// person must.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && (l.DataBits != 8 || l.Baud != lines[0].Baud && l.Baud != lines[1].Baud) {
		return 0
	}
	best := devices.Confidence(0)
	for p := range heard {
		n, likely := run(heard[p:], sureEmpty)
		switch {
		case n >= sure && likely >= sure/2 && l.Baud != 0:
			return 88
		case n == sureEmpty && l.Baud != 0:
			return 82
		case n >= sure:
			best = max(best, 50)
		case n >= sure/2:
			best = max(best, 20)
		}
	}
	return best
}

// Open starts a conversation.
func (Driver) Open(bool) devices.Session { return newSession() }
