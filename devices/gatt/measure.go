package gatt

import (
	"fieldkit/triage/vital"
)

// heartRate: flags, rate u8 or u16, energy u16 in kJ, times between beats u16 in
// 1/1024 s.
func (r *Receiver) heartRate(p *payload) bool {
	const (
		wide      = 1 << 0
		contact   = 1 << 1
		contactIs = 1 << 2 // known
		energy    = 1 << 3
		intervals = 1 << 4
	)
	flags := p.u8()
	rate := 0
	if flags&wide != 0 {
		rate = p.u16()
	} else {
		rate = int(p.u8())
	}
	// No contact, says the service, may also be poor contact.
	lost := flags&contactIs != 0 && flags&contact == 0
	v := vital.Of(vital.HeartRate, vital.Int(int64(rate)))
	v.Questionable = lost
	if rate == 0 {
		v = vital.None(vital.HeartRate, vital.Searching)
		if lost {
			v = vital.None(vital.HeartRate, vital.ProbeOff)
		}
	}
	r.add(v)
	if flags&energy != 0 {
		r.add(vital.Of(vital.EnergyExpended, vital.Int(int64(p.u16()))))
	}
	if flags&intervals != 0 {
		if len(p.b) == 0 {
			return false // announced, and not there
		}
		for len(p.b) > 0 && !p.short {
			tenths := (int64(p.u16())*10000 + 512) / 1024
			v := vital.Of(vital.RRInterval, vital.Dec(tenths, -1))
			v.Questionable = lost
			r.add(v)
		}
	}
	return !p.short
}

// The measurement status of the oximeter service.
const (
	oximeterEarly       = 1 << 6
	oximeterStored      = 1 << 9
	oximeterDemo        = 1 << 10
	oximeterTest        = 1 << 11
	oximeterCalibrating = 1 << 12
	oximeterUnavailable = 1 << 13
	oximeterDoubtful    = 1 << 14
	oximeterInvalid     = 1 << 15
)

// Its device and sensor status.
const (
	sensorProcessing   = 1 << 2
	sensorInadequate   = 1 << 3
	sensorPoor         = 1 << 4
	sensorLowPerfusion = 1 << 5
	sensorErratic      = 1 << 6
	sensorNoPulse      = 1 << 7
	sensorPulseDoubt   = 1 << 8
	sensorInterference = 1 << 10
	sensorUnconnected  = 1 << 11
	sensorStrange      = 1 << 12
	sensorDisplaced    = 1 << 13
	sensorFaulty       = 1 << 14
	sensorDisconnected = 1 << 15
)

var oximeterConditions = []condition{
	{1 << 1, "equipment malfunction", false},
	{sensorInadequate, "inadequate signal", false},
	{sensorPoor, "poor signal", false},
	{sensorLowPerfusion, "low perfusion", false},
	{sensorErratic, "erratic signal", false},
	{sensorNoPulse, "no pulse in the signal", false},
	{sensorInterference, "interference with the sensor", false},
	{sensorUnconnected, "sensor not connected", false},
	{sensorStrange, "unknown sensor", false},
	{sensorDisplaced, "sensor displaced", false},
	{sensorFaulty, "sensor faulty", false},
	{sensorDisconnected, "sensor disconnected", false},
}

// oximeter: flags, SpO2 and rate; spot checks carry a time, streams a fast and a
// slow pair; then measurement status, sensor status, pulse amplitude index.
func (r *Receiver) oximeter(p *payload, spot bool) bool {
	flags := p.u8()
	spo2, rate := p.sfloat(), p.sfloat()
	r.add(spo2.reading(vital.SpO2, vital.Percent))
	r.add(rate.reading(vital.PulseRate, vital.PerMinute))
	at := 0
	if spot {
		r.aperiodic = true
		if flags&1 != 0 {
			when, ok := p.time()
			if !ok {
				return false
			}
			if flags&(1<<4) == 0 { // the device's clock was set
				r.at = when
			}
		}
		at = 1
	} else {
		for i, names := range [...][2]string{{"SpO2 fast", "PR fast"}, {"SpO2 slow", "PR slow"}} {
			if flags>>i&1 == 0 {
				continue
			}
			for k, f := range [...]float{p.sfloat(), p.sfloat()} {
				v := f.reading(vital.Unknown, [...]vital.Unit{vital.Percent, vital.PerMinute}[k])
				v.Raw = names[k]
				r.add(v)
			}
		}
		at = 2
	}
	if flags>>at&1 != 0 {
		r.measurement(p.u16())
	}
	if flags>>(at+1)&1 != 0 {
		r.sensor(p.u24())
	}
	if flags>>(at+2)&1 != 0 {
		r.add(p.sfloat().reading(vital.PerfusionIndex, vital.Percent))
	}
	return true
}

func (r *Receiver) measurement(status int) {
	switch {
	case status&(oximeterDemo|oximeterTest) != 0:
		r.instead = vital.Demo
	case status&oximeterUnavailable != 0:
		r.instead = vital.Searching
	case status&oximeterInvalid != 0:
		r.instead = vital.Withheld
	case status&oximeterCalibrating != 0:
		r.instead = vital.NotCalibrated
	}
	r.doubtful = status&(oximeterDoubtful|oximeterEarly) != 0
	r.stored = status&oximeterStored != 0
	r.aperiodic = r.aperiodic || r.stored
}

func (r *Receiver) sensor(status uint32) {
	r.report(kindOximeter, status, oximeterConditions)
	r.doubtful = r.doubtful || status&(sensorProcessing|sensorPoor|sensorLowPerfusion|sensorErratic|sensorPulseDoubt|sensorInterference) != 0
	if r.instead == vital.Demo {
		return
	}
	switch {
	case status&(sensorUnconnected|sensorDisconnected|sensorFaulty|sensorStrange) != 0:
		r.instead = vital.Disconnected
	case status&sensorDisplaced != 0:
		r.instead = vital.ProbeOff
	case status&(sensorNoPulse|sensorInadequate) != 0 && r.instead == vital.Measured:
		r.instead = vital.Searching
	}
}

// The status of a blood pressure measurement.
const (
	cuffMoved      = 1 << 0
	cuffLoose      = 1 << 1
	cuffIrregular  = 1 << 2
	cuffRateHigh   = 1 << 3
	cuffRateLow    = 1 << 4
	cuffMisplaced  = 1 << 5
	cuffStatusHead = 4 // flag bit
)

var cuffConditions = []condition{
	{cuffMoved, "body moved while measuring", false},
	{cuffLoose, "cuff too loose", false},
	{cuffIrregular, "irregular pulse", true},
	{cuffRateHigh, "pulse rate over the cuff's limit", true},
	{cuffRateLow, "pulse rate under the cuff's limit", true},
	{cuffMisplaced, "cuff in the wrong position", false},
}

// bloodPressure: flags, three pressures, then time, pulse, user, status. While the
// cuff is being filled the first is the pressure in it.
func (r *Receiver) bloodPressure(p *payload, filling bool) bool {
	flags := p.u8()
	unit := vital.MmHg
	if flags&1 != 0 {
		unit = vital.KPa
	}
	sys, dia, mean := p.sfloat(), p.sfloat(), p.sfloat()
	if filling {
		r.add(sys.reading(vital.CuffPressure, unit))
	} else {
		r.aperiodic = true
		r.add(sys.reading(vital.NIBPSys, unit))
		r.add(dia.reading(vital.NIBPDia, unit))
		r.add(mean.reading(vital.NIBPMean, unit))
	}
	if flags>>1&1 != 0 {
		at, ok := p.time()
		if !ok {
			return false
		}
		r.at = at
	}
	if flags>>2&1 != 0 {
		r.add(p.sfloat().reading(vital.PulseRateNIBP, vital.PerMinute))
	}
	if flags>>3&1 != 0 {
		r.user(p.u8(), "BLS user")
	}
	if flags>>cuffStatusHead&1 != 0 {
		status := p.u16()
		r.doubtful = status&(cuffMoved|cuffLoose|cuffIrregular|cuffMisplaced) != 0
		r.report(kindCuff, uint32(status), cuffConditions)
	}
	return true
}

// user passes on which of its owners a shared device measured.
func (r *Receiver) user(n byte, raw string) {
	if n == 0xff {
		return // not known
	}
	v := vital.OfUnit(vital.Unknown, vital.Int(int64(n)), vital.NoUnit)
	v.Raw = raw
	r.add(v)
}

var temperatureSites = [...]vital.Site{
	1: vital.SiteAxilla, 2: vital.SiteBody, 3: vital.SiteEar, 4: vital.SiteFinger, 5: vital.SiteGut, 6: vital.SiteOral, 7: vital.SiteRectal, 8: vital.SiteToe, 9: vital.SiteTympanic,
}

// temperature: flags, temperature, time, site.
func (r *Receiver) temperature(p *payload, final bool) bool {
	flags := p.u8()
	unit := vital.Celsius
	if flags&1 != 0 {
		unit = vital.Fahrenheit
	}
	v := p.float().reading(vital.Temperature, unit)
	r.aperiodic = final
	if flags>>1&1 != 0 {
		at, ok := p.time()
		if !ok {
			return false
		}
		r.at = at
	}
	if flags>>2&1 != 0 {
		if site := int(p.u8()); site < len(temperatureSites) {
			v.Site = temperatureSites[site]
		}
	}
	r.add(v)
	return true
}

// weight: flags, weight u16, time, user, BMI u16 and height u16.
func (r *Receiver) weight(p *payload) bool {
	const failed = 0xffff
	flags := p.u8()
	imperial := flags&1 != 0
	r.aperiodic = true
	switch raw := p.u16(); {
	case raw == failed:
		r.add(vital.None(vital.Weight, vital.Withheld))
	case imperial:
		r.add(vital.OfUnit(vital.Weight, vital.Dec(int64(raw), -2), vital.Pound))
	default:
		r.add(vital.Of(vital.Weight, vital.Dec(int64(raw)*5, -3)))
	}
	if flags>>1&1 != 0 {
		at, ok := p.time()
		if !ok {
			return false
		}
		r.at = at
	}
	if flags>>2&1 != 0 {
		r.user(p.u8(), "WSS user")
	}
	if flags>>3&1 != 0 {
		r.add(vital.Of(vital.BMI, vital.Dec(int64(p.u16()), -1)))
		if height := int64(p.u16()); imperial {
			r.add(vital.OfUnit(vital.Height, vital.Dec(height, -1), vital.Inch))
		} else {
			r.add(vital.OfUnit(vital.Height, vital.Dec(height, -3), vital.Metre))
		}
	}
	return true
}
