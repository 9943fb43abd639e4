package rhythm

// A resampler turns samples of any rate into ticks of a fixed rate: each tick is
// the mean of the input over its span, input held between its instants. Tick k
// covers input samples k*span to (k+1)*span exactly, so that days do not drift.
//
// It also keeps a gap from being mistaken for the heart: while samples are
// missing the last one is held, and behind the gap the trace goes on from there.
type resampler struct {
	span    float64 // input samples per tick
	samples int64   // received
	ticks   int64   // given
	left    float64 // of the current tick's span, in input samples
	sum     float64
	rest    float64 // of the current sample

	started bool    // a sample has been measured
	offset  float64 // taken off, so that a gap leaves no step
	held    float64 // the last input
	broken  bool    // the last sample was missing
	gapFrom int64   // ticks of the last gap
	gapTo   int64
}

func newResampler(rate, ticks float64) resampler {
	return resampler{span: rate / ticks, left: rate / ticks, gapFrom: -1, gapTo: -1}
}

// measured takes in one sample; lost one that is missing. After either, ticks
// are taken while there is a full one, and then the sample is done.
func (r *resampler) measured(count int32) {
	v := float64(count)
	switch {
	case !r.started:
		r.started, r.offset = true, v
	case r.broken:
		r.offset = v - r.held
	}
	r.broken = false
	r.held = v - r.offset
	r.samples++
	r.rest = 1
}

func (r *resampler) lost() {
	if !r.broken {
		r.broken, r.gapFrom = true, r.ticks
	}
	r.gapTo = r.ticks
	r.samples++
	r.rest = 1
}

func (r *resampler) full() bool { return r.rest >= r.left }

func (r *resampler) take() (tick int64, v float64) {
	v = (r.sum + r.left*r.held) / r.span
	r.rest -= r.left
	tick = r.ticks
	r.ticks++
	r.sum = 0
	r.left = float64(r.ticks+1)*r.span - float64(r.samples) + r.rest
	return tick, v
}

func (r *resampler) done() {
	r.sum += r.rest * r.held
	r.left -= r.rest
}

// jump moves the clocks over n missing samples without giving their ticks.
func (r *resampler) jump(n int) {
	r.samples += int64(n)
	r.ticks = int64(float64(r.samples) / r.span)
	r.left = float64(r.ticks+1)*r.span - float64(r.samples)
	r.sum = (r.span - r.left) * r.held
	r.gapTo = r.ticks
}

// middle is the input sample at the middle of tick k.
func (r *resampler) middle(k int64) int64 { return int64((float64(k) + 0.5) * r.span) }
