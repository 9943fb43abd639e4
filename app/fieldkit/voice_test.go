//go:build cgo

package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/ui/sound"
)

// speaks runs a voice with made-up players.
func speaks(t *testing.T, p ...player) *voice {
	t.Helper()
	v := newVoice(p)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { v.run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return v
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatal("it never came: " + what)
}

func shell(script string) player { return player{name: "/bin/sh", args: []string{"-c", script}} }

func TestABurstReachesThePlayerThatWorks(t *testing.T) {
	dir := t.TempDir()
	v := speaks(t, player{name: "no-such-player"}, shell("f=$(mktemp "+dir+"/tmp.XXXXXX); cat > $f; mv $f "+dir+"/$(stat -c %s $f).wav"))
	v.Sound(alarm.Medium)
	want := sound.WAV(sound.Burst(alarm.Medium))
	eventually(t, "the burst", func() bool {
		files, _ := filepath.Glob(filepath.Join(dir, "*.wav"))
		for _, f := range files {
			if b, err := os.ReadFile(f); err == nil && string(b) == string(want) {
				return true
			}
		}
		return false
	})
	if err := v.Silent(); err != nil {
		t.Errorf("it says %v", err)
	}
}

func TestNoPlayerIsSaidInWords(t *testing.T) {
	v := speaks(t, player{name: "no-such-player"}, shell("echo no sound card >&2; exit 1"))
	eventually(t, "the reason", func() bool { return v.Silent() != nil })
	if got := v.Silent().Error(); !strings.Contains(got, "no-such-player: not installed") || !strings.Contains(got, "no sound card") {
		t.Errorf("it says %q", got)
	}
}

func TestAPlayerThatFailsLaterIsSaid(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	v := speaks(t, shell("cat > /dev/null; test ! -e "+broken))
	v.Sound(alarm.Low)
	eventually(t, "the burst", func() bool { return len(v.wanted) == 0 })
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	v.Sound(alarm.High)
	eventually(t, "the failure", func() bool { return v.Silent() != nil })
}

func TestAWorseAlarmTakesThePlaceOfTheOneThatSounds(t *testing.T) {
	dir := t.TempDir()
	// The probe is short; a burst is not, and this player plays it for ever.
	v := speaks(t, shell("f=$(mktemp "+dir+"/tmp.XXXXXX); cat > $f; s=$(stat -c %s $f); touch "+dir+"/began.$s; test $s -lt 5000 && exit 0; exec sleep 600"))
	began := func(p alarm.Priority) bool {
		_, err := os.Stat(filepath.Join(dir, "began."+strconv.Itoa(len(sound.WAV(sound.Burst(p))))))
		return err == nil
	}
	v.Sound(alarm.Medium)
	eventually(t, "the first", func() bool { return began(alarm.Medium) })
	v.Sound(alarm.High)
	eventually(t, "the worse one", func() bool { return began(alarm.High) })
	if err := v.Silent(); err != nil {
		t.Errorf("a burst that gave way is said as a failure: %v", err)
	}
}
