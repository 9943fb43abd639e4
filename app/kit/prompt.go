package kit

import (
	"time"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// promptEvery is how far apart frames for the faces on this machine are at least:
// thirty a second, as often as a window paints.
const promptEvery = time.Second / 30

// A soon is when the faces here are to be shown what was said between two tenths.
// The zero one waits for nothing.
type soon struct {
	last vital.Instant // when frames were made last
	due  <-chan time.Time
}

// hear notes at now that something was said, while the next tenth is whole at next. It
// is left to the tenth when that is as good as there.
func (s *soon) hear(now, next vital.Instant) {
	due := max(now, s.last.Add(promptEvery))
	if s.due == nil && next.Sub(due) > promptEvery/2 {
		s.due = time.After(due.Sub(now))
	}
}

// shown notes that at now everything said was shown.
func (s *soon) shown(now vital.Instant) { s.last, s.due = now, nil }

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
