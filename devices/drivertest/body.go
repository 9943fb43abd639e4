package drivertest

import (
	"math"
	"time"

	"fieldkit/triage/vital"
)

// Body is a patient whose numbers stay the same and whose waves are sines: every
// sign has its own value, so that two mixed up show. The zero Body is ready.
type Body struct {
	// Why, when not Measured and not NotMeasured, is the reason why no sign has a
	// value.
	Why vital.State
	// Set replaces a sign's value.
	Set map[vital.Sign]vital.Decimal
}

var numbers = map[vital.Sign]vital.Decimal{
	vital.HeartRate: vital.Int(71), vital.PulseRate: vital.Int(73), vital.PulseRateNIBP: vital.Int(74),
	vital.SpO2: vital.Int(97), vital.PerfusionIndex: vital.Dec(425, -2), vital.PlethVariability: vital.Int(14),
	vital.RespRate: vital.Int(15), vital.RespRateImpedance: vital.Int(16), vital.RespRateCO2: vital.Int(17), vital.RespRateAirway: vital.Int(18),
	vital.NIBPSys: vital.Int(121), vital.NIBPDia: vital.Int(76), vital.NIBPMean: vital.Int(92),
	vital.ABPSys: vital.Int(118), vital.ABPDia: vital.Int(66), vital.ABPMean: vital.Int(84),
	vital.EtCO2: vital.Int(38), vital.FiCO2: vital.Int(1),
	vital.Temperature: vital.Dec(367, -1), vital.Temperature2: vital.Dec(359, -1),
	vital.Glucose: vital.Int(104), vital.Weight: vital.Dec(724, -1),
	vital.SpCO: vital.Int(3), vital.SpMet: vital.Dec(11, -1), vital.SpHb: vital.Dec(133, -1),
}

// Reading is the sign's value.
func (b Body) Reading(s vital.Sign, t vital.Instant) vital.Reading {
	r := vital.None(s, vital.NotMeasured)
	if v, ok := numbers[s]; ok {
		r = vital.Of(s, v)
	}
	if v, ok := b.Set[s]; ok {
		r = vital.Of(s, v)
	}
	if b.Why != vital.NotMeasured && b.Why != vital.Measured {
		r = r.Without(b.Why)
	}
	r.Arrived = t
	return r
}

// Sample is a wave of 72 a minute, between 0 and 100 for the pleth, 1 for an ECG.
func (b Body) Sample(l vital.Lead, t vital.Instant) (float64, bool) {
	if b.Why != vital.NotMeasured && b.Why != vital.Measured {
		return 0, false
	}
	x := math.Sin(2 * math.Pi * 1.2 * time.Duration(t).Seconds())
	if l >= vital.ECGI && l <= vital.ECGPads {
		return x, true
	}
	return 50 + 45*x, true
}
