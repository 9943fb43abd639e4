package link

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2/vnet"
)

// A road is an emulated network between a vehicle and a hospital: 50 ms each way,
// random loss both ways, total outages, and a vehicle with two uplinks of which
// one may go down. Real pion runs over it, on a virtual clock.
type road struct {
	router            *vnet.Router
	vehicle, hospital *vnet.Net
	mu                sync.Mutex
	loss              float64
	out               bool
	dead              map[string]bool // addresses that no longer carry
	random            *rand.Rand
	bytes             int // that the vehicle sent
}

func newRoad(t *testing.T, loss float64, seed uint64) *road {
	t.Helper()
	r := &road{loss: loss, dead: map[string]bool{}, random: rand.New(rand.NewPCG(seed, 1))}
	var err error
	check := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r.router, err = vnet.NewRouter(&vnet.RouterConfig{CIDR: "192.0.2.0/24", MinDelay: 50 * time.Millisecond, QueueSize: 10000,
		LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard}})
	check()
	r.vehicle, err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"192.0.2.10", "192.0.2.11"}})
	check()
	r.hospital, err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"192.0.2.20"}})
	check()
	err = r.router.AddNet(r.vehicle)
	check()
	err = r.router.AddNet(r.hospital)
	check()
	r.router.AddChunkFilter(func(c vnet.Chunk) bool {
		from, _, _ := net.SplitHostPort(c.SourceAddr().String())
		to, _, _ := net.SplitHostPort(c.DestinationAddr().String())
		r.mu.Lock()
		defer r.mu.Unlock()
		if to == "192.0.2.20" {
			r.bytes += len(c.UserData()) + 28
		}
		return !r.out && !r.dead[from] && !r.dead[to] && r.random.Float64() >= r.loss
	})
	err = r.router.Start()
	check()
	return r
}

func (r *road) set(change func()) { r.mu.Lock(); change(); r.mu.Unlock() }

// newStreetOn is a street whose network is r.
func newStreetOn(t *testing.T, r *road, change func(*VehicleConfig, *HospitalConfig)) *street {
	return newStreet(t, func(v *VehicleConfig, h *HospitalConfig) {
		v.net, h.net = r.vehicle, r.hospital
		v.Loopback, h.Loopback = false, false
		if change != nil {
			change(v, h)
		}
	})
}

// onRoad runs a drive on a virtual clock.
func onRoad(t *testing.T, loss float64, seed uint64, change func(*VehicleConfig, *HospitalConfig), drive func(*testing.T, *road, *street)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoad(t, loss, seed)
		s := newStreetOn(t, r, change)
		drive(t, r, s)
		s.stop()
		if s.ward.twice > 0 {
			t.Errorf("%d frames were handed on twice", s.ward.twice)
		}
		if err := r.router.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// seeds are pooled; two are enough for daily use, the goals were met with ten.
var seeds = func() uint64 {
	if os.Getenv("FIELDKIT_LONG") != "" {
		return 10
	}
	return 3
}()

// A tally is what became of frames, pooled over seeds.
type tally struct {
	took []time.Duration
	lost int
}

func (a *tally) add(s *street, first, last uint32) {
	took, lost := s.delays(first, last)
	a.took = append(a.took, took...)
	a.lost += lost
}

func (a *tally) within(limit time.Duration) float64 {
	n := 0
	for _, d := range a.took {
		if d <= limit {
			n++
		}
	}
	return float64(n) / float64(len(a.took)+a.lost)
}

func (a *tally) percentile(q float64) time.Duration {
	slices.Sort(a.took)
	return a.took[int(q*float64(len(a.took)-1))]
}

func (a *tally) String() string {
	return fmt.Sprintf("%d frames: %.2f %% within 500 ms, p50 %v p95 %v p99 %v max %v, lost %d", len(a.took)+a.lost,
		100*a.within(500*time.Millisecond), a.percentile(.5), a.percentile(.95), a.percentile(.99), a.percentile(1), a.lost)
}

func live(t *testing.T, s *street) {
	t.Helper()
	until(t, "live", func() bool { return s.vehicle.State().Phase == Live })
}

// The goal is the project's; WebSocket over TCP gave 33 to 59 % within 500 ms at
// 20 % loss over the same kind of link.
func TestRandomLossLosesNoFrame(t *testing.T) {
	for _, loss := range []float64{0, 0.02, 0.05, 0.1, 0.2} {
		t.Run(fmt.Sprintf("%g %%", loss*100), func(t *testing.T) {
			var all tally
			for seed := range seeds {
				onRoad(t, loss, seed, nil, func(t *testing.T, r *road, s *street) {
					live(t, s)
					s.drive(1, 630, 120, 100*time.Millisecond)
					time.Sleep(3 * time.Second)
					all.add(s, 31, 630)
				})
			}
			t.Log(&all)
			if all.lost > 0 || all.within(500*time.Millisecond) < 0.999 || all.percentile(.99) > 260*time.Millisecond {
				t.Errorf("want at least 99.9 %% within 500 ms, p99 at most 260 ms, none lost: %v", &all)
			}
		})
	}
}

// Fades are total outages of exponential length, mean 300 ms, 10 % of the time.
// What the trace allows is a frame sent in a fade arriving 50 ms after its end.
func TestFadesOfATenthOfTheTime(t *testing.T) {
	var all tally
	allowed, frames := 0, 0
	for seed := range seeds {
		onRoad(t, 0, seed, nil, func(t *testing.T, r *road, s *street) {
			live(t, s)
			random := rand.New(rand.NewPCG(seed, 2))
			type fade struct{ from, to time.Time }
			var fades []fade
			over := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					time.Sleep(time.Duration(random.ExpFloat64() * 2.7e9))
					f := fade{from: time.Now()}
					r.set(func() { r.out = true })
					time.Sleep(time.Duration(random.ExpFloat64() * 0.3e9))
					r.set(func() { r.out = false })
					f.to = time.Now()
					select {
					case <-over:
						return
					default:
						fades = append(fades, f)
					}
				}
			}()
			s.drive(1, 630, 120, 100*time.Millisecond)
			close(over)
			<-done
			time.Sleep(5 * time.Second)
			all.add(s, 31, 630)
			for seq := uint32(31); seq <= 630; seq++ {
				frames++
				at := s.sent[seq]
				for _, f := range fades {
					if !at.Before(f.from) && at.Before(f.to) {
						at = f.to
					}
				}
				if at.Sub(s.sent[seq]) <= 450*time.Millisecond {
					allowed++
				}
			}
		})
	}
	ceiling := float64(allowed) / float64(frames)
	t.Logf("%v; the trace allows %.2f %%", &all, 100*ceiling)
	if got := all.within(500 * time.Millisecond); all.lost > 0 || got < 0.96 || got < ceiling-0.005 {
		t.Errorf("want at least 96 %% and within half a point of the ceiling, none lost")
	}
}

func TestAnOutageHealsAndIsFilledIn(t *testing.T) {
	for _, out := range []time.Duration{2 * time.Second, 20 * time.Second} {
		t.Run(out.String(), func(t *testing.T) {
			onRoad(t, 0.02, 3, nil, func(t *testing.T, r *road, s *street) {
				live(t, s)
				s.drive(1, 50, 120, 100*time.Millisecond)
				down := func(v bool) {
					r.set(func() { r.out = v })
					s.mu.Lock()
					s.down = v
					s.mu.Unlock()
				}
				down(true)
				n := int(out / (100 * time.Millisecond))
				s.drive(51, n, 120, 100*time.Millisecond)
				if got := s.vehicle.State(); got.Phase != Silent || got.Silent < out-time.Second {
					t.Errorf("after %v of silence the vehicle says %v", out, got)
				}
				down(false)
				back := time.Now()
				s.drive(51+n, 150, 120, 100*time.Millisecond)
				time.Sleep(3 * time.Second)
				fresh := time.Hour
				var after tally
				after.add(s, uint32(51+n+20), uint32(200+n))
				s.ward.mu.Lock()
				for seq := uint32(51 + n); seq <= uint32(200+n); seq++ {
					if at, ok := s.ward.frames[seq]; ok && at.Sub(s.sent[seq]) < 500*time.Millisecond {
						fresh = min(fresh, at.Sub(back))
					}
				}
				s.ward.mu.Unlock()
				_, lost := s.delays(1, uint32(200+n))
				t.Logf("fresh %v after the link is back; then %v; lost of all %d", fresh, &after, lost)
				if fresh > 2*time.Second || lost > 0 || after.percentile(.95) > 170*time.Millisecond {
					t.Errorf("want fresh within 2 s, all filled in, live not delayed")
				}
			})
		})
	}
}

func TestAnAddressThatGoesDownIsLeftAtOnce(t *testing.T) {
	var changes chan struct{}
	onRoad(t, 0, 1, func(v *VehicleConfig, _ *HospitalConfig) {
		changes = make(chan struct{}, 1)
		v.changes = changes
	}, func(t *testing.T, r *road, s *street) {
		live(t, s)
		s.drive(1, 50, 120, 100*time.Millisecond)
		s.vehicle.mu.Lock()
		pair, err := s.vehicle.current.peer.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
		s.vehicle.mu.Unlock()
		if err != nil || pair == nil {
			t.Fatal("no pair", err)
		}
		r.set(func() { r.dead[pair.Local.Address] = true })
		changes <- struct{}{}
		s.drive(51, 100, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		took, lost := s.delays(1, 150)
		longest := took[len(took)-1]
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d restarts, %d offers", longest, s.patches, s.posts)
		// 5 round trips and 0.2 s, and the 50 ms of the way itself.
		if lost > 0 || longest > 750*time.Millisecond || s.patches != 1 || s.posts != 1 {
			t.Errorf("want a gap of at most 0.7 s by one ICE restart and no new connection")
		}
	})
}

func TestAStalledConnectionIsReplacedInParallel(t *testing.T) {
	onRoad(t, 0, 1, nil, func(t *testing.T, r *road, s *street) {
		live(t, s)
		s.drive(1, 30, 120, 100*time.Millisecond)
		s.vehicle.mu.Lock()
		pair, _ := s.vehicle.current.peer.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
		s.vehicle.mu.Unlock()
		r.set(func() { r.dead[pair.Local.Address] = true }) // and nobody tells us
		s.drive(31, 100, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		took, lost := s.delays(1, 130)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d offers", took[len(took)-1], s.posts)
		if lost > 0 || took[len(took)-1] > 3*time.Second || s.posts < 2 {
			t.Errorf("want a parallel connection within 3 s and nothing lost")
		}
	})
}

func TestAConnectionIsRenewedWithoutAGap(t *testing.T) {
	onRoad(t, 0, 1, nil, func(t *testing.T, r *road, s *street) {
		live(t, s)
		const n = 3670
		s.drive(1, n, 40, time.Second) // an hour and a minute
		time.Sleep(time.Second)
		var all tally
		all.add(s, 1, n)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("%v, %d offers", &all, s.posts)
		if all.lost > 0 || all.percentile(1) > 300*time.Millisecond || s.posts != 2 {
			t.Errorf("want one renewal in the hour and no frame late")
		}
	})
}
