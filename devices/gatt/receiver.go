package gatt

import (
	"errors"
	"strings"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Characteristic is the 16-bit number of one of the SIG's, or PolarData.
type Characteristic uint16

// The characteristics that are understood.
const (
	HeartRate         Characteristic = 0x2a37
	OximeterStream    Characteristic = 0x2a5f
	OximeterSpot      Characteristic = 0x2a5e
	BloodPressure     Characteristic = 0x2a35
	CuffPressure      Characteristic = 0x2a36
	Temperature       Characteristic = 0x2a1c
	TemperatureSoFar  Characteristic = 0x2a1e
	Glucose           Characteristic = 0x2a18
	RecordAccess      Characteristic = 0x2a52
	ContinuousGlucose Characteristic = 0x2aa7
	SessionStart      Characteristic = 0x2aaa
	Weight            Characteristic = 0x2a9d
	Battery           Characteristic = 0x2a19
	Model             Characteristic = 0x2a24
	Serial            Characteristic = 0x2a25
	Firmware          Characteristic = 0x2a26
	Make              Characteristic = 0x2a29
	// PolarData stands for FB005C82-02E7-F387-1CAD-8ACD2D8DF0C8.
	PolarData Characteristic = 0x5c82
)

// Why a payload is not understood.
var (
	ErrUnknown = errors.New("characteristic not known to this version")
	ErrPayload = errors.New("payload does not have the shape of its characteristic")
)

// A Receiver takes the payloads of one device. It is not safe for concurrent use.
// The zero Receiver is ready.
type Receiver struct {
	who        vital.Provenance
	known      bool
	start      time.Time // of a continuous glucose session
	pace       devices.Pace
	samples    [256]int32
	raised     [kinds]uint32     // status bits told, by kind of device
	pending    [32]vital.Reading // of the payload being read, until all of it is good
	n          int
	now        vital.Instant
	at         time.Time
	aperiodic  bool
	stored     bool // read from its memory
	doubtful   bool
	instead    vital.State // why no value of this payload counts; Measured when they do
	conditions []condition
	status     uint32
	kind       int
}

// The kinds of devices that report status bits.
const (
	kindOximeter = iota
	kindCuff
	kindGlucose
	kindCGM
	kindBattery
	kinds
)

// Take decodes one payload that arrived at now. A payload that is not as it should
// be reports nothing.
func (r *Receiver) Take(now vital.Instant, c Characteristic, b []byte, to devices.Sink) error {
	r.stored = false
	r.n, r.now, r.at, r.aperiodic, r.doubtful, r.instead, r.conditions = 0, now, time.Time{}, false, false, vital.Measured, nil
	p := &payload{b: b}
	ok := true
	switch c {
	case HeartRate:
		ok = r.heartRate(p)
	case OximeterStream, OximeterSpot:
		ok = r.oximeter(p, c == OximeterSpot)
	case BloodPressure, CuffPressure:
		ok = r.bloodPressure(p, c == CuffPressure)
	case Temperature, TemperatureSoFar:
		ok = r.temperature(p, c == Temperature)
	case Glucose:
		ok = r.glucose(p)
	case RecordAccess:
		_, ok = ParseRecordAccess(b)
		p.b = nil
	case ContinuousGlucose:
		return r.continuousGlucose(b, to)
	case SessionStart:
		r.start, ok = p.time()
		p.take(2) // zone and daylight saving
		p.b = nil
	case Weight:
		ok = r.weight(p)
	case Battery:
		ok = r.battery(p)
	case Model, Serial, Firmware, Make:
		ok = r.identify(c, b, to)
		p.b = nil
	case PolarData:
		return r.polar(p, to)
	default:
		return ErrUnknown
	}
	if !ok || p.short || len(p.b) > 0 {
		return ErrPayload
	}
	r.send(to)
	return nil
}

// add puts a reading in line.
func (r *Receiver) add(v vital.Reading) {
	if r.n < len(r.pending) {
		r.pending[r.n] = v
		r.n++
	}
}

// send hands on the readings of a good payload and what its status says.
func (r *Receiver) send(to devices.Sink) {
	if !r.known {
		r.known = true
		to.Monitor(r.who)
	}
	for _, v := range r.pending[:r.n] {
		_, measured := v.Value()
		if measured && r.instead != vital.Measured {
			v, measured = v.Without(r.instead), false
		}
		v.Arrived, v.MonitorTime, v.Aperiodic, v.Stored = r.now, r.at, r.aperiodic, r.stored
		v.Questionable = v.Questionable && measured || measured && r.doubtful
		to.Reading(v)
	}
	if r.conditions == nil {
		return
	}
	changed := r.status ^ r.raised[r.kind]
	r.raised[r.kind] = r.status
	for _, c := range r.conditions {
		if changed&c.bit != 0 {
			to.Alarm(devices.Alarm{Arrived: r.now, Text: c.text, Technical: !c.patient, Ended: r.status&c.bit == 0})
		}
	}
}

// A condition is one status bit.
type condition struct {
	bit     uint32
	text    string
	patient bool
}

// report notes the status bits of a payload.
func (r *Receiver) report(kind int, status uint32, all []condition) {
	r.kind, r.status, r.conditions = kind, status, all
}

// identify takes one text of the device information service.
func (r *Receiver) identify(c Characteristic, b []byte, to devices.Sink) bool {
	text := strings.TrimRight(string(b), " \x00")
	for _, x := range []byte(text) {
		if x < ' ' || x > '~' {
			return false
		}
	}
	was := r.who
	switch c {
	case Model:
		r.who.Model = text
	case Serial:
		r.who.Serial = text
	case Firmware:
		r.who.Firmware = text
	case Make:
		r.who.Make = text
	}
	if r.who != was {
		r.known = true
		to.Monitor(r.who)
	}
	return true
}

var batteryConditions = []condition{{1, "low battery", false}}

// battery: charge in percent; 15 and less is low.
func (r *Receiver) battery(p *payload) bool {
	const low = 15
	charge, status := p.u8(), uint32(0)
	if charge <= low {
		status = 1
	}
	r.report(kindBattery, status, batteryConditions)
	return charge <= 100
}
