package nellcor

import (
	"bytes"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// dirtyFor is how many lines after a garbled one the line is not trusted.
const dirtyFor = 5

// A session is one conversation, in which the host only listens.
type session struct {
	buf      [lineMost]byte
	n        int
	broken   bool // the line that is coming is too long or holds what no line does
	skipping bool
	counters devices.Counters

	known  bool
	who    vital.Provenance
	line   line
	ends   [3]int // columns of the last line
	last   [3]number
	status [codes]bool // of the last line
	told   [codes]bool
	dirty  int
}

func newSession() *session { return &session{who: vital.Provenance{Make: "Nellcor"}} }

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
		case c == '\r' || c == '\n' || c == '\f':
			s.end(now, to)
			s.n, s.broken = 0, false
		case c < ' ' || c > '~' || s.n == len(s.buf):
			s.broken = true
		default:
			s.buf[s.n] = c
			s.n++
		}
	}
}

// end takes a line that has ended.
func (s *session) end(now vital.Instant, to devices.Sink) {
	b := s.buf[:s.n]
	switch {
	case s.broken:
	case len(bytes.TrimSpace(b)) == 0:
		return
	case s.line.parse(b) && s.aligned():
		s.skipping = false
		s.counters.Frames++
		s.identify("", "", to)
		s.take(now, &s.line, to)
		s.dirty = max(s.dirty-1, 0)
		return
	case heading(b):
		s.skipping = false
		s.counters.Frames++
		if model, version := title(b); model != nil && s.dirty == 0 {
			s.identify(string(model), string(version), to)
		}
		return
	}
	s.counters.Bad++
	s.dirty = dirtyFor
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// aligned reports whether the columns of the line are those of the line before: a
// digit lost or doubled moves them. A new layout is believed when it comes twice.
func (s *session) aligned() bool {
	was := s.ends
	s.ends = s.line.ends
	return was == s.ends || was == [3]int{}
}

// heading reports whether b is one of the three lines above each page.
func heading(b []byte) bool {
	if model, _ := title(b); model != nil {
		return true
	}
	words := bytes.TrimSpace(b)
	return bytes.HasPrefix(words, []byte("TIME ")) && bytes.Contains(words, []byte("%SpO2")) && bytes.HasSuffix(words, []byte("Status")) ||
		bytes.HasPrefix(words, []byte("ADULT ")) || bytes.HasPrefix(words, []byte("NEONATE ")) || bytes.HasPrefix(words, []byte("NEO "))
}

// title takes model and version from the first line of a page.
func title(b []byte) (model, version []byte) {
	model, rest := next(b)
	if !bytes.HasPrefix(model, []byte("N-")) || len(model) > 8 {
		return nil, nil
	}
	if word, rest := next(rest); string(word) == "VERSION" {
		version, _ = next(rest)
		return model, version
	}
	return nil, nil
}

// identify says who speaks, when that is new.
func (s *session) identify(model, version string, to devices.Sink) {
	if s.known && (model == "" || model == s.who.Model && version == s.who.Firmware) {
		return
	}
	s.known = true
	if model != "" {
		s.who.Model, s.who.Firmware = model, version
	}
	to.Monitor(s.who)
}

// take hands on a good line.
func (s *session) take(now vital.Instant, l *line, to devices.Sink) {
	sure := s.dirty == 0 || s.status == l.status
	s.status = l.status
	why := l.why()
	for i, n := range [...]number{l.spo2, l.rate, l.amplitude} {
		sudden := leaps(s.last[i], n)
		s.last[i] = n
		if sudden && s.dirty > 0 {
			continue
		}
		sign := [...]vital.Sign{vital.SpO2, vital.PulseRate, vital.Unknown}[i]
		r := vital.None(sign, why)
		if n.here && !l.stale() {
			r = vital.Of(sign, vital.Int(int64(n.v)))
			_, measured := r.Value()
			r.Questionable = measured && l.status[interference]
		}
		if sign == vital.Unknown {
			r.Raw = "PA" // pulse amplitude
		}
		r.Arrived, r.MonitorTime = now, l.at
		to.Reading(r)
	}
	if sure {
		s.conditions(now, l, to)
	}
}

// leaps reports whether a number changes by more than an eighth, or appears.
func leaps(was, n number) bool {
	return n.here && (!was.here || max(n.v-was.v, was.v-n.v) > was.v/8+2)
}

// stale reports whether the values in the line are old ones.
func (l *line) stale() bool {
	return l.status[sensorDisconnected] || l.status[sensorOff] || l.status[lossOfPulse] || l.status[lossWithInterference] || l.status[pulseSearch]
}

// why is the reason for a missing value.
func (l *line) why() vital.State {
	switch {
	case l.status[sensorDisconnected]:
		return vital.Disconnected
	case l.status[sensorOff]:
		return vital.ProbeOff
	case l.status[lossWithInterference]:
		return vital.Artefact
	case l.status[pulseSearch], l.status[lossOfPulse]:
		return vital.Searching
	case l.status[interference]:
		return vital.Artefact
	}
	return vital.NotMeasured
}

// conditionOf is the status codes in words. The oximeter does not say a priority.
var conditionOf = [codes]devices.Alarm{
	alarmOff:             {Text: "alarms off", Technical: true},
	alarmSilenced:        {Text: "alarm silenced", Technical: true},
	lowBattery:           {Text: "low battery", Technical: true},
	lossWithInterference: {Text: "loss of pulse with interference"},
	lossOfPulse:          {Text: "loss of pulse"},
	interference:         {Text: "interference", Technical: true},
	rateHigh:             {Text: "pulse rate high"},
	rateLow:              {Text: "pulse rate low"},
	pulseSearch:          {Text: "pulse search", Technical: true},
	satHigh:              {Text: "SpO2 high"},
	satLow:               {Text: "SpO2 low"},
	sensorDisconnected:   {Text: "sensor disconnected", Technical: true},
	sensorOff:            {Text: "sensor off", Technical: true},
}

// conditions tells what has begun and ended.
func (s *session) conditions(now vital.Instant, l *line, to devices.Sink) {
	for i := range l.status {
		if l.status[i] == s.told[i] {
			continue
		}
		s.told[i] = l.status[i]
		a := conditionOf[i]
		a.Arrived, a.MonitorTime, a.Ended = now, l.at.Format("2006-01-02T15:04:05Z"), !l.status[i]
		a.Silenced = !a.Ended && (l.status[alarmSilenced] || l.status[alarmOff])
		to.Alarm(a)
	}
}
