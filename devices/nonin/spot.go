package nonin

import "time"

// Format 13 is one finished measurement, sent until the host acknowledges it:
//
//	00 02 | type, 2 | length, 2 | data | sum of data | 03
//
// with two-byte numbers high byte first. Sources disagree whether its status bit
// 0x0010 says "from memory" or "taken now"; it is not used, the time tells.
const (
	spotHead  = 6
	spotLeast = 14 // bytes of data this version knows; later models may send more
	spotMost  = 64
	spotTail  = 2

	spotNone    = 0x0100 // no measurement
	spotBattery = 0x0001

	ack = 0x06
	nak = 0x15
)

// A spot is what a format 13 message says.
type spot struct {
	at         time.Time // the monitor's clock, as if it were UTC; zero when not a date
	status     uint16
	rate, spo2 int
}

// parseSpot reads a message from the front of b. n is its length, or 0 when b may
// hold the beginning of one. shaped says that head, length and last byte are those
// of a message; ok that its sum is right too.
func parseSpot(b []byte) (s spot, n int, shaped, ok bool) {
	if len(b) < spotHead {
		return s, 0, prefixOfSpot(b), false
	}
	size := int(b[4])<<8 | int(b[5])
	if !prefixOfSpot(b[:2]) || size < spotLeast || size > spotMost {
		return s, 0, false, false
	}
	n = spotHead + size + spotTail
	if len(b) < n {
		return s, 0, true, false
	}
	if b[n-1] != 0x03 {
		return s, 0, false, false
	}
	data := b[spotHead : spotHead+size]
	sum := byte(0)
	for _, c := range data {
		sum += c
	}
	if sum != b[n-2] {
		return s, n, true, false
	}
	s.at = spotTime(data)
	s.status = uint16(data[8])<<8 | uint16(data[9])
	s.rate = int(data[10])<<8 | int(data[11])
	s.spo2 = int(data[13])
	return s, n, true, true
}

func prefixOfSpot(b []byte) bool {
	return (len(b) < 1 || b[0] == 0x00) && (len(b) < 2 || b[1] == 0x02)
}

// spotTime reads century, year, month, day, hour, minute, second, hundredths. One
// source reads them as binary, another as decimal digits; the century, which is
// 20 for some time to come, says which it is.
func spotTime(d []byte) time.Time {
	var v [8]int
	for i, c := range d[:8] {
		v[i] = int(c)
		if d[0] == 0x20 {
			if c>>4 > 9 || c&0x0f > 9 {
				return time.Time{}
			}
			v[i] = int(c>>4)*10 + int(c&0x0f)
		}
	}
	at := time.Date(v[0]*100+v[1], time.Month(v[2]), v[3], v[4], v[5], v[6], v[7]*10*int(time.Millisecond), time.UTC)
	if v[0] != 20 || v[1] > 99 || v[2] < 1 || v[2] > 12 || at.Day() != v[3] || v[4] > 23 || v[5] > 59 || v[6] > 59 || v[7] > 99 {
		return time.Time{}
	}
	return at
}
