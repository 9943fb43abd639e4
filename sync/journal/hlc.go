package journal

import (
	"cmp"
	"slices"
	"time"

	"fieldkit/triage/chart"
)

// MaxAhead is how far ahead of trusted time a stamp may be and still move our
// own clock.
const MaxAhead = 2 * time.Minute

// An HLC is a hybrid logical clock's stamp: 48 bits of ms since 1970 UTC and a
// 16-bit counter. It orders entries for display; it never decides a conflict.
// (Kulkarni et al., Logical Physical Clocks, 2014.)
type HLC uint64

// Millis is the stamp's time in ms since 1970 UTC.
func (h HLC) Millis() int64 { return int64(h >> 16) }

// Count is the stamp's counter within its millisecond.
func (h HLC) Count() uint16 { return uint16(h) }

// Stamp is the HLC of a time in ms, brought within 48 bits, and a counter.
func Stamp(ms int64, count uint16) HLC {
	return HLC(min(max(ms, 0), 1<<48-1))<<16 | HLC(count)
}

// A Clock is a station's own hybrid clock. It reads no time itself: every call
// brings it. It is not safe for concurrent use. The zero Clock is ready.
type Clock struct{ last HLC }

// ClockFrom goes on from the last stamp that this device wrote.
func ClockFrom(last HLC) Clock { return Clock{last} }

// Now is a stamp for an entry written when the station's wall clock shows wall
// (ms since 1970 UTC). It is later than every stamp before, also when the wall
// clock was set back; it stays at the last possible stamp when none is left.
func (c *Clock) Now(wall int64) HLC {
	c.last = max(min(c.last, ^HLC(0)-1)+1, Stamp(wall, 0))
	return c.last
}

// A Verdict is what became of a stamp that came from another device.
type Verdict uint8

// The verdicts.
const (
	Heard    Verdict = 0 // plausible: our clock is at or after it now
	Ahead    Verdict = 1 // over MaxAhead ahead: kept and flagged, our clock unmoved
	Unjudged Verdict = 2 // nothing to judge it by: kept, our clock unmoved
)

// Hear takes a stamp of another device. Reference is trusted time in ms since
// 1970 UTC: our own if its trust is better than by hand, else the [Median] of
// trusted peers; known is false when there is neither.
func (c *Clock) Hear(stamp HLC, reference int64, known bool) Verdict {
	switch {
	case !known:
		return Unjudged
	case stamp.Millis() > reference+MaxAhead.Milliseconds():
		return Ahead
	}
	c.last = max(c.last, stamp)
	return Heard
}

// Settle takes trusted time once it is known. A clock that had run over MaxAhead
// ahead, because the station's own wall clock was wrong, goes back to it, or
// every later entry would be flagged by peers until time caught up. Order within
// the log stays, by its sequence.
func (c *Clock) Settle(trusted int64) (wentBack bool) {
	if c.last.Millis() <= trusted+MaxAhead.Milliseconds() {
		return false
	}
	c.last = Stamp(trusted, 0)
	return true
}

// Median is the middle of the times given, the earlier of two, and false when
// there is none. One wrong peer among three does not move it.
func Median(times []int64) (int64, bool) {
	if len(times) == 0 {
		return 0, false
	}
	s := slices.Sorted(slices.Values(times))
	return s[(len(s)-1)/2], true
}

// Boots gives entries their true time: it holds what clock entries said about
// which wall time a boot's monotonic clock showed. Equal sets of clock entries
// give equal answers in whatever order they came. The zero Boots is ready; it is
// not safe for concurrent use.
type Boots struct{ ties map[bootOf][]tie }

type bootOf struct {
	device chart.Device
	boot   chart.Boot
}

type tie struct {
	mono, wall int64
	trust      chart.Trust
}

// Learn takes one clock entry: at mono ms of this boot it was wall, in ms since
// 1970 UTC. A time of trust unset says nothing and is left out.
func (b *Boots) Learn(device chart.Device, boot chart.Boot, mono, wall int64, trust chart.Trust) {
	if trust == chart.ClockUnset {
		return
	}
	if b.ties == nil {
		b.ties = map[bootOf][]tie{}
	}
	key := bootOf{device, boot}
	t := tie{mono, wall, trust}
	at, found := slices.BinarySearchFunc(b.ties[key], t, compareTies)
	if !found {
		b.ties[key] = slices.Insert(b.ties[key], at, t)
	}
}

func compareTies(a, b tie) int {
	return cmp.Or(cmp.Compare(a.mono, b.mono), cmp.Compare(a.wall, b.wall), cmp.Compare(a.trust, b.trust))
}

// True is the wall time, in ms since 1970 UTC, when the boot's monotonic clock
// showed mono ms: by the best trusted clock entry of that boot and, of equal
// trust, the one nearest in monotonic time. It is false when none is known.
func (b *Boots) True(device chart.Device, boot chart.Boot, mono int64) (wall int64, trust chart.Trust, ok bool) {
	var best tie
	away := func(t tie) int64 { return max(t.mono-mono, mono-t.mono) }
	for _, t := range b.ties[bootOf{device, boot}] {
		if !ok || t.trust > best.trust || t.trust == best.trust && away(t) < away(best) {
			best, ok = t, true
		}
	}
	return best.wall + mono - best.mono, best.trust, ok
}
