package ui

import (
	"cmp"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// SilentAfter is for how long a station may say nothing of an encounter before
// the screen says so over the whole picture.
const SilentAfter = 3 * time.Second

// A Bed is what the moments of one encounter add up to. Time comes in as a value:
// the wall does not matter, only the monotonic part. The zero Bed has heard
// nothing. It is not safe for concurrent use.
type Bed struct {
	Encounter chart.ID
	Tag       string
	Monitor   string
	Demo      bool
	Alarms    []Alarm // the most urgent first

	boot     chart.Boot
	heard    time.Time     // when the last moment came, by this program's clock
	at       vital.Instant // the end of its tenth, by the station's
	ended    bool
	readings map[numeric]vital.Reading
}

// A numeric is one number of a monitor: several temperatures are told apart by
// their site.
type numeric struct {
	sign vital.Sign
	site vital.Site
	raw  string
}

// Hear takes in a moment that came at now. Moments of another encounter are the
// caller's mistake and are not taken.
func (b *Bed) Hear(now time.Time, m *Moment) {
	if b.heard.IsZero() {
		b.Encounter = m.Encounter
	}
	if m.Encounter != b.Encounter {
		return
	}
	if m.Boot != b.boot || b.readings == nil {
		// Ages of another boot cannot be told: the station says all again within a
		// second.
		b.readings = map[numeric]vital.Reading{}
		b.Alarms = nil
	}
	b.Tag, b.Monitor, b.Demo, b.boot = m.Tag, m.Monitor, m.Demo, m.Boot
	b.heard, b.at, b.ended = now, m.At.Add(Tenth), m.Ended
	if m.Ended {
		clear(b.readings)
		b.Alarms = nil
		return
	}
	if m.Full {
		clear(b.readings)
	}
	for _, r := range m.Readings {
		b.readings[numeric{r.Sign, r.Site, r.Raw}] = r
	}
	if m.AlarmsTold {
		b.Alarms = slices.Clone(m.Alarms)
		slices.SortStableFunc(b.Alarms, func(x, y Alarm) int { return cmp.Compare(y.rank(), x.rank()) })
	}
}

// rank orders alarms: what nobody has acknowledged first, then by priority, then
// the patient before the equipment.
func (a Alarm) rank() int {
	rank := 2 * int(a.Priority)
	if !a.Acknowledged {
		rank += 100
	}
	if !a.Technical {
		rank++
	}
	return rank
}

// Heard reports whether any moment came, and that the binding has not ended.
func (b *Bed) Heard() bool { return !b.heard.IsZero() && !b.ended }

// Ended reports whether the monitor was taken from this encounter.
func (b *Bed) Ended() bool { return b.ended }

// Silent is for how long nothing came.
func (b *Bed) Silent(now time.Time) time.Duration { return now.Sub(b.heard) }

// Boot names the start of the station whose clock [Bed.Now] tells.
func (b *Bed) Boot() chart.Boot { return b.boot }

// Now is the station's clock, carried on by ours since the last moment.
func (b *Bed) Now(now time.Time) vital.Instant { return b.at.Add(now.Sub(b.heard)) }

// A Shown is one number as a person may be shown it.
type Shown struct {
	Sign vital.Sign // of the signs asked for, the one shown
	Text string     // digits; "" when there is no value that may be shown
	Unit vital.Unit
	// Why is the reason there is no value; Measured with an empty Text when the
	// last value is too old.
	Why          vital.State
	Standing     vital.Age
	Age          time.Duration // of the value, or of the word that there is none
	Questionable bool          // the monitor itself doubts it
	Aperiodic    bool          // a result with a time of its own
}

// Show is what may be shown of the first of the signs that has a value; when none
// has, the reason of the first the monitor speaks of. A value that is gone by its
// sign's ageing rule has no text; nothing is ever shown as zero for want of a
// value.
func (b *Bed) Show(now time.Time, signs ...vital.Sign) Shown {
	best := Shown{Sign: signs[0], Unit: signs[0].Unit()}
	found := false
	for _, sign := range signs {
		r, ok := b.latest(sign)
		if !ok {
			continue
		}
		s := b.shown(now, r)
		if s.Text != "" {
			return s
		}
		if !found {
			best, found = s, true
		}
	}
	return best
}

// Pair is a systolic and a diastolic pressure of one result. When they did not
// come together the older one has no text: two halves of different results are not
// a blood pressure.
func (b *Bed) Pair(now time.Time, sys, dia vital.Sign) (Shown, Shown) {
	const together = 2 * time.Second
	s, d := b.Show(now, sys), b.Show(now, dia)
	if s.Text != "" && d.Text != "" {
		switch apart := s.Age - d.Age; {
		case apart > together:
			s.Text = ""
		case apart < -together:
			d.Text = ""
		}
	}
	return s, d
}

// latest is the sign's reading that arrived last, of several sites.
func (b *Bed) latest(sign vital.Sign) (best vital.Reading, found bool) {
	for n, r := range b.readings {
		if n.sign == sign && (!found || r.Arrived > best.Arrived || r.Arrived == best.Arrived && r.Site < best.Site) {
			best, found = r, true
		}
	}
	return best, found
}

func (b *Bed) shown(now time.Time, r vital.Reading) Shown {
	s := Shown{
		Sign: r.Sign, Unit: r.Unit, Why: r.State(), Age: max(0, b.Now(now).Sub(r.Arrived)),
		Questionable: r.Questionable, Aperiodic: r.Aperiodic,
	}
	s.Standing = r.Sign.Info().Ageing.At(s.Age)
	if text, ok := r.Shown(); ok && s.Standing != vital.Gone {
		s.Text = text
	}
	return s
}
