package main

import (
	"testing"
	"time"

	"fieldkit/build/lab"
	"fieldkit/telemetry/link"
)

const ms = int64(time.Millisecond)

func TestLateAndLostFramesAreCounted(t *testing.T) {
	base := time.Unix(1000, 0)
	at := func(n int64) int64 { return base.UnixNano() + n*ms }
	var got tally
	got.add(window{began: base, from: base.Add(200 * time.Millisecond), to: base.Add(700 * time.Millisecond)},
		map[uint64]int64{1: at(100), 2: at(200), 3: at(300), 4: at(400), 5: at(500), 6: at(600), 7: at(700)},
		map[uint64]int64{1: at(150), 2: at(250), 3: at(900), 4: at(450), 6: at(1100), 7: at(750)})
	// 2 to 6 count: 2 and 4 after 50 ms, 6 just in time, 3 late, 5 lost.
	if got.sent != 5 || got.usable != 3 || got.lost() != 1 || got.share() != 60 {
		t.Errorf("%d sent, %d in time, %d lost, %v %%", got.sent, got.usable, got.lost(), got.share())
	}
	// Arrivals at 250, 450, 900 and 1100.
	if got.still != 450*time.Millisecond {
		t.Errorf("longest still %v", got.still)
	}
	// 2 was 250 old when 4 came, 4 was 700 old when 6 came; 3 came behind 4.
	if len(got.ages) != 2 || got.ages[0] != 250*time.Millisecond || got.ages[1] != 700*time.Millisecond {
		t.Errorf("ages %v", got.ages)
	}
}

func TestTheCeilingIsWhatTheFadesAllow(t *testing.T) {
	base := time.Unix(1000, 0)
	var got tally
	sent := map[uint64]int64{}
	for i := range 20 {
		sent[uint64(i+1)] = base.UnixNano() + int64(i)*100*ms
	}
	// Down from 500 to 1500 ms: frames of 500 to 1000 wait longer than 450 ms.
	got.add(window{began: base, from: base, to: base.Add(time.Minute), fades: lab.Outage(500*time.Millisecond, 1500*time.Millisecond), delay: 50 * time.Millisecond}, sent, nil)
	if got.ceiling() != 70 || got.share() != 0 || got.lost() != 20 {
		t.Errorf("ceiling %v, in time %v, lost %d", got.ceiling(), got.share(), got.lost())
	}
}

func TestFreshAfterAnOutageIsALiveFrameNotAFill(t *testing.T) {
	base := time.Unix(1000, 0)
	at := func(n int64) int64 { return base.UnixNano() + n*ms }
	var got tally
	got.add(window{began: base, from: base, to: base.Add(time.Minute), gone: base.Add(time.Second), back: base.Add(5 * time.Second)},
		map[uint64]int64{1: at(100), 2: at(3000), 3: at(5100), 4: at(8000)},
		map[uint64]int64{1: at(160), 2: at(5200), 3: at(5300), 4: at(8070)})
	if len(got.fresh) != 1 || got.fresh[0] != 300*time.Millisecond {
		t.Errorf("fresh after %v", got.fresh)
	}
	if quantile(got.before, .95) != 60*time.Millisecond || quantile(got.filling, .95) != 70*time.Millisecond {
		t.Errorf("before %v, while filling %v", got.before, got.filling)
	}
}

func TestQuantiles(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(99-i))
	}
	for q, want := range map[float64]time.Duration{0: 0, .5: 50, .95: 95, 1: 99} {
		if got := quantile(all, q); got != want {
			t.Errorf("%v gives %d, want %d", q, got, want)
		}
	}
	if quantile(nil, .5) != 0 {
		t.Error("nothing has a median")
	}
}

func TestEveryRungsFramesDecode(t *testing.T) {
	for rung, frames := range map[link.Rung]int{link.Everything: 40, link.ChosenWaveform: 40, link.NumericsOnly: 8, link.NumericsSlow: 4} {
		p := patient{binding: binding()}
		var got []uint64
		r := reader{got: func(seq uint64) { got = append(got, seq) }}
		size := 0
		var held []byte
		for i := 1; i <= 40; i++ {
			b, err := p.frame(i, rung)
			if err != nil {
				t.Fatal(err)
			}
			if b == nil {
				continue
			}
			size += len(b)
			if held == nil { // the first, which describes, comes second
				held = b
				continue
			}
			if err := r.read(b); err != nil {
				t.Fatal(err)
			}
			if len(held) > 0 {
				if err := r.read(held); err != nil {
					t.Fatal(err)
				}
				held = held[:0]
			}
		}
		if len(got) != frames {
			t.Errorf("%v: %d frames were read, want %d", rung, len(got), frames)
		}
		t.Logf("%v: %d bytes a frame", rung, size/frames)
	}
}
