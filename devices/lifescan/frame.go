package lifescan

// Link control bits.
const (
	linkSent   = 0x01
	linkExpect = 0x02
	linkAck    = 0x04
	linkReset  = 0x08 // "disconnect"

	frameLeast = 6
	frameMost  = 64

	ultra = 0x05
	verio = 0x03
)

// crc is CRC-16/CCITT-FALSE.
func crc(b []byte) uint16 {
	sum := uint16(0xffff)
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// appendFrame adds a frame to b.
func appendFrame(b []byte, link byte, message ...byte) []byte {
	at := len(b)
	b = append(b, 0x02, byte(len(message)+frameLeast), link)
	b = append(append(b, message...), 0x03)
	sum := crc(b[at:])
	return append(b, byte(sum), byte(sum>>8))
}

// parse reads a frame from the front of b. n is its length, 0 when b may hold the
// beginning of one, -1 when it cannot, or its checksum is wrong: shaped tells these
// apart.
func parse(b []byte) (link byte, message []byte, n int, shaped bool) {
	if b[0] != 0x02 || len(b) > 1 && (b[1] < frameLeast || b[1] > frameMost) || len(b) > 2 && b[2] > 0x1f {
		return 0, nil, -1, false
	}
	if len(b) < 2 || len(b) < int(b[1]) {
		return 0, nil, 0, false
	}
	n = int(b[1])
	if b[n-3] != 0x03 {
		return 0, nil, -1, false
	}
	if sum := crc(b[:n-2]); byte(sum) != b[n-2] || byte(sum>>8) != b[n-1] {
		return 0, nil, -1, true
	}
	return b[2], b[3 : n-3], n, true
}
