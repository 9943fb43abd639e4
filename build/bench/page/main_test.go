package main

import (
	"slices"
	"testing"
	"time"
)

func TestAChangeIsMatchedWithTheFirstSightOfItAfterwards(t *testing.T) {
	began := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	after := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	changes := []change{{"61", after(0)}, {"62", after(1000)}, {"63", after(2000)}, {"61", after(30_000)}}
	sights := []sight{{"61", after(-50)}, {"61", after(120)}, {"63", after(2200)}, {"62", after(2300)}, {"61", after(30_090)}, {"63", after(32_000)}}
	took, missed := match(changes, sights)
	want := []time.Duration{120 * time.Millisecond, 1300 * time.Millisecond, 200 * time.Millisecond, 90 * time.Millisecond}
	if !slices.Equal(took, want) || missed != 0 {
		t.Errorf("%v, %d missed", took, missed)
	}
	if took, missed := match(changes[1:2], sights[:3]); len(took) != 0 || missed != 1 {
		t.Errorf("one that was never seen: %v, %d missed", took, missed)
	}
}
