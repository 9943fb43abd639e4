package hl7

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Dialect is how a maker fills a message.
type Dialect uint8

// The dialects.
const (
	Mindray Dialect = iota
	GE
	Comen
)

// String is the maker's name.
func (d Dialect) String() string { return [...]string{"Mindray", "GE", "Comen"}[min(d, Comen)] }

// A Simulator is a monitor that sends a message every few seconds over MLLP. Set
// its fields before the first Poll.
type Simulator struct {
	Dialect Dialect
	Clock   time.Time // at instant 0
	Every   time.Duration
	// Training marks messages as not of a patient (MSH-11).
	Training bool
	next     vital.Instant
	sent     int
	out      []byte
}

// NewSimulator is a monitor of d that sends every five seconds.
func NewSimulator(d Dialect) *Simulator {
	return &Simulator{Dialect: d, Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Every: 5 * time.Second}
}

// Receive takes acknowledgements, which change nothing.
func (*Simulator) Receive(vital.Instant, []byte) {}

// Poll gives a message when it is time. A cuff measures every three minutes.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	for m.next <= now {
		m.message(m.next, body)
		m.next = m.next.Add(m.Every)
	}
	return m.out, m.next
}

type row struct {
	sign      vital.Sign
	code      int
	name      string
	unit      string
	aperiodic bool
}

const (
	perMinute = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
	percent   = "262688^MDC_DIM_PERCENT^MDC"
	mmHg      = "266016^MDC_DIM_MMHG^MDC"
	celsius   = "268192^MDC_DIM_DEGC^MDC"
)

func (m *Simulator) rows() []row {
	cuff, name := 150301, "MDC_PRESS_CUFF_"
	switch m.Dialect {
	case GE:
		cuff, name = 150021, "MDC_PRESS_BLD_NONINV_"
	case Comen:
		cuff, name = 150017, "MDC_PRESS_BLD_"
	}
	return []row{
		{vital.HeartRate, 147842, "MDC_ECG_HEART_RATE", perMinute, false},
		{vital.SpO2, 150456, "MDC_PULS_OXIM_SAT_O2", percent, false},
		{vital.PulseRate, 149530, "MDC_PULS_OXIM_PULS_RATE", perMinute, false},
		{vital.PerfusionIndex, 150488, "MDC_BLD_PERF_INDEX", percent, false},
		{vital.RespRateImpedance, 151578, "MDC_TTHOR_RESP_RATE", "264928^MDC_DIM_RESP_PER_MIN^MDC", false},
		{vital.EtCO2, 151708, "MDC_CONC_AWAY_CO2_ET", mmHg, false},
		{vital.NIBPSys, cuff, name + "SYS", mmHg, true},
		{vital.NIBPDia, cuff + 1, name + "DIA", mmHg, true},
		{vital.NIBPMean, cuff + 2, name + "MEAN", mmHg, true},
		{vital.Temperature, 150344, "MDC_TEMP", celsius, true},
	}
}

const cuffEvery = 3 * time.Minute

func (m *Simulator) message(t vital.Instant, body devices.Body) {
	m.sent++
	const layout = "20060102150405"
	at := m.Clock.Add(time.Duration(t)).Format(layout)
	taken := t - t%vital.Instant(cuffEvery)
	own := m.Clock.Add(time.Duration(taken)).Format(layout)
	process := "P"
	if m.Training {
		process = "T"
	}
	sender := map[Dialect]string{Mindray: "MINDRAY_SIM^00A0370000000001^EUI-64|", GE: "VSP^0800190000000001^EUI-64|GE Healthcare", Comen: "COMEN_SIM|Comen"}[m.Dialect]
	m.out = fmt.Appendf(m.out, "\x0bMSH|^~\\&|%s|||%s||ORU^R01^ORU_R01|%d|%s|2.6|||AL|NE||UNICODE UTF-8\rPID|||\rPV1||I\rOBR|1|%d|%d|182777000^monitoring of patient^SCT|||%s\r", sender, at, m.sent, process, m.sent, m.sent, at)
	for i, r := range m.rows() {
		moment, when, mode := t, at, ""
		if r.aperiodic {
			moment, when, mode = taken, own, "^APERIODIC"
		}
		value, status := "", "X"
		if v, ok := body.Reading(r.sign, moment).Value(); ok {
			value, status = v.String(), "R"
		}
		m.out = fmt.Appendf(m.out, "OBX|%d|NM|%d^%s^MDC|1.1.1.%d|%s|%s|||||%s|||%s|||%s\r", i+1, r.code, r.name, r.code, value, r.unit, status, when, mode)
	}
	m.out = append(m.out, endBlock, '\r')
}
