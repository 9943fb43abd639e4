package contec

import "fieldkit/devices"

// Driver is Contec's, see the package comment.
type Driver struct {
	// Stored makes a session read the recording in the oximeter's memory in place
	// of the live stream.
	Stored bool
}

var (
	lineV7     = devices.Line{Baud: 115200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}
	lineLegacy = devices.Line{Baud: 19200, DataBits: 8, Parity: devices.OddParity, StopBits: 1, RTS: true, DTR: true}
)

// Name is "contec".
func (Driver) Name() string { return "contec" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{lineV7, lineLegacy},
		USB:      []devices.USBID{{Vendor: 0x10c4, Product: 0xea60}}, // CP210x, which others use too
		Ask:      askLive,
		Proven:   true,
		Evidence: "a recording of a real CMS50E with protocol V7, 102 packets (titinho11/CMS50E-raw-ppg-data); the older protocol and stored recordings only on bytes of this project",
	}
}

// How many packets in a row make sure: of the older protocol five bits a packet
// are fixed, of V7 sixteen.
const (
	sureV7     = 4
	sureLegacy = 14
	sureEmpty  = 40 // of the older protocol without a finger
)

// Recognise looks for a run of live packets. Older packets look like those of
// Berry and BCI oximeters, which speak at other speeds: where there is no speed
// to tell, a person must.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && l.DataBits != 8 {
		return 0
	}
	best := devices.Confidence(0)
	for p := range heard {
		if l.Baud == 0 || l.Baud == lineV7.Baud && l.Parity == devices.NoParity {
			switch n, _ := V7.run(heard[p:]); {
			case n >= sureV7:
				return 94
			case n >= 2:
				best = max(best, devices.Confidence(15*n))
			}
		}
		if l.Baud == 0 || l.Baud == lineLegacy.Baud {
			n, likely := Legacy.run(heard[p:min(len(heard), p+legacySize*sureEmpty)])
			switch {
			case n >= sureLegacy && likely >= sureLegacy/2 && l.Baud != 0:
				return 90
			case n >= sureLegacy && likely >= sureLegacy/2:
				best = max(best, 60)
			case n == sureEmpty && l.Baud != 0:
				return 82
			case n >= sureLegacy:
				best = max(best, 50)
			}
		}
	}
	return best
}

// Open starts a conversation.
func (d Driver) Open(listenOnly bool) devices.Session { return newSession(listenOnly, d.Stored) }
