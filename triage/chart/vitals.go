package chart

import (
	"time"

	"fieldkit/triage/vital"
)

// Reason is why vitals were charted.
type Reason string

// The reasons.
const (
	ReasonMinute   Reason = "minute"
	ReasonNIBP     Reason = "nibp"
	ReasonAlarm    Reason = "alarm"
	ReasonDrug     Reason = "drug"
	ReasonScore    Reason = "score"
	ReasonTriage   Reason = "triage"
	ReasonHandover Reason = "handover"
	ReasonHand     Reason = "hand" // a person typed them
)

// Vitals is one charting of measurements, each a value or the reason there is
// none, with pointers to the seconds of the stream it was taken from.
type Vitals struct {
	Reason Reason  `cbor:"1,keyasint,omitempty" json:"reason"`
	Values []Vital `cbor:"2,keyasint,omitempty" json:"values"`
	// Sources are the instruments; each value names one by its index.
	Sources []vital.Provenance `cbor:"3,keyasint,omitempty" json:"sources,omitempty"`
	Monitor string             `cbor:"4,keyasint,omitempty" json:"monitor,omitempty"` // as in [MonitorBound]
	Stream  []Span             `cbor:"5,keyasint,omitempty" json:"stream,omitempty"`
	For     *Ref               `cbor:"6,keyasint,omitempty" json:"for,omitempty"` // the alarm, drug, triage or handover that was the reason
}

// A Vital is one measurement as it stands in the record. A value and a state
// exclude each other: without a value the state says why, and the zero State is
// "not measured".
type Vital struct {
	Sign         vital.Sign     `cbor:"1,keyasint,omitempty" json:"sign"`
	Value        *vital.Decimal `cbor:"2,keyasint,omitempty" json:"value,omitempty"`
	Unit         vital.Unit     `cbor:"3,keyasint,omitempty" json:"unit,omitempty"` // "" is the sign's own
	State        vital.State    `cbor:"4,keyasint,omitempty" json:"state,omitempty"`
	Site         vital.Site     `cbor:"5,keyasint,omitempty" json:"site,omitempty"`
	Questionable bool           `cbor:"6,keyasint,omitempty" json:"questionable,omitempty"`
	Aperiodic    bool           `cbor:"7,keyasint,omitempty" json:"aperiodic,omitempty"`
	AgeMS        uint32         `cbor:"8,keyasint,omitempty" json:"age_ms,omitempty"`       // how long before the entry's happened it arrived
	MonitorTime  Moment         `cbor:"9,keyasint,omitempty" json:"monitor_time,omitempty"` // the monitor's own clock
	AveragedMS   uint32         `cbor:"10,keyasint,omitempty" json:"averaged_ms,omitempty"` // the window it averaged over
	Raw          string         `cbor:"11,keyasint,omitempty" json:"raw,omitempty"`         // the monitor's own name of an unknown sign
	Source       uint8          `cbor:"12,keyasint,omitempty" json:"source,omitempty"`      // index into the sources
}

// VitalOf is r as recorded in an entry that happened at now, from the source of
// that index.
func VitalOf(r vital.Reading, now vital.Instant, source uint8) Vital {
	v := Vital{
		Sign: r.Sign, Site: r.Site, Questionable: r.Questionable, Aperiodic: r.Aperiodic,
		AgeMS: milliseconds(now.Sub(r.Arrived)), MonitorTime: At(r.MonitorTime),
		AveragedMS: milliseconds(r.Averaged), Raw: r.Raw, Source: source,
	}
	if r.Unit != r.Sign.Unit() {
		v.Unit = r.Unit
	}
	if value, ok := r.Value(); ok {
		v.Value = &value
	} else {
		v.State = r.State()
	}
	return v
}

// Reading is v as a reading, its arrival counted back from now, the instant of
// its entry's happened. A value this version finds impossible comes back
// withheld.
func (v Vital) Reading(now vital.Instant) vital.Reading {
	r := vital.None(v.Sign, v.State)
	if v.Value != nil {
		r = vital.OfUnit(v.Sign, *v.Value, v.In())
	}
	r.Unit, r.Site, r.Raw = v.In(), v.Site, v.Raw
	r.Arrived = now.Add(-time.Duration(v.AgeMS) * time.Millisecond)
	r.MonitorTime = v.MonitorTime.Time()
	r.Averaged = time.Duration(v.AveragedMS) * time.Millisecond
	r.Questionable, r.Aperiodic = v.Questionable, v.Aperiodic
	return r
}

// In is the unit of v's value: its own, or the sign's when it has none.
func (v Vital) In() vital.Unit {
	if v.Unit == vital.NoUnit {
		return v.Sign.Unit()
	}
	return v.Unit
}

func milliseconds(d time.Duration) uint32 {
	return uint32(min(max(d.Milliseconds(), 0), 1<<32-1))
}

// Validate implements [Content].
func (v *Vitals) Validate() error {
	var c check
	among(&c, "reason", v.Reason, false, ReasonMinute, ReasonNIBP, ReasonAlarm, ReasonDrug,
		ReasonScore, ReasonTriage, ReasonHandover, ReasonHand)
	c.must(len(v.Values) > 0, "values is empty")
	checkVitals(&c, v.Values, len(v.Sources))
	c.length("sources", len(v.Sources))
	for _, p := range v.Sources {
		checkProvenance(&c, p)
	}
	c.name("monitor", v.Monitor)
	c.spans("stream", v.Stream)
	return c.err()
}

func checkVitals(c *check, values []Vital, sources int) {
	c.length("values", len(values))
	for i := range values {
		values[i].check(c)
		c.must(values[i].Source == 0 || int(values[i].Source) < sources, "a value names a source that is not listed")
	}
}

func (v *Vital) check(c *check) {
	if v.Value != nil {
		c.must(v.State == vital.NotMeasured, "a value stands beside a state that says there is none")
		inRange := v.Value.Exponent >= -18 && v.Value.Exponent <= 18
		c.must(inRange && v.Sign.Possible(*v.Value, v.In()), "a value is not possible for its sign and unit")
	} else {
		c.must(v.State != vital.Measured, "a state says measured but there is no value")
	}
	c.must(v.State.Known(), "a state is not known")
	c.name("unit", string(v.Unit))
	c.name("site", string(v.Site))
	c.name("raw", v.Raw)
	c.must(v.Sign != vital.Unknown || v.Raw != "", "an unknown sign lacks the monitor's own name for it")
	c.moment("monitor_time", v.MonitorTime)
}

func checkProvenance(c *check, p vital.Provenance) {
	for _, s := range [...]string{p.Make, p.Model, p.Serial, p.Firmware, p.Driver, p.Method} {
		c.name("provenance", s)
	}
}
