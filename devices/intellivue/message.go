package intellivue

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"fieldkit/triage/vital"
)

// Session messages.
const (
	sessionRefuse    = 0x0c
	sessionConnect   = 0x0d
	sessionAccept    = 0x0e
	sessionFinish    = 0x09
	sessionFinished  = 0x0a
	sessionAbort     = 0x19
	sessionData      = 0xe1
	opInvoke         = 1
	opResult         = 2
	opError          = 3
	opLinked         = 5
	eventCreate      = 0x0d06
	eventConnect     = 0x0d17
	actionPoll       = 0x0c16
	actionPollLong   = 0xf13b
	classMDS         = 0x0021
	classConnect     = 0x0023
	partition        = 1
	kindNumbers      = 0x0006
	kindWaves        = 0x0009
	kindAlarms       = 0x0036
	attrNumber       = 0x0950
	attrNumbers      = 0x094b
	attrWave         = 0x096e
	attrWaves        = 0x0967
	attrWaveSpec     = 0x096d
	attrWaveScale    = 0x096f
	attrWaveMarks    = 0x0a16
	attrSamplePeriod = 0x098d
	attrUnit         = 0x0996
	attrTimeAbsolute = 0x0990
	attrModel        = 0x0928
	attrProduction   = 0x092d
	attrMode         = 0x0946
	attrPatientAlarm = 0x0902
	attrTechAlarm    = 0x0904
	attrProtocols    = 0xf101
	attrAddress      = 0xf100
	modeDemo         = 0x2000
)

// A reader takes big-endian numbers from the front of bytes. It fails for good when
// they run out.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if r.failed || n < 0 || n > len(r.b) {
		r.failed = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// list takes a count and a length, and gives the bytes of the elements.
func (r *reader) list() (count int, of reader) {
	count = int(r.u16())
	b := r.take(int(r.u16()))
	return count, reader{b: b, failed: r.failed}
}

// attribute takes an attribute's id and value.
func (r *reader) attribute() (id uint16, value []byte) {
	id = r.u16()
	return id, r.take(int(r.u16()))
}

// float is an 11073 FLOAT: an exponent of eight bits and a mantissa of 24, both
// signed. Special values are reported by why.
func float(v uint32) (d vital.Decimal, why vital.State) {
	switch v & 0xffffff {
	case 0x7fffff: // not a number
		return d, vital.NotMeasured
	case 0x800000, 0x800001: // not at this resolution, reserved
		return d, vital.Withheld
	case 0x7ffffe:
		return d, vital.OverRange
	case 0x800002:
		return d, vital.UnderRange
	}
	d = vital.Dec(int64(int32(v<<8)>>8), int8(v>>24))
	if !d.Valid() {
		return vital.Decimal{}, vital.Withheld
	}
	return d, vital.Measured
}

// The bits of a measurement's state.
const (
	stateInvalid     = 0x8000
	stateDoubted     = 0x4000
	stateUnavailable = 0x2000
	stateCalibrating = 0x1000
	stateTest        = 0x0800
	stateDemo        = 0x0400
)

// reason is Measured, or why the state bits allow no value. Demonstration and test
// come first: whatever else is true, they are no patient's.
func reason(state uint16) vital.State {
	switch {
	case state&(stateTest|stateDemo) != 0:
		return vital.Demo
	case state&stateUnavailable != 0:
		return vital.NotMeasured
	case state&stateCalibrating != 0:
		return vital.NotCalibrated
	case state&stateInvalid != 0:
		return vital.Withheld
	}
	return vital.Measured
}

// absolute is the monitor's clock: eight bytes of decimal digits, as if it were UTC.
func absolute(b []byte) (time.Time, bool) {
	if len(b) != 8 {
		return time.Time{}, false
	}
	var v [7]int
	for i := range v {
		if b[i]>>4 > 9 || b[i]&15 > 9 {
			return time.Time{}, false
		}
		v[i] = int(b[i]>>4)*10 + int(b[i]&15)
	}
	t := time.Date(v[0]*100+v[1], time.Month(v[2]), v[3], v[4], v[5], v[6], 0, time.UTC)
	return t, v[0] >= 19 && v[2] >= 1 && v[2] <= 12 && t.Day() == v[3] && v[4] < 24 && v[5] < 60 && v[6] < 60
}

// unitOf is the unit of an id; false for one that is not known.
func unitOf(id uint16) (vital.Unit, bool) {
	switch id {
	case 0x0200:
		return vital.NoUnit, true
	case 0x0220:
		return vital.Percent, true
	case 0x0aa0, 0x0ae0:
		return vital.PerMinute, true
	case 0x0f20:
		return vital.MmHg, true
	case 0x0f03:
		return vital.KPa, true
	case 0x17a0:
		return vital.Celsius, true
	case 0x10b2:
		return vital.Millivolt, true
	case 0x0512:
		return vital.Millimetre, true
	case 0x0652:
		return vital.Millilitre, true
	case 0x0c00:
		return vital.LitrePerMin, true
	}
	return "", false
}

const codeBase = 131072 // MDC partition 2

// signOf is the sign of a physiological id.
func signOf(id uint16) (vital.Sign, vital.Site, bool) {
	if id == 0x4822 { // NOM_PLETH_PULS_RATE
		return vital.PulseRate, vital.NoSite, true
	}
	return vital.ByMDC(codeBase + uint32(id))
}

// leadOf is the lead of a physiological id.
func leadOf(id uint16) (vital.Lead, bool) {
	switch id {
	case 0x5000: // NOM_RESP
		return vital.Resp, true
	case 0x50ac: // NOM_AWAY_CO2
		return vital.CO2, true
	}
	return vital.LeadByMDC(codeBase + uint32(id))
}

// text is printable characters up to a zero or the end.
func text(b []byte) string {
	var out []byte
	for _, c := range b {
		if c == 0 {
			break
		}
		if c > ' ' && c <= '~' || c == ' ' && len(out) > 0 {
			out = append(out, c)
		}
	}
	return string(out)
}

// An Indication is what a monitor says of itself: on the network to all, every
// second until somebody associates, and to the host that did.
type Indication struct {
	Make, Model, Serial, Firmware string
	// Port is the UDP port on which the monitor takes associations, 0 when it does
	// not say.
	Port int
	// MAC is the number of its network card in hexadecimal, "" when it does not say.
	MAC  string
	demo bool
}

// ParseIndication reads a Connect Indication, the content of a datagram to port
// 24005. ok is false for anything else.
func ParseIndication(b []byte) (i Indication, ok bool) {
	r := reader{b: b}
	if r.u32() != 0x100 || r.u16() != opInvoke {
		return i, false
	}
	r = reader{b: r.take(int(r.u16())), failed: r.failed}
	r.u16()                       // invoke id
	if r.u16() != 0 || r.failed { // an event that wants no answer
		return i, false
	}
	r.u16()
	if r.u16() != classConnect {
		return i, false
	}
	r.take(4 + 4) // rest of the object, time
	if r.u16() != eventConnect {
		return i, false
	}
	r = reader{b: r.take(int(r.u16())), failed: r.failed}
	i.attributes(&r)
	return i, !r.failed
}

// attributes takes a list of what a monitor says of itself.
func (i *Indication) attributes(r *reader) {
	count, list := r.list()
	for range count {
		id, value := list.attribute()
		if list.failed {
			r.failed = true
			return
		}
		v := reader{b: value}
		switch id {
		case attrModel:
			i.Make = text(v.take(int(v.u16())))
			i.Model = text(v.take(int(v.u16())))
		case attrProduction:
			n, specs := v.list()
			for range n {
				kind, component := specs.u16(), specs.u16()
				value := specs.take(int(specs.u16()))
				if specs.failed {
					break
				}
				switch {
				case kind == 1 && component == 8 && i.Serial == "":
					i.Serial = text(value)
				case kind == 4 && i.Firmware == "":
					i.Firmware = text(value)
				}
			}
		case attrProtocols:
			n, list := v.list()
			for range n {
				application, transport := list.u16(), list.u16()
				port := list.u16()
				list.u16()
				if list.failed {
					break
				}
				if transport == 1 && (application == 1 || application == 5) && i.Port == 0 {
					i.Port = int(port)
				}
			}
		case attrAddress: // then the IP address and its mask
			if mac := v.take(6); mac != nil && i.MAC == "" {
				i.MAC = hex.EncodeToString(mac)
			}
		case attrMode:
			i.demo = v.u16()&modeDemo != 0
		}
	}
}

// lengthOf is the length of the message without a frame at the front of b: 0 to wait
// for more, -1 when none begins here. after says that a message has just ended, so that
// the short ones may be believed.
func lengthOf(b []byte, after bool) int {
	prefix := func(p ...byte) bool {
		for i, c := range p {
			if i < len(b) && b[i] != c {
				return false
			}
		}
		return true
	}
	switch {
	case prefix(sessionData, 0, 0, 2, 0): // then kind and length
		switch {
		case len(b) < 8:
			return 0
		case b[5] < opInvoke || b[5] > opLinked:
			return -1
		}
		return within(b, 8+int(b[6])<<8+int(b[7]))
	case prefix(0, 0, 1, 0, 0, opInvoke):
		switch {
		case len(b) < 20:
			return 0
		case b[14] != 0 || b[15] != classConnect:
			return -1
		}
		return within(b, 8+int(b[6])<<8+int(b[7]))
	case b[0] == sessionAccept && after || prefix(sessionAccept) && len(b) > 4 && (b[2] == 5 && b[3] == 8 || b[1] == 0xff && b[4] == 5),
		after && (b[0] == sessionRefuse || b[0] == sessionAbort || b[0] == sessionFinish || b[0] == sessionFinished):
		switch {
		case len(b) < 4:
			return 0
		case b[1] == 0xff:
			return within(b, 4+int(b[2])<<8+int(b[3]))
		}
		return within(b, 2+int(b[1]))
	case b[0] == sessionAccept && len(b) <= 4:
		return 0
	}
	return -1
}

func within(b []byte, n int) int {
	switch {
	case n > messageMost:
		return -1
	case n > len(b):
		return 0
	}
	return n
}
