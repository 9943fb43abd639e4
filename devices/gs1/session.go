package gs1

import (
	"bytes"
	"slices"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of serial scanners, see the package comment.
type Driver struct{}

// Name is "gs1".
func (Driver) Name() string { return "gs1" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines: []devices.Line{{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		// A scanner speaks only when somebody scans: its silence says nothing.
		Quiet:    30 * 24 * time.Hour,
		Evidence: "element strings from the documents of strich, gs1-go, pharma-datamatrix and ruby's gs1; no recording of a scanner's line is public",
	}
}

// Recognise looks for a whole line that is an element string with a GTIN or SSCC
// whose check digit is right and with a symbology identifier or a second element.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	best := devices.Confidence(0)
	for len(heard) > 0 {
		i := bytes.IndexAny(heard, "\r\n")
		if i < 0 {
			break
		}
		best = max(best, likely(heard[:i]))
		heard = heard[i+1:]
	}
	return best
}

func likely(b []byte) devices.Confidence {
	marked := len(b) > 3 && slices.Contains(symbologies[:], string(b[:3]))
	if marked {
		b = b[3:]
	}
	elements, checked := 0, false
	for len(b) > 0 {
		if b[0] == group {
			b = b[1:]
			continue
		}
		e, n, err := element(b)
		if err != nil {
			return 0
		}
		elements++
		checked = checked || len(e.ai) == 2 && e.ai[0] == '0' && (e.ai[1] == '1' || e.ai[1] == '0')
		b = b[n:]
	}
	switch {
	case marked && checked:
		return 95
	case checked && elements > 1:
		return 85
	case marked && elements > 0:
		return 70
	case checked:
		return 40
	}
	return 0
}

// Open starts a conversation. It never sends.
func (Driver) Open(bool) devices.Session { return &Session{} }

// pauseAfter ends a scan of a scanner that sends no line end. A scanner sends a
// code in one go, 2,400 characters within 2.5 s at 9600.
const pauseAfter = 200 * time.Millisecond

// A Session reads one scanner.
type Session struct {
	buf      [scanMost + 3]byte
	held     int
	last     vital.Instant
	skipping bool
	counters devices.Counters
	who      bool
	tell     func(Scan)
}

// Scans has each scan handed to tell, during Receive or Poll.
func (s *Session) Scans(tell func(Scan)) { s.tell = tell }

// Counters is what the session has seen.
func (s *Session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *Session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	s.last = now
	for _, c := range b {
		switch {
		case c == '\r' || c == '\n':
			s.end(to)
		case c != group && (c < ' ' || c > '~'), s.held == len(s.buf):
			s.skip()
			s.held = 0
		case s.skipping: // until the line ends: half a code is not a code
		default:
			s.buf[s.held] = c
			s.held++
		}
	}
}

// Poll sends nothing; a scan that nothing followed for a while has ended.
func (s *Session) Poll(now vital.Instant, to devices.Sink) ([]byte, vital.Instant) {
	if s.held == 0 && !s.skipping {
		return nil, devices.Never
	}
	if end := s.last.Add(pauseAfter); now < end {
		return nil, end
	}
	s.end(to)
	return nil, devices.Never
}

func (s *Session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// end takes what was held as one scan.
func (s *Session) end(to devices.Sink) {
	b := s.buf[:s.held]
	s.held = 0
	if s.skipping {
		s.skipping = false
		return
	}
	if len(b) == 0 {
		return
	}
	if !good(b) {
		s.counters.Bad++
		return
	}
	s.counters.Frames++
	if !s.who {
		s.who = true
		to.Monitor(vital.Provenance{Model: "scanner"})
	}
	if s.tell == nil {
		return
	}
	if c, err := Parse(b); err == nil {
		s.tell(c)
	}
}

// good reports whether b is an element string, without making anything of it.
func good(b []byte) bool {
	if len(b) > 3 && slices.Contains(symbologies[:], string(b[:3])) {
		b = b[3:]
	}
	any := false
	for len(b) > 0 {
		if b[0] == group {
			b = b[1:]
			continue
		}
		_, n, err := element(b)
		if err != nil {
			return false
		}
		any, b = true, b[n:]
	}
	return any
}
