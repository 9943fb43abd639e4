package devices

import (
	"fieldkit/triage/vital"
)

// PortState is what a port is doing.
type PortState uint8

// The states of a port.
const (
	Opening      PortState = iota
	Listening              // finding out who speaks
	Unheard                // nothing was heard, whoever was asked
	Talking                // a monitor is recognised and speaks
	Quiet                  // a monitor is recognised and has stopped speaking
	Unrecognised           // bytes come that no driver knows
	Ambiguous              // more than one driver knows them
	Denied
	InUse
	Unplugged
	Failed
	Ignored
)

var portStates = [...]struct{ words, do string }{
	Opening:      {"opening", ""},
	Listening:    {"finding out who speaks", ""},
	Unheard:      {"nothing heard yet", "Switch the monitor on and check that its data output is on."},
	Talking:      {"monitor speaking", ""},
	Quiet:        {"monitor silent", "Check that the monitor is on and its cable is firm."},
	Unrecognised: {"speaks, but is not recognised", "Choose the monitor by hand, or check its output setting."},
	Ambiguous:    {"more than one monitor fits", "Choose the monitor by hand."},
	Denied:       {"permission denied", "Add this user to the group that owns the port (usually dialout), then sign in again."},
	InUse:        {"in use by another program", "Close the other program that uses this port."},
	Unplugged:    {"unplugged", "Plug the cable in again."},
	Failed:       {"cannot be used", "Unplug the adapter and plug it in again."},
	Ignored:      {"left alone, as chosen", ""},
}

// String is the state in words for a person.
func (s PortState) String() string { return portStates[min(int(s), len(portStates)-1)].words }

// A Guess is how sure a driver is of what was heard.
type Guess struct {
	Driver     string
	Confidence Confidence
}

// PortStatus is a picture of a port at one moment.
type PortStatus struct {
	Port       PortInfo
	State      PortState
	Words      string // the state in words
	Do         string // what a person can do; "" when nothing is needed
	Since      vital.Instant
	Driver     string // in use, "" while none is
	Line       Line   // as set now
	ListenOnly bool
	Monitor    vital.Provenance
	Guesses    []Guess // of what is being heard, surest first, while nothing is recognised
	LastByte   vital.Instant
	In, Out    uint64 // bytes since the port was first seen
	Opened     uint64 // times
	Stuck      bool   // the line takes no bytes; what comes from it is read all the same
	Counters   Counters
	Heard      []byte // the last bytes received, at most 4096, oldest first
	Clock      Drift
}

// heardSize is two seconds of a fast monitor, and as much as a person will read.
const heardSize = 4096

// A ring keeps the last bytes written to it.
type ring struct {
	buf [heardSize]byte
	n   uint64 // ever written
}

func (r *ring) write(b []byte) {
	for len(b) > 0 {
		c := copy(r.buf[r.n%heardSize:], b)
		r.n += uint64(c)
		b = b[c:]
	}
}

// bytes is a copy of what the ring holds, oldest first.
func (r *ring) bytes() []byte {
	at := int(r.n % heardSize)
	if r.n < heardSize {
		return append([]byte(nil), r.buf[:at]...)
	}
	return append(append(make([]byte, 0, heardSize), r.buf[at:]...), r.buf[:at]...)
}
