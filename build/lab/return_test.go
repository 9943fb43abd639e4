package lab

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// TestATabletThatChangesAddressIsBack moves a tablet from one access point to the
// next, with and without a moment between, and holds it to two seconds until it is
// in touch with everybody and everybody holds what it writes.
func TestATabletThatChangesAddressIsBack(t *testing.T) {
	long(t)
	l := newLab(t, 6)
	m := newTeam(t, l, 4, Link{Delay: 5 * time.Millisecond}, false)
	m.await("everybody to meet everybody", 2*time.Minute, m.together)
	tablet := m.stations[3]
	tablet.open(t)
	for i, without := range []time.Duration{0, 300 * time.Millisecond, 2 * time.Second, 0, 700 * time.Millisecond, 10 * time.Second} {
		pause(t, 3*time.Second)
		to := fmt.Sprintf("10.77.1.%d", i+1)
		if err := tablet.Move(to, without); err != nil {
			t.Fatal(err)
		}
		took := m.back(t, tablet, time.Now())
		t.Logf("%v without an address, then at %s: back after %v; load %s", without, to, took.Round(10*time.Millisecond), load())
		if took > 2*time.Second {
			t.Errorf("back after %v, want 2 s", took)
		}
	}
}

// TestATabletThatSleptAWeekIsBack stops a tablet and its radio. A week is played by
// what it does to the others: all of them start anew meanwhile, so that nobody's
// gossip knows the sleeper, and write. Within five seconds of waking it is in touch
// with everybody and level.
func TestATabletThatSleptAWeekIsBack(t *testing.T) {
	long(t)
	l := newLab(t, 7)
	m := newTeam(t, l, 4, Link{Delay: 5 * time.Millisecond}, false)
	m.await("everybody to meet everybody", 2*time.Minute, m.together)
	tablet := m.stations[3]
	tablet.open(t)
	pause(t, 2*time.Second)

	tablet.Cut()
	if err := syscall.Kill(-tablet.process.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for _, s := range m.stations[:3] {
		if err := s.process.Stop(15 * time.Second); err != nil {
			t.Fatal(err)
		}
		m.start(s)
		s.open(t)
	}
	pause(t, 70*time.Second) // contacts that fell silent are given up after a minute
	tablet.Heal()
	if err := syscall.Kill(-tablet.process.PID(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	took := m.back(t, tablet, time.Now())
	t.Logf("back %v after waking; load %s", took.Round(10*time.Millisecond), load())
	if took > 5*time.Second {
		t.Errorf("back %v after waking, want 5 s", took)
	}
}

// open opens the encounter that s writes to.
func (s *station) open(t *testing.T) {
	t.Helper()
	opened, err := s.record(t.Context(), api.Draft{Kind: "encounter-opened"}, &chart.EncounterOpened{Setting: "trial", CallSign: s.Name})
	if err != nil {
		t.Fatal(err)
	}
	s.own = opened.Encounter
}

// back has s write, and returns how long after came it was in touch with everybody
// and everybody held the same.
func (m *team) back(t *testing.T, s *station, came time.Time) time.Duration {
	t.Helper()
	m.await("an entry to be recorded", time.Minute, func(ctx context.Context) error {
		_, err := s.record(ctx, api.Draft{Kind: "note", Encounter: s.own}, &chart.Note{Text: "back"})
		return err
	})
	m.await("the tablet to be back", 2*time.Minute, func(ctx context.Context) error {
		record := ""
		for _, other := range m.stations {
			state, err := other.client.State(ctx)
			if err != nil {
				return err
			}
			if record == "" {
				record = state.Record
			}
			if state.Record != record {
				return errors.New("the records differ")
			}
			for _, p := range state.Peers {
				if !p.Connected && (other == s || p.CallSign == s.Name) {
					return fmt.Errorf("%s is not in touch with %s", other.Name, p.CallSign)
				}
			}
		}
		return nil
	})
	return time.Since(came)
}
