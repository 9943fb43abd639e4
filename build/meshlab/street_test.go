package meshlab

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/meshtest"
)

var (
	seeds = flag.Int("seeds", 0, "how many seeds to run; 0: as many as the normal run has time for")
	first = flag.Uint64("first", 1, "the first of them")
)

// Seeds of the normal run and of the long one.
const (
	few  = 5
	many = 200
)

func TestAStreetOfRealStoresHoldsTheSameRecordAfterTrouble(t *testing.T) {
	n := *seeds
	switch {
	case n > 0:
	case os.Getenv("FIELDKIT_LONG") != "":
		n = many
	default:
		n = few
	}
	list := slices.Clone(failed)
	for seed := *first; seed < *first+uint64(n); seed++ {
		list = append(list, seed)
	}
	began := time.Now()
	for _, seed := range list {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { meshtest.Run(t, seed, recordIn(dir)) })
		})
	}
	t.Logf("%d seeds in %v", len(list), time.Since(began).Round(time.Second))
}

// failed are seeds that once found something.
var failed []uint64
