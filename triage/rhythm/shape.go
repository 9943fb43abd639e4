package rhythm

import "math"

// A shape is a beat's form: 24 points about its centre, without mean and
// trend, of unit length. Correlation of two shapes is their inner product.
type shape [24]float32

// shapeOf takes points every stride ticks about tick centre of l.
func shapeOf(l *line, centre, stride int64) (s shape) {
	var mean, trend float32
	from := centre - int64(len(s))/2*stride
	for i := range s {
		s[i] = l.at(from + int64(i)*stride)
		mean += s[i]
		trend += s[i] * (float32(i) - 11.5)
	}
	mean /= float32(len(s))
	trend /= 1150 // the sum of (i - 11.5)^2
	var power float32
	for i := range s {
		s[i] -= mean + trend*(float32(i)-11.5)
		power += s[i] * s[i]
	}
	scale := 1 / (float32(math.Sqrt(float64(power))) + 1e-12)
	for i := range s {
		s[i] *= scale
	}
	return s
}

func (s *shape) times(t *shape) (sum float32) {
	for i := range s {
		sum += s[i] * t[i]
	}
	return sum
}

// shapes are the forms of this patient's beats: up to four, so that a bundle
// branch block, two kinds of extrasystole and their fusion each have one.
type shapes struct {
	known  [4]shape
	weight [4]int // 0: free
}

// likeness is the greatest correlation with a known form, with the centre moved
// by up to 20 ms either way; unknown when there is no form yet.
func (k *shapes) likeness(l *line, centre, stride int64, unknown float32) float32 {
	best, any := float32(-1), false
	for shift := int64(-4); shift <= 4; shift += 2 {
		s := shapeOf(l, centre+shift, stride)
		for i := range k.known {
			if k.weight[i] > 0 {
				best, any = max(best, s.times(&k.known[i])), true
			}
		}
	}
	if !any {
		return unknown
	}
	return best
}

// learn takes in the form of an accepted beat: into the known form it is like,
// or in the place of the form least used.
func (k *shapes) learn(l *line, centre, stride int64) {
	s := shapeOf(l, centre, stride)
	like, best := -1, float32(0.8)
	least := 0
	for i := range k.known {
		if k.weight[i] < k.weight[least] {
			least = i
		}
		if k.weight[i] == 0 {
			continue
		}
		if c := s.times(&k.known[i]); c > best {
			like, best = i, c
		}
	}
	if like < 0 {
		k.known[least], k.weight[least] = s, 1
		return
	}
	for i := range k.weight {
		if i != like && k.weight[i] > 1 {
			k.weight[i]--
		}
	}
	k.weight[like] = min(k.weight[like]+2, 20)
	t := &k.known[like]
	var power float32
	for i := range t {
		t[i] = 0.8*t[i] + 0.2*s[i]
		power += t[i] * t[i]
	}
	scale := 1 / (float32(math.Sqrt(float64(power))) + 1e-12)
	for i := range t {
		t[i] *= scale
	}
}
