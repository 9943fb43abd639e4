package mesh_test

import (
	"net"
	"sync"
	"testing"

	"fieldkit/sync/mesh"
)

// A tunnel carries connections to an address until it freezes: those that stand
// then stay open and carry nothing more, as after a tablet drove out of range and
// TCP waits ever longer between its attempts. Later ones pass.
type tunnel struct {
	l  net.Listener
	to string

	mu   sync.Mutex
	open []net.Conn
	dead int // the first so many of open
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &tunnel{l: l, to: to}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			u.mu.Lock()
			number := len(u.open)
			u.open = append(u.open, in, out)
			u.mu.Unlock()
			work.Go(func() { u.carry(number, in, out) })
			work.Go(func() { u.carry(number, out, in) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		u.mu.Lock()
		for _, c := range u.open {
			c.Close()
		}
		u.mu.Unlock()
		work.Wait()
	})
	return u
}

func (u *tunnel) carry(number int, from, to net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		u.mu.Lock()
		dead := number < u.dead
		u.mu.Unlock()
		switch {
		case dead && err == nil:
			continue
		case dead:
			return // not even the end gets through
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			to.Close()
			return
		}
	}
}

// freeze lets nothing more through what stands, and returns how much that is.
func (u *tunnel) freeze() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.dead = len(u.open)
	return u.dead / 2
}

func TestAContactThatDiedInTheAirIsReplacedBeforeItIsGivenUp(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	b := start(t, "clinic", r)
	u := newTunnel(t, b.Addr().String())
	a := start(t, "ambulance", r, func(c *mesh.Config) {
		c.Known = []mesh.Known{{Device: b.exchange.Self(), Exchange: u.l.Addr().String()}}
	})
	a.write(t, 1)
	eventually(t, "the clinic holds the first entry", func() bool { return b.ledger.Entries() == 1 })
	if n := u.freeze(); n < 1 { // a starved machine may have called beside it
		t.Fatalf("%d contacts were made", n)
	}
	a.write(t, 1)
	// Silence alone ends a contact only after a minute, which is as long as this waits.
	eventually(t, "the clinic holds the second over a new contact", func() bool { return b.ledger.Entries() == 2 })
}
