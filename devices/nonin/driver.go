package nonin

import (
	"bytes"

	"fieldkit/devices"
)

// Driver is Nonin's, see the package comment.
type Driver struct{}

// Every Nonin with a serial line is set to this.
var line = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}

// askSerial asks for the serial number. One-way models ignore it.
var askSerial = []byte{0x02, opSerial, 0x02, 0x02, 0x02, 0x03}

// Name is "nonin".
func (Driver) Name() string { return "nonin" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{line},
		Ask:      askSerial,
		Evidence: "two DF2 frames from the tests of an independent firmware project (pez-globo/pufferfish); no recording of a real Nonin is public",
	}
}

// How many frames in a row it takes to be sure, by format: what a random line
// would give with odds below one in ten to the nine.
var needed = [...]int{DF1: 8, DF2: 4, DF7: packetFrames, DF8: 4}

// Recognise looks for runs of frames, a whole format 13 message, or a whole text
// line, anywhere in heard.
func (Driver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if l.Baud != 0 && (l.Baud != line.Baud || l.DataBits != 8 || l.Parity != devices.NoParity) {
		return 0
	}
	best := devices.Confidence(0)
	for p := range heard {
		best = max(best, recogniseAt(heard[p:]))
		if best >= devices.Sure {
			break
		}
	}
	if best < devices.Sure {
		best = max(best, recogniseText(heard))
	}
	return best
}

func recogniseAt(b []byte) devices.Confidence {
	if _, n, _, ok := parseSpot(b); n > 0 && ok {
		return 95
	}
	if _, _, n := parseReply(b); n > 0 && b[1] == opSerial|opReply {
		return 90
	}
	best := devices.Confidence(0)
	for _, f := range [...]Format{DF2, DF7, DF8, DF1} {
		n, broken := f.run(b)
		switch {
		case f == DF7 && !packeted(b, n):
			// Not one marked frame in 25: others' five-byte packets can sum alike, as a
			// SunTech module's do, whose bytes add up to nothing.
		case n >= needed[f] && f == DF1:
			best = max(best, devices.Sure)
		case n >= needed[f]:
			best = max(best, 92)
		case n >= 2 && !broken:
			best = max(best, devices.Confidence(10*min(n, 4)))
		}
	}
	return best
}

// packeted reports whether the first n frames of format 7 at the front of b can be
// those of packets: never two marked within 25, and one marked where there are as many.
func packeted(b []byte, n int) bool {
	last, marked := -packetFrames, false
	for i := range min(n, 2*packetFrames) {
		if b[i*DF7.size()]&statusSync == 0 {
			continue
		}
		if i-last < packetFrames {
			return false
		}
		last, marked = i, true
	}
	return marked || n < needed[DF7]
}

func recogniseText(heard []byte) devices.Confidence {
	for line := range bytes.SplitSeq(heard, []byte{'\n'}) {
		if l, ok := parseLine(line); ok && (l.spo2 != noSpO2 || l.rate != noRate || l.clock != [8]byte{}) {
			return 90
		} else if ok {
			return 85
		}
	}
	if bytes.Contains(heard, []byte("SPO2=")) && !bytes.Contains(heard, []byte("BPM=")) {
		return 20
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session { return newSession(listenOnly) }
