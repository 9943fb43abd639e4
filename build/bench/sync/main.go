package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// childMark in the environment makes this program one side.
const childMark = "FIELDKIT_BENCH_CHILD"

func main() {
	if os.Getenv(childMark) != "" {
		if err := runChild(); err != nil {
			fmt.Fprintln(os.Stderr, "sync bench:", err)
			os.Exit(1)
		}
		return
	}
	large := flag.Bool("large", false, "also 200,000 entries")
	runs := flag.Int("runs", 5, "how often each side fills an empty one")
	alone := flag.Bool("alone", false, "without the peer")
	folder := flag.String("dir", "", "a `folder` on the disk to measure, instead of the system's temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *folder, *runs, *large, *alone); err != nil {
		fmt.Fprintln(os.Stderr, "sync bench:", err)
		os.Exit(1)
	}
}

const usual = 20_000

func bench(ctx context.Context, folder string, runs int, large, alone bool) (err error) {
	dir, err := os.MkdirTemp(folder, "fieldkit-bench-sync-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	syncs, err := fsyncs(dir, singles)
	if err != nil {
		return err
	}
	fmt.Printf("Empty peer to %d entries of about 500 bytes over loopback, then %d single entries; %d runs by turns. %d processors, load %s.\n", usual, singles, runs, runtime.NumCPU(), load())
	fmt.Printf("One fsync of 4 KiB here, %v after the one before: p50 %.2f ms, p95 %.2f ms.\n\n", between, millis(quantile(syncs, .5)), millis(quantile(syncs, .95)))

	ways := []*side{{name: "ours", start: func(o order) (*child, error) { return startStation(o) }}}
	peers := filepath.Join(dir, "pouch")
	if err := os.Mkdir(peers, 0o700); err != nil {
		return err
	}
	if alone {
		fmt.Println("PouchDB is left out, as asked.")
	} else if p, err := newPouch(ctx, peers); err != nil {
		fmt.Printf("PouchDB is left out: %v\n", err)
	} else {
		for _, peer := range []pouchOrder{{Batch: 100}, {Batch: 1000}, {Batch: 100, Sync: true}} {
			name := fmt.Sprintf("PouchDB, batch %d", peer.Batch)
			if peer.Sync {
				name += ", synced"
			}
			ways = append(ways, &side{name: name, start: func(o order) (*child, error) {
				peer.order, peer.Singles, peer.Between = o, singles, int(between.Milliseconds())
				return p.start(peer)
			}})
		}
	}
	for i, w := range ways {
		if err := w.open(filepath.Join(dir, fmt.Sprint("writer", i)), usual); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	for run := range runs {
		for i, w := range ways {
			if err := w.turn(filepath.Join(dir, fmt.Sprint("reader", i, "-", run)), usual); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
		again, err := fsyncs(dir, singles)
		if err != nil {
			return err
		}
		syncs = append(syncs, again...)
	}
	for _, w := range ways {
		if err := w.writer.stop(); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	two := 2 * quantile(syncs, .95)
	fmt.Printf("%-26s %28s %14s %26s %12s\n", "", "fill, median (range) s", "times ours", "one entry p50 / p95 ms", "times ours")
	ours := ways[0]
	for _, w := range ways {
		fmt.Printf("%-26s %10.2f (%.2f to %.2f) %13.1f %18.2f / %5.2f %12.1f   memory %s\n", w.name,
			quantile(w.fills, .5).Seconds(), quantile(w.fills, 0).Seconds(), quantile(w.fills, 1).Seconds(),
			float64(quantile(w.fills, .5))/float64(quantile(ours.fills, .5)),
			millis(quantile(w.singles, .5)), millis(quantile(w.singles, .95)), float64(quantile(w.singles, .95))/float64(quantile(ours.singles, .95)), w.memory)
	}
	fmt.Printf("\nThe p95 of each run, median (range) ms:")
	for _, w := range ways {
		fmt.Printf(" %s %.2f (%.2f to %.2f);", w.name, millis(quantile(w.turns, .5)), millis(quantile(w.turns, 0)), millis(quantile(w.turns, 1)))
	}
	fmt.Printf("\nOurs: %d bytes over the wire to fill; a single entry's p95 is %.2f ms beyond two such fsyncs at their p95 (%.2f ms). Load %s.\n",
		ours.wire, millis(quantile(ours.singles, .95)-two), millis(two), load())
	for i, part := range []string{"to the writer's disk", "from there to the reader's store", "from there to its disk"} {
		fmt.Printf("  %-32s p50 %.2f, p95 %.2f ms\n", part, millis(quantile(ours.parts[i], .5)), millis(quantile(ours.parts[i], .95)))
	}
	if !large {
		return nil
	}
	w := &side{name: "ours", start: ours.start}
	if err := w.open(filepath.Join(dir, "writer-large"), 10*usual); err != nil {
		return err
	}
	if err := w.turn(filepath.Join(dir, "reader-large"), 10*usual); err != nil {
		return err
	}
	fmt.Printf("%d entries: %.2f s, %.1f times the usual; memory %s. Load %s.\n", 10*usual, w.fills[0].Seconds(),
		float64(w.fills[0])/float64(quantile(ours.fills, .5)), w.memory, load())
	return w.writer.stop()
}

// A side is one system under measurement: its writer, and what its readers took.
type side struct {
	name   string
	start  func(order) (*child, error)
	writer *child
	at     string

	fills, singles []time.Duration
	turns          []time.Duration    // the p95 of each turn's singles
	parts          [3][]time.Duration // of each single: to the writer's disk, to the reader's store, to the reader's disk
	wire           int64
	memory         string // of the last reader
}

// open starts the writer and waits until it holds its entries.
func (s *side) open(dir string, entries int) (err error) {
	if s.writer, err = s.start(order{Role: "writer", Dir: dir, Entries: entries}); err != nil {
		return err
	}
	r, err := s.writer.hear()
	s.at = r.Address
	return err
}

// turn fills one empty reader, and then measures single entries. Those of the turn
// before are part of what the next fills, a hundredth of it.
func (s *side) turn(dir string, entries int) error {
	more := len(s.singles)
	reader, err := s.start(order{Role: "reader", Dir: dir, Entries: entries + more, Address: s.at})
	if err != nil {
		return err
	}
	filled, err := reader.hear()
	if err != nil {
		return err
	}
	if err := s.writer.say("singles"); err != nil {
		return err
	}
	began, err := s.writer.hear()
	if err != nil {
		return err
	}
	if err := reader.say("singles"); err != nil {
		return err
	}
	seen, err := reader.hear()
	if err != nil {
		return err
	}
	took, err := pair(began.Times, seen.Times)
	if err != nil {
		return err
	}
	if len(began.Between) == len(took) && len(seen.Between) == len(took) {
		for i := range took {
			s.parts[0] = append(s.parts[0], time.Duration(began.Between[i]-began.Times[i]))
			s.parts[1] = append(s.parts[1], time.Duration(seen.Between[i]-began.Between[i]))
			s.parts[2] = append(s.parts[2], time.Duration(seen.Times[i]-seen.Between[i]))
		}
	}
	s.turns = append(s.turns, quantile(took, .95))
	s.fills, s.singles = append(s.fills, filled.Filled), append(s.singles, took...)
	s.wire, s.memory = filled.Wire, filled.Memory
	return reader.stop()
}

// pair is how long each entry took: one writer, so the order is the same.
func pair(began, seen []int64) ([]time.Duration, error) {
	if len(began) != len(seen) {
		return nil, fmt.Errorf("%d single entries were written and %d came", len(began), len(seen))
	}
	took := make([]time.Duration, len(began))
	for i := range began {
		if took[i] = time.Duration(seen[i] - began[i]); took[i] < 0 {
			return nil, errors.New("an entry came before it was written")
		}
	}
	return took, nil
}

// fsyncs is how long n writes of 4 KiB with fsync took each, at the pace of the
// single entries: a processor and a disk that were idle take several times longer.
func fsyncs(dir string, n int) ([]time.Duration, error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
		time.Sleep(between)
	}
	return took, nil
}

// quantile is the value below which q of all lie; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
