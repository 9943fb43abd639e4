package store

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

var rounds = flag.Int("rounds", 200, "rounds of the kill -9 trial; a tenth of them with -short")

// crashEnv makes this test binary the recorder that is killed.
const crashEnv = "FIELDKIT_STORE_CRASH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		if err := recordUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(measureEnv); dir != "" {
		if err := measure(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// crashTablet is the same device in this process and in the one that is killed.
func crashTablet() (ed25519.PrivateKey, Config) {
	seed := sha256.Sum256([]byte("crash"))
	key := ed25519.NewKeyFromSeed(seed[:])
	r := new(roster)
	r.add(key)
	var mu sync.Mutex
	var clock journal.Clock
	return key, Config{KeyOf: r.keyOf, Lists: func(t chart.Type) bool { return t == chart.TypePatientRegistered }, Stamp: func() journal.HLC {
		mu.Lock()
		defer mu.Unlock()
		return clock.Now(time.Now().UnixMilli())
	}}
}

// crashGroup is how many entries each commit of the trial holds: all of them or
// none must be found.
const crashGroup = 3

// recordUntilKilled records from four goroutines without end. It prints "> n g"
// before a commit and "< n g" after it.
func recordUntilKilled(dir string) error {
	var root Root
	if _, err := hex.Decode(root[:], []byte(os.Getenv(crashEnv+"_ROOT"))); err != nil {
		return err
	}
	key, config := crashTablet()
	s, err := Open(context.Background(), dir, config)
	if err != nil {
		return err
	}
	if err := s.UnlockRoot(context.Background(), root); err != nil {
		return err
	}
	signer := NewSigner(key)
	start := time.Now().UnixNano()
	var out sync.Mutex
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("%d-%d-%d", start, w, n)
				var drafts []Draft
				for i := range crashGroup {
					log := journal.Chart
					if i == 2 {
						log = journal.Stream
					}
					drafts = append(drafts, Draft{Team: team, Log: log, Body: journal.Body{
						Wall: time.Now().UnixMilli(), Encounter: newID(w), Patient: newID(100 + w), Happened: time.Now().UnixMilli(), Type: chart.TypeNote,
						Content: text(fmt.Sprintf("%s/%d %s", name, i, strings.Repeat("x", n%400))),
					}})
				}
				out.Lock()
				fmt.Printf("> %s\n", name)
				out.Unlock()
				if _, err := s.Commit(context.Background(), signer, drafts); err != nil {
					panic(err)
				}
				out.Lock()
				fmt.Printf("< %s\n", name)
				out.Unlock()
			}
		})
	}
	writers.Wait()
	return nil
}

// TestKilledWhileRecording kills the recorder with -9 again and again on one
// store. What it called recorded must be there, commits whole or not at all.
func TestKilledWhileRecording(t *testing.T) {
	_, config := crashTablet()
	dir := t.TempDir()
	s, err := Create(t.Context(), dir, config, Slot{Key: KeyFile(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	root, _ := s.Root()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(map[string]bool)
	begun := make(map[string]bool)
	inFlight := 0
	if testing.Short() {
		*rounds = max(*rounds/10, 1)
	}
	for range *rounds {
		open := killOnce(t, dir, root, acknowledged, begun)
		if open > 0 {
			inFlight++
		}
		if s, err = Open(t.Context(), dir, config); err != nil {
			t.Fatal(err)
		}
		if err := s.UnlockRoot(t.Context(), root); err != nil {
			t.Fatal(err)
		}
		checkCommits(t, s, acknowledged, begun)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
	s, err = Open(t.Context(), dir, config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.UnlockRoot(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	report, err := s.Verify(t.Context())
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("verify after %d kills: %+v, %v", *rounds, report.Findings, err)
	}
	t.Logf("%d kills, a write in flight in %d (%d %%); %d commits acknowledged, none lost; %d entries in %d epochs verified",
		*rounds, inFlight, 100*inFlight/max(*rounds, 1), len(acknowledged), report.Entries, report.Epochs)
}

// killOnce runs a recorder for a moment, kills it and returns how many commits
// were under way.
func killOnce(t *testing.T, dir string, root Root, acknowledged, begun map[string]bool) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+dir, crashEnv+"_ROOT="+hex.EncodeToString(root[:]))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	var reading sync.WaitGroup
	open := make(map[string]bool)
	reading.Go(func() {
		once := sync.OnceFunc(func() { close(started) })
		defer once()
		lines := bufio.NewReader(pipe)
		for {
			line, err := lines.ReadString('\n')
			if err == io.EOF || err != nil {
				return
			}
			name := strings.TrimSpace(line[2:])
			if line[0] == '>' {
				begun[name], open[name] = true, true
				continue
			}
			acknowledged[name] = true
			delete(open, name)
			once()
		}
	})
	<-started
	time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	reading.Wait()
	_ = cmd.Wait() // killed
	if complaints.Len() > 0 {
		t.Fatalf("the recorder said: %s", complaints.String())
	}
	return len(open)
}

// checkCommits looks for every acknowledged commit, and for halves of any.
func checkCommits(t *testing.T, s *Store, acknowledged, begun map[string]bool) {
	t.Helper()
	count := make(map[string]int)
	for w := range 4 {
		entries, err := s.Encounter(t.Context(), newID(w))
		if err != nil {
			t.Fatal(err)
		}
		seconds, _, err := s.Seconds(t.Context(), newID(w), time.Unix(-1, 0), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		// The content's first word is the commit's name and the entry's number.
		for _, said := range append(says(t, entries), says(t, seconds)...) {
			name, _, _ := strings.Cut(said, "/")
			count[name]++
		}
	}
	for name := range acknowledged {
		if count[name] != crashGroup {
			t.Errorf("commit %s was acknowledged, and %d of its %d entries are there", name, count[name], crashGroup)
		}
	}
	for name, n := range count {
		if n != crashGroup || !begun[name] {
			t.Errorf("commit %s is there with %d of %d entries", name, n, crashGroup)
		}
	}
}
