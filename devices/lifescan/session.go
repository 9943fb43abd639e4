package lifescan

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is LifeScan's, see the package comment.
type Driver struct{}

func line(baud int) devices.Line {
	return devices.Line{Baud: baud, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}
}

// What may be asked of either kind: its software version.
var askVersion = appendFrame(appendFrame(nil, 0, ultra, 0x0d, 0x02), 0, verio, 0x0d, 0x01)

// Name is "lifescan".
func (Driver) Name() string { return "lifescan" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{line(9600), line(38400)},
		USB:      []devices.USBID{{Vendor: 0x10c4, Product: 0x85a7}}, // in the Verio IQ
		Ask:      askVersion,
		Quiet:    25 * time.Second, // it is asked every ten
		Evidence: "two request frames with their checksums from glucometerutils' tests; no recording of a meter is public",
	}
}

// Recognise looks for a whole frame with a right CRC and a known beginning of its
// message.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	acks := 0
	for i := range heard {
		link, message, n, _ := parse(heard[i:])
		switch {
		case n <= 0:
		case len(message) > 1 && (message[0] == ultra && (message[1] == 0x06 || message[1] == 0x0f) || message[0] == verio && message[1] == 0x06):
			return 94
		case len(message) == 0 && link&(linkAck|linkReset) != 0:
			acks++
		}
	}
	if acks >= 2 {
		return 85
	}
	return devices.Confidence(50 * acks)
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "LifeScan"}}
}

type session struct {
	listenOnly bool
	buf        [2 * frameMost]byte
	held       int
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool

	family byte // ultra or verio, 0 before it is known
	host   host
	newest time.Time // of the results given
	value  uint32
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for len(b) > 0 {
		n := copy(s.buf[s.held:], b)
		s.held += n
		b = b[n:]
		at := 0
		for at < s.held {
			link, message, n, shaped := parse(s.buf[at:s.held])
			if n == 0 {
				break
			}
			if n < 0 {
				if shaped {
					s.counters.Bad++
				}
				if !s.skipping {
					s.skipping = true
					s.counters.Resync++
				}
				at++
				continue
			}
			s.skipping = false
			s.counters.Frames++
			s.frame(now, link, message, to)
			at += n
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

func (s *session) frame(now vital.Instant, link byte, m []byte, to devices.Sink) {
	s.host.got(link, m)
	if len(m) < 2 {
		return
	}
	switch {
	case m[0] == ultra && m[1] == 0x0f && len(m) == 4:
		s.family = ultra
		s.host.counted(now, int(binary.LittleEndian.Uint16(m[2:])))
	case m[0] == verio && m[1] == 0x06 && len(m) == 4:
		s.family = verio
		s.host.counted(now, int(binary.LittleEndian.Uint16(m[2:])))
	// A text cannot be a result: the high bytes of a value that can be are no letters.
	case m[1] == 0x06 && len(m) > 4 && int(m[2]) <= len(m)-3 && int(m[2]) >= len(m)-4 && printable(m[3:3+int(m[2])]):
		s.family = m[0]
		s.identify(&s.who.Firmware, m[3:3+int(m[2])], to)
		s.host.answered(now)
	case m[0] == ultra && m[1] == 0x06 && len(m) == 10:
		s.family = ultra
		s.result(now, unixTime(m[2:], 0), binary.LittleEndian.Uint32(m[6:]), false, to)
		s.host.answered(now)
	case m[0] == verio && m[1] == 0x06 && len(m) == 12 && !printable(m[2:11]):
		s.family = verio
		s.result(now, unixTime(m[2:], verioEpoch), uint32(binary.LittleEndian.Uint16(m[6:])), m[8] != 0, to)
		s.host.answered(now)
	case m[1] == 0x06 && len(m) > 4 && printable(trimZero(m[2:])):
		s.family = m[0]
		s.identify(&s.who.Serial, trimZero(m[2:]), to)
		s.host.answered(now)
	case m[0] == ultra && m[1] == 0x1f, m[0] == verio && (m[1] == 0x21 || m[1] == 0x27), m[1] == 0x0d, m[1] == 0x0b:
		// another computer asks, on a tapped line
	default:
		s.counters.Unknown++
	}
}

func trimZero(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}

func (s *session) identify(field *string, text []byte, to devices.Sink) {
	if s.family == verio {
		s.who.Model = "OneTouch Verio IQ"
	} else {
		s.who.Model = "OneTouch UltraMini"
	}
	if *field != string(text) || !s.told {
		*field, s.told = string(text), true
		to.Monitor(s.who)
	}
}

// verioEpoch is 2000-01-01 in Unix seconds.
const verioEpoch = 946684800

// unixTime is the meter's clock, as if it were UTC.
func unixTime(b []byte, epoch int64) time.Time {
	return time.Unix(int64(binary.LittleEndian.Uint32(b))+epoch, 0).UTC()
}

// The meters measure 20 to 600 mg/dL.
const (
	least, most = 20, 600
	low, high   = 0xfffe, 0xffff // beyond what it can measure
)

func (s *session) result(now vital.Instant, at time.Time, value uint32, control bool, to devices.Sink) {
	if !s.listenOnly && (at.Before(s.newest) || at.Equal(s.newest) && value == s.value) {
		return // the older of the first and the last record, or one already given
	}
	s.newest, s.value = at, value
	var r vital.Reading
	switch {
	case control:
		r = vital.None(vital.Glucose, vital.Demo)
	case value&0xffff == low && (value>>16 == 0 || value>>16 == 0xffff):
		r = vital.None(vital.Glucose, vital.UnderRange)
	case value&0xffff == high && (value>>16 == 0 || value>>16 == 0xffff):
		r = vital.None(vital.Glucose, vital.OverRange)
	case value < least || value > most:
		r = vital.None(vital.Glucose, vital.Withheld)
	default:
		r = vital.Of(vital.Glucose, vital.Int(int64(value)))
	}
	r.Arrived, r.MonitorTime, r.Aperiodic, r.Stored = now, at, true, true
	to.Reading(r)
}
