package exchange_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
)

// over joins two stations by a line of a network that can be cut.
func over(t *testing.T, n *meshtest.Network, a, b *station, from, to int) *meeting {
	t.Helper()
	ca, cb, err := n.Dial(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	m := meetOver(t, a, b, ca, cb)
	t.Cleanup(func() { ca.Close(); cb.Close() })
	return m
}

func TestAContactOverADeadLineIsCalledStalledWithinSecondsOfTheNextEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ro := newRoster("ambulance", "clinic")
		a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
		n := meshtest.NewNetwork(1)
		n.Shape(0, 1, 100*time.Millisecond, 0)
		over(t, n, a, b, 0, 1)
		time.Sleep(2 * time.Minute)
		if a.Stalled(b.Self()) || b.Stalled(a.Self()) {
			t.Error("a line on which nobody says anything counts as stalled")
		}
		n.Cut(0, 1, false)
		a.write(journal.Chart, 1, 1)
		time.Sleep(6 * time.Second)
		if !a.Stalled(b.Self()) {
			t.Error("six seconds after an entry went into the void the contact still counts as good")
		}
		n.Heal(0, 1)
		time.Sleep(time.Second)
		if a.Stalled(b.Self()) || !level(a, b)() {
			t.Error("the line is whole again, and the contact is not")
		}
	})
}

func TestARangeThatADeadLineWasToBringIsAskedOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ro := newRoster("ambulance", "clinic", "kiosk")
		a, b, k := newStation(t, "ambulance", ro), newStation(t, "clinic", ro), newStation(t, "kiosk", ro)
		n := meshtest.NewNetwork(1)
		for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
			n.Shape(pair[0], pair[1], 100*time.Millisecond, 0)
		}
		a.write(journal.Chart, 500, 5)
		over(t, n, a, b, 0, 1)
		time.Sleep(5 * time.Second)
		if !level(a, b)() {
			t.Fatal("the clinic does not hold the ambulance's record")
		}
		// The kiosk asks the ambulance first, and the line dies before the answer.
		over(t, n, k, a, 2, 0)
		time.Sleep(650 * time.Millisecond) // TLS, hello and comparison take six ways of 100 ms; the answer comes at the eighth
		n.Cut(0, 2, false)
		over(t, n, k, b, 2, 1)
		time.Sleep(10 * time.Second)
		if !level(a, k)() {
			t.Errorf("ten seconds later the kiosk holds %d of 500 entries, though the clinic has them all", k.ledger.Entries())
		}
		if !k.Connected(a.Self()) {
			t.Error("the first contact was given up: the trial shows nothing")
		}
	})
}

// A line so slow that its buffers take half a minute is no dead line.
func TestASlowLineIsNotTakenForADeadOne(t *testing.T) {
	for _, perSecond := range []int{3 << 10, 20 << 10} {
		synctest.Test(t, func(t *testing.T) {
			ro := newRoster("ambulance", "clinic")
			a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
			fillNoise(t, a, 1000, 16, 500)
			ca, cb := meshtest.Thin(perSecond, 64<<10)
			m := meetOver(t, a, b, ca, cb)
			for range 1200 {
				time.Sleep(100 * time.Millisecond)
				for _, of := range [][2]*exchange.Exchange{{a.Exchange, b.Exchange}, {b.Exchange, a.Exchange}} {
					if of[0].Stalled(of[1].Self()) {
						t.Fatalf("at %d bytes a second the line counts as stalled; %d entries came", perSecond, b.ledger.Entries())
					}
				}
			}
			if !a.Connected(b.Self()) || b.ledger.Entries() == 0 {
				t.Errorf("after two minutes at %d bytes a second %d entries came", perSecond, b.ledger.Entries())
			}
			m.stop()
			wait(t, m.call)
			wait(t, m.answer)
			ca.Close()
			cb.Close()
		})
	}
}
