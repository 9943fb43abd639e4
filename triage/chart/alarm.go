package chart

import "fieldkit/triage/vital"

// Priority is how soon an alarm must be answered (IEC 60601-1-8), with technical
// alarms apart.
type Priority string

// The priorities.
const (
	HighPriority      Priority = "high"
	MediumPriority    Priority = "medium"
	LowPriority       Priority = "low"
	TechnicalPriority Priority = "technical"
)

// AlarmRaised begins one alarm; its place names the alarm ever after.
type AlarmRaised struct {
	Condition string         `cbor:"1,keyasint,omitempty" json:"condition"` // "SpO2 low", "probe off", "asystole"
	Priority  Priority       `cbor:"2,keyasint,omitempty" json:"priority"`
	Sign      vital.Sign     `cbor:"3,keyasint,omitempty" json:"sign,omitempty"`
	Value     *Vital         `cbor:"4,keyasint,omitempty" json:"value,omitempty"`
	Limit     *vital.Decimal `cbor:"5,keyasint,omitempty" json:"limit,omitempty"`  // the limit that was crossed
	Source    string         `cbor:"6,keyasint,omitempty" json:"source,omitempty"` // "monitor" when the monitor itself alarmed
	Monitor   string         `cbor:"7,keyasint,omitempty" json:"monitor,omitempty"`
	Text      string         `cbor:"8,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (a *AlarmRaised) Validate() error {
	var c check
	c.needed("condition", a.Condition, MaxName)
	among(&c, "priority", a.Priority, false, HighPriority, MediumPriority, LowPriority, TechnicalPriority)
	if a.Value != nil {
		a.Value.check(&c)
	}
	c.number("limit", a.Limit, vital.Dec(-1, 9), vital.Dec(1, 9))
	c.name("source", a.Source)
	c.name("monitor", a.Monitor)
	c.text("text", a.Text, MaxText)
	return c.err()
}

// AlarmAcknowledged says that a person has taken note of alarms.
type AlarmAcknowledged struct {
	Of []Ref `cbor:"1,keyasint,omitempty" json:"of"`
}

// Validate implements [Content].
func (a *AlarmAcknowledged) Validate() error {
	var c check
	c.must(len(a.Of) > 0, "of is empty")
	c.refs("of", a.Of)
	return c.err()
}

// AlarmPaused silences alarms for a while.
type AlarmPaused struct {
	Of      []Ref  `cbor:"1,keyasint,omitempty" json:"of,omitempty"` // empty: all of the encounter
	Seconds uint16 `cbor:"2,keyasint,omitempty" json:"seconds"`      // 1 to 600
	Why     string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (a *AlarmPaused) Validate() error {
	var c check
	c.refs("of", a.Of)
	c.must(a.Seconds >= 1 && a.Seconds <= 600, "seconds is not 1 to 600")
	c.text("why", a.Why, MaxText)
	return c.err()
}

// AlarmCleared says that the condition of alarms is over.
type AlarmCleared struct {
	Of  []Ref  `cbor:"1,keyasint,omitempty" json:"of"`
	Why string `cbor:"2,keyasint,omitempty" json:"why,omitempty"` // "back in range", "monitor unbound"
}

// Validate implements [Content].
func (a *AlarmCleared) Validate() error {
	var c check
	c.must(len(a.Of) > 0, "of is empty")
	c.refs("of", a.Of)
	c.text("why", a.Why, MaxText)
	return c.err()
}

// LimitsSet sets alarm limits for this patient, sign by sign. Signs not named
// keep theirs.
type LimitsSet struct {
	Limits []Limit `cbor:"1,keyasint,omitempty" json:"limits"`
	Why    string  `cbor:"2,keyasint,omitempty" json:"why,omitempty"`
}

// A Limit is when a sign alarms, in the sign's own unit. An end that is missing
// does not alarm.
type Limit struct {
	Sign     vital.Sign     `cbor:"1,keyasint,omitempty" json:"sign"`
	Low      *vital.Decimal `cbor:"2,keyasint,omitempty" json:"low,omitempty"`
	High     *vital.Decimal `cbor:"3,keyasint,omitempty" json:"high,omitempty"`
	Priority Priority       `cbor:"4,keyasint,omitempty" json:"priority,omitempty"`
	DelayMS  uint32         `cbor:"5,keyasint,omitempty" json:"delay_ms,omitempty"`
	Off      bool           `cbor:"6,keyasint,omitempty" json:"off,omitempty"`
}

// Validate implements [Content].
func (l *LimitsSet) Validate() error {
	var c check
	c.must(len(l.Limits) > 0, "limits is empty")
	c.length("limits", len(l.Limits))
	for _, i := range l.Limits {
		c.must(i.Sign != vital.Unknown, "a limit names no sign")
		c.must(i.Off || i.Low != nil || i.High != nil, "a limit has neither end and is not off")
		low, high := i.Sign.Info().Min, i.Sign.Info().Max
		c.number("low", i.Low, low, high)
		c.number("high", i.High, low, high)
		c.must(i.Low == nil || i.High == nil || i.Low.Cmp(*i.High) < 0, "a limit's low is not below its high")
		among(&c, "priority", i.Priority, true, HighPriority, MediumPriority, LowPriority)
	}
	c.text("why", l.Why, MaxText)
	return c.err()
}
