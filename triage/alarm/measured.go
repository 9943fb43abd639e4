package alarm

import "fieldkit/triage/vital"

// measured is what is known of a sign.
type measured struct {
	sign       vital.Sign
	unit       vital.Unit
	places     int8 // decimals that the sign is shown with
	continuous bool
	limits     [2]*watch // low and high, nil when there are none
	told       bool      // that it has no value has been signalled
	sources    []*source
}

// source is what one monitor says of a sign.
type source struct {
	name string
	last vital.Reading // the last that said something
	gone vital.Instant // since when there is none; never while there is one
	tier [2]int        // how far beyond the low and the high limit, -1 when not
	back [2]bool       // inside by the hysteresis
	// Per limit and tier, since when it is crossed; never when it is not. A gap ends
	// nothing: only a value does.
	crossed [2][]vital.Instant
}

// from is one source of m, nil when it has said nothing yet.
func (m *measured) from(name string) *source {
	for _, f := range m.sources {
		if f.name == name {
			return f
		}
	}
	return nil
}

// judge compares the last value of a source with the limits of its sign. A monitor
// that says "under range" says that the value is below all it can measure, and so
// beyond every lower limit.
func (m *measured) judge(f *source, now vital.Instant) {
	f.tier, f.back = [2]int{-1, -1}, [2]bool{}
	own := f.last
	if own.Unit != m.unit {
		var err error
		if own, err = own.In(m.unit); err != nil {
			return // a unit that cannot be converted has no limit; vital withholds such values
		}
	}
	n, ok := own.Value()
	n = n.RoundTo(m.places) // as it is shown: a limit is of the number that a person reads
	for i, w := range m.limits {
		switch {
		case w == nil:
		case ok:
			f.tier[i], f.back[i] = w.limit.reached(n), w.limit.back(n)
		case (own.State() == vital.UnderRange) == (w.limit.Side == TooLow):
			f.tier[i] = len(w.limit.Tier) - 1
		default:
			f.back[i] = true
		}
		cross(f.crossed[i], now, f.tier[i])
	}
}

// forget begins all delays of f anew, for limits that were set now.
func (m *measured) forget(f *source) {
	f.tier = [2]int{-1, -1}
	for i, w := range m.limits {
		f.crossed[i] = f.crossed[i][:0]
		if w != nil {
			for range w.limit.Tier {
				f.crossed[i] = append(f.crossed[i], never)
			}
		}
	}
}

// since is when the earliest of the sources that have a value crossed a tier.
func (m *measured) since(side, tier int) vital.Instant {
	first := never
	for _, f := range m.sources {
		if f.gone == never {
			first = min(first, f.crossed[side][tier])
		}
	}
	return first
}

// beyond reports whether a source that has a value is beyond the limit.
func (m *measured) beyond(side int) bool {
	for _, f := range m.sources {
		if f.gone == never && f.tier[side] >= 0 {
			return true
		}
	}
	return false
}

// lossPriority is how soon someone must look why a sign has no value: sooner when
// it went away while something was wrong with it.
func (m *measured) lossPriority() Priority {
	for _, w := range m.limits {
		if w != nil && w.state != Quiet && w.state != Latched {
			return Medium
		}
	}
	return Low
}
