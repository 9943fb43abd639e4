package link

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A lifecycle decides when a vehicle's connections are opened, swapped and
// closed. It is used by Run's goroutine alone.
type lifecycle struct {
	v   *Vehicle
	ctx context.Context

	peer     *attempt      // the peer dial under way
	socket   *attempt      // the WebSocket dial under way
	move     *attempt      // the ICE restart under way
	unwell   time.Duration // since when no connection is heard, 0 while one is
	nextDial time.Duration
	nextSock time.Duration
	wait     time.Duration
	upgrade  time.Duration
	linked   bool // there was a connection
	barred   bool // the last peer dial found no way, though the hospital answered

	told   State
	toldAt time.Duration
}

// An attempt is one dial or ICE restart under way.
type attempt struct {
	ctx    context.Context
	cancel context.CancelFunc
	kind   attemptKind
	from   []string // the machine's addresses when it was begun

	// Guarded by the vehicle's mu, for a peer dial:
	began   time.Duration
	asked   time.Duration // when the hospital had answered, 0: not yet
	reached <-chan struct{}
}

type attemptKind uint8

const (
	dialPeer attemptKind = iota
	dialSocket
	moveAddress
)

// An outcome is how an attempt ended: with a connection, moved or new, or an error.
type outcome struct {
	of   *attempt
	conn *vehicleConn
	err  error
}

// begin starts do in the background. Its outcome comes to ended.
func (l *lifecycle) begin(kind attemptKind, do func(*attempt) (*vehicleConn, error)) *attempt {
	v := l.v
	a := &attempt{kind: kind, from: v.end.addresses(), began: v.now()}
	a.ctx, a.cancel = context.WithCancel(l.ctx)
	v.dials.Go(func() {
		defer a.cancel()
		c, err := do(a)
		v.results <- outcome{of: a, conn: c, err: err}
	})
	return a
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
	healthy := current != nil && current.well(now, v.signal.slowness())
	onSocket := current != nil && current.lane.kind() == WebSocket
	old := current != nil && (now-current.born > renewEvery || (current.peer != nil && current.peer.streams.spent()))
	v.mu.Unlock()

	switch {
	case l.peer != nil:
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
	if l.socket == nil && now-l.unwell >= socketAfter && now >= l.nextSock && !l.underWay(now) {
		l.socket = l.begin(dialSocket, v.openSocket)
	}
}

// underWay says that the peer dial gets on, so that a second dial beside it would
// only take from a slow line: the hospital is being asked, or a way was found, or
// the way has been sought for no longer than the asking took.
func (l *lifecycle) underWay(now time.Duration) bool {
	a := l.peer
	if a == nil {
		return false
	}
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if a.asked == 0 {
		return true // it is given up when its line stalls
	}
	select {
	case <-a.reached:
		return true
	default:
		return now-a.asked < max(a.asked-a.began, seekAtLeast)
	}
}

// dial opens a UDP connection in the background.
func (l *lifecycle) dial() { l.peer = l.begin(dialPeer, l.v.openPeer) }

// ended takes the outcome of an attempt.
func (l *lifecycle) ended(r outcome) {
	v := l.v
	now := v.now()
	stale := false
	switch r.of {
	case l.peer:
		l.peer = nil
	case l.socket:
		l.socket = nil
	case l.move:
		l.move = nil
	default:
		stale = true // cancelled, because the addresses changed
	}
	if r.of.kind == moveAddress {
		l.moved(r)
		return
	}
	if stale {
		if r.err == nil {
			v.drop(r.conn)
		}
		return
	}
	socket := r.of.kind == dialSocket
	if !socket {
		v.mu.Lock()
		l.barred = r.err != nil && r.of.asked > 0
		v.mu.Unlock()
	}
	if r.err != nil {
		l.blame(r.err)
		if socket {
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
	keep := current != nil && socket && current.well(now, v.signal.slowness())
	var gone []*vehicleConn
	if keep {
		gone = []*vehicleConn{r.conn}
	} else {
		v.current = r.conn
		if !l.linked && v.signal.slowness() >= slowLine {
			v.send.ladder.carefully()
		}
		l.linked = true
		for _, c := range v.conns {
			// A silent UDP connection is kept beside the WebSocket: it may revive.
			if c != r.conn && c.ready && (!socket || c.lane.kind() == WebSocket) {
				gone = append(gone, c)
			}
		}
	}
	v.mu.Unlock()
	if socket && !keep {
		l.upgrade = now
		if l.barred || l.peer != nil { // else UDP has not been tried since: the hospital refused, or was not up
			l.upgrade += upgradeEvery
		}
	}
	for _, c := range gone {
		v.drop(c)
	}
}

// moved takes the outcome of an ICE restart. A connection whose restart failed is
// of no more use: its old way went with the offer, and the library cannot take an
// offer back. Another is dialled at once.
func (l *lifecycle) moved(r outcome) {
	if r.err == nil {
		return
	}
	if l.ctx.Err() == nil {
		l.blame(r.err)
	}
	l.v.drop(r.conn)
	l.nextDial = 0
	l.step()
}

// blame says why there is no way.
func (l *lifecycle) blame(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	l.v.problem = err.Error()
}

// addressChanged restarts ICE at once on the current connection, or dials anew
// what was begun without an address that there is now. Without any address there
// is nothing to do but wait for the next change.
func (l *lifecycle) addressChanged() {
	v := l.v
	v.signal.client.CloseIdleConnections()
	addresses := v.end.addresses()
	if len(addresses) == 0 {
		return
	}
	l.nextDial, l.nextSock, l.wait = 0, 0, againFirst
	lacks := func(a *attempt) bool {
		return a != nil && slices.ContainsFunc(addresses, func(s string) bool { return !slices.Contains(a.from, s) })
	}
	for _, a := range []**attempt{&l.peer, &l.socket} {
		if lacks(*a) {
			(*a).cancel()
			*a = nil
		}
	}
	v.mu.Lock()
	c := v.current
	if c != nil && c.peer == nil {
		c.doubt(v.now(), v.signal.slowness())
	}
	v.mu.Unlock()
	switch {
	case lacks(l.move):
		l.move.cancel() // its end dials anew
	case l.move == nil && c != nil && c.peer != nil:
		l.move = l.begin(moveAddress, func(a *attempt) (*vehicleConn, error) { return c, v.restart(a.ctx, c) })
	}
	l.step()
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
	for waiting := true; waiting || len(v.results) > 0; {
		select {
		case r := <-v.results:
			if r.conn != nil {
				conns = append(conns, r.conn)
			}
		case <-done:
			waiting, done = false, nil
		}
	}
	for _, c := range conns {
		v.drop(c) // those dialled meanwhile
	}
	v.dials.Wait()
}

// openPeer opens a UDP connection: signalling, ICE, DTLS, and greetings until the
// hospital answers one, so that no frame goes before the far side can open it.
func (v *Vehicle) openPeer(a *attempt) (*vehicleConn, error) {
	challenge, relays, err := v.challenged(a.ctx)
	if err != nil {
		return nil, err
	}
	c := newConn(v.now())
	end := v.end
	end.flight = flightFirst + v.signal.slowness()/2
	p, err := end.newPeer(relays, func(b []byte) { v.receive(c, b) })
	if err != nil {
		return nil, err
	}
	c.lane, c.peer, c.failed = p, p, p.failed
	if err := v.connect(a.ctx, c, challenge, end.flight); err != nil {
		p.close()
		return nil, err
	}
	v.mu.Lock()
	a.asked, a.reached = v.now(), p.reached
	took := a.asked - a.began
	v.mu.Unlock()
	if err := v.greet(a.ctx, c, took); err != nil {
		v.drop(c)
		return nil, err
	}
	return c, nil
}

// challenged is the challenge for the next offer, asked for when none is left over,
// and the relays the hospital named last.
func (v *Vehicle) challenged(ctx context.Context) ([]byte, []ICEServer, error) {
	challenge, relays := v.takeChallenge()
	if challenge != nil {
		return challenge, relays, nil
	}
	challenge, err := v.signal.knock(ctx)
	return challenge, relays, err
}

// takeChallenge takes the one left over: each is good once.
func (v *Vehicle) takeChallenge() ([]byte, []ICEServer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	challenge := v.challenge
	v.challenge = nil
	return challenge, v.relays
}

// connect does the signalling of a new connection.
func (v *Vehicle) connect(ctx context.Context, c *vehicleConn, challenge []byte, flight time.Duration) error {
	if _, err := c.peer.pc.AddTrack(c.peer.track); err != nil {
		return err
	}
	c.peer.streams.allow, c.peer.streams.most = v.leaves, v.message
	if err := c.peer.offerChannels(); err != nil {
		return err
	}
	offer, err := c.peer.offer(ctx, false, v.gatherLimit())
	if err != nil {
		return err
	}
	r, err := v.signal.do(ctx, "POST", v.signal.url, challenge, paced(offer, flight), func() {})
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
	offer, err := c.peer.offer(ctx, true, v.gatherLimit())
	v.mu.Lock()
	c.doubt(v.now(), v.signal.slowness()) // the old way is gone, whatever came of it
	v.mu.Unlock()
	if err != nil {
		return err
	}
	r, err := v.patch(ctx, c, offer)
	v.remember(r)
	if err != nil {
		return err
	}
	return c.peer.accept(r.sdp)
}

// patch sends a restart's offer, and sends it again on another line to the gateway
// when that one has answered and the first is silent: one packet lost there would
// cost TCP a second, and an answer that is lost all of the time that a restart may
// take. The gateway gives one offer one answer. A slow line has no room for two.
func (v *Vehicle) patch(ctx context.Context, c *vehicleConn, offer []byte) (reply, error) {
	type outcome struct {
		reply
		err   error
		spare bool // of the second line
	}
	var both sync.WaitGroup
	defer both.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make(chan outcome, 2)
	answered, said := context.WithCancel(ctx)
	defer said()
	challenge, _ := v.takeChallenge()
	v.mu.Lock()
	late := c.path.rtt/2 + tick
	v.mu.Unlock()
	lines := 1
	if v.signal.slowness() < slowLine {
		lines = 2
		both.Go(func() {
			fresh, err := v.signal.knock(ctx)
			if err == nil {
				select {
				case <-answered.Done():
					err = errors.New("the first line answers")
				case <-time.After(late):
				}
			}
			if err != nil {
				outcomes <- outcome{reply{challenge: fresh}, err, true}
				return
			}
			r, err := v.signal.do(ctx, "PATCH", c.location, fresh, offer, func() {})
			outcomes <- outcome{r, err, true}
		})
	}
	both.Go(func() {
		r, err := v.signal.do(ctx, "PATCH", c.location, challenge, offer, said)
		outcomes <- outcome{r, err, false}
	})
	var first error
	for range lines {
		o := <-outcomes
		if o.err == nil {
			return o.reply, nil
		}
		v.remember(o.reply)
		if first == nil || !o.spare {
			first = o.err
		}
	}
	return reply{}, first
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
func (v *Vehicle) openSocket(a *attempt) (*vehicleConn, error) {
	conn, r, err := v.signal.socket(a.ctx, nil)
	v.remember(r)
	if err != nil {
		return nil, err
	}
	c := newConn(v.now())
	s := newSocket(conn, func(b []byte) { v.receive(c, b) })
	c.lane, c.failed = s, s.failed
	if err := v.greet(a.ctx, c, v.now()-a.began); err != nil {
		v.drop(c)
		return nil, err
	}
	return c, nil
}

// greet sends greetings once c is open, until one is answered. asking is how long
// the hospital took to answer the offer: on a slow line all else takes long too.
func (v *Vehicle) greet(ctx context.Context, c *vehicleConn, asking time.Duration) error {
	limit := time.NewTimer(max(openAtMost, 2*asking))
	defer limit.Stop()
	var open, reached <-chan struct{}
	if c.peer != nil {
		open, reached = c.peer.connected, c.peer.reached
	}
	for open != nil {
		select {
		case <-open:
			open = nil
		case <-reached: // by ICE: what follows takes its time
			reached = nil
			limit.Reset(max(openAtMost, 4*asking))
		case <-c.failed:
			return errors.New("connect: no way to the hospital by this lane")
		case <-limit.C:
			return errors.New("connect: the hospital was not reached in time by this lane")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	v.mu.Lock()
	v.conns = append(v.conns, c)
	v.mu.Unlock()
	every := time.NewTicker(max(greetEvery, asking/greetShare))
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
		case <-limit.C:
			return errors.New("connect: the hospital did not answer the greeting")
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}
