package ultra2

import (
	"bytes"
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a meter with one result of the body it is polled with and some
// older ones. It speaks only when asked.
type Simulator struct {
	Clock time.Time // at instant 0
	heard []byte
	out   []byte
}

// NewSimulator is a meter.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) { m.heard = append(m.heard, b...) }

const results = 8

// Poll answers.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	for {
		command, rest, ok := bytes.Cut(m.heard, []byte{'\r'})
		if !ok {
			return m.out, devices.Never
		}
		switch string(bytes.Trim(command, "\x11")) {
		case "DM@":
			m.say(`@ "TESTSER1Y"`)
		case "DM?":
			m.say("?P02.00.00 30/08/06")
		case "DMP":
			m.say(fmt.Sprintf(`P %03d,"TESTSER1Y","MG/DL "`, results))
			for i := range results {
				at := m.Clock.Add(time.Duration(now).Truncate(time.Minute) - time.Duration(i)*time.Hour)
				value := "HIGH"
				if v, ok := body.Reading(vital.Glucose, now).Value(); ok {
					value = fmt.Sprintf(" %03d", int(v.Float()+0.5)+i)
				}
				m.say(fmt.Sprintf(`P "SAT","%s","%s   "," %s ","N","00", 00`, at.Format("01/02/06"), at.Format("15:04:05"), value))
			}
		}
		m.heard = rest
	}
}

func (m *Simulator) say(t string) {
	m.out = fmt.Appendf(m.out, "%s %04X\r\n", t, sum([]byte(t)))
}
