package contour

import (
	"bytes"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of Contour meters, see the package comment.
type Driver struct{}

// Name is "contour".
func (Driver) Name() string { return "contour" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines: []devices.Line{{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		// A meter speaks when somebody plugs it in; its silence says nothing.
		Quiet:    30 * 24 * time.Hour,
		Proven:   true,
		Evidence: "the header frame a real Contour USB sent and one result record, from glucometerutils' tests; the dialogue is self-tested",
	}
}

// Recognise looks for a frame with a right checksum: of a header that names the
// maker, or any two.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	frames := 0
	for i, c := range heard {
		if c != stx {
			continue
		}
		_, text, n, _ := parse(heard[i:])
		if n <= 0 {
			continue
		}
		if bytes.HasPrefix(text, []byte(`H|\^&|`)) && (bytes.Contains(text, []byte("Bayer")) || bytes.Contains(text, []byte("Contour")) || bytes.Contains(text, []byte("Ascensia"))) {
			return 95
		}
		if len(text) > 1 && text[1] == '|' && bytes.IndexByte([]byte("HPORLCQ"), text[0]) >= 0 {
			frames++
		}
	}
	switch {
	case frames >= 2:
		return 82
	case frames == 1:
		return 50
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "Ascensia"}}
}

type session struct {
	listenOnly bool
	buf        [frameMost]byte
	held       int
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool
	last       byte // number of the last frame, 0 before the first of a transfer
	reply      [1]byte
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll acknowledges.
func (s *session) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	if s.listenOnly || s.reply[0] == 0 {
		return nil, devices.Never
	}
	send := [1]byte{s.reply[0]}
	s.reply[0] = 0
	return send[:], devices.Never
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for len(b) > 0 {
		n := copy(s.buf[s.held:], b)
		s.held += n
		b = b[n:]
		at := 0
		for at < s.held {
			n := s.step(now, s.buf[at:s.held], to)
			if n == 0 {
				break
			}
			at += n
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

func (s *session) step(now vital.Instant, b []byte, to devices.Sink) int {
	switch b[0] {
	case enq:
		s.last = 0
		s.reply[0] = ack
		return 1
	case eot:
		s.last = 0
		return 1
	case ack, nak, '\r', '\n': // the host's on a tapped line, or between frames
		return 1
	case stx:
	default:
		s.skip()
		return 1
	}
	number, text, n, shaped := parse(b)
	switch {
	case n == 0:
		return 0
	case n < 0:
		if shaped {
			s.reply[0] = nak
		}
		s.counters.Bad++
		s.skip()
		return 1
	}
	s.skipping = false
	s.counters.Frames++
	s.reply[0] = ack
	if number == s.last {
		return n
	}
	s.last = number
	for record := range bytes.SplitSeq(text, []byte{'\r'}) {
		if len(record) > 1 && record[1] == '|' {
			s.record(now, record, to)
		}
	}
	return n
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

func (s *session) record(now vital.Instant, r []byte, to devices.Sink) {
	switch r[0] {
	case 'H':
		s.header(part(r, '|', 4), to)
	case 'R':
		v, known, ok := result(r)
		switch {
		case !ok:
			s.counters.Bad++
		case !known:
			s.counters.Unknown++
		default:
			v.Arrived = now
			to.Reading(v)
		}
	case 'P', 'O', 'L':
	default:
		s.counters.Unknown++
	}
}

// header reads maker and product, versions and serial number: three components.
func (s *session) header(sender []byte, to devices.Sink) {
	product, firmware, serial := part(sender, '^', 0), part(sender, '^', 1), part(sender, '^', 2)
	if s.told && s.who.Model == string(product) && s.who.Firmware == string(firmware) && s.who.Serial == string(serial) {
		return
	}
	s.told = true
	s.who.Model, s.who.Firmware, s.who.Serial = string(product), string(firmware), string(serial)
	to.Monitor(s.who)
}
