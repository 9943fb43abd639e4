package berry

import (
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the oximeter's side. Set its fields before the first Poll.
type Simulator struct {
	Rate int // packets a second: 100, or 60 for the older boards

	started bool
	start   vital.Instant
	sent    int
	out     []byte
}

// NewSimulator is a BM1000.
func NewSimulator() *Simulator { return &Simulator{Rate: berryRate} }

// Receive takes what the host sent: the oximeter has no ears.
func (m *Simulator) Receive(vital.Instant, []byte) {}

// Poll gives the packets due at now.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.start = true, now
	}
	due := func() vital.Instant { return m.start.Add(time.Duration(m.sent) * time.Second / time.Duration(m.Rate)) }
	for due() <= now {
		m.emit(due(), body)
		m.sent++
	}
	return m.out, due()
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	spo2, pulse := body.Reading(vital.SpO2, t), body.Reading(vital.PulseRate, t)
	whole := func(r vital.Reading, none, most int) byte {
		if v, ok := r.Value(); ok {
			if n := int(math.Round(v.Float())); n >= 0 && n <= most {
				return byte(n)
			}
		}
		return byte(none)
	}
	head, bar := byte(0x80|6), byte(0)
	switch spo2.State() {
	case vital.Measured:
		if spo2.Questionable {
			head = 0x80 | 1
		}
	case vital.Disconnected, vital.NotMeasured:
		head |= bitUnplugged
	case vital.ProbeOff:
		bar |= bitNoFinger
	case vital.Searching:
		bar |= bitSearching
	default:
		head |= bitNoSignal
	}
	wave := byte(0)
	if level, ok := body.Sample(vital.Pleth, t); ok {
		wave = byte(min(max(level, 1), 100))
	}
	beats := whole(pulse, noPulse, noPulse-1)
	m.out = append(m.out, head, wave, bar|wave/10|beats>>7<<6, beats&0x7f, whole(spo2, noSpO2, 100))
}
