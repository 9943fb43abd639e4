package finding

import (
	"errors"
	"testing"

	"fieldkit/triage/vital"
)

// Breaths that a person judged as "30 or less" are not counted breaths: they answer
// START's question and leave MPTT-24's open.
func TestASpanAnswersOnlyWhereAllOfItLiesOnOneSide(t *testing.T) {
	var s Set
	if err := s.PutBetween(RR, vital.Int(1), vital.Int(30)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		bound        int64
		above, below Tri
	}{{0, Yes, No}, {1, Unknown, No}, {12, Unknown, Unknown}, {29, Unknown, Unknown}, {30, No, Unknown}, {31, No, Yes}} {
		if a, b := s.Above(RR, vital.Int(c.bound)), s.Below(RR, vital.Int(c.bound)); a != c.above || b != c.below {
			t.Errorf("1 to 30 against %d: above %v, below %v; want %v, %v", c.bound, a, b, c.above, c.below)
		}
	}
	if _, ok := s.Number(RR); ok || s.Has(RR) {
		t.Error("a span passes for a counted number")
	}
	if err := s.Put(RR, Value{Number: vital.Int(22)}); err != nil || s.Above(RR, vital.Int(20)) != Yes {
		t.Errorf("a counted number does not go before the span (%v)", err)
	}
}

func TestASpanMustBePossible(t *testing.T) {
	var s Set
	for _, err := range []error{
		s.PutBetween(RR, vital.Int(31), vital.Int(30)), s.PutBetween(RR, vital.Int(-1), vital.Int(30)),
		s.PutBetween(RR, vital.Int(31), vital.Int(999)), s.PutBetween(Walking, vital.Int(0), vital.Int(1)),
	} {
		if !errors.Is(err, ErrImpossible) {
			t.Errorf("an impossible span gives %v", err)
		}
	}
	if err := s.PutBetween("nothing", vital.Int(0), vital.Int(1)); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("an unknown key gives %v", err)
	}
}
