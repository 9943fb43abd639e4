package main

import (
	"slices"
	"testing"
	"time"
)

func TestSingleEntriesArePairedInOrder(t *testing.T) {
	got, err := pair([]int64{100, 200, 300}, []int64{150, 290, 301})
	if err != nil || !slices.Equal(got, []time.Duration{50, 90, 1}) {
		t.Errorf("%v, %v", got, err)
	}
	for name, seen := range map[string][]int64{"one is missing": {150, 290}, "one came first": {150, 199, 301}} {
		if _, err := pair([]int64{100, 200, 300}, seen); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestQuantiles(t *testing.T) {
	all := []time.Duration{5, 1, 3, 2, 4}
	for q, want := range map[float64]time.Duration{0: 1, .5: 3, .95: 5, 1: 5} {
		if got := quantile(all, q); got != want {
			t.Errorf("%v gives %d, want %d", q, got, want)
		}
	}
}
