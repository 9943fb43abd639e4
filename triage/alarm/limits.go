package alarm

import (
	"time"

	"fieldkit/triage/vital"
)

// A Tier is one bound of a limit. The bound itself is beyond the limit.
type Tier struct {
	Bound    vital.Decimal
	Priority Priority
	Delay    time.Duration // how long the value must be beyond it
}

// A Limit is what one sign may not fall to, or rise to, in the sign's own unit.
type Limit struct {
	Sign vital.Sign
	Side What   // TooLow or TooHigh
	Tier []Tier // mildest first; the worst one crossed counts
	// Hysteresis is how far inside the mildest bound the value must be, and Clear
	// for how long, before the condition is over.
	Hysteresis vital.Decimal
	Clear      time.Duration
}

// Limits is a set of limits with where it comes from. Changing a patient's limits
// is a recorded act; the engine takes a whole new set.
type Limits struct {
	ID    string // "adult", "child-5-12y", or "set by hand"
	Limit []Limit
}

// The delays (section 3.3 of the design's clinical notes): long enough for an
// artefact to pass, short enough for the patient. A desaturation of 15 s at 90 %
// cut alarms by 60 % (BI&T 2011;45 s1:46); below 80 % nothing is waited for.
const (
	oximeterDelay = 15 * time.Second
	heartDelay    = 5 * time.Second
	breathDelay   = 15 * time.Second
	pressureDelay = 10 * time.Second // of a continuous pressure; a cuff's result counts at once
	clearAfter    = 10 * time.Second
)

// bounds are one band's numbers: values that are beyond the limit. A zero medium
// bound means there is none.
type bounds struct {
	id                                           string
	rrLow, rrLowMedium, rrHighMedium, rrHigh     int64
	hrLow, hrLowMedium, hrHighMedium, hrHigh     int64
	sbpLow, sbpLowMedium, sbpHighMedium, sbpHigh int64
	spo2Low, spo2LowMedium                       int64
	tempLow, tempHighMedium                      int64 // tenths of a degree
}

// bands are the numbers. Adult: NEWS2, 3 points high and 2 points medium.
// Children: National PEWS, 4 points (pink) high and 2 points (orange) medium.
var bands = [...]bounds{
	{id: "child-0-11m", rrLow: 9, rrLowMedium: 19, rrHighMedium: 60, rrHigh: 70, hrLow: 79, hrLowMedium: 89, hrHighMedium: 170, hrHigh: 180,
		sbpLow: 49, sbpLowMedium: 59, sbpHighMedium: 100, sbpHigh: 110, spo2Low: 91},
	{id: "child-1-4y", rrLow: 9, rrLowMedium: 19, rrHighMedium: 50, rrHigh: 60, hrLow: 59, hrLowMedium: 69, hrHighMedium: 150, hrHigh: 170,
		sbpLow: 49, sbpLowMedium: 59, sbpHighMedium: 120, sbpHigh: 130, spo2Low: 91},
	{id: "child-5-12y", rrLow: 9, rrLowMedium: 14, rrHighMedium: 40, rrHigh: 50, hrLow: 59, hrLowMedium: 69, hrHighMedium: 140, hrHigh: 160,
		sbpLow: 69, sbpLowMedium: 79, sbpHighMedium: 120, sbpHigh: 130, spo2Low: 91},
	{id: "child-13-15y", rrLow: 9, rrHighMedium: 30, rrHigh: 40, hrLow: 49, hrLowMedium: 59, hrHighMedium: 120, hrHigh: 130,
		sbpLow: 79, sbpLowMedium: 89, sbpHighMedium: 130, sbpHigh: 140, spo2Low: 91},
	{id: "adult", rrLow: 8, rrHighMedium: 21, rrHigh: 25, hrLow: 40, hrHighMedium: 111, hrHigh: 131,
		sbpLow: 90, sbpLowMedium: 100, sbpHigh: 220, spo2Low: 91, spo2LowMedium: 93, tempLow: 350, tempHighMedium: 391},
}

// Adult is the set for 16 years and over, and for an unknown age.
func Adult() Limits { return bands[len(bands)-1].limits() }

// ForAge is the set for a patient of that many completed months of life. A
// negative age is unknown and gets the adult set, which the screen says.
func ForAge(months int) Limits {
	switch years := months / 12; {
	case months < 0 || years >= 16:
		return Adult()
	case years < 1:
		return bands[0].limits()
	case years < 5:
		return bands[1].limits()
	case years < 13:
		return bands[2].limits()
	}
	return bands[3].limits()
}

func (b bounds) limits() Limits {
	l := Limits{ID: b.id}
	add := func(s vital.Sign, side What, medium, high int64, exponent int8, delay time.Duration, hysteresis int64) {
		limit := Limit{Sign: s, Side: side, Hysteresis: vital.Dec(hysteresis, exponent), Clear: clearAfter}
		if medium != 0 {
			limit.Tier = append(limit.Tier, Tier{vital.Dec(medium, exponent), Medium, delay})
		}
		if high != 0 {
			limit.Tier = append(limit.Tier, Tier{vital.Dec(high, exponent), High, delay})
		}
		if len(limit.Tier) > 0 {
			l.Limit = append(l.Limit, limit)
		}
	}
	for _, s := range [...]vital.Sign{vital.HeartRate, vital.PulseRate} {
		add(s, TooLow, b.hrLowMedium, b.hrLow, 0, heartDelay, 3)
		add(s, TooHigh, b.hrHighMedium, b.hrHigh, 0, heartDelay, 3)
	}
	for _, s := range [...]vital.Sign{vital.RespRate, vital.RespRateImpedance, vital.RespRateCO2, vital.RespRateAirway} {
		add(s, TooLow, b.rrLowMedium, b.rrLow, 0, breathDelay, 2)
		add(s, TooHigh, b.rrHighMedium, b.rrHigh, 0, breathDelay, 2)
	}
	add(vital.NIBPSys, TooLow, b.sbpLowMedium, b.sbpLow, 0, 0, 1)
	add(vital.NIBPSys, TooHigh, b.sbpHighMedium, b.sbpHigh, 0, 0, 1)
	add(vital.ABPSys, TooLow, b.sbpLowMedium, b.sbpLow, 0, pressureDelay, 2)
	add(vital.ABPSys, TooHigh, b.sbpHighMedium, b.sbpHigh, 0, pressureDelay, 2)
	add(vital.SpO2, TooLow, b.spo2LowMedium, b.spo2Low, 0, oximeterDelay, 2)
	at := len(l.Limit) - 1
	l.Limit[at].Tier = append(l.Limit[at].Tier, Tier{vital.Int(79), High, 0}) // below 80 % at once
	add(vital.Temperature, TooLow, 0, b.tempLow, -1, 0, 2)
	add(vital.Temperature, TooHigh, b.tempHighMedium, 0, -1, 0, 2)
	l.Limit = append(l.Limit, Limit{Sign: vital.Apnoea, Side: TooHigh, Tier: []Tier{{vital.Int(20), High, 0}},
		Hysteresis: vital.Int(1), Clear: clearAfter})
	return l
}

// Scale2 is l with the SpO2 limits of NEWS2's scale 2 (a target of 88 to 92 %).
// It is used only by a clinician's recorded decision.
func Scale2(l Limits) Limits {
	out := Limits{ID: l.ID + ", SpO2 scale 2", Limit: append([]Limit(nil), l.Limit...)}
	for i, limit := range out.Limit {
		if limit.Sign == vital.SpO2 && limit.Side == TooLow {
			out.Limit[i].Tier = []Tier{
				{vital.Int(85), Medium, oximeterDelay},
				{vital.Int(83), High, oximeterDelay},
				{vital.Int(79), High, 0},
			}
		}
	}
	return out
}

// reached is the index of the worst tier that v is beyond, or -1.
func (l Limit) reached(v vital.Decimal) int {
	for i := len(l.Tier) - 1; i >= 0; i-- {
		if c := v.Cmp(l.Tier[i].Bound); l.Side == TooLow && c <= 0 || l.Side == TooHigh && c >= 0 {
			return i
		}
	}
	return -1
}

// back reports whether v is inside the mildest bound by more than the hysteresis.
func (l Limit) back(v vital.Decimal) bool {
	bound, margin := l.Tier[0].Bound.Float(), l.Hysteresis.Float()
	if l.Side == TooLow {
		return v.Float() >= bound+margin
	}
	return v.Float() <= bound-margin
}
