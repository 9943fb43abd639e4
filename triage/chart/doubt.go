package chart

import (
	"cmp"
	"slices"
)

// A Doubt is one reason why the chart may not be the whole truth.
type Doubt struct {
	Why Why
	At  Ref // where it stands
	// About is the entry that At names and that is not here, or the last place
	// that At's writer had seen and this station has not.
	About Ref
}

// Why is the kind of a doubt.
type Why uint8

// The kinds. The first six are those of [Absent].
const (
	NotFetched   Why = 1
	NotGranted   Why = 2
	NotKept      Why = 3
	WasErased    Why = 4
	NotReadable  Why = 5
	IsDamaged    Why = 6
	NotConfirmed Why = 7  // written by a withdrawn tablet
	NotReached   Why = 8  // a writer had seen entries that are not here
	NamesAbsent  Why = 9  // a correction names an entry that is not here
	NoEffect     Why = 10 // a correction cannot be applied: it undoes what undoes it, or its replacement does not hold
	DemoMixed    Why = 11 // training data among a patient's, or the reverse
	MovedTwice   Why = 12 // reassigned to two encounters at once
	TwoPatients  Why = 13 // entries of this encounter name patients that are not merged
)

var whyWords = [...]string{
	NotFetched: "on its way", NotGranted: "withheld", NotKept: "past its keeping time", WasErased: "erased",
	NotReadable: "written by a later version", IsDamaged: "damaged",
	NotConfirmed: "withdrawn tablet, not confirmed", NotReached: "seen by others, not yet here",
	NamesAbsent: "corrects an entry that is not here", NoEffect: "correction that cannot be applied",
	DemoMixed: "training data mixed in", MovedTwice: "moved to two encounters at once",
	TwoPatients: "names two patients who are not merged",
}

// String is the kind in words for a person.
func (w Why) String() string {
	if int(w) < len(whyWords) && whyWords[w] != "" {
		return whyWords[w]
	}
	return "missing"
}

// MarshalText writes the words of String.
func (w Why) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Doubts lists every reason why a check over this chart may miss something, by
// place. The slice is the caller's.
func (c *Chart) Doubts() []Doubt { return slices.Clone(c.doubts) }

// Complete reports whether there is no doubt. A check over a chart that is not
// complete must say so and must not read as passed.
func (c *Chart) Complete() bool { return len(c.doubts) == 0 }

func (c *Chart) doubt(why Why, at, about Ref) {
	c.doubts = append(c.doubts, Doubt{why, at, about})
}

// findDoubts gathers what is missing, once every fact has its standing.
func (c *Chart) findDoubts(reach map[log]uint64) {
	real, demo := Ref{}, Ref{}
	unseen := map[log]Doubt{}
	for _, f := range c.facts {
		if f.Standing == Missing && f.Log != streamLog {
			c.doubt(Why(f.Absent), f.Ref, Ref{})
		}
		if f.Standing == Unconfirmed {
			c.doubt(NotConfirmed, f.Ref, Ref{})
		}
		if f.Standing == Active || f.Standing == Unconfirmed {
			if f.Demo {
				demo = f.Ref
			} else if f.Log != teamLog {
				real = f.Ref
			}
		}
		if f.Standing == Elsewhere || f.Log == teamLog { // the team log's saw covers the team log
			continue
		}
		for _, s := range f.Saw {
			if s.Seq > reach[s.log()] && s.Seq > unseen[s.log()].About.Seq {
				unseen[s.log()] = Doubt{NotReached, f.Ref, s}
			}
		}
	}
	for _, d := range unseen {
		c.doubts = append(c.doubts, d)
	}
	if real.Seq > 0 && demo.Seq > 0 {
		c.doubt(DemoMixed, demo, real)
	}
	slices.SortFunc(c.doubts, func(a, b Doubt) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Why, b.Why), a.About.Compare(b.About))
	})
	c.doubts = slices.Compact(c.doubts)
}
