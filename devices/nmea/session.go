package nmea

import (
	"bytes"
	"errors"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of satellite receivers, see the package comment.
type Driver struct{}

func line(baud int) devices.Line {
	return devices.Line{Baud: baud, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}
}

var lines = []devices.Line{line(9600), line(4800), line(38400)}

// Name is "nmea".
func (Driver) Name() string { return "nmea" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    lines,
		Quiet:    5 * time.Second, // some are set to speak every other second
		Proven:   true,
		Evidence: "27 sentences with expected outcomes from the tests of adrianmo/go-nmea",
	}
}

// Recognise looks for whole sentences with right checksums. Chance gives one to
// one in 256 runs of printable characters; two are enough.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	good := 0
	for len(heard) > 0 {
		i := bytes.IndexAny(heard, "$!")
		if i < 0 {
			break
		}
		heard = heard[i:]
		n, whole := length(heard)
		if whole {
			if _, err := split(heard[:n]); err == nil {
				good++
			}
		}
		heard = heard[max(n, 1):]
	}
	switch {
	case good >= 2:
		return 93
	case good == 1:
		return 60
	}
	return 0
}

// Open starts a conversation. It never sends.
func (Driver) Open(bool) devices.Session { return &Session{} }

// A Session reads one receiver.
type Session struct {
	buf      [sentenceMost]byte
	held     int
	skipping bool
	counters devices.Counters
	dated    time.Time // of the last position with a date
	who      bool
	tell     func(Position)
}

// Positions has each position handed to tell, during Receive.
func (s *Session) Positions(tell func(Position)) { s.tell = tell }

// Counters is what the session has seen.
func (s *Session) Counters() devices.Counters { return s.counters }

// Poll sends nothing.
func (*Session) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	return nil, devices.Never
}

// Receive takes bytes that arrived at now.
func (s *Session) Receive(_ vital.Instant, b []byte, to devices.Sink) {
	for len(b) > 0 {
		n := copy(s.buf[s.held:], b)
		s.held += n
		b = b[n:]
		at := 0
		for at < s.held {
			n := s.step(s.buf[at:s.held], to)
			if n == 0 {
				break
			}
			at += n
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

// length is that of the sentence at the front of b: whole says that it ended with
// its checksum. n is 0 to wait for more, else how much can be no sentence.
func length(b []byte) (n int, whole bool) {
	for i, c := range b[1:] {
		switch {
		case c == '*':
			if len(b) < i+4 {
				return 0, false
			}
			return i + 4, true
		case c < ' ' || c > '~' || c == '$' || c == '!':
			return i + 1, false
		}
	}
	if len(b) >= sentenceMost {
		return 1, false
	}
	return 0, false
}

func (s *Session) step(b []byte, to devices.Sink) int {
	if b[0] != '$' && b[0] != '!' {
		if b[0] != '\r' && b[0] != '\n' {
			s.skip()
		}
		return 1
	}
	n, whole := length(b)
	if n == 0 {
		return 0
	}
	if !whole {
		s.counters.Bad++
		s.skip()
		return n
	}
	q, err := split(b[:n])
	if err != nil {
		s.counters.Bad++
		s.skip()
		return 1
	}
	p, located, err := q.read(s.dated)
	if err != nil && !errors.Is(err, ErrType) {
		s.counters.Bad++
		return n
	}
	s.skipping = false
	s.counters.Frames++
	if !s.who {
		s.who = true
		to.Monitor(vital.Provenance{Model: "satellite receiver"})
	}
	if err != nil {
		s.counters.Unknown++
		return n
	}
	if located {
		if !p.At.IsZero() {
			s.dated = p.At
		}
		if s.tell != nil {
			s.tell(p)
		}
	}
	return n
}

func (s *Session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}
