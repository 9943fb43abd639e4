package datex

import (
	"strconv"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A session is one conversation.
type session struct {
	listenOnly bool
	in         deframer
	skipping   bool // bytes are being skipped to find the next frame
	counters   devices.Counters

	who       vital.Provenance
	level     byte
	plug      uint16
	known     bool
	cuff      [8]byte // the last result
	cuffKnown bool
	said      [len(fields)]bool  // the reason for the missing number was said
	last      [len(fields)]int16 // numbers of the last record
	dirty     int                // good frames until the line counts as clean again
	pace      [traces]devices.Pace
	samples   [waveMost]int32
	gaps      [waveMost]vital.Gap
	shown     [alarmSlots]shown
	host      host
}

func newSession(listenOnly bool) *session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "GE Datex-Ohmeda"}}
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		if !s.in.inside && c != flag {
			s.skip()
		}
		if s.in.add(c) {
			s.frame(now, to)
		}
		if c == flag {
			s.in.next()
		}
	}
}

// skip notes that bytes are skipped.
func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// frame takes a frame that has ended.
func (s *session) frame(now vital.Instant, to devices.Sink) {
	b, ok := s.in.record()
	var r record
	if ok {
		r, ok = parse(b)
	}
	if !ok {
		s.counters.Bad++
		s.dirty = dirtyFor
		s.skip()
		for i := range s.pace {
			s.pace[i].Break()
		}
		return
	}
	s.skipping = false
	s.counters.Frames++
	s.dirty = max(s.dirty-1, 0)
	if r.fromHost() {
		return // another computer asks, on a tapped line
	}
	s.host.heard(now, r.kind)
	s.identify(&r, to)
	for _, sr := range r.subs[:r.nsubs] {
		switch {
		case r.kind == kindNumbers && sr.kind == displayed:
			s.classes(now, &r, sr.data, to)
		case r.kind == kindWaves:
			s.wave(now, sr, to)
		case r.kind == kindAlarms && sr.kind == alarmStatus:
			s.alarms(now, &r, sr.data, to)
		default:
			s.counters.Unknown++ // trends and network records
		}
	}
}

// classes takes the classes of numbers in one subrecord.
func (s *session) classes(now vital.Instant, r *record, b []byte, to devices.Sink) {
	for ; len(b) >= classSize; b = b[classSize:] {
		class := int(b[atClass+1] & 0x0f)
		if class > 3 {
			s.counters.Unknown++
			continue
		}
		s.numbers(now, r, class, b[4:], to)
	}
}

// identify says who speaks, when that is new. plug is a number the monitor has on
// its network, 0 where it has none.
func (s *session) identify(r *record, to devices.Sink) {
	if s.known && r.level == s.level && r.plug == s.plug {
		return
	}
	s.known, s.level, s.plug = true, r.level, r.plug
	s.who.Firmware = "DRI level " + strconv.Itoa(int(r.level))
	if r.plug != 0 {
		s.who.Serial = strconv.Itoa(int(r.plug))
	}
	to.Monitor(s.who)
}
