package link

import "time"

// What one end knows of one connection's path. Loss is counted over two seconds,
// delay against the fastest packet of the last half minute, the round trip by
// echo. It is pure and not safe for concurrent use.
const (
	lossWindow  = 2 * time.Second
	fastWindow  = 15 * time.Second // two of them
	queueHolds  = time.Second      // without another datagram a queue is not known any more
	rttSmallest = time.Millisecond
)

type path struct {
	run      uint64        // of the other end
	lastAt   time.Duration // when the newest datagram came, -1 for never
	newest   uint32        // `sent` of it
	newestN  uint32
	newestAt time.Duration

	seen    []arrival // within lossWindow
	fast    [2]int32  // fastest transit, ms, in this and the last window; clocks differ, only differences mean anything
	fastAt  time.Duration
	started bool
	queue   time.Duration // smallest of this report's interval
	queued  bool

	rtt    time.Duration // smallest of recent, 0 for unknown
	rttAt  time.Duration
	offset time.Duration // the other end's wall clock minus ours
}

type arrival struct {
	at     time.Duration
	number uint32
	size   int
}

func newPath() *path { return &path{lastAt: -1} }

// heard notes a datagram of size bytes. wall is our wall clock now.
func (p *path) heard(now time.Duration, wall time.Time, d *datagram, size int) {
	ms := uint32(now.Milliseconds())
	p.lastAt, p.run = now, d.run
	if p.newestN == 0 || int32(d.number-p.newestN) > 0 {
		p.newestN, p.newest, p.newestAt = d.number, d.sent, now
	}
	p.seen = append(p.seen, arrival{now, d.number, size})
	p.trim(now)

	transit := int32(ms - d.sent)
	if !p.started {
		p.fast, p.fastAt, p.started = [2]int32{transit, transit}, now, true
	}
	if now-p.fastAt > fastWindow {
		p.fast[1], p.fast[0], p.fastAt = p.fast[0], transit, now
	}
	p.fast[0] = min(p.fast[0], transit)
	queue := time.Duration(transit-min(p.fast[0], p.fast[1])) * time.Millisecond
	if !p.queued || queue < p.queue {
		p.queue, p.queued = queue, true
	}

	if !d.echoed {
		return
	}
	rtt := time.Duration(int32(ms-d.echo))*time.Millisecond - d.held
	if rtt < 0 || rtt > time.Minute {
		return
	}
	rtt = max(rtt, rttSmallest)
	if p.rtt == 0 || rtt <= p.rtt || now-p.rttAt > fastWindow {
		p.rtt, p.rttAt = rtt, now
		p.offset = d.wall.Add(rtt / 2).Sub(wall)
	}
}

func (p *path) trim(now time.Duration) {
	n := 0
	for n < len(p.seen) && now-p.seen[n].at > lossWindow {
		n++
	}
	p.seen = p.seen[n:]
}

// echo fills in what tells the other end its round trip.
func (p *path) echo(now time.Duration, d *datagram) {
	if p.lastAt >= 0 {
		d.echo, d.held, d.echoed = p.newest, now-p.newestAt, true
	}
}

// report is what to tell the sender about this path; it begins a new interval.
func (p *path) report(now time.Duration) report {
	r := p.peek(now)
	p.queued = false
	return r
}

// peek is the report so far.
func (p *path) peek(now time.Duration) report {
	p.trim(now)
	var r report
	if n := len(p.seen); n > 0 {
		first, last, bytes := p.seen[0].number, p.seen[0].number, 0
		for _, a := range p.seen {
			if int32(a.number-first) < 0 {
				first = a.number
			}
			if int32(a.number-last) > 0 {
				last = a.number
			}
			bytes += a.size
		}
		if sent := float64(last-first) + 1; sent > float64(n) {
			r.loss = 1 - float64(n)/sent
		}
		r.rate = uint32(float64(bytes) / lossWindow.Seconds())
	}
	if p.lastAt >= 0 && now-p.lastAt <= queueHolds {
		r.queue = p.queue // where nothing came, the last that is known: numbers come twice a second
	}
	return r
}
