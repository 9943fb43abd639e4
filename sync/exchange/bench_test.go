package exchange_test

import (
	"slices"
	"testing"
	"time"

	"fieldkit/sync/journal"
)

// BenchmarkFill brings an empty station level with one that holds 20,000 entries
// of 500 bytes, in memory, over loopback TCP: the exchange without the disk.
func BenchmarkFill(b *testing.B) {
	r := newRoster("ambulance", "clinic")
	from := newStation(b, "ambulance", r)
	from.write(journal.Chart, 20000, 64)
	for b.Loop() {
		to := newStation(b, "clinic", r)
		m := meet(b, from, to)
		for to.ledger.Entries() < 20000 {
			time.Sleep(time.Millisecond)
		}
		m.stop()
		wait(b, m.call)
		wait(b, m.answer)
	}
	b.ReportMetric(20000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkPush measures from commit to the other side's ledger.
func BenchmarkPush(b *testing.B) {
	r := newRoster("ambulance", "clinic")
	from, to := newStation(b, "ambulance", r), newStation(b, "clinic", r)
	meet(b, from, to)
	eventually(b, "they are level", func() bool {
		return len(from.Peers()) == 1 && from.Peers()[0].Level && len(to.Peers()) == 1 && to.Peers()[0].Level
	})
	var times []time.Duration
	n := uint64(0)
	for b.Loop() {
		began := time.Now()
		from.write(journal.Chart, 1, 1)
		n++
		for to.ledger.Entries() < n {
			time.Sleep(20 * time.Microsecond)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds()), "p95-µs")
}
