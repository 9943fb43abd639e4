package rhythm

// Quality is how far the beats of the last ten seconds can be trusted, 0 to 1:
// one less the share of beats that, by the detector's own odds, are wrong or
// missing. It falls with noise, because noise makes doubtful candidates; it is 0
// while the trace does not move at all (lead off, or the amplifier at its end)
// and after a gap until there is a second of signal.
func (d *Detector) Quality() float64 {
	now := d.ticks
	if d.stuck > stuckSpan || d.gapTo-d.gapFrom > hole && now-d.gapTo < tickRate {
		return 0
	}
	return d.doubts.quality(now - 10*tickRate)
}

// Flat reports whether the trace has not moved for a second.
func (d *Detector) Flat() bool { return d.stuck > stuckSpan }

const stuckSpan = tickRate

// Trusted is the least quality at which a rate is shown: one beat in twenty
// doubtful.
const Trusted = 0.95

// A doubt is the chance that one decision was wrong.
type doubt struct {
	tick  int64
	share float32
	beat  bool
}

// doubts are the decisions of the last ten seconds and more.
type doubts struct {
	ring [128]doubt
	n    int
}

func (d *doubts) add(v doubt) {
	d.ring[d.n%len(d.ring)] = v
	d.n++
}

func (d *doubts) quality(since int64) float64 {
	var wrong, beats float64
	for i := d.n - 1; i >= max(0, d.n-len(d.ring)); i-- {
		v := &d.ring[i%len(d.ring)]
		if v.tick < since {
			break
		}
		wrong += float64(v.share)
		if v.beat {
			beats++
		}
	}
	return max(0, 1-wrong/max(beats, 4))
}
