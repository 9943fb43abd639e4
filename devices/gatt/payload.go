package gatt

import (
	"encoding/binary"
	"time"

	"fieldkit/triage/vital"
)

// A payload is read from its front. Once it is too short everything read is 0 and
// short is true.
type payload struct {
	b     []byte
	short bool
}

func (p *payload) take(n int) []byte {
	if len(p.b) < n {
		p.short, p.b = true, nil
		return zeros[:n]
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

var zeros [8]byte

func (p *payload) u8() byte { return p.take(1)[0] }
func (p *payload) u16() int { return int(binary.LittleEndian.Uint16(p.take(2))) }
func (p *payload) i16() int { return int(int16(p.u16())) }
func (p *payload) u24() uint32 {
	b := p.take(3)
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
}
func (p *payload) sfloat() float { return sfloat(uint16(p.u16())) }
func (p *payload) float() float  { return float32bits(binary.LittleEndian.Uint32(p.take(4))) }

// A float is a number of IEEE 11073-20601, or why there is none.
type float struct {
	v   vital.Decimal
	why vital.State // Measured when there is a number
}

// sfloat reads 16 bits: four of exponent, twelve of mantissa, both in two's
// complement.
func sfloat(x uint16) float {
	m := int64(int16(x<<4) >> 4)
	return special(m, 1<<11, int8(int16(x)>>12))
}

// float32bits reads 32 bits: eight of exponent, 24 of mantissa.
func float32bits(x uint32) float {
	m := int64(int32(x<<8) >> 8)
	return special(m, 1<<23, int8(x>>24))
}

// special sorts out the five mantissas that are reasons, of a type whose mantissas
// reach up to top.
func special(m, top int64, exponent int8) float {
	if exponent == 0 {
		switch m {
		case top - 1, -top + 1: // not a number; reserved
			return float{why: vital.NotMeasured}
		case -top: // not at this resolution
			return float{why: vital.Withheld}
		case top - 2:
			return float{why: vital.OverRange}
		case -top + 2:
			return float{why: vital.UnderRange}
		}
	}
	d := vital.Dec(m, exponent)
	if !d.Valid() {
		return float{why: vital.Withheld}
	}
	return float{v: d, why: vital.Measured}
}

// times is f times ten to the power n.
func (f float) times(n int8) float {
	f.v.Exponent += n
	if f.why == vital.Measured && !f.v.Valid() {
		return float{why: vital.Withheld}
	}
	return f
}

// reading is f as a reading.
func (f float) reading(s vital.Sign, u vital.Unit) vital.Reading {
	if f.why != vital.Measured {
		return vital.None(s, f.why)
	}
	return vital.OfUnit(s, f.v, u)
}

// time reads year, month, day, hour, minute, second. A part that is not known
// (year, month or day 0) makes the whole unknown; ok is false when it is no date.
func (p *payload) time() (at time.Time, ok bool) {
	year, b := p.u16(), p.take(5)
	if year > 9999 || b[0] > 12 || b[1] > 31 || b[2] > 23 || b[3] > 59 || b[4] > 59 {
		return time.Time{}, false
	}
	if year == 0 || b[0] == 0 || b[1] == 0 {
		return time.Time{}, true
	}
	at = time.Date(year, time.Month(b[0]), int(b[1]), int(b[2]), int(b[3]), int(b[4]), 0, time.UTC)
	return at, at.Day() == int(b[1])
}

// crc is CRC-16/MCRF4XX, the E2E-CRC of continuous glucose.
func crc(b []byte) uint16 {
	c := uint16(0xffff)
	for _, x := range b {
		c ^= uint16(x)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0x8408
			} else {
				c >>= 1
			}
		}
	}
	return c
}
