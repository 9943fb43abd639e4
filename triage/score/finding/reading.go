package finding

import (
	"slices"

	"fieldkit/triage/vital"
)

// source is which signs give a key, the preferred first: a value that is not there
// is taken from the next.
var sources = []struct {
	key   Key
	signs []vital.Sign
}{
	{RR, []vital.Sign{vital.RespRate, vital.RespRateCO2, vital.RespRateImpedance, vital.RespRateAirway}},
	{SpO2, []vital.Sign{vital.SpO2}},
	{SBP, []vital.Sign{vital.ABPSys, vital.NIBPSys}},
	{DBP, []vital.Sign{vital.ABPDia, vital.NIBPDia}},
	{HR, []vital.Sign{vital.HeartRate, vital.PulseRate, vital.PulseRateNIBP}},
	{TempC, []vital.Sign{vital.Temperature}},
	{Glucose, []vital.Sign{vital.Glucose}},
	{GCSEye, []vital.Sign{vital.GCSEye}},
	{GCSVerbal, []vital.Sign{vital.GCSVerbal}},
	{GCSMotor, []vital.Sign{vital.GCSMotor}},
	{GCS, []vital.Sign{vital.GCSTotal}},
	{Pain, []vital.Sign{vital.Pain}},
	{WeightKg, []vital.Sign{vital.Weight}},
	{HeightCm, []vital.Sign{vital.Height}},
}

// units are those of the keys that differ from their sign's own.
var units = map[Key]vital.Unit{Glucose: vital.MmolPerL}

// PutReadings adds what monitors measured, with its age at now. A reading without
// a value, a continuous one that is too old to be shown (10 s), one taken now and then
// that a screen greys (15 min), and one in a unit that cannot be converted add nothing:
// they are unknown. Of several readings of a
// sign the newest counts. What a person said stays.
func (s *Set) PutReadings(now vital.Instant, all []vital.Reading) {
	for _, from := range sources {
		if s.Has(from.key) {
			continue
		}
		for _, sign := range from.signs {
			if v, ok := newest(now, from.key, sign, all); ok && s.Put(from.key, v) == nil {
				break
			}
		}
	}
	if s.Has(Consciousness) {
		return
	}
	if v, ok := newest(now, Consciousness, vital.ACVPU, all); ok {
		words := byKey[Consciousness].Words
		if i := int(v.Number.Float()); i >= 0 && i < len(words) {
			s.Put(Consciousness, Value{Word: words[i], Age: v.Age, Aged: true})
		}
	}
}

func newest(now vital.Instant, k Key, sign vital.Sign, all []vital.Reading) (Value, bool) {
	ageing := sign.Info().Ageing
	unit, ok := units[k]
	if !ok {
		unit = sign.Unit()
	}
	var fit []vital.Reading
	for _, r := range all {
		if r.Sign != sign {
			continue
		}
		if stands := ageing.At(now.Sub(r.Arrived)); stands == vital.Gone || ageing == vital.Episodic && stands != vital.Fresh {
			continue
		}
		if _, measured := r.Value(); !measured {
			continue
		}
		if own, err := r.In(unit); err == nil {
			fit = append(fit, own)
		}
	}
	if len(fit) == 0 {
		return Value{}, false
	}
	r := slices.MaxFunc(fit, func(a, b vital.Reading) int { return int(a.Arrived - b.Arrived) })
	n, _ := r.Value()
	return Value{Number: n, Age: max(0, now.Sub(r.Arrived)), Aged: true}, true
}
