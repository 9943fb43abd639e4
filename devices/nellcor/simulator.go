package nellcor

import (
	"fmt"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the oximeter's side. Set its fields before the first Poll.
type Simulator struct {
	Model string
	Clock time.Time // at instant 0

	started bool
	start   vital.Instant
	sent    int
	out     []byte
}

// NewSimulator is an N-560.
func NewSimulator() *Simulator {
	return &Simulator{Model: "N-560", Clock: time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)}
}

const (
	every    = 2 * time.Second
	pageSize = 25 // lines below a heading
)

// Receive takes what the host sent: the oximeter has no ears.
func (m *Simulator) Receive(vital.Instant, []byte) {}

// Poll gives a line every two seconds.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.start = true, now
	}
	due := func() vital.Instant { return m.start.Add(time.Duration(m.sent) * every) }
	for due() <= now {
		m.emit(due(), body)
		m.sent++
	}
	return m.out, due()
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	if m.sent%pageSize == 0 {
		m.out = fmt.Appendf(m.out, "%-8s VERSION 1.61.00    CRC:XXXX  SpO2 Limit: 85-100%%    PR Limit: 40-170BPM\r\n", m.Model)
		m.out = append(m.out, "                             ADULT           0SAT-S\r\nTIME                 %SpO2   BPM     PA     Status\r\n"...)
	}
	text := func(s vital.Sign) string {
		if v, ok := body.Reading(s, t).Value(); ok {
			if n := int(math.Round(v.Float())); n >= 0 && n <= 999 {
				return fmt.Sprint(n)
			}
		}
		return "---"
	}
	amplitude, code := "---", ""
	switch r := body.Reading(vital.SpO2, t); r.State() {
	case vital.Measured:
		amplitude = "88"
		if r.Questionable {
			code = "MO"
		}
	case vital.Disconnected, vital.NotMeasured:
		code = "SD"
	case vital.ProbeOff:
		code = "SO"
	case vital.Artefact:
		code = "LM"
	default:
		code = "PS"
	}
	m.out = fmt.Appendf(m.out, "%s %5s %7s %7s    %-15sAO\r\n", m.Clock.Add(time.Duration(t)).Format("02-Jan-06 15:04:05"), text(vital.SpO2), text(vital.PulseRate), amplitude, code)
}
