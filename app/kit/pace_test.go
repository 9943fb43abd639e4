package kit

import (
	"testing"
	"time"
)

func TestTheRecordTakesWhatTheLiveStreamLeaves(t *testing.T) {
	for _, c := range []struct {
		story    string
		queue    time.Duration // that the link tells four times a second; -1: it tells nothing
		for_     time.Duration
		from, to float64 // bytes a second in the last five seconds
	}{
		{"a free line: it doubles in two seconds", 0, 30 * time.Second, 100_000, 8e6},
		{"the live packets queue: charts alone pass", 200 * time.Millisecond, 30 * time.Second, 400, 700},
		{"a little queue is left as it is", 45 * time.Millisecond, 30 * time.Second, 3500, 4500},
		{"no link yet: slowly more", -1, 15 * time.Second, 20_000, 80_000},
	} {
		t.Run(c.story, func(t *testing.T) {
			var p pace
			now := time.Unix(1_790_000_000, 0)
			end, told, sent := now.Add(c.for_), now, 0
			for now.Before(end) {
				if c.queue >= 0 && now.Sub(told) >= 250*time.Millisecond {
					p.heard(now, c.queue)
					told = now
				}
				if end.Sub(now) <= 5*time.Second {
					sent += paceChunk
				}
				wait := p.take(now, paceChunk)
				for ; c.queue >= 0 && wait > 250*time.Millisecond; wait -= 250 * time.Millisecond { // the link goes on telling
					now = now.Add(250 * time.Millisecond)
					p.heard(now, c.queue)
					told = now
				}
				now = now.Add(max(wait, 100*time.Microsecond))
			}
			if rate := float64(sent) / 5; rate < c.from || rate > c.to {
				t.Errorf("%.0f bytes a second, want %.0f to %.0f", rate, c.from, c.to)
			}
		})
	}
}
