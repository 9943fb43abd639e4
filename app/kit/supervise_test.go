package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain plays the children: the parent under test starts this binary again.
func TestMain(m *testing.M) {
	if child := os.Getenv("FIELDKIT_TEST_CHILD"); child != "" {
		os.Exit(playChild(child, os.Getenv("FIELDKIT_TEST_DIR")))
	}
	os.Exit(m.Run())
}

// playChild writes its pid and the key it was given into a file, answers and asks
// across the socket, and waits for its end.
func playChild(child, dir string) int {
	signal.Ignore(os.Interrupt)
	in := Inherit()
	key := []byte("none")
	if child == "recorder" {
		root, err := in.RootKey()
		if err != nil {
			return 1
		}
		if root != nil {
			key = root
		} else if err := in.KeepKey(bytes.Repeat([]byte("k"), keySize)); err != nil {
			return 1
		}
	}
	between, err := in.Join(func(_ context.Context, verb string, payload []byte) ([]byte, error) {
		if verb == "fail" {
			return nil, fmt.Errorf("cannot %s", payload)
		}
		return append([]byte(child+" heard "), payload...), nil
	})
	if err != nil {
		return 1
	}
	ctx := in.Orphaned(context.Background())
	go between.Run(ctx)
	var answer []byte
	for range 20 { // a minute: the other may be slow to start on a busy machine
		if answer, err = between.Ask(ctx, "greet", []byte(child)); !errors.Is(err, ErrNoAnswer) {
			break
		}
	}
	if err != nil {
		answer = []byte(err.Error())
	}
	line := fmt.Sprintf("%d %s %s\n", os.Getpid(), key, answer)
	f, err := os.OpenFile(filepath.Join(dir, child), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	io.WriteString(f, line)
	f.Close()
	if os.Getenv("FIELDKIT_TEST_HANGS") == child {
		if err := in.Alive(); err != nil {
			return 1
		}
	}
	<-ctx.Done()
	return 0
}

func lives(t *testing.T, dir, child string, n int) []string {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for time.Now().Before(deadline) {
		b, _ := os.ReadFile(filepath.Join(dir, child))
		if lines := strings.Split(strings.TrimSpace(string(b)), "\n"); len(lines) >= n && lines[0] != "" {
			return lines
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s did not start %d times", child, n)
	return nil
}

func TestAKilledRecorderComesBackWithTheKeyAndStillReachesLive(t *testing.T) {
	dir := t.TempDir()
	p := &Parent{
		Command: func(child string) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "FIELDKIT_TEST_CHILD="+child, "FIELDKIT_TEST_DIR="+dir)
			return cmd
		},
		Log: slog.New(slog.DiscardHandler),
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()

	first := strings.Fields(lives(t, dir, "recorder", 1)[0])
	if first[1] != "none" {
		t.Errorf("the first recorder was given a key: %s", first[1])
	}
	lives(t, dir, "live", 1)
	pid, err := strconv.Atoi(first[0])
	if err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := lives(t, dir, "recorder", 2)[1]
	t.Logf("recorder back after %v", time.Since(killed).Round(time.Millisecond))
	if want := strings.Repeat("k", keySize); !strings.Contains(second, want) {
		t.Errorf("the restarted recorder was not given the key back: %q", second)
	}
	if !strings.Contains(second, "live heard recorder") {
		t.Errorf("the restarted recorder did not reach the live process: %q", second)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if p.key.held {
		t.Error("the parent still holds the key after its end")
	}
}

// It says once that it works and then no more, as one whose lock is never released.
func TestARecorderThatHangsIsStartedAgain(t *testing.T) {
	dir := t.TempDir()
	p := &Parent{
		Command: func(child string) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "FIELDKIT_TEST_CHILD="+child, "FIELDKIT_TEST_DIR="+dir, "FIELDKIT_TEST_HANGS=recorder")
			return cmd
		},
		Log:      slog.New(slog.DiscardHandler),
		patience: 100 * time.Millisecond,
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	second := lives(t, dir, "recorder", 2)[1]
	if want := strings.Repeat("k", keySize); !strings.Contains(second, want) {
		t.Errorf("the recorder started again was not given the key back: %q", second)
	}
	if n := len(lives(t, dir, "live", 1)); n != 1 {
		t.Errorf("the live process was started %d times, it does not hang", n)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
