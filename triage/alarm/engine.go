package alarm

import (
	"cmp"
	"slices"
	"time"

	"fieldkit/triage/vital"
)

// Times of the signal. They follow the notes on IEC 60601-1-8 in the design's
// clinical reference; the standard itself was not at hand.
const (
	// MaxPause is the longest a person may pause all sound.
	MaxPause = 2 * time.Minute
	// goneAfter is how long a sign that was measured may give no value before the
	// technical condition is signalled.
	goneAfter = 10 * time.Second
	// escalateAfter is how long a signal of a priority may go unanswered before it
	// is passed on to everyone who can hear.
	escalateHigh   = 30 * time.Second
	escalateMedium = 2 * time.Minute
	// againAfter is how long an acknowledged condition may go on before it sounds
	// once more.
	againHigh   = 2 * time.Minute
	againMedium = 5 * time.Minute
)

// never is a time at which nothing is due.
const never = vital.Instant(1<<63 - 1)

// A Transition is one change of a condition's state, priority or reach.
type Transition struct {
	At        vital.Instant
	Condition Condition
	From, To  State
	Priority  Priority
	Reading   vital.Reading // the one that caused it; of a technical condition the last with a value
	Escalated bool          // nobody answered in time
}

// An Active is a condition that is not quiet, as it stands now.
type Active struct {
	Condition Condition
	State     State
	Priority  Priority
	Since     vital.Instant // of the state
	Reading   vital.Reading // the worst that was seen in this episode
	Escalated bool
}

// An Engine watches one encounter. It is not safe for concurrent use. Feed it
// every reading with [Engine.Step] and the passing of time with [Engine.Tick].
type Engine struct {
	limits  Limits
	watched map[Condition]*watch
	values  map[vital.Sign]*value
	paused  vital.Instant // sound is paused until then
	held    uint64
}

// watch is the state of one condition.
type watch struct {
	condition Condition
	limit     Limit // of a physiological condition about a sign
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

// value is what is known of a sign.
type value struct {
	last   vital.Reading // the last with a value
	gone   vital.Instant // since when there is none; never while there is one
	reason vital.State
}

// NewEngine watches with the limits given.
func NewEngine(l Limits) *Engine {
	e := &Engine{watched: map[Condition]*watch{}, values: map[vital.Sign]*value{}}
	e.SetLimits(0, l)
	return e
}

// Limits is the set in force.
func (e *Engine) Limits() Limits { return e.limits }

// SetLimits puts another set in force. Conditions that stand keep standing until
// the new set says they are over; those it no longer knows end.
func (e *Engine) SetLimits(now vital.Instant, l Limits) []Transition {
	e.limits = l
	known := map[Condition]bool{}
	for _, limit := range l.Limit {
		c := Condition{What: limit.Side, Sign: limit.Sign}
		known[c] = true
		w := e.watched[c]
		if w == nil {
			w = &watch{condition: c}
			e.watched[c] = w
		}
		w.limit = limit
		w.crossed = slices.Repeat([]vital.Instant{never}, len(limit.Tier))
		w.back = never
	}
	var out []Transition
	for _, c := range e.conditions() {
		if w := e.watched[c]; !c.Technical() && c.About == "" && !known[c] && len(w.limit.Tier) > 0 {
			out = e.enter(out, w, now, Quiet)
			delete(e.watched, c)
		}
	}
	for _, s := range e.signs() {
		if v := e.values[s]; v.gone == never {
			out = append(out, e.judge(now, v.last)...)
		}
	}
	return out
}

// Step takes one reading seen at now and gives what changed.
func (e *Engine) Step(now vital.Instant, r vital.Reading) []Transition {
	out := e.Tick(now)
	v := e.values[r.Sign]
	if _, measured := r.Value(); measured {
		if v == nil {
			v = &value{}
			e.values[r.Sign] = v
		}
		v.last, v.gone = r, never
		out = e.end(out, Condition{What: NoValue, Sign: r.Sign}, now)
		return append(out, e.judge(now, r)...)
	}
	if v == nil || v.gone != never {
		if v != nil {
			v.reason = r.State()
		}
		return out // never measured, or known to be gone
	}
	v.gone, v.reason = now, r.State()
	return append(out, e.lost(now, r)...)
}

// judge compares a measured value with the limits of its sign.
func (e *Engine) judge(now vital.Instant, r vital.Reading) []Transition {
	own, err := r.In(r.Sign.Unit())
	if err != nil {
		return nil // Possible has withheld it before; a unit without conversion has no limit
	}
	v, ok := own.Value()
	if !ok {
		return nil
	}
	var out []Transition
	for _, side := range [...]What{TooLow, TooHigh} {
		w := e.watched[Condition{What: side, Sign: r.Sign}]
		if w == nil {
			continue
		}
		tier := w.limit.reached(v)
		for i := range w.crossed {
			switch {
			case i > tier:
				w.crossed[i] = never
			case w.crossed[i] == never:
				w.crossed[i] = now
			}
		}
		switch {
		case tier >= 0:
			w.back = never
			if w.state == Quiet || worseThan(side, v, w.reading) {
				w.reading = r
			}
			out = e.apply(out, w, now, crossed)
		case !w.limit.back(v):
			w.back = never // between bound and hysteresis: neither worse nor over
		case w.back == never:
			w.back = now
		}
	}
	return append(out, e.due(now)...)
}

func worseThan(side What, v vital.Decimal, than vital.Reading) bool {
	t, ok := than.Value()
	return !ok || side == TooLow && v.Cmp(t) < 0 || side == TooHigh && v.Cmp(t) > 0
}

// lost withholds what was pending on a value that went away. What already sounds
// goes on: unknown never lowers an urgency.
func (e *Engine) lost(now vital.Instant, r vital.Reading) []Transition {
	var out []Transition
	for _, side := range [...]What{TooLow, TooHigh} {
		w := e.watched[Condition{What: side, Sign: r.Sign}]
		if w == nil {
			continue
		}
		w.back = never
		if w.state == Pending {
			e.held++
		}
		out = e.apply(out, w, now, gone)
	}
	return out
}

// Tick lets time pass to now.
func (e *Engine) Tick(now vital.Instant) []Transition {
	var out []Transition
	for _, s := range e.signs() {
		v := e.values[s]
		if s.Info().Ageing == vital.Continuous && v.gone == never && now.Sub(v.last.Arrived) >= goneAfter {
			v.gone, v.reason = v.last.Arrived, vital.NotMeasured
			out = append(out, e.lost(now, v.last)...)
		}
		if v.gone != never && now.Sub(v.gone) >= goneAfter {
			out = e.begin(out, Condition{What: NoValue, Sign: s}, now, Low, v.last)
		}
	}
	return append(out, e.due(now)...)
}

// due does what time alone brings about.
func (e *Engine) due(now vital.Instant) []Transition {
	var out []Transition
	for _, c := range e.conditions() {
		w := e.watched[c]
		if p := w.reachedPriority(now); p != None && (w.state == Pending || p > w.priority && w.state != Quiet && w.state != Withheld) {
			raised := p > w.priority
			w.priority = max(w.priority, p)
			switch {
			case w.state == Pending:
				out = e.apply(out, w, now, delayOver)
			case w.state == Sounding && raised:
				out = e.note(out, w, now, Sounding)
			default:
				out = e.apply(out, w, now, worse)
			}
		}
		if w.back != never && w.state != Quiet && now.Sub(w.back) >= w.limit.Clear {
			in := ended
			if w.priority == High {
				in = endedLatch
			}
			out = e.apply(out, w, now, in)
		}
		if after := escalateAfter(w.priority); w.state == Sounding && !w.escalated && after > 0 && now.Sub(w.sounded) >= after {
			w.escalated = true
			out = e.note(out, w, now, Sounding)
		}
		if after := againAfter(w.priority); w.state == Acknowledged && after > 0 && now.Sub(w.answered) >= after {
			out = e.apply(out, w, now, again)
		}
	}
	return out
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

func escalateAfter(p Priority) time.Duration {
	return [...]time.Duration{None: 0, Low: 0, Medium: escalateMedium, High: escalateHigh}[p]
}

func againAfter(p Priority) time.Duration {
	return [...]time.Duration{None: 0, Low: 0, Medium: againMedium, High: againHigh}[p]
}

// Raise begins or ends a condition that is not a limit's: no beats, a silent
// link, a failing disk. Beginning one that stands with another priority changes
// the priority.
func (e *Engine) Raise(now vital.Instant, c Condition, p Priority, on bool) []Transition {
	out := e.Tick(now)
	if on {
		return e.begin(out, c, now, p, vital.None(c.Sign, vital.NotMeasured))
	}
	return e.end(out, c, now)
}

func (e *Engine) begin(out []Transition, c Condition, now vital.Instant, p Priority, r vital.Reading) []Transition {
	w := e.watched[c]
	if w == nil {
		w = &watch{condition: c, back: never}
		e.watched[c] = w
	}
	switch {
	case w.state == Quiet:
		w.priority, w.reading = p, r
		return e.enter(out, w, now, Sounding)
	case w.state == Latched:
		w.priority = max(w.priority, p)
		return e.apply(out, w, now, crossed)
	case p > w.priority:
		w.priority = p
		if w.state == Sounding {
			return e.note(out, w, now, Sounding)
		}
		return e.apply(out, w, now, worse)
	}
	return out
}

func (e *Engine) end(out []Transition, c Condition, now vital.Instant) []Transition {
	w := e.watched[c]
	if w == nil {
		return out
	}
	in := ended
	if w.priority == High {
		in = endedLatch
	}
	return e.apply(out, w, now, in)
}

// Acknowledge is a person saying of a condition: seen.
func (e *Engine) Acknowledge(now vital.Instant, c Condition) []Transition {
	w := e.watched[c]
	if w == nil {
		return nil
	}
	w.answered = now
	return e.apply(nil, w, now, acknowledge)
}

// Pause silences all sound until now + d, at most MaxPause. States go on as
// before; every face shows the pause and its end. Zero ends a pause.
func (e *Engine) Pause(now vital.Instant, d time.Duration) {
	e.paused = now.Add(min(max(d, 0), MaxPause))
}

// Paused is until when sound is paused, and whether it is at now.
func (e *Engine) Paused(now vital.Instant) (until vital.Instant, ok bool) {
	return e.paused, e.paused > now
}

// WithheldCount is how many times a value went away while its limit was crossed
// and its delay not over.
func (e *Engine) WithheldCount() uint64 { return e.held }

// apply puts in to w's state machine.
func (e *Engine) apply(out []Transition, w *watch, now vital.Instant, in input) []Transition {
	return e.enter(out, w, now, step(w.state, in))
}

// enter moves w to state to and notes it.
func (e *Engine) enter(out []Transition, w *watch, now vital.Instant, to State) []Transition {
	if to == w.state {
		return out
	}
	out = e.note(out, w, now, to)
	w.state, w.since = to, now
	switch to {
	case Sounding:
		w.sounded, w.escalated = now, false
	case Quiet:
		w.priority, w.escalated, w.back = None, false, never
		for i := range w.crossed {
			w.crossed[i] = never
		}
	}
	return out
}

func (e *Engine) note(out []Transition, w *watch, now vital.Instant, to State) []Transition {
	return append(out, Transition{At: now, Condition: w.condition, From: w.state, To: to,
		Priority: w.priority, Reading: w.reading, Escalated: w.escalated})
}

// Active is every condition that is not quiet, the most urgent first, then the
// newest.
func (e *Engine) Active() []Active {
	var out []Active
	for _, c := range e.conditions() {
		if w := e.watched[c]; w.state != Quiet {
			out = append(out, Active{Condition: c, State: w.state, Priority: w.priority, Since: w.since,
				Reading: w.reading, Escalated: w.escalated})
		}
	}
	slices.SortStableFunc(out, func(a, b Active) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(b.Since, a.Since))
	})
	return out
}

// conditions and signs give the keys in a fixed order, so that equal inputs give
// equal outputs.
func (e *Engine) conditions() []Condition {
	keys := make([]Condition, 0, len(e.watched))
	for c := range e.watched {
		keys = append(keys, c)
	}
	slices.SortFunc(keys, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Sign, b.Sign), cmp.Compare(a.About, b.About))
	})
	return keys
}

func (e *Engine) signs() []vital.Sign {
	keys := make([]vital.Sign, 0, len(e.values))
	for s := range e.values {
		keys = append(keys, s)
	}
	slices.Sort(keys)
	return keys
}
