package kit

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// running is a recorder at work without a port, a parent or a live process.
type running struct {
	*Kit
	token   api.Token
	liveEnd *os.File // of the socket to the live process
	end     func()
}

func start(t *testing.T, dir, listen string) *running {
	t.Helper()
	return startWith(t, Settings{Dir: dir, Listen: listen}, func(*Kit) {})
}

// startWith is start of a Kit with other settings, that set has changed before it
// runs.
func startWith(t *testing.T, settings Settings, set func(*Kit)) *running {
	t.Helper()
	settings.OnlyPorts, settings.Loopback = true, true
	k, err := open(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	recorderEnd, liveEnd, err := packetPair()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := packets(recorderEnd)
	if err != nil {
		t.Fatal(err)
	}
	k.live.between = newBetween(conn, k.live.answer)
	set(k)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.run(ctx) }()
	r := &running{Kit: k, liveEnd: liveEnd}
	r.end = sync.OnceFunc(func() {
		stop()
		liveEnd.Close() // a test that played the live process has done so
		if err := errors.Join(<-done, k.Close(), conn.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.end)
	for end := time.Now().Add(3 * time.Minute); r.token == ""; time.Sleep(5 * time.Millisecond) {
		k.mu.Lock()
		up := k.ctx != nil
		k.mu.Unlock()
		if !up {
			continue
		}
		if r.token, err = k.Unlock(t.Context(), words); err != nil || time.Now().After(end) {
			t.Fatal(err)
		}
	}
	return r
}

// madeStation is the folder of a new station.
func madeStation(t *testing.T) string {
	t.Helper()
	k, _ := newKit(t)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	return k.settings.Dir
}

func (r *running) hear(v int64) {
	reading := vital.Of(vital.SpO2, vital.Int(v))
	reading.Arrived = r.clock.Now()
	r.record.Reading(left, reading)
}

func TestWhatWasHeardBeforeACleanStopIsOnDisk(t *testing.T) {
	dir := madeStation(t)
	r := start(t, dir, "127.0.0.1:0")
	r.hear(93)
	encounter := r.record.where(left)
	r.end()
	k, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if _, err := k.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	seconds, _, err := k.store.Seconds(t.Context(), encounter, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || len(seconds) == 0 {
		t.Errorf("the last reading before the stop is not on disk (%v)", err)
	}
}

func TestAStationThatCannotShareRecordsAndSaysSo(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r := start(t, madeStation(t), other.Addr().String())
	r.hear(93)
	settled(t, r.Kit)
	if cards, err := r.store.Cards(t.Context()); err != nil || len(cards) == 0 {
		t.Errorf("nothing is recorded while the port is taken (%v)", err)
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		st, err := r.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(st.Trouble, func(s string) bool { return strings.HasPrefix(s, "Nothing is shared") }) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the state says only %q", st.Trouble)
		}
	}
}

func TestLockingAndUnlockingAtOnceWritesEverythingOnce(t *testing.T) {
	r := start(t, madeStation(t), "127.0.0.1:0")
	var people sync.WaitGroup
	for range 3 {
		people.Go(func() {
			for range 3 {
				if token, err := r.Unlock(t.Context(), words); err == nil {
					_ = r.Lock(t.Context(), token) // another may have locked first
				}
			}
		})
	}
	for v := range int64(20) {
		r.hear(80 + v%10)
		time.Sleep(20 * time.Millisecond)
	}
	people.Wait()
	token, err := r.Unlock(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	r.hear(93)
	settled(t, r.Kit)
	rows, err := r.Encounters(t.Context(), token)
	if err != nil || len(rows) != 1 {
		t.Errorf("one monitor made %d encounters (%v)", len(rows), err)
	}
	entries, err := r.Entries(t.Context(), token, r.record.where(left))
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, e := range entries {
		if _, ok := e.Content.(*chart.EncounterOpened); ok {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the encounter was opened %d times", opened)
	}
}

func TestAFaceIsCutOffWhenItsSessionEnds(t *testing.T) {
	for _, c := range []struct {
		story string
		end   func(r *running) error
	}{
		{"the person signs out", func(r *running) error { return r.SignOut(t.Context(), r.token) }},
		{"the store is locked", func(r *running) error { return r.Lock(t.Context(), r.token) }},
	} {
		t.Run(c.story, func(t *testing.T) {
			r := start(t, madeStation(t), "127.0.0.1:0")
			r.hear(93)
			first := make(chan struct{})
			var once sync.Once
			ended := make(chan error, 1)
			go func() {
				ended <- r.Follow(t.Context(), r.token, func([]byte) error { once.Do(func() { close(first) }); return nil })
			}()
			<-first
			if err := c.end(r); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-ended:
				if f := (*api.Fault)(nil); !errors.As(err, &f) || f.Code != api.CodeSession {
					t.Errorf("it ended with %v", err)
				}
			case <-time.After(3 * time.Minute):
				t.Error("it still follows the patients")
			}
		})
	}
}

func TestTheStateSaysWhoIsLockedFirst(t *testing.T) {
	r := start(t, madeStation(t), "127.0.0.1:0")
	if st, err := r.State(t.Context()); err != nil || st.Device == "" {
		t.Errorf("the station does not say its key (%v)", err)
	}
	if err := r.Lock(t.Context(), r.token); err != nil {
		t.Fatal(err)
	}
	r.hear(93)
	st, err := r.State(t.Context())
	if err != nil || len(st.Trouble) == 0 || !strings.Contains(st.Trouble[0], "locked") {
		t.Errorf("a locked station says %q first (%v)", st.Trouble, err)
	}
	if r.share.member.Load() != nil {
		t.Error("a locked station still holds its device key")
	}
}
