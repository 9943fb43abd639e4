package datex

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The values that are reasons.
const (
	leastValue    = -32001 // below it nothing is a value
	invalid       = -32767
	notUpdated    = -32766
	discontinuity = -32765
	underRange    = -32764
	overRange     = -32763
	notCalibrated = -32762
)

// why is the reason that a value below leastValue stands for.
func why(v int) vital.State {
	switch v {
	case notUpdated:
		return vital.Searching
	case discontinuity:
		return vital.Artefact
	case underRange:
		return vital.UnderRange
	case overRange:
		return vital.OverRange
	case notCalibrated:
		return vital.NotCalibrated
	}
	return vital.NotMeasured
}

// The first word of each group of numbers.
const (
	groupExists = 1 << 0 // the module is there
	groupActive = 1 << 1
)

// A field is one number: sign, or for those without one, the raw name.
type field struct {
	class int // 0 basic, 1 to 3 extended
	group int // where its group begins in the class
	at    int // where it stands in the class
	sign  vital.Sign
	raw   string
	exp   int8 // of the unit of the number
	unit  vital.Unit
	kind  fieldKind
}

type fieldKind byte

const (
	plain    fieldKind = iota
	pressure           // invasive: its label says where
	degrees            // its label says where
	cuff               // one result, until it changes
	carbon             // in 1/100 %, shown as pressure
)

// The fields, from the public headers of icu_devices, but that the twelve-lead ST
// group stands two bytes later in the captures than there. Groups begin with a
// status of four bytes and a label of two.
var fields = [...]field{
	{0, 0, 6, vital.HeartRate, "", 0, vital.PerMinute, plain},
	{0, 0, 8, vital.Unknown, "ST1", -2, vital.Millimetre, plain},
	{0, 0, 10, vital.Unknown, "ST2", -2, vital.Millimetre, plain},
	{0, 0, 12, vital.Unknown, "ST3", -2, vital.Millimetre, plain},
	{0, 0, 14, vital.RespRateImpedance, "", 0, vital.PerMinute, plain},
	{0, 16, 22, vital.P1Sys, "", -2, vital.MmHg, pressure},
	{0, 16, 24, vital.P1Dia, "", -2, vital.MmHg, pressure},
	{0, 16, 26, vital.P1Mean, "", -2, vital.MmHg, pressure},
	{0, 16, 28, vital.Unknown, "P1 HR", 0, vital.PerMinute, plain},
	{0, 30, 36, vital.P2Sys, "", -2, vital.MmHg, pressure},
	{0, 30, 38, vital.P2Dia, "", -2, vital.MmHg, pressure},
	{0, 30, 40, vital.P2Mean, "", -2, vital.MmHg, pressure},
	{0, 30, 42, vital.Unknown, "P2 HR", 0, vital.PerMinute, plain},
	{0, 44, 50, vital.P3Sys, "", -2, vital.MmHg, pressure},
	{0, 44, 52, vital.P3Dia, "", -2, vital.MmHg, pressure},
	{0, 44, 54, vital.P3Mean, "", -2, vital.MmHg, pressure},
	{0, 44, 56, vital.Unknown, "P3 HR", 0, vital.PerMinute, plain},
	{0, 58, 64, vital.P4Sys, "", -2, vital.MmHg, pressure},
	{0, 58, 66, vital.P4Dia, "", -2, vital.MmHg, pressure},
	{0, 58, 68, vital.P4Mean, "", -2, vital.MmHg, pressure},
	{0, 58, 70, vital.Unknown, "P4 HR", 0, vital.PerMinute, plain},
	{0, 72, 78, vital.NIBPSys, "", -2, vital.MmHg, cuff},
	{0, 72, 80, vital.NIBPDia, "", -2, vital.MmHg, cuff},
	{0, 72, 82, vital.NIBPMean, "", -2, vital.MmHg, cuff},
	{0, 72, 84, vital.PulseRateNIBP, "", 0, vital.PerMinute, cuff},
	{0, 86, 92, vital.Temperature, "", -2, vital.Celsius, degrees},
	{0, 94, 100, vital.Temperature2, "", -2, vital.Celsius, degrees},
	{0, 102, 108, vital.Temperature3, "", -2, vital.Celsius, degrees},
	{0, 110, 116, vital.Temperature4, "", -2, vital.Celsius, degrees},
	{0, 118, 124, vital.SpO2, "", -2, vital.Percent, plain},
	{0, 118, 126, vital.PulseRate, "", 0, vital.PerMinute, plain},
	{0, 118, 128, vital.Unknown, "SpO2 IR AMP", 0, vital.NoUnit, plain},
	{0, 132, 138, vital.EtCO2, "", -2, vital.MmHg, carbon},
	{0, 132, 140, vital.FiCO2, "", -2, vital.MmHg, carbon},
	{0, 132, 142, vital.RespRateCO2, "", 0, vital.PerMinute, plain},
	{0, 132, 144, vital.AmbientPressure, "", -1, vital.MmHg, plain},
	{0, 146, 152, vital.EtO2, "", -2, vital.Percent, plain},
	{0, 146, 154, vital.FiO2, "", -2, vital.Percent, plain},
	{0, 156, 162, vital.EtN2O, "", -2, vital.Percent, plain},
	{0, 156, 164, vital.FiN2O, "", -2, vital.Percent, plain},
	{0, 166, 172, vital.EtAA, "", -2, vital.Percent, plain},
	{0, 166, 174, vital.FiAA, "", -2, vital.Percent, plain},
	{0, 166, 176, vital.MAC, "", -2, vital.NoUnit, plain},
	{0, 178, 184, vital.RespRateAirway, "", 0, vital.PerMinute, plain},
	{0, 178, 186, vital.AirwayPeak, "", -2, vital.CmH2O, plain},
	{0, 178, 188, vital.PEEP, "", -2, vital.CmH2O, plain},
	{0, 178, 190, vital.AirwayPlateau, "", -2, vital.CmH2O, plain},
	{0, 178, 192, vital.TidalInsp, "", -1, vital.Millilitre, plain},
	{0, 178, 194, vital.TidalExp, "", -1, vital.Millilitre, plain},
	{0, 178, 196, vital.Compliance, "", -2, vital.MlPerCmH2O, plain},
	{0, 178, 198, vital.MinuteVolume, "", -2, vital.LitrePerMin, plain},
	// Scales of the following are not verified: the raw counts pass through.
	{0, 200, 206, vital.Unknown, "CO", 0, vital.NoUnit, plain},
	{0, 200, 208, vital.Unknown, "BLOOD TEMP", 0, vital.NoUnit, plain},
	{0, 200, 212, vital.Unknown, "PCWP", 0, vital.NoUnit, plain},
	{0, 214, 220, vital.Unknown, "NMT T1", 0, vital.NoUnit, plain},
	{0, 214, 222, vital.Unknown, "NMT TOF", 0, vital.NoUnit, plain},
	{0, 214, 224, vital.Unknown, "NMT PTC", 0, vital.NoUnit, plain},
	{0, 232, 238, vital.SvO2, "", -2, vital.Percent, plain},

	{1, 48, 54, vital.STI, "", -2, vital.Millimetre, plain},
	{1, 48, 56, vital.STII, "", -2, vital.Millimetre, plain},
	{1, 48, 58, vital.STIII, "", -2, vital.Millimetre, plain},
	{1, 48, 60, vital.Unknown, "ST aVL", -2, vital.Millimetre, plain},
	{1, 48, 62, vital.Unknown, "ST aVR", -2, vital.Millimetre, plain},
	{1, 48, 64, vital.Unknown, "ST aVF", -2, vital.Millimetre, plain},
	{1, 48, 66, vital.Unknown, "ST V1", -2, vital.Millimetre, plain},
	{1, 48, 68, vital.Unknown, "ST V2", -2, vital.Millimetre, plain},
	{1, 48, 70, vital.Unknown, "ST V3", -2, vital.Millimetre, plain},
	{1, 48, 72, vital.Unknown, "ST V4", -2, vital.Millimetre, plain},
	{1, 48, 74, vital.Unknown, "ST V5", -2, vital.Millimetre, plain},
	{1, 48, 76, vital.Unknown, "ST V6", -2, vital.Millimetre, plain},

	{2, 96, 102, vital.EEGIndex, "", 0, vital.NoUnit, plain},
	{2, 112, 118, vital.EntropyState, "", 0, vital.NoUnit, plain},
	{2, 112, 120, vital.EntropyResponse, "", 0, vital.NoUnit, plain},
	{2, 112, 122, vital.BurstSuppression, "", 0, vital.Percent, plain},
}

// The fields that depend on others.
const (
	atAmbient = 144
	atCuff    = 78 // systolic, diastolic, mean, rate
	labelAt   = 4
	pressures = 19 // labels of invasive pressures
)

// Labels of invasive pressures. The arterial ones share a sign and differ by site.
var pressureLabels = [pressures]struct {
	site     vital.Site
	arterial bool
}{
	1: {"", true}, 2: {"CVP", false}, 3: {"PA", false}, 4: {"RAP", false}, 5: {"RVP", false}, 6: {"LAP", false},
	7: {"ICP", false}, 8: {"", true}, 15: {"SP", false}, 16: {"femoral", true}, 17: {"umbilical", true}, 18: {"UVC", false},
}

const labelCVP = 2

// Labels of temperatures.
var temperatureLabels = [...]vital.Site{
	1: vital.SiteOesophagus, 2: vital.SiteNasopharynx, 3: vital.SiteTympanic, 4: vital.SiteRectal, 5: vital.SiteBladder,
	6: vital.SiteAxilla, 7: vital.SiteSkin, 8: vital.SiteAirway, 9: "room", 10: "myocardium", 15: vital.SiteCore, 16: "surface",
}

// notOfBody is labels of temperatures that are not the patient's.
func notOfBody(label int) bool { return label == 8 || label == 9 }

// placed is f's sign and site, by the label of its group.
func (f *field) placed(label int) (vital.Sign, vital.Site, string) {
	switch f.kind {
	case pressure:
		if label >= pressures {
			return f.sign, vital.NoSite, ""
		}
		l, part := pressureLabels[label], vital.Sign((f.at-f.group-6)/2) // systolic, diastolic, mean
		switch {
		case l.arterial:
			return vital.ABPSys + part, l.site, ""
		case label == labelCVP && part == 2:
			return vital.CVPMean, vital.NoSite, ""
		}
		return f.sign, l.site, ""
	case degrees:
		if notOfBody(label) {
			return vital.Unknown, temperatureLabels[label], "T" + string(rune('1'+(f.group-86)/8))
		}
		if label < len(temperatureLabels) {
			return f.sign, temperatureLabels[label], ""
		}
	}
	return f.sign, vital.NoSite, f.raw
}

// numbers hands on what one class of numbers says.
func (s *session) numbers(now vital.Instant, r *record, class int, b []byte, to devices.Sink) {
	another := class == 0 && s.anotherCuff(b[atCuff:])
	for i := range fields {
		f := &fields[i]
		if f.class != class {
			continue
		}
		v := i16(b, f.at)
		if b[f.group]&groupExists == 0 && f.at != atAmbient {
			v = invalid // older levels fill what they do not know with zeros
		}
		status := binary.LittleEndian.Uint32(b[f.group:])
		label := int(binary.LittleEndian.Uint16(b[f.group+labelAt:]))
		sudden := s.sudden(i, v)
		if f.kind == cuff && !another {
			continue
		}
		if sudden && s.dirty > 0 {
			s.cuffKnown = s.cuffKnown && f.kind != cuff // the result is told with the next record
			continue
		}
		reading := f.reading(v, label, i16(b, atAmbient))
		if reading.State() != vital.Measured && status&groupExists == 0 && s.said[i] {
			continue // of a module that is not there, the reason is said once
		}
		s.said[i] = reading.State() != vital.Measured
		reading.Arrived, reading.MonitorTime = now, r.at
		if f.kind == cuff {
			reading.Aperiodic, reading.MonitorTime = true, time.Time{} // the record's time is not the result's
		}
		to.Reading(reading)
	}
}

// dirtyFor is how many frames after a garbled one the line is not trusted: two
// errors in one record can leave its sum and length right, so while there are
// errors a number that leaps is believed only when the next record says it too.
const dirtyFor = 8

// sudden reports whether number i has leapt since the last record: by more than
// an eighth, or from a value to a reason.
func (s *session) sudden(i, v int) bool {
	was := int(s.last[i])
	s.last[i] = int16(v)
	if (was < leastValue) != (v < leastValue) {
		return true
	}
	return max(v-was, was-v) > max(was, -was)/8+2
}

// anotherCuff reports whether the cuff's result at the front of b is another than
// the last: a repeat of it must not look new.
func (s *session) anotherCuff(b []byte) bool {
	was := s.cuff
	copy(s.cuff[:], b)
	another := s.cuff != was || !s.cuffKnown
	s.cuffKnown = true
	return another
}

// reading is what number v of f says.
func (f *field) reading(v, label, ambient int) vital.Reading {
	sign, site, raw := f.placed(label)
	reading := vital.None(sign, why(v))
	switch {
	case v < leastValue:
	case f.kind == carbon && (ambient < leastValue || ambient <= 0):
		// A share without the pressure of the air it is of: kept, but not as a pressure.
		raw, sign = "CO2 %", vital.Unknown
		reading = vital.OfUnit(sign, vital.Dec(int64(v), f.exp), vital.Percent)
	case f.kind == carbon:
		reading = vital.Of(sign, vital.Dec(int64(v)*int64(ambient), -5).RoundTo(1))
	default:
		reading = vital.OfUnit(sign, vital.Dec(int64(v), f.exp), f.unit)
	}
	reading.Site, reading.Raw = site, raw
	return reading
}
