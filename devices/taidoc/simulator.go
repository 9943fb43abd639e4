package taidoc

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a meter that measures the body it is polled with once a minute and
// holds three results. It speaks only when asked.
type Simulator struct {
	Clock time.Time // at instant 0
	heard []byte
	out   []byte
}

// NewSimulator is a TD-4277.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) { m.heard = append(m.heard, b...) }

// Poll answers.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	for len(m.heard) >= frameSize {
		if !good(m.heard) || m.heard[6] != fromHost {
			m.heard = m.heard[1:]
			continue
		}
		m.answer(now, body)
		m.heard = m.heard[frameSize:]
	}
	return m.out, devices.Never
}

func (m *Simulator) answer(now vital.Instant, body devices.Body) {
	op, i := m.heard[1], time.Duration(m.heard[2])
	taken := now - now%vital.Instant(time.Minute)
	var d [4]byte
	switch op {
	case opConnect:
	case opModel:
		d = [4]byte{0x77, 0x42}
	case opCount:
		d[0] = 3
	case opTime:
		at := m.Clock.Add(time.Duration(taken) - i*time.Hour)
		day := (at.Year()-2000)<<9 | int(at.Month())<<5 | at.Day()
		d = [4]byte{byte(day), byte(day >> 8), byte(at.Minute()), byte(at.Hour())}
	case opValue:
		value := 0
		if v, ok := body.Reading(vital.Glucose, taken).Value(); ok {
			value = int(v.Float()+0.5) + int(i)
		}
		d[0], d[1] = byte(value), byte(value>>8)
	default:
		return
	}
	f := frame(op, d[0], d[1], d[2], d[3], fromMeter)
	m.out = append(m.out, f[:]...)
}
