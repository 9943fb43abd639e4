package intellivue

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A lead is what the monitor said of a wave.
type lead struct {
	bytes, bits byte // of a sample
	invalid     uint16
	period      uint32 // in 1/8 ms, 0 before it is known
	unit        vital.Unit
	scale       vital.Decimal
	offset      int32
	min, max    int32
	pace        [4]devices.Pace
	taken       [4]uint32 // when its last samples were measured, as the monitor says
	raw         string
}

const leadsMost = 64

// describe keeps what an attribute says of a wave.
func (s *session) describe(handle, id uint16, value []byte) {
	l := s.leads[handle]
	if l == nil {
		if len(s.leads) >= leadsMost {
			clear(s.leads)
		}
		l = &lead{bytes: 2, bits: 16}
		s.leads[handle] = l
	}
	r := reader{b: value}
	switch id {
	case attrWaveSpec:
		r.u16()
		size, bits := r.u8(), r.u8()
		if !r.failed && (size == 8 || size == 16) && bits > 0 && bits <= size {
			l.bytes, l.bits = size/8, bits
		}
	case attrSamplePeriod:
		if period := r.u32(); !r.failed && period > 0 && period <= 8000 {
			l.period = period
		}
	case attrUnit:
		l.unit, _ = unitOf(r.u16())
	case attrWaveMarks:
		n, marks := r.list()
		for range n {
			kind, mask := marks.u16(), marks.u16()
			if marks.failed {
				break
			}
			if kind == 1 {
				l.invalid = mask
			}
		}
	case attrWaveScale:
		low, why1 := float(r.u32())
		high, why2 := float(r.u32())
		from, to := r.u16(), r.u16()
		l.scale = vital.Decimal{}
		if r.failed || why1 != vital.Measured || why2 != vital.Measured || to <= from {
			return
		}
		step := (high.Float() - low.Float()) / float64(to-from)
		scale, err := vital.Round(step, 9)
		if err != nil || scale.Mantissa == 0 {
			return
		}
		offset := low.Float()/step - float64(from)
		if offset < -1<<24 || offset > 1<<24 {
			return
		}
		if offset < 0 {
			offset -= 0.5
		} else {
			offset += 0.5
		}
		l.scale, l.offset, l.min, l.max = scale, int32(offset), int32(from), int32(to)
	}
}

// wave takes one observed array: what, state, samples. nth is its place in a
// compound.
func (s *session) wave(now vital.Instant, handle, nth uint16, r *reader, to devices.Sink) bool {
	id, state := r.u16(), r.u16()
	b := r.take(int(r.u16()))
	if r.failed {
		return false
	}
	l := s.leads[handle]
	if l == nil || l.period == 0 || len(b) < int(l.bytes) {
		return true // it is described with the next full result
	}
	n := len(b) / int(l.bytes)
	why := reason(state)
	if s.demo {
		why = vital.Demo
	}
	w := vital.Waveform{Unit: l.unit, Scale: l.scale, Offset: l.offset, Min: l.min, Max: l.max, Samples: s.samples[:n]}
	known := false
	if w.Lead, known = leadOf(id); !known {
		s.counters.Unknown++
		if l.raw == "" {
			l.raw = fmt.Sprintf("0x%04X", id)
		}
		w.Lead, w.Raw = vital.UnknownLead, l.raw
	}
	gaps := s.gaps[:0]
	mask := uint16(1)<<l.bits - 1
	for i := range n {
		var v uint16
		if l.bytes == 2 {
			v = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		} else {
			v = uint16(b[i])
		}
		w.Samples[i] = int32(v & mask)
		if why == vital.Measured && l.invalid != 0 && v&l.invalid == l.invalid {
			if k := len(gaps) - 1; k >= 0 && gaps[k].From+gaps[k].Len == i {
				gaps[k].Len++
			} else {
				gaps = append(gaps, vital.Gap{From: i, Len: 1, Why: vital.Artefact})
			}
		}
	}
	if why != vital.Measured {
		gaps = append(gaps[:0], vital.Gap{From: 0, Len: n, Why: why})
	}
	w.Gaps = gaps
	w.Rate = vital.Dec(int64(8000*1000/l.period), -3)
	if 8000%l.period == 0 {
		w.Rate = vital.Int(int64(8000 / l.period))
	}
	at := min(int(nth), len(l.pace)-1)
	// A datagram may be lost: where the monitor's time goes on by more than these
	// samples and three quarters, what is missing is a gap.
	if run := uint32(n) * l.period; l.taken[at] != 0 && s.taken-l.taken[at] > run+run/4*3 {
		l.pace[at].Break()
	}
	l.taken[at] = s.taken
	w.Arrived = l.pace[at].Place(now, n, 8000, time.Duration(l.period)*time.Second)
	to.Waveform(w)
	return true
}
