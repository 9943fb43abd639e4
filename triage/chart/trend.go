package chart

import (
	"maps"
	"slices"
	"time"

	"fieldkit/triage/vital"
)

// A Measured is one measurement and the entry that charts it.
type Measured struct {
	Vital *Vital
	From  *Fact     // its content is a *Vitals
	At    time.Time // when the value arrived, which may be before it was charted
}

// Provenance is the instrument the value came from, empty when not said.
func (m Measured) Provenance() vital.Provenance {
	sources := m.From.Content.(*Vitals).Sources
	if int(m.Vital.Source) < len(sources) {
		return sources[m.Vital.Source]
	}
	return vital.Provenance{}
}

// A SignView is all that was charted of one sign.
type SignView struct {
	Sign vital.Sign
	All  []Measured // in the order measured
	// Last is the latest, be it a value or the reason there is none, which of a sign
	// measured now and then counts only from the instrument that measured last;
	// LastValue the latest with a value.
	Last, LastValue *Measured
	// Lowest and Highest are the worst ever: of the values that the monitor did
	// not doubt, compared in the sign's own unit; of equals the first.
	Lowest, Highest *Measured
}

// Vitals are the signs charted in active entries, by sign. A cuff result charted
// several times shows as often, with one time.
func (c *Chart) Vitals() []SignView {
	signs := map[vital.Sign]*SignView{}
	for _, f := range c.Of(TypeVitals) {
		content := f.Content.(*Vitals)
		for i := range content.Values {
			v := &content.Values[i]
			s := signs[v.Sign]
			if s == nil {
				s = &SignView{Sign: v.Sign}
				signs[v.Sign] = s
			}
			s.All = append(s.All, Measured{v, f, f.At.Add(-time.Duration(v.AgeMS) * time.Millisecond)})
		}
	}
	out := make([]SignView, 0, len(signs))
	for _, sign := range slices.Sorted(maps.Keys(signs)) {
		s := signs[sign]
		slices.SortStableFunc(s.All, func(a, b Measured) int {
			if c := a.At.Compare(b.At); c != 0 {
				return c
			}
			return a.From.Ref.Compare(b.From.Ref)
		})
		s.summarise()
		out = append(out, *s)
	}
	return out
}

// Sign is one sign of [Chart.Vitals].
func (c *Chart) Sign(sign vital.Sign) SignView {
	for _, s := range c.Vitals() {
		if s.Sign == sign {
			return s
		}
	}
	return SignView{Sign: sign}
}

func (s *SignView) summarise() {
	var low, high vital.Decimal
	for i := range s.All {
		m := &s.All[i]
		if s.displaces(m) {
			s.Last = m
		}
		if m.Vital.Value == nil || !m.Vital.State.Known() {
			continue
		}
		s.LastValue = m
		v, err := inOwnUnit(m.Vital)
		if err != nil || m.Vital.Questionable {
			continue
		}
		if s.Lowest == nil || v.Cmp(low) < 0 {
			s.Lowest, low = m, v
		}
		if s.Highest == nil || v.Cmp(high) > 0 {
			s.Highest, high = m, v
		}
	}
}

// displaces reports whether m takes the place of what stands. That an instrument has
// no value says nothing of what a person, or another instrument, measured now and
// then: a temperature taken by hand stands though the monitor has no probe for it.
func (s *SignView) displaces(m *Measured) bool {
	if s.Last == nil || s.Last.Vital.Value == nil || m.Vital.Value != nil || s.Sign == vital.Unknown || s.Sign.Info().Ageing == vital.Continuous {
		return true
	}
	a, b := s.Last.Provenance(), m.Provenance()
	return a.Driver == b.Driver && a.Make == b.Make && a.Serial == b.Serial
}

func inOwnUnit(v *Vital) (vital.Decimal, error) {
	if v.Sign == vital.Unknown || v.In() == v.Sign.Unit() {
		return *v.Value, nil
	}
	return vital.Convert(v.Sign, *v.Value, v.In(), v.Sign.Unit())
}
