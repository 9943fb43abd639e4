package datex

import (
	"time"

	"fieldkit/devices"
)

// Driver is that of GE's Datex-Ohmeda interface, see the package comment.
type Driver struct{}

// The Computer Interface is always set to the first; Bx50 monitors can be set to
// the second.
var lines = []devices.Line{
	{Baud: 19200, DataBits: 8, Parity: devices.EvenParity, StopBits: 1, RTS: true, DTR: true},
	{Baud: 115200, DataBits: 8, Parity: devices.EvenParity, StopBits: 1, RTS: true, DTR: true},
}

// Name is "datex".
func (Driver) Name() string { return "datex" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    lines,
		Ask:      requests[wantNumbers],
		Quiet:    12 * time.Second, // an older monitor sends numbers every 10 s at best
		Proven:   true,
		Evidence: "recordings of two real S/5 monitors, 3,541 good frames of numbers, pleth and entropy (UN-GCPDS/python-pycollect); alarms and other waves follow public headers only",
	}
}

// Recognise looks for a whole frame with a right sum and a sane record. The sum
// alone passes one time in 256; the length, kind, level and places of subrecords
// that must fit too make one frame enough.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && l.DataBits != 8 {
		return 0
	}
	var in deframer
	shaped := false
	for _, c := range heard {
		if in.add(c) {
			if b, ok := in.record(); ok {
				if r, ok := parse(b); ok && !r.fromHost() && r.nsubs > 0 {
					return 95
				}
			}
		}
		if c == flag {
			in.next()
		}
		// The beginning of a record, up to its kind, with a length that can be.
		if in.inside && in.n == atKind+2 && !in.broken {
			n := i16(in.buf[:], atLength)
			shaped = shaped || n > headerSize && n < recordMost && in.buf[atLevel] >= leastLevel && in.buf[atLevel] <= mostLevel && in.buf[atKind] <= kindOutput && in.buf[atKind+1] == 0
		}
	}
	if shaped {
		return 25
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session { return newSession(listenOnly) }
