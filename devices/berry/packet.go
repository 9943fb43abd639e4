package berry

const (
	size    = 5
	noPulse = 255
	noSpO2  = 127
)

// The bits.
const (
	bitUnplugged = 0x20 // of byte 0
	bitNoSignal  = 0x10
	bitNoFinger  = 0x10 // of byte 2
	bitSearching = 0x20
	bitPulse7    = 0x40
	strengthMost = 8
)

// A packet is what five bytes say.
type packet struct {
	numbers
	pleth uint8 // 0 is none
}

// numbers is the part that must be said three times.
type numbers struct {
	pulse, spo2                             int
	unplugged, noFinger, searching, unheard bool
	weak                                    bool // signal strength at most 2 of 8
}

// parse reads a packet from the front of b: n is its length, 0 when it is not
// whole yet, -1 when there is none.
func parse(b []byte) (p packet, n int) {
	if b[0] < 0x80 {
		return p, -1
	}
	for i := 1; i < min(len(b), size); i++ {
		if b[i] >= 0x80 {
			return p, -1
		}
	}
	if len(b) < size {
		return p, 0
	}
	p = packet{numbers{
		pulse: int(b[2]&bitPulse7)<<1 | int(b[3]), spo2: int(b[4]),
		unplugged: b[0]&bitUnplugged != 0, noFinger: b[2]&bitNoFinger != 0, searching: b[2]&bitSearching != 0, unheard: b[0]&bitNoSignal != 0,
		weak: b[0]&0x0f <= 2,
	}, b[1]}
	if s := b[0] & 0x0f; s > strengthMost && s != 0x0f || p.spo2 > 100 && p.spo2 != noSpO2 {
		return p, -1
	}
	return p, size
}

// likely is what a well-placed oximeter says.
func (n numbers) likely() bool {
	return !n.unplugged && !n.noFinger && n.spo2 >= 30 && n.spo2 <= 100 && n.pulse >= 20 && n.pulse < noPulse
}

// run counts the packets at the front of b, at most most, and the likely ones.
func run(b []byte, most int) (packets, likely int) {
	for len(b) > 0 && packets < most {
		p, n := parse(b)
		if n <= 0 {
			break
		}
		packets++
		if p.likely() {
			likely++
		}
		b = b[n:]
	}
	return packets, likely
}
