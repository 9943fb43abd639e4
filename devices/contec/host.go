package contec

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The host's commands: type 7D, 81, the command and six parameters. The vendor's
// document lets an oximeter stop that hears nothing for 5 s.
const (
	heartbeatEvery = 3 * time.Second
	// An oximeter silent for this long was switched off and on, or needs to be
	// started again.
	silentFor = 2 * time.Second

	opLive      = 0xa1
	opLength    = 0xa4
	opStart     = 0xa5
	opRead      = 0xa6
	opDevice    = 0xaa
	opHeartbeat = 0xaf
)

func command(op byte) []byte {
	return []byte{typeCommand, 0x81, op, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}
}

var (
	askLive      = command(opLive)
	askDevice    = command(opDevice)
	askHeartbeat = command(opHeartbeat)
	askLength    = command(opLength)
	askStart     = command(opStart)
	askRead      = command(opRead)
	// askLegacy is the older protocol's request for its memory.
	askLegacy = []byte{0xf5, 0xf5}
)

type host struct {
	heard   vital.Instant // the last packet
	due     vital.Instant // the next heartbeat or request
	named   bool          // the name was asked for
	started bool
	next    []byte // of a download
	legacy  bool   // the older request was tried
	done    bool
}

// advance goes on with a download after an answer.
func (h *host) advance(now vital.Instant, kind byte, m *memory) {
	switch kind {
	case typeLength:
		h.next, h.due = askStart, now
	case typeTime:
		h.next, h.due = askRead, now
	}
	h.done = h.done || m.whole() && kind != typeLength
}

// Poll gives the command that is due.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	h := &s.host
	if s.listenOnly {
		return nil, devices.Never
	}
	if s.stored {
		return s.pollStored(now)
	}
	if s.format == Legacy {
		return nil, now.Add(silentFor) // it only talks
	}
	if now < h.due && (!h.started || now.Sub(h.heard) < silentFor) {
		return nil, h.due
	}
	h.due = now.Add(heartbeatEvery)
	switch {
	case !h.started || now.Sub(h.heard) >= silentFor:
		h.started, h.named = true, false
		h.due = now.Add(silentFor)
		h.heard = now
		return askLive, h.due
	case !h.named:
		h.named = true
		return askDevice, h.due
	}
	return askHeartbeat, h.due
}

// pollStored asks for the length, the start and the content of the recording; of
// an oximeter that does not know these, by the older request.
func (s *session) pollStored(now vital.Instant) (send []byte, again vital.Instant) {
	h := &s.host
	if h.done {
		return nil, devices.Never
	}
	if now < h.due {
		return nil, h.due
	}
	h.due = now.Add(silentFor)
	switch {
	case h.next != nil && s.memory.records == 0:
		return h.next, h.due
	case h.next != nil:
		return askHeartbeat, h.due
	case !h.started:
		h.started = true
		return askLength, h.due
	}
	h.started, h.legacy = false, true
	return askLegacy, h.due
}
