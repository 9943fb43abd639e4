package lab

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A Link is how a host reaches the middle of the net, the same up and down. The
// zero Link is perfect.
type Link struct {
	Delay time.Duration // one way
	Loss  float64       // 0..1 of the packets each way, at random
	Fades *Trace        // when nothing passes either way; nil for never
	Rate  int           // bits a second each way, IP headers counted; 0 for no limit
	Queue time.Duration // how much may wait for the rate; what comes on top is dropped
	Only  Filter
}

// A Filter is what a firewall beside the host lets pass.
type Filter uint8

// The filters.
const (
	All      Filter = iota
	NoUDP           // everything but UDP
	TCP443          // TCP to and from port 443 alone
	NoTCP           // everything but TCP: a box that swallows it without a word
	DialsOut        // inwards only what answers what the host sent, as a firewall or a NAT does
)

// lets reports whether an IPv4 packet passes.
func (f Filter) lets(packet []byte) bool {
	if f == All || f == DialsOut { // which is judged by what was sent
		return true
	}
	const tcp, udp = 6, 17
	protocol, header := packet[9], int(packet[0]&15)*4
	switch f {
	case NoUDP:
		return protocol != udp
	case NoTCP:
		return protocol != tcp
	}
	if protocol != tcp || len(packet) < header+4 {
		return false
	}
	from, to := int(packet[header])<<8|int(packet[header+1]), int(packet[header+2])<<8|int(packet[header+3])
	return from == 443 || to == 443
}

// A way is one direction of a link.
type way struct {
	link Link
	draw *rand.Rand
	free time.Duration // when the queue is empty
}

// pass is when a packet of size bytes that enters at now comes out, or false when
// it does not. Now never goes back.
func (w *way) pass(now time.Duration, size int) (time.Duration, bool) {
	out := now
	if w.link.Rate > 0 {
		start := max(now, w.free)
		if start-now > w.link.Queue {
			return 0, false
		}
		w.free = start + time.Duration(size)*8*time.Second/time.Duration(w.link.Rate)
		out = w.free
	}
	lost := w.draw.Float64() < w.link.Loss // drawn always, so that a seed's losses do not depend on the rest
	if lost || w.link.Fades.Down(now) {
		return 0, false
	}
	return out + w.link.Delay, true
}

// A Trace is when a radio is in a fade, by time since the lab began. It may be
// used by several goroutines. A nil Trace has no fades.
type Trace struct {
	mu       sync.Mutex
	draw     *rand.Rand
	down, up float64         // mean seconds
	turns    []time.Duration // up to down, down to up, and so on
}

// NewTrace draws fades of exponential length about mean that fill share of the
// time, from 0 on.
func NewTrace(seed uint64, mean time.Duration, share float64) *Trace {
	return &Trace{draw: rand.New(rand.NewPCG(seed, 0xfade)), down: mean.Seconds(), up: mean.Seconds() * (1 - share) / share}
}

// Outage is one long fade.
func Outage(from, to time.Duration) *Trace { return &Trace{turns: []time.Duration{from, to}} }

// Down reports whether nothing passes at t.
func (t *Trace) Down(at time.Duration) bool { return t.Up(at) > at }

// Up is the first moment from at on at which the radio passes.
func (t *Trace) Up(at time.Duration) time.Duration {
	if t == nil {
		return at
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.draw != nil && (len(t.turns) == 0 || t.turns[len(t.turns)-1] <= at) {
		last := time.Duration(0)
		if n := len(t.turns); n > 0 {
			last = t.turns[n-1]
		}
		fade := last + seconds(t.draw.ExpFloat64()*t.up)
		t.turns = append(t.turns, fade, fade+seconds(t.draw.ExpFloat64()*t.down))
	}
	past, exact := slices.BinarySearch(t.turns, at)
	if exact {
		past++
	}
	if past%2 == 1 { // past the beginning of a fade and not its end
		return t.turns[past]
	}
	return at
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
