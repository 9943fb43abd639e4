package masimo

import (
	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// dirtyFor is how many lines after a garbled one the line is not trusted.
const dirtyFor = 8

// A session is one conversation, in which the host only listens.
type session struct {
	buf      [lineMost]byte
	n        int
	broken   bool // the line that is coming is too long or holds what no line does
	skipping bool
	counters devices.Counters

	known  bool
	who    vital.Provenance
	line   line
	last   [keys]number
	flags  [2]uint32 // ALARM and EXC of the last line
	alarm  uint32    // told
	exc    uint32
	dirty  int
	serial [20]byte // of the last line
}

func newSession() *session { return &session{who: vital.Provenance{Make: "Masimo"}} }

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
		case c == 0 && s.n == 0: // some models send one before the line
		case c < ' ' || c > '~' || s.n == len(s.buf):
			s.broken = true
		default:
			s.buf[s.n] = c
			s.n++
		}
	}
}

// end takes a line that has ended.
func (s *session) end(now vital.Instant, to devices.Sink) {
	switch {
	case s.n == 0 && !s.broken:
		return
	case s.broken || !s.line.parse(s.buf[:s.n]):
		s.counters.Bad++
		s.dirty = dirtyFor
		if !s.skipping {
			s.skipping = true
			s.counters.Resync++
		}
		return
	}
	s.skipping = false
	s.counters.Frames++
	s.take(now, &s.line, to)
	s.dirty = max(s.dirty-1, 0)
}

// take hands on a good line.
func (s *session) take(now vital.Instant, l *line, to devices.Sink) {
	s.counters.Unknown += uint64(l.unknown)
	s.identify(l, to)
	flags := [2]uint32{l.alarm, l.exc}
	sure := s.dirty == 0 || s.flags == flags
	if s.flags = flags; !sure {
		l.exc |= s.exc // what was wrong stays wrong until the line is sure of it
	}
	for i := range l.numbers {
		n := &l.numbers[i]
		if !n.here {
			continue
		}
		sudden := leaps(s.last[i], *n)
		s.last[i] = *n
		if sudden && s.dirty > 0 {
			continue
		}
		to.Reading(l.reading(i, now))
	}
	if sure {
		s.conditions(now, l, to)
	}
}

// leaps reports whether a number changes by more than an eighth, or appears.
func leaps(was, n number) bool {
	if !n.available {
		return false
	}
	a, b := was.v.Float(), n.v.Float()
	return !was.available || max(a-b, b-a) > max(a, -a)/8+2
}

// reading is number i as a reading.
func (l *line) reading(i int, now vital.Instant) vital.Reading {
	w, n := &wordOf[i], &l.numbers[i]
	r := vital.None(w.sign, why(l.exc))
	switch {
	case w.sign == vital.Unknown && !n.available:
		r = vital.None(w.sign, vital.NotMeasured)
	case n.available && l.exc&excStale == 0:
		r = vital.OfUnit(w.sign, n.v, w.unit)
		_, measured := r.Value()
		r.Questionable = measured && l.exc&(excDoubt|w.lowTrusted) != 0
	}
	if w.sign == vital.Unknown {
		r.Raw = w.name
	}
	r.Arrived, r.MonitorTime = now, l.at
	return r
}

// identify says who speaks, when that is new; on a dirty line only when it is said
// twice.
func (s *session) identify(l *line, to devices.Sink) {
	var serial [len(s.serial)]byte
	n := copy(serial[:], l.serial)
	again := serial == s.serial
	s.serial = serial
	if s.known && (s.who.Serial == string(serial[:n]) || s.dirty > 0 && !again) {
		return
	}
	s.known, s.who.Serial = true, string(serial[:n])
	to.Monitor(s.who)
}
