package capnostream

const (
	begin  = 0x85
	escape = 0x80

	cmdEnable = 1
	cmdStart  = 4
	cmdAlive  = 6

	codeWave    = 0
	codeNumbers = 1
	codeItself  = 4

	dataMost = 254
)

// appendFrame adds a frame to b.
func appendFrame(b []byte, code byte, data ...byte) []byte {
	b = append(b, begin)
	put := func(c byte) {
		if c == begin || c == escape {
			b = append(b, escape, c&0x0f)
			return
		}
		b = append(b, c)
	}
	sum := byte(len(data)+1) ^ code
	put(byte(len(data) + 1))
	put(code)
	for _, c := range data {
		put(c)
		sum ^= c
	}
	put(sum)
	return b
}

type outcome uint8

const (
	more outcome = iota
	outside
	whole
	broken
)

// A deframer finds frames.
type deframer struct {
	buf     [dataMost + 3]byte // length, code, data, check
	n       int
	inside  bool
	escaped bool
}

// add takes a byte. code and data are those of a frame that it ended.
func (d *deframer) add(c byte) (code byte, data []byte, o outcome) {
	switch {
	case c == begin:
		was := d.inside
		d.n, d.inside, d.escaped = 0, true, false
		if was {
			return 0, nil, broken
		}
		return 0, nil, more
	case !d.inside:
		return 0, nil, outside
	case d.escaped:
		d.escaped = false
		if c != 0x05 && c != 0x00 {
			d.inside = false
			return 0, nil, broken
		}
		c |= escape
	case c == escape:
		d.escaped = true
		return 0, nil, more
	}
	d.buf[d.n] = c
	d.n++
	length := int(d.buf[0])
	if length == 0 {
		d.inside = false
		return 0, nil, broken
	}
	if d.n < length+2 {
		return 0, nil, more
	}
	d.inside = false
	sum := byte(0)
	for _, v := range d.buf[:d.n] {
		sum ^= v
	}
	if sum != 0 {
		return 0, nil, broken
	}
	return d.buf[1], d.buf[2 : d.n-1], whole
}
