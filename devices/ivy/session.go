package ivy

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// dirtyFor is how many messages after a garbled one the line is not trusted.
const dirtyFor = 8

// A session is one conversation, in which the host only listens.
type session struct {
	buf      [messageMost]byte
	n        int
	inside   bool
	skipping bool // bytes are being skipped to find the next message
	counters devices.Counters

	known   bool
	dirty   int
	message message
	last    [keys][numbersMost]number // numbers of the last message
	pulse   number
	cuff    [numbersMost]number
	cuffSet bool
	alarms  [keys]alarm
	pace    [len(wavesOf)]devices.Pace
	samples [200]int32
	gaps    [200]vital.Gap
}

// An alarm is the text that a line shows.
type alarm struct {
	text string
	on   bool
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll sends nothing.
func (s *session) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	return nil, devices.Never
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		switch {
		case c == begin:
			if s.inside && s.n > 0 {
				s.bad()
			}
			s.inside, s.n = true, 0
		case !s.inside:
			s.skip()
		case c == end:
			s.inside = false
			if !s.message.parse(s.buf[:s.n]) {
				s.bad()
				break
			}
			s.take(now, to)
		case s.n == len(s.buf):
			s.inside = false
			s.bad()
		default:
			s.buf[s.n] = c
			s.n++
		}
	}
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

func (s *session) bad() {
	s.counters.Bad++
	s.dirty = dirtyFor
	s.skip()
	for i := range s.pace {
		s.pace[i].Break()
	}
}

// take hands on a whole message.
func (s *session) take(now vital.Instant, to devices.Sink) {
	m := &s.message
	s.skipping = false
	s.counters.Frames++
	s.counters.Unknown += uint64(m.unknown)
	if !s.known {
		s.known = true
		to.Monitor(vital.Provenance{Make: "Ivy", Model: "450C"})
	}
	for i := range wavesOf {
		s.wave(now, i, to)
	}
	for which := range m.lines {
		l := &m.lines[which]
		if !l.here {
			continue
		}
		if which == keyNIBP {
			s.nibp(now, l, to)
		} else {
			for i, sign := range keyOf[which].signs {
				s.number(now, &s.last[which][i], l.numbers[i], sign, l.why(), to)
			}
		}
		if which == keySpO2 {
			s.number(now, &s.pulse, m.pulse, vital.PulseRate, l.why(), to)
		}
		s.alarm(now, which, l.alarm, to)
	}
	s.dirty = max(s.dirty-1, 0)
}

// number hands on one number, unless the line is dirty and it leaps.
func (s *session) number(now vital.Instant, last *number, n number, sign vital.Sign, why vital.State, to devices.Sink) {
	sudden := leaps(*last, n)
	*last = n
	if sudden && s.dirty > 0 {
		return
	}
	r := reading(sign, n, why)
	r.Arrived = now
	to.Reading(r)
}

// leaps reports whether a number changes by more than an eighth, or appears.
func leaps(was, n number) bool {
	if !n.here {
		return false
	}
	a, b := was.v.Float(), n.v.Float()
	return !was.here || max(a-b, b-a) > max(a, -a)/8+2
}

// nibp hands on the cuff's result when it is another: a repeat must not look new.
// The monitor does not say when it was measured.
func (s *session) nibp(now vital.Instant, l *line, to devices.Sink) {
	if s.cuffSet && l.numbers == s.cuff {
		s.last[keyNIBP] = l.numbers
		return
	}
	sure := s.dirty == 0 || s.last[keyNIBP] == l.numbers
	s.last[keyNIBP] = l.numbers
	if !sure {
		return
	}
	s.cuff, s.cuffSet = l.numbers, true
	for i, sign := range keyOf[keyNIBP].signs {
		r := reading(sign, l.numbers[i], l.why())
		r.Arrived, r.Aperiodic = now, true
		to.Reading(r)
	}
}

// reading is a number as a reading. The monitor names no units: a temperature
// above 50 can only be in Fahrenheit, and CO2 with a decimal point is not mmHg.
func reading(sign vital.Sign, n number, why vital.State) vital.Reading {
	if !n.here {
		return vital.None(sign, why)
	}
	fifty := vital.Int(50)
	switch {
	case (sign == vital.Temperature || sign == vital.Temperature2) && n.v.Cmp(fifty) > 0:
		return vital.OfUnit(sign, n.v, vital.Fahrenheit)
	case sign == vital.EtCO2 && n.v.Exponent < 0:
		r := vital.OfUnit(vital.Unknown, n.v, vital.NoUnit)
		r.Raw = "ETCO2"
		return r
	}
	return vital.Of(sign, n.v)
}

// alarm tells when a line's alarm text comes, changes or goes.
func (s *session) alarm(now vital.Instant, which int, text []byte, to devices.Sink) {
	a := &s.alarms[which]
	if a.on == (len(text) > 0) && a.text == string(text) {
		return
	}
	if s.dirty > 0 {
		return
	}
	if a.on {
		to.Alarm(devices.Alarm{Arrived: now, Text: keyOf[which].name + ": " + a.text, Ended: true})
	}
	if *a = (alarm{text: string(text), on: len(text) > 0}); a.on {
		to.Alarm(devices.Alarm{Arrived: now, Text: keyOf[which].name + ": " + a.text})
	}
}

// wave hands on a second of one lead; a lead without transducer is a gap.
func (s *session) wave(now vital.Instant, which int, to devices.Sink) {
	w := wavesOf[which]
	if which == 0 {
		w.lead = leadOf(s.message.lines[keyHR].label)
	}
	gaps := s.gaps[:0]
	for i, c := range s.message.waves[w.from : w.from+w.n] {
		s.samples[i] = int32(c)
		if c != flat {
			continue
		}
		s.samples[i] = 0
		if last := len(gaps) - 1; last >= 0 && gaps[last].From+gaps[last].Len == i {
			gaps[last].Len++
		} else {
			gaps = append(gaps, vital.Gap{From: i, Len: 1, Why: vital.Disconnected})
		}
	}
	to.Waveform(vital.Waveform{
		Lead: w.lead, Arrived: s.pace[which].Place(now, w.n, w.n, time.Second), Rate: vital.Int(int64(w.n)),
		Unit: w.unit, Scale: w.scale, Offset: w.offset, Max: 250, Samples: s.samples[:w.n], Gaps: gaps,
	})
}
