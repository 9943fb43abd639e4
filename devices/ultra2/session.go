package ultra2

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of the Ultra 2, see the package comment.
type Driver struct{}

var askSerial = []byte("\x11\rDM@\r")

// Name is "ultra2".
func (Driver) Name() string { return "ultra2" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		Ask:      askSerial,
		Quiet:    2*every + 5*time.Second,
		Evidence: "one checksum of glucometerutils' tests; no recording of a meter is public",
	}
}

// Recognise looks for a line of the meter's with a right checksum.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	begin := 0
	for i, c := range heard {
		if c != '\n' && c != '\r' {
			continue
		}
		if t, ok := text(heard[begin:i]); ok && i-begin <= lineMost {
			if r, ok := parse(t); ok && r.kind != other {
				return 94
			}
		}
		begin = i + 1
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "LifeScan", Model: "OneTouch Ultra 2"}}
}

// every is how often the meter is asked for its results: a dump of all 500 takes
// half a minute at 9600.
const every = time.Minute

type session struct {
	listenOnly bool
	buf        [lineMost]byte
	held       int
	overlong   bool
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool
	due        vital.Instant
	dumps      bool // the next question is for the dump
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll asks for the serial number and, when there is one, the results.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	if s.listenOnly {
		return nil, devices.Never
	}
	if now < s.due {
		return nil, s.due
	}
	if s.dumps {
		s.dumps, s.due = false, now.Add(every)
		return []byte("\x11\rDMP\r"), s.due
	}
	s.due = now.Add(2 * time.Second)
	return askSerial, s.due
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		switch {
		case c == '\n' || c == '\r':
			if s.held > 0 && !s.overlong {
				s.line(now, s.buf[:s.held], to)
			}
			s.held, s.overlong = 0, false
		case s.held == len(s.buf):
			s.overlong = true
			s.skip()
		default:
			s.buf[s.held] = c
			s.held++
		}
	}
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

func (s *session) line(now vital.Instant, b []byte, to devices.Sink) {
	if b[0] == 0x11 || b[0] == 'D' && len(b) < 8 { // another computer asks, on a tapped line
		return
	}
	t, ok := text(b)
	if !ok || len(t) == 0 {
		s.counters.Bad++
		s.skip()
		return
	}
	r, ok := parse(t)
	if !ok {
		s.counters.Bad++
		return
	}
	s.skipping = false
	s.counters.Frames++
	switch r.kind {
	case other:
		s.counters.Unknown++
	case serialNumber:
		s.identify(&s.who.Serial, r.text, to)
		s.dumps, s.due = true, now
	case dumpHead:
		s.identify(&s.who.Serial, r.text, to)
	case version:
		s.identify(&s.who.Firmware, r.text, to)
	case record:
		v := r.value
		v.Arrived, v.MonitorTime, v.Aperiodic, v.Stored = now, r.at, true, true
		to.Reading(v)
	}
}

func (s *session) identify(field *string, text []byte, to devices.Sink) {
	if !s.told || *field != string(text) {
		*field, s.told = string(text), true
		to.Monitor(s.who)
	}
}
