package ivy

import (
	"fmt"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the monitor's side. Set its fields before the first Poll.
type Simulator struct {
	// Alarm is shown on the heart rate's line; "" for none.
	Alarm string

	started bool
	next    vital.Instant
	out     []byte
}

// NewSimulator is a monitor without alarms.
func NewSimulator() *Simulator { return &Simulator{} }

// Receive takes what the host sent: the monitor has no ears.
func (m *Simulator) Receive(vital.Instant, []byte) {}

// Poll gives the message of each second.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.next = true, now.Add(time.Second)
	}
	for m.next <= now {
		m.emit(m.next, body)
		m.next = m.next.Add(time.Second)
	}
	return m.out, m.next
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	m.out = append(m.out, begin)
	m.out = append(m.out, title...)
	for _, w := range wavesOf {
		lead := w.lead
		if lead == vital.ECG {
			lead = vital.ECGII
		}
		for i := range w.n {
			m.out = append(m.out, sample(w, lead, t.Add(-time.Second+time.Duration(i)*time.Second/time.Duration(w.n)), body))
		}
	}
	text := func(s vital.Sign) string {
		v, ok := body.Reading(s, t).Value()
		if !ok {
			return ""
		}
		return v.RoundTo(s.Info().Places).String()
	}
	label := func(s vital.Sign, have, none string) string {
		switch body.Reading(s, t).State() {
		case vital.Measured:
			return have
		case vital.ProbeOff:
			return "LEAD OFF"
		case vital.Searching:
			return "SEARCH"
		case vital.Artefact:
			return "ARTIFACT"
		}
		return none
	}
	m.out = fmt.Appendf(m.out, "HR=1;%s;%s;%s\r", text(vital.HeartRate), label(vital.HeartRate, "ECG-II-DIAG", "ECG-II-DIAG"), m.Alarm)
	m.out = fmt.Appendf(m.out, "RR=1;%s;APNEA: 20 SEC;\r", text(vital.RespRate))
	m.out = fmt.Appendf(m.out, "ETCO2=1;%s;;\r", text(vital.EtCO2))
	m.out = fmt.Appendf(m.out, "SPO2=1;%s;PR=%s ;%s\r", text(vital.SpO2), text(vital.PulseRate), label(vital.SpO2, "", ""))
	m.out = fmt.Appendf(m.out, "NIBP=4;%s;%s;%s;%s;;\r", text(vital.NIBPSys), text(vital.NIBPDia), text(vital.NIBPMean), text(vital.PulseRateNIBP))
	m.out = fmt.Appendf(m.out, "P1=3;%s;%s;%s;%s;\r", text(vital.P1Sys), text(vital.P1Dia), text(vital.P1Mean), label(vital.P1Sys, "", "NO TRANSDUCER"))
	m.out = fmt.Appendf(m.out, "P2=3;%s;%s;%s;%s;\r", text(vital.P2Sys), text(vital.P2Dia), text(vital.P2Mean), label(vital.P2Sys, "", "NO TRANSDUCER"))
	m.out = fmt.Appendf(m.out, "T1=1;%s;;\r", text(vital.Temperature))
	m.out = fmt.Appendf(m.out, "T2=1;%s;;\r", text(vital.Temperature2))
	m.out = append(m.out, end)
}

// sample is one wave byte: 0 to 250, or flat.
func sample(w wave, lead vital.Lead, t vital.Instant, body devices.Body) byte {
	x, ok := body.Sample(lead, t)
	switch {
	case !ok:
		return flat
	case w.unit == vital.NoUnit: // a percentage of the height
		x = x * 2
	default:
		x = x/w.scale.Float() - float64(w.offset)
	}
	return byte(min(max(math.Round(x), 0), 250))
}
