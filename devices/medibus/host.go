package medibus

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

const (
	openEvery = 2 * time.Second
	// A device closes a conversation in which it heard nothing for three seconds.
	answerFor = 2 * time.Second
	roundFor  = time.Second // between rounds of questions
)

type host struct {
	open   bool
	asked  byte // awaiting the answer to; 0 for nothing
	step   int
	due    vital.Instant
	enable bool // the curves are agreed: the stream is to be enabled
	missed int
	owed   [8]byte // the device's commands to answer
	owes   int
	out    []byte
}

// The questions: some once, then the rest again and again.
var (
	once  = [...]byte{askDevice, askCurves, setCurves}
	again = [...]byte{askData1, askAlarms1, askData2, askAlarms2}
)

func (h *host) commanded(code byte) {
	if h.owes < len(h.owed) {
		h.owed[h.owes] = code
		h.owes++
	}
}

func (h *host) answered(now vital.Instant, code byte) {
	if code == icc {
		h.open, h.asked, h.step, h.due, h.missed = true, 0, 0, now, 0
		return
	}
	if code == setCurves {
		h.enable = true
	}
	if code == h.asked || code == nak {
		h.next(now)
	}
}

func (h *host) next(now vital.Instant) {
	h.asked, h.due, h.missed = 0, now, 0
	if h.step++; h.step == len(once)+len(again) {
		h.step, h.due = len(once), now.Add(roundFor)
	}
}

// Poll gives what must be sent now.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, due vital.Instant) {
	h := &s.host
	if s.listenOnly {
		return nil, devices.Never
	}
	h.out = h.out[:0]
	for _, code := range h.owed[:h.owes] {
		if code == icc {
			h.open = true
		}
		h.out = appendTelegram(h.out, soh, code)
	}
	h.owes = 0
	if h.enable {
		h.enable = false
		h.out = append(h.out, 0xd0, 0xc3, 0xc0, 0xc2, 0xc0, 0xc1, 0xc0|byte(1)<<s.stream.wants-1, 0xc0, 0xc0)
	}
	if now < h.due {
		return h.out, h.due
	}
	if h.asked != 0 {
		if h.missed++; h.missed >= 2 {
			h.open = false
		}
		h.step = (h.step + 1) % (len(once) + len(again))
	}
	if !h.open {
		h.asked, h.due, h.step = 0, now.Add(openEvery), 0
		return append(h.out, askICC...), h.due
	}
	if h.step < len(once) {
		h.asked = once[h.step]
	} else {
		h.asked = again[h.step-len(once)]
	}
	h.due = now.Add(answerFor)
	if h.asked != setCurves {
		h.out = appendTelegram(h.out, esc, h.asked)
		return h.out, h.due
	}
	if s.stream.wants == 0 {
		h.next(now)
		return h.out, h.due
	}
	var pairs [4 * slots]byte
	const digits = "0123456789ABCDEF"
	for i, code := range s.stream.wanted[:s.stream.wants] {
		copy(pairs[4*i:], []byte{digits[code>>4], digits[code&15], '0', '1'})
	}
	h.out = appendTelegram(h.out, esc, setCurves, pairs[:4*s.stream.wants]...)
	return h.out, h.due
}
