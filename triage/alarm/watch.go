package alarm

import (
	"fieldkit/triage/vital"
)

// watch is the state of one condition.
type watch struct {
	condition Condition
	limited   bool // it is a limit's
	limit     Limit
	state     State
	priority  Priority
	since     vital.Instant
	crossed   []vital.Instant // per tier, since when; never when it is not
	back      vital.Instant   // since when inside the hysteresis; never when it is not
	answered  vital.Instant   // when it was acknowledged
	sounded   vital.Instant   // when it began to sound
	escalated bool
	reading   vital.Reading
}

// set puts a limit in force and forgets how long the one before was crossed.
func (w *watch) set(l Limit) {
	w.limited, w.limit, w.back = true, l, never
	w.crossed = w.crossed[:0]
	for range l.Tier {
		w.crossed = append(w.crossed, never)
	}
}

// cross notes since when each tier is crossed; tier is the worst, -1 for none.
func cross(since []vital.Instant, now vital.Instant, tier int) {
	for i := range since {
		switch {
		case i > tier:
			since[i] = never
		case since[i] == never:
			since[i] = now
		}
	}
}

// worse reports whether v is further beyond the limit than the reading kept.
func (w *watch) worse(v vital.Decimal) bool {
	t, ok := w.reading.Value()
	return !ok || w.limit.Side == TooLow && v.Cmp(t) < 0 || w.limit.Side == TooHigh && v.Cmp(t) > 0
}

// reachedPriority is the worst priority whose tier has been crossed for its delay.
func (w *watch) reachedPriority(now vital.Instant) Priority {
	p := None
	for i, since := range w.crossed {
		if since != never && now.Sub(since) >= w.limit.Tier[i].Delay {
			p = max(p, w.limit.Tier[i].Priority)
		}
	}
	return p
}

// ending is the input of a condition that is over: one of high priority latches.
func (w *watch) ending() input {
	if w.priority == High {
		return endedLatch
	}
	return ended
}
