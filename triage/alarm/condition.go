package alarm

import (
	"cmp"
	"fmt"

	"fieldkit/triage/vital"
)

// Priority is how soon a person must come.
type Priority uint8

// The priorities.
const (
	None Priority = iota
	Low
	Medium
	High
)

// String is the priority in a word.
func (p Priority) String() string { return [...]string{"none", "low", "medium", "high"}[min(p, High)] }

// Glyph marks the priority beside its colour and word: "!!!", "!!", "!".
func (p Priority) Glyph() string { return [...]string{"", "!", "!!", "!!!"}[min(p, High)] }

// What says in which way something is wrong.
type What uint8

// The ways.
const (
	TooLow    What = 1  // physiological: below its limit
	TooHigh   What = 2  // physiological: above its limit
	NoBeats   What = 3  // physiological: no heart beat found for 4 s
	Irregular What = 4  // physiological: irregularly irregular rhythm
	NoValue   What = 10 // technical: the sign was measured and is not any more
	Silent    What = 11 // technical: a monitor or a link says nothing
	Failing   What = 12 // technical: a disk, a port or a part of the station
	Reported  What = 13 // technical: the monitor's own alarm, in its own words
)

var whatWords = map[What]string{
	TooLow: "low", TooHigh: "high", NoBeats: "no beats found", Irregular: "irregular rhythm",
	NoValue: "no value", Silent: "silent", Failing: "failing",
}

// A Condition names what may be wrong. It can be compared and used as a key.
type Condition struct {
	What  What
	Sign  vital.Sign // of a condition about a sign
	About string     // of another: "link", "disk", a monitor's name
}

// Technical reports whether the condition is about the equipment.
func (c Condition) Technical() bool { return c.What >= NoValue }

// String is the condition in words, without any value: "SpO₂ low".
func (c Condition) String() string {
	about := c.About
	if about == "" {
		about = c.Sign.Info().Label
	}
	if c.What == Reported {
		return about // the monitor's own words
	}
	words, ok := whatWords[c.What]
	if !ok {
		words = fmt.Sprintf("condition %d", c.What)
	}
	return about + " " + words
}

// compare orders conditions.
func (c Condition) compare(d Condition) int {
	return cmp.Or(cmp.Compare(c.What, d.What), cmp.Compare(c.Sign, d.Sign), cmp.Compare(c.About, d.About))
}

// State is what a condition's signal does.
type State uint8

// The states.
const (
	Quiet        State = iota // not active
	Pending                   // beyond the limit, its delay not over
	Withheld                  // as Pending, but the value went away
	Sounding                  // active and signalled
	Acknowledged              // active; a person knows, no sound until it re-alarms
	Latched                   // over, but nobody has acknowledged it
)

// String is the state in words.
func (s State) String() string {
	return [...]string{"quiet", "pending", "withheld", "sounding", "acknowledged", "latched"}[min(s, Latched)]
}

// input is what can happen to a condition.
type input uint8

const (
	crossed     input = iota // the value is beyond a limit
	gone                     // the value went away
	delayOver                // it has been beyond the limit for its delay
	ended                    // it has been back for long enough
	endedLatch               // the same, for a priority that latches
	acknowledge              // a person says: seen
	worse                    // a higher priority is reached
	again                    // acknowledged too long ago and still there
)

// next is the state machine. What a state does not list leaves it as it is.
var next = map[State]map[input]State{
	Quiet:        {crossed: Pending},
	Pending:      {gone: Withheld, delayOver: Sounding, ended: Quiet, endedLatch: Quiet},
	Withheld:     {crossed: Pending, ended: Quiet, endedLatch: Quiet},
	Sounding:     {acknowledge: Acknowledged, ended: Quiet, endedLatch: Latched},
	Acknowledged: {worse: Sounding, again: Sounding, ended: Quiet, endedLatch: Quiet},
	Latched:      {acknowledge: Quiet, crossed: Sounding, worse: Sounding},
}

// table is next as an array: it is read for every reading beyond a limit.
var table = func() (t [Latched + 1][again + 1]State) {
	for s := range t {
		for in := range t[s] {
			t[s][in] = State(s)
			if to, ok := next[State(s)][input(in)]; ok {
				t[s][in] = to
			}
		}
	}
	return t
}()

// step gives the state after in.
func step(s State, in input) State { return table[s][in] }
