package lifescan

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

const (
	everyFor   = 10 * time.Second // between looks for a new result
	retryAfter = time.Second
)

// What the host asks, in order.
type stage uint8

const (
	resetting stage = iota
	version
	serial
	count
	firstRecord
	lastRecord
	resting
)

type host struct {
	stage    stage
	due      vital.Instant
	tried    int
	records  int
	sent     bool // our next frame's number bit
	expected bool // that of the meter's next
	ack      bool
	out      [2 * frameMost]byte
}

// got follows the meter's numbering of frames.
func (h *host) got(link byte, m []byte) {
	if link&linkReset != 0 {
		h.sent, h.expected = false, false
		if h.stage == resetting {
			h.stage, h.due, h.tried = version, 0, 0
		}
		return
	}
	if link&linkAck == 0 && len(m) > 0 && m[0] == ultra {
		h.expected = link&linkSent == 0
		h.ack = true
	}
}

// answered goes on to the next question.
func (h *host) answered(now vital.Instant) {
	h.sent = !h.sent
	h.due, h.tried = now, 0
	switch h.stage {
	case resting:
	case lastRecord:
		h.stage, h.due = resting, now.Add(everyFor)
	default:
		h.stage++
	}
}

func (h *host) counted(now vital.Instant, n int) {
	h.records = n
	if h.stage != count {
		return
	}
	h.answered(now)
	if n == 0 {
		h.stage, h.due = resting, now.Add(everyFor)
	}
}

// Poll gives what must be sent now.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	h := &s.host
	if s.listenOnly {
		return nil, devices.Never
	}
	send = h.out[:0]
	if h.ack {
		h.ack = false
		send = appendFrame(send, linkAck|h.bits())
	}
	if now < h.due {
		return send, h.due
	}
	if h.stage == resting {
		h.stage, h.tried = count, 0
	}
	if h.tried == 3 {
		h.stage, h.tried, h.due = resetting, 0, now.Add(everyFor)
		return send, h.due
	}
	h.tried++
	h.due = now.Add(retryAfter)
	switch {
	case h.stage == resetting && h.tried < 3 && s.family != verio:
		return appendFrame(send, linkReset), h.due
	case h.stage == resetting: // a Verio knows no reset
		h.stage, h.tried = version, 0
	}
	send = s.ask(send)
	return send, h.due
}

func (h *host) bits() (b byte) {
	if h.sent {
		b |= linkSent
	}
	if h.expected {
		b |= linkExpect
	}
	return b
}

// ask adds the question of this stage to send; of both kinds of meter while it is
// not known which it is.
func (s *session) ask(send []byte) []byte {
	h := &s.host
	last := h.records - 1
	if s.family != verio {
		switch h.stage {
		case version:
			send = appendFrame(send, h.bits(), ultra, 0x0d, 0x02)
		case serial:
			send = appendFrame(send, h.bits(), ultra, 0x0b, 0x02, 0, 0, 0, 0, 0x84, 0x6a, 0xe8, 0x73, 0)
		case count:
			send = appendFrame(send, h.bits(), ultra, 0x1f, 0xf5, 0x01)
		case firstRecord:
			send = appendFrame(send, h.bits(), ultra, 0x1f, 0, 0)
		case lastRecord:
			send = appendFrame(send, h.bits(), ultra, 0x1f, byte(last), byte(last>>8))
		}
	}
	if s.family != ultra {
		switch h.stage {
		case version:
			send = appendFrame(send, 0, verio, 0x0d, 0x01)
		case serial:
			send = appendFrame(send, 0, verio, 0x0b, 0x01, 0x02)
		case count:
			send = appendFrame(send, 0, verio, 0x27, 0)
		case firstRecord:
			send = appendFrame(send, 0, verio, 0x21, 0, 0)
		case lastRecord:
			send = appendFrame(send, 0, verio, 0x21, byte(last), byte(last>>8))
		}
	}
	return send
}
