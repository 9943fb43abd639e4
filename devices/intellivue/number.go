package intellivue

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// The places of aperiodic results kept to know a repeat.
const cuffs = 16

type given struct {
	id, state uint16
	value     uint32
	at        time.Time
	used      bool
}

// number takes one observed value: what, state, unit, value.
func (s *session) number(now vital.Instant, at, own time.Time, r *reader, to devices.Sink) bool {
	id, state, unitID, bits := r.u16(), r.u16(), r.u16(), r.u32()
	if r.failed {
		return false
	}
	sign, site, known := signOf(id)
	unit, unitKnown := unitOf(unitID)
	value, why := float(bits)
	if w := reason(state); w != vital.Measured {
		why = w
	}
	if s.demo {
		why = vital.Demo
	}
	if why == vital.Measured && !unitKnown {
		known = false
	}
	raw := ""
	if !known {
		s.counters.Unknown++
		sign, site, raw = vital.Unknown, vital.NoSite, s.name(id, unitID)
	}
	episodic := known && sign.Info().Ageing == vital.Episodic
	aperiodic := episodic && (!own.IsZero() || sign != vital.Temperature)
	if aperiodic && !own.IsZero() && s.repeats(given{id, state, bits, own, true}) {
		return true
	}
	r2 := vital.None(sign, why)
	if why == vital.Measured {
		r2 = vital.OfUnit(sign, value, unit)
		r2.Questionable = state&stateDoubted != 0
	}
	r2.Site, r2.Raw, r2.Arrived, r2.MonitorTime, r2.Aperiodic = site, raw, now, at, aperiodic
	if aperiodic { // the message's time is not the result's
		r2.MonitorTime = own
	}
	to.Reading(r2)
	return true
}

// repeats reports whether an aperiodic result of that time was given before.
func (s *session) repeats(g given) bool {
	for i := range s.cuff {
		k := &s.cuff[i]
		if !k.used || k.id == g.id {
			same := k.used && *k == g
			*k = g
			return same
		}
	}
	return false
}

// name is what an id that is not known is called. With a unit that is not known it
// names that too.
func (s *session) name(id, unit uint16) string {
	key := uint32(id)<<16 | uint32(unit)
	if n, ok := s.names[key]; ok {
		return n
	}
	if len(s.names) > 512 {
		clear(s.names)
	}
	n := fmt.Sprintf("0x%04X", id)
	if _, known := unitOf(unit); !known {
		n += fmt.Sprintf(" unit 0x%04X", unit)
	}
	s.names[key] = n
	return n
}

// An alarm is one of the monitor's, as told.
type alarm struct {
	source, code uint16
	technical    bool
	priority     devices.Priority
	silenced     bool
	text         string
}

const (
	alarmSize     = 16
	infoText      = 513 // StrAlMonInfo
	stateSilenced = 0x1000
)

// alarms takes a list of alarms.
func (s *session) alarms(r *reader, technical bool) bool {
	count, list := r.list()
	for range count {
		a := alarm{source: list.u16(), code: list.u16(), technical: technical}
		kind, state := list.u16(), list.u16()
		list.take(6)
		info := list.u16()
		details := reader{b: list.take(int(list.u16()))}
		if list.failed {
			return false
		}
		switch {
		case kind&0x0404 != 0:
			a.priority = devices.High
		case kind&0x0202 != 0:
			a.priority = devices.Medium
		case kind&0x0101 != 0:
			a.priority = devices.Low
		}
		a.silenced = state&stateSilenced != 0
		if info == infoText {
			details.take(8)
			a.text = wide(details.take(int(details.u16())))
		}
		if a.text == "" {
			a.text = s.name(a.code, 0x0200) + " " + s.name(a.source, 0x0200)
		}
		if len(s.fresh) < 64 {
			s.fresh = append(s.fresh, a)
		}
	}
	return !r.failed
}

// wide is the printable ASCII part of a text of two-byte characters.
func wide(b []byte) string {
	var out []byte
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] >= ' ' && b[i+1] <= '~' {
			out = append(out, b[i+1])
		}
	}
	return string(out)
}

// compare reports the alarms that began, changed or ended.
func (s *session) compare(now vital.Instant, at time.Time, to devices.Sink) {
	when := ""
	say := func(a alarm, ended bool) {
		if when == "" && !at.IsZero() {
			when = at.Format(time.RFC3339)
		}
		to.Alarm(devices.Alarm{Arrived: now, MonitorTime: when, Text: a.text, Priority: a.priority, Technical: a.technical, Ended: ended, Silenced: a.silenced})
	}
	find := func(list []alarm, a alarm) *alarm {
		for i := range list {
			if list[i].source == a.source && list[i].code == a.code && list[i].technical == a.technical {
				return &list[i]
			}
		}
		return nil
	}
	for _, a := range s.active {
		if find(s.fresh, a) == nil {
			say(a, true)
		}
	}
	for _, a := range s.fresh {
		if old := find(s.active, a); old == nil || *old != a {
			say(a, false)
		}
	}
	s.active, s.fresh = s.fresh, s.active
}
