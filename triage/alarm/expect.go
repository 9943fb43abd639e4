package alarm

import (
	"slices"
	"time"

	"fieldkit/triage/vital"
)

// Expect watches for silence: from now on [Engine.Heard] must come at least every
// within, or c is signalled with priority p. Both ends of a link do so. Zero stops
// watching and ends the condition.
func (e *Engine) Expect(now vital.Instant, c Condition, p Priority, within time.Duration) []Transition {
	now = e.advance(now)
	var out []Transition
	e.expected = slices.DeleteFunc(e.expected, func(x *expectation) bool { return x.condition == c })
	if within <= 0 {
		return e.end(out, c, now)
	}
	e.expected = append(e.expected, &expectation{condition: c, priority: p, within: within, heard: now})
	return out
}

// Heard says that what was expected under c has spoken.
func (e *Engine) Heard(now vital.Instant, c Condition) []Transition {
	now = e.advance(now)
	out := e.Tick(now)
	for _, x := range e.expected {
		if x.condition == c {
			x.heard = now
			if x.told {
				x.told = false
				out = e.end(out, c, now)
			}
		}
	}
	return out
}

// expectation is one thing that must be heard from.
type expectation struct {
	condition Condition
	priority  Priority
	within    time.Duration
	heard     vital.Instant
	told      bool
}
