package vital

import (
	"errors"
	"fmt"
	"time"
)

// An Instant is monotonic time since the station's boot: for ages, timeouts and
// alarms. Wall time lies in ambulances and is never used for these.
type Instant time.Duration

// Sub is the time from u to t.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t - u) }

// Add is t moved by d.
func (t Instant) Add(d time.Duration) Instant { return t + Instant(d) }

// A State says whether a reading holds a value or why it does not. The numbers
// stand in the record and are never reused.
type State uint8

// The states. Only Measured carries a value.
const (
	NotMeasured   State = 0 // nothing measures this sign
	Measured      State = 1
	ProbeOff      State = 2 // sensor or finger off
	Searching     State = 3 // looking for a pulse or a first value
	Artefact      State = 4 // motion or interference; the monitor withdrew its value
	UnderRange    State = 5 // below what the monitor can measure
	OverRange     State = 6 // above what the monitor can measure
	NotCalibrated State = 7
	Disconnected  State = 8  // monitor, module or cable not connected
	Withheld      State = 9  // held back: quality too poor, or value not possible
	Demo          State = 10 // the monitor is in demonstration or test mode
)

var stateNames = [...]struct{ code, words string }{
	NotMeasured:   {"not_measured", "not measured"},
	Measured:      {"measured", "measured"},
	ProbeOff:      {"probe_off", "probe off"},
	Searching:     {"searching", "searching"},
	Artefact:      {"artefact", "artefact"},
	UnderRange:    {"under_range", "under range"},
	OverRange:     {"over_range", "over range"},
	NotCalibrated: {"not_calibrated", "not calibrated"},
	Disconnected:  {"disconnected", "disconnected"},
	Withheld:      {"withheld", "withheld"},
	Demo:          {"demo", "demo"},
}

// Known reports whether this version knows s.
func (s State) Known() bool { return int(s) < len(stateNames) }

// String is the state in words for a person.
func (s State) String() string {
	if !s.Known() {
		return fmt.Sprintf("state %d", uint8(s))
	}
	return stateNames[s].words
}

// MarshalText writes the state's name in lower case with underscores.
func (s State) MarshalText() ([]byte, error) {
	if !s.Known() {
		return nil, fmt.Errorf("write state %d: not known to this version", uint8(s))
	}
	return []byte(stateNames[s].code), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(b []byte) error {
	for i, n := range stateNames {
		if n.code == string(b) {
			*s = State(i)
			return nil
		}
	}
	return errors.New("read state: not a state known to this version")
}

// A Reading is one value of a sign or the reason there is none. Its value can
// be had only through [Reading.Value], so an absent value cannot be taken for
// zero. The zero Reading is "not measured". A Reading is a value: copies are
// independent and safe to share.
type Reading struct {
	Sign Sign
	Unit Unit // of the value; the sign's own unit unless the monitor used another
	Site Site // where on the body, "" when the monitor does not say

	// Arrived is when the bytes reached this station. Every age is counted from it.
	Arrived Instant
	// MonitorTime is the monitor's own clock, zero when it sent none. It is kept
	// to show its drift and to time results that were measured earlier.
	MonitorTime time.Time
	// Averaged is the window the monitor averaged over, 0 when it does not say.
	Averaged time.Duration
	// Questionable says that the monitor itself doubts the value (low perfusion,
	// poor signal). It is shown beside the number.
	Questionable bool
	// Aperiodic marks a result with its own time (a cuff reading): a repeat of
	// it is the same result, not a new one. Its MonitorTime is the result's own
	// time or zero, never that of the message which repeats it.
	Aperiodic bool
	// Stored says that the result was read from the instrument's memory: it may be
	// of any age and anybody's. Its MonitorTime is the result's own; recorded, it is
	// an aperiodic result like any other.
	Stored bool
	// Raw is the monitor's own name for the parameter when Sign is [Unknown].
	Raw string

	value Decimal
	state State
}

// Of is a measured reading of s in s's own unit. A value outside what the sign
// can possibly be is withheld, not shown: a garbled byte must not become a
// number.
func Of(s Sign, v Decimal) Reading { return OfUnit(s, v, s.Unit()) }

// OfUnit is like [Of] for a monitor that measures in another unit.
func OfUnit(s Sign, v Decimal, u Unit) Reading {
	r := Reading{Sign: s, Unit: u, value: v, state: Measured}
	if !s.Possible(v, u) {
		r.value, r.state = Decimal{}, Withheld
	}
	return r
}

// None is a reading of s without a value, for the reason given. Asking it to be
// Measured is a mistake of the caller and gives "not measured".
func None(s Sign, why State) Reading {
	if why == Measured {
		why = NotMeasured
	}
	return Reading{Sign: s, Unit: s.Unit(), state: why}
}

// Value is the value and true, or zero and false when there is none.
func (r Reading) Value() (v Decimal, ok bool) { return r.value, r.state == Measured }

// State is Measured or the reason there is no value.
func (r Reading) State() State { return r.state }

// Without is r with its value withdrawn for the reason given: the sign, unit,
// site and times stay.
func (r Reading) Without(why State) Reading {
	n := None(r.Sign, why)
	r.value, r.state = n.value, n.state
	return r
}

// In is r in unit u: the value converted as by [Convert]. A reading without a
// value keeps its reason. A unit its sign cannot have is ErrUnit.
func (r Reading) In(u Unit) (Reading, error) {
	v, err := Convert(r.Sign, r.value, r.Unit, u)
	if err != nil {
		return r, err
	}
	if r.state == Measured {
		r.value = v
	}
	r.Unit = u
	return r, nil
}

// Shown is the value as a person is shown it, rounded to the places its sign has
// in its unit, and true; or "" and false when there is none.
func (r Reading) Shown() (string, bool) {
	v, ok := r.Value()
	if !ok {
		return "", false
	}
	return v.RoundTo(r.Sign.PlacesIn(r.Unit)).String(), true
}

// String is the value with its unit, or the reason in words.
func (r Reading) String() string {
	if v, ok := r.Value(); ok {
		if u := r.Unit.Label(); u != "" {
			return v.String() + " " + u
		}
		return v.String()
	}
	return r.state.String()
}
