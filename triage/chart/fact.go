package chart

import (
	"slices"
	"time"
)

// A Fact is an entry as the chart has it: where it stands among the others, and
// when it was truly so. It is read only.
type Fact struct {
	*Entry
	// At is when it happened and Wall when it was written, both corrected by a
	// clock entry where there is a better one than the entry's own clock; Trust
	// is that clock's.
	At       time.Time
	Wall     time.Time
	Trust    Trust
	Standing Standing
	// By names the entries that gave the fact its standing: amendments with
	// their replacements, retractions, reassignments, erasures.
	By []Ref
	// MovedFrom is the encounter the fact was moved from into this one.
	MovedFrom ID
}

// Standing says whether a fact counts.
type Standing uint8

// The standings. Only an Active fact counts in values, scores and totals; a
// Unconfirmed one counts in drug and allergy warnings too. Every one is shown.
const (
	Active      Standing = iota
	Unconfirmed          // written by a withdrawn tablet
	Amended              // another entry stands in its place
	Retracted            // should not have been written
	Moved                // reassigned to another encounter
	Elsewhere            // of another encounter or patient, and not of this chart
	Missing              // its content is not here; Absent says why
)

var standingWords = [...]string{"active", "withdrawn tablet, not confirmed", "amended", "retracted", "moved to another encounter", "of another encounter", "missing"}

// String is the standing in words for a person.
func (s Standing) String() string {
	if int(s) < len(standingWords) {
		return standingWords[s]
	}
	return "not known"
}

// MarshalText writes the words of String.
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Compare orders facts by the time they happened, then by place: the order of a
// chart, the same on every station.
func (f *Fact) Compare(g *Fact) int {
	if c := f.At.Compare(g.At); c != 0 {
		return c
	}
	return f.Ref.Compare(g.Ref)
}

// Saw reports whether the writer of f had folded g.
func (f *Fact) saw(g *Fact) bool { return Seen(*f.Entry, *g.Entry) }

// heads are the facts that no other of them supersedes by having seen it, the
// latest first: one, or several that were written at once while apart.
func heads(facts []*Fact) []*Fact {
	if len(facts) < 2 {
		return slices.Clone(facts)
	}
	last := map[log]*Fact{}
	for _, f := range facts {
		if g := last[f.Ref.log()]; g == nil || f.Ref.Seq > g.Ref.Seq {
			last[f.Ref.log()] = f
		}
	}
	var out []*Fact
	for _, f := range last {
		if !seenByAny(last, f) {
			out = append(out, f)
		}
	}
	if len(out) == 0 { // writers that each claim to have seen the other
		for _, f := range last {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(f, g *Fact) int { return g.Compare(f) })
	return out
}

func seenByAny(last map[log]*Fact, f *Fact) bool {
	for _, g := range last {
		if g != f && g.saw(f) {
			return true
		}
	}
	return false
}

// inOrder sorts facts so that each comes after those its writer had seen; of
// those that were written at once, the earlier first.
func inOrder(facts []*Fact) []*Fact {
	left := slices.Clone(facts)
	slices.SortFunc(left, (*Fact).Compare)
	out := make([]*Fact, 0, len(left))
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(f *Fact) bool {
			return !slices.ContainsFunc(left, func(g *Fact) bool { return g != f && f.saw(g) })
		})
		next = max(next, 0) // writers that each claim to have seen the other
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

// A Choice is what stands of facts of which only one can be true: the value that
// no later one replaced, or several written at once while apart.
type Choice struct {
	Stands []*Fact // the one to show first; more than one until a person settles it by writing again
	Lost   []*Fact // replaced by a writer who had seen them, in order
}

// First is the fact to show first, nil when there is none.
func (c Choice) First() *Fact {
	if len(c.Stands) == 0 {
		return nil
	}
	return c.Stands[0]
}

// Conflict reports whether several facts stand.
func (c Choice) Conflict() bool { return len(c.Stands) > 1 }

func choose(facts []*Fact) Choice {
	stands := heads(facts)
	c := Choice{Stands: stands}
	for _, f := range facts {
		if !slices.Contains(stands, f) {
			c.Lost = append(c.Lost, f)
		}
	}
	return c
}
