package lab

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// What a team may cost its batteries and its radio: bytes a second of one station,
// sent and received together, IP headers counted.
const (
	mostAtRest  = 2000 // in all
	mostWriting = 4000 // of gossip, while everybody writes
	gossipPort  = 7701
	mdnsPort    = 5353
)

// traffic counts what one host sends and receives. The lab's lock guards it.
type traffic struct{ all, gossip, mdns int }

func (c *traffic) count(_ bool, packet []byte) {
	c.all += len(packet)
	header := int(packet[0]&15) * 4
	if p := packet[9]; p != 6 && p != 17 || len(packet) < header+4 { // TCP and UDP have ports
		return
	}
	for _, at := range []int{header, header + 2} {
		switch int(packet[at])<<8 | int(packet[at+1]) {
		case gossipPort:
			c.gossip += len(packet)
			return
		case mdnsPort:
			c.mdns += len(packet)
			return
		}
	}
}

// traffic measures every station for a while and returns bytes a second.
func (m *team) traffic(t *testing.T, span time.Duration) []traffic {
	t.Helper()
	counts := make([]traffic, len(m.stations))
	for i, s := range m.stations {
		s.Tap(counts[i].count)
	}
	began := time.Now()
	pause(t, span)
	for _, s := range m.stations {
		s.Tap(nil)
	}
	took := time.Since(began).Seconds()
	for i := range counts {
		c := &counts[i]
		c.all, c.gossip, c.mdns = int(float64(c.all)/took), int(float64(c.gossip)/took), int(float64(c.mdns)/took)
	}
	return counts
}

func most(counts []traffic, of func(traffic) int) int {
	return of(slices.MaxFunc(counts, func(a, b traffic) int { return of(a) - of(b) }))
}

// TestATeamOfEightCostsLittle has eight stations find each other by mDNS alone, and
// counts what they send and receive: settled, and while all of them write.
func TestATeamOfEightCostsLittle(t *testing.T) {
	long(t)
	l := newLab(t, 5)
	m := newTeam(t, l, 8, Link{Delay: 2 * time.Millisecond}, true)
	took := m.await("everybody to meet everybody", 3*time.Minute, m.together)
	t.Logf("8 stations met by mDNS within %v of the last one's start", took.Round(time.Millisecond))
	pause(t, 90*time.Second) // until mDNS has come down to a question a minute

	rest := m.traffic(t, 2*time.Minute)
	t.Logf("at rest, bytes a second of the busiest: %d in all, %d of gossip, %d of mDNS; load %s", most(rest, func(c traffic) int { return c.all }),
		most(rest, func(c traffic) int { return c.gossip }), most(rest, func(c traffic) int { return c.mdns }), load())
	if n := most(rest, func(c traffic) int { return c.all }); n > mostAtRest {
		t.Errorf("a station at rest sends and receives %d bytes a second, want at most %d", n, mostAtRest)
	}

	writing, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	defer writers.Wait()
	defer stop()
	for _, s := range m.stations {
		writers.Go(func() {
			if err := s.write(writing, time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	pause(t, 5*time.Second)
	busy := m.traffic(t, time.Minute)
	t.Logf("all writing once a second, bytes a second of the busiest: %d in all, %d of gossip, %d of mDNS; load %s", most(busy, func(c traffic) int { return c.all }),
		most(busy, func(c traffic) int { return c.gossip }), most(busy, func(c traffic) int { return c.mdns }), load())
	if n := most(busy, func(c traffic) int { return c.gossip }); n > mostWriting {
		t.Errorf("gossip costs a station %d bytes a second, want at most %d", n, mostWriting)
	}
}
