package gatt

import (
	"errors"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// lineMost is a payload of 512 bytes, the largest there is, and room for names.
const lineMost = 2048

// A session reads lines of text.
type session struct {
	buf      [lineMost]byte
	n        int
	broken   bool
	skipping bool
	counters devices.Counters
	receiver Receiver
	bytes    [512]byte
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll sends nothing.
func (s *session) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	return nil, devices.Never
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		switch {
		case c == '\r' || c == '\n':
			s.end(now, to)
			s.n, s.broken = 0, false
		case s.n == len(s.buf) || c < ' ' && c != '\t' || c == 0x7f:
			s.broken = true
		default:
			s.buf[s.n] = c
			s.n++
		}
	}
}

// end takes a line that has ended.
func (s *session) end(now vital.Instant, to devices.Sink) {
	b := s.buf[:s.n]
	if !s.broken && (len(b) == 0 || b[0] == '#') {
		return
	}
	c, payload, ok := parseLine(b, s.bytes[:0])
	err := ErrPayload
	if ok && !s.broken {
		err = s.receiver.Take(now, c, payload, to)
	}
	switch {
	case err == nil:
		s.counters.Frames++
		s.skipping = false
	case errors.Is(err, ErrUnknown):
		s.counters.Frames++
		s.counters.Unknown++
		s.skipping = false
	default:
		s.counters.Bad++
		if !s.skipping {
			s.skipping = true
			s.counters.Resync++
		}
	}
}

// parseLine finds the characteristic among the first two words of b, and the hex
// after it, which it appends to out.
func parseLine(b, out []byte) (c Characteristic, payload []byte, ok bool) {
	for range 2 {
		word, rest := nextWord(b)
		if c, ok = parseCharacteristic(word); ok {
			word, _ = nextWord(rest)
			payload, ok = parseHex(word, out)
			return c, payload, ok
		}
		b = rest
	}
	return 0, nil, false
}

func nextWord(b []byte) (word, rest []byte) {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	n := 0
	for n < len(b) && b[n] != ' ' && b[n] != '\t' {
		n++
	}
	return b[:n], b[n:]
}

const (
	sigBefore   = "0000"
	sigAfter    = "-0000-1000-8000-00805f9b34fb"
	polarBefore = "fb00"
	polarAfter  = "-02e7-f387-1cad-8acd2d8df0c8"
)

// parseCharacteristic reads four hex digits, a whole UUID of the SIG's, or Polar's.
func parseCharacteristic(word []byte) (Characteristic, bool) {
	digits := word
	if len(word) == 36 {
		switch {
		case fold(word[:4], sigBefore) && fold(word[8:], sigAfter), fold(word[:4], polarBefore) && fold(word[8:], polarAfter):
			digits = word[4:8]
		}
	}
	var two [2]byte
	b, ok := parseHex(digits, two[:0])
	if !ok || len(b) != 2 || len(digits) != 4 {
		return 0, false
	}
	return Characteristic(b[0])<<8 | Characteristic(b[1]), true
}

func fold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'F' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func parseHex(b, out []byte) ([]byte, bool) {
	if len(b)%2 != 0 || len(b) == 0 || len(out)+len(b)/2 > cap(out) {
		return nil, false
	}
	for i := 0; i < len(b); i += 2 {
		high, low := digit(b[i]), digit(b[i+1])
		if high > 15 || low > 15 {
			return nil, false
		}
		out = append(out, high<<4|low)
	}
	return out, true
}

func digit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}
