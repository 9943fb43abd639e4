package nonin

import (
	"strconv"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// bufferSize holds the longest message and any run of frames it takes to be sure.
const bufferSize = 256

// A session is one conversation. The bytes not yet understood wait in buf.
type session struct {
	listenOnly bool
	buf        [bufferSize]byte
	held       int

	format   Format        // spoken now; None while looking for it
	was      Format        // spoken before: needs fewer frames to be believed again
	heard    vital.Instant // of the last good frame
	skipping bool          // bytes are being skipped to find the next frame
	midLine  bool          // the last byte skipped did not end a line
	counters devices.Counters

	packet packet
	pleth  pleth
	host   host
	who    vital.Provenance
	raised [len(conditionText)]bool
}

func newSession(listenOnly bool) *session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "Nonin"}}
}

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
		if at == 0 && s.held == len(s.buf) {
			at = s.skip(s.buf[0], to) // nothing this long is waited for
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

// step understands what stands at the front of b and gives its length: 0 to wait
// for more.
func (s *session) step(now vital.Instant, b []byte, to devices.Sink) int {
	if n, wait := s.control(now, b, to); n > 0 || wait {
		return n
	}
	switch s.format {
	case None:
		return s.hunt(now, b, to)
	case DF13:
		return s.spot(now, b, to)
	case Text:
		return s.text(now, b, to)
	}
	size := s.format.size()
	if len(b) < size {
		return 0
	}
	if !s.format.good(b[:size]) {
		s.counters.Bad++
		return s.skip(b[0], to)
	}
	s.frame(now, b[:size], to)
	return size
}

// understood notes a good frame.
func (s *session) understood(now vital.Instant) {
	s.counters.Frames++
	s.heard, s.skipping, s.midLine = now, false, false
}

// frame takes one good frame of the format spoken.
func (s *session) frame(now vital.Instant, b []byte, to devices.Sink) {
	s.understood(now)
	switch s.format {
	case DF2, DF7:
		f, _ := ParseFrame(s.format, b)
		s.pleth.add(now, f, s.format, to)
		if s.packet.add(f) {
			s.numbers(now, &s.packet.full, to)
		}
	case DF8, DF1:
		s.short(now, b, to)
	}
}

// skip gives up the first byte of what waits: what follows is looked at anew.
func (s *session) skip(c byte, to devices.Sink) int {
	s.midLine = c != '\n'
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
	if s.format != None {
		s.was, s.format = s.format, None
		s.packet.broken()
		s.pleth.broken(to)
	}
	return 1
}

// hunt looks for the beginning of any format at the front of b.
func (s *session) hunt(now vital.Instant, b []byte, to devices.Sink) int {
	wait := false
	for _, f := range [...]Format{DF2, DF7, DF8, DF1} {
		n, broken := f.run(b)
		if n >= s.enough(f) {
			s.speaks(f, now, to)
			return s.step(now, b, to)
		}
		wait = wait || !broken && s.possible(f, b)
	}
	if _, n, shaped, ok := parseSpot(b); ok {
		s.speaks(DF13, now, to)
		return s.spot(now, b, to)
	} else if shaped && n == 0 {
		wait = true
	}
	switch n := lineEnd(b); {
	case s.midLine: // a text has no checksum: half a line is not believed
	case n > 0:
		if _, ok := parseLine(b[:n]); ok {
			s.speaks(Text, now, to)
			return s.text(now, b, to)
		}
	case n == 0 && printable(b[0]):
		wait = true
	}
	if wait {
		return 0
	}
	return s.skip(b[0], to)
}

// believed is how many frames in a row make a session believe a format, fewer
// than to recognise a Nonin, since that was done before: so that a monitor that
// speaks once a second is back within two seconds. Random bytes pass for three
// frames of format 8 once in some ten million.
var believed = [...]int{DF1: 5, DF2: 3, DF7: 3, DF8: 3}

// enough is how many frames in a row make sure that f is spoken: fewer when it was
// spoken before.
func (s *session) enough(f Format) int {
	if f == s.was {
		return 2
	}
	return believed[f]
}

// possible reports whether a frame of f may begin with b's first bytes.
func (s *session) possible(f Format, b []byte) bool {
	if f == DF2 {
		return b[0] == 0x01 && (len(b) < 2 || b[1]&statusSet != 0)
	}
	return b[0]&0x80 != 0
}

// speaks notes the format that is spoken now.
func (s *session) speaks(f Format, now vital.Instant, to devices.Sink) {
	if s.was == None {
		to.Monitor(s.who)
	}
	if f != s.was {
		s.packet, s.pleth = packet{}, pleth{}
	}
	if h := &s.host; h.twoWay && h.stage == settled && (f == DF8 || f == DF1) {
		h.next(now, settingFormat) // it was switched off and on
	}
	s.format = f
}

// text takes a printed line.
func (s *session) text(now vital.Instant, b []byte, to devices.Sink) int {
	n := lineEnd(b)
	if n == 0 {
		return 0
	}
	if n < 0 {
		s.counters.Bad++
		return s.skip(b[0], to)
	}
	if blank(b[:n]) {
		return n
	}
	l, ok := parseLine(b[:n])
	if !ok {
		s.counters.Bad++
		return s.skip(b[0], to)
	}
	s.understood(now)
	v := values{rate: l.rate, spo2: l.spo2, why: vital.Searching}
	s.report(now, v, to)
	return n
}

// lineEnd is the length of the line at the front of b with its end; 0 when it has
// not ended; -1 when it never will.
func lineEnd(b []byte) int {
	for i, c := range b {
		switch {
		case c == '\n':
			return i + 1
		case c != '\r' && !printable(c), i >= lineMost:
			return -1
		}
	}
	return 0
}

func printable(c byte) bool { return c >= ' ' && c <= '~' }

func blank(b []byte) bool {
	for _, c := range b {
		if c > ' ' {
			return false
		}
	}
	return true
}

// spot takes a format 13 message and lets the host acknowledge it.
func (s *session) spot(now vital.Instant, b []byte, to devices.Sink) int {
	m, n, shaped, ok := parseSpot(b)
	switch {
	case !shaped:
		s.counters.Bad++
		return s.skip(b[0], to)
	case n == 0:
		return 0
	case !ok:
		s.counters.Bad++
		s.host.answer = nak
		return s.skip(b[0], to)
	}
	s.understood(now)
	s.host.answer = ack
	v := values{rate: m.rate, spo2: m.spo2, why: vital.Searching, at: m.at, spot: true}
	if m.status&spotNone != 0 {
		v.rate, v.spo2, v.why = noRate, noSpO2, vital.NotMeasured
	}
	s.report(now, v, to)
	s.condition(now, lowBattery, m.status&spotBattery != 0, to)
	return n
}

// short takes a frame of format 8 or 1.
func (s *session) short(now vital.Instant, b []byte, to devices.Sink) {
	v := values{
		rate:         rateOf(b[0], b[1]),
		spo2:         int(b[2] & 0x7f),
		questionable: b[0]&(shortLow|shortMoving) != 0,
	}
	alarm := false
	if len(b) > 3 {
		alarm = b[3]&status2Alarm != 0
		s.condition(now, lowBattery, b[3]&status2Battery != 0, to)
		s.condition(now, criticalBattery, b[3]&status2Critical != 0, to)
	}
	v.why = whyNone(b[0]&shortOff != 0 || alarm, b[0]&shortLost != 0, b[0]&shortMoving != 0)
	v.absent = b[0]&(shortOff|shortLost) != 0 || alarm
	s.report(now, v, to)
	s.condition(now, sensorOff, b[0]&shortOff != 0, to)
	s.condition(now, sensorAlarm, alarm, to)
}

// numbers takes a whole packet.
func (s *session) numbers(now vital.Instant, p *summary, to devices.Sink) {
	if p.firmware != 0 && (p.firmware != s.packet.firmware || s.who.Firmware == "") {
		s.packet.firmware = p.firmware
		s.who.Firmware = strconv.Itoa(int(p.firmware))
		to.Monitor(s.who)
	}
	off := p.any&(statusOff|statusAlarm) != 0
	s.report(now, values{
		rate:         p.rate,
		spo2:         p.spo2,
		questionable: p.poor || p.moving,
		absent:       off || p.any&statusLost != 0,
		why:          whyNone(off, p.any&statusLost != 0, p.moving),
	}, to)
	s.condition(now, lowBattery, p.status2&status2Battery != 0, to)
	s.condition(now, sensorOff, p.any&statusOff != 0, to)
	s.condition(now, sensorAlarm, p.any&statusAlarm != 0, to)
}

// whyNone is the reason for a missing value, by the status bits.
func whyNone(off, lost, moving bool) vital.State {
	switch {
	case off:
		return vital.ProbeOff
	case lost:
		return vital.Searching
	case moving:
		return vital.Artefact
	}
	return vital.Searching // attached, and no value yet
}

// values is one report of rate and SpO2.
type values struct {
	rate, spo2   int
	questionable bool
	absent       bool        // whatever the numbers say, they are not of now
	why          vital.State // there is none, when there is none
	at           time.Time
	spot         bool
}

func (s *session) report(now vital.Instant, v values, to devices.Sink) {
	rate, spo2 := vital.None(vital.PulseRate, v.why), vital.None(vital.SpO2, v.why)
	if !v.absent {
		switch {
		case v.rate == noRate:
		case v.rate > mostRate:
			rate = vital.None(vital.PulseRate, vital.Withheld) // no oximeter of theirs sends this
		case v.rate < leastRate:
			rate = vital.None(vital.PulseRate, vital.UnderRange)
		default:
			rate = vital.Of(vital.PulseRate, vital.Int(int64(v.rate)))
		}
		if v.spo2 != noSpO2 {
			spo2 = vital.Of(vital.SpO2, vital.Int(int64(v.spo2)))
		}
	}
	for _, r := range [...]vital.Reading{spo2, rate} {
		_, measured := r.Value()
		r.Arrived, r.MonitorTime, r.Aperiodic = now, v.at, v.spot
		r.Questionable = measured && v.questionable
		to.Reading(r)
	}
}

// The conditions the oximeter signals.
const (
	lowBattery = iota
	criticalBattery
	sensorOff
	sensorAlarm
)

var conditionText = [...]string{
	lowBattery:      "low battery",
	criticalBattery: "battery critical: switching off",
	sensorOff:       "sensor disconnected",
	sensorAlarm:     "sensor alarm",
}

// condition reports a condition when it begins or ends.
func (s *session) condition(now vital.Instant, which int, on bool, to devices.Sink) {
	if s.raised[which] == on {
		return
	}
	s.raised[which] = on
	to.Alarm(devices.Alarm{Arrived: now, Text: conditionText[which], Priority: devices.Low, Technical: true, Ended: !on})
}
