package link

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/vnet"
)

// A roaming network has only those of its addresses that it is said to have now.
type roaming struct {
	*vnet.Net
	mu  sync.Mutex
	has []string
}

func (n *roaming) set(has ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.has = has
}

func (n *roaming) Interfaces() ([]*transport.Interface, error) {
	all, err := n.Net.Interfaces()
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []*transport.Interface
	for _, i := range all {
		held, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		left := transport.NewInterface(i.Interface)
		for _, a := range held {
			ip, _, _ := strings.Cut(a.String(), "/")
			if slices.Contains(n.has, ip) {
				left.AddAddress(a)
			}
		}
		out = append(out, left)
	}
	return out, nil
}

const (
	wifi = "192.0.2.10"
	cell = "192.0.2.11"
)

// onTheMove is a street whose vehicle has its first address and takes the change
// channel of the test.
func onTheMove(t *testing.T, drive func(*testing.T, *road, *street, *roaming, func())) {
	var n *roaming
	changes := make(chan struct{}, 1)
	onRoad(t, 0, 1, func(v *VehicleConfig, _ *HospitalConfig) {
		n = &roaming{Net: v.net.(*vnet.Net), has: []string{wifi}}
		changes = make(chan struct{}, 1)
		v.net, v.changes = n, changes
	}, func(t *testing.T, r *road, s *street) {
		live(t, s)
		s.drive(1, 50, 120, 100*time.Millisecond)
		drive(t, r, s, n, func() { changes <- struct{}{} })
	})
}

// longest is how long the longest wait of a frame was.
func (s *street) longest(t *testing.T, last uint32) time.Duration {
	t.Helper()
	took, lost := s.delays(1, last)
	if lost > 0 {
		t.Errorf("%d frames were lost", lost)
	}
	return took[len(took)-1]
}

func TestAMoveWhoseRestartFailsTakesAnotherConnectionAtOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer int           // of the gateway to the restart; 0: none ever
		most   time.Duration // from the move until another connection is offered
	}{
		// The restart's round trip, then one for a challenge and one for the offer; each
		// may wait for a tick.
		{"the gateway was started anew and knows nothing of it", http.StatusNotFound, 400 * time.Millisecond},
		{"no answer comes: five round trips and 0.2 s, then the same", 0, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			onTheMove(t, func(t *testing.T, r *road, s *street, n *roaming, changed func()) {
				s.mu.Lock()
				s.patched = func(w http.ResponseWriter, req *http.Request) {
					if c.answer == 0 {
						<-req.Context().Done()
						return
					}
					w.WriteHeader(c.answer)
				}
				s.mu.Unlock()
				n.set(cell)
				r.set(func() { r.dead[wifi] = true })
				moved := time.Now()
				changed()
				s.drive(51, 100, 120, 100*time.Millisecond)
				time.Sleep(10 * time.Second)
				took := s.longest(t, 150)
				s.mu.Lock()
				defer s.mu.Unlock()
				t.Logf("another offered after %v, longest wait of a frame %v, %d restarts, %d offers", s.posted.Sub(moved), took, s.patches, s.posts)
				if s.posted.Sub(moved) > c.most || s.posts != 2 {
					t.Errorf("want another connection offered within %v", c.most)
				}
			})
		})
	}
}

// The gateway moves the connection and its answer is lost: the same offer on another
// line has the same answer. Five round trips and 0.2 s, and the 50 ms of the way.
func TestAMoveWhoseAnswerIsLostIsAskedAgain(t *testing.T) {
	onTheMove(t, func(t *testing.T, r *road, s *street, n *roaming, changed func()) {
		s.mu.Lock()
		s.swallow = 1
		s.mu.Unlock()
		n.set(cell)
		r.set(func() { r.dead[wifi] = true })
		changed()
		s.drive(51, 100, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		took := s.longest(t, 150)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d restarts, %d offers", took, s.patches, s.posts)
		if took > 750*time.Millisecond || s.patches != 2 || s.posts != 1 {
			t.Error("want a gap of at most 0.7 s by one restart asked for twice, and no new connection")
		}
	})
}

func TestAMoveDuringAMoveIsHeeded(t *testing.T) {
	onTheMove(t, func(t *testing.T, r *road, s *street, n *roaming, changed func()) {
		s.mu.Lock()
		s.patched = func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
		s.mu.Unlock()
		r.set(func() { r.dead[wifi] = true })
		moved := time.Now()
		changed() // wifi is dead, and still all there is
		s.drive(51, 2, 120, 100*time.Millisecond)
		n.set(cell)
		changed()
		s.drive(53, 100, 120, 100*time.Millisecond)
		time.Sleep(10 * time.Second)
		took := s.longest(t, 152)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d restarts, %d offers", took, s.patches, s.posts)
		if s.posted.Sub(moved) > 500*time.Millisecond || s.patches > 2 || s.posts != 2 {
			t.Errorf("another was offered after %v, want it while the first restart is still unanswered", s.posted.Sub(moved))
		}
	})
}

func TestAMoveWithNoAddressBetweenIsOneRestart(t *testing.T) {
	onTheMove(t, func(t *testing.T, r *road, s *street, n *roaming, changed func()) {
		n.set()
		r.set(func() { r.dead[wifi] = true })
		changed()
		s.drive(51, 2, 120, 100*time.Millisecond)
		n.set(cell)
		changed()
		s.drive(53, 100, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		took := s.longest(t, 152)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d restarts, %d offers", took, s.patches, s.posts)
		if took > 950*time.Millisecond || s.patches != 1 || s.posts != 1 {
			t.Error("want one restart, once there is an address")
		}
	})
}

// The new address comes a moment before the old one goes: both changes are told,
// and the restart under way knows all there is.
func TestAnAddressThatGoesDuringARestartDoesNotEndIt(t *testing.T) {
	onTheMove(t, func(t *testing.T, r *road, s *street, n *roaming, changed func()) {
		n.set(wifi, cell)
		changed()
		s.drive(51, 1, 120, 5*time.Millisecond)
		n.set(cell)
		r.set(func() { r.dead[wifi] = true })
		changed()
		s.drive(52, 100, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		took := s.longest(t, 151)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Logf("longest wait of a frame %v, %d restarts, %d offers", took, s.patches, s.posts)
		if took > 750*time.Millisecond || s.patches != 1 || s.posts != 1 {
			t.Error("want the one restart to go on")
		}
	})
}
