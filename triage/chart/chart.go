package chart

import (
	"maps"
	"slices"
)

// A Chart is what is known of one encounter: facts, their standing, and views of
// them. It never changes and may be read from several goroutines; what its
// methods return must not be written to, unless they say that it is the caller's.
type Chart struct {
	Encounter ID
	// Patient is the person as merges have it, zero when no entry says. Patients
	// are all ids the person has or had in this chart.
	Patient  ID
	Patients []ID

	facts  []*Fact
	at     map[Ref]*Fact
	active map[Type][]*Fact
	own    []ID // the ids its own entries name, and the last of them
	named  ID
	links  []Link
	doubts []Doubt
}

// Facts are all entries, whatever their standing, in the order they happened.
// Nothing that was added is ever absent from it.
func (c *Chart) Facts() []*Fact { return c.facts }

// Fact is the entry at that place, nil when it is not here.
func (c *Chart) Fact(r Ref) *Fact { return c.at[r] }

// Of are the active facts of the types, in the order they happened.
func (c *Chart) Of(types ...Type) []*Fact {
	if len(types) == 1 {
		return c.active[types[0]]
	}
	var out []*Fact
	for _, t := range types {
		out = append(out, c.active[t]...)
	}
	slices.SortFunc(out, (*Fact).Compare)
	return out
}

// Unconfirmed are the facts of the types that a withdrawn tablet wrote; of all
// types when none is named.
func (c *Chart) Unconfirmed(types ...Type) []*Fact {
	var out []*Fact
	for _, f := range c.facts {
		if f.Standing == Unconfirmed && (len(types) == 0 || slices.Contains(types, f.Content.Type())) {
			out = append(out, f)
		}
	}
	return out
}

// warned are the facts that count in warnings: active ones and those that a
// withdrawn tablet wrote.
func (c *Chart) warned(types ...Type) []*Fact {
	out := slices.Concat(slices.Clone(c.Of(types...)), c.Unconfirmed(types...))
	slices.SortFunc(out, (*Fact).Compare)
	return out
}

// Demo reports whether anything here is training or demonstration data.
func (c *Chart) Demo() bool {
	return slices.ContainsFunc(c.facts, func(f *Fact) bool { return f.Demo })
}

func build(f *Fold) *Chart {
	c := &Chart{
		Encounter: f.encounter,
		at:        make(map[Ref]*Fact, len(f.entries)),
		active:    map[Type][]*Fact{},
	}
	all := make([]Fact, len(f.entries))
	c.facts = make([]*Fact, 0, len(f.entries))
	for r, e := range f.entries {
		fact := &all[len(c.facts)]
		fact.Entry = e
		c.facts = append(c.facts, fact)
		c.at[r] = fact
	}
	c.erase()
	known := clocks{}
	for _, fact := range c.facts {
		if point, ok := fact.Content.(*Clock); ok && !fact.Withdrawn && point.Validate() == nil {
			key := boot{fact.Ref.Device, point.Boot}
			known[key] = append(known[key], fact)
		}
	}
	for _, points := range known {
		slices.SortFunc(points, func(f, g *Fact) int { return f.Ref.Compare(g.Ref) })
	}
	for _, fact := range c.facts {
		known.settle(fact)
	}
	slices.SortFunc(c.facts, (*Fact).Compare)

	corrected := c.correct()
	c.place(corrected)
	for _, fact := range c.facts {
		if fact.Standing == Active {
			t := fact.Content.Type()
			c.active[t] = append(c.active[t], fact)
		}
	}
	c.findDoubts(f.reach)
	return c
}

// erase hides what erase orders name, unless an accept stopped the order. Orders
// of withdrawn tablets have no effect, and orders do not reach the team log.
func (c *Chart) erase() {
	var orders []*Fact
	stopped := map[Ref]bool{}
	for _, f := range c.facts {
		switch order := f.Content.(type) {
		case *Erase:
			if !f.Withdrawn {
				orders = append(orders, f)
			}
		case *Accept:
			if !f.Withdrawn && order.Erase != nil {
				stopped[*order.Erase] = true
			}
		}
	}
	slices.SortFunc(orders, func(f, g *Fact) int { return f.Ref.Compare(g.Ref) })
	ranges := map[log][]Span{}
	by := map[Span][]Ref{}
	for _, o := range orders {
		if stopped[o.Ref] {
			continue
		}
		for _, s := range o.Content.(*Erase).Of {
			key := log{s.Device, s.Epoch}
			ranges[key] = append(ranges[key], s)
			by[s] = append(by[s], o.Ref)
		}
	}
	if len(ranges) == 0 {
		return
	}
	for _, f := range c.facts {
		for _, s := range ranges[f.Ref.log()] {
			if s.Holds(f.Ref) && f.Log != teamLog {
				hidden := stripped(Entry{Ref: f.Ref, Log: f.Log, Absent: Erased, Withdrawn: f.Withdrawn})
				f.Entry = &hidden
				f.By = append(f.By, by[s]...)
			}
		}
		slices.SortFunc(f.By, Ref.Compare)
		f.By = slices.Compact(f.By)
	}
}

// place gives every fact its standing: missing, elsewhere, moved, corrected,
// unconfirmed or active.
func (c *Chart) place(corrected map[*Fact]Standing) {
	moved := c.movements(corrected)
	c.findPatients(corrected, moved)
	for _, f := range c.facts {
		here, through := f.Encounter, false
		if m, ok := moved[f]; ok {
			here, through = m.to, m.through
			f.By = append(f.By, m.by...)
		}
		switch {
		case f.Absent != Present:
			f.Standing = Missing
		case scopeOf(f) == OfStation:
			f.Standing = corrected[f]
		case here != c.Encounter && (f.Encounter == c.Encounter || through):
			f.Standing = Moved
		case here != c.Encounter && !(scopeOf(f) == OfPatient && slices.Contains(c.Patients, f.Patient)) && !c.corrects(f):
			f.Standing = Elsewhere
		default:
			f.Standing = corrected[f]
			if here != f.Encounter {
				f.MovedFrom = f.Encounter
			}
		}
		if f.Standing == Active && f.Withdrawn {
			f.Standing = Unconfirmed
		}
	}
}

// corrects reports whether f corrects an entry of this chart, wherever f itself
// was written.
func (c *Chart) corrects(f *Fact) bool {
	of, _ := target(f)
	g := c.at[of]
	return g != nil && (g.Encounter == c.Encounter || scopeOf(g) == OfPatient)
}

func scopeOf(f *Fact) Scope {
	if f.Content == nil {
		return OfEncounter
	}
	return scopes[f.Content.Type()]
}

var scopes = func() map[Type]Scope {
	m := map[Type]Scope{}
	for _, k := range Kinds {
		m[k.Type] = k.Scope
	}
	return m
}()

// findPatients finds who the chart is of: the patients of the encounter's own
// facts that count, and whoever they are merged with. Of two that are not merged
// the one named last is shown, with a doubt.
func (c *Chart) findPatients(corrected map[*Fact]Standing, moved map[*Fact]movement) {
	counts := func(f *Fact) bool {
		_, away := moved[f]
		return f.Encounter == c.Encounter && f.Patient != (ID{}) && !away &&
			!f.Withdrawn && f.Absent == Present && corrected[f] == Active
	}
	own := map[ID]bool{}
	var links []Link
	for _, f := range c.facts {
		if counts(f) {
			own[f.Patient] = true
		}
		if l, ok := linkOf(f); ok && !f.Withdrawn && corrected[f] == Active {
			links = append(links, l)
		}
	}
	c.links = links
	g := groupsOf(links)
	c.own = slices.SortedFunc(maps.Keys(own), compareIDs)
	roots := g.roots(c.own)
	for _, id := range c.own {
		for _, other := range g.with(id) {
			own[other] = true
		}
	}
	c.Patients = slices.SortedFunc(maps.Keys(own), compareIDs)
	for _, f := range slices.Backward(c.facts) {
		if !own[f.Patient] || !counts(f) {
			continue
		}
		if c.Patient == (ID{}) {
			c.named, c.Patient = f.Patient, g.root(f.Patient)
		}
		if len(roots) > 1 && g.root(f.Patient) != c.Patient {
			c.doubt(TwoPatients, f.Ref, Ref{})
			break
		}
	}
}
