package parent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How often a window may crash: with the third in a minute it is tried no more without a
// person's word.
const (
	CrashesMost   = 3
	CrashesWithin = time.Minute
)

// A Parent starts a window and starts it again when it crashes.
type Parent struct {
	Program string   // this program
	Args    []string // without its name
	Dir     string   // where reports go: the data folder
	Version string
	Say     io.Writer // in words, to whoever started the program
	// Within is in how short a time [CrashesMost] crashes are too many.
	Within time.Duration
}

// Run runs the window until it is closed, and gives the exit code to end with. When ctx
// ends the window is asked to end and waited for.
func (p *Parent) Run(ctx context.Context) int {
	var kept json.RawMessage
	var crashes []time.Time
	var report string
	for ctx.Err() == nil {
		h := handed{Kept: kept}
		over := tooMany(crashes, p.Within)
		if over {
			h.Crashes, h.Report = len(crashes), report
		}
		began := time.Now()
		run, err := p.once(ctx, h)
		if err != nil {
			fmt.Fprintln(p.Say, "fieldkit:", err)
			return 1
		}
		if run.kept != nil {
			kept = run.kept
		}
		switch {
		case run.code == TryAgain:
			crashes = nil
			continue
		case over:
			return 1
		case !run.crashed():
			return run.code
		case ctx.Err() != nil:
			return 1
		}
		now := time.Now()
		crashes = append(crashes, now)
		c := crash{At: now, Ran: now.Sub(began), Version: p.Version, What: run.what(), Stacks: stacks(run.words, run.base)}
		if report, err = c.write(p.Dir); err != nil {
			fmt.Fprintf(p.Say, "fieldkit: %v\n%s", err, c.text())
			report = ""
		} else {
			fmt.Fprintln(p.Say, "fieldkit: the window failed; the report is", report)
		}
		if tooMany(crashes, p.Within) {
			fmt.Fprintf(p.Say, "fieldkit: the window failed %d times in a short time and is not started again by itself. The recorder goes on.\n", len(crashes))
		}
		crashes = crashes[max(0, len(crashes)-CrashesMost):]
	}
	return 1
}

// tooMany reports whether the last crashes came too close together.
func tooMany(crashes []time.Time, within time.Duration) bool {
	n := len(crashes)
	return n >= CrashesMost && crashes[n-1].Sub(crashes[n-CrashesMost]) <= within
}

// A run is how one window went.
type run struct {
	code  int
	cause string // what ended it from outside, "" when it ended by itself
	base  uint64
	kept  json.RawMessage
	panic string
	words []byte // the runtime's last, never shown
}

// crashed reports whether the window did not end as it wanted to. Exit code 2 is the Go
// runtime's; main checks the flags in the parent, so that no window ends with it.
func (r run) crashed() bool { return r.cause != "" || r.code == 2 || len(r.words) > 0 }

// what is the class of a failure, of which nothing may be a patient's.
func (r run) what() string {
	if c := class(r.words); c != "" {
		return c
	}
	switch {
	case r.panic != "":
		return "panic with a value of type " + r.panic
	case bytes.HasPrefix(r.words, []byte("panic: ")):
		return "panic"
	case r.cause != "":
		return r.cause
	}
	return "exit code " + strconv.Itoa(r.code)
}

// once runs one window until it has ended.
func (p *Parent) once(ctx context.Context, h handed) (run, error) {
	in, err := json.Marshal(h)
	if err != nil {
		return run{}, err
	}
	cmd := exec.CommandContext(ctx, p.Program, p.Args...)
	cmd.Env = append(os.Environ(), marker+"="+strconv.Itoa(os.Getpid()))
	told, said := &told{}, &said{to: p.Say}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), told, said
	cmd.Cancel = func() error { return end(cmd.Process) }
	cmd.WaitDelay = waitDelay
	if err := cmd.Start(); err != nil {
		return run{}, fmt.Errorf("start the window: %w", err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil {
		return run{}, fmt.Errorf("run the window: %w", err)
	}
	out := run{code: cmd.ProcessState.ExitCode(), base: told.base, kept: told.kept, panic: told.panic, words: said.words}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		out.cause = "ended by signal: " + status.Signal().String()
	}
	return out, nil
}

// waitDelay is how long a window that was asked to end may take before it is killed,
// and how long its pipes may outlive it.
const waitDelay = 20 * time.Second

// told reads a window's notes.
type told struct {
	line []byte
	lost bool // the line is longer than any of ours

	base  uint64
	kept  json.RawMessage
	panic string
}

// Write implements [io.Writer].
func (t *told) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		if t.lost = t.lost || len(t.line)+len(line) > 2*handedMost; !t.lost {
			t.line = append(t.line, line...)
		}
		if line[len(line)-1] == '\n' {
			var n note
			if !t.lost && json.Unmarshal(t.line, &n) == nil {
				t.take(n)
			}
			t.line, t.lost = t.line[:0], false
		}
	}
	return len(b), nil
}

func (t *told) take(n note) {
	if n.Base != 0 {
		t.base = n.Base
	}
	if n.Kept != nil {
		t.kept = bytes.Clone(n.Kept)
	}
	if n.Panic != "" {
		t.panic = n.Panic
	}
}

// wordsMost bounds how much of a window's last words is read.
const wordsMost = 1 << 20

// said passes on what a window says, line by line, until the runtime begins to speak of
// its end: those words are kept for their program counters and shown to nobody.
type said struct {
	to    io.Writer
	line  []byte
	words []byte
}

// Write implements [io.Writer].
func (s *said) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		if len(s.words) > 0 {
			s.words = append(s.words, line[:min(len(line), wordsMost-len(s.words))]...)
			continue
		}
		s.line = append(s.line, line...)
		if line[len(line)-1] != '\n' && len(s.line) < lineMost {
			continue
		}
		if starts(s.line) {
			s.words = s.line
			s.line = nil
			continue
		}
		_, _ = s.to.Write(s.line) // a closed terminal ends no window
		s.line = s.line[:0]
	}
	return len(b), nil
}

// lineMost is how much of a line without an end is waited for.
const lineMost = 4 << 10

// Program is this program's own file, for [Parent].
func Program() (string, error) {
	file, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return strings.TrimSuffix(file, " (deleted)"), nil // of one that was replaced while it ran
}
