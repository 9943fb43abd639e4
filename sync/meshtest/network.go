package meshtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Network joins stations by number. Each pair has a line that may be slow,
// lossy or cut. As under TCP, loss is lateness, and a cut line holds what was
// sent until it heals, or breaks.
type Network struct {
	mu    sync.Mutex // taken before a connection's
	lines map[[2]int]*line
	turns int // connections made, for their addresses

	air airs // taken after a connection's
}

type line struct {
	cut   bool
	conns []*conn
}

// airs is what the lines do to what they carry.
type airs struct {
	mu    sync.Mutex
	rng   *rand.Rand
	lines map[*line]air
}

type air struct {
	delay time.Duration
	loss  float64
}

func (a *airs) of(l *line) air {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lines[l]
}

// NewNetwork returns a network whose lines carry at once; the seed decides what
// is lost.
func NewNetwork(seed uint64) *Network {
	return &Network{lines: map[[2]int]*line{}, air: airs{rng: rand.New(rand.NewPCG(seed, 1)), lines: map[*line]air{}}}
}

// line returns the line of a pair. The caller holds the lock.
func (n *Network) line(a, b int) *line {
	k := [2]int{min(a, b), max(a, b)}
	if n.lines[k] == nil {
		n.lines[k] = &line{}
	}
	return n.lines[k]
}

// Shape sets a line's delay one way and its loss, from 0 to 1.
func (n *Network) Shape(a, b int, delay time.Duration, loss float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.line(a, b)
	n.air.mu.Lock()
	defer n.air.mu.Unlock()
	n.air.lines[l] = air{delay, loss}
}

// Cut stops a line. With reset the connections on it break at once, as after a
// change of address; else both ends hear nothing.
func (n *Network) Cut(a, b int, reset bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.line(a, b)
	l.cut = true
	for _, c := range l.conns {
		if reset {
			c.reset()
		} else {
			c.hold(true)
		}
	}
	if reset {
		l.conns = nil
	}
}

// Heal mends a line; what was held arrives.
func (n *Network) Heal(a, b int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.line(a, b)
	l.cut = false
	for _, c := range l.conns {
		c.hold(false)
	}
}

// Alone breaks every connection of one station, as when its machine stops.
func (n *Network) Alone(a int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for k, l := range n.lines {
		if k[0] == a || k[1] == a {
			for _, c := range l.conns {
				c.reset()
			}
			l.conns = nil
		}
	}
}

var errNoRoute = errors.New("no route to the other station")

// Dial makes a connection; the second end is the answerer's.
func (n *Network) Dial(ctx context.Context, from, to int) (a, b net.Conn, err error) {
	n.mu.Lock()
	l := n.line(from, to)
	cut := l.cut
	n.mu.Unlock()
	wait := n.air.of(l).delay
	if cut {
		wait = 5 * time.Second
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if cut || l.cut {
		return nil, nil, errNoRoute
	}
	n.turns++
	addr := func(who int) net.Addr { return pipeAddr(strconv.Itoa(who) + "#" + strconv.Itoa(n.turns)) }
	ca, cb := newPipe(func(size int) time.Duration { return n.air.late(l) }, addr(from), addr(to))
	l.conns = append(slices.DeleteFunc(l.conns, (*conn).closed), ca)
	return ca, cb, nil
}

// late is how long one write travels: the delay, and a retransmission timeout
// that doubles for every loss in a row.
func (a *airs) late(l *line) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.lines[l]
	d := v.delay
	for again := 200 * time.Millisecond; again < 10*time.Second && a.rng.Float64() < v.loss; again *= 2 {
		d += again
	}
	return d
}

func (c *conn) hold(held bool) {
	for _, h := range []*half{c.in, c.out} {
		h.set(func() { h.held = held })
	}
}

func (c *conn) closed() bool {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	return c.in.broken
}
