package kit

import (
	"net"
	"sync"
	"time"
)

// A pace holds the record back so that it does not delay the live stream, which
// shares the vehicle's line: the live link measures how long its packets queue,
// and the record takes what the queue leaves. While the link says nothing it grows
// slowly, because a line full of record would never bring the link up. Safe for
// concurrent use.
type pace struct {
	mu     sync.Mutex
	rate   float64 // bytes a second
	tokens float64
	at     time.Time // of the last take
	word   time.Time // of the link's last word, or of the last growth without one
}

const (
	paceFirst   = 4000.0 // bytes a second
	paceSlowest = 500.0  // charts still pass
	paceFastest = 8e6
	paceGrowth  = 1.1                   // at each word of the link's, four a second
	paceAlone   = 1.2                   // at each second without a word
	paceEasy    = 30 * time.Millisecond // of queue: more may go
	paceTight   = 60 * time.Millisecond // of queue: half as much
	paceChunk   = 1024
)

// heard takes how long the live link's packets queue.
func (p *pace) heard(now time.Time, queue time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(now)
	p.word = now
	switch {
	case queue > paceTight:
		p.rate = max(p.rate/2, paceSlowest)
	case queue < paceEasy:
		p.rate = min(p.rate*paceGrowth, paceFastest)
	}
}

func (p *pace) begin(now time.Time) {
	if p.rate == 0 {
		p.rate, p.word, p.at = paceFirst, now, now
	}
}

// take counts n bytes at now and returns how long they must wait.
func (p *pace) take(now time.Time, n int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(now)
	if now.Sub(p.word) >= time.Second {
		p.rate, p.word = min(p.rate*paceAlone, paceFastest), now
	}
	p.tokens = min(p.tokens+p.rate*max(now.Sub(p.at), 0).Seconds(), max(p.rate/10, paceChunk))
	p.at = now
	p.tokens -= float64(n)
	if p.tokens >= 0 {
		return 0
	}
	return time.Duration(-p.tokens / p.rate * float64(time.Second))
}

// A paced connection writes at its pace.
type paced struct {
	net.Conn
	pace *pace
}

func (c *paced) Write(b []byte) (written int, err error) {
	for len(b) > 0 && err == nil {
		chunk := b[:min(len(b), paceChunk)]
		if wait := c.pace.take(time.Now(), len(chunk)); wait > 0 {
			time.Sleep(wait) // two seconds at most; a connection closed meanwhile fails then
		}
		var n int
		n, err = c.Conn.Write(chunk)
		written, b = written+n, b[n:]
	}
	return written, err
}
