package lifescan

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a meter that holds a few results, the newest of them measured on
// the body it is polled with, once a minute. It speaks only when asked.
type Simulator struct {
	Verio bool
	Clock time.Time // at instant 0
	// Control marks the newest result as of control solution (Verio only).
	Control bool
	body    devices.Body
	now     vital.Instant
	sent    bool
	heard   []byte
	out     []byte
}

// NewSimulator is an UltraMini, or a Verio IQ.
func NewSimulator(isVerio bool) *Simulator {
	return &Simulator{Verio: isVerio, Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) { m.heard = append(m.heard, b...) }

// Poll answers.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out, m.now, m.body = m.out[:0], now, body
	for len(m.heard) > 0 {
		link, message, n, _ := parse(m.heard)
		switch {
		case n == 0:
			return m.out, devices.Never
		case n < 0:
			n = 1
		default:
			m.answer(link, message)
		}
		m.heard = m.heard[n:]
	}
	return m.out, devices.Never
}

const simulated = 3 // records held

func (m *Simulator) answer(link byte, q []byte) {
	switch {
	case link&linkReset != 0 && !m.Verio:
		m.sent = false
		m.out = appendFrame(m.out, linkReset|linkAck)
		return
	case len(q) < 2 || link&linkAck != 0:
		return
	}
	family, record, readCount := byte(ultra), byte(0x1f), byte(0x1f)
	if m.Verio {
		family, record, readCount = verio, 0x21, 0x27
	}
	if q[0] != family {
		return
	}
	if !m.Verio {
		m.out = appendFrame(m.out, linkAck|link&linkSent<<1)
	}
	r := []byte{family, 0x06}
	isCount := q[1] == readCount && (m.Verio || len(q) == 4 && q[2] == 0xf5 && q[3] == 0x01)
	switch {
	case isCount && m.Verio:
		r = append(r, simulated, 0)
	case isCount:
		r = []byte{family, 0x0f, simulated, 0}
	case q[1] == record && len(q) == 4:
		r = m.record(r, int(q[2]))
	case q[1] == 0x0d && m.Verio:
		r = append(append(append(r, 8), "V01.02.0"...), 0)
	case q[1] == 0x0d:
		r = append(append(r, 17), "P02.00.0030/08/06"...)
	case q[1] == 0x0b && m.Verio:
		r = append(append(r, "TESTSER01"...), 0)
	case q[1] == 0x0b:
		r = append(r, "TESTSER01"...)
	default:
		return
	}
	bits := byte(0)
	if m.sent && !m.Verio {
		bits = linkSent
	}
	m.sent = !m.sent
	m.out = appendFrame(m.out, bits, r...)
}

// record is result i, 0 the newest; each a minute older.
func (m *Simulator) record(r []byte, i int) []byte {
	taken := m.now - m.now%vital.Instant(time.Minute)
	at := m.Clock.Add(time.Duration(taken) - time.Duration(i)*time.Minute).Unix()
	value := uint32(high)
	if v, ok := m.body.Reading(vital.Glucose, taken).Value(); ok {
		value = uint32(v.Float()+0.5) + uint32(i)
	}
	if !m.Verio {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(r, uint32(at)), value)
	}
	r = binary.LittleEndian.AppendUint32(r, uint32(at-verioEpoch))
	r = binary.LittleEndian.AppendUint16(r, uint16(value))
	control := byte(0)
	if m.Control && i == 0 {
		control = 1
	}
	return append(r, control, 0, 0, 0)
}
