package phd

import (
	"encoding/binary"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A session is one association with one agent.
type session struct {
	listenOnly bool
	buf        [apduMost]byte
	held       int
	skipping   bool
	counters   devices.Counters

	config        config
	next          config // being read
	test          bool   // the association is for test data
	report        report
	strange       object
	strangeHandle int
	strangeName   string
	who           vital.Provenance
	told          bool
	out           []byte
	invoke        uint16
	failed        int // APDUs in a row that made no sense
}

func newSession(listenOnly bool) *session { return &session{listenOnly: listenOnly} }

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
			n := s.step(now, s.buf[at:s.held], to)
			if n == 0 {
				break
			}
			at += n
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

// step understands what stands at the front of b and gives its length: 0 to wait
// for more.
func (s *session) step(now vital.Instant, b []byte, to devices.Sink) int {
	n := frame(b)
	if n == 0 {
		return 0
	}
	if n > 0 {
		s.report.n, s.report.unknown = 0, 0
		if s.apdu(int(binary.BigEndian.Uint16(b)), part{b: b[apduHead:n]}, to) {
			s.counters.Frames++
			s.counters.Unknown += s.report.unknown
			s.skipping, s.failed = false, 0
			s.send(now, to)
			return n
		}
		s.counters.Bad++
		s.fail()
	}
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
	return 1
}

// failMost is how many APDUs in a row that are whole but make no sense are put
// down to a configuration that was understood wrongly.
const failMost = 3

// fail gives up the configuration when nothing fits it, and the association with
// it: the agent will describe itself again.
func (s *session) fail() {
	if s.failed++; s.failed < failMost || !s.config.known {
		return
	}
	s.config, s.test, s.failed = config{}, false, 0
	s.reply(abort, []byte{0, 0})
}

// frame is the length of the APDU at the front of b, 0 when it is not whole yet,
// -1 when there is none. What a presentation APDU holds repeats its length.
func frame(b []byte) int {
	if b[0] < associate>>8 || b[0] > present>>8 || len(b) > 1 && b[1] != 0 {
		return -1
	}
	if len(b) < apduHead {
		return 0
	}
	n := apduHead + int(binary.BigEndian.Uint16(b[2:]))
	switch b[0] {
	case associate >> 8, associated >> 8:
		if n > associateMost {
			return -1
		}
	case present >> 8:
		if n > apduMost {
			return -1
		}
	default: // a reason and nothing else
		if n != apduHead+2 {
			return -1
		}
	}
	if b[0] == present>>8 {
		if n < apduHead+8 || len(b) >= 6 && int(binary.BigEndian.Uint16(b[4:])) != n-6 ||
			len(b) >= 12 && int(binary.BigEndian.Uint16(b[10:])) != n-12 {
			return -1
		}
	}
	if len(b) < n {
		return 0
	}
	return n
}

// send hands on the readings of a good APDU.
func (s *session) send(now vital.Instant, to devices.Sink) {
	if s.report.n > 0 && !s.told {
		s.told = true
		to.Monitor(s.who)
	}
	for _, r := range s.report.readings[:s.report.n] {
		r.Arrived = now
		to.Reading(r)
	}
}

// apdu takes one APDU.
func (s *session) apdu(choice int, p part, to devices.Sink) bool {
	switch choice {
	case associate:
		return s.associate(p)
	case present:
		p = part{b: p.octets()}
		return s.present(p, to)
	case release:
		p.u16()
		if !p.done() {
			return false
		}
		s.config, s.test = config{}, false
		s.reply(released, []byte{0, 0})
	case abort, released:
		p.u16()
		s.config, s.test = config{}, false
		return p.done()
	case associated:
		return len(p.b) >= 2 // another manager's answer, on a shared line
	}
	return true
}

// createTest is the functional unit of an association for test data.
const createTest = 0x20000000

// associate takes an agent's request, and accepts it.
func (s *session) associate(p part) bool {
	p.u32() // version
	common := false
	count, protocols := p.list()
	for range count {
		id := protocols.u16()
		info := part{b: protocols.octets()}
		if id != protocol {
			continue
		}
		info.u32()
		info.u16()
		info.u32()
		units := info.u32()
		info.u32()
		info.octets() // system id
		wanted := info.u16()
		info.take(4)
		_, options := info.list()
		if !info.done() || options.short {
			return false
		}
		common = true
		s.test = units&createTest != 0
		if !s.config.known || s.config.id != wanted {
			s.config.standard(wanted)
		}
		result := byte(0)
		if !s.config.known {
			result = 3 // accepted, configuration not known
		}
		s.accept(result)
		s.ask(get, []byte{0, 0, 0, 0, 0, 0}) // who are you?
	}
	if !protocols.done() || !p.done() {
		return false
	}
	if !common {
		s.reply(associated, []byte{0, noCommonProtocol, 0, 0, 0, 0})
	}
	return true
}

// noCommonProtocol is the result of an association that cannot be.
const noCommonProtocol = 4

// accept answers an association.
func (s *session) accept(result byte) {
	body := []byte{0, result, 0x50, 0x79, 0, 0x26, 0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, managerSize}
	body = append(body, "FIELDKIT"...)
	s.reply(associated, append(body, make([]byte, 10)...))
}

// present takes what a presentation APDU holds.
func (s *session) present(p part, to devices.Sink) bool {
	invoke := p.u16()
	choice := p.u16()
	p = part{b: p.octets()}
	switch choice {
	case confirmedEvent, unconfirmedEvent:
		handle, when, kind := p.u16(), p.u32(), p.u16()
		info := part{b: p.octets()}
		if !p.done() {
			return false
		}
		var answer []byte
		if kind == notiConfig {
			if !s.next.parse(&info) {
				return false
			}
			s.config = s.next
			answer = []byte{byte(s.config.id >> 8), byte(s.config.id), 0, 0}
		} else if !s.event(kind, handle, info) {
			return false
		}
		if choice == confirmedEvent {
			s.confirm(invoke, handle, when, kind, answer)
		}
		return true
	case answeredGet:
		p.u16()
		count, list := p.list()
		return s.identify(count, list, to) && p.done()
	case answeredAction:
		handle, action := p.u16(), p.u16()
		info := part{b: p.octets()}
		const request = 0x0c1b // for data
		if action != request {
			s.report.unknown++
			return p.done()
		}
		info.u32()
		result, kind := info.u16(), info.u16()
		data := part{b: info.octets()}
		if !p.done() || !info.done() {
			return false
		}
		return result != 0 || len(data.b) == 0 || s.event(kind, handle, data)
	case answeredSet:
		return true
	}
	s.report.unknown++
	return !p.short
}

// identify takes who the agent is.
func (s *session) identify(count int, list part, to devices.Sink) bool {
	was := s.who
	for range count {
		id := list.u16()
		v := part{b: list.octets()}
		switch id {
		case attrModel:
			keep(&s.who.Make, v.octets())
			keep(&s.who.Model, v.octets())
		case attrProduction:
			n, items := v.list()
			for range n {
				kind := items.u16()
				items.u16()
				text := items.octets()
				switch kind {
				case 1:
					keep(&s.who.Serial, text)
				case 5:
					keep(&s.who.Firmware, text)
				}
			}
		}
		if v.short {
			return false
		}
	}
	if s.who != was && list.done() {
		s.told = true
		to.Monitor(s.who)
	}
	return list.done()
}

// keep sets to to the printable text in b, if it is another.
func keep(to *string, b []byte) {
	for len(b) > 0 && (b[len(b)-1] == 0 || b[len(b)-1] == ' ') {
		b = b[:len(b)-1]
	}
	for _, c := range b {
		if c < ' ' || c > '~' {
			return
		}
	}
	if string(b) != *to {
		*to = string(b)
	}
}

// confirm answers an event.
func (s *session) confirm(invoke, handle int, when uint32, kind int, info []byte) {
	if s.listenOnly {
		return
	}
	var body [18]byte
	b := binary.BigEndian.AppendUint16(body[:0], uint16(handle))
	b = binary.BigEndian.AppendUint32(b, when)
	b = binary.BigEndian.AppendUint16(b, uint16(kind))
	b = binary.BigEndian.AppendUint16(b, uint16(len(info)))
	s.out = appendPresent(s.out, uint16(invoke), answeredEvent, append(b, info...))
}

func (s *session) ask(choice uint16, body []byte) {
	if !s.listenOnly {
		s.invoke++
		s.out = appendPresent(s.out, s.invoke, choice, body)
	}
}

func (s *session) reply(choice uint16, body []byte) {
	if !s.listenOnly {
		s.out = appendAPDU(s.out, choice, body)
	}
}

func appendAPDU(out []byte, choice uint16, body []byte) []byte {
	out = binary.BigEndian.AppendUint16(out, choice)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)))
	return append(out, body...)
}

func appendPresent(out []byte, invoke, choice uint16, body []byte) []byte {
	out = binary.BigEndian.AppendUint16(out, present)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+8))
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+6))
	out = binary.BigEndian.AppendUint16(out, invoke)
	out = binary.BigEndian.AppendUint16(out, choice)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)))
	return append(out, body...)
}

// Poll gives the answers that wait. An agent wants an answer within 3 s.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	if len(s.out) == 0 {
		return nil, devices.Never
	}
	send, s.out = s.out, s.out[len(s.out):]
	if cap(s.out) < 256 {
		s.out = make([]byte, 0, 4096)
	}
	return send, devices.Never
}
