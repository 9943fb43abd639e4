package contec

// Format is one of the two protocols.
type Format uint8

// The formats.
const (
	None Format = iota
	Legacy
	V7
)

// String is the format's name.
func (f Format) String() string { return [...]string{"none", "legacy", "V7"}[min(f, V7)] }

const (
	legacySize = 5
	rate       = 60 // packets and pleth samples a second

	noPulse = 255
	noSpO2  = 127
	noIndex = 0xffff
)

// The types of V7 packets that carry something for us.
const (
	typeLive       = 0x01
	typeDevice     = 0x04 // seven characters
	typeDate       = 0x07 // user, segment, century, year, month, day
	typeLength     = 0x08 // user, segment, bytes u32
	typeStoredPI   = 0x09 // SpO2, rate, PI u16
	typeFeedback   = 0x0b
	typeDone       = 0x0c
	typeDisconnect = 0x0d // why
	typeStored     = 0x0f // three times SpO2, rate
	typeTime       = 0x12 // user, segment, hour, minute, second
	typeCommand    = 0x7d // from the host
)

// sizes is the count of data bytes of each V7 type, 255 where there is none.
var sizes = func() (n [128]uint8) {
	for i := range n {
		n[i] = 255
	}
	for _, t := range [...]int{0x01, 0x04, 0x05, 0x11, 0x15, 0x7d} {
		n[t] = 7
	}
	for _, t := range [...]int{0x07, 0x08, 0x0f, 0x12} {
		n[t] = 6
	}
	n[0x09], n[0x0a], n[0x0b], n[0x0c], n[0x0d], n[0x0e], n[0x10] = 4, 2, 2, 0, 1, 1, 1
	return n
}()

// parseV7 reads a packet from the front of b. n is its length, 0 when it is not
// whole yet, -1 when there is none.
func parseV7(b []byte) (data [7]byte, n int) {
	if b[0] >= 0x80 || sizes[b[0]] == 255 {
		return data, -1
	}
	count := int(sizes[b[0]])
	for i := 1; i < min(len(b), count+2); i++ {
		if b[i] < 0x80 {
			return data, -1
		}
	}
	if len(b) < count+2 {
		return data, 0
	}
	for i := range count {
		data[i] = b[2+i]&0x7f | b[1]>>i&1<<7
	}
	return data, count + 2
}

// parseLegacy is like parseV7 for the older protocol.
func parseLegacy(b []byte) (n int) {
	if b[0] < 0x80 {
		return -1
	}
	for i := 1; i < min(len(b), legacySize); i++ {
		if b[i] >= 0x80 {
			return -1
		}
	}
	if len(b) < legacySize {
		return 0
	}
	return legacySize
}

// A sample is what one live packet of either protocol says.
type sample struct {
	numbers
	pleth uint8
}

// numbers is the part that must be said three times.
type numbers struct {
	pulse, spo2 int // noPulse, noSpO2
	index       int // perfusion, 1/100 %; noIndex; -1 where the protocol has none
	off         bool
	searching   bool
	tooLong     bool // searching for too long
	dropping    bool // SpO2
	weak        bool // signal strength at most 2 of 8
}

func live(d [7]byte) sample {
	return sample{
		numbers: numbers{
			pulse: int(d[3]), spo2: int(d[4]), index: int(d[5]) | int(d[6])<<8,
			off: d[0]&0x80 != 0, searching: d[1]&0x80 != 0, tooLong: d[0]&0x10 != 0, dropping: d[0]&0x20 != 0, weak: d[0]&0x0f <= 2,
		},
		pleth: d[1] & 0x7f,
	}
}

func legacy(b []byte) sample {
	return sample{
		numbers: numbers{
			pulse: int(b[2]&0x40)<<1 | int(b[3]), spo2: int(b[4]), index: -1,
			off: b[0]&0x10 != 0 || b[2]&0x10 != 0, searching: b[2]&0x20 != 0, dropping: b[0]&0x20 != 0, weak: b[0]&0x0f <= 2,
		},
		pleth: b[1],
	}
}

// sane reports whether an oximeter says this: a saturation to 100, or none.
func (n numbers) sane() bool { return n.spo2 <= 100 || n.spo2 == noSpO2 }

// likely is what a well-placed oximeter says.
func (n numbers) likely() bool {
	return n.spo2 >= 30 && n.spo2 <= 100 && n.pulse >= 20 && n.pulse < noPulse
}

// run counts the sane live packets of f at the front of b, and how many of them
// are likely.
func (f Format) run(b []byte) (packets, likely int) {
	for len(b) > 0 {
		var s sample
		n := -1
		if f == V7 {
			var d [7]byte
			if d, n = parseV7(b); n > 0 && b[0] != typeLive {
				n = -1
			}
			s = live(d)
		} else if n = parseLegacy(b); n > 0 {
			s = legacy(b)
		}
		if n <= 0 || !s.sane() {
			break
		}
		packets++
		if s.likely() {
			likely++
		}
		b = b[n:]
	}
	return packets, likely
}

func (n numbers) hasRate() bool { return n.pulse != noPulse && n.pulse != 0 }
func (n numbers) hasSpO2() bool { return n.spo2 != noSpO2 && n.spo2 != 0 }
