package intellivue

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of IntelliVue monitors, see the package comment.
type Driver struct{}

// Name is "intellivue".
func (Driver) Name() string { return "intellivue" }

// The UDP ports of monitors on a network.
const (
	AnnouncePort = 24005 // to which they announce themselves
	ExportPort   = 24105 // on which they take associations
)

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{{Baud: 115200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		UDP:      []int{AnnouncePort, ExportPort},
		Ask:      askAssociation,
		Quiet:    4 * time.Second, // while it is associated it answers every second
		Evidence: "the Connect Indication of a real monitor (Koshsky/Intellivue-api) and two frame checks of OpenICE; no poll result is public",
	}
}

// Recognise looks for a whole frame with a right check, or a Connect Indication.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	best := devices.Confidence(0)
	at, sum := -1, uint16(0)
	escaped := false
	for i, c := range heard {
		switch {
		case c == begin:
			at, sum, escaped = i, 0xffff, false
		case c == finish && at >= 0:
			if sum == residue && i-at > 6 && heard[at+1] == 0x11 && heard[at+2] == 0x01 {
				return 95
			}
			at = -1
		case c == escape:
			escaped = true
		case at >= 0:
			if escaped {
				c, escaped = c^0x20, false
			}
			sum = x25(sum, c)
		}
		if c == 0 && i+20 <= len(heard) && lengthOf(heard[i:], false) > 0 {
			if _, ok := ParseIndication(heard[i:]); ok {
				return 94
			}
		}
		if c == sessionData && i+14 <= len(heard) {
			if n := lengthOf(heard[i:], false); n > 0 && pollResult(heard[i:i+n]) {
				return 93
			}
		}
	}
	if at >= 0 && len(heard)-at > 3 && heard[at+1] == 0x11 && heard[at+2] == 0x01 {
		best = max(best, 20)
	}
	return best
}

// pollResult reports whether b is the result of a poll: kind, lengths and object fit.
func pollResult(b []byte) bool {
	r := reader{b: b[4:]}
	op := r.u16()
	r.u16()
	if op == opLinked {
		r.u16()
	} else if op != opResult {
		return false
	}
	r.u16()
	command, length := r.u16(), int(r.u16())
	fits := command == 7 && length == len(r.b)
	class := r.u16()
	r.u32()
	action := r.u16()
	return fits && class == classMDS && (action == actionPoll || action == actionPollLong) && int(r.u16()) == len(r.b) && !r.failed
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session { return open(listenOnly) }

// OverDatagrams is the driver for a network.
func (Driver) OverDatagrams() devices.Driver { return networkDriver{} }

// networkDriver is the driver for a network, where messages have no frames.
type networkDriver struct{ Driver }

// Hints says where to look.
func (networkDriver) Hints() devices.Hints {
	h := Driver{}.Hints()
	h.Lines, h.Ask = nil, associate
	return h
}

// Recognise looks for an answer to the request for an association too, which on a
// network stands at the beginning of what is heard.
func (networkDriver) Recognise(heard []byte, l devices.Line) devices.Confidence {
	best := Driver{}.Recognise(heard, l)
	if len(heard) > 0 && heard[0] == sessionAccept {
		if n := lengthOf(heard, false); n > 0 && n < len(heard) && lengthOf(heard[n:], true) > 0 {
			return max(best, 90)
		}
	}
	if len(heard) > 1 && heard[0] == sessionRefuse && lengthOf(heard, true) == len(heard) {
		return max(best, 85) // nothing else was asked on this port
	}
	return best
}

// Open starts a conversation.
func (networkDriver) Open(listenOnly bool) devices.Session {
	s := open(listenOnly)
	s.network, s.datagrams, s.after = true, true, true
	return s
}

func open(listenOnly bool) *session {
	return &session{listenOnly: listenOnly, leads: make(map[uint16]*lead), names: make(map[uint32]string)}
}

type session struct {
	listenOnly bool
	datagrams  bool // each Receive has whole messages
	line       deframer
	net        [messageMost]byte // bytes outside frames, that may be network messages
	held       int
	after      bool // what is held follows a whole message
	network    bool // the monitor speaks without frames
	// framed says that a frame was seen to begin, astray that bytes had to be skipped.
	// Frames have a check and datagrams their own; what is left of a spoiled frame has
	// none and must not be taken for a datagram. Datagrams begin with the first byte
	// heard, or one follows another without a byte between, which frames never do.
	framed, astray bool
	skipping       bool
	refused        bool
	counters       devices.Counters

	who     vital.Provenance
	demo    bool
	leads   map[uint16]*lead // by handle
	names   map[uint32]string
	taken   uint32 // when what is being read was measured, in 1/8 ms of the monitor's
	samples [messageMost / 2]int32
	gaps    [messageMost / 2]vital.Gap
	active  []alarm // the monitor's, as last told
	fresh   []alarm
	cuff    [cuffs]given
	host    host
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now: of a line, or datagrams.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	if s.datagrams {
		s.held, s.after = 0, true // a datagram begins with a message whatever came before
		defer func() {
			if s.held > 0 { // and ends with one
				s.counters.Bad++
				s.held = 0
			}
		}()
	}
	for _, c := range b {
		if !s.network {
			message, o := s.line.add(c)
			switch o {
			case whole:
				s.held, s.after, s.framed = 0, false, true
				s.message(now, message, to)
				continue
			case broken:
				s.framed = true
				s.counters.Bad++
				s.skip()
				if s.held == 0 {
					continue
				}
			case more:
				if s.held == 0 {
					continue
				}
			}
		}
		s.datagram(now, c, to)
	}
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// datagram takes a byte of what may be a network message.
func (s *session) datagram(now vital.Instant, c byte, to devices.Sink) {
	s.net[s.held] = c
	s.held++
	for s.held > 0 {
		n := lengthOf(s.net[:s.held], s.after)
		if n >= 0 && !s.network && s.net[0] != 0 { // an indication has no numbers
			switch {
			case s.framed:
				n = -1
			case s.astray && n > 0 && s.held < n+4 && n+4 <= len(s.net):
				return
			case s.astray && n > 0 && string(s.net[n:min(n+4, s.held)]) != "\xe1\x00\x00\x02":
				n = -1
			}
		}
		switch {
		case n == 0:
			return
		case n < 0:
			s.skip()
			s.astray = true
			n, s.after = 1, false
		default:
			s.after = s.message(now, s.net[:n], to)
			s.network = s.network || s.after
		}
		s.held = copy(s.net[:], s.net[n:s.held])
	}
}

// message takes one whole message and says whether it was one.
func (s *session) message(now vital.Instant, b []byte, to devices.Sink) bool {
	if len(b) == 0 {
		s.counters.Bad++
		return false
	}
	switch b[0] {
	case sessionAccept:
		s.host.associated(now)
		s.refuse(now, false, to)
	case sessionRefuse, sessionAbort, sessionFinished, sessionFinish:
		s.host.lost(now)
		s.refuse(now, b[0] == sessionRefuse, to)
	case sessionConnect: // another host, on a tapped line
	case sessionData:
		if !s.operation(now, b, to) {
			s.counters.Bad++
			s.skip()
			return false
		}
	default:
		i, ok := ParseIndication(b)
		if !ok {
			s.counters.Bad++
			s.skip()
			return false
		}
		s.identify(i, to)
		s.host.forgotten(now)
	}
	s.skipping = false
	s.counters.Frames++
	return true
}

// refuse tells once that the monitor takes no association, which it has for one host
// only, and once that it does again.
func (s *session) refuse(now vital.Instant, refused bool, to devices.Sink) {
	if s.refused == refused {
		return
	}
	s.refused = refused
	to.Alarm(devices.Alarm{Arrived: now, Text: "monitor refuses data export: another computer may be using it", Priority: devices.Low, Technical: true, Ended: !refused})
}

func (s *session) identify(i Indication, to devices.Sink) {
	s.demo = s.demo || i.demo
	who := vital.Provenance{Make: i.Make, Model: i.Model, Serial: i.Serial, Firmware: i.Firmware, Simulated: s.demo}
	if who != s.who && i.Make != "" {
		s.who = who
		to.Monitor(who)
	}
}

// operation takes a message of an association.
func (s *session) operation(now vital.Instant, b []byte, to devices.Sink) bool {
	r := reader{b: b}
	r.take(4)
	op := r.u16()
	r = reader{b: r.take(int(r.u16())), failed: r.failed}
	if op == opLinked {
		r.u16() // first, middle or last: each part can be read by itself
	}
	invoke, command := r.u16(), r.u16()
	if op == opError {
		s.counters.Unknown++
		return !r.failed
	}
	r = reader{b: r.take(int(r.u16())), failed: r.failed}
	class, context, handle := r.u16(), r.u16(), r.u16()
	if r.failed {
		return false
	}
	switch {
	case op == opInvoke && command <= 1: // an event
		r.u32()
		event := r.u16()
		r = reader{b: r.take(int(r.u16())), failed: r.failed}
		if event != eventCreate {
			s.counters.Unknown++
			return !r.failed
		}
		r.take(6)
		var i Indication
		i.attributes(&r)
		if r.failed {
			return false
		}
		s.demo = i.demo
		s.identify(i, to)
		s.host.created(now, invoke, class, context, handle)
		return true
	case op == opInvoke:
		return true // another host asks, on a tapped line
	}
	action := r.u16()
	r = reader{b: r.take(int(r.u16())), failed: r.failed}
	if r.failed {
		return false
	}
	if action != actionPoll && action != actionPollLong {
		s.counters.Unknown++
		return true
	}
	if action == actionPollLong { // a monitor may answer signs of life and have forgotten the polls
		s.host.heard = now
	}
	return s.poll(now, &r, action == actionPollLong, to)
}

// poll takes the result of a poll.
func (s *session) poll(now vital.Instant, r *reader, long bool, to devices.Sink) bool {
	r.u16() // poll number
	if long {
		r.u16() // sequence number
	}
	s.taken = r.u32()
	at, _ := absolute(r.take(8))
	r.u16()
	kind := r.u16()
	r.u16()
	contexts, all := r.list()
	if r.failed {
		return false
	}
	if long {
		s.host.told(now, kind)
	}
	if kind == kindAlarms {
		s.fresh = s.fresh[:0]
	}
	for range contexts {
		all.u16()
		objects, list := all.list()
		for range objects {
			handle := list.u16()
			n, attributes := list.list()
			if list.failed {
				return false
			}
			if !s.object(now, at, kind, handle, n, attributes, to) {
				return false
			}
		}
		if all.failed {
			return false
		}
	}
	if kind == kindAlarms {
		s.compare(now, at, to)
	}
	return true
}

// object takes what a poll says of one thing measured.
func (s *session) object(now vital.Instant, at time.Time, kind, handle uint16, n int, list reader, to devices.Sink) bool {
	own := time.Time{}
	for scan, i := list, 0; i < n; i++ {
		id, value := scan.attribute()
		if scan.failed {
			return false
		}
		switch id {
		case attrTimeAbsolute:
			own, _ = absolute(value)
		case attrMode:
			v := reader{b: value}
			s.demo = v.u16()&modeDemo != 0
		case attrWaveSpec, attrWaveScale, attrWaveMarks, attrSamplePeriod, attrUnit:
			if kind == kindWaves {
				s.describe(handle, id, value)
			}
		}
	}
	for range n {
		id, value := list.attribute()
		v := reader{b: value}
		ok := true
		switch id {
		case attrNumber:
			ok = s.number(now, at, own, &v, to)
		case attrNumbers:
			count, numbers := v.list()
			for i := 0; i < count && ok; i++ {
				ok = s.number(now, at, own, &numbers, to)
			}
		case attrWave:
			ok = s.wave(now, handle, 0, &v, to)
		case attrWaves:
			count, waves := v.list()
			for i := 0; i < count && ok; i++ {
				ok = s.wave(now, handle, uint16(i), &waves, to)
			}
		case attrPatientAlarm, attrTechAlarm:
			ok = s.alarms(&v, id == attrTechAlarm)
		}
		if !ok {
			return false
		}
	}
	return true
}
