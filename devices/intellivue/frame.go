package intellivue

const (
	begin  = 0xc0
	finish = 0xc1
	escape = 0x7d

	messageMost = 4096
	headSize    = 4
	residue     = 0xf0b8 // of the CRC over a frame with its check
)

// x25Table is the CRC's for each byte.
var x25Table = func() (t [256]uint16) {
	for i := range t {
		sum := uint16(i)
		for range 8 {
			if sum&1 != 0 {
				sum = sum>>1 ^ 0x8408
			} else {
				sum >>= 1
			}
		}
		t[i] = sum
	}
	return t
}()

// x25 goes on with a CRC-16/X-25 that began with FFFF, before its last inversion.
func x25(sum uint16, b byte) uint16 { return sum>>8 ^ x25Table[byte(sum)^b] }

// appendFrame adds message as a frame to b.
func appendFrame(b, message []byte) []byte {
	sum := uint16(0xffff)
	b = append(b, begin)
	put := func(c byte) {
		if c == begin || c == finish || c == escape {
			b = append(b, escape, c^0x20)
			return
		}
		b = append(b, c)
	}
	for _, c := range [...]byte{0x11, 0x01, byte(len(message) >> 8), byte(len(message))} {
		sum = x25(sum, c)
		put(c)
	}
	for _, c := range message {
		sum = x25(sum, c)
		put(c)
	}
	sum = ^sum
	put(byte(sum))
	put(byte(sum >> 8))
	return append(b, finish)
}

// A deframer finds frames in the bytes of a line.
type deframer struct {
	buf     [messageMost + headSize + 2]byte
	n       int
	sum     uint16
	inside  bool
	escaped bool
}

// What a byte did.
type outcome uint8

const (
	more    outcome = iota // inside a frame
	outside                // belongs to no frame
	whole                  // ended a good frame: message
	broken                 // ended or broke off a bad one
)

// add takes a byte. message is valid until the next.
func (d *deframer) add(c byte) (message []byte, o outcome) {
	switch {
	case c == begin:
		was := d.inside && d.n > 1
		d.n, d.sum, d.inside, d.escaped = 0, 0xffff, true, false
		if was {
			return nil, broken
		}
		return nil, more
	case !d.inside:
		return nil, outside
	case c == finish && d.n < 2:
		d.inside = false
		return nil, outside
	case c == finish:
		d.inside = false
		length := int(d.buf[2])<<8 | int(d.buf[3])
		if d.escaped || d.n < headSize+2 || d.sum != residue || d.buf[0] != 0x11 || d.buf[1] != 0x01 || length != d.n-headSize-2 {
			return nil, broken
		}
		return d.buf[headSize : d.n-2], whole
	case c == escape:
		if d.escaped {
			d.inside = false
			return nil, broken
		}
		d.escaped = true
		return nil, more
	}
	if d.escaped {
		c, d.escaped = c^0x20, false
	}
	if d.n == len(d.buf) {
		d.inside = false
		return nil, broken
	}
	d.buf[d.n] = c
	d.n++
	d.sum = x25(d.sum, c)
	if d.n == 1 && c != 0x11 || d.n == 2 && c != 0x01 {
		d.inside = false // the byte that begins a frame may be any message's
		return nil, outside
	}
	return nil, more
}
