package gatt

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a chest strap, an oximeter, a cuff and a thermometer on one radio,
// as lines of text: rate, oximeter and ECG each second, the others each half
// minute. Set its fields before the first Poll.
type Simulator struct {
	Clock time.Time // at instant 0

	started bool
	start   vital.Instant
	sent    int
	out     []byte
}

// NewSimulator is that radio.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)}
}

// Receive takes what the host sent, to which nobody listens.
func (m *Simulator) Receive(vital.Instant, []byte) {}

// Poll gives the lines of each second.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.start = true, now
		m.line(Make, []byte("Fieldkit")...)
		m.line(Model, []byte("simulated radio")...)
	}
	due := func() vital.Instant { return m.start.Add(time.Duration(m.sent) * time.Second) }
	for due() <= now {
		m.emit(due(), body)
		m.sent++
	}
	return m.out, due()
}

func (m *Simulator) line(c Characteristic, payload ...byte) {
	m.out = fmt.Appendf(m.out, "%04X %X\n", uint16(c), payload)
}

// encode is a reading as a float of 16 bits.
func encode(r vital.Reading) []byte {
	const nan, above, below = 0x07ff, 0x07fe, 0x0802
	x := uint16(nan)
	switch v, ok := r.Value(); {
	case ok:
		v = v.RoundTo(1)
		for v.Mantissa >= 2046 || v.Mantissa <= -2046 {
			v.Mantissa /= 10
			v.Exponent++
		}
		x = uint16(v.Exponent)<<12 | uint16(v.Mantissa)&0x0fff
	case r.State() == vital.OverRange:
		x = above
	case r.State() == vital.UnderRange:
		x = below
	}
	return binary.LittleEndian.AppendUint16(nil, x)
}

func (m *Simulator) time(t vital.Instant) []byte {
	at := m.Clock.Add(time.Duration(t))
	b := binary.LittleEndian.AppendUint16(nil, uint16(at.Year()))
	return append(b, byte(at.Month()), byte(at.Day()), byte(at.Hour()), byte(at.Minute()), byte(at.Second()))
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	rate := body.Reading(vital.HeartRate, t)
	if v, ok := rate.Value(); ok {
		m.line(HeartRate, binary.LittleEndian.AppendUint16([]byte{0x07}, uint16(math.Round(v.Float())))...)
	} else {
		m.line(HeartRate, 0x04, 0)
	}
	spo2 := body.Reading(vital.SpO2, t)
	sensor := uint32(0)
	switch spo2.State() {
	case vital.ProbeOff:
		sensor = sensorDisplaced
	case vital.Disconnected, vital.NotMeasured:
		sensor = sensorDisconnected
	case vital.Searching:
		sensor = sensorNoPulse
	case vital.Artefact:
		sensor = sensorInterference
	}
	if spo2.Questionable {
		sensor |= sensorPoor
	}
	b := append([]byte{0x08}, encode(spo2)...)
	b = append(b, encode(body.Reading(vital.PulseRate, t))...)
	m.line(OximeterStream, append(b, byte(sensor), byte(sensor>>8), byte(sensor>>16))...)

	const samples = 130
	ecg := make([]byte, 10, 10+3*samples)
	binary.LittleEndian.PutUint64(ecg[1:], uint64(t))
	for i := range samples {
		x, _ := body.Sample(vital.ECGI, t.Add(-time.Second+time.Duration(i)*time.Second/samples))
		v := int32(math.Round(x * 1000))
		ecg = append(ecg, byte(v), byte(v>>8), byte(v>>16))
	}
	m.line(PolarData, ecg...)
	if m.sent%30 != 10 {
		return
	}
	b = []byte{0x06}
	for _, s := range [...]vital.Sign{vital.NIBPSys, vital.NIBPDia, vital.NIBPMean} {
		b = append(b, encode(body.Reading(s, t))...)
	}
	b = append(b, m.time(t)...)
	m.line(BloodPressure, append(b, encode(body.Reading(vital.PulseRateNIBP, t))...)...)
	x := uint32(0x007fffff)
	if v, ok := body.Reading(vital.Temperature, t).Value(); ok {
		x = uint32(uint8(v.Exponent))<<24 | uint32(v.Mantissa)&0xffffff
	}
	b = binary.LittleEndian.AppendUint32([]byte{0x02}, x)
	m.line(Temperature, append(b, m.time(t)...)...)
}
