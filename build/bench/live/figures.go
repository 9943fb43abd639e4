package main

import (
	"slices"
	"time"

	"fieldkit/build/lab"
)

// Figures of the frames of one way over one or more seeds.
const (
	inTime    = 500 * time.Millisecond // a frame older than this is late
	fromStart = 3 * time.Second        // frames before are not counted: connections are still being made
)

// A tally pools what one way did in a cell.
type tally struct {
	sent, usable int
	took         []time.Duration // of those that arrived; sorted by sort
	ages         []time.Duration // of the newest frame at the moment the next newer one came
	still        time.Duration   // longest between two arrivals
	fresh        []time.Duration // from the end of the outage to the first frame in time, a seed each
	filling      []time.Duration // as took, of frames sent from 2 s after the outage on
	before       []time.Duration // as took, of frames sent before it
	live         []time.Duration // from start to connected, a seed each
	allowed      int             // frames that the radio's fades let through in time at best
	bytes        int             // that the vehicle's link carried upward, headers counted
	spent        time.Duration   // over which
	rungs        map[string]int
	skipped      string // why it was not run
}

// A window is which frames count, and what happened to the link meanwhile.
type window struct {
	began    time.Time // of the lab
	from, to time.Time
	back     time.Time  // the end of the outage; zero for none
	gone     time.Time  // its beginning
	fades    *lab.Trace // by time since began; nil for none
	delay    time.Duration
}

// add pools one seed's frames.
func (t *tally) add(w window, sent, arrived map[uint64]int64) {
	type frame struct {
		seq      uint64
		sent, at int64
	}
	var came []frame
	for seq, s := range sent {
		at := time.Unix(0, s)
		if at.Before(w.from) || !at.Before(w.to) {
			continue
		}
		t.sent++
		since := at.Sub(w.began)
		if w.fades.Up(since)-since+w.delay <= inTime {
			t.allowed++
		}
		a, ok := arrived[seq]
		if !ok {
			continue
		}
		came = append(came, frame{seq, s, a})
		took := time.Duration(a - s)
		t.took = append(t.took, took)
		if took <= inTime {
			t.usable++
		}
		if !w.back.IsZero() {
			if at.Before(w.gone.Add(-inTime)) {
				t.before = append(t.before, took)
			} else if at.After(w.back.Add(2 * time.Second)) {
				t.filling = append(t.filling, took)
			}
		}
	}
	slices.SortFunc(came, func(a, b frame) int { return int(a.at - b.at) })
	fresh, newest := time.Duration(-1), frame{}
	for i, f := range came {
		if i > 0 {
			t.still = max(t.still, time.Duration(f.at-came[i-1].at))
		}
		if f.seq > newest.seq {
			if newest.seq > 0 {
				t.ages = append(t.ages, time.Duration(f.at-newest.sent))
			}
			newest = f
		}
		if since := time.Duration(f.at - w.back.UnixNano()); fresh < 0 && !w.back.IsZero() && since >= 0 && time.Duration(f.at-f.sent) <= inTime {
			fresh = since
		}
	}
	if !w.back.IsZero() {
		t.fresh = append(t.fresh, fresh)
	}
}

func (t *tally) lost() int { return t.sent - len(t.took) }

// share is the percentage of frames that came in time.
func (t *tally) share() float64 { return percent(t.usable, t.sent) }

// ceiling is what the radio's fades allow of share at best.
func (t *tally) ceiling() float64 { return percent(t.allowed, t.sent) }

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// quantile is the value below which q of all lie; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(int(q*float64(len(all))), len(all)-1)]
}
