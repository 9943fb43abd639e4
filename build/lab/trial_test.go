package lab

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"
)

// lossEach both ways gives a path of two links 5 % of loss; four delays make 200 ms
// there and back.
const (
	lossEach  = 0.0253
	delayEach = 50 * time.Millisecond
)

// seed, when set, replaces the trials' own.
var seed = flag.Uint64("seed", 0, "of the losses, cuts and moves of the trials; 0 for each trial's own")

// A trial is how hard the stations have it.
type trial struct {
	stations int
	span     time.Duration
	every    time.Duration // between one station's entries
	roaming  bool          // addresses change too
}

// TestStationsApartAndTogetherAgain runs real stations over bad radio with cuts
// while all of them write, and holds them to one record within ten seconds of the
// last heal.
func TestStationsApartAndTogetherAgain(t *testing.T) {
	if os.Getenv("FIELDKIT_LAB") == "" && os.Getenv("FIELDKIT_LONG") == "" {
		t.Skip("long trial: FIELDKIT_LAB=1 runs a minute of it")
	}
	trial{stations: 3, span: time.Minute, every: 300 * time.Millisecond, roaming: true}.run(t, 11)
}

// TestEightStationsForTwoMinutes is the same with more of everything.
func TestEightStationsForTwoMinutes(t *testing.T) {
	if os.Getenv("FIELDKIT_LAB") == "" && os.Getenv("FIELDKIT_LONG") == "" {
		t.Skip("long trial: FIELDKIT_LAB=1 runs two minutes of it")
	}
	trial{stations: 8, span: 2 * time.Minute, every: time.Second, roaming: true}.run(t, 8)
}

// TestTwelveStationsForTenMinutes is the whole of it.
func TestTwelveStationsForTenMinutes(t *testing.T) {
	if os.Getenv("FIELDKIT_LONG") == "" {
		t.Skip("long trial: FIELDKIT_LONG=1 runs it")
	}
	trial{stations: 12, span: 10 * time.Minute, every: time.Second, roaming: true}.run(t, 12)
}

func (c trial) run(t *testing.T, own uint64) {
	draws := cmp.Or(*seed, own)
	l := newLab(t, draws)
	m := newTeam(t, l, c.stations, Link{Delay: delayEach, Loss: lossEach})
	took := m.await("everybody to meet everybody", 2*time.Minute, m.together)
	t.Logf("%d stations met within %v of the last one's start; load %s", c.stations, took.Round(time.Millisecond), load())

	writing, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	defer writers.Wait()
	defer stop()
	for _, s := range m.stations {
		writers.Go(func() {
			if err := s.write(writing, c.every); err != nil {
				t.Error(err)
			}
		})
	}
	cuts, moves := c.trouble(t, m, rand.New(rand.NewPCG(draws, 2)))
	healed := time.Now()
	stop()
	writers.Wait()
	last := m.level(t, healed, 2*time.Minute)
	if err := m.equal(t.Context()); err != nil { // what the digest promised
		t.Errorf("the digests are equal and the records are not: %v", err)
	}
	entries := m.complete()
	refused, most := 0, 0
	for _, s := range m.stations {
		refused += s.refused
		most = max(most, s.Count().Bytes)
	}
	t.Logf("%d entries, %d writes refused, %d cuts, %d moves; equal %v after the last heal; most a station sent %d kB; load %s",
		entries, refused, cuts, moves, last.Round(10*time.Millisecond), most/1000, load())
	if last > 10*time.Second {
		t.Errorf("equal %v after the last heal, want 10 s", last)
	}
	if refused > 0 {
		t.Errorf("%d writes were refused", refused)
	}
}

// trouble cuts stations off, some of them, some of the time, and moves some, until
// the span is over. It ends with a heal.
func (c trial) trouble(t *testing.T, m *team, draw *rand.Rand) (cuts, moves int) {
	for end := time.Now().Add(c.span); ; {
		for range 1 + len(m.stations)/4 {
			m.stations[draw.IntN(len(m.stations))].Cut()
			cuts++
		}
		if c.roaming && draw.IntN(3) == 0 {
			s := m.stations[draw.IntN(len(m.stations))]
			moves++
			if err := s.Move(fmt.Sprintf("10.77.%d.%d", 1+moves/200, 1+moves%200), time.Duration(draw.IntN(500))*time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		pause(t, 2*time.Second+time.Duration(draw.IntN(5000))*time.Millisecond)
		for _, s := range m.stations {
			s.Heal()
		}
		if time.Now().After(end) {
			return cuts, moves
		}
		pause(t, 2*time.Second+time.Duration(draw.IntN(4000))*time.Millisecond)
	}
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
		t.Fatal("the trial was ended")
	case <-time.After(d):
	}
}
