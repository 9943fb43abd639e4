package nonin

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The host's side of a two-way monitor. It asks for the serial number; only a
// monitor that answers is asked for more and told to use format 7. One that sends
// finished measurements (format 13) was set so by a person and is left so.
const (
	retryAfter = 5 * time.Second
	tries      = 3
	// A two-way monitor silent for this long may have been switched off and on,
	// and forgets the format then.
	silentFor = 3 * time.Second
)

type host struct {
	answer byte // to send at once: ack or nak
	stage  stage
	twoWay bool // it has answered
	tried  int
	due    vital.Instant
	sent   [8]byte
}

type stage uint8

const (
	askingSerial stage = iota
	askingType
	settingFormat
	settled
)

// Poll gives what must be sent now.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	h := &s.host
	if s.listenOnly {
		return nil, devices.Never
	}
	if h.answer != 0 {
		h.sent[0], h.answer = h.answer, 0
		return h.sent[:1], now
	}
	if h.stage == settingFormat && (s.format == DF7 || s.format == DF2 || s.format == DF13) {
		h.stage = settled
	}
	if h.stage == settled {
		if !h.twoWay || s.was == DF13 || s.format == DF13 {
			return nil, devices.Never
		}
		if until := s.heard.Add(silentFor); now < until {
			return nil, until
		}
		h.next(now, settingFormat)
	}
	if now < h.due {
		return nil, h.due
	}
	if h.tried == tries {
		h.next(now, settled)
		s.heard = now
		return nil, now.Add(silentFor)
	}
	h.tried++
	h.due = now.Add(retryAfter)
	return [...][]byte{askSerial, askType, askFormat7}[h.stage], h.due
}

func (h *host) next(now vital.Instant, to stage) { h.stage, h.tried, h.due = to, 0, now }

// control takes an answer of a two-way monitor at the front of b. wait says that
// it may be one that is not whole yet.
func (s *session) control(now vital.Instant, b []byte, to devices.Sink) (n int, wait bool) {
	switch {
	case s.format == Text:
		return 0, false
	case b[0] == ack || b[0] == nak:
		return 1, false
	}
	op, data, n := parseReply(b)
	if n == 0 {
		return 0, prefixOfReply(b)
	}
	s.skipping, s.host.twoWay = false, true
	switch op {
	case opSerial:
		if text := serialText(data); text != "" && text != s.who.Serial {
			s.who.Serial = text
			to.Monitor(s.who)
		}
		if s.host.stage == askingSerial {
			s.host.next(now, askingType)
		}
	case opType:
		if name := model(data); name != "" {
			s.who.Model = name
			to.Monitor(s.who)
		}
		if s.host.stage == askingType {
			s.host.next(now, settingFormat)
		}
	default:
		s.counters.Unknown++
	}
	return n, false
}
