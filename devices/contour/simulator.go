package contour

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a meter that is plugged in anew every ten seconds: it sends its
// header by itself and, once it is acknowledged, its results.
type Simulator struct {
	Clock time.Time // at instant 0
	Unit  vital.Unit
	next  vital.Instant
	step  int // of the transfer; 0 while it waits
	heard byte
	out   []byte
}

// NewSimulator is a meter set to mg/dL.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Unit: vital.MgPerDL}
}

const (
	transferEvery = 10 * time.Second
	held          = 5 // results
)

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) {
	for _, c := range b {
		if c == ack || c == nak {
			m.heard = c
		}
	}
}

// Poll gives what is to be sent.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	if now >= m.next {
		m.out = append(m.out, eot)
		m.frame(1, `H|\^&||000000|Contour7390^01.24\01.04\09.02.20^7390-0000001^7403-|A=1^C=63^G=1|5||||||1|`+m.Clock.Format("200601021504"))
		m.out = append(m.out, enq)
		m.step, m.heard = 1, 0
		m.next = m.next.Add(transferEvery)
		return m.out, m.next
	}
	if m.step == 0 || m.heard == 0 {
		return m.out, m.next
	}
	if m.heard == ack {
		m.step++
	}
	m.heard = 0
	i := m.step - 3 // results follow the patient's empty record
	switch {
	case m.step == 2:
		m.frame(m.step, "P|1")
	case i < held:
		at := m.Clock.Add(time.Duration(now).Truncate(time.Minute) - time.Duration(i)*time.Hour)
		value, flags := "600", ">"
		if v, ok := body.Reading(vital.Glucose, now).Value(); ok {
			value, flags = fmt.Sprint(int(v.Float()+0.5)+i), ""
			if m.Unit == vital.MmolPerL {
				value = fmt.Sprintf("%.1f", v.Float()/18.0156)
			}
		}
		m.frame(m.step, fmt.Sprintf("R|%d|^^^Glucose|%s|%s^P||%s||%s", i+1, value, m.Unit, flags, at.Format("200601021504")))
	case i == held:
		m.frame(m.step, "L|1||N")
	default:
		m.out = append(m.out, eot)
		m.step = 0
	}
	return m.out, m.next
}

func (m *Simulator) frame(n int, text string) {
	at := len(m.out)
	m.out = append(m.out, stx, byte('0'+n%8))
	m.out = append(append(m.out, text...), '\r', etx)
	sum := byte(0)
	for _, c := range m.out[at+1:] {
		sum += c
	}
	m.out = fmt.Appendf(m.out, "%02X\r\n", sum)
}
