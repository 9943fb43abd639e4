package medibus

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is Draeger's, see the package comment.
type Driver struct{}

func line(baud int, p devices.Parity) devices.Line {
	return devices.Line{Baud: baud, DataBits: 8, Parity: p, StopBits: 1, RTS: true, DTR: true}
}

var askICC = appendTelegram(nil, esc, icc)

// Name is "medibus".
func (Driver) Name() string { return "medibus" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{line(19200, devices.EvenParity), line(9600, devices.EvenParity), line(19200, devices.NoParity), line(38400, devices.NoParity)},
		Ask:      askICC,
		Quiet:    4 * time.Second, // a device answers within three
		Evidence: "none: tested on its own device side only; telegrams, codes and units follow OpenICE",
	}
}

// Recognise looks for the answer to the opening, or for two telegrams.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	var b [telegramMost]byte
	n, good := -1, 0
	for _, c := range heard {
		switch {
		case c >= 0x80 || c == dc1 || c == dc3:
		case c == soh || c == esc:
			b[0], n = c, 1
		case n < 0:
		case c == cr:
			if code, data, ok := parse(b[:n]); ok && known(code) {
				switch {
				case code == icc && len(data) == 0:
					return 85
				case code == askDevice && len(data) > 6 && data[4] == '\'':
					return 92
				}
				good++
			}
			n = -1
		case n == len(b) || c < ' ' && n > 1:
			n = -1
		default:
			b[n] = c
			n++
		}
	}
	switch {
	case good >= 2:
		return 90
	case good == 1:
		return 60
	}
	return 0
}

func known(code byte) bool {
	return code >= 0x23 && code <= 0x30 || code >= 0x49 && code <= 0x56 || code == 0x6c || code == 0x6d || code == nak
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "Draeger"}, texts: make(map[string]string)}
}

type session struct {
	listenOnly bool
	buf        [telegramMost]byte
	held       int // 0 while no telegram has begun
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool
	texts      map[string]string
	stream     stream
	alarms     [3][]string // by code page, as last told
	fresh      []string
	host       host
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		switch {
		case c >= 0x80:
			s.realtime(now, c, to)
		case c == dc1 || c == dc3:
		case c == soh || c == esc:
			if s.held > 0 {
				s.counters.Bad++
			}
			s.buf[0], s.held = c, 1
		case s.held == 0:
			if c != '\n' {
				s.skip()
			}
		case c == cr:
			s.telegram(now, s.buf[:s.held], to)
			s.held = 0
		case s.held == len(s.buf), c < ' ' && s.held > 1 && c != 0x03:
			s.counters.Bad++
			s.skip()
			s.held = 0
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

func (s *session) telegram(now vital.Instant, b []byte, to devices.Sink) {
	code, data, ok := parse(b)
	if !ok {
		s.counters.Bad++
		s.skip()
		return
	}
	s.skipping = false
	s.counters.Frames++
	if b[0] == esc { // the device commands
		s.host.commanded(code)
		return
	}
	s.host.answered(now, code)
	ok = true
	switch code {
	case askData1:
		ok = s.data(now, 0, data, to)
	case askData2:
		ok = s.data(now, 1, data, to)
	case askAlarms1:
		ok = s.alarm(now, 0, data, to)
	case askAlarms2:
		ok = s.alarm(now, 1, data, to)
	case askAlarms3:
		ok = s.alarm(now, 2, data, to)
	case askDevice:
		ok = s.identify(data, to)
	case askCurves:
		ok = s.describe(data)
	case setCurves:
		s.stream.chosen = s.stream.wanted
	case icc:
		s.introduce(to)
	case nop, nak, stop:
	default:
		s.counters.Unknown++
	}
	if !ok {
		s.counters.Bad++
	}
}

func (s *session) introduce(to devices.Sink) {
	if !s.told {
		s.told = true
		to.Monitor(s.who)
	}
}

// identify reads four hex digits, a name in apostrophes and a revision.
func (s *session) identify(data []byte, to devices.Sink) bool {
	if len(data) < 7 || data[4] != '\'' {
		return false
	}
	end := 5
	for end < len(data) && data[end] != '\'' {
		end++
	}
	if end == len(data) {
		return false
	}
	model, revision := s.text(data[5:end]), s.text(data[end+1:])
	if model != s.who.Model || revision != s.who.Firmware || !s.told {
		s.who.Model, s.who.Firmware, s.told = model, revision, true
		to.Monitor(s.who)
	}
	return true
}

// text is b without outer blanks as a string, without new memory for what was said
// before.
func (s *session) text(b []byte) string {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	if t, ok := s.texts[string(b)]; ok {
		return t
	}
	if len(s.texts) > 512 {
		clear(s.texts)
	}
	t := string(b)
	s.texts[t] = t
	return t
}

// data reads records of a code and four characters. A telegram with any other in it
// is refused whole.
func (s *session) data(now vital.Instant, page int, b []byte, to devices.Sink) bool {
	const size = 6
	if len(b)%size != 0 {
		return false
	}
	for i := 0; i < len(b); i += size {
		if _, ok := hex(b[i : i+2]); !ok {
			return false
		}
		if _, _, ok := number(b[i+2 : i+size]); !ok {
			return false
		}
	}
	for i := 0; i < len(b); i += size {
		code, _ := hex(b[i : i+2])
		value, none, _ := number(b[i+2 : i+size])
		m, isKnown := page1[code]
		isKnown = isKnown && page == 0 && !s.earlier(b[:i], m, none)
		r := vital.None(m.sign, vital.NotMeasured)
		switch {
		case !isKnown && none:
			continue
		case !isKnown:
			s.counters.Unknown++
			r = vital.Of(vital.Unknown, value)
			r.Raw = names[page][code]
		case !none:
			r = vital.OfUnit(m.sign, value, m.unit)
		}
		if isKnown {
			r.Site, r.Unit = m.site, m.unit
		}
		r.Arrived = now
		to.Reading(r)
	}
	return true
}

// earlier reports whether a record before gave the sign of m: with a value, or, for
// one that has none, at all.
func (s *session) earlier(b []byte, m measured, none bool) bool {
	for i := 0; i < len(b); i += 6 {
		code, _ := hex(b[i : i+2])
		if e, ok := page1[code]; ok && e.sign == m.sign && e.site == m.site {
			if _, empty, _ := number(b[i+2 : i+6]); !empty || none {
				return true
			}
		}
	}
	return false
}

// alarm reads records of a priority, a code and a phrase, and reports those that
// began or ended. What the priority's number means is not known for sure.
func (s *session) alarm(now vital.Instant, page int, b []byte, to devices.Sink) bool {
	const size = 15
	if len(b)%size != 0 {
		return false
	}
	s.fresh = s.fresh[:0]
	for i := 0; i < len(b); i += size {
		if _, ok := hex(b[i+1 : i+3]); !ok {
			return false
		}
		s.fresh = append(s.fresh, s.text(b[i+3:i+size]))
	}
	contains := func(list []string, text string) bool {
		for _, t := range list {
			if t == text {
				return true
			}
		}
		return false
	}
	for _, text := range s.alarms[page] {
		if !contains(s.fresh, text) {
			to.Alarm(devices.Alarm{Arrived: now, Text: text, Ended: true})
		}
	}
	for _, text := range s.fresh {
		if !contains(s.alarms[page], text) {
			to.Alarm(devices.Alarm{Arrived: now, Text: text})
		}
	}
	s.alarms[page], s.fresh = s.fresh, s.alarms[page]
	return true
}
