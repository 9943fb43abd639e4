package intellivue

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// associate asks for an association with long polls, waves among them: the session
// and presentation headers of ISO 8327 and 8823 as VSCaptureMP and OpenICE send
// them, then protocol version 1, a poll profile of at least 125 ms between results,
// and what the host takes.
var associate = []byte{
	0x0d, 0xec, 0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02,
	0xc1, 0xdc, 0x31, 0x80, 0xa0, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0xa2, 0x80, 0xa0, 0x03, 0x00,
	0x00, 0x01, 0xa4, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x06, 0x04, 0x52, 0x01, 0x00, 0x01, 0x30,
	0x80, 0x06, 0x02, 0x51, 0x01, 0x00, 0x00, 0x00, 0x00, 0x30, 0x80, 0x02, 0x01, 0x02, 0x06, 0x0c,
	0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x01, 0x30, 0x80, 0x06, 0x0c,
	0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xa0, 0x80, 0x60, 0x80, 0xa1, 0x80, 0x06,
	0x0c, 0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0xbe,
	0x80, 0x28, 0x80, 0x06, 0x0c, 0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01,
	0x01, 0x02, 0x01, 0x02, 0x81, 0x48, 0x80, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x00, 0x2c, 0x00, 0x01, 0x00, 0x28, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xe8, 0x00, 0x00,
	0x09, 0xc4, 0x00, 0x00, 0x03, 0xe8, 0xff, 0xff, 0xff, 0xff, 0x60, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x00, 0x0c, 0xf0, 0x01, 0x00, 0x08, 0x8c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
}

var askAssociation = appendFrame(nil, associate)

const (
	associateEvery = 5 * time.Second
	// A monitor forgets a host that was silent for ten seconds.
	aliveEvery = 4 * time.Second
	// A poll gives results for ten minutes.
	renewEvery = 9 * time.Minute
	pollFor    = 600 * 8000 // 1/8 ms
	// Without a result for this long the association is taken for lost.
	silentFor = 12 * time.Second
	// Results of each kind come each second. A request or an answer may be lost on
	// its way: a kind of which nothing came for this long is asked for again.
	missedFor = 5 * time.Second
	// A monitor that announces itself to all has no association, unless a result
	// came this shortly before.
	announcedFor = 2 * time.Second
)

type stage uint8

const (
	idle stage = iota
	waiting
	polling
)

type host struct {
	stage  stage
	due    vital.Instant // of the next association request or sign of life
	renew  vital.Instant
	heard  vital.Instant             // the last result
	asked  [len(polls)]vital.Instant // when each kind is due to be asked for again
	invoke uint16
	answer []byte // to the monitor's announcement
	out    []byte
	ends   []int // of out's messages that have not left; on a network each is a datagram
	plain  []byte
}

var polls = [...]struct{ kind, group uint16 }{{kindNumbers, 0}, {kindWaves, 0}, {kindAlarms, 0x0801}}

func (h *host) associated(now vital.Instant) {
	h.stage, h.due, h.heard = waiting, now.Add(associateEvery), now
}

// forgotten notes that the monitor announces itself to all.
func (h *host) forgotten(now vital.Instant) {
	if h.stage != idle && now.Sub(h.heard) >= announcedFor {
		h.stage, h.due = idle, now
	}
}

// told notes a result of a kind.
func (h *host) told(now vital.Instant, kind uint16) {
	for i, p := range polls {
		if p.kind == kind {
			h.asked[i] = now.Add(missedFor)
		}
	}
}

func (h *host) lost(now vital.Instant) { h.stage, h.due = idle, now.Add(associateEvery) }

// created prepares the answer to the monitor's announcement.
func (h *host) created(now vital.Instant, invoke, class, context, handle uint16) {
	a := append(h.answer[:0], sessionData, 0, 0, 2, 0, opResult, 0, 20)
	for _, v := range [...]uint16{invoke, 1, 14, class, context, handle, 0, 0, eventCreate, 0} {
		a = binary.BigEndian.AppendUint16(a, v)
	}
	h.answer = a
	h.stage, h.due, h.renew, h.heard = polling, now.Add(aliveEvery), now.Add(renewEvery), now
	h.asked = [len(polls)]vital.Instant{}
}

// Poll gives what must be sent now; on a network one message at a time.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	h := &s.host
	if s.listenOnly {
		return nil, devices.Never
	}
	from := 0
	if len(h.ends) > 1 { // the first of them left before
		from, h.ends, again = h.ends[0], h.ends[1:], now
	} else {
		h.out, h.ends = h.out[:0], h.ends[:0]
		again = s.say(now)
	}
	if len(h.ends) > 1 {
		again = now
	}
	if len(h.ends) > 0 {
		return h.out[from:h.ends[0]], again
	}
	return h.out, again
}

// say puts what is due now into what leaves.
func (s *session) say(now vital.Instant) (again vital.Instant) {
	h := &s.host
	if len(h.answer) > 0 {
		s.send(h.answer)
		h.answer = h.answer[:0]
	}
	if h.stage == polling && now.Sub(h.heard) >= silentFor {
		h.stage, h.due = idle, now
	}
	switch h.stage {
	case idle, waiting:
		if now >= h.due {
			h.stage, h.due = idle, now.Add(associateEvery)
			s.send(associate)
		}
		return h.due
	}
	if now >= h.renew {
		h.asked, h.renew = [len(polls)]vital.Instant{}, now.Add(renewEvery)
	}
	again = min(h.renew, h.heard.Add(silentFor))
	for i, p := range polls {
		if now >= h.asked[i] {
			h.asked[i] = now.Add(missedFor)
			s.send(h.request(actionPollLong, p.kind, p.group))
		}
		again = min(again, h.asked[i])
	}
	if now >= h.due {
		h.due = now.Add(aliveEvery)
		s.send(h.request(actionPoll, classMDS, 0))
	}
	return min(again, h.due)
}

// request is a poll for a kind of object.
func (h *host) request(action, kind, group uint16) []byte {
	h.invoke++
	long := action == actionPollLong
	args := uint16(8)
	if long {
		args = 20
	}
	m := append(h.plain[:0], sessionData, 0, 0, 2)
	for _, v := range [...]uint16{opInvoke, 20 + args, h.invoke, 7, 14 + args, classMDS, 0, 0, 0, 0, action, args, h.invoke, partition, kind, group} {
		m = binary.BigEndian.AppendUint16(m, v)
	}
	if long {
		for _, v := range [...]uint16{1, 8, 0xf13e, 4} {
			m = binary.BigEndian.AppendUint16(m, v)
		}
		m = binary.BigEndian.AppendUint32(m, pollFor)
	}
	h.plain = m
	return m
}

// send adds a message to what leaves.
func (s *session) send(message []byte) {
	if s.network {
		s.host.out = append(s.host.out, message...)
		s.host.ends = append(s.host.ends, len(s.host.out))
		return
	}
	s.host.out = appendFrame(s.host.out, message)
}
