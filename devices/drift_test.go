package devices

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func TestTheMonitorsClockIsComparedWithOurs(t *testing.T) {
	begin := time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)
	for _, ppm := range []float64{-300, -50, 0, 50, 300} {
		random := rand.New(rand.NewPCG(1, uint64(ppm+1000)))
		var d Drift
		for i := range 1800 { // half an hour of one line a second, each up to 80 ms late
			sent := time.Duration(float64(i) * 1e9 / (1 + ppm/1e6))
			late := time.Duration(random.IntN(80)) * time.Millisecond
			d.see(vital.Instant(time.Hour+sent+late), begin.Add(time.Duration(i)*time.Second))
		}
		if math.Abs(d.PPM-ppm) > 10 || d.Jumps != 0 {
			t.Errorf("%v ppm fast: measured %.1f, %d jumps", ppm, d.PPM, d.Jumps)
		}
	}
	var d Drift
	d.see(vital.Instant(time.Hour), begin)
	d.see(vital.Instant(time.Hour+time.Second), begin.Add(time.Hour)) // daylight saving
	d.see(vital.Instant(time.Hour+2*time.Second), begin.Add(time.Hour+time.Second))
	if d.Jumps != 1 || d.PPM != 0 || !d.Monitor.Equal(begin.Add(time.Hour+time.Second)) {
		t.Errorf("after the clock was put forward: %+v", d)
	}
}
