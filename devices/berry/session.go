package berry

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

const (
	agree  = 3  // packets in a row that must say the same
	begins = 4  // packets in a row to begin with
	every  = 60 // packets after which equal numbers are told again, at most
)

// A session is one conversation, in which the host only listens.
type session struct {
	buf      [size * begins]byte
	held     int
	synced   bool
	skipping bool
	known    bool
	counters devices.Counters

	said   numbers // by the last packet
	times  int     // in a row
	told   numbers
	since  int
	raised [conditions]bool
	pleth  pleth
}

func newSession() *session { return &session{since: every} }

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll sends nothing.
func (s *session) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	return nil, devices.Never
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for len(b) > 0 {
		n := copy(s.buf[s.held:], b)
		s.held += n
		b = b[n:]
		at := 0
		for at < s.held {
			n := s.step(now, s.buf[at:s.held], to)
			if n == 0 {
				break
			}
			at += n
		}
		s.held = copy(s.buf[:], s.buf[at:s.held])
	}
}

// step understands what stands at the front of b and gives its length: 0 to wait
// for more.
func (s *session) step(now vital.Instant, b []byte, to devices.Sink) int {
	p, n := parse(b)
	switch {
	case n == 0:
		return 0
	case n < 0:
		if s.synced {
			s.counters.Bad++
			s.synced, s.times = false, 0
			s.pleth.broken(to)
		}
		return s.skip()
	case !s.synced:
		packets, _ := run(b, begins)
		if packets < begins {
			if rest := b[packets*size:]; len(rest) == 0 {
				return 0
			} else if _, n := parse(rest); n == 0 {
				return 0
			}
			return s.skip()
		}
		s.synced = true
	}
	s.skipping = false
	s.counters.Frames++
	if !s.known {
		s.known = true
		to.Monitor(vital.Provenance{Make: "Berry", Model: "BCI protocol"})
	}
	s.take(now, p, to)
	return size
}

func (s *session) skip() int {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
	return 1
}

// take takes a good packet.
func (s *session) take(now vital.Instant, p packet, to devices.Sink) {
	s.pleth.add(now, p, to)
	if p.numbers == s.said {
		s.times++
	} else {
		s.said, s.times = p.numbers, 1
	}
	s.since++
	if s.times < agree || s.since < every && s.said == s.told {
		return
	}
	s.told, s.since = s.said, 0
	n := s.told
	for _, r := range n.readings() {
		_, measured := r.Value()
		r.Arrived = now
		r.Questionable = measured && (n.weak || n.searching || n.unheard)
		to.Reading(r)
	}
	s.condition(now, unplugged, n.unplugged, to)
	s.condition(now, noFinger, n.noFinger, to)
	s.condition(now, noSignal, n.unheard, to)
}

// readings is saturation and rate, or why there are none.
func (n numbers) readings() [2]vital.Reading {
	why := vital.Searching
	switch {
	case n.unplugged:
		why = vital.Disconnected
	case n.noFinger:
		why = vital.ProbeOff
	}
	spo2, pulse := vital.None(vital.SpO2, why), vital.None(vital.PulseRate, why)
	if !n.unplugged && !n.noFinger {
		if n.spo2 != noSpO2 && n.spo2 != 0 {
			spo2 = vital.Of(vital.SpO2, vital.Int(int64(n.spo2)))
		}
		if n.pulse != noPulse && n.pulse != 0 {
			pulse = vital.Of(vital.PulseRate, vital.Int(int64(n.pulse)))
		}
	}
	return [2]vital.Reading{spo2, pulse}
}

// The conditions the oximeter signals.
const (
	unplugged = iota
	noFinger
	noSignal
	conditions
)

var conditionText = [conditions]string{unplugged: "probe unplugged", noFinger: "no finger", noSignal: "no signal"}

// condition reports a condition when it begins or ends.
func (s *session) condition(now vital.Instant, which int, on bool, to devices.Sink) {
	if s.raised[which] == on {
		return
	}
	s.raised[which] = on
	to.Alarm(devices.Alarm{Arrived: now, Text: conditionText[which], Priority: devices.Low, Technical: true, Ended: !on})
}

// How the rate of samples is found: from the first second, or when bytes come
// without times, as from a file, by taking Berry's.
const (
	berryRate   = 100
	olderRate   = 60
	between     = 80
	measureFor  = time.Second
	measureMost = 250 // samples
)

// A pleth gathers samples, placed by their count: a tenth of a second each.
type pleth struct {
	samples [measureMost]int32
	gaps    [measureMost]vital.Gap
	n, ngap int
	rate    int // 0 until it is known
	first   vital.Instant
	at      vital.Instant
	pace    devices.Pace
}

func (p *pleth) add(now vital.Instant, s packet, to devices.Sink) {
	if p.n == 0 {
		p.first = now
	}
	if s.unplugged || s.noFinger || s.pleth == 0 {
		why := vital.ProbeOff
		if s.unplugged {
			why = vital.Disconnected
		}
		if last := p.ngap - 1; last >= 0 && p.gaps[last].From+p.gaps[last].Len == p.n && p.gaps[last].Why == why {
			p.gaps[last].Len++
		} else {
			p.gaps[p.ngap] = vital.Gap{From: p.n, Len: 1, Why: why}
			p.ngap++
		}
	}
	p.samples[p.n] = int32(s.pleth)
	p.n++
	p.at = now
	switch past := now.Sub(p.first); {
	case p.rate > 0 && p.n == p.rate/10:
		p.send(to)
	case p.rate > 0:
	case past >= measureFor:
		p.rate = olderRate
		if int64(p.n)*int64(time.Second) > between*int64(past) {
			p.rate = berryRate
		}
		p.send(to)
	case p.n == measureMost:
		p.rate = berryRate
		p.send(to)
	}
}

// broken sends what is gathered; the next sample is placed by its own arrival.
func (p *pleth) broken(to devices.Sink) {
	if p.rate > 0 {
		p.send(to)
	} else {
		p.n, p.ngap = 0, 0
	}
	p.pace.Break()
}

func (p *pleth) send(to devices.Sink) {
	if p.n == 0 {
		return
	}
	to.Waveform(vital.Waveform{
		Lead: vital.Pleth, Arrived: p.pace.Place(p.at, p.n, p.rate, time.Second), Rate: vital.Int(int64(p.rate)), Max: 100,
		Samples: p.samples[:p.n], Gaps: p.gaps[:p.ngap],
	})
	p.n, p.ngap = 0, 0
}
