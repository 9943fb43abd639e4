package link

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A lifecycle decides when a vehicle's connections are opened, swapped and
// closed. It is used by Run's goroutine alone.
type lifecycle struct {
	v   *Vehicle
	ctx context.Context

	dialling  int           // peer dials under way, at most one
	socketing int           // WebSocket dials under way, at most one
	unwell    time.Duration // since when no connection is heard, 0 while one is
	nextDial  time.Duration
	nextSock  time.Duration
	wait      time.Duration
	upgrade   time.Duration

	told   State
	toldAt time.Duration
}

// step looks at the clock and the connections and starts what is needed.
func (l *lifecycle) step() {
	v := l.v
	v.mu.Lock()
	now := v.now()
	for _, c := range slices.Clone(v.conns) {
		select {
		case <-c.failed:
			if c.ready {
				v.mu.Unlock()
				v.drop(c)
				v.mu.Lock()
			}
		default:
		}
	}
	current := v.current
	healthy := current != nil && now-current.path.lastAt <= stalledAfter
	onSocket := current != nil && current.lane.kind() == WebSocket
	old := current != nil && now-current.born > renewEvery
	v.mu.Unlock()

	switch {
	case l.dialling > 0:
	case !healthy && now >= l.nextDial:
		l.dial()
	case healthy && onSocket && now >= l.upgrade:
		l.upgrade = now + upgradeEvery
		l.dial()
	case healthy && !onSocket && old && now >= l.nextDial:
		l.dial()
	}
	if healthy {
		l.unwell = 0
		return
	}
	if l.unwell == 0 {
		l.unwell = now
	}
	if l.socketing == 0 && now-l.unwell >= socketAfter && now >= l.nextSock {
		l.socketing++
		v.dials.Go(func() {
			c, err := v.openSocket(l.ctx)
			v.results <- dialled{conn: c, socket: true, err: err}
		})
	}
}

// dial opens a UDP connection in the background.
func (l *lifecycle) dial() {
	l.dialling++
	v := l.v
	v.dials.Go(func() {
		c, err := v.openPeer(l.ctx)
		v.results <- dialled{conn: c, err: err}
	})
}

// dialled takes the outcome of a dial: a better or the only connection becomes
// the current one, and those it replaces are closed.
func (l *lifecycle) dialled(r dialled) {
	v := l.v
	now := v.now()
	if r.socket {
		l.socketing--
	} else {
		l.dialling--
	}
	if r.err != nil {
		if !r.socket || !errors.Is(r.err, context.Canceled) {
			v.mu.Lock()
			v.problem = r.err.Error()
			v.mu.Unlock()
		}
		if r.socket {
			l.nextSock = now + l.wait
		} else {
			l.nextDial = now + l.wait
			l.wait = min(2*l.wait, againMost)
		}
		return
	}
	l.wait = againFirst
	v.mu.Lock()
	current := v.current
	keep := current != nil && r.socket && now-current.path.lastAt <= stalledAfter
	var gone []*vehicleConn
	if keep {
		gone = []*vehicleConn{r.conn}
	} else {
		v.current = r.conn
		for _, c := range v.conns {
			// A silent UDP connection is kept beside the WebSocket: it may revive.
			if c != r.conn && c.ready && (!r.socket || c.lane.kind() == WebSocket) {
				gone = append(gone, c)
			}
		}
	}
	v.mu.Unlock()
	if r.socket && !keep {
		l.upgrade = now + upgradeEvery
	}
	for _, c := range gone {
		v.drop(c)
	}
}

// addressChanged restarts ICE at once on the current connection; if that does
// not work the stall opens a new one.
func (l *lifecycle) addressChanged() {
	v := l.v
	v.signal.client.CloseIdleConnections()
	l.nextDial, l.nextSock, l.wait = 0, 0, againFirst
	v.mu.Lock()
	c := v.current
	if c == nil || c.peer == nil || c.restart {
		v.mu.Unlock()
		return
	}
	c.restart = true
	v.mu.Unlock()
	v.dials.Go(func() {
		err := v.restart(l.ctx, c)
		v.mu.Lock()
		c.restart = false
		if err != nil {
			v.problem = err.Error()
		}
		v.mu.Unlock()
	})
}

// tell reports the state when it changed or a quarter second has passed.
func (l *lifecycle) tell() {
	v := l.v
	if v.conf.OnState == nil {
		return
	}
	v.mu.Lock()
	now := v.now()
	s := v.state(now)
	v.mu.Unlock()
	if s.Phase == l.told.Phase && s.Lane == l.told.Lane && s.Rung == l.told.Rung && now-l.toldAt < tellEvery {
		return
	}
	l.told, l.toldAt = s, now
	v.conf.OnState(s)
}

// finish closes all connections and waits for every goroutine.
func (l *lifecycle) finish() {
	v := l.v
	v.mu.Lock()
	conns := slices.Clone(v.conns)
	v.ended = true
	v.mu.Unlock()
	for _, c := range conns {
		v.drop(c)
	}
	done := make(chan struct{})
	go func() { v.dials.Wait(); close(done) }()
	for {
		select {
		case r := <-v.results:
			if r.err == nil {
				v.drop(r.conn)
			}
		case <-done:
			for len(v.results) > 0 {
				if r := <-v.results; r.err == nil {
					r.conn.lane.close()
				}
			}
			return
		}
	}
}

// openPeer opens a UDP connection: signalling, ICE, DTLS, and greetings until the
// hospital answers one, so that no frame goes before the far side can open it.
func (v *Vehicle) openPeer(ctx context.Context) (*vehicleConn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialAtMost)
	defer cancel()
	v.mu.Lock()
	relays, challenge := v.relays, v.challenge
	v.challenge = nil // each is good once
	v.mu.Unlock()

	c := &vehicleConn{path: newPath(), born: v.now(), greeted: make(chan struct{})}
	p, err := v.end.newPeer(relays, func(b []byte) { v.receive(c, b) })
	if err != nil {
		return nil, err
	}
	c.lane, c.peer, c.failed = p, p, p.failed
	if err := v.connect(ctx, c, challenge); err != nil {
		p.close()
		return nil, err
	}
	if err := v.greet(ctx, c, p.connected); err != nil {
		v.drop(c)
		return nil, err
	}
	return c, nil
}

// connect does the signalling of a new connection.
func (v *Vehicle) connect(ctx context.Context, c *vehicleConn, challenge []byte) error {
	if _, err := c.peer.pc.AddTrack(c.peer.track); err != nil {
		return err
	}
	offer, err := c.peer.offer(ctx, false, v.gatherLimit())
	if err != nil {
		return err
	}
	r, err := v.signal.do(ctx, "POST", v.signal.url, challenge, offer)
	v.remember(r)
	if err != nil {
		return err
	}
	c.location = r.location
	return c.peer.accept(r.sdp)
}

func (v *Vehicle) gatherLimit() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.relays) > 0 {
		return gatherRelays
	}
	return gatherAtMost
}

// restart moves c to the addresses there are now.
func (v *Vehicle) restart(ctx context.Context, c *vehicleConn) error {
	ctx, cancel := context.WithTimeout(ctx, dialAtMost)
	defer cancel()
	offer, err := c.peer.offer(ctx, true, v.gatherLimit())
	if err != nil {
		return err
	}
	v.mu.Lock()
	challenge := v.challenge
	v.challenge = nil
	v.mu.Unlock()
	r, err := v.signal.do(ctx, "PATCH", c.location, challenge, offer)
	v.remember(r)
	if err != nil {
		return err
	}
	return c.peer.accept(r.sdp)
}

// remember keeps what a reply brought for the next dial.
func (v *Vehicle) remember(r reply) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(r.challenge) > 0 {
		v.challenge = r.challenge
	}
	if len(r.relays) > 0 {
		v.relays = r.relays
	}
}

// openSocket opens the WebSocket lane.
func (v *Vehicle) openSocket(ctx context.Context) (*vehicleConn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialAtMost)
	defer cancel()
	conn, r, err := v.signal.socket(ctx, nil)
	v.remember(r)
	if err != nil {
		return nil, err
	}
	c := &vehicleConn{path: newPath(), born: v.now(), greeted: make(chan struct{})}
	s := newSocket(conn, func(b []byte) { v.receive(c, b) })
	c.lane, c.failed = s, s.failed
	open := make(chan struct{})
	close(open)
	if err := v.greet(ctx, c, open); err != nil {
		v.drop(c)
		return nil, err
	}
	return c, nil
}

// greet sends greetings once open is closed, until one is answered.
func (v *Vehicle) greet(ctx context.Context, c *vehicleConn, open <-chan struct{}) error {
	select {
	case <-open:
	case <-c.failed:
		return errors.New("connect: no way to the hospital by this lane")
	case <-ctx.Done():
		return errors.New("connect: the hospital was not reached in time by this lane")
	}
	v.mu.Lock()
	v.conns = append(v.conns, c)
	v.mu.Unlock()
	every := time.NewTicker(greetEvery)
	defer every.Stop()
	for {
		v.mu.Lock()
		if !c.ready {
			v.transmit(c, v.now(), nil)
		}
		v.mu.Unlock()
		select {
		case <-c.greeted:
			return nil
		case <-c.failed:
			return errors.New("connect: the connection broke before it was answered")
		case <-ctx.Done():
			return errors.New("connect: the hospital did not answer the greeting")
		case <-every.C:
		}
	}
}
