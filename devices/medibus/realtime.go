package medibus

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

const (
	slots = 4  // curves of the first sync byte
	batch = 16 // samples to a waveform
)

// A stream is the realtime data.
type stream struct {
	offered [256]curve
	wanted  [slots]byte // codes of the curves asked for, in the order of their bits
	wants   int
	chosen  [slots]byte
	mask    byte // of the sync byte: which are still to come
	expects bool
	half    byte // the first byte of a sample, 0 while none is held
	command bool // a command's second byte comes
	slot    [slots]slot
}

// A curve is what the device says of one.
type curve struct {
	there    bool
	interval time.Duration
	most     int
	scale    vital.Decimal
	offset   int32
}

type slot struct {
	samples [batch]int32
	n       int
	pace    devices.Pace
}

// describe reads records of 23: code, interval in µs, least and most value, and the
// number that means the most.
func (s *session) describe(b []byte) bool {
	const size = 23
	if len(b)%size != 0 {
		return false
	}
	st := &s.stream
	for ; len(b) > 0; b = b[size:] {
		code, ok1 := hex(b[:2])
		interval, _, ok2 := number(b[2:10])
		low, none1, ok3 := number(b[10:15])
		high, none2, ok4 := number(b[15:20])
		most, ok5 := hex(b[20:23])
		us := int64(interval.Float())
		if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || none1 || none2 || us < 1000 || us > 10_000_000 || most == 0 {
			return false
		}
		step := (high.Float() - low.Float()) / float64(most)
		scale, err := vital.Round(step, 9)
		if err != nil || scale.Mantissa <= 0 {
			return false
		}
		st.offered[code] = curve{there: true, interval: time.Duration(us) * time.Microsecond, most: most, scale: scale, offset: int32(low.Float() / step)}
	}
	st.wants = 0
	for _, c := range curves {
		if st.wants < slots && st.offered[c.code].there {
			st.wanted[st.wants] = c.code
			st.wants++
		}
	}
	return true
}

// realtime takes a byte of the stream.
func (s *session) realtime(now vital.Instant, c byte, to devices.Sink) {
	st := &s.stream
	switch {
	case c >= 0xd0 && c <= 0xdf:
		if st.expects && (st.mask != 0 || st.half != 0) {
			s.counters.Bad++ // the last set was cut short
			s.breaks()
		}
		st.mask, st.expects, st.half, st.command = c&0x0f, true, 0, false
	case st.command:
		st.command = false
	case c >= 0xc0 && c <= 0xcf:
		st.command = true
		if c == 0xcf {
			s.breaks() // the device says that data are corrupt
		}
	case c >= 0xe0, st.mask == 0:
		if st.expects {
			s.counters.Bad++
		}
		st.expects = false
		s.skip()
	case st.half == 0:
		st.half = c
	default:
		v := int32(st.half&0x3f) | int32(c&0x3f)<<6
		st.half = 0
		for i := range slots {
			if bit := byte(1) << i; st.mask&bit != 0 {
				st.mask &^= bit
				s.sample(now, i, v, to)
				break
			}
		}
		if st.mask == 0 {
			s.counters.Frames++
		}
	}
}

// breaks says that samples were lost.
func (s *session) breaks() {
	for i := range s.stream.slot {
		s.stream.slot[i].n = 0
		s.stream.slot[i].pace.Break()
	}
}

func (s *session) sample(now vital.Instant, i int, v int32, to devices.Sink) {
	st := &s.stream
	k := st.offered[st.chosen[i]]
	if st.wants == 0 || i >= st.wants || !k.there {
		s.counters.Unknown++
		return
	}
	p := &st.slot[i]
	p.samples[p.n] = v
	p.n++
	if p.n < batch {
		return
	}
	p.n = 0
	w := vital.Waveform{Rate: vital.Dec(int64(time.Second*1000/k.interval), -3), Scale: k.scale, Offset: k.offset, Max: int32(k.most), Samples: p.samples[:]}
	if time.Second%k.interval == 0 {
		w.Rate = vital.Int(int64(time.Second / k.interval))
	}
	for _, c := range curves {
		if c.code == st.chosen[i] {
			w.Lead, w.Unit = c.lead, c.unit
		}
	}
	w.Arrived = p.pace.Place(now, batch, 1, k.interval)
	to.Waveform(w)
}
