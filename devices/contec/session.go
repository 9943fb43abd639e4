package contec

import (
	"strings"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// agree is how many packets in a row must say the same.
const agree = 3

// A session is one conversation. The bytes not yet understood wait in buf.
type session struct {
	listenOnly bool
	stored     bool
	buf        [64]byte
	held       int

	format   Format
	skipping bool
	counters devices.Counters
	known    bool
	who      vital.Provenance

	said   numbers // by the last packet
	times  int     // in a row
	told   numbers // handed on last
	since  int     // packets since then; rate at the beginning
	raised [conditions]bool
	pleth  pleth
	host   host
	memory memory
}

func newSession(listenOnly, stored bool) *session {
	return &session{listenOnly: listenOnly, stored: stored, since: rate, who: vital.Provenance{Make: "Contec", Model: "CMS50"}}
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

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
	if n := s.legacyMemory(b, to); n >= 0 {
		return n
	}
	if s.format == None {
		return s.hunt(now, b, to)
	}
	if s.format == V7 {
		d, n := parseV7(b)
		switch {
		case n == 0:
			return 0
		case n < 0 || b[0] == typeLive && !live(d).sane():
			return s.lost(to)
		}
		s.understood(now, to)
		s.packet(now, b[0], d, to)
		return n
	}
	n := parseLegacy(b)
	switch {
	case n == 0:
		return 0
	case n < 0 || !legacy(b).sane():
		return s.lost(to)
	}
	s.understood(now, to)
	s.live(now, legacy(b), to)
	return n
}

// hunt looks for the beginning of either protocol. Two V7 packets, or four older
// ones, are enough to listen to; what they say must agree before it is believed.
func (s *session) hunt(now vital.Instant, b []byte, to devices.Sink) int {
	wait := false
	if d, n := parseV7(b); n >= 0 {
		switch {
		case n > 0 && b[0] == typeLive && !live(d).sane():
		case n > 0 && len(b) > n:
			if _, next := parseV7(b[n:]); next > 0 {
				s.format = V7
				return s.step(now, b, to)
			} else if next == 0 {
				wait = true
			}
		default:
			wait = true
		}
	}
	if b[0] >= 0x80 {
		packets, _ := Legacy.run(b)
		rest := b[legacySize*packets:]
		switch {
		case packets >= 4:
			s.format = Legacy
			return s.step(now, b, to)
		case len(rest) == 0 || parseLegacy(rest) == 0:
			wait = true
		}
	}
	if wait {
		return 0
	}
	s.skip()
	return 1
}

func (s *session) understood(now vital.Instant, to devices.Sink) {
	s.counters.Frames++
	s.skipping = false
	s.host.heard = now
	if !s.known {
		s.known = true
		s.who.Firmware = s.format.String() + " protocol"
		to.Monitor(s.who)
	}
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// lost gives up the first byte of what waits.
func (s *session) lost(to devices.Sink) int {
	s.counters.Bad++
	s.skip()
	s.format, s.times = None, 0
	s.pleth.send(to)
	s.pleth.pace.Break()
	return 1
}

// packet takes a V7 packet.
func (s *session) packet(now vital.Instant, kind byte, d [7]byte, to devices.Sink) {
	switch kind {
	case typeLive:
		s.live(now, live(d), to)
	case typeDevice:
		if text := strings.Trim(string(d[:]), " \x00"); printable(text) && text != "" && text != s.who.Model {
			s.who.Model = text
			to.Monitor(s.who)
		}
	case typeLength, typeDate, typeTime, typeStored, typeStoredPI:
		if !s.stored {
			s.counters.Unknown++ // nobody asked: rather a garbled packet than a recording
			return
		}
		s.memory.packet(now, kind, d, to)
		s.host.advance(now, kind, &s.memory)
	case typeDisconnect:
		to.Alarm(devices.Alarm{Arrived: now, Text: "oximeter ends the connection: " + goodbye(d[0]), Technical: true, Priority: devices.Low})
	case typeFeedback, typeDone, typeCommand:
	default:
		s.counters.Unknown++
	}
}

func printable(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func goodbye(why byte) string {
	words := [...]string{"done", "switched off", "user changed", "recording", "deleting failed", "not supported"}
	if int(why) < len(words) {
		return words[why]
	}
	return "no reason given"
}

// live takes a packet of the stream.
func (s *session) live(now vital.Instant, p sample, to devices.Sink) {
	s.pleth.add(now, p, to)
	if p.numbers == s.said {
		s.times++
	} else {
		s.said, s.times = p.numbers, 1
	}
	s.since++
	if s.times < agree || s.since < rate && s.said == s.told {
		return
	}
	s.told, s.since = s.said, 0
	s.report(now, to)
}

// report hands on what was said often enough.
func (s *session) report(now vital.Instant, to devices.Sink) {
	n := s.told
	pulse, spo2, index := n.readings()
	all := [...]vital.Reading{spo2, pulse, index}
	for i, r := range all {
		if i == 2 && n.index < 0 {
			break
		}
		_, measured := r.Value()
		r.Arrived = now
		r.Questionable = measured && (n.weak || n.searching)
		to.Reading(r)
	}
	s.condition(now, probeError, n.off, to)
	s.condition(now, searchingLong, n.tooLong, to)
	s.condition(now, dropping, n.dropping, to)
}

// readings is the numbers, or why there are none.
func (n numbers) readings() (pulse, spo2, index vital.Reading) {
	// Without finger the oximeter sends no values and does not search.
	why := vital.ProbeOff
	if !n.off && (n.searching || n.hasRate() || n.hasSpO2()) {
		why = vital.Searching // with one of the two the other is on its way
	}
	pulse, spo2, index = vital.None(vital.PulseRate, why), vital.None(vital.SpO2, why), vital.None(vital.PerfusionIndex, vital.NotMeasured)
	if n.off {
		return pulse, spo2, index
	}
	if n.hasRate() {
		pulse = vital.Of(vital.PulseRate, vital.Int(int64(n.pulse)))
	}
	if n.hasSpO2() {
		spo2 = vital.Of(vital.SpO2, vital.Int(int64(n.spo2)))
	}
	if n.index >= 0 && n.index != noIndex {
		index = vital.Of(vital.PerfusionIndex, vital.Dec(int64(n.index), -2))
	}
	return pulse, spo2, index
}

// The conditions the oximeter signals.
const (
	probeError = iota
	searchingLong
	dropping
	conditions
)

var conditionOf = [conditions]devices.Alarm{
	probeError:    {Text: "finger out or probe error", Priority: devices.Low, Technical: true},
	searchingLong: {Text: "searching for a pulse for too long", Priority: devices.Low, Technical: true},
	dropping:      {Text: "SpO2 dropping"},
}

// condition reports a condition when it begins or ends.
func (s *session) condition(now vital.Instant, which int, on bool, to devices.Sink) {
	if s.raised[which] == on {
		return
	}
	s.raised[which] = on
	a := conditionOf[which]
	a.Arrived, a.Ended = now, !on
	to.Alarm(a)
}

// plethChunk is samples a waveform: ten waveforms a second.
const plethChunk = 6

// A pleth gathers samples, placed by their count.
type pleth struct {
	samples [plethChunk]int32
	gaps    [plethChunk]vital.Gap
	n, ngap int
	at      vital.Instant
	pace    devices.Pace
}

func (p *pleth) add(now vital.Instant, s sample, to devices.Sink) {
	if s.off {
		if last := p.ngap - 1; last >= 0 && p.gaps[last].From+p.gaps[last].Len == p.n {
			p.gaps[last].Len++
		} else {
			p.gaps[p.ngap] = vital.Gap{From: p.n, Len: 1, Why: vital.ProbeOff}
			p.ngap++
		}
	}
	p.samples[p.n] = int32(s.pleth)
	p.n++
	p.at = now
	if p.n == plethChunk {
		p.send(to)
	}
}

func (p *pleth) send(to devices.Sink) {
	if p.n == 0 {
		return
	}
	to.Waveform(vital.Waveform{
		Lead: vital.Pleth, Arrived: p.pace.Place(p.at, p.n, rate, time.Second), Rate: vital.Int(rate), Max: 127,
		Samples: p.samples[:p.n], Gaps: p.gaps[:p.ngap],
	})
	p.n, p.ngap = 0, 0
}
