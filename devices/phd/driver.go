package phd

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
)

// Driver is that of IEEE 11073-20601, see the package comment.
type Driver struct{}

// Name is "phd".
func (Driver) Name() string { return "phd" }

// Hints says where to look: where antidote's TCP transport listens.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		TCP:      []int{6024},
		Quiet:    5 * time.Minute, // a cuff or a scale speaks when it was used
		Evidence: "APDUs of the standard's annexes as in antidote's tests (signove/antidote); no recording of a real agent is public",
	}
}

// Recognise looks for an association request with the protocol's number, or for
// events whose four lengths agree.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	best := devices.Confidence(0)
	for len(heard) > 0 {
		n := frame(heard)
		if n <= 0 {
			heard = heard[1:]
			continue
		}
		b := heard[apduHead:n]
		switch binary.BigEndian.Uint16(heard) {
		case associate:
			p := part{b: b}
			p.u32()
			if _, protocols := p.list(); p.done() && protocols.u16() == protocol {
				return 97
			}
		case present:
			p := part{b: b[8:]}
			p.u16()
			p.u32()
			kind := p.u16()
			p.octets()
			if choice := int(binary.BigEndian.Uint16(b[4:])); (choice == confirmedEvent || choice == unconfirmedEvent) && p.done() && kind >= notiConfig && kind <= bufLast {
				return 92
			}
			best = max(best, 30)
		}
		heard = heard[n:]
	}
	return best
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session { return newSession(listenOnly) }
