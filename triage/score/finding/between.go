package finding

import (
	"fmt"

	"fieldkit/triage/vital"
)

// A span is a number that lies from low to high, both included; the zero span is
// not known.
type span struct {
	low, high vital.Decimal
	known     bool
}

// PutBetween adds that a number lies from low to high, both included: a person
// judged it ("over 30 breaths") and did not count. It answers [Set.Below] and
// [Set.Above] where the whole span lies on one side, and is no [Set.Number]: what
// adds up numbers still asks for it. A number that is known goes before it.
func (s *Set) PutBetween(k Key, low, high vital.Decimal) error {
	row, ok := k.Info()
	if !ok {
		return fmt.Errorf("%q: %w", string(k), ErrUnknownKey)
	}
	if row.Kind != Number || low.Cmp(high) > 0 {
		return fmt.Errorf("%s: %w: a span of a number", k, ErrImpossible)
	}
	for _, end := range [...]vital.Decimal{low, high} {
		if err := row.check(Value{Number: end}); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	if s.within == nil {
		s.within = map[Key]span{}
	}
	s.within[k] = span{low, high, true}
	return nil
}

func (w span) below(bound vital.Decimal) Tri {
	switch {
	case w.known && w.high.Cmp(bound) < 0:
		return Yes
	case w.known && w.low.Cmp(bound) >= 0:
		return No
	}
	return Unknown
}

func (w span) above(bound vital.Decimal) Tri {
	switch {
	case w.known && w.low.Cmp(bound) > 0:
		return Yes
	case w.known && w.high.Cmp(bound) <= 0:
		return No
	}
	return Unknown
}
