package pack

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// MaxSamples is how many samples a block may have: a second of any waveform.
const MaxSamples = 1 << 16

// The forms of a block.
const (
	formConstant = 0 // the first sample, again and again
	formRun      = 1 // a run, for a few samples
	formLong     = 2 // predicted by a filter that learns, coded by context
)

// short is the number of samples below which a block is a run: the filter of the
// long form has nothing to learn from.
const short = 24

// The filter of the long form: six taps on the last differences, weights with 16
// fraction bits, normalised least mean squares with a power of two for the
// energy. The first weights are near what the noise of an ECG amplifier wants.
const (
	fraction   = 16
	step       = 24 - 2 // bits the error is raised before it is divided by the energy: a quarter of it
	reach      = 3      // errors count up to 2^reach times the energy's root
	clip       = 1 << 20
	floor      = 16 // of the energy, so that a quiet trace does not make it jump
	slowShift  = 3
	fastShift  = 1
	lowScale   = 64 // added to the mean error (8 fraction bits) before its size is taken
	lowBits    = 7
	highBits   = 11 // larger errors send their low bits as they are
	startBits  = 5
	lengthBits = 6
)

// A filter is the state that both sides of the long form keep alike.
type filter struct {
	expected               int64 // the next difference
	w0, w1, w2, w3, w4, w5 int64 // weights
	h0, h1, h2, h3, h4, h5 int64 // the last differences, the newest first, clipped
	energy                 int64 // the sum of their squares
	slow, fast             int64 // mean size of the error, 8 fraction bits
}

func newFilter(start uint) filter {
	mean := int64(1) << start << 7
	return filter{w0: 39000, w1: 6500, w3: -6500, slow: mean, fast: mean}
}

// context is the table for the next error, and how many of its low bits are sent
// as they are.
func (f *filter) context() (c int, plain uint) {
	v := uint64(f.slow+f.fast)>>1 + lowScale
	size := uint(bits.Len64(v))
	quarter := int(v>>((size-3)&63)) & 3
	if size > highBits {
		return (highBits-lowBits)*4 + quarter, size - highBits
	}
	return int(size-lowBits)*4 + quarter, 0
}

// learn takes the difference d that came, e more than expected, and expects the
// next one.
func (f *filter) learn(d, e int64) {
	size := uint(bits.Len64(uint64(f.energy + floor)))
	limit := int64(1) << ((size/2 + reach) & 63) // masks say that shifts stay below 64
	g := max(-limit, min(limit, e)) << step >> (size & 63)
	h0, h1, h2, h3, h4, h5 := f.h0, f.h1, f.h2, f.h3, f.h4, f.h5
	w0 := f.w0 + (g*h0+128)>>8
	w1 := f.w1 + (g*h1+128)>>8
	w2 := f.w2 + (g*h2+128)>>8
	w3 := f.w3 + (g*h3+128)>>8
	w4 := f.w4 + (g*h4+128)>>8
	w5 := f.w5 + (g*h5+128)>>8
	d = max(-clip, min(clip, d))
	f.energy += d*d - h5*h5
	f.expected = (((w1*h0 + w2*h1) + (w3*h2 + w4*h3)) + (w5*h4 + 1<<(fraction-1)) + w0*d) >> fraction
	f.w0, f.w1, f.w2, f.w3, f.w4, f.w5 = w0, w1, w2, w3, w4, w5
	f.h0, f.h1, f.h2, f.h3, f.h4, f.h5 = d, h0, h1, h2, h3, h4
	size8 := (e ^ e>>63 - e>>63) << 8
	f.slow += (size8 - f.slow) >> slowShift
	f.fast += (size8 - f.fast) >> fastShift
}

// Append writes samples as one block that can be read on its own.
func Append(dst []byte, samples []int32) ([]byte, error) {
	if len(samples) > MaxSamples {
		return dst, fmt.Errorf("pack %d samples, more than %d", len(samples), MaxSamples)
	}
	dst = binary.AppendUvarint(dst, uint64(len(samples)))
	if len(samples) == 0 {
		return dst, nil
	}
	w := Writer{Out: dst}
	switch {
	case constant(samples):
		w.Bits(formConstant, 2)
		w.first(samples[0])
	case len(samples) < short:
		w.Bits(formRun, 2)
		w.AppendRun(samples, 0)
	default:
		w.Bits(formLong, 2)
		w.first(samples[0])
		w.long(samples)
	}
	return w.Close(), nil
}

func constant(samples []int32) bool {
	for _, v := range samples {
		if v != samples[0] {
			return false
		}
	}
	return true
}

func (w *Writer) first(v int32) {
	u := zigzag(int64(v))
	length := uint(bits.Len64(u))
	w.Bits(uint64(length), lengthBits)
	w.Bits(u, length)
}

func (w *Writer) long(samples []int32) {
	start := guess(samples)
	w.Bits(uint64(start), startBits)
	f := newFilter(start)
	last := int64(samples[0])
	for _, v := range samples[1:] {
		d := int64(v) - last
		last = int64(v)
		c, plain := f.context()
		e := d - f.expected
		u := zigzag(e)
		if top := u >> plain; top < values-1 {
			k := codes[c][top]
			w.Bits(uint64(k.bits)<<plain|u&(1<<plain-1), uint(k.width)+plain)
		} else {
			k := codes[c][values-1]
			w.Bits(uint64(k.bits), uint(k.width))
			length := uint(bits.Len64(u))
			w.Bits(uint64(length), lengthBits)
			w.Bits(u, length)
		}
		f.learn(d, e)
	}
}

// guess is the size of the first errors to expect: the bits of half the mean of
// the first sixteen differences.
func guess(samples []int32) uint {
	var sum uint64
	for n := range 16 {
		d := int64(samples[n+1]) - int64(samples[n])
		sum += uint64(max(d, -d))
	}
	return min(uint(bits.Len64(sum>>5)), 1<<startBits-1)
}

// Read appends the samples of one block, the whole of b, to dst. Any input is
// accepted; the cost is bounded by [MaxSamples] and the length of b. On an error
// dst is as it was.
func Read(dst []int32, b []byte) ([]int32, error) {
	count, n := binary.Uvarint(b)
	if n <= 0 || count > MaxSamples || count > 0 && len(b) == n {
		return dst, fmt.Errorf("unpack: %w", ErrShort)
	}
	start := len(dst)
	r := NewReader(b[n:])
	dst = slices.Grow(dst, int(count))[:start+int(count)]
	if !r.block(dst[start:]) || r.Close() != nil {
		return dst[:start], fmt.Errorf("unpack: %w", ErrShort)
	}
	return dst, nil
}

func (r *Reader) block(samples []int32) bool {
	if len(samples) == 0 {
		return true
	}
	switch r.Bits(2) {
	case formConstant:
		if !r.first(samples) {
			return false
		}
		for i := range samples {
			samples[i] = samples[0]
		}
		return true
	case formRun:
		return r.ReadRun(samples, 0) == nil
	case formLong:
		return r.first(samples) && r.long(samples)
	}
	return false
}

func (r *Reader) first(samples []int32) bool {
	length := uint(r.Bits(lengthBits))
	return length <= 33 && fit(&samples[0], unzigzag(r.Bits(length)))
}

func (r *Reader) long(samples []int32) bool {
	f := newFilter(uint(r.Bits(startBits)))
	last := int64(samples[0])
	for n := 1; n < len(samples); n++ {
		c, plain := f.context()
		if r.held < longest+plain { // at most 50 bits
			r.fill()
		}
		k := lookup[c][r.acc>>(64-longest)]
		all := uint(k.width) + plain
		var u uint64
		if k.value < values-1 && all <= r.held { // Bits, without its call
			u = uint64(k.value)<<(plain&63) | r.acc<<(k.width&63)>>1>>((63-plain)&63)
			r.acc <<= all & 63
			r.held -= all
		} else {
			r.Bits(uint(k.width))
			length := uint(r.Bits(lengthBits))
			if length > 56 || k.value < values-1 {
				return false
			}
			u = r.Bits(length)
		}
		e := unzigzag(u)
		d := f.expected + e
		last += d
		if last != int64(int32(last)) {
			return false
		}
		samples[n] = int32(last)
		f.learn(d, e)
	}
	return !r.over
}
