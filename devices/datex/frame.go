package datex

// The framing bytes.
const (
	flag    = 0x7e
	escape  = 0x7d
	escaped = 0x20 // the bit that escaping takes away
)

// recordMost is above the longest record: a header and 1,450 bytes.
const recordMost = 1536

// A deframer gathers the bytes of one frame, escapes undone. The zero deframer
// waits for a flag.
type deframer struct {
	buf     [recordMost + 1]byte
	n       int
	inside  bool // a flag was seen
	escaped bool // the last byte was an escape
	broken  bool // too long, or a flag after an escape
}

// add takes the next byte. whole says that a frame has ended, good or not; its
// bytes stand in buf[:n] until the next call.
func (d *deframer) add(c byte) (whole bool) {
	switch {
	case c == flag:
		d.broken = d.broken || d.escaped
		return d.inside && (d.n > 0 || d.broken)
	case !d.inside:
	case c == escape:
		d.broken = d.broken || d.escaped
		d.escaped = true
	case d.n == len(d.buf):
		d.broken = true
	default:
		if d.escaped {
			c |= escaped
			d.escaped = false
		}
		d.buf[d.n] = c
		d.n++
	}
	return false
}

// next begins another frame: a flag that ends one may begin the next.
func (d *deframer) next() { d.n, d.inside, d.escaped, d.broken = 0, true, false, false }

// record is the frame without its sum, if the sum is right.
func (d *deframer) record() ([]byte, bool) {
	if d.broken || d.n < headerSize+1 {
		return nil, false
	}
	return d.buf[:d.n-1], sum(d.buf[:d.n-1]) == d.buf[d.n-1]
}

func sum(b []byte) (s byte) {
	for _, c := range b {
		s += c
	}
	return s
}

// appendFrame appends record as it goes over the line.
func appendFrame(out, record []byte) []byte {
	put := func(c byte) {
		if c == flag || c == escape {
			out = append(out, escape, c&^escaped)
		} else {
			out = append(out, c)
		}
	}
	out = append(out, flag)
	for _, c := range record {
		put(c)
	}
	put(sum(record))
	return append(out, flag)
}
