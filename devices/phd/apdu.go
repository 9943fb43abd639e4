package phd

import (
	"encoding/binary"
	"time"

	"fieldkit/triage/vital"
)

// The choices of an APDU.
const (
	associate  = 0xe200 // aarq
	associated = 0xe300 // aare
	release    = 0xe400 // rlrq
	released   = 0xe500 // rlre
	abort      = 0xe600
	present    = 0xe700 // prst
	apduHead   = 4
	apduMost   = 9216 // what agents of these kinds may send
	protocol   = 0x5079
	// An association of several protocols is a little longer than the 54 bytes of one.
	associateMost = 256
	managerSize   = 8 // of a system id
)

// The choices of what a presentation APDU holds.
const (
	unconfirmedEvent = 0x0100
	confirmedEvent   = 0x0101
	get              = 0x0103
	answeredEvent    = 0x0201
	answeredGet      = 0x0203
	answeredSet      = 0x0205
	answeredAction   = 0x0207
)

// The events.
const (
	notiConfig  = 0x0d1c
	scanFixed   = 0x0d1d
	scanVar     = 0x0d1e
	scanMPFixed = 0x0d1f
	scanMPVar   = 0x0d20
	unbufFirst  = 0x0d22 // var, fixed, grouped, and the same of several persons
	bufLast     = 0x0d2d
)

// The attributes.
const (
	attrModel        = 0x0928
	attrProduction   = 0x092d
	attrType         = 0x092f
	attrStatus       = 0x0947
	attrSystemID     = 0x0984
	attrTime         = 0x0987
	attrTimeStamp    = 0x0990
	attrUnit         = 0x0996
	attrBasic        = 0x0a4c // SFLOAT
	attrScanMap      = 0x0a53
	attrValueMap     = 0x0a55
	attrSimple       = 0x0a56 // FLOAT
	attrSupplemental = 0x0a61
	attrCompound     = 0x0a75 // SFLOATs
	attrMetrics      = 0x0a76
)

// A part is read from its front, high byte first. Once it is too short everything
// read is 0 and short is true.
type part struct {
	b     []byte
	short bool
}

func (p *part) take(n int) []byte {
	if len(p.b) < n {
		p.short, p.b = true, nil
		return nil
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

func (p *part) u16() int {
	if b := p.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *part) u32() uint32 {
	if b := p.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// list takes a count, a length and that many bytes.
func (p *part) list() (count int, items part) {
	count = p.u16()
	return count, part{b: p.take(p.u16())}
}

// octets takes a length and that many bytes.
func (p *part) octets() []byte { return p.take(p.u16()) }

// done reports whether all was read and nothing was missing.
func (p *part) done() bool { return !p.short && len(p.b) == 0 }

// A float is a number, or why there is none.
type float struct {
	v   vital.Decimal
	why vital.State // Measured when there is a number
}

// sfloat reads 16 bits: four of exponent, twelve of mantissa.
func (p *part) sfloat() float {
	x := uint16(p.u16())
	return special(int64(int16(x<<4)>>4), 1<<11, int8(int16(x)>>12))
}

// float reads 32 bits: eight of exponent, 24 of mantissa.
func (p *part) float() float {
	x := p.u32()
	return special(int64(int32(x<<8)>>8), 1<<23, int8(x>>24))
}

// special sorts out the mantissas that are reasons.
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
	return float{d, vital.Measured}
}

// absolute reads eight bytes of decimal digits: century, year, month, day, hour,
// minute, second, hundredths. It is zero when they are no date.
func absolute(b []byte) time.Time {
	if len(b) != 8 {
		return time.Time{}
	}
	var v [8]int
	for i, c := range b {
		if c>>4 > 9 || c&0x0f > 9 {
			return time.Time{}
		}
		v[i] = int(c>>4)*10 + int(c&0x0f)
	}
	at := time.Date(v[0]*100+v[1], time.Month(v[2]), v[3], v[4], v[5], v[6], v[7]*10*int(time.Millisecond), time.UTC)
	if v[2] < 1 || v[2] > 12 || at.Day() != v[3] || v[4] > 23 || v[5] > 59 || v[6] > 59 {
		return time.Time{}
	}
	return at
}
