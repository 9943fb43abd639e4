package medibus

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a ventilator. It speaks once it was opened, and forgets a host that
// says nothing for three seconds.
type Simulator struct {
	// Alarm is a phrase it signals, "" for none.
	Alarm   string
	heard   []byte
	open    bool
	last    vital.Instant
	chosen  []byte
	enabled bool
	next    vital.Instant
	out     []byte
}

// NewSimulator is a ventilator without an alarm.
func NewSimulator() *Simulator { return &Simulator{} }

// Receive takes what the host sent.
func (m *Simulator) Receive(now vital.Instant, b []byte) {
	m.last = now
	for _, c := range b {
		if c >= 0x80 {
			m.enabled = m.enabled || len(m.chosen) > 0 && c == 0xd0
			continue
		}
		if c == esc { // whatever stood before was no command
			i := len(m.heard)
			for i > 0 && m.heard[i-1] != cr {
				i--
			}
			m.heard = m.heard[:i]
		}
		m.heard = append(m.heard, c)
	}
}

// offered are its curves: code, samples a second, least and most.
var offered = [...]struct {
	code      byte
	low, high int
}{{0x00, -10, 100}, {0x02, 0, 100}, {0x06, 0, 100}}

const interval = 20 * time.Millisecond

// Poll gives the bytes that leave the device at now.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	if m.open && now.Sub(m.last) > 3*time.Second {
		m.open, m.enabled, m.chosen = false, false, nil
	}
	start := 0
	for i, c := range m.heard {
		if c == cr {
			m.command(now, m.heard[start:i], body)
			start = i + 1
		}
	}
	m.heard = m.heard[start:]
	if !m.open || !m.enabled {
		return m.out, devices.Never
	}
	if m.next+vital.Instant(time.Second) < now {
		m.next = now
	}
	for ; m.next <= now; m.next = m.next.Add(interval) {
		m.sample(m.next, body)
	}
	return m.out, m.next
}

func (m *Simulator) command(now vital.Instant, b []byte, body devices.Body) {
	if len(b) == 0 || b[0] != esc {
		return
	}
	code, data, ok := parse(b)
	if !ok || !m.open && code != icc {
		return
	}
	var answer []byte
	switch code {
	case icc:
		m.open = true
	case askDevice:
		answer = []byte("8210'Evita Sim'01.00:03.00")
	case askData1:
		answer = m.data(now, body)
	case askAlarms1:
		if m.Alarm != "" {
			answer = fmt.Appendf(nil, "905%-12.12s", m.Alarm)
		}
	case askCurves:
		for _, c := range offered {
			answer = fmt.Appendf(answer, "%02X%8d%5d%5d%03X", c.code, interval.Microseconds(), c.low, c.high, 0xfff)
		}
	case setCurves:
		m.chosen = nil
		for i := 0; i+4 <= len(data); i += 4 {
			c, _ := hex(data[i : i+2])
			m.chosen = append(m.chosen, byte(c))
		}
		m.next = now
	case askData2, askAlarms2, nop:
	default:
		m.out = appendTelegram(m.out, soh, nak)
		return
	}
	m.out = appendTelegram(m.out, soh, code, answer...)
}

var reported = [...]struct {
	code byte
	sign vital.Sign
}{{0xeb, vital.SpO2}, {0xe1, vital.PulseRate}, {0xe6, vital.EtCO2}, {0xe5, vital.FiCO2}, {0xd6, vital.RespRateAirway}, {0x78, vital.PEEP}, {0xf0, vital.FiO2}}

func (m *Simulator) data(t vital.Instant, body devices.Body) (b []byte) {
	for _, r := range reported {
		text := "    "
		if v, ok := body.Reading(r.sign, t).Value(); ok {
			text = fmt.Sprintf("%4d", int(v.Float()+0.5))
		}
		b = fmt.Appendf(b, "%02X%4.4s", r.code, text)
	}
	return b
}

func (m *Simulator) sample(t vital.Instant, body devices.Body) {
	m.out = append(m.out, 0xd0|byte(1)<<len(m.chosen)-1)
	for _, code := range m.chosen {
		v := 0.0
		low, high := 0, 100
		for _, o := range offered {
			if o.code == code {
				low, high = o.low, o.high
			}
		}
		for _, c := range curves {
			if c.code == code {
				v, _ = body.Sample(c.lead, t)
			}
		}
		n := int(min(max((v-float64(low))/float64(high-low), 0), 1) * 0xfff)
		m.out = append(m.out, 0x80|byte(n&0x3f), 0x80|byte(n>>6))
	}
}
