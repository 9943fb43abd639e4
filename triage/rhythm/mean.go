package rhythm

// A mean is the running mean of the last n values, n at most 16.
type mean struct {
	past [16]float32
	n    int64
	sum  float64
}

func (m *mean) of(now int64, v float64) float64 {
	x := float32(v)
	m.sum += float64(x) - float64(m.past[(now-m.n)&15])
	m.past[now&15] = x
	return m.sum / float64(m.n)
}
