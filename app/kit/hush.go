package kit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// mayPause refuses a pause that the engine would cut short: a person who asked for
// ten minutes must not be surprised after two.
func mayPause(c chart.Content) error {
	p, ok := c.(*chart.AlarmPaused)
	if !ok || time.Duration(p.Seconds)*time.Second <= alarm.MaxPause {
		return nil
	}
	return &api.Fault{Code: api.CodeInvalid,
		What: fmt.Sprintf("alarms can be paused for at most %d seconds at a time", int(alarm.MaxPause.Seconds())),
		Do:   "Pause them for less, and again if it must be; or acknowledge the alarm, or set the patient's limits."}
}

// pause silences what the entry names: an alarm by its place, or all of the bed
// when it names none. It is never longer than alarm.MaxPause, whoever wrote it.
// Caller holds mu.
func (r *record) pause(b *bed, p *chart.AlarmPaused) {
	now := r.clock.Now()
	long := min(time.Duration(p.Seconds)*time.Second, alarm.MaxPause)
	if len(p.Of) == 0 {
		b.quiet = now.Add(long)
		for _, w := range b.watched() {
			w.engine.Pause(now, long)
		}
		return
	}
	maps.DeleteFunc(b.hushed, func(_ chart.Ref, until vital.Instant) bool { return until <= now })
	for _, of := range p.Of {
		// Only what stands here now: the place of an alarm that is over silences nothing.
		if slices.ContainsFunc(b.watched(), func(w *watch) bool { return w.names(of) }) {
			if b.hushed == nil {
				b.hushed = map[chart.Ref]vital.Instant{}
			}
			b.hushed[of] = now.Add(long)
		}
	}
}

// names reports whether the entry at place raised an alarm of this watch.
func (w *watch) names(place chart.Ref) bool {
	for _, at := range w.raised {
		if at != nil && *at == place {
			return true
		}
	}
	return false
}

// pauses are the silences in force, for every face to show with the time that is
// left: first those of a whole encounter.
func (r *record) pauses() []api.Pause {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	var out []api.Pause
	for id, b := range r.beds {
		if b.quiet > now {
			out = append(out, api.Pause{Encounter: id, Left: b.quiet.Sub(now)})
		}
		for _, w := range b.watched() {
			for condition, place := range w.raised {
				if place == nil {
					continue
				}
				if until := b.hushed[*place]; until > now {
					out = append(out, api.Pause{Encounter: id, Alarm: w.ids[condition], Left: until.Sub(now)})
				}
			}
		}
	}
	slices.SortFunc(out, func(x, y api.Pause) int {
		return cmp.Or(slices.Compare(x.Encounter[:], y.Encounter[:]), cmp.Compare(x.Alarm, y.Alarm))
	})
	return out
}
