package datex

import (
	"encoding/binary"
	"time"
)

// The header, little-endian: length i16, number u8, level u8, plug id u16, time
// u32, four bytes, kind i16, eight times {offset i16, type u8}.
const (
	headerSize = 40
	atLength   = 0
	atLevel    = 3
	atPlug     = 4
	atTime     = 6
	atKind     = 14
	atSubs     = 16
	subsMost   = 8
	endOfSubs  = 0xff

	leastLevel = 2  // 1995
	mostLevel  = 20 // 11 is 2015; some room for later ones
)

// The kinds of record.
const (
	kindNumbers = 0
	kindWaves   = 1
	kindAlarms  = 4
	kindNetwork = 5
	kindOutput  = 8
)

// The types of numbers subrecord.
const (
	displayed = 1
	classSize = 278 // time, 270 bytes of class, marker, reserved, class and level
	atClass   = 276
)

// A record is one with a sane header. Its slices point into the frame.
type record struct {
	data  []byte
	level byte
	plug  uint16
	at    time.Time // the monitor's local time, as if it were UTC; zero when it is not set
	kind  int16
	subs  [subsMost]sub
	nsubs int
}

// A sub is one subrecord.
type sub struct {
	kind byte
	data []byte // to the next one
}

// parse reads a record whose sum was right. It checks all that a garbled record
// would get wrong: length, level, kind, and the order and size of subrecords.
func parse(b []byte) (r record, ok bool) {
	if len(b) < headerSize || int(int16(binary.LittleEndian.Uint16(b[atLength:]))) != len(b) {
		return r, false
	}
	r.level, r.plug = b[atLevel], binary.LittleEndian.Uint16(b[atPlug:])
	r.kind = int16(binary.LittleEndian.Uint16(b[atKind:]))
	if r.level < leastLevel && r.level != 0 || r.level > mostLevel {
		return r, false
	}
	switch r.kind {
	case kindNumbers, kindWaves, kindAlarms, kindNetwork, kindOutput:
	default:
		return r, false
	}
	if s := binary.LittleEndian.Uint32(b[atTime:]); s != 0 {
		r.at = time.Unix(int64(s), 0).UTC()
	}
	r.data = b[headerSize:]
	last := -1
	for i := range subsMost {
		at := b[atSubs+3*i:]
		if at[2] == endOfSubs {
			break
		}
		from := int(int16(binary.LittleEndian.Uint16(at)))
		if from <= last || from >= len(r.data) {
			return r, false
		}
		if i > 0 {
			r.subs[i-1].data = r.data[last:from]
		}
		r.subs[i] = sub{kind: at[2], data: r.data[from:]}
		r.nsubs, last = i+1, from
	}
	return r, r.sound()
}

// sound reports whether every subrecord that is understood has its size.
func (r *record) sound() bool {
	class := -1
	for _, s := range r.subs[:r.nsubs] {
		switch {
		case r.fromHost():
		case r.kind == kindNumbers && s.kind == displayed:
			// Up to five classes may follow one another under one descriptor.
			if len(s.data)%classSize != 0 {
				return false
			}
			for b := s.data; len(b) > 0; b = b[classSize:] {
				next := int(b[atClass+1] & 0x0f)
				if next <= class {
					return false // each comes once, in order
				}
				class = next
			}
		case r.kind == kindWaves:
			if n := waveLength(s.data); n < 0 || waveHead+2*n > len(s.data) || len(s.data) > waveHead+2*n+1 {
				return false
			}
		case r.kind == kindAlarms && s.kind == alarmStatus:
			if len(s.data) < alarmsAt+alarmSlots*alarmSize {
				return false
			}
		}
	}
	return true
}

// fromHost reports whether this is a request, as heard on a tapped line: their
// level is 0.
func (r *record) fromHost() bool { return r.level == 0 }

func i16(b []byte, at int) int { return int(int16(binary.LittleEndian.Uint16(b[at:]))) }
