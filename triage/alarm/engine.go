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
// every reading with [Engine.Step] and the passing of time with [Engine.Tick], at
// least once a second. While nothing changes it allocates nothing.
//
// Several monitors may measure one sign: a limit is crossed while any of them is
// beyond it, and over when all that give a value are back.
type Engine struct {
	limits Limits
	now    vital.Instant // the latest seen; time never goes back
	paused vital.Instant // sound is paused until then
	held   uint64

	watched  map[Condition]*watch
	order    []*watch // the same, by condition, so that equal inputs give equal outputs
	measured map[vital.Sign]*measured
	signs    []*measured // the same, by sign
	expected []*expectation
}

// NewEngine watches with the limits given.
func NewEngine(l Limits) *Engine {
	e := &Engine{watched: map[Condition]*watch{}, measured: map[vital.Sign]*measured{}}
	e.SetLimits(0, l)
	return e
}

// Limits is the set in force.
func (e *Engine) Limits() Limits { return e.limits }

// SetLimits puts another set in force. Conditions that stand keep standing until
// the new set says they are over; those it no longer knows end. Delays begin anew.
func (e *Engine) SetLimits(now vital.Instant, l Limits) []Transition {
	now = e.advance(now)
	e.limits = l
	known := map[Condition]bool{}
	for _, limit := range l.Limit {
		if len(limit.Tier) == 0 {
			continue // no bound, no limit
		}
		c := Condition{What: limit.Side, Sign: limit.Sign}
		known[c] = true
		e.watch(c).set(limit)
	}
	var out []Transition
	for _, w := range slices.Clone(e.order) {
		if w.limited && !known[w.condition] {
			out = e.enter(out, w, now, Quiet)
			e.drop(w)
		}
	}
	for _, m := range e.signs {
		e.bind(m)
		for _, from := range m.sources {
			m.forget(from)
			if from.gone == never {
				m.judge(from, now)
			}
		}
		out = e.settle(out, m, nil, now)
	}
	return out
}

// watch is that of c, made when there is none.
func (e *Engine) watch(c Condition) *watch {
	w := e.watched[c]
	if w != nil {
		return w
	}
	w = &watch{condition: c, back: never}
	e.watched[c] = w
	at, _ := slices.BinarySearchFunc(e.order, c, func(w *watch, c Condition) int { return w.condition.compare(c) })
	e.order = slices.Insert(e.order, at, w)
	return w
}

func (e *Engine) drop(w *watch) {
	delete(e.watched, w.condition)
	e.order = slices.DeleteFunc(e.order, func(x *watch) bool { return x == w })
}

// sign is what is known of s, made when there is nothing yet.
func (e *Engine) sign(s vital.Sign) *measured {
	if m := e.measured[s]; m != nil {
		return m
	}
	row := s.Info()
	m := &measured{sign: s, unit: row.Unit, places: row.Places, continuous: row.Ageing == vital.Continuous}
	e.bind(m)
	e.measured[s] = m
	at, _ := slices.BinarySearchFunc(e.signs, s, func(m *measured, s vital.Sign) int { return cmp.Compare(m.sign, s) })
	e.signs = slices.Insert(e.signs, at, m)
	return m
}

// bind finds the limits of m. A condition that was raised by hand is none.
func (e *Engine) bind(m *measured) {
	for i, side := range [...]What{TooLow, TooHigh} {
		m.limits[i] = nil
		if w := e.watched[Condition{What: side, Sign: m.sign}]; w != nil && w.limited {
			m.limits[i] = w
		}
	}
}

// advance keeps time from going back.
func (e *Engine) advance(now vital.Instant) vital.Instant {
	e.now = max(e.now, now)
	return e.now
}

// Step takes one reading seen at now and gives what changed.
func (e *Engine) Step(now vital.Instant, r vital.Reading) []Transition {
	return e.StepFrom(now, "", r)
}

// StepFrom is like [Engine.Step] where several monitors, named by from, may
// measure the same sign.
func (e *Engine) StepFrom(now vital.Instant, from string, r vital.Reading) []Transition {
	now = e.advance(now)
	out := e.Tick(now)
	switch r.State() {
	case vital.Measured, vital.UnderRange, vital.OverRange:
		m := e.sign(r.Sign)
		f := m.from(from)
		if f == nil {
			f = &source{name: from}
			m.forget(f)
			m.sources = append(m.sources, f)
		}
		f.last, f.gone = r, never
		if m.told {
			m.told = false
			out = e.end(out, Condition{What: NoValue, Sign: r.Sign}, now)
		}
		m.judge(f, now)
		return e.settle(out, m, f, now)
	}
	m := e.measured[r.Sign]
	if m == nil {
		return out // never measured
	}
	f := m.from(from)
	if f == nil || f.gone != never {
		return out // known to be gone
	}
	return e.lost(out, m, f, now, now)
}

// settle holds what all sources of a sign say against its limits. fresh is the one
// that spoke just now, nil when none did.
func (e *Engine) settle(out []Transition, m *measured, fresh *source, now vital.Instant) []Transition {
	for i, w := range m.limits {
		if w == nil {
			continue
		}
		tier, back, known := -1, true, false
		worst := fresh
		for _, f := range m.sources {
			if f.gone != never {
				continue
			}
			known, back = true, back && f.back[i]
			if f.tier[i] > tier {
				tier, worst = f.tier[i], f
			}
		}
		if !known {
			continue
		}
		for k := range w.crossed {
			w.crossed[k] = m.since(i, k)
		}
		switch {
		case tier >= 0:
			w.back = never
			if n, _ := worst.last.Value(); w.state == Quiet || w.worse(n) {
				w.reading = worst.last
			}
			out = e.apply(out, w, now, crossed)
		case !back:
			w.back = never // between bound and hysteresis: neither worse nor over
		case w.back == never:
			w.back = now
		}
		out = e.due(out, w, now)
	}
	return out
}

// lost withholds what was pending on a value that went away, unless another monitor
// shows the same. What already sounds goes on: unknown never lowers an urgency.
func (e *Engine) lost(out []Transition, m *measured, f *source, since, now vital.Instant) []Transition {
	f.gone = since
	for i, w := range m.limits {
		if w == nil || m.beyond(i) {
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
	now = e.advance(now)
	var out []Transition
	for _, m := range e.signs {
		last := vital.Instant(-1) // when the last of the sources fell silent
		var newest *source
		for _, f := range m.sources {
			if m.continuous && f.gone == never && now.Sub(f.last.Arrived) >= goneAfter {
				out = e.lost(out, m, f, f.last.Arrived, now)
			}
			if newest == nil || f.gone > last {
				last, newest = f.gone, f
			}
		}
		if !m.told && last != never && now.Sub(last) >= goneAfter {
			m.told = true
			out = e.begin(out, Condition{What: NoValue, Sign: m.sign}, now, m.lossPriority(), newest.last)
		}
	}
	for _, x := range e.expected {
		if !x.told && now.Sub(x.heard) >= x.within {
			x.told = true
			out = e.begin(out, x.condition, now, x.priority, vital.None(x.condition.Sign, vital.NotMeasured))
		}
	}
	for _, w := range e.order {
		out = e.due(out, w, now)
	}
	return out
}

// due does what time alone brings about for one condition.
func (e *Engine) due(out []Transition, w *watch, now vital.Instant) []Transition {
	if w.state == Quiet {
		return out
	}
	if p := w.reachedPriority(now); p != None && (w.state == Pending || p > w.priority && w.state != Withheld) {
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
	if w.back != never && now.Sub(w.back) >= w.limit.Clear {
		out = e.apply(out, w, now, w.ending())
	}
	if after := escalateAfter(w.priority); w.state == Sounding && !w.escalated && after > 0 && now.Sub(w.sounded) >= after {
		w.escalated = true
		out = e.note(out, w, now, Sounding)
	}
	if after := againAfter(w.priority); w.state == Acknowledged && after > 0 && now.Sub(w.answered) >= after {
		out = e.apply(out, w, now, again)
	}
	return out
}

func escalateAfter(p Priority) time.Duration {
	return [...]time.Duration{None: 0, Low: 0, Medium: escalateMedium, High: escalateHigh}[p]
}

func againAfter(p Priority) time.Duration {
	return [...]time.Duration{None: 0, Low: 0, Medium: againMedium, High: againHigh}[p]
}

// Raise begins or ends a condition that is not a limit's: no beats, a silent
// link, a failing disk. Beginning one that stands with a lower priority raises
// the priority. A limit's condition begins and ends by its readings alone.
func (e *Engine) Raise(now vital.Instant, c Condition, p Priority, on bool) []Transition {
	now = e.advance(now)
	out := e.Tick(now)
	if w := e.watched[c]; w != nil && w.limited {
		return out
	}
	if on {
		return e.begin(out, c, now, min(p, High), vital.None(c.Sign, vital.NotMeasured))
	}
	return e.end(out, c, now)
}

func (e *Engine) begin(out []Transition, c Condition, now vital.Instant, p Priority, r vital.Reading) []Transition {
	w := e.watch(c)
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
	return e.apply(out, w, now, w.ending())
}

// Acknowledge is a person saying of a condition: seen.
func (e *Engine) Acknowledge(now vital.Instant, c Condition) []Transition {
	now = e.advance(now)
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
	e.paused = e.advance(now).Add(min(max(d, 0), MaxPause))
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
		cross(w.crossed, now, -1)
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
	for _, w := range e.order {
		if w.state != Quiet {
			out = append(out, Active{Condition: w.condition, State: w.state, Priority: w.priority, Since: w.since,
				Reading: w.reading, Escalated: w.escalated})
		}
	}
	slices.SortStableFunc(out, func(a, b Active) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(b.Since, a.Since))
	})
	return out
}
