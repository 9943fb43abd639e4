package contec

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A memory is a recording being read from the oximeter: one value of rate and
// saturation a second.
type memory struct {
	bytes     uint32 // of V7, as announced
	begun     bool
	start     time.Time // by the oximeter's clock, as if it were UTC; zero when not known
	day       time.Time
	records   int  // read
	reading   bool // records of the older protocol
	preambles int
}

// packet takes a V7 packet about the memory.
func (m *memory) packet(now vital.Instant, kind byte, d [7]byte, to devices.Sink) {
	switch kind {
	case typeLength:
		m.bytes, m.begun = binary.LittleEndian.Uint32(d[2:]), true
	case typeDate:
		m.day = time.Time{}
		at := time.Date(int(d[2])*100+int(d[3]), time.Month(d[4]), int(d[5]), 0, 0, 0, 0, time.UTC)
		if at.Year() >= 2000 && at.Year() < 2100 && int(at.Month()) == int(d[4]) && at.Day() == int(d[5]) {
			m.day = at
		}
	case typeTime:
		m.start = time.Time{}
		if !m.day.IsZero() && d[2] < 24 && d[3] < 60 && d[4] < 60 {
			m.start = m.day.Add(time.Duration(d[2])*time.Hour + time.Duration(d[3])*time.Minute + time.Duration(d[4])*time.Second)
		}
	case typeStored:
		for i := range 3 {
			m.record(now, int(d[2*i]), int(d[2*i+1]), -1, to)
		}
	case typeStoredPI:
		m.record(now, int(d[0]), int(d[1]), int(d[2])|int(d[3])<<8, to)
	}
}

// whole reports whether all that was announced was read: two bytes a second, or
// four with the perfusion index.
func (m *memory) whole() bool { return m.begun && uint32(m.records)*2 >= m.bytes }

// record hands on one second of the recording. Without the time it was recorded at
// it is not known to be of now, and is passed on under a name of its own.
func (m *memory) record(now vital.Instant, spo2, pulse, index int, to devices.Sink) {
	n := numbers{pulse: pulse, spo2: spo2, index: index}
	p, s, i := n.readings()
	for k, r := range [...]vital.Reading{s, p, i} {
		if k == 2 && index < 0 {
			break
		}
		r.Arrived, r.Aperiodic, r.Stored = now, true, true
		if m.start.IsZero() {
			r.Sign, r.Raw = vital.Unknown, [...]string{"stored SpO2", "stored pulse rate", "stored PI"}[k]
		} else {
			r.MonitorTime = m.start.Add(time.Duration(m.records) * time.Second)
		}
		to.Reading(r)
	}
	m.records++
}

// The older protocol's download: F2 80 00 three times, three bytes of length, then
// records of three bytes: F0 and bit 7 of the rate, 80 and its other bits, SpO2.
const (
	preamble      = 0xf2
	preambleTimes = 3
)

// legacyMemory takes what stands at the front of b of a download of the older
// protocol: -1 when it is none, 0 to wait. The length is not used: readers differ
// on whether it counts bytes or records, and a record cannot be taken for a live
// packet, whose second byte has no top bit.
func (s *session) legacyMemory(b []byte, to devices.Sink) int {
	m := &s.memory
	switch {
	case !s.stored:
		return -1
	case m.reading:
		if b[0]&0xfe != 0xf0 || len(b) > 1 && b[1] < 0x80 || len(b) > 2 && b[2] >= 0x80 {
			m.reading = false
			return -1
		}
		if len(b) < 3 {
			return 0
		}
		s.counters.Frames++
		m.record(s.host.heard, int(b[2]), int(b[0]&1)<<7|int(b[1]&0x7f), -1, to)
		return 3
	case m.preambles == preambleTimes:
		if len(b) < 3 {
			return 0
		}
		m.preambles, m.reading, s.host.done = 0, true, true
		return 3
	case b[0] != preamble || len(b) > 1 && b[1] != 0x80 || len(b) > 2 && b[2] != 0x00:
		m.preambles = 0
		return -1
	case len(b) < 3:
		return 0
	}
	m.preambles++
	s.counters.Frames++
	return 3
}
