package main

import (
	"bytes"
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
	"syscall"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/demo"
	"fieldkit/telemetry/wave"
)

func main() {
	entries := flag.Int("entries", 100_000, "how many entries the record holds")
	soak := flag.Duration("soak", time.Minute, "how long the window's memory is watched")
	starts := flag.Int("starts", 5, "how often it is started")
	keep := flag.String("keep", "", "a `folder` for the filled record, which is used again when it is there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, *entries, *starts, *soak, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "window bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, entries, starts int, soak time.Duration, keep string) (err error) {
	scratch, err := os.MkdirTemp("", "fieldkit-window-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	t := &tablet{dir: keep, bin: scratch}
	if keep == "" {
		t.dir = scratch
	} else if err := os.MkdirAll(keep, 0o700); err != nil {
		return err
	}
	fmt.Printf("Window and station, %d processors, load %s.\n", runtime.NumCPU(), load())
	if err := build(ctx, scratch); err != nil {
		return err
	}
	if err := t.attach(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.monitor.Stop()) }()
	if _, there := os.Stat(filepath.Join(t.data(), "fieldkit.db")); there != nil {
		if err := t.fill(ctx, entries); err != nil {
			return err
		}
	}
	screen, err := openDisplay(scratch)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, screen.Close()) }()

	var picture, numbers, disk []time.Duration
	for n := range starts {
		r, err := t.begin(ctx, screen)
		if err != nil {
			return err
		}
		picture, numbers, disk = append(picture, r.picture), append(numbers, r.numbers), append(disk, r.disk)
		if n == starts-1 {
			err = t.watch(ctx, r, soak)
		}
		if err := errors.Join(err, r.window.Stop(), r.station.Stop()); err != nil {
			return err
		}
	}
	fmt.Printf("from unlocking, %d starts: first frame %s (wanted 1.5 s); a heart rate on screen %s; a reading of the remembered monitor on disk %s (wanted 10 s)\n",
		starts, spread(picture), spread(numbers), spread(disk))
	return t.rest(ctx, min(soak, time.Minute))
}

func spread(all []time.Duration) string {
	slices.Sort(all)
	ms := func(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
	return fmt.Sprintf("%v (%v to %v)", ms(all[len(all)/2]), ms(all[0]), ms(all[len(all)-1]))
}

// A run is a station with its window.
type run struct {
	station, window *demo.Process
	client          *api.Client
	token           api.Token
	// From the store's unlocking: negative for what was there before.
	picture, numbers, disk time.Duration
}

// begin starts the station locked and a window that unlocks it, and times what
// follows.
func (t *tablet) begin(ctx context.Context, screen *display) (r *run, err error) {
	r = &run{}
	if r.station, r.client, err = t.start(ctx); err != nil {
		return nil, err
	}
	os.Setenv("DISPLAY", screen.name)
	if r.window, err = demo.Start("window", t.dir, t.program("fieldkit"), "--data", t.data(), "--passphrase-file", t.words(), "--look", "night", "--fullscreen"); err != nil {
		return nil, errors.Join(err, r.station.Stop())
	}
	fail := func(err error) (*run, error) { return nil, errors.Join(err, r.window.Stop(), r.station.Stop()) }
	var unlocked, picture, numbers time.Time
	if err := until(ctx, "the window to unlock the station", func() error {
		if picture.IsZero() && screen.painted() {
			picture = time.Now()
		}
		if state, err := r.client.State(ctx); err != nil || state.Locked {
			return errors.Join(errors.New("it is locked"), err)
		}
		return nil
	}); err != nil {
		return fail(err)
	}
	unlocked = time.Now()
	found, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	disk := make(chan error, 1)
	go func() {
		var err error
		if r.token, err = r.client.Unlock(found, passphrase); err == nil {
			err = r.recorded(found)
		}
		r.disk = time.Since(unlocked)
		disk <- err
	}()
	err = until(ctx, "a heart rate on the screen", func() error {
		if picture.IsZero() && screen.painted() {
			picture = time.Now()
		}
		if !screen.numbers() {
			return errors.New("there is none")
		}
		numbers = time.Now()
		return nil
	})
	if err := errors.Join(err, <-disk); err != nil {
		return fail(err)
	}
	r.picture, r.numbers = picture.Sub(unlocked), numbers.Sub(unlocked)
	return r, nil
}

// recorded waits for a live frame that says that a reading of this start is on disk.
func (r *run) recorded(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	live := wave.Decoder{Streams: wave.MaxStreams}
	var f wave.Frame
	done := errors.New("done")
	err := r.client.Follow(ctx, r.token, func(b []byte) error {
		switch err := live.Decode(b, &f); {
		case errors.Is(err, wave.ErrNotDescribed): // its description comes within a second
		case err != nil:
			return err
		case f.DiskTold && f.Disk > 0:
			return done
		}
		return nil
	})
	if errors.Is(err, done) {
		return nil
	}
	return err
}

// watch measures a window with four traces: its processor time and its memory.
func (t *tablet) watch(ctx context.Context, r *run, soak time.Duration) error {
	time.Sleep(5 * time.Second) // the first seconds build every page
	const step = 2 * time.Second
	began := time.Now()
	window, err := drawing(r.window.PID())
	if err != nil {
		return err
	}
	from, err := spent(window)
	if err != nil {
		return err
	}
	painting, err := painters(window)
	if err != nil {
		return err
	}
	var held []float64
	for time.Since(began) < soak {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(step):
		}
		mib, err := resident(window)
		if err != nil {
			return err
		}
		held = append(held, mib)
	}
	until, err := spent(window)
	if err != nil {
		return err
	}
	painted, err := painters(window)
	if err != nil {
		return err
	}
	share := func(d time.Duration) float64 { return 100 * d.Seconds() / time.Since(began).Seconds() }
	last := held[len(held)/2:]
	fmt.Printf("window with four traces for %v: %.1f %% of a core for the program and its GL calls, %.1f %% for the software renderer's own threads (wanted 12 without them)\n",
		soak, share(until-from-(painted-painting)), share(painted-painting))
	fmt.Printf("window resident: %.0f MiB at most (wanted 300), %+.2f MiB in 10 min over the last half (wanted 1)\n",
		slices.Max(held), slope(last)*float64(10*time.Minute/step))
	return nil
}

// rest measures a station alone: no window, the monitor silent.
func (t *tablet) rest(ctx context.Context, span time.Duration) error {
	p, client, err := t.start(ctx)
	if err != nil {
		return err
	}
	measure := func(what string) error {
		state, err := client.State(ctx)
		if err != nil {
			return err
		}
		pids := []int{p.PID(), state.Recorder, state.Live}
		from, err := spent(pids...)
		if err != nil {
			return err
		}
		began := time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(span):
		}
		until, err := spent(pids...)
		if err != nil {
			return err
		}
		mib, err := resident(state.Recorder)
		fmt.Printf("station %s for %v: %.1f %% of a core (at rest wanted 8); recorder %.0f MiB\n", what, span, 100*(until-from).Seconds()/time.Since(began).Seconds(), mib)
		return err
	}
	_, err = client.Unlock(ctx, passphrase)
	if err == nil {
		time.Sleep(5 * time.Second) // it looks for its monitor
		err = measure("recording a monitor of four traces, no window")
	}
	if err == nil {
		err = t.monitor.Say("probe off")
	}
	if err == nil {
		err = t.monitor.Stop()
	}
	if err == nil {
		time.Sleep(5 * time.Second)
		err = measure("at rest, its monitor gone")
	}
	return errors.Join(err, p.Stop())
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(bytes.TrimSpace(b)))[:3], " ")
}
