package masimo

import (
	"fmt"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Model is a dialect.
type Model uint8

// The dialects.
const (
	Rad8     Model = iota
	Rad5           // no serial number
	Radical7       // colour: more words, PI without percent sign
)

// A Simulator is the oximeter's side. Set its fields before the first Poll.
type Simulator struct {
	Model  Model
	Serial string
	Clock  time.Time // at instant 0
	Alarm  uint32    // bits sent as they are

	started bool
	start   vital.Instant
	sent    int
	out     []byte
}

// NewSimulator is an oximeter of that dialect.
func NewSimulator(m Model) *Simulator {
	return &Simulator{Model: m, Serial: "0000056661", Clock: time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)}
}

// Receive takes what the host sent: the oximeter has no ears.
func (m *Simulator) Receive(vital.Instant, []byte) {}

// Poll gives the line of each second.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.start = true, now
	}
	due := func() vital.Instant { return m.start.Add(time.Duration(m.sent) * time.Second) }
	for due() <= now {
		m.emit(due(), body)
		m.sent++
	}
	return m.out, due()
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	// text is the sign's value with width characters and places after the point.
	text := func(s vital.Sign, width, places int) string {
		v, ok := body.Reading(s, t).Value()
		if x := v.Float(); ok && x >= 0 && x < math.Pow10(width) {
			if whole := fmt.Sprintf("%0*.*f", width, places, x); len(whole) == width {
				return whole
			}
		}
		dashes := []byte("----------")[:width]
		if places > 0 {
			dashes[width-places-1] = '.'
		}
		return string(dashes)
	}
	exc := uint32(excSET)
	sat := body.Reading(vital.SpO2, t)
	switch sat.State() {
	case vital.Disconnected, vital.NotMeasured:
		exc |= excNoSensor
	case vital.ProbeOff:
		exc |= excSensorOff
	case vital.Searching:
		exc |= excPulseSearch
	case vital.Artefact:
		exc |= excInterference
	case vital.NotCalibrated:
		exc |= excCalibrating
	}
	if sat.Questionable {
		exc |= excLowSignal
	}
	m.out = append(m.out, m.Clock.Add(time.Duration(t)).Format("01/02/06 15:04:05 ")...)
	if m.Model != Rad5 {
		m.out = fmt.Appendf(m.out, "SN=%s ", m.Serial)
	}
	m.out = fmt.Appendf(m.out, "SPO2=%s%% BPM=%s ", text(vital.SpO2, 3, 0), text(vital.PulseRate, 3, 0))
	if m.Model == Radical7 {
		m.out = fmt.Appendf(m.out, "PI=%s SPCO=%s%% SPMET=%s%% SPHB=%s SPOC=%s RESVD=--- DESAT=-- PIDELTA=+-- PVI=%s ALARM=%06X EXC=%07X EXC1=0000000\r\n",
			text(vital.PerfusionIndex, 5, 2), text(vital.SpCO, 2, 0), text(vital.SpMet, 4, 1), text(vital.SpHb, 4, 1), text(vital.SpOC, 2, 0),
			text(vital.PlethVariability, 3, 0), m.Alarm, exc)
		return
	}
	m.out = fmt.Appendf(m.out, "PI=%s%% SPCO=%s%% SPMET=%s%% DESAT=-- PIDELTA=+-- ALARM=%04X EXC=%06X\r\n",
		text(vital.PerfusionIndex, 5, 2), text(vital.SpCO, 4, 1), text(vital.SpMet, 4, 1), m.Alarm, exc)
}
