package kit

import (
	"time"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

const (
	// promptEvery is how far apart frames between the tenths are at least, for the faces
	// on this machine: with the tenths thirty a second, as often as a window paints. A
	// tenth does not put the next one off.
	promptEvery = 50 * time.Millisecond
	// promptGather is how long the rest of a monitor's message is waited for, so that
	// numbers that were said together are shown together.
	promptGather = 2 * time.Millisecond
)

// A soon is when the faces here are to be shown what was said between two tenths.
// The zero one waits for nothing.
type soon struct {
	last vital.Instant // when a frame was made between two tenths last
	at   vital.Instant // when the next is due, while due is not nil
	due  <-chan time.Time
}

// hear notes at now that something was said, while the next tenth is whole at next. It
// is left to the tenth when that is as good as there.
func (s *soon) hear(now, next vital.Instant) {
	at := now.Add(promptGather)
	if s.last != 0 {
		at = max(at, s.last.Add(promptEvery))
	}
	if s.due == nil && next.Sub(at) > promptGather {
		s.at, s.due = at, time.After(at.Sub(now))
	}
}

// shown notes that at now everything said was shown.
func (s *soon) shown(now vital.Instant) {
	if s.due != nil && now >= s.at {
		s.last = now
	}
	s.due = nil
}

// prompt shows the faces here what was said since the last frame: numbers and
// alarms. Samples wait for their tenth, and so does all that is new about whose they
// are. The link to the hospital gets its tenths and nothing else.
func (l *live) prompt(now vital.Instant) {
	l.mu.Lock()
	nobody := len(l.followers) == 0
	l.mu.Unlock()
	if nobody {
		return
	}
	news := l.kit.record.news(now)
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, m := range news {
		if s := l.streams[id]; s != nil && s.binding == m.Binding {
			l.show(s, m)
		}
	}
}

// news is what stands at every bed of which something was said since its last frame,
// in frames that end now.
func (r *record) news(now vital.Instant) map[chart.ID]*wave.Now {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out map[chart.ID]*wave.Now
	for id, b := range r.beds {
		if !b.news {
			continue
		}
		if out == nil {
			out = map[chart.ID]*wave.Now{}
		}
		b.news = false
		out[id] = r.moment(b, now.Add(-frameEvery), now)
	}
	return out
}

// moment is what stands at a bed, without samples, in a frame that began at began.
// Caller holds mu.
func (r *record) moment(b *bed, began, now vital.Instant) *wave.Now {
	wall, trust := r.clock.Wall()
	wall = wall.Add(-r.clock.Now().Sub(began)) // a frame that is made late is of its own time
	return &wave.Now{
		Time: began, Binding: b.binding(r), Numerics: worthShowing(b.shown(now)), Alarms: b.alarms(),
		Disk: b.disk.Seq, Wall: wall, Trust: uint8(trust),
	}
}

// tell wakes who shows what was said of a bed. Caller holds mu.
func (r *record) tell(b *bed) {
	b.news = true
	select {
	case r.said <- struct{}{}:
	default: // awake already
	}
}

// tells reports whether a face that shows the one reading, or none when it is not
// known, shows something else of the other than its age.
func tells(shown vital.Reading, known bool, r vital.Reading) bool {
	was, had := shown.Value()
	is, has := r.Value()
	return !known || had != has || was != is || shown.State() != r.State() || shown.Unit != r.Unit ||
		shown.Questionable != r.Questionable || r.Aperiodic
}
