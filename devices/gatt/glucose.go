package gatt

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The status of a glucose measurement.
const (
	glucoseTooHigh = 1 << 5
	glucoseTooLow  = 1 << 6
	glucoseFailed  = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<9 | 1<<10
	glucoseWarm    = 1<<7 | 1<<8
)

var glucoseConditions = []condition{
	{1 << 0, "low battery", false}, {1 << 1, "sensor malfunction", false}, {1 << 2, "sample too small", false}, {1 << 3, "strip not inserted well", false},
	{1 << 4, "wrong strip", false}, {1 << 5, "glucose above what the meter can measure", true}, {1 << 6, "glucose below what the meter can measure", true},
	{1 << 7, "too warm to measure", false}, {1 << 8, "too cold to measure", false}, {1 << 9, "strip pulled too early", false}, {1 << 10, "meter fault", false}, {1 << 11, "meter's clock lost", false},
}

// glucose: flags, number u16, time, offset i16 in minutes, concentration, kind and
// place, status.
func (r *Receiver) glucose(p *payload) bool {
	const (
		offset  = 1 << 0
		result  = 1 << 1
		moles   = 1 << 2
		status  = 1 << 3
		control = 10 // a kind of sample that is nobody's blood
	)
	flags := p.u8()
	p.u16()
	at, ok := p.time()
	if !ok {
		return false
	}
	r.aperiodic, r.stored = true, true
	if flags&offset != 0 {
		minutes := p.i16()
		if !at.IsZero() {
			at = at.Add(time.Duration(minutes) * time.Minute)
		}
	}
	r.at = at
	if flags&result != 0 {
		f := p.sfloat()
		sample := p.u8()
		v := f.times(5).reading(vital.Glucose, vital.MgPerDL) // kg/L
		if flags&moles != 0 {
			v = f.times(3).reading(vital.Glucose, vital.MmolPerL)
		}
		if sample>>4 == 1 {
			v.Site = vital.SiteFinger
		}
		if sample&0x0f == control || sample>>4 == 4 {
			v.Sign, v.Raw = vital.Unknown, "glucose of control solution"
		}
		r.add(v)
	}
	if flags&status != 0 {
		s := p.u16()
		r.report(kindGlucose, uint32(s), glucoseConditions)
		switch {
		case s&glucoseFailed != 0:
			r.instead = vital.Withheld
		case s&glucoseTooHigh != 0:
			r.instead = vital.OverRange
		case s&glucoseTooLow != 0:
			r.instead = vital.UnderRange
		}
		r.doubtful = s&glucoseWarm != 0
	}
	return true
}

// The three status octets of continuous glucose, as one number: status,
// calibration and temperature, warnings.
const (
	cgmStopped   = 1 << 0
	cgmFailed    = 1<<2 | 1<<3 | 1<<5
	cgmCalibrate = 1 << 11 // required
	cgmWarm      = 1<<12 | 1<<13
	cgmTooLow    = 1 << 22
	cgmTooHigh   = 1 << 23
)

var cgmConditions = []condition{
	{1 << 0, "session stopped", false}, {1 << 1, "low battery", false}, {1 << 2, "wrong sensor type", false}, {1 << 3, "sensor malfunction", false}, {1 << 5, "device fault", false},
	{1 << 8, "clock must be set", false}, {1 << 10, "calibration recommended", false}, {1 << 11, "calibration required", false}, {1 << 12, "sensor too warm", false}, {1 << 13, "sensor too cold", false},
	{1 << 16, "glucose below the patient's low level", true}, {1 << 17, "glucose above the patient's high level", true}, {1 << 18, "hypoglycaemia", true}, {1 << 19, "hyperglycaemia", true},
	{1 << 20, "glucose falling fast", true}, {1 << 21, "glucose rising fast", true}, {1 << 22, "glucose below what the sensor can measure", true}, {1 << 23, "glucose above what the sensor can measure", true},
}

// continuousGlucose: records of their own length, each with flags, concentration in
// mg/dL, minutes since the session's start, status octets, trend, quality, and
// perhaps a CRC.
func (r *Receiver) continuousGlucose(b []byte, to devices.Sink) error {
	if len(b) == 0 {
		return ErrPayload
	}
	for rest := b; len(rest) > 0; rest = rest[rest[0]:] {
		if n := int(rest[0]); n < 6 || n > len(rest) || !soundRecord(rest[:n]) {
			return ErrPayload
		}
	}
	for ; len(b) > 0; b = b[b[0]:] {
		r.n, r.doubtful, r.instead, r.aperiodic = 0, false, vital.Measured, true
		r.record(b[:b[0]])
		r.send(to)
	}
	return nil
}

// recordSize is what the flags of a record say of its length, without CRC.
func recordSize(flags byte) int {
	n := 6
	sizes := [...]int{0: 2, 1: 2, 5: 1, 6: 1, 7: 1}
	for bit, size := range sizes {
		if flags>>bit&1 != 0 {
			n += size
		}
	}
	return n
}

func soundRecord(b []byte) bool {
	switch n := recordSize(b[1]); len(b) {
	case n:
		return true
	case n + 2:
		return crc(b[:n]) == binary.LittleEndian.Uint16(b[n:])
	}
	return false
}

func (r *Receiver) record(b []byte) {
	p := &payload{b: b[1:]}
	flags := p.u8()
	f := p.sfloat()
	minutes := p.u16()
	r.at = time.Time{}
	if !r.start.IsZero() {
		r.at = r.start.Add(time.Duration(minutes) * time.Minute)
	}
	status := uint32(0)
	for i, bit := range [...]int{7, 6, 5} {
		if flags>>bit&1 != 0 {
			status |= uint32(p.u8()) << (8 * i)
		}
	}
	r.report(kindCGM, status, cgmConditions)
	switch {
	case status&(cgmFailed|cgmStopped) != 0:
		r.instead = vital.Withheld
	case status&cgmCalibrate != 0:
		r.instead = vital.NotCalibrated
	case status&cgmTooLow != 0:
		r.instead = vital.UnderRange
	case status&cgmTooHigh != 0:
		r.instead = vital.OverRange
	}
	r.doubtful = status&cgmWarm != 0
	v := f.reading(vital.Glucose, vital.MgPerDL)
	v.Site = "interstitial"
	r.add(v)
	for bit, raw := range [...]string{"glucose trend mg/dL/min", "glucose quality %"} {
		if flags>>bit&1 != 0 {
			v := p.sfloat().reading(vital.Unknown, vital.NoUnit)
			v.Raw = raw
			r.add(v)
		}
	}
}

// polar: type u8, time u64 in ns of the last sample, frame type, samples i24 in uV.
func (r *Receiver) polar(p *payload, to devices.Sink) error {
	const (
		ecg  = 0
		rate = 130
	)
	kind, _, frame := p.u8(), p.take(8), p.u8()
	n := len(p.b) / 3
	switch {
	case p.short || n == 0 || len(p.b)%3 != 0 || n > len(r.samples):
		return ErrPayload
	case kind != ecg || frame != 0:
		return ErrUnknown // acceleration and the like, packed frames
	}
	for i := range n {
		r.samples[i] = int32(p.u24()<<8) >> 8
	}
	r.send(to)
	to.Waveform(vital.Waveform{
		Lead: vital.ECG, Arrived: r.pace.Place(r.now, n, rate, time.Second), Rate: vital.Int(rate), Unit: vital.Microvolt, Scale: vital.Int(1),
		Min: -8192, Max: 8191, Samples: r.samples[:n],
	})
	return nil
}
