package kit

import (
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// A tablet whose clock was a day off while it had no network: what it charted then
// stands at its true time once a time daemon has set the clock.
func TestWhatWasChartedByAWrongClockGetsItsTrueTime(t *testing.T) {
	s := newShift(t)
	clock := s.k.clock
	off, network := -24*time.Hour, false
	s.k.record.mu.Lock()
	clock.wall = func() time.Time { return time.Now().Add(off) }
	clock.network = func() bool { return network }
	s.k.record.trust = chart.ClockByHand
	s.k.record.mu.Unlock()
	encounter := s.admit()
	s.bind("Nonin 77", encounter)
	settled(t, s.k)
	s.k.record.checkClock()
	told := func() (wall time.Time, trust chart.Trust, points int) {
		settled(t, s.k)
		entries, err := s.k.entries(t.Context(), encounter)
		if err != nil {
			t.Fatal(err)
		}
		fold := chart.NewFold(encounter)
		fold.Add(entries...)
		c := fold.Chart()
		opened := c.Course().Opened
		return opened.Wall, opened.Trust, len(c.Of(chart.TypeClock))
	}
	if wall, trust, points := told(); trust != chart.ClockByHand || points != 0 || time.Since(wall) < 23*time.Hour {
		t.Errorf("before the clock was set: %v, trust %d, %d clock entries", wall, trust, points)
	}
	s.k.record.mu.Lock()
	off, network = 0, true
	s.k.record.mu.Unlock()
	for range 3 {
		s.k.record.checkClock()
	}
	if wall, trust, points := told(); trust != chart.ClockNetwork || points != 1 || time.Since(wall).Abs() > time.Hour {
		t.Errorf("after the clock was set: %v, trust %d, %d clock entries; want now, %d, one", wall, trust, points, chart.ClockNetwork)
	}
}
