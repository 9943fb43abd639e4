package chart

import (
	"maps"
	"slices"
)

// A Matter is what a dispute is about.
type Matter uint8

// The matters.
const (
	AboutField       Matter = iota // of the demographics
	AboutAllergy                   // whether the patient has it
	AboutCondition                 // whether the patient has it
	AboutMedicine                  // whether the patient takes it
	AboutTriage                    // the category
	AboutCodeStatus                // whether to resuscitate
	AboutConsent                   // to what Name says
	AboutDecision                  // the one of that name
	AboutEnding                    // closed or stood down
	AboutDestination               // where the patient is to go
	AboutBay                       // where the patient is to lie
	AboutMerge                     // whether two records are one person
	AboutDoses                     // a possible double dose
)

// A Dispute is a matter on which entries written at once, while apart, disagree, and
// that nobody has settled. No clock settles it: a person does, by writing again with
// both in sight. A possible double dose is never settled, only looked at: see
// [DoseReviewed].
type Dispute struct {
	Matter Matter
	Name   string // which one: the field's name, the drug's, the consent's
	Sides  []Side // two or more, the one that is shown meanwhile first
	// Reviewed are the entries of who looked at a possible double dose; such a
	// dispute is listed and not open.
	Reviewed []*Fact
}

// Open reports whether a person still has to look.
func (d Dispute) Open() bool { return len(d.Reviewed) == 0 }

// A Side is one answer to a matter in dispute.
type Side struct {
	Fact  *Fact  // the latest entry that says so
	Value string // of a field, "" takes it back
	Not   bool   // it says that the patient has it not, or that two are not one person
	// Had is the latest earlier entry on the matter that the writer had seen, nil
	// when there was none.
	Had    *Fact
	settle Content
}

// Settles is what a person writes who finds this side to be true. Written with
// everything in sight, it alone stands. It is nil for a dose: nobody can decide by
// touch how much is in a patient.
func (s Side) Settles() Content { return s.settle }

// Disputes are the matters in dispute, those to be settled before those that were
// looked at, in a lasting order.
func (c *Chart) Disputes() []Dispute {
	var out []Dispute
	for _, v := range c.Person() {
		if v.Conflict() {
			out = append(out, fieldDispute(v))
		}
	}
	choice := func(m Matter, name string, of Choice) {
		if d, ok := choiceDispute(m, name, of); ok {
			out = append(out, d)
		}
	}
	out = append(out, c.setDisputes(AboutAllergy, TypeAllergyAdded, TypeAllergyRemoved)...)
	out = append(out, c.setDisputes(AboutCondition, TypeConditionAdded, TypeConditionRemoved)...)
	out = append(out, c.setDisputes(AboutMedicine, TypeMedicineAdded, TypeMedicineRemoved)...)
	choice(AboutTriage, "", c.Triage())
	choice(AboutCodeStatus, "", c.CodeStatus())
	consents, decisions := c.Consents(), c.Decisions()
	for _, what := range slices.Sorted(maps.Keys(consents)) {
		choice(AboutConsent, what, consents[what])
	}
	for _, name := range slices.Sorted(maps.Keys(decisions)) {
		choice(AboutDecision, name, decisions[name])
	}
	course := c.Course()
	choice(AboutEnding, "", course.Ended)
	choice(AboutDestination, "", course.Destination)
	choice(AboutBay, "", course.Bay)
	out = append(out, c.mergeDisputes()...)
	for _, p := range c.DoubleDoses() {
		d := Dispute{Matter: AboutDoses, Name: drugOf(p.First.Content).Name, Reviewed: p.Reviewed}
		d.Sides = []Side{{Fact: p.First}, {Fact: p.Second}}
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b Dispute) int {
		if a.Open() == b.Open() {
			return 0
		}
		if a.Open() {
			return -1
		}
		return 1
	})
	return out
}

// had is the latest of lost that f's writer had seen.
func had(f *Fact, lost []*Fact) *Fact {
	var best *Fact
	for _, g := range lost {
		if f.saw(g) && (best == nil || best.Compare(g) < 0) {
			best = g
		}
	}
	return best
}

func fieldDispute(v FieldView) Dispute {
	d := Dispute{Matter: AboutField, Name: string(v.Field)}
	var lost []*Fact
	for _, l := range v.Lost {
		lost = append(lost, l.From)
	}
	for _, s := range v.Stands {
		if slices.ContainsFunc(d.Sides, func(x Side) bool { return x.Value == s.Value }) {
			continue
		}
		who := &PatientIdentified{How: "settled of several"}
		if s.Value == "" {
			who.Who.Clear = []Field{v.Field}
		} else {
			who.Who.set(v.Field, s.Value)
		}
		d.Sides = append(d.Sides, Side{Fact: s.From, Value: s.Value, Had: had(s.From, lost), settle: who})
	}
	return d
}

// choiceDispute is a choice of which several stand that do not say the same.
func choiceDispute(m Matter, name string, of Choice) (Dispute, bool) {
	d := Dispute{Matter: m, Name: name}
	for _, f := range of.Stands {
		if !slices.ContainsFunc(d.Sides, func(s Side) bool { return sameAnswer(s.Fact.Content, f.Content) }) {
			d.Sides = append(d.Sides, Side{Fact: f, Had: had(f, of.Lost), settle: f.Content})
		}
	}
	return d, len(d.Sides) > 1
}

// sameAnswer reports whether two entries answer a matter alike, whatever else they
// say of why.
func sameAnswer(a, b Content) bool {
	switch a := a.(type) {
	case *Triage:
		b, ok := b.(*Triage)
		return ok && a.Scheme == b.Scheme && a.Category == b.Category && a.Urgency == b.Urgency
	case *CodeStatus:
		b, ok := b.(*CodeStatus)
		return ok && a.Status == b.Status && a.Document == b.Document && a.Text == b.Text
	case *Consent:
		b, ok := b.(*Consent)
		return ok && a.Status == b.Status && a.By == b.By && a.Text == b.Text
	case *Decision:
		b, ok := b.(*Decision)
		return ok && a.Value == b.Value
	case *EncounterClosed:
		b, ok := b.(*EncounterClosed)
		return ok && a.Outcome == b.Outcome && a.Text == b.Text
	case *EncounterStoodDown:
		_, ok := b.(*EncounterStoodDown)
		return ok
	case *EncounterBoundFor:
		b, ok := b.(*EncounterBoundFor)
		return ok && *a == *b
	case *BayAssigned:
		b, ok := b.(*BayAssigned)
		return ok && *a == *b
	}
	return false
}

// setDisputes are the items that one added and another, who had not seen it, removed.
func (c *Chart) setDisputes(m Matter, added, removed Type) []Dispute {
	const has, not = 0, 1
	facts := map[string]*[2][]*Fact{}
	keys := map[Ref]string{}
	for _, f := range c.Of(added) {
		item := namedOf(f.Content)
		key := item.Key()
		keys[f.Ref] = key
		if facts[key] == nil {
			facts[key] = &[2][]*Fact{}
		}
		facts[key][has] = append(facts[key][has], f)
	}
	for _, f := range c.Of(removed) {
		for _, r := range removedOf(f.Content) {
			if key, ok := keys[r]; ok && !slices.Contains(facts[key][not], f) {
				facts[key][not] = append(facts[key][not], f)
			}
		}
	}
	var out []Dispute
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		all := slices.Concat(facts[key][has], facts[key][not])
		stands := choose(all)
		var yes, no *Fact
		for _, f := range stands.Stands {
			if f.Content.Type() == added {
				yes = laterOf(yes, f)
			} else {
				no = laterOf(no, f)
			}
		}
		if yes == nil || no == nil {
			continue
		}
		var refs []Ref
		for _, f := range facts[key][has] {
			refs = append(refs, f.Ref)
		}
		out = append(out, Dispute{Matter: m, Name: namedOf(yes.Content).Name, Sides: []Side{
			{Fact: yes, Had: had(yes, stands.Lost), settle: yes.Content},
			{Fact: no, Not: true, Had: had(no, stands.Lost), settle: removal(removed, Removed{Of: refs, Why: "settled of several"})},
		}})
	}
	return out
}

// laterOf is the later of two facts; a nil one is none.
func laterOf(a, b *Fact) *Fact {
	if a == nil || a.Compare(b) < 0 {
		return b
	}
	return a
}

func removal(t Type, r Removed) Content {
	switch t {
	case TypeAllergyRemoved:
		return &AllergyRemoved{r}
	case TypeConditionRemoved:
		return &ConditionRemoved{r}
	}
	return &MedicineRemoved{r}
}

// mergeDisputes are the pairs of patients that one joined and another, who had not
// seen it, took apart.
func (c *Chart) mergeDisputes() []Dispute {
	type pair struct{ a, b ID }
	facts := map[pair][]*Fact{}
	var order []pair
	for _, f := range c.Of(TypePatientsMerged, TypePatientsUnmerged) {
		l, _ := linkOf(f)
		p := pair{l.From, l.Into}
		if compareIDs(p.a, p.b) > 0 {
			p = pair{l.Into, l.From}
		}
		if facts[p] == nil {
			order = append(order, p)
		}
		facts[p] = append(facts[p], f)
	}
	var out []Dispute
	for _, p := range order {
		stands := choose(facts[p])
		var one, two *Fact
		for _, f := range stands.Stands {
			if l, _ := linkOf(f); l.Apart {
				two = laterOf(two, f)
			} else {
				one = laterOf(one, f)
			}
		}
		if one == nil || two == nil {
			continue
		}
		out = append(out, Dispute{Matter: AboutMerge, Sides: []Side{
			{Fact: one, Had: had(one, stands.Lost), settle: one.Content},
			{Fact: two, Not: true, Had: had(two, stands.Lost), settle: two.Content},
		}})
	}
	return out
}
