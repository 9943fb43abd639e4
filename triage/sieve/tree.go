package sieve

import (
	"strings"

	"fieldkit/triage/score/finding"
)

// A node is a question with two ways on, or, with a category, an end.
type node struct {
	ask     func(finding.Set) finding.Tri
	keys    []finding.Key // what answers it; the first is asked for
	yes, no *node

	category Category
	why      string
}

func end(c Category, why string) *node { return &node{category: c, why: why} }

// question is a node that goes on by the answer of ask.
func question(ask func(finding.Set) finding.Tri, yes, no *node, keys ...finding.Key) *node {
	return &node{ask: ask, yes: yes, no: no, keys: keys}
}

// plain is a question that one key answers.
func plain(k finding.Key, yes, no *node) *node {
	return question(func(in finding.Set) finding.Tri { return in.Answer(k) }, yes, no, k)
}

// sort walks the tree. An unknown answer goes both ways; when all ways end in one
// category, the unknown does not matter.
func sort(root *node, in finding.Set, out *Result) {
	var ends []*node
	var walk func(*node)
	walk = func(n *node) {
		if n.category != "" {
			for _, e := range ends {
				if e == n {
					return
				}
			}
			ends = append(ends, n)
			return
		}
		switch n.ask(in) {
		case finding.Yes:
			walk(n.yes)
		case finding.No:
			walk(n.no)
		default:
			var open []finding.Key
			for _, k := range n.keys {
				if !in.Has(k) {
					open = append(open, k)
				}
			}
			if len(open) == 0 {
				open = n.keys
			}
			out.lacks(open...)
			walk(n.yes)
			walk(n.no)
		}
	}
	walk(root)
	possible := make([]Category, len(ends))
	for i, e := range ends {
		possible[i] = e.category
	}
	out.decide(possible)
	var why []string
	for _, e := range ends {
		if out.Category != Incomplete {
			why = append(why, e.why)
		} else {
			why = append(why, "if "+e.why+": "+string(e.category))
		}
	}
	out.Fired = strings.Join(why, "; or ")
}
