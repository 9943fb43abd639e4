package hl7

import (
	"bytes"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A message is what its results share.
type message struct {
	arrived vital.Instant
	at      time.Time // OBR-7 or MSH-7, zero when neither is a time
	demo    bool      // MSH-11 is not P: training or debugging
}

// sentinels are numbers that senders give for "no value": Mindray's and Comen's
// -100, -99.9 and -999, and 2^23-1, the NaN of an 11073 FLOAT's mantissa.
var sentinels = [...]vital.Decimal{vital.Int(-100), vital.Dec(-999, -1), vital.Int(-999), vital.Int(8388607)}

// result takes one OBX.
func (s *session) result(m message, obx []byte, to devices.Sink) {
	kind, id := field(obx, 2), field(obx, 3)
	status := field(obx, 11)
	if len(kind) == 0 {
		return // a line of the containment tree
	}
	if string(kind) != "NM" {
		s.counters.Unknown++
		return
	}
	mode := component(field(obx, 17), 2)
	if len(mode) == 0 {
		mode = component(field(obx, 17), 1)
	}
	aperiodic := bytes.Contains(field(obx, 17), []byte("APERIODIC"))
	settled := string(mode) == "SETTING" || bytes.Contains(field(obx, 17), []byte("ASETTING"))
	sign, site, known := vital.Unknown, vital.NoSite, false
	if system := string(component(id, 3)); system == "MDC" && !settled {
		sign, site, known = signOf(code(component(id, 1)), aperiodic)
	}
	unit, unitKnown := unitOf(field(obx, 6))
	value, isNumber := number(field(obx, 5))
	why := reason(field(obx, 8), status, m.demo)
	switch {
	case why != vital.Measured:
	case len(field(obx, 5)) == 0:
		why = vital.NotMeasured
	case !isNumber:
		s.counters.Bad++
		return
	case isSentinel(value):
		why = vital.Withheld
	}
	raw := ""
	if known && !unitKnown && why == vital.Measured {
		known = false
	}
	if !known {
		s.counters.Unknown++
		sign, site, raw = vital.Unknown, vital.NoSite, s.name(part(id, '~', 0))
	} else if s.twice(sign, site, value, why == vital.Measured) {
		return
	} else if s.other(sign, site) {
		sign, site, raw = vital.Unknown, vital.NoSite, s.name(join(s, id, field(obx, 4)))
	}
	r := vital.None(sign, why)
	if why == vital.Measured {
		r = vital.OfUnit(sign, value, unit)
	}
	r.Site, r.Raw, r.Arrived, r.MonitorTime = site, raw, m.arrived, m.at
	r.Questionable = why == vital.Measured && bytes.Contains(field(obx, 8), []byte("QUES"))
	own, timed := moment(field(obx, 14))
	if timed {
		r.MonitorTime = own
	}
	if known {
		s.seen = append(s.seen, seen{sign, site, value, why == vital.Measured})
	}
	if known && sign.Info().Ageing == vital.Episodic || aperiodic {
		r.Aperiodic = true
		if !timed {
			r.MonitorTime = time.Time{} // the message's time is not the result's
		}
	}
	to.Reading(r)
}

// join is an identifier with its place in the containment tree.
func join(s *session, id, place []byte) []byte {
	at := len(s.buf) - 256 // unused while a message is read: it is far shorter
	b := append(s.buf[at:at], id[:min(len(id), 90)]...)
	return append(append(b, ' '), place[:min(len(place), 30)]...)
}

// signOf is the sign of an MDC code. Comen sends a cuff's pressures as the codes
// of a pressure that is not said to be arterial, marked aperiodic.
func signOf(mdc uint32, aperiodic bool) (vital.Sign, vital.Site, bool) {
	if aperiodic {
		switch mdc {
		case 150017:
			return vital.NIBPSys, vital.NoSite, true
		case 150018:
			return vital.NIBPDia, vital.NoSite, true
		case 150019:
			return vital.NIBPMean, vital.NoSite, true
		}
	}
	if mdc == 151712 { // MDC_CONC_AWAY_CO2_EXP: what GE sends for the end-tidal value
		return vital.EtCO2, vital.NoSite, true
	}
	return vital.ByMDC(mdc)
}

// reason is Measured, or why a result has no value, by OBX-8 (HL7 table 0078 with
// IHE's additions), OBX-11 (table 0085) and the message's processing id.
func reason(flags, status []byte, demo bool) vital.State {
	if demo {
		return vital.Demo
	}
	for n := 0; ; n++ {
		f := part(flags, '~', n)
		if f == nil {
			break
		}
		switch string(component(f, 1)) {
		case "INV":
			return vital.Withheld
		case "NAV", "OFF":
			return vital.NotMeasured
		case "CAL":
			return vital.NotCalibrated
		case "TEST", "DEMO":
			return vital.Demo
		case "<":
			return vital.UnderRange
		case ">":
			return vital.OverRange
		}
	}
	switch string(status) {
	case "X", "N", "O":
		return vital.NotMeasured
	case "I":
		return vital.Searching
	case "D", "W":
		return vital.Withheld
	}
	return vital.Measured
}

func isSentinel(v vital.Decimal) bool {
	for _, d := range sentinels {
		if v.Cmp(d) == 0 {
			return true
		}
	}
	return false
}

// twice reports whether this message gave the same sign and value before, under
// another channel.
func (s *session) twice(sign vital.Sign, site vital.Site, v vital.Decimal, ok bool) bool {
	for _, e := range s.seen {
		if e.sign == sign && e.site == site && e.ok == ok && (!ok || e.value.Cmp(v) == 0) {
			return true
		}
	}
	return false
}

// other reports whether this message gave the same sign with another value: the
// first stands, the second is handed on under its raw name.
func (s *session) other(sign vital.Sign, site vital.Site) bool {
	for _, e := range s.seen {
		if e.sign == sign && e.site == site && e.ok {
			return true
		}
	}
	return false
}

// An alarm is gathered over the OBX segments of an ORU^R40 (IHE PCD-04).
type alarm struct {
	text      []byte
	named     bool
	priority  devices.Priority
	technical bool
	ended     bool
}

func (a *alarm) take(obx []byte) {
	id := component(field(obx, 3), 2)
	value := field(obx, 5)
	switch {
	case bytes.Contains(id, []byte("MDC_EVT_ALARM")) || bytes.Contains(id, []byte("MDC_EVT_ALERT")):
		text := component(value, 2)
		if len(text) == 0 {
			text = component(value, 1)
		}
		a.text, a.named = text, len(text) > 0
		for n := 0; ; n++ {
			f := part(field(obx, 8), '~', n)
			if f == nil {
				break
			}
			switch string(component(f, 1)) {
			case "PH":
				a.priority = devices.High
			case "PM":
				a.priority = devices.Medium
			case "PL":
				a.priority = devices.Low
			case "ST":
				a.technical = true
			}
		}
	case bytes.Contains(id, []byte("EVENT_PHASE")):
		a.ended = bytes.Contains(value, []byte("end"))
	case bytes.Contains(id, []byte("ALARM_STATE")):
		a.ended = a.ended || bytes.HasPrefix(value, []byte("inactive"))
	}
}
