package pack

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// ErrShort reports bytes that end inside what they describe, or that no writer
// of this format makes.
var ErrShort = errors.New("packed samples are cut short or damaged")

// A Writer puts bits into bytes, the most significant first. The zero Writer
// appends to nothing; set Out to append to it.
type Writer struct {
	Out  []byte
	acc  uint64 // the low held bits are waiting
	held uint
}

// Bits writes the low n bits of v, n at most 56; higher bits of v must be 0.
func (w *Writer) Bits(v uint64, n uint) {
	w.acc = w.acc<<n | v
	w.held += n
	for w.held >= 8 {
		w.held -= 8
		w.Out = append(w.Out, byte(w.acc>>w.held))
	}
}

// Close fills the last byte with zeros and returns Out.
func (w *Writer) Close() []byte {
	if w.held > 0 {
		w.Out = append(w.Out, byte(w.acc<<(8-w.held)))
		w.held = 0
	}
	return w.Out
}

// A Reader takes bits from bytes. Past the end it gives zeros and Err says so.
type Reader struct {
	in   []byte
	acc  uint64 // the high held bits are next
	held uint
	over bool
}

// NewReader reads from b, which must not change meanwhile.
func NewReader(b []byte) Reader { return Reader{in: b} }

func (r *Reader) fill() {
	if len(r.in) >= 8 { // the bytes that fit, in one step
		n := (64 - r.held) / 8
		r.acc |= binary.BigEndian.Uint64(r.in) >> (8 * (8 - n)) << (64 - r.held - 8*n)
		r.in = r.in[n:]
		r.held += 8 * n
		return
	}
	for r.held <= 56 && len(r.in) > 0 {
		r.acc |= uint64(r.in[0]) << (56 - r.held)
		r.in = r.in[1:]
		r.held += 8
	}
}

// Bits reads n bits, n at most 56.
func (r *Reader) Bits(n uint) uint64 {
	if r.held < n {
		r.fill()
		if r.held < n {
			r.over = true
			r.acc, r.held = 0, 0
			return 0
		}
	}
	v := r.acc >> 1 >> ((63 - n) & 63) // n is 0 to 56
	r.acc <<= n & 63
	r.held -= n
	return v
}

// ones reads at most limit set bits and the clear bit behind fewer.
func (r *Reader) ones(limit uint) uint {
	if r.held <= limit {
		r.fill()
	}
	n := uint(bits.LeadingZeros64(^r.acc))
	if n >= limit {
		r.Bits(limit)
		return limit
	}
	r.Bits(n + 1)
	return n
}

// Err is ErrShort once more bits were asked for than there were.
func (r *Reader) Err() error {
	if r.over {
		return ErrShort
	}
	return nil
}

// Close is the reader's end: ErrShort unless all was read but the zeros that
// fill the last byte.
func (r *Reader) Close() error {
	if r.over || r.held+8*uint(len(r.in)) >= 8 || r.acc != 0 {
		return ErrShort
	}
	return nil
}
