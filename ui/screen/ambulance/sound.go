package ambulance

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// A Voice makes alarms heard. Its methods do not block.
type Voice interface {
	// Sound begins a burst of that priority, in place of one that still sounds.
	Sound(p alarm.Priority)
	// Silent is why nothing can be heard, nil while it can.
	Silent() error
}

// seenFor is for how long this window's own alarms stay quiet after a person has
// seen them: as long as the station's of high priority do.
const seenFor = 2 * time.Minute

// announce sounds the worst of what stands, of every patient here, that nobody has
// seen or paused, and forgets what is over.
func (s *Screen) announce(now time.Time) {
	all := s.alarms(now)
	s.forget(all)
	if s.voice == nil {
		return
	}
	worst := alarm.None
	for _, a := range all {
		if !a.Acknowledged && !a.paused {
			worst = max(worst, a.Priority)
		}
	}
	if s.keeper.Due(now, worst) {
		s.voice.Sound(worst)
	}
	if s.chime && worst == alarm.None && !s.locked() { // once, and never over an alarm
		s.voice.Sound(alarm.Low)
	}
	s.chime = false
}

// pauseLeft is for how long the sound of an alarm is paused still, or with alarm 0
// that of all of an encounter; 0 when it is not.
func (s *Screen) pauseLeft(now time.Time, encounter chart.ID, alarm uint32) time.Duration {
	for _, p := range s.station.Paused {
		if p.Encounter == encounter && p.Alarm == alarm {
			return max(0, p.Left-now.Sub(s.toldAt))
		}
	}
	return 0
}

// quiet reports whether an alarm of the station's makes no sound because somebody
// paused it, or all of its patient's.
func (s *Screen) quiet(now time.Time, encounter chart.ID, a ui.Alarm) bool {
	return s.pauseLeft(now, encounter, 0) > 0 || a.ID != 0 && s.pauseLeft(now, encounter, a.ID) > 0
}

// pause asks for silence of the patient on screen for the longest there is, or ends
// one that is in force. What stands goes on being shown.
func (s *Screen) pause() {
	if s.on == (chart.ID{}) {
		return
	}
	seconds, words := uint16(alarm.MaxPause/time.Second), lang.PauseSound
	if s.pauseLeft(s.clock(), s.on, 0) > 0 {
		seconds, words = 1, lang.SoundOn // the shortest there is: it ends with this second
	}
	s.recordNow(s.speech.Say(words), s.on, &chart.AlarmPaused{Seconds: seconds}, nil)
}

// showPause says on the button whether sound is paused, and for how long still.
func (f *frame) showPause(now time.Time) {
	s := f.s
	left := s.pauseLeft(now, s.on, 0)
	if left > 0 {
		seconds := int((left + time.Second - 1) / time.Second)
		f.pause.Say(s.speech.Say(lang.SoundPaused, fmt.Sprintf("%d:%02d", seconds/60, seconds%60)), s.speech.Say(lang.TapForSound))
	} else {
		f.pause.Say(s.speech.Say(lang.PauseSound), s.speech.Say(lang.PauseLong))
	}
	f.pause.Choose(left > 0)
	f.pause.Disable(s.on == (chart.ID{}) || s.locked())
}

// see notes that a person has seen this window's own alarms that stand.
func (s *Screen) see(now time.Time) {
	for _, a := range s.alarms(now) {
		if a.own && a.about != (concern{}) {
			s.seen[a.about] = now
		}
	}
}

// forget lets what is over be an alarm nobody has seen when it begins anew. all is
// what stands. A patient's silence is over with the next moment, on screen or not.
func (s *Screen) forget(all []standing) {
	if s.gone != nil {
		return // what the station said last may still be so
	}
	maps.DeleteFunc(s.seen, func(c concern, _ time.Time) bool {
		return c.of == chart.ID{} && !slices.Contains(s.station.Trouble, c.what) &&
			!slices.ContainsFunc(all, func(a standing) bool { return a.about == c })
	})
}

// sawOwn reports whether an own alarm was seen, and lately.
func (s *Screen) sawOwn(now time.Time, about concern) bool {
	at, ok := s.seen[about]
	return ok && now.Sub(at) < seenFor
}
