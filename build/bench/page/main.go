package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/app/demo"
	"fieldkit/devices/serialport"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/vital"
)

func main() {
	changes := flag.Int("changes", 120, "how many `numbers` to follow, about one a second")
	program := flag.String("program", "", "fieldkitd's `path`, instead of building it")
	windowed := flag.Bool("window", false, "the real window on Xvfb too; building it needs cgo")
	windowProgram := flag.String("window-program", "", "fieldkit's `path`, instead of building it")
	shot := flag.String("picture", "", "a `file` for what the window shows at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *program, *changes, windowing{*windowed || *windowProgram != "", *windowProgram, *shot}); err != nil {
		fmt.Fprintln(os.Stderr, "page bench:", err)
		os.Exit(1)
	}
}

// windowing is whether the window is measured too, with which program, and where its
// picture goes.
type windowing struct {
	wanted           bool
	program, picture string
}

// build is one of our programs, made in dir.
func build(ctx context.Context, dir, name, cgo string) (string, error) {
	path := filepath.Join(dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "fieldkit/app/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return path, nil
}

func bench(ctx context.Context, program string, changes int, windowed windowing) (err error) {
	dir, err := os.MkdirTemp("", "fieldkit-bench-page-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if program == "" {
		if program, err = build(ctx, dir, "fieldkitd", "0"); err != nil {
			return err
		}
	}
	if windowed.wanted && windowed.program == "" {
		if windowed.program, err = build(ctx, dir, "fieldkit", "1"); err != nil {
			return err
		}
	}
	line, err := serialport.OpenPty()
	if err != nil {
		return err
	}
	defer line.Close()
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	m := &monitor{line: line}
	spoke := make(chan error, 1)
	work.Go(func() { spoke <- m.run(ctx) })

	street, err := demo.Open(ctx, dir, program, demo.Monitor{Driver: "ivy", Line: line.Name})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, street.Close()) }()
	page, err := openBrowser(ctx, street)
	if err != nil {
		return err
	}
	defer page.end()
	f := &face{}
	work.Go(func() { f.follow(ctx, street.Ambulance) })
	var w *window
	if windowed.wanted {
		if w, err = openWindow(ctx, windowed.program, street); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.close()) }()
		err := w.learn(ctx, m)
		if windowed.picture != "" {
			err = errors.Join(err, w.picture.save(windowed.picture))
		}
		if err != nil {
			return fmt.Errorf("look at the window: %w", err)
		}
		w.begin(ctx)
	}
	ahead, within, err := page.ahead()
	if err != nil {
		return err
	}
	fmt.Printf("From a monitor's message on its pty to the number on the page, %d changes. %d processors, load %s.\n", changes, runtime.NumCPU(), load())
	began := time.Now()
	for len(m.since(began)) < changes {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-spoke:
			return err
		case <-time.After(messageEvery):
		}
	}
	time.Sleep(2 * messageEvery) // what is under way still comes
	texts, err := page.seen()
	if err != nil {
		return err
	}
	later, _, err := page.ahead()
	if err != nil {
		return err
	}
	buffer, err := page.buffer()
	if err != nil {
		return err
	}
	all := m.since(began)[:changes]
	text, frame := make([]sight, len(texts)), make([]sight, len(texts))
	for i, s := range texts {
		text[i], frame[i] = sight{s.Text, atMS(s.At).Add(-ahead)}, sight{s.Text, atMS(s.Frame).Add(-ahead)}
	}
	fmt.Printf("The page's clock is %v ahead of ours (within %v), at the end %v.\n\n", ahead.Round(time.Microsecond), within.Round(time.Microsecond), later.Round(time.Microsecond))
	fmt.Printf("%-44s %7s %7s %7s %7s %7s %8s\n", "ms", "p50", "p95", "p99", "max", "seen", "not seen")
	report("a frame on the local socket, as the window's", all, f.sights())
	if w != nil {
		report("the window's pixels", all, w.sights())
	}
	report("the text on the page", all, text)
	report("and the page's next animation frame", all, frame)
	if w != nil {
		painted, _ := match(all, w.sights())
		fmt.Printf("\nOf the window's %d, %d were on screen within two of its thirty frames a second after the reading.\n", len(painted), within2(painted))
	}
	took, _ := match(all, text)
	fmt.Printf("\nThe page plays its traces %.0f ms behind; numbers have no buffer. Beyond those %.0f ms the text's p95 is %.0f ms. Load %s.\n",
		buffer, buffer, max(millis(quantile(took, .95))-buffer, 0), load())
	return nil
}

// A sight is a text that one side showed, from then on.
type sight struct {
	text string
	at   time.Time
}

// oldest is the longest that a number may take and still be matched: before it comes
// again in turn.
const oldest = rates * messageEvery / 2

// match is how long each change took to be seen, and how many never were.
func match(changes []change, sights []sight) (took []time.Duration, missed int) {
	for _, c := range changes {
		i := slices.IndexFunc(sights, func(s sight) bool {
			return s.text == c.text && s.at.After(c.at) && s.at.Sub(c.at) < oldest
		})
		if i < 0 {
			missed++
			continue
		}
		took = append(took, sights[i].at.Sub(c.at))
	}
	return took, missed
}

// within2 is how many took no longer than two painted frames.
func within2(took []time.Duration) (n int) {
	for _, d := range took {
		if d <= 2*time.Second/30 {
			n++
		}
	}
	return n
}

func report(what string, changes []change, sights []sight) {
	took, missed := match(changes, sights)
	fmt.Printf("%-44s %7.1f %7.1f %7.1f %7.1f %7d %8d\n", what, millis(quantile(took, .5)), millis(quantile(took, .95)), millis(quantile(took, .99)), millis(quantile(took, 1)), len(took), missed)
}

// A face is a client of the ambulance's own socket, as the window is.
type face struct {
	mu   sync.Mutex
	seen []sight
}

func (f *face) follow(ctx context.Context, s *demo.Station) {
	decoder := wave.Decoder{Streams: wave.MaxStreams}
	var frame wave.Frame
	last := ""
	_ = s.Client.Follow(ctx, s.Token, func(b []byte) error { // what it misses is counted as not seen
		if decoder.Decode(b, &frame) != nil {
			return nil // not described yet
		}
		now := time.Now()
		for _, r := range frame.Numerics {
			text, _ := r.Shown()
			if r.Sign != vital.HeartRate || text == last {
				continue
			}
			last = text
			f.mu.Lock()
			f.seen = append(f.seen, sight{text, now})
			f.mu.Unlock()
		}
		return nil
	})
}

func (f *face) sights() []sight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
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
