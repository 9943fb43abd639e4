package sieve

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fieldkit/triage/score/finding"
)

// ErrNoSieve reports a name that no rule has.
var ErrNoSieve = errors.New("no such sieve")

// A Category is a rule's published word, in lower case with underscores.
type Category string

// The categories. Incomplete and Refused are no rule's own.
const (
	Immediate    Category = "immediate"
	Delayed      Category = "delayed"
	Minor        Category = "minor"
	Minimal      Category = "minimal"
	Expectant    Category = "expectant"
	Deceased     Category = "deceased"
	Dead         Category = "dead"
	P1           Category = "p1"
	P2           Category = "p2"
	P3           Category = "p3"
	NotBreathing Category = "not_breathing"
	Red          Category = "red"
	Yellow       Category = "yellow"
	NoCriterion  Category = "none"
	Incomplete   Category = "incomplete"
	Refused      Category = "refused"
)

// urgency orders the words of all rules. Two words of one number say the same.
// Not breathing comes after all who breathe, but before dead: nobody has said
// that it is too late.
var urgency = map[Category]int{
	Immediate: 7, P1: 7, Red: 7,
	Delayed: 6, P2: 6, Yellow: 6,
	Minor: 5, Minimal: 5, P3: 5, NoCriterion: 5,
	Expectant: 4, NotBreathing: 3, Deceased: 2, Dead: 2,
}

// Urgency is higher for the more urgent; 0 for a word that is not a category.
func (c Category) Urgency() int { return urgency[c] }

// A Rule is one published sort.
type Rule struct {
	ID      string        `json:"sieve"`
	Title   string        `json:"title"`
	Version string        `json:"version"`
	Inputs  []finding.Key `json:"inputs"`
	Source  string        `json:"source"`
	Licence string        `json:"licence"`

	tree   *node
	judge  func(finding.Set, *Result) // of a rule that is no tree
	refuse func(finding.Set) string   // why the rule does not hold for this patient, or ""
	warn   func(finding.Set, *Result) // what the rule itself does not see
}

// A Result is one sort of one casualty, with all that led to it.
type Result struct {
	Sieve    string        `json:"sieve"`
	Title    string        `json:"title"`
	Version  string        `json:"version"`
	Category Category      `json:"category"`
	Possible []Category    `json:"possible,omitempty"` // of an incomplete one, most urgent first
	Fired    string        `json:"fired"`
	Missing  []finding.Key `json:"missing"`
	Next     string        `json:"next"` // "" when no answer could change the category
	Used     []Used        `json:"inputs"`
	Warnings []string      `json:"warnings"`
	Refused  string        `json:"refused,omitempty"`
	Source   string        `json:"source"`
	Licence  string        `json:"licence"`
}

// Used is one input as it was used.
type Used struct {
	Input finding.Key `json:"input"`
	Value string      `json:"value"`
	AgeS  *float64    `json:"age_s,omitempty"` // nil when it is not known
}

// Named is the rule with that name, or ErrNoSieve.
func Named(id string) (Rule, error) {
	for _, r := range Rules {
		if r.ID == id {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("%q: %w; --list names those there are", id, ErrNoSieve)
}

// Apply sorts one casualty. Contradictory findings are
// [finding.ErrContradiction] and give no category.
func (r Rule) Apply(in finding.Set) (Result, error) {
	if err := in.Check(); err != nil {
		return Result{}, fmt.Errorf("sieve %s: %w", r.ID, err)
	}
	out := Result{Sieve: r.ID, Title: r.Title, Version: r.Version, Source: r.Source, Licence: r.Licence,
		Missing: []finding.Key{}, Used: []Used{}, Warnings: []string{}}
	for _, k := range r.Inputs {
		if v, ok := in.Get(k); ok {
			u := Used{Input: k, Value: in.Text(k)}
			if v.Aged {
				s := v.Age.Seconds()
				u.AgeS = &s
			}
			out.Used = append(out.Used, u)
		}
	}
	if r.refuse != nil {
		if why := r.refuse(in); why != "" {
			out.Category, out.Refused, out.Fired = Refused, why, why
			return out, nil
		}
	}
	if r.tree != nil {
		sort(r.tree, in, &out)
	} else {
		r.judge(in, &out)
	}
	if r.warn != nil {
		r.warn(in, &out)
	}
	return out, nil
}

// decide sets the category from those that are possible.
func (r *Result) decide(possible []Category) {
	slices.SortStableFunc(possible, func(a, b Category) int { return cmp.Compare(b.Urgency(), a.Urgency()) })
	possible = slices.Compact(possible)
	if len(possible) == 1 {
		r.Category, r.Next = possible[0], ""
		return
	}
	r.Category, r.Possible = Incomplete, possible
}

func (r *Result) lacks(keys ...finding.Key) {
	for _, k := range keys {
		if !slices.Contains(r.Missing, k) {
			r.Missing = append(r.Missing, k)
		}
	}
	if r.Next == "" && len(keys) > 0 {
		r.Next = keys[0].Ask()
	}
}

func (r *Result) note(words string) { r.Warnings = append(r.Warnings, words) }

// A Comparison is several sorts of one casualty.
type Comparison struct {
	Results []Result `json:"sieves"` // the most urgent first; an incomplete one counts as its most urgent possible
	// Disagreement names who says what when the sorts differ; "" when they agree.
	Disagreement string `json:"disagreement"`
}

// Compare applies every rule. Nothing is merged: all are shown, and the most
// urgent holds until a person decides.
func Compare(in finding.Set) (Comparison, error) {
	var c Comparison
	for _, r := range Rules {
		one, err := r.Apply(in)
		if err != nil {
			return Comparison{}, err
		}
		c.Results = append(c.Results, one)
	}
	slices.SortStableFunc(c.Results, func(a, b Result) int { return cmp.Compare(b.worst(), a.worst()) })
	said := map[int][]string{}
	for _, r := range c.Results {
		// The field triage guideline chooses a hospital; it is no answer to who comes first.
		if u := r.Category.Urgency(); u > 0 && r.Sieve != usft2021.ID {
			said[u] = append(said[u], r.Sieve+" says "+string(r.Category))
		}
	}
	if len(said) > 1 {
		var all []string
		for u := Immediate.Urgency(); u > 0; u-- {
			all = append(all, said[u]...)
		}
		c.Disagreement = strings.Join(all, "; ") + ": the most urgent holds until a person decides"
	}
	return c, nil
}

// worst is the urgency of the category, or of the most urgent that is possible.
func (r Result) worst() int {
	if len(r.Possible) > 0 {
		return r.Possible[0].Urgency()
	}
	return r.Category.Urgency()
}
