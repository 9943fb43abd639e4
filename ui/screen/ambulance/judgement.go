package ambulance

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/sieve"
	"fieldkit/ui/lang"
)

// judgement is what the rules make of the answers.
type judgement struct {
	sieve.Comparison
	err    string // why there is none, in words
	warn   string
	from   string // what the monitors said, in words
	asked  []finding.Key
	counts string // the monitor's breaths, when they contradict the person's
	child  finding.Tri
}

// isChild is whether the casualty is of JumpSTART's years (1 to 8), by age or by
// looks.
func isChild(in finding.Set) finding.Tri {
	if years, ok := in.Years(); ok {
		return finding.Of(years < 9)
	}
	return in.Answer(finding.LooksLikeChild)
}

// most is the urgency of a result, or the most urgent that it may still be.
func most(r sieve.Result) int {
	if len(r.Possible) > 0 {
		return r.Possible[0].Urgency()
	}
	return r.Category.Urgency()
}

// speaks reports whether a result speaks in the sort by itself. Two do not unless
// chosen: the field triage guideline chooses a hospital, not an order; and of START
// and JumpSTART each is silent where the other is for the casualty, JumpSTART also
// while nobody has said that this is a child.
func (j judgement) speaks(r sieve.Result) bool {
	switch r.Sieve {
	case fieldTriage:
		return false
	case "jumpstart":
		return j.child == finding.Yes
	case "start":
		return j.child != finding.Yes
	}
	return true
}

// differ are the results that speak, when they are not all as urgent.
func (j judgement) differ() (said []sieve.Result) {
	for _, r := range j.Results {
		if r.Category.Urgency() > 0 && j.speaks(r) {
			said = append(said, r)
		}
	}
	if len(said) == 0 || said[0].Category.Urgency() == said[len(said)-1].Category.Urgency() {
		return nil
	}
	return said
}

// judge applies every rule to what was said and to what the monitors measure.
func (c *card) judge(now time.Time) judgement {
	var j judgement
	s := c.s
	row, _ := s.row(c.of)
	set, err := c.said.own(row.Who, now)
	if err != nil {
		j.err = err.Error()
		return j
	}
	own, _ := c.said.own(row.Who, now) // apart: a set shares its map with its copies
	if s.on == c.of {
		from := typedLately(&set, row, now, s.measured(&set, now))
		if rr, ok := set.Number(finding.RR); ok {
			if w, judged := c.said.within[finding.RR]; judged && (rr.Cmp(w[0]) < 0 || rr.Cmp(w[1]) > 0) {
				j.counts = rr.String()
				if !c.held {
					j.err = s.speech.Say(lang.MonitorCounts, j.counts)
					return j
				}
			}
		}
		if j.counts != "" || errors.Is(set.Check(), finding.ErrContradiction) {
			set, from = own, nil
			j.warn = s.speech.Say(lang.MonitorLeftOut)
		}
		if len(from) > 0 {
			j.from = s.speech.Say(lang.TakenFrom, s.measuredWords(set, from))
		}
	}
	all, err := sieve.Compare(set)
	if err != nil {
		j.err = s.speech.Say(lang.Contradiction, afterColon(err))
		return j
	}
	j.Comparison = all
	j.child = isChild(own)
	// Those that do not speak for this casualty stand last; of equals what is decided
	// stands before what only may be so.
	slices.SortStableFunc(j.Results, func(a, b sieve.Result) int {
		if x, y := j.speaks(a), j.speaks(b); x != y {
			if x {
				return -1
			}
			return 1
		}
		if x, y := most(a), most(b); x != y {
			return y - x
		}
		return len(a.Possible) - len(b.Possible)
	})
	for _, r := range all.Results {
		if r.Category == sieve.Incomplete {
			for _, k := range r.Missing {
				if !slices.Contains(j.asked, k) {
					j.asked = append(j.asked, k)
				}
			}
		}
	}
	return j
}

// afterColon is an error's last words.
func afterColon(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}

// holds is the result that would be recorded: the one a person chose, else the most
// urgent there is, of equals START's.
func (j judgement) holds(chosen string) (sieve.Result, bool) {
	var best sieve.Result
	found := false
	for _, r := range j.Results {
		u := r.Category.Urgency()
		if u == 0 || !j.speaks(r) && r.Sieve != chosen {
			continue
		}
		if r.Sieve == chosen {
			return r, true
		}
		if !found || u > best.Category.Urgency() || u == best.Category.Urgency() && r.Sieve == "start" {
			best, found = r, true
		}
	}
	return best, found
}

const fieldTriage = "usft2021"

// urgencies are the sorts' words on the record's scale.
var urgencies = map[sieve.Category]chart.Urgency{
	sieve.Immediate: chart.Immediate, sieve.P1: chart.Immediate, sieve.Red: chart.Immediate,
	sieve.Delayed: chart.Urgent, sieve.P2: chart.Urgent, sieve.Yellow: chart.Urgent,
	sieve.Minor: chart.Standard, sieve.Minimal: chart.Standard, sieve.P3: chart.Standard, sieve.NoCriterion: chart.Standard,
	sieve.Expectant: chart.Expectant, sieve.NotBreathing: chart.Dead, sieve.Deceased: chart.Dead, sieve.Dead: chart.Dead,
}
