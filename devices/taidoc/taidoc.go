package taidoc

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is TaiDoc's, see the package comment.
type Driver struct{}

const (
	frameSize = 8
	first     = 0x51
	fromHost  = 0xa3
	fromMeter = 0xa5

	opConnect = 0x22
	opModel   = 0x24
	opTime    = 0x25
	opValue   = 0x26
	opCount   = 0x2b
	opOdd     = 0x54 // another answer to connect
)

// frame is a whole one.
func frame(op byte, a, b, c, d, direction byte) [frameSize]byte {
	return [frameSize]byte{first, op, a, b, c, d, direction, first + op + a + b + c + d + direction}
}

var askModel = func() []byte { f := frame(opModel, 0, 0, 0, 0, fromHost); return f[:] }()

// Name is "taidoc".
func (Driver) Name() string { return "taidoc" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{{Baud: 19200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		Ask:      askModel,
		Quiet:    25 * time.Second, // it is asked every ten
		Evidence: "one request frame and three dates of glucometerutils' tests; no recording of a meter is public",
	}
}

func good(b []byte) bool {
	return len(b) >= frameSize && b[0] == first && (b[6] == fromMeter || b[6] == fromHost) && b[0]+b[1]+b[2]+b[3]+b[4]+b[5]+b[6] == b[7]
}

func known(op byte) bool {
	return op >= opConnect && op <= opValue || op == opCount || op == 0x33 || op == opOdd
}

// Recognise looks for the meter's model, or two frames of its own.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	frames := 0
	for i := 0; i+frameSize <= len(heard); i++ {
		if b := heard[i : i+frameSize]; good(b) && b[6] == fromMeter && known(b[1]) {
			if b[1] == opModel && b[3]&0xf0 == 0x40 { // TD-4xxx in decimal digits
				return 92
			}
			frames++
			i += frameSize - 1
		}
	}
	switch {
	case frames >= 2:
		return 90
	case frames == 1:
		return 50
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "TaiDoc"}}
}

const (
	every      = 10 * time.Second
	retryAfter = time.Second
)

type session struct {
	listenOnly bool
	buf        [frameSize]byte
	held       int
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance

	asked   byte   // what the answer is awaited to, 0 for nothing
	record  uint16 // of which result
	records uint16
	due     vital.Instant
	tries   int
	out     [frameSize]byte

	at     time.Time // of the result whose value comes next; zero for none
	newest time.Time
	value  int64
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		s.buf[s.held] = c
		s.held++
		for s.held > 0 && s.buf[0] != first {
			s.shift()
		}
		if s.held < frameSize {
			continue
		}
		if !good(s.buf[:]) {
			s.counters.Bad++
			s.at = time.Time{}
			s.shift()
			for s.held > 0 && s.buf[0] != first {
				s.shift()
			}
			continue
		}
		s.skipping = false
		s.counters.Frames++
		if s.buf[6] == fromMeter {
			s.answer(now, to)
		}
		s.held = 0
	}
}

func (s *session) shift() {
	s.held = copy(s.buf[:], s.buf[1:s.held])
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

func (s *session) answer(now vital.Instant, to devices.Sink) {
	op, d := s.buf[1], s.buf[2:6]
	switch op {
	case opModel:
		if model := uint16(d[1])<<8 | uint16(d[0]); s.who.Model == "" {
			s.who.Model = fmt.Sprintf("TD-%04x", model)
			to.Monitor(s.who)
		}
		s.next(now, opCount, 0)
	case opCount:
		s.records = uint16(d[1])<<8 | uint16(d[0])
		if s.records == 0 {
			s.rest(now)
		} else {
			s.next(now, opTime, 0)
		}
	case opTime:
		s.at = timeOf(d)
		if s.at.IsZero() {
			s.counters.Bad++
		}
		s.next(now, opValue, s.record)
	case opValue:
		s.result(now, int64(d[1])<<8|int64(d[0]), to)
		s.at = time.Time{}
		if s.record == 0 && s.records > 1 {
			s.next(now, opTime, s.records-1)
		} else {
			s.rest(now)
		}
	case opConnect, opOdd, 0x23, 0x33:
	default:
		s.counters.Unknown++
	}
}

// timeOf reads year, month and day in 7, 4 and 5 bits, minute and hour; zero when
// that is no time.
func timeOf(d []byte) time.Time {
	day := int(d[1])<<8 | int(d[0])
	t := time.Date(2000+day>>9, time.Month(day>>5&0x0f), day&0x1f, int(d[3]), int(d[2]), 0, 0, time.UTC)
	if t.Day() != day&0x1f || int(t.Month()) != day>>5&0x0f || d[3] > 23 || d[2] > 59 {
		return time.Time{}
	}
	return t
}

// The meters measure 20 to 600 mg/dL.
const least, most = 20, 600

func (s *session) result(now vital.Instant, value int64, to devices.Sink) {
	if s.at.IsZero() {
		s.counters.Bad++ // a value without its time is nobody's
		return
	}
	if !s.listenOnly && (s.at.Before(s.newest) || s.at.Equal(s.newest) && value == s.value) {
		return
	}
	s.newest, s.value = s.at, value
	r := vital.None(vital.Glucose, vital.Withheld)
	if value >= least && value <= most {
		r = vital.Of(vital.Glucose, vital.Int(value))
	}
	r.Arrived, r.MonitorTime, r.Aperiodic, r.Stored = now, s.at, true, true
	to.Reading(r)
}

func (s *session) next(now vital.Instant, op byte, record uint16) {
	s.asked, s.record, s.due, s.tries = op, record, now, 0
}

func (s *session) rest(now vital.Instant) {
	s.asked, s.due, s.tries = opCount, now.Add(every), 0
}

// Poll gives the question that is due.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	if s.listenOnly {
		return nil, devices.Never
	}
	if now < s.due {
		return nil, s.due
	}
	if s.tries == 3 || s.asked == 0 {
		s.asked, s.tries = opModel, 0
	}
	s.tries++
	s.due = now.Add(retryAfter)
	s.out = frame(s.asked, byte(s.record), byte(s.record>>8), 0, 0, fromHost)
	if s.asked == opModel || s.asked == opCount {
		s.out = frame(s.asked, 0, 0, 0, 0, fromHost)
	}
	return s.out[:], s.due
}
