package devices_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

func TestSamplesArePlacedByCountNotByTheJitterOfArrival(t *testing.T) {
	for _, c := range []struct {
		name   string
		late   func(i int) time.Duration // of the lump of five at 75 Hz
		within time.Duration
	}{
		{"a quiet line", func(int) time.Duration { return 0 }, time.Microsecond},
		{"a USB adapter with a 16 ms timer", func(i int) time.Duration { return time.Duration(i*7919%16) * time.Millisecond }, 700 * time.Microsecond},
		{"a tablet that stalls now and then", func(i int) time.Duration {
			if i%97 == 96 {
				return 300 * time.Millisecond
			}
			return 0
		}, 700 * time.Microsecond},
	} {
		var p devices.Pace
		const step = time.Second / 15
		last := vital.Instant(0)
		for i := range 3000 {
			at := p.Place(vital.Instant(time.Duration(i+1)*step+c.late(i)), 5, 75, time.Second)
			if off := at.Sub(last) - step; i > 0 && (off > c.within || off < -c.within) {
				t.Fatalf("%s: lump %d is placed %v off", c.name, i, off)
			}
			last = at
		}
	}
}

func TestALongPauseIsAGapAndAFastCrystalIsFollowed(t *testing.T) {
	var p devices.Pace
	const step = time.Second / 15
	p.Place(vital.Instant(step), 5, 75, time.Second)
	if at := p.Place(vital.Instant(10*time.Second), 5, 75, time.Second); at != vital.Instant(10*time.Second-step) {
		t.Errorf("after a pause of ten seconds samples are placed at %v", time.Duration(at))
	}
	for _, ppm := range []int{-200, 200} {
		var p devices.Pace
		worst := time.Duration(0)
		for i := range 15 * 3600 {
			true := vital.Instant(time.Duration(i+1) * step * time.Duration(1_000_000+ppm) / 1_000_000)
			late := true.Add(-step).Sub(p.Place(true, 5, 75, time.Second))
			worst = max(worst, late, -late)
		}
		if worst > 2*time.Millisecond {
			t.Errorf("a crystal %d ppm off: %v astray within an hour", ppm, worst)
		}
	}
}

func TestAfterABreakSamplesDoNotOverlap(t *testing.T) {
	var p devices.Pace
	random := rand.New(rand.NewPCG(1, 1))
	end, now := vital.Instant(0), vital.Instant(0)
	for range 1000 {
		now = now.Add(time.Duration(random.IntN(100)) * time.Millisecond)
		if random.IntN(5) == 0 {
			p.Break()
		}
		at := p.Place(now, 1, 75, time.Second)
		if at < end-vital.Instant(time.Millisecond) {
			t.Fatalf("a sample at %v begins before %v", time.Duration(at), time.Duration(end))
		}
		end = at.Add(time.Second / 75)
	}
}
