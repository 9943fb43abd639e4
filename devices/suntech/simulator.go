package suntech

import (
	"bytes"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a module that measures by itself once a minute, as if a nurse had
// pressed the button. It answers questions only.
type Simulator struct {
	// Error is the code of every result, 0 for good ones.
	Error byte
	heard []byte
	out   []byte
	from  vital.Instant // of the last measurement begun
	next  vital.Instant
	last  [resultSize]byte
	given bool
}

// NewSimulator is a module that begins its first measurement after five seconds.
func NewSimulator() *Simulator { return &Simulator{next: vital.Instant(5 * time.Second)} }

const (
	measureEvery = time.Minute
	measureFor   = 20 * time.Second
)

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) { m.heard = append(m.heard, b...) }

// Poll answers.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	for now >= m.next {
		m.from, m.given = m.next, false
		m.next = m.next.Add(measureEvery)
	}
	if m.from > 0 && !m.given && now.Sub(m.from) >= measureFor {
		m.given = true
		m.measure(now, body)
	}
	for {
		i := bytes.IndexByte(m.heard, fromHost)
		if i < 0 || len(m.heard) < i+len(askCuff) {
			return m.out, devices.Never
		}
		q := m.heard[i : i+len(askCuff)]
		switch {
		case bytes.Equal(q, askCuff):
			v := m.pressure(now)
			m.out = appendPacket(m.out, fromModule, cuffSize, byte(v), byte(v>>8))
		case bytes.Equal(q, askResult):
			m.out = appendPacket(m.out, fromModule, m.last[1:resultSize-1]...)
			if m.last[1] == 0 {
				m.out = m.out[:len(m.out)-resultSize]
				m.out = appendPacket(m.out, fromModule, append([]byte{resultSize}, make([]byte, resultSize-3)...)...)
			}
		default:
			m.heard = m.heard[i+1:]
			continue
		}
		m.heard = m.heard[i+len(askCuff):]
	}
}

// pressure rises to 160 mmHg in five seconds and falls to nothing.
func (m *Simulator) pressure(now vital.Instant) int {
	past := now.Sub(m.from)
	switch {
	case m.from == 0 || past >= measureFor:
		return 0
	case past < 5*time.Second:
		return int(past * 160 / (5 * time.Second))
	}
	return int((measureFor - past) * 160 / (15 * time.Second))
}

func (m *Simulator) measure(now vital.Instant, body devices.Body) {
	m.last = [resultSize]byte{fromModule, resultSize}
	m.last[atError] = m.Error
	m.last[22] = byte(now.Sub(0) / measureEvery) // so that no two results are the same
	for at, sign := range map[int]vital.Sign{atSys: vital.NIBPSys, atDia: vital.NIBPDia, atMean: vital.NIBPMean, atRate: vital.PulseRateNIBP} {
		v, ok := body.Reading(sign, now).Value()
		if !ok {
			m.last[atError] = max(m.last[atError], 1)
			continue
		}
		n := int(v.Float() + 0.5)
		m.last[at], m.last[at+1] = byte(n), byte(n>>8)
	}
}
