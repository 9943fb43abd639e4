package pack

import "math/bits"

// A run is the short form: Rice codes of differences, each run for itself, for
// the few samples that one live frame carries.

const (
	maxOrder = 3  // differences of the third order at most
	maxRice  = 15 // Rice parameters fit four bits
	escape   = 20 // so many set bits say that the value follows in rawBits
	rawBits  = 40 // any third difference of int32 samples, zigzag
)

// zigzag maps 0, -1, 1, -2 ... to 0, 1, 2, 3 ...
func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// differ is the sample n of x less what the order before it predict: order 0
// predicts nothing, 1 the last sample, 2 the line through the last two, 3 the
// parabola through three. Early samples use the order they have.
func differ(x []int32, n, order int) int64 {
	switch min(n, order) {
	case 0:
		return int64(x[n])
	case 1:
		return int64(x[n]) - int64(x[n-1])
	case 2:
		return int64(x[n]) - 2*int64(x[n-1]) + int64(x[n-2])
	default:
		return int64(x[n]) - 3*int64(x[n-1]) + 3*int64(x[n-2]) - int64(x[n-3])
	}
}

// AppendRun writes samples as a run. offset is added to the first sample before
// it is written: the count that stands for physical zero makes it short. A run
// of no samples takes no bits.
func (w *Writer) AppendRun(samples []int32, offset int32) {
	if len(samples) == 0 {
		return
	}
	order, k := choose(samples)
	w.Bits(uint64(order), 2)
	w.Bits(uint64(k), 4)
	first := zigzag(int64(samples[0]) + int64(offset))
	length := uint(bits.Len64(first))
	w.Bits(uint64(length), 6)
	w.Bits(first, length)
	for n := 1; n < len(samples); n++ {
		w.rice(zigzag(differ(samples, n, order)), k)
	}
}

// ReadRun reads a run into samples, all of them.
func (r *Reader) ReadRun(samples []int32, offset int32) error {
	if len(samples) == 0 {
		return nil
	}
	order, k := int(r.Bits(2)), uint(r.Bits(4))
	length := uint(r.Bits(6))
	if length > 34 {
		return ErrShort
	}
	if !fit(&samples[0], unzigzag(r.Bits(length))-int64(offset)) {
		return ErrShort
	}
	for n := 1; n < len(samples); n++ {
		samples[n] = 0 // so that the difference is what the order predicts, negated
		if !fit(&samples[n], unzigzag(r.rice(k))-differ(samples, n, order)) {
			return ErrShort
		}
	}
	return r.Err()
}

func fit(to *int32, v int64) bool {
	*to = int32(v)
	return int64(*to) == v
}

func (w *Writer) rice(u uint64, k uint) {
	q := u >> k
	if q >= escape {
		w.Bits(1<<escape-1, escape)
		w.Bits(u, rawBits)
		return
	}
	w.Bits(1<<(uint(q)+1)-2, uint(q)+1)
	w.Bits(u&(1<<k-1), k)
}

func (r *Reader) rice(k uint) uint64 {
	q := r.ones(escape)
	if q == escape {
		return r.Bits(rawBits)
	}
	return uint64(q)<<k | r.Bits(k)
}

// choose finds the order and Rice parameter that make samples shortest.
func choose(samples []int32) (order int, k uint) {
	best := uint64(1) << 62
	for o := range maxOrder + 1 {
		var sum uint64
		for n := 1; n < len(samples); n++ {
			sum += zigzag(differ(samples, n, o))
		}
		mean := sum / uint64(max(len(samples)-1, 1))
		guess := min(uint(bits.Len64(mean)), maxRice)
		for c := max(guess, 2) - 2; c <= min(guess+1, maxRice); c++ {
			var cost uint64
			for n := 1; n < len(samples); n++ {
				if q := zigzag(differ(samples, n, o)) >> c; q < escape {
					cost += q + 1 + uint64(c)
				} else {
					cost += escape + rawBits
				}
			}
			if cost < best {
				best, order, k = cost, o, c
			}
		}
	}
	return order, k
}
