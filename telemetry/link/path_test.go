package link

import (
	"slices"
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

// A flood is drained by numbers alone, and then the waveforms come back: the line
// carries them, it was only full.
func TestAFloodDrainsAndWhatTheLineCarriesComesBack(t *testing.T) {
	for _, c := range []struct {
		name  string
		flood time.Duration // how long the queue stands at 600 ms
		then  Rung          // right after it
	}{
		{"it drains in a second", time.Second, Everything},
		{"numbers alone do not drain it", 10 * time.Second, NumericsSlow},
	} {
		var l ladder
		now := time.Duration(0)
		for ; now < c.flood; now += 100 * time.Millisecond {
			l.heard(now, report{queue: 600 * time.Millisecond})
			if l.rung() < NumericsOnly {
				t.Errorf("%s: %v while the queue stands", c.name, l.rung())
			}
		}
		l.heard(now, report{})
		if l.rung() != c.then {
			t.Errorf("%s: then %v, want %v", c.name, l.rung(), c.then)
		}
	}
}

func TestASlowDialBeginsCarefullyAndLossAloneDoesNotHoldItDown(t *testing.T) {
	var l ladder
	l.carefully()
	if l.rung() != Everything || l.together() != 2 || l.redundant() {
		t.Errorf("it begins on %v with %d together", l.rung(), l.together())
	}
	for now := time.Duration(0); now < 3*time.Second; now += 100 * time.Millisecond {
		l.heard(now, report{loss: 0.2})
	}
	if !l.redundant() {
		t.Error("a line that only loses has no repeats three seconds later")
	}
}

// Numbers come twice a second; between them the queue is what it was.
func TestAQueueIsKnownBetweenDatagrams(t *testing.T) {
	p := newPath()
	for i := range 20 {
		at := time.Duration(i) * 500 * time.Millisecond
		late := time.Duration(0)
		if i > 10 {
			late = 300 * time.Millisecond
		}
		p.heard(at+late, time.Time{}, &datagram{number: uint32(i + 1), sent: uint32(at.Milliseconds())}, 100)
		for between := range 5 {
			if got := p.report(at + late + time.Duration(between)*100*time.Millisecond).queue; got != late {
				t.Fatalf("datagram %d: the queue is %v, want %v", i, got, late)
			}
		}
	}
	if got := p.report(time.Minute).queue; got != 0 {
		t.Errorf("long after the last datagram the queue is still %v", got)
	}
}

func TestFramesOnANarrowPathShareADatagram(t *testing.T) {
	sizes := func(datagrams [][]part) (n []int) {
		for _, d := range datagrams {
			n = append(n, len(d))
		}
		return n
	}
	for _, c := range []struct {
		name  string
		step  int
		lossy bool
		size  int
		want  []int // parts of each datagram, of six frames
	}{
		{"a wide path: each with the three before it", 0, true, 60, []int{1, 2, 3, 4, 4, 4}},
		{"one repeat", 1, true, 60, []int{1, 2, 2, 2, 2, 2}},
		{"two frames, nothing twice", togetherStep, true, 60, []int{2, 2, 2}},
		{"large frames wait for nobody", togetherStep, true, 500, []int{1, 1, 1, 1, 1, 1}},
		{"a lane that loses nothing needs no repeats", 0, false, 60, []int{1, 1, 1, 1, 1, 1}},
	} {
		s := newSender()
		s.ladder.step = c.step
		var got []int
		seen := map[uint32]bool{}
		for seq := range uint32(6) {
			now := time.Duration(seq) * 100 * time.Millisecond
			s.push(now, Frame{Seq: seq + 1, Bytes: make([]byte, c.size)})
			out := s.fresh(now, 0, c.lossy)
			for _, d := range out {
				for _, p := range d {
					seen[p.Seq] = true
				}
			}
			got = append(got, sizes(out)...)
		}
		if !slices.Equal(got, c.want) || len(seen) != 6 {
			t.Errorf("%s: datagrams of %v parts, want %v; %d frames went", c.name, got, c.want, len(seen))
		}
	}
	// The last of a stream has no next one to share with, and goes all the same.
	s := newSender()
	s.ladder.step = togetherStep
	s.push(0, Frame{Seq: 1, Bytes: make([]byte, 60)})
	if out := s.fresh(0, 0, true); out != nil {
		t.Errorf("the first went alone: %v", out)
	}
	if out := s.again(idleAfter, 0); len(out) != 1 || len(out[0]) != 1 {
		t.Errorf("a quarter of a second later %v goes", out)
	}
}
