package finding

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldkit/triage/vital"
)

// ErrImpossible reports a value that its key cannot have.
var ErrImpossible = errors.New("not a possible value")

// ErrUnknownKey reports a key that is not in [Table].
var ErrUnknownKey = errors.New("no such input")

// Tri is yes, no or unknown. The zero Tri is unknown.
type Tri uint8

// The answers.
const (
	Unknown Tri = iota
	No
	Yes
)

// Of is Yes for true and No for false.
func Of(yes bool) Tri {
	if yes {
		return Yes
	}
	return No
}

// String is the answer in a word.
func (t Tri) String() string { return [...]string{"unknown", "no", "yes"}[min(t, Yes)] }

// Not turns yes and no around and leaves unknown.
func (t Tri) Not() Tri { return [...]Tri{Unknown, Yes, No}[min(t, Yes)] }

// Any is Yes when one is, No when all are, else Unknown.
func Any(all ...Tri) Tri {
	out := No
	for _, t := range all {
		if t == Yes {
			return Yes
		}
		if t == Unknown {
			out = Unknown
		}
	}
	return out
}

// All is No when one is, Yes when all are, else Unknown.
func All(all ...Tri) Tri {
	out := Yes
	for _, t := range all {
		if t == No {
			return No
		}
		if t == Unknown {
			out = Unknown
		}
	}
	return out
}

// A Value is one finding.
type Value struct {
	Number vital.Decimal // of a Number, or of a Graded that could be examined
	Yes    bool          // of an Answer
	Word   string        // of a Word, or NotTestable
	Age    time.Duration // how old it is, when Aged
	Aged   bool
}

// A Set is what was found on one patient. The zero Set holds nothing: everything
// is unknown. It is not safe for concurrent writing.
type Set struct {
	of     map[Key]Value
	within map[Key]span // of what was judged and not counted
}

// Put adds a finding, or ErrUnknownKey or ErrImpossible with the key's name. The
// error does not repeat the value.
func (s *Set) Put(k Key, v Value) error {
	row, ok := k.Info()
	if !ok {
		return fmt.Errorf("%q: %w; --list names those there are", string(k), ErrUnknownKey)
	}
	if err := row.check(v); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	if s.of == nil {
		s.of = map[Key]Value{}
	}
	s.of[k] = v
	return nil
}

func (row Info) check(v Value) error {
	switch row.Kind {
	case Word:
		if !slices.Contains(row.Words, v.Word) {
			return fmt.Errorf("%w: one of %s", ErrImpossible, strings.Join(row.Words, ", "))
		}
	case Number, Graded:
		if row.Kind == Graded && v.Word == NotTestable {
			break
		}
		n := v.Number
		if v.Word != "" || !n.Valid() || n.Cmp(row.Min) < 0 || n.Cmp(row.Max) > 0 {
			return fmt.Errorf("%w: from %s to %s", ErrImpossible, row.Min, row.Max)
		}
		if row.Whole && n.RoundTo(0).Cmp(n) != 0 {
			return fmt.Errorf("%w: a whole number", ErrImpossible)
		}
	}
	if v.Aged && v.Age < 0 {
		return fmt.Errorf("%w: its age is negative", ErrImpossible)
	}
	return nil
}

// Get is what is known of k.
func (s Set) Get(k Key) (Value, bool) {
	v, ok := s.of[k]
	return v, ok
}

// Has reports whether k is known.
func (s Set) Has(k Key) bool {
	_, ok := s.of[k]
	return ok
}

// Number is k's number, or false when it is unknown or not testable.
func (s Set) Number(k Key) (vital.Decimal, bool) {
	v, ok := s.of[k]
	return v.Number, ok && v.Word == ""
}

// Whole is like [Set.Number] for numbers without decimals; decimals are cut off.
func (s Set) Whole(k Key) (int, bool) {
	n, ok := s.Number(k)
	return int(n.Float()), ok
}

// Answer is k's answer.
func (s Set) Answer(k Key) Tri {
	v, ok := s.of[k]
	if !ok {
		return Unknown
	}
	return Of(v.Yes)
}

// Word is k's word, or false when it is unknown.
func (s Set) Word(k Key) (string, bool) {
	v, ok := s.of[k]
	return v.Word, ok
}

// Keys are the keys that are known, in the order of their names.
func (s Set) Keys() []Key { return slices.Sorted(maps.Keys(s.of)) }

// Text is a finding as a person reads it: "98", "yes", "V".
func (s Set) Text(k Key) string {
	v, ok := s.of[k]
	switch row := byKey[k]; {
	case !ok:
		return "unknown"
	case row.Kind == Answer:
		return Of(v.Yes).String()
	case v.Word != "":
		return v.Word
	}
	return v.Number.String()
}

// Below, Above and the like compare a number; what is unknown stays so.
func (s Set) Below(k Key, bound vital.Decimal) Tri {
	n, ok := s.Number(k)
	if !ok {
		return s.within[k].below(bound)
	}
	return Of(n.Cmp(bound) < 0)
}

// Above reports whether the number of k is greater than bound.
func (s Set) Above(k Key, bound vital.Decimal) Tri {
	n, ok := s.Number(k)
	if !ok {
		return s.within[k].above(bound)
	}
	return Of(n.Cmp(bound) > 0)
}

// Months is the age in completed months of life, or false when it is unknown.
func (s Set) Months() (int, bool) {
	if m, ok := s.Whole(AgeMonths); ok {
		return m, true
	}
	y, ok := s.Number(AgeYears)
	if !ok {
		return 0, false
	}
	return int(y.Float()*12 + 1e-9), true
}

// Years is the age in completed years, or false when it is unknown.
func (s Set) Years() (int, bool) {
	m, ok := s.Months()
	return m / 12, ok
}

// Distress is the grade of respiratory distress from 0 (none) to 3 (severe), from
// lowest to highest possible.
func (s Set) Distress() (low, high int) {
	switch w, ok := s.Word(RespDistress); {
	case !ok:
		return 0, 3
	case w == present:
		return 1, 3
	default:
		g := slices.Index(byKey[RespDistress].Words, w)
		return g, g
	}
}

// UsedText is one finding with its age for a list: "rr 20 (12 s old)".
func (s Set) UsedText(k Key) string {
	text := string(k) + " " + s.Text(k)
	if v := s.of[k]; v.Aged {
		text += " (" + strconv.Itoa(int(v.Age.Seconds())) + " s old)"
	}
	return text
}
