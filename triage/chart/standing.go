package chart

import "slices"

// target is the entry that a correction names, and whether f is one.
func target(f *Fact) (Ref, bool) {
	switch t := f.Content.(type) {
	case *Amendment:
		return t.Of, true
	case *Retraction:
		return t.Of, true
	}
	return Ref{}, false
}

// correct works out which corrections hold, and so which facts are amended or
// retracted. A correction holds unless one that holds undoes it; where
// corrections undo each other in a ring, none holds. Facts that are neither are
// absent from the result, which reads as Active.
func (c *Chart) correct() map[*Fact]Standing {
	var corrections []*Fact
	counted := map[*Fact]bool{}
	for _, f := range c.facts {
		if of, ok := target(f); ok && !f.Withdrawn {
			if t := c.at[of]; t != nil && t.Log == teamLog {
				c.doubt(NoEffect, f.Ref, of)
			} else if c.applies(f) {
				corrections = append(corrections, f)
				counted[f] = true
			}
		}
	}
	waits := map[*Fact]int{} // undecided corrections that would undo this one
	for _, f := range corrections {
		if of, _ := target(f); c.at[of] != nil {
			waits[c.at[of]]++
		}
	}
	var holds, ready []*Fact
	decided := map[*Fact]bool{}
	decide := func(f *Fact) {
		if counted[f] && !decided[f] {
			decided[f] = true
			ready = append(ready, f)
		}
	}
	undone := map[*Fact]bool{}
	for _, f := range corrections {
		if waits[f] == 0 {
			decide(f)
		}
	}
	for len(ready) > 0 {
		f := ready[0]
		ready = ready[1:]
		of, _ := target(f)
		t := c.at[of]
		if !undone[f] {
			holds = append(holds, f)
			if t != nil {
				undone[t] = true
				decide(t)
			}
		}
		if t != nil {
			if waits[t]--; waits[t] == 0 {
				decide(t)
			}
		}
	}
	for _, f := range corrections {
		if !decided[f] {
			of, _ := target(f)
			c.doubt(NoEffect, f.Ref, of)
		}
	}
	return c.mark(holds)
}

// mark gives the targets of corrections their standing. Retracted outweighs
// amended.
func (c *Chart) mark(holds []*Fact) map[*Fact]Standing {
	marks := map[*Fact]Standing{}
	slices.SortFunc(holds, (*Fact).Compare)
	for _, f := range holds {
		of, _ := target(f)
		t := c.at[of]
		if t == nil {
			c.doubt(NamesAbsent, f.Ref, of)
			continue
		}
		if a, ok := f.Content.(*Amendment); ok {
			t.By = append(t.By, f.Ref, a.By)
			marks[t] = max(marks[t], Amended)
		} else {
			t.By = append(t.By, f.Ref)
			marks[t] = Retracted
		}
	}
	return marks
}

// applies reports whether a correction may hold at all. An amendment does only
// with a replacement that is here, that its own writer wrote before it, and that
// was written after the amended entry had been seen: otherwise the amended entry
// goes on counting, with a doubt, because a value in doubt is better than one
// silently gone.
func (c *Chart) applies(f *Fact) bool {
	a, ok := f.Content.(*Amendment)
	if !ok {
		return true
	}
	by, of := c.at[a.By], c.at[a.Of]
	switch {
	case by == nil:
		c.doubt(NamesAbsent, f.Ref, a.By)
		return false
	case by.Absent == Erased:
		return true
	case by.Absent != Present || by.Withdrawn ||
		by.Ref.log() != f.Ref.log() || by.Ref.Seq >= f.Ref.Seq ||
		of != nil && of.Absent == Present && (!by.saw(of) || of.saw(by)):
		c.doubt(NoEffect, f.Ref, a.By)
		return false
	}
	return true
}

// A movement is where reassignments took a fact.
type movement struct {
	to      ID
	through bool // it was, or might be, in this chart's encounter on the way
	by      []Ref
}

// movements follows every reassignment that holds, in the order their writers saw
// each other. One takes an entry only from where the earlier ones left it.
func (c *Chart) movements(corrected map[*Fact]Standing) map[*Fact]movement {
	var orders []*Fact
	for _, f := range c.facts {
		if _, ok := f.Content.(*RangeReassigned); ok && !f.Withdrawn && corrected[f] == Active {
			orders = append(orders, f)
		}
	}
	if len(orders) == 0 {
		return nil
	}
	orders = c.once(inOrder(orders))
	moved := map[*Fact]movement{}
	for i, o := range orders {
		r := o.Content.(*RangeReassigned)
		for _, f := range c.facts {
			if scopeOf(f) == OfStation || !slices.ContainsFunc(r.Entries, func(s Span) bool { return s.Holds(f.Ref) }) {
				continue
			}
			m, was := moved[f]
			if !was {
				m.to = f.Encounter
			}
			if m.to != r.FromEncounter {
				if f.Encounter == r.FromEncounter && clashes(o, orders[:i], f) {
					c.doubt(MovedTwice, o.Ref, f.Ref)
				}
				continue
			}
			m.through = m.through || r.FromEncounter == c.Encounter || r.ToEncounter == c.Encounter
			m.to, m.by = r.ToEncounter, append(m.by, o.Ref)
			moved[f] = m
		}
	}
	return moved
}

// once drops the second of the two copies of a reassignment, one of which stands
// in each encounter, where both are here.
func (c *Chart) once(orders []*Fact) []*Fact {
	var out []*Fact
	for _, o := range orders {
		r := o.Content.(*RangeReassigned)
		twin := slices.ContainsFunc(out, func(p *Fact) bool {
			q := p.Content.(*RangeReassigned)
			return p.Encounter != o.Encounter && p.Ref.log() == o.Ref.log() &&
				q.FromEncounter == r.FromEncounter && q.ToEncounter == r.ToEncounter && slices.Equal(q.Entries, r.Entries)
		})
		if !twin {
			out = append(out, o)
		}
	}
	return out
}

// clashes reports whether an earlier order that o's writer had not seen took f
// from the same encounter.
func clashes(o *Fact, earlier []*Fact, f *Fact) bool {
	r := o.Content.(*RangeReassigned)
	return slices.ContainsFunc(earlier, func(p *Fact) bool {
		q := p.Content.(*RangeReassigned)
		return q.FromEncounter == r.FromEncounter && q.ToEncounter != r.ToEncounter && !o.saw(p) &&
			slices.ContainsFunc(q.Entries, func(s Span) bool { return s.Holds(f.Ref) })
	})
}

// A Move is a reassignment as a chart shows it.
type Move struct {
	Order *Fact // its content is a *RangeReassigned
	Away  bool  // out of this encounter; otherwise into it
	Facts []*Fact
}

// Moves are the reassignments out of and into this encounter, in order, each
// with the facts here that it moved.
func (c *Chart) Moves() []Move {
	var out []Move
	for _, o := range c.Of(TypeRangeReassigned) {
		m := Move{Order: o, Away: o.Content.(*RangeReassigned).FromEncounter == c.Encounter}
		for _, f := range c.facts {
			if slices.Contains(f.By, o.Ref) && f.Standing != Elsewhere {
				m.Facts = append(m.Facts, f)
			}
		}
		out = append(out, m)
	}
	return out
}

// Wanted are the places of entries of other encounters that reassignments moved
// here: what must be added to the fold besides the encounter's own.
func (c *Chart) Wanted() []Span {
	var out []Span
	for _, o := range c.Of(TypeRangeReassigned) {
		if r := o.Content.(*RangeReassigned); r.ToEncounter == c.Encounter {
			out = append(out, r.Entries...)
		}
	}
	return out
}
