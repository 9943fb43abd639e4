package link

import (
	"testing"
	"time"
)

func TestWhatAPathTells(t *testing.T) {
	wall := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		skew   time.Duration // the other end's wall clock is ahead
		lose   func(i int) bool
		late   func(i int) time.Duration
		loss   float64
		queue  time.Duration
		offset time.Duration
	}{
		{name: "a good path"},
		{name: "every fifth lost", lose: func(i int) bool { return i%5 == 2 }, loss: 0.2},
		{name: "a queue of 200 ms since a while", late: func(i int) time.Duration { return time.Duration(min(i*4, 200)) * time.Millisecond }, queue: 200 * time.Millisecond},
		{name: "a clock an hour ahead", skew: time.Hour, offset: time.Hour},
		{name: "a clock that says 1970", skew: -wall.Sub(time.UnixMilli(0)), offset: -wall.Sub(time.UnixMilli(0))},
		{name: "jitter up to 30 ms is no queue", late: func(i int) time.Duration { return time.Duration(i%4*10) * time.Millisecond }},
	} {
		p := newPath()
		var r report
		for i := range 100 {
			sent := time.Duration(i) * 100 * time.Millisecond
			at := sent + 50*time.Millisecond
			if c.late != nil {
				at += c.late(i)
			}
			if c.lose != nil && c.lose(i) {
				continue
			}
			// The other end's run began 7 s before ours; it echoes what we sent 100 ms
			// before this arrived, at once.
			d := datagram{number: uint32(i + 1), sent: uint32((sent + 7*time.Second).Milliseconds()), wall: wall.Add(sent + c.skew),
				echoed: true, echo: uint32((sent - 50*time.Millisecond).Milliseconds())}
			p.heard(at, wall.Add(at), &d, 400)
			if i%5 == 4 {
				r = p.report(at)
			}
		}
		if r.loss < c.loss-0.03 || r.loss > c.loss+0.03 {
			t.Errorf("%s: loss %.2f, want %.2f", c.name, r.loss, c.loss)
		}
		if r.queue != c.queue {
			t.Errorf("%s: queue %v, want %v", c.name, r.queue, c.queue)
		}
		if p.rtt != 100*time.Millisecond {
			t.Errorf("%s: round trip %v, want 100 ms", c.name, p.rtt)
		}
		if p.offset != c.offset {
			t.Errorf("%s: offset %v, want %v", c.name, p.offset, c.offset)
		}
	}
}

// The rungs of a link whose queue grows, and of one that only loses.
func TestWhatMovesTheLadder(t *testing.T) {
	for _, c := range []struct {
		name  string
		queue time.Duration
		loss  float64
		for_  time.Duration
		want  Rung
	}{
		{"a good link", 0, 0, time.Minute, Everything},
		{"a fifth lost", 0, 0.2, time.Minute, Everything},
		{"a queue for a moment", 200 * time.Millisecond, 0, 300 * time.Millisecond, Everything},
		{"a queue for a while: the repeats go first", 200 * time.Millisecond, 0, time.Second, Everything},
		{"then frames go together", 200 * time.Millisecond, 0, 2 * time.Second, Everything},
		{"then the waveforms but the chosen", 200 * time.Millisecond, 0, 4 * time.Second, ChosenWaveform},
		{"a flood: at once the numbers only", time.Second, 0, 200 * time.Millisecond, NumericsOnly},
		{"never below numbers once a second", 2 * time.Second, 0, time.Minute, NumericsSlow},
	} {
		var l ladder
		for now := time.Duration(0); now < c.for_; now += 100 * time.Millisecond {
			l.heard(now, report{queue: c.queue, loss: c.loss})
		}
		if l.rung() != c.want {
			t.Errorf("%s: %v, want %v", c.name, l.rung(), c.want)
		}
	}
}
