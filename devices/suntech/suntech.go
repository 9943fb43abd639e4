package suntech

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is SunTech's, see the package comment.
type Driver struct{}

const (
	fromHost   = 0x3a
	fromModule = 0x3e

	cuffSize   = 5
	resultSize = 24 // 0x18
	shortSize  = 4
	packetMost = 64

	// Where a result's numbers stand.
	atSys, atDia, atRate, atMean, atError = 2, 4, 16, 18, 20
)

// appendPacket adds a packet to b; a module's has its length after the first byte.
func appendPacket(b []byte, first byte, data ...byte) []byte {
	at := len(b)
	b = append(append(b, first), data...)
	sum := byte(0)
	for _, c := range b[at:] {
		sum += c
	}
	return append(b, -sum)
}

// The only things that are ever sent.
var (
	askCuff   = appendPacket(nil, fromHost, 0x79, 0x05, 0x00)
	askResult = appendPacket(nil, fromHost, 0x79, 0x03, 0x00)
	askBoth   = append(append([]byte(nil), askCuff...), askResult...)
)

// Name is "suntech".
func (Driver) Name() string { return "suntech" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		Ask:      askBoth,
		Evidence: "none: tested on its own module side only; packets follow ak-git's DemoApp",
	}
}

// parse reads a module's packet from the front of b: n is its length, 0 to wait, -1
// when none begins here. shaped says that only its check is wrong.
func parse(b []byte) (n int, shaped bool) {
	if b[0] != fromModule || len(b) > 1 && b[1] != shortSize && b[1] != cuffSize && b[1] != resultSize {
		return -1, false
	}
	if len(b) < 2 || len(b) < int(b[1]) {
		return 0, true
	}
	n = int(b[1])
	sum := byte(0)
	for _, c := range b[:n] {
		sum += c
	}
	if sum != 0 {
		return -1, true
	}
	return n, true
}

func i16(b []byte, at int) int { return int(int16(uint16(b[at]) | uint16(b[at+1])<<8)) }

const cuffLeast, cuffMost = -10, 330

func plausible(p []byte) bool {
	switch len(p) {
	case cuffSize:
		v := i16(p, 2)
		return v >= cuffLeast && v <= cuffMost
	case resultSize:
		sys, dia, mean := i16(p, atSys), i16(p, atDia), i16(p, atMean)
		return p[atError] != 0 || sys >= mean && mean >= dia && dia >= 0 && sys <= 300
	}
	return true
}

// Recognise looks for a whole result, or for nothing but packets from the first byte
// heard.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	best := devices.Confidence(0)
	for i, c := range heard {
		if c != fromModule {
			continue
		}
		run := 0
		for at := i; at < len(heard); {
			n, _ := parse(heard[at:])
			if n <= 0 || !plausible(heard[at:at+n]) {
				break
			}
			if n == resultSize {
				best = max(best, 94)
			}
			if n != shortSize {
				run++
			}
			at += n
		}
		switch {
		case run >= 3:
			best = max(best, 94)
		case run > 0:
			best = max(best, 40)
		}
	}
	return best
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "SunTech", Method: "oscillometric"}}
}

const (
	cuffEvery   = 250 * time.Millisecond
	resultEvery = 2 * time.Second
	inflated    = 30 // mmHg: more than a cuff holds by lying on
	// A result that is the same to the last bit as the one before is taken for a new
	// one when the cuff has been empty for this long after a measurement.
	sameAfter = 10 * time.Second
)

type session struct {
	listenOnly bool
	buf        [packetMost]byte
	held       int
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool

	due       vital.Instant
	dueResult vital.Instant
	measuring bool          // the cuff was seen inflated since the last result
	down      vital.Instant // since when it is empty again, 0 while it is not
	known     bool
	last      [resultSize]byte
	fault     byte // that is signalled
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll asks for the cuff's pressure, and for the result.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	switch {
	case s.listenOnly:
		return nil, devices.Never
	case now < s.due:
		return nil, s.due
	}
	s.due = now.Add(cuffEvery)
	if now >= s.dueResult {
		s.dueResult = now.Add(resultEvery)
		return askResult, s.due
	}
	return askCuff, s.due
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		s.buf[s.held] = c
		s.held++
		for s.held > 0 {
			n, shaped := parse(s.buf[:s.held])
			if n == 0 {
				break
			}
			if n > 0 {
				s.skipping = false
				s.counters.Frames++
				s.packet(now, s.buf[:n], to)
			} else {
				if shaped {
					s.counters.Bad++
				}
				if !s.skipping {
					s.skipping = true
					s.counters.Resync++
				}
				n = 1
			}
			s.held = copy(s.buf[:], s.buf[n:s.held])
		}
	}
}

func (s *session) packet(now vital.Instant, p []byte, to devices.Sink) {
	if !s.told {
		s.told = true
		to.Monitor(s.who)
	}
	switch {
	case len(p) == shortSize:
	case !plausible(p):
		s.counters.Bad++
	case len(p) == cuffSize:
		pressure := i16(p, 2)
		switch {
		case pressure >= inflated:
			s.measuring, s.down = true, 0
		case s.measuring && s.down == 0:
			s.down = now
		}
		r := vital.Of(vital.CuffPressure, vital.Int(int64(pressure)))
		r.Arrived = now
		to.Reading(r)
	case len(p) == resultSize:
		s.result(now, [resultSize]byte(p), to)
	}
}

func (s *session) result(now vital.Instant, p [resultSize]byte, to devices.Sink) {
	changed := s.known && p != s.last
	first := !s.known
	s.last, s.known = p, true
	if first && !s.listenOnly {
		return // it may be anybody's
	}
	again := s.measuring && s.down != 0 && now.Sub(s.down) >= sameAfter
	if !changed && !again && !(first && s.listenOnly) {
		return
	}
	if !s.measuring && !s.listenOnly {
		s.counters.Unknown++ // a result that came of no measurement
		return
	}
	s.measuring, s.down = false, 0
	s.alarm(now, p[atError], to)
	why := vital.Measured
	switch p[atError] {
	case 0:
	case 0x02:
		why = vital.Artefact
	case 0x87:
		why = vital.ProbeOff
	default:
		why = vital.Withheld
	}
	for _, v := range [...]struct {
		sign vital.Sign
		at   int
	}{{vital.NIBPSys, atSys}, {vital.NIBPDia, atDia}, {vital.NIBPMean, atMean}, {vital.PulseRateNIBP, atRate}} {
		r := vital.None(v.sign, why)
		if n := i16(p[:], v.at); why == vital.Measured && n > 0 {
			r = vital.Of(v.sign, vital.Int(int64(n)))
		} else if why == vital.Measured {
			r = vital.None(v.sign, vital.NotMeasured)
		}
		r.Arrived, r.Aperiodic = now, true
		to.Reading(r)
	}
}

var faults = map[byte]string{
	0x01: "NIBP: weak signal", 0x02: "NIBP: motion", 0x03: "NIBP: out of range", 0x04: "NIBP: took too long",
	0x85: "NIBP: hose or cuff blocked", 0x87: "NIBP: check the cuff", 0x88: "NIBP: stopped after the longest time", 0x89: "NIBP: overpressure",
	0x90: "NIBP: module fault", 0x91: "NIBP: module fault", 0x97: "NIBP: transducer fault", 0x99: "NIBP: memory fault",
}

// alarm signals what went wrong until the next measurement went well.
func (s *session) alarm(now vital.Instant, fault byte, to devices.Sink) {
	if fault == s.fault {
		return
	}
	for _, e := range [...]struct {
		code  byte
		ended bool
	}{{s.fault, true}, {fault, false}} {
		if e.code == 0 {
			continue
		}
		text, ok := faults[e.code]
		if !ok {
			text = "NIBP: failed"
		}
		to.Alarm(devices.Alarm{Arrived: now, Text: text, Technical: true, Priority: devices.Low, Ended: e.ended})
	}
	s.fault = fault
}
