package capnostream

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a Capnostream 20. It speaks once it is told to, and stops when it
// has not heard of the host for five seconds.
type Simulator struct {
	Clock   time.Time // at instant 0
	line    deframer
	running bool
	heard   vital.Instant
	next    vital.Instant
	number  byte // of the next wave frame
	sent    int
	out     []byte
	reply   []byte
}

// NewSimulator is a monitor set to mmHg.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Receive takes what the host sent.
func (m *Simulator) Receive(now vital.Instant, b []byte) {
	for _, c := range b {
		code, _, o := m.line.add(c)
		if o != whole {
			continue
		}
		m.heard = now
		switch {
		case code == cmdEnable:
			m.reply = appendFrame(m.reply, codeItself, []byte("V45.67 02/24/2008 B300000001  ")...)
		case code == cmdStart && !m.running:
			m.running, m.next = true, now
		}
	}
}

// Poll gives the bytes that leave the monitor at now.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out, m.reply = append(m.out[:0], m.reply...), m.reply[:0]
	if m.running && now.Sub(m.heard) > 5*time.Second {
		m.running = false
	}
	if !m.running {
		return m.out, devices.Never
	}
	for ; m.next <= now; m.next = m.next.Add(time.Second / waveRate) {
		m.wave(m.next, body)
		if m.sent%waveRate == 0 {
			m.numbers(m.next, body)
		}
		m.sent++
		m.number++
	}
	return m.out, m.next
}

func (m *Simulator) wave(t vital.Instant, body devices.Body) {
	v, ok := body.Sample(vital.CO2, t)
	status := byte(0)
	if !ok {
		v, status = 0, fastInvalid|fastNoLine
	}
	n := int(min(max(v, 0), 150) * 256)
	m.out = appendFrame(m.out, codeWave, m.number, byte(n>>8), byte(n), status)
}

func (m *Simulator) numbers(t vital.Instant, body devices.Body) {
	d := make([]byte, numbersLeast)
	binary.BigEndian.PutUint32(d, uint32(m.Clock.Add(time.Duration(t)).Unix()))
	for at, sign := range map[int]vital.Sign{atEtCO2: vital.EtCO2, atFiCO2: vital.FiCO2, atRate: vital.RespRateCO2, atSpO2: vital.SpO2, atPulse: vital.PulseRate} {
		d[at] = none
		r := body.Reading(sign, t)
		if v, ok := r.Value(); ok {
			d[at] = byte(min(v.Float()+0.5, 254))
		} else if sign == vital.SpO2 && r.State() == vital.ProbeOff {
			d[atSpO2Alarm] |= oxiSensorOff
		}
	}
	d[atUnit] = unitMmHg
	m.out = appendFrame(m.out, codeNumbers, d...)
}
