package meshtest

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds = flag.Int("seeds", 20, "how many seeds to run")
	first = flag.Uint64("first", 1, "the first of them")
)

func TestAStreetHoldsTheSameRecordAfterTrouble(t *testing.T) {
	list := slices.Clone(Failed)
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		list = append(list, seed)
	}
	for _, seed := range list {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { Run(t, seed, NewMemory) })
		})
	}
}

func TestStationsWithTheSameGrantReadTheSameAfterTrouble(t *testing.T) {
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newStreet(t, seed, NewMemory)
				st.grants = true
				for _, s := range st.stations {
					s.start()
				}
				for range 150 {
					time.Sleep(time.Duration(st.rng.IntN(1000)) * time.Millisecond)
					st.trouble()
				}
				st.heal()
				healed := time.Now()
				why := st.unfair()
				for why != "" && time.Since(healed) < 5*time.Minute {
					time.Sleep(time.Second)
					why = st.unfair()
				}
				if why != "" {
					t.Errorf("five minutes after the last heal: %s", why)
				}
				heads := slices.Collect(func(yield func(string) bool) {
					for _, s := range st.stations[:min(3, len(st.stations))] { // the members
						if !yield(fmt.Sprintf("%x", s.exchange.Digest())) {
							return
						}
					}
				})
				if len(slices.Compact(heads)) != 1 {
					t.Error("the members do not hold the same envelopes")
				}
				t.Logf("%d stations, %d entries, %d crashes, level %v after the heal", len(st.stations), len(st.truth), st.crashes, time.Since(healed).Round(time.Second))
				st.end()
			})
		})
	}
}
