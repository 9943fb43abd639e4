package exchange

import (
	"net"
	"sync"
	"time"

	"fieldkit/triage/chart"
)

// When a contact counts as stalled. TCP itself waits twice as long after each
// attempt that is not answered: after a cut of seven seconds on a slow radio it
// may sleep six more, and twelve when that attempt is lost.
const (
	pingSoon  = 2 * time.Second // from one ping to the next, while frames are sent
	stallTime = 3 * time.Second // from an unanswered ping to the verdict, if nothing else was heard
	lookAgain = time.Second     // at ranges left to a contact that may have stalled
	// hoardTime is how long a peer that answers may bring nothing of what it was asked
	// for before others are asked too. The first chunk at the slowest rate takes as long;
	// what comes twice is no error.
	hoardTime = 40 * time.Second
)

// A pulse is what is known of a line's life. Its methods may be called from any
// goroutine.
type pulse struct {
	mu        sync.Mutex
	heard     time.Time // when the last byte came
	written   int       // bytes, since the contact began
	delivered int       // of them, as the last answer proves
	pinged    time.Time // when the oldest ping without an answer was written; zero for none
	behind    int       // written before it
}

// hear notes that something came.
func (p *pulse) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = time.Now()
}

// write notes that bytes are about to be sent.
func (p *pulse) write(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written += bytes
}

// ping notes that one is about to be sent. Of several on the way the first counts.
func (p *pulse) ping() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinged.IsZero() {
		p.pinged, p.behind = time.Now(), p.written
	}
}

// pong notes an answer.
func (p *pulse) pong() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pinged, p.delivered = time.Time{}, p.behind
}

// stalled reports that a ping was not answered though the slowest line allowed
// would have carried it and all before it, and that nothing else was heard either.
func (p *pulse) stalled(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinged.IsZero() {
		return false
	}
	since := p.pinged
	if p.heard.After(since) {
		since = p.heard
	}
	return now.Sub(since) > stallTime+time.Duration(p.behind-p.delivered)*time.Second/slowestRate
}

// A heard connection notes every byte that comes, below TLS, whose records are
// too long to tell a slow line from a dead one.
type heard struct {
	net.Conn
	pulse *pulse
}

func (c heard) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.pulse.hear()
	}
	return n, err
}

// Stalled reports that the contact with a device stands and nothing gets through
// it. A new one may be made beside it, and takes over if it succeeds.
func (x *Exchange) Stalled(d chart.Device) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.sessions[d]
	return s != nil && s.pulse.stalled(time.Now())
}
