package lab

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func newWay(seed uint64, link Link) *way {
	return &way{link: link, draw: rand.New(rand.NewPCG(seed, 1))}
}

// five is five standard deviations of a binomial share.
func five(p float64, n int) float64 { return 5 * math.Sqrt(p*(1-p)/float64(n)) }

func TestALinkLosesItsShare(t *testing.T) {
	const packets = 20000
	for _, share := range []float64{0, 0.02, 0.2, 1} {
		w := newWay(7, Link{Loss: share, Delay: 50 * time.Millisecond})
		lost := 0
		for i := range packets {
			at, ok := w.pass(time.Duration(i)*time.Millisecond, 100)
			if !ok {
				lost++
			} else if at != time.Duration(i)*time.Millisecond+50*time.Millisecond {
				t.Fatalf("packet %d came out at %v", i, at)
			}
		}
		if got := float64(lost) / packets; math.Abs(got-share) > five(share, packets) {
			t.Errorf("of %v it lost %v", share, got)
		}
	}
}

func TestOneSeedLosesTheSamePackets(t *testing.T) {
	a, b, c := newWay(1, Link{Loss: .5}), newWay(1, Link{Loss: .5, Rate: 1e9, Queue: time.Second}), newWay(2, Link{Loss: .5})
	differ := false
	for i := range 64 {
		now := time.Duration(i) * time.Second
		_, x := a.pass(now, 100)
		_, y := b.pass(now, 100)
		_, z := c.pass(now, 100)
		if x != y {
			t.Fatalf("packet %d: one seed, two fates", i)
		}
		differ = differ || x != z
	}
	if !differ {
		t.Error("two seeds lost the same 64 packets")
	}
}

func TestARateSpacesPacketsAndItsQueueIsBounded(t *testing.T) {
	w := newWay(1, Link{Rate: 80_000, Queue: 250 * time.Millisecond, Delay: time.Millisecond}) // 100 bytes take 10 ms
	passed := 0
	for i := range 100 {
		at, ok := w.pass(0, 100)
		if !ok {
			continue
		}
		passed++
		if want := time.Duration(i+1)*10*time.Millisecond + time.Millisecond; at != want {
			t.Fatalf("packet %d came out at %v, want %v", i, at, want)
		}
	}
	if passed != 26 { // one under way and 250 ms of them waiting
		t.Errorf("%d of 100 packets fitted", passed)
	}
	if at, ok := w.pass(time.Second, 100); !ok || at != 1011*time.Millisecond {
		t.Errorf("after a rest a packet came out at %v, %v", at, ok)
	}
}

func TestFadesFillTheirShareOfTheTime(t *testing.T) {
	const span, step = 3 * time.Hour, 10 * time.Millisecond
	trace := NewTrace(3, 300*time.Millisecond, 0.1)
	down, fades, was := 0, 0, false
	for at := time.Duration(0); at < span; at += step {
		now := trace.Down(at)
		if now {
			down++
		}
		if now && !was {
			fades++
		}
		was = now
	}
	// About 3,600 fades: five deviations of the mean are 8 %. Those that fall
	// between two looks are not counted, 3 %.
	if share := float64(down) / float64(span/step); math.Abs(share-0.1) > 0.01 {
		t.Errorf("faded %.3f of the time", share)
	}
	if mean := time.Duration(down) * step / time.Duration(fades); mean < 270*time.Millisecond || mean > 345*time.Millisecond {
		t.Errorf("a fade took %v", mean)
	}
}

func TestAnOutageAndItsEnd(t *testing.T) {
	trace := Outage(10*time.Second, 30*time.Second)
	for at, want := range map[time.Duration]time.Duration{0: 0, 10 * time.Second: 30 * time.Second, 29 * time.Second: 30 * time.Second, 30 * time.Second: 30 * time.Second, time.Hour: time.Hour} {
		if got := trace.Up(at); got != want {
			t.Errorf("from %v it passes at %v, want %v", at, got, want)
		}
	}
	if (*Trace)(nil).Down(5) {
		t.Error("no trace is a fade")
	}
}

func TestFilters(t *testing.T) {
	packet := func(protocol byte, from, to int) []byte {
		p := make([]byte, 40)
		p[0], p[9] = 0x45, protocol
		p[20], p[21], p[22], p[23] = byte(from>>8), byte(from), byte(to>>8), byte(to)
		return p
	}
	for _, c := range []struct {
		name           string
		packet         []byte
		noUDP, only443 bool
	}{
		{"UDP to 443", packet(17, 5000, 443), false, false},
		{"TCP to 443", packet(6, 5000, 443), true, true},
		{"TCP from 443", packet(6, 443, 5000), true, true},
		{"TCP to 8443", packet(6, 5000, 8443), true, false},
		{"a ping", packet(1, 0, 0), true, false},
		{"TCP cut short", packet(6, 5000, 443)[:21], true, false},
	} {
		if !All.lets(c.packet) || NoUDP.lets(c.packet) != c.noUDP || TCP443.lets(c.packet) != c.only443 {
			t.Errorf("%s: %v %v %v", c.name, All.lets(c.packet), NoUDP.lets(c.packet), TCP443.lets(c.packet))
		}
		if tcp := c.packet[9] == 6; NoTCP.lets(c.packet) == tcp {
			t.Errorf("%s: a box that swallows TCP lets it pass: %v", c.name, !tcp)
		}
	}
}
