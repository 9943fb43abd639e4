package datex

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The host's side: it asks for numbers of all classes each second, for waves and
// for changes of alarms, and again for what does not come. A monitor that cannot
// send as often sends as often as it can.
const (
	retryAfter = 10 * time.Second
	askEvery   = 700 * time.Millisecond // between two requests
)

// The requests.
const (
	wantNumbers = iota
	wantWaves
	wantAlarms
	wants
)

// The waves asked for: ECG, pleth, P1, CO2 and breathing, 550 of the 600 samples a
// second that the line carries.
var wavesWanted = [...]byte{1, 8, 4, 9, 15}

var requests = [wants][]byte{
	appendFrame(nil, numbersRequest(1)),
	appendFrame(nil, wavesRequest()),
	appendFrame(nil, alarmsRequest()),
}

func request(kind int16, body int) []byte {
	b := make([]byte, headerSize+body)
	binary.LittleEndian.PutUint16(b[atLength:], uint16(len(b)))
	binary.LittleEndian.PutUint16(b[atKind:], uint16(kind))
	b[atSubs+3+2] = endOfSubs // one subrecord, of type 0 at 0
	return b
}

// numbersRequest asks for the numbers on the screen, all classes, every seconds.
func numbersRequest(seconds int) []byte {
	b := request(kindNumbers, 9)
	b[headerSize] = displayed
	binary.LittleEndian.PutUint16(b[headerSize+1:], uint16(seconds))
	binary.LittleEndian.PutUint32(b[headerSize+3:], 0x0e) // extended 1 to 3; basic is always there
	return b
}

func wavesRequest() []byte {
	b := request(kindWaves, 32)
	types := b[headerSize+4 : headerSize+12]
	for i := range types {
		types[i] = endOfSubs
	}
	copy(types, wavesWanted[:])
	return b
}

// alarmsRequest asks for every change of the alarm texts.
func alarmsRequest() []byte {
	b := request(kindAlarms, 12)
	binary.LittleEndian.PutUint16(b[headerSize:], 2)
	return b
}

type host struct {
	due   [wants]vital.Instant // when each request is due
	next  vital.Instant        // no request before
	begun bool
}

// heard puts off the request for what is coming.
func (h *host) heard(now vital.Instant, kind int16) {
	switch kind {
	case kindNumbers:
		h.due[wantNumbers] = now.Add(retryAfter)
	case kindWaves:
		h.due[wantWaves] = now.Add(retryAfter)
	}
}

// Poll gives the request that is due.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	if s.listenOnly {
		return nil, devices.Never
	}
	h := &s.host
	if !h.begun {
		h.begun, h.due, h.next = true, [wants]vital.Instant{now, now, now}, now
	}
	for want := range wants {
		if h.due[want] > now || h.next > now {
			continue
		}
		h.due[want], h.next = now.Add(retryAfter), now.Add(askEvery)
		if want == wantAlarms {
			h.due[want] = devices.Never
		}
		if want == wantNumbers && s.known {
			h.due[wantAlarms] = min(h.due[wantAlarms], now.Add(askEvery)) // it was switched off and on
		}
		return requests[want], h.next
	}
	return nil, max(h.next, min(h.due[wantNumbers], h.due[wantWaves], h.due[wantAlarms]))
}
