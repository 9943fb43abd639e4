package chart

import (
	"bytes"
	"maps"
	"slices"
)

// A Link is one merge of two patients, or with Apart the taking back of one.
type Link struct {
	Ref   Ref   `cbor:"1,keyasint,omitzero" json:"ref"`
	Saw   []Ref `cbor:"2,keyasint,omitempty" json:"saw,omitempty"`
	From  ID    `cbor:"3,keyasint,omitzero" json:"from"`
	Into  ID    `cbor:"4,keyasint,omitzero" json:"into"`
	Apart bool  `cbor:"5,keyasint,omitempty" json:"apart,omitempty"`
}

func linkOf(f *Fact) (Link, bool) {
	switch m := f.Content.(type) {
	case *PatientsMerged:
		return Link{f.Ref, f.Saw, m.From, m.Into, false}, true
	case *PatientsUnmerged:
		return Link{f.Ref, f.Saw, m.From, m.Into, true}, true
	}
	return Link{}, false
}

// undoes reports whether l takes back the merge m: it names the same two, and
// its writer had seen m.
func (l Link) undoes(m Link) bool {
	same := l.From == m.From && l.Into == m.Into || l.From == m.Into && l.Into == m.From
	return l.Apart && same && Seen(Entry{Ref: l.Ref, Saw: l.Saw}, Entry{Ref: m.Ref})
}

// groups says which patient ids are one person.
type groups struct {
	group map[ID]*[]ID
	from  map[ID]bool // merged into another
}

// groupsOf joins what merges say, less the merges that an un-merging of the same
// two had seen.
func groupsOf(links []Link) groups {
	g := groups{map[ID]*[]ID{}, map[ID]bool{}}
	for _, l := range Joins(links) {
		g.from[l.From] = true
		g.join(l.From, l.Into)
	}
	return g
}

func (g groups) join(a, b ID) {
	for _, id := range [...]ID{a, b} {
		if g.group[id] == nil {
			g.group[id] = &[]ID{id}
		}
	}
	one, two := g.group[a], g.group[b]
	if one == two {
		return
	}
	*one = append(*one, *two...)
	for _, id := range *two {
		g.group[id] = one
	}
}

// with are all ids of the person, id among them, in order.
func (g groups) with(id ID) []ID {
	if g.group[id] == nil {
		return []ID{id}
	}
	return slices.SortedFunc(slices.Values(*g.group[id]), compareIDs)
}

// root is the one id to show the person under: the smallest of those not merged
// into another, or the smallest of all when each was.
func (g groups) root(id ID) ID {
	all := g.with(id)
	for _, other := range all {
		if !g.from[other] {
			return other
		}
	}
	return all[0]
}

func compareIDs(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// roots are the distinct persons among ids.
func (g groups) roots(ids []ID) []ID {
	distinct := map[ID]bool{}
	for _, id := range ids {
		distinct[g.root(id)] = true
	}
	return slices.SortedFunc(maps.Keys(distinct), compareIDs)
}

// Joins are the merges among links that hold: those that no un-merging of the same two
// whose writer had seen them takes back. The slice is the caller's.
func Joins(links []Link) (out []Link) {
	for _, l := range links {
		if !l.Apart && l.From != l.Into && !slices.ContainsFunc(links, func(u Link) bool { return u.undoes(l) }) {
			out = append(out, l)
		}
	}
	return out
}
