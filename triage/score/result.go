package score

import (
	"errors"
	"fmt"
	"slices"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// ErrNoScore reports a name that no rule has.
var ErrNoScore = errors.New("no such score")

// A Rule is one published score.
type Rule struct {
	ID      string        `json:"score"`
	Title   string        `json:"title"`
	Version string        `json:"version"`
	Inputs  []finding.Key `json:"inputs"` // those it needs, then those it minds
	Source  string        `json:"source"`
	Licence string        `json:"licence"`

	judge func(*tally)
}

// A Result is one score of one patient, with all that led to it.
type Result struct {
	Score   string `json:"score"`
	Title   string `json:"title"`
	Version string `json:"version"`
	// Text is the result as a person reads it: "7, high" or "incomplete, at least 5".
	Text string `json:"text"`
	// Total is nil unless Complete.
	Total    *vital.Decimal `json:"total"`
	Unit     string         `json:"unit,omitempty"` // "" for points
	Complete bool           `json:"complete"`
	// AtLeast and AtMost are the bounds that the inputs known so far set; nil when
	// there is no bound, as for a ratio without one of its two.
	AtLeast *vital.Decimal `json:"at_least"`
	AtMost  *vital.Decimal `json:"at_most"`
	// Band is the published word for the total; "incomplete" while a missing input
	// could change it, "refused" when the score must not be used.
	Band string `json:"band"`
	// AtLeastBand is the least urgent band that the missing inputs still allow.
	AtLeastBand string                   `json:"at_least_band,omitempty"`
	Parts       map[string]vital.Decimal `json:"parts"`
	Missing     []finding.Key            `json:"missing"`
	Fired       []string                 `json:"fired"`
	Next        string                   `json:"next"` // "" when nothing is missing
	Used        []Used                   `json:"inputs"`
	Warnings    []string                 `json:"warnings"`
	Refused     string                   `json:"refused,omitempty"`
	Source      string                   `json:"source"`
	Licence     string                   `json:"licence"`
}

// Used is one input as it was used.
type Used struct {
	Input finding.Key `json:"input"`
	Value string      `json:"value"`
	AgeS  *float64    `json:"age_s,omitempty"` // nil when it is not known
}

// Incomplete and Refused are bands that are no score's own.
const (
	Incomplete = "incomplete"
	Refused    = "refused"
)

// Named is the rule with that name, or ErrNoScore.
func Named(id string) (Rule, error) {
	for _, r := range Rules {
		if r.ID == id {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("%q: %w; --list names those there are", id, ErrNoScore)
}

// Apply scores one patient. Contradictory findings are
// [finding.ErrContradiction] and give no result.
func (r Rule) Apply(in finding.Set) (Result, error) {
	if err := in.Check(); err != nil {
		return Result{}, fmt.Errorf("score %s: %w", r.ID, err)
	}
	t := tally{in: in, rule: r, result: Result{
		Score: r.ID, Title: r.Title, Version: r.Version, Source: r.Source, Licence: r.Licence,
		Parts: map[string]vital.Decimal{}, Missing: []finding.Key{}, Fired: []string{}, Used: []Used{}, Warnings: []string{},
	}}
	for _, k := range r.Inputs {
		if v, ok := in.Get(k); ok {
			u := Used{Input: k, Value: in.Text(k)}
			if v.Aged {
				s := v.Age.Seconds()
				u.AgeS = &s
			}
			t.result.Used = append(t.result.Used, u)
			if v.Aged && v.Age > stale {
				t.warn(string(k) + " is more than 15 minutes old")
			}
		}
	}
	r.judge(&t)
	t.finish()
	return t.result, nil
}

// finish puts into words what is missing.
func (t *tally) finish() {
	r := &t.result
	if t.refusal != "" {
		*r = Result{Score: r.Score, Title: r.Title, Version: r.Version, Source: r.Source, Licence: r.Licence,
			Text: "refused: " + t.refusal, Refused: t.refusal, Band: Refused, Used: r.Used, Warnings: r.Warnings,
			Parts: map[string]vital.Decimal{}, Missing: []finding.Key{}, Fired: []string{}}
		return
	}
	best := -1
	for _, s := range t.open {
		for _, k := range s.keys {
			if !slices.Contains(r.Missing, k) {
				r.Missing = append(r.Missing, k)
			}
		}
		for _, k := range s.keys {
			if s.span > best && !t.in.Has(k) { // a part that is not testable is not asked for again
				best, r.Next = s.span, k.Ask()
			}
		}
	}
	if r.Next == "" {
		r.Next = t.next
	}
	if r.Text == "" {
		switch {
		case r.Complete && r.Band != "":
			r.Text = r.Total.String() + ", " + r.Band
		case r.Complete:
			r.Text = r.Total.String()
		case r.AtLeast != nil:
			r.Text = "incomplete, at least " + r.AtLeast.String()
		default:
			r.Text = "incomplete"
		}
	}
}
