package chart

import (
	"slices"
	"strings"
	"time"

	"fieldkit/triage/vital"
)

// DoubleDoseWindow is how close in time two doses of one drug, given at once
// while apart, are a possible double dose: an hour covers two crews on one
// patient and times charted from memory. It is this project's choice, not a
// published figure; the interval between doses that a drug needs is checked by
// triage/formulary over all doses.
const DoubleDoseWindow = time.Hour

// A DrugView is all that is known of one drug in this encounter.
type DrugView struct {
	Drug Drug
	// Doses are the entries with a *DrugGiven, in order; those of withdrawn
	// tablets among them by their Standing.
	Doses []*Fact
	// Last is the latest dose or infusion change by the time it happened, not
	// counting stops and withdrawn tablets: what a dose timer runs from.
	Last *Fact
	// Totals sums single doses by unit, without withdrawn tablets. Infusions and
	// doses of unknown amount are not in it; Uncounted is how many those are.
	Totals    []Total
	Uncounted int
	Refused   []*Fact
	Dispensed []*Fact
	Wasted    []*Fact
}

// A Total is a sum of single doses in one unit.
type Total struct {
	Unit   vital.Unit
	Amount vital.Decimal
	Doses  int
}

// A DoubleDose is two doses of one drug of which neither giver had seen the
// other's entry, and close in time: one patient may have had it twice, or one
// dose may have been charted twice. A person must look.
type DoubleDose struct {
	First, Second *Fact // contents are *DrugGiven
	Apart         time.Duration
	// TimeUnsure says that a clock was unset, so that the doses may be closer or
	// further apart than they look; such a pair alerts at any distance.
	TimeUnsure bool
	// Reviewed are the entries of who looked at it, in order. The alert stays.
	Reviewed []*Fact
}

// Drugs are the drugs given, refused, dispensed or wasted, by name.
func (c *Chart) Drugs() []DrugView {
	facts := c.warned(TypeDrugGiven, TypeDrugRefused, TypeDrugDispensed, TypeDrugWasted)
	var views []DrugView
	for _, group := range byDrug(facts) {
		v := DrugView{Drug: drugOf(group[0].Content)}
		for _, f := range group {
			switch g := f.Content.(type) {
			case *DrugGiven:
				v.give(f, g)
			case *DrugRefused:
				v.Refused = append(v.Refused, f)
			case *DrugDispensed:
				v.Dispensed = append(v.Dispensed, f)
			case *DrugWasted:
				v.Wasted = append(v.Wasted, f)
			}
		}
		views = append(views, v)
	}
	slices.SortStableFunc(views, func(a, b DrugView) int {
		return strings.Compare(folded(a.Drug.Name), folded(b.Drug.Name))
	})
	return views
}

func (v *DrugView) give(f *Fact, g *DrugGiven) {
	v.Doses = append(v.Doses, f)
	if f.Standing == Unconfirmed || g.Phase == InfusionStopped {
		return
	}
	v.Last = f
	if g.Phase != SingleDose || g.Dose.Amount == nil {
		v.Uncounted++
		return
	}
	i := slices.IndexFunc(v.Totals, func(t Total) bool { return t.Unit == g.Dose.Unit })
	if i < 0 {
		v.Totals = append(v.Totals, Total{Unit: g.Dose.Unit})
		i = len(v.Totals) - 1
	}
	sum, ok := add(v.Totals[i].Amount, *g.Dose.Amount)
	if !ok {
		v.Uncounted++
		return
	}
	v.Totals[i].Amount = sum
	v.Totals[i].Doses++
}

// add is a + b exactly; false when that needs more than 18 digits.
func add(a, b vital.Decimal) (vital.Decimal, bool) {
	const limit = 1e17
	for a.Exponent != b.Exponent {
		if a.Exponent < b.Exponent {
			a, b = b, a
		}
		if a.Mantissa > limit/10 || a.Mantissa < -limit/10 || a.Exponent > 18 {
			return vital.Decimal{}, false
		}
		a = vital.Dec(a.Mantissa*10, a.Exponent-1)
	}
	if a.Mantissa > limit || a.Mantissa < -limit || b.Mantissa > limit || b.Mantissa < -limit {
		return vital.Decimal{}, false
	}
	return vital.Dec(a.Mantissa+b.Mantissa, a.Exponent), true
}

// DoubleDoses are the possible double doses, in order. Withdrawn tablets' doses
// count: a warning must not be lost with a tablet.
func (c *Chart) DoubleDoses() []DoubleDose {
	var out []DoubleDose
	for _, group := range byDrug(c.warned(TypeDrugGiven)) {
		doses := slices.DeleteFunc(group, func(f *Fact) bool {
			return f.Content.(*DrugGiven).Phase == InfusionStopped
		})
		for i, f := range doses {
			for _, g := range doses[i+1:] {
				unsure := f.Trust == ClockUnset || g.Trust == ClockUnset
				apart := g.At.Sub(f.At)
				if (unsure || apart <= DoubleDoseWindow) && !f.saw(g) && !g.saw(f) {
					out = append(out, DoubleDose{f, g, apart, unsure, c.reviews(f, g)})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b DoubleDose) int {
		if c := a.First.Compare(b.First); c != 0 {
			return c
		}
		return a.Second.Compare(b.Second)
	})
	return out
}

// reviews are the entries of who looked at the pair, with both in sight.
func (c *Chart) reviews(f, g *Fact) (out []*Fact) {
	for _, r := range c.Of(TypeDoseReviewed) {
		d := r.Content.(*DoseReviewed)
		same := d.First == f.Ref && d.Second == g.Ref || d.First == g.Ref && d.Second == f.Ref
		if same && r.saw(f) && r.saw(g) {
			out = append(out, r)
		}
	}
	return out
}

// byDrug parts facts, which are in order, into drugs: two are one drug when a
// chain of equal codes or equal names joins them.
func byDrug(facts []*Fact) [][]*Fact {
	parent := make([]int, len(facts))
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{}
	for i, f := range facts {
		parent[i] = i
		d := drugOf(f.Content)
		for _, key := range [...]string{"name " + folded(d.Name), "code " + folded(d.Code)} {
			if strings.HasSuffix(key, " ") {
				continue
			}
			if j, ok := first[key]; ok {
				a, b := find(i), find(j)
				parent[max(a, b)] = min(a, b)
			} else {
				first[key] = i
			}
		}
	}
	groups := map[int]int{}
	var out [][]*Fact
	for i, f := range facts {
		root := find(i)
		at, ok := groups[root]
		if !ok {
			at = len(out)
			groups[root] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], f)
	}
	return out
}

func drugOf(c Content) Drug {
	switch d := c.(type) {
	case *DrugGiven:
		return d.Drug
	case *DrugRefused:
		return d.Drug
	case *DrugDispensed:
		return d.Drug
	case *DrugWasted:
		return d.Drug
	case *DrugOrdered:
		return d.Drug
	}
	return Drug{}
}

// A Prescription is a drug order and what became of it.
type Prescription struct {
	Order   *Fact   // its content is a *DrugOrdered
	Answers []*Fact // given, refused or dispensed to this order; in order
}

// Open reports whether nobody has answered the order yet.
func (p Prescription) Open() bool { return len(p.Answers) == 0 }

// Prescriptions are the drug orders, in order.
func (c *Chart) Prescriptions() []Prescription {
	answers := map[Ref][]*Fact{}
	for _, f := range c.Of(TypeDrugGiven, TypeDrugRefused, TypeDrugDispensed) {
		if o := orderOf(f.Content); o != nil {
			answers[*o] = append(answers[*o], f)
		}
	}
	var out []Prescription
	for _, f := range c.Of(TypeDrugOrdered) {
		out = append(out, Prescription{f, answers[f.Ref]})
	}
	return out
}

func orderOf(c Content) *Ref {
	switch d := c.(type) {
	case *DrugGiven:
		return d.Order
	case *DrugRefused:
		return d.Order
	case *DrugDispensed:
		return d.Order
	}
	return nil
}
