package exchange

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"fieldkit/triage/chart"
)

// How many connections may stand, so that a flood costs a fixed amount: a
// goroutine and about 20 kB each.
const (
	mostGreeting = 64  // not yet through the hello, in all
	mostFromOne  = 8   // of them, from one address
	mostContacts = 256 // contacts that stand
)

// A door counts who is on the way in.
type door struct {
	mu       sync.Mutex
	greeting int
	from     map[netip.Addr]int
	turned   int // away, for want of room
}

// enter reports whether a connection from addr may begin.
func (d *door) enter(addr netip.Addr, contacts int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.greeting >= mostGreeting || d.from[addr] >= mostFromOne || contacts >= mostContacts {
		d.turned++
		return false
	}
	d.greeting++
	d.from[addr]++
	return true
}

func (d *door) leave(addr netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.greeting--
	if d.from[addr]--; d.from[addr] == 0 {
		delete(d.from, addr)
	}
}

// Serve answers what arrives at l until ctx ends, and waits for the contacts it
// began. Connections beyond the limits are closed before a byte is read.
func (x *Exchange) Serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var contacts sync.WaitGroup
	defer contacts.Wait()
	for wait := time.Duration(0); ; {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil { // out of file descriptors, above all: it passes
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			x.cfg.Log.Warn("cannot accept connections", "why", err)
			select {
			case <-time.After(wait):
				continue
			case <-ctx.Done():
				return nil
			}
		}
		wait = 0
		addr := netip.Addr{}
		if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			addr = a.AddrPort().Addr().Unmap()
		}
		if !x.door.enter(addr, x.contacts()) {
			if t, ok := conn.(*net.TCPConn); ok {
				t.SetLinger(0) // leaves nothing behind in the kernel
			}
			conn.Close()
			continue
		}
		contacts.Go(func() {
			in := sync.OnceFunc(func() { x.door.leave(addr) })
			defer in()
			x.contact(ctx, conn, chart.Device{}, false, in)
		})
	}
}

// Turned counts connections that were closed for want of room.
func (x *Exchange) Turned() int {
	x.door.mu.Lock()
	defer x.door.mu.Unlock()
	return x.door.turned
}

func (x *Exchange) contacts() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.sessions)
}

// Hangup ends the contacts whose own address is gone: the network was changed
// and they would be missed only when they fall silent.
func (x *Exchange) Hangup(gone func(local net.Addr) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.sessions {
		if gone(s.conn.LocalAddr()) {
			x.leave(s)
			s.end(errMoved)
		}
	}
}

var errMoved = because{"this tablet's address changed", Leaving}
