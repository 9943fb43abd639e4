package link

import (
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/vnet"
)

// A narrow network sends at most rate bits a second, behind a queue of 2 s: a
// congested uplink. Headers of IP and UDP count.
type narrow struct {
	*vnet.Net
	mu   sync.Mutex
	rate float64
	free time.Time // when the queue is empty
	drop int
}

func (n *narrow) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, at)
	return narrowConn{c, n}, err
}

type narrowConn struct {
	transport.UDPConn
	n *narrow
}

func (c narrowConn) WriteTo(b []byte, to net.Addr) (int, error) {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	now := time.Now()
	if c.n.free.Before(now) {
		c.n.free = now
	}
	if c.n.free.Sub(now) > 2*time.Second {
		c.n.drop++
		return len(b), nil
	}
	c.n.free = c.n.free.Add(time.Duration(float64(8*(len(b)+28)) / c.n.rate * 1e9))
	b = append([]byte(nil), b...)
	time.AfterFunc(c.n.free.Sub(now), func() { _, _ = c.UDPConn.WriteTo(b, to) })
	return len(b), nil
}

// shaped sends for a while as a caller does that follows the rung: three delta
// coded waveforms and numerics are 85 bytes a tenth, one waveform 50, numerics 40.
func (s *street) shaped(from, seconds int, rungs map[Rung]int) (last int) {
	seq := from - 1
	for i := range seconds * 10 {
		rung := s.vehicle.State().Rung
		rungs[rung]++
		size, every := 85, 1
		switch rung {
		case ChosenWaveform:
			size = 50
		case NumericsOnly:
			size, every = 40, 5
		case NumericsSlow:
			size, every = 40, 10
		}
		if i%every == 0 {
			seq++
			s.drive(seq, 1, size, time.Nanosecond)
		}
		time.Sleep(100*time.Millisecond - 1)
	}
	return seq
}

func TestNarrowUplinks(t *testing.T) {
	for _, c := range []struct {
		name string
		rate float64
		p95  time.Duration
		rung Rung    // the lowest that may be reached
		wave float64 // of the tenths, how many have a waveform at least
	}{
		{"64 kbit/s carries three waveforms", 64e3, 250 * time.Millisecond, Everything, 1},
		{"16 kbit/s carries a waveform and keeps numerics under a second old", 16e3, time.Second, NumericsOnly, .9},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all tally
			for seed := range uint64(5) {
				onRoad(t, 0.02, seed, func(v *VehicleConfig, _ *HospitalConfig) {
					v.net = &narrow{Net: v.net.(*vnet.Net), rate: c.rate}
				}, func(t *testing.T, r *road, s *street) {
					live(t, s)
					rungs := map[Rung]int{}
					settled := s.shaped(1, 15, rungs)
					rungs = map[Rung]int{}
					n := s.shaped(settled+1, 60, rungs)
					time.Sleep(5 * time.Second)
					all.add(s, uint32(settled), uint32(n))
					r.set(func() { t.Logf("rungs %v; %d B/s", rungs, r.bytes/80) })
					if got := float64(rungs[Everything]+rungs[ChosenWaveform]) / 600; got < c.wave {
						t.Errorf("%.2f of the tenths have a waveform, want %.2f", got, c.wave)
					}
					for rung := range rungs {
						if rung > c.rung {
							t.Errorf("fell to %v", rung)
						}
					}
				})
			}
			t.Log(&all)
			if all.percentile(.95) > c.p95 {
				t.Errorf("p95 is %v, want at most %v", all.percentile(.95), c.p95)
			}
			if all.lost > 0 {
				t.Errorf("%d frames were lost", all.lost)
			}
		})
	}
}

func TestALinkThatWidensIsUsedAgain(t *testing.T) {
	var n *narrow
	onRoad(t, 0, 1, func(v *VehicleConfig, _ *HospitalConfig) {
		n = &narrow{Net: v.net.(*vnet.Net), rate: 14e3}
		v.net = n
	}, func(t *testing.T, r *road, s *street) {
		live(t, s)
		rungs := map[Rung]int{}
		last := s.shaped(1, 30, rungs)
		if rungs[NumericsOnly]+rungs[NumericsSlow] == 0 {
			t.Errorf("14 kbit/s did not make the link drop waveforms: %v", rungs)
		}
		s.ward.mu.Lock()
		if !slices.ContainsFunc(s.ward.states, func(s State) bool { return s.Rung >= NumericsOnly }) {
			t.Error("the hospital was not told that only numbers come")
		}
		s.ward.mu.Unlock()
		n.mu.Lock()
		n.rate = math.Inf(1)
		n.mu.Unlock()
		until(t, "everything again", func() bool {
			last = s.shaped(last+1, 1, rungs)
			return s.vehicle.State().Rung == Everything
		})
	})
}
