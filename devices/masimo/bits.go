package masimo

import (
	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The EXC bits.
const (
	excNoSensor           = 0x1
	excDefectiveSensor    = 0x2
	excLowPerfusion       = 0x4
	excPulseSearch        = 0x8
	excInterference       = 0x10
	excSensorOff          = 0x20
	excAmbientLight       = 0x40
	excUnrecognisedSensor = 0x80
	excIncompatibleSensor = 0x100
	excLowSignal          = 0x400
	excSET                = 0x800 // says only what kind of oximeter it is
	excNoCable            = 0x1000
	excCableLife          = 0x2000
	excIncompatibleCable  = 0x4000
	excUnrecognisedCable  = 0x8000
	excDefectiveCable     = 0x10000
	excCalibrating        = 0x20000
	excSensorLife         = 0x40000
	excEmitterTemperature = 0x80000
	excSensorCurrent      = 0x100000
	excLowSpCO            = 0x200000
	excLowSpMet           = 0x400000
	excUnusable           = excNoSensor | excDefectiveSensor | excUnrecognisedSensor | excIncompatibleSensor | excNoCable | excIncompatibleCable | excUnrecognisedCable | excDefectiveCable
	excDisturbed          = excInterference | excAmbientLight
	excDoubt              = excLowPerfusion | excLowSignal | excDisturbed
	excStale              = excUnusable | excSensorOff | excPulseSearch | excCalibrating
)

// why is the reason for a missing value.
func why(exc uint32) vital.State {
	switch {
	case exc&excUnusable != 0:
		return vital.Disconnected
	case exc&excSensorOff != 0:
		return vital.ProbeOff
	case exc&excCalibrating != 0:
		return vital.NotCalibrated
	case exc&excPulseSearch != 0:
		return vital.Searching
	case exc&excDisturbed != 0:
		return vital.Artefact
	}
	return vital.NotMeasured
}

// The ALARM bits that are no condition of their own.
const (
	alarmActive   = 0x10
	alarmSilenced = 0x20
)

// A condition is one bit of either field.
type condition struct {
	exc       bool
	bit       uint32
	text      string
	technical bool
}

// The conditions, each told when it begins and ends. The oximeter does not say
// their priority.
var conditions = [...]condition{
	{false, 0x1, "SpO2 high", false},
	{false, 0x2, "SpO2 low", false},
	{false, 0x4, "pulse rate high", false},
	{false, 0x8, "pulse rate low", false},
	{false, 0x40, "low battery", true},
	{false, 0x100, "SpCO high", false},
	{false, 0x200, "SpCO low", false},
	{false, 0x400, "SpMet high", false},
	{false, 0x800, "SpMet low", false},
	{false, 0x1000, "desaturation index", false},
	{false, 0x2000, "perfusion index changed", false},
	{true, excNoSensor, "no sensor", true},
	{true, excDefectiveSensor, "defective sensor", true},
	{true, excLowPerfusion, "low perfusion", true},
	{true, excPulseSearch, "pulse search", true},
	{true, excInterference, "interference", true},
	{true, excSensorOff, "sensor off", true},
	{true, excAmbientLight, "too much ambient light", true},
	{true, excUnrecognisedSensor, "unrecognised sensor", true},
	{true, excIncompatibleSensor, "incompatible sensor", true},
	{true, excLowSignal, "low signal IQ", true},
	{true, excNoCable, "no cable", true},
	{true, excCableLife, "cable near the end of its life", true},
	{true, excIncompatibleCable, "incompatible cable", true},
	{true, excUnrecognisedCable, "unrecognised cable", true},
	{true, excDefectiveCable, "defective cable", true},
	{true, excCalibrating, "calibrating", true},
	{true, excSensorLife, "sensor near the end of its life", true},
	{true, excEmitterTemperature, "emitter temperature", true},
	{true, excSensorCurrent, "sensor current", true},
	{true, excLowSpCO, "SpCO of low confidence", true},
	{true, excLowSpMet, "SpMet of low confidence", true},
}

const (
	alarmKnown = 0x1 | 0x2 | 0x4 | 0x8 | alarmActive | alarmSilenced | 0x40 | 0x100 | 0x200 | 0x400 | 0x800 | 0x1000 | 0x2000
	excKnown   = (excLowSpMet<<1 - 1) &^ 0x200
)

// conditions tells what has begun and ended.
func (s *session) conditions(now vital.Instant, l *line, to devices.Sink) {
	if l.alarm == s.alarm && l.exc == s.exc {
		return
	}
	at := l.at.Format("2006-01-02T15:04:05Z")
	for i := range conditions {
		c := &conditions[i]
		is, was := l.alarm&c.bit != 0, s.alarm&c.bit != 0
		if c.exc {
			is, was = l.exc&c.bit != 0, s.exc&c.bit != 0
		}
		if is == was {
			continue
		}
		to.Alarm(devices.Alarm{Arrived: now, MonitorTime: at, Text: c.text, Technical: c.technical, Ended: !is, Silenced: is && l.alarm&alarmSilenced != 0})
	}
	if l.alarm&^alarmKnown != 0 || l.exc&^excKnown != 0 {
		s.counters.Unknown++
	}
	s.alarm, s.exc = l.alarm, l.exc
}
