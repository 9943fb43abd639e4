package link

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v2"
)

// When a vehicle does what about its connections.
const (
	tick          = 20 * time.Millisecond
	stalledAfter  = time.Second             // then a parallel connection is opened
	stalledSlower = 1500 * time.Millisecond // later on a slow line: a queue is no silence
	doubtMost     = 200 * time.Millisecond
	socketAfter   = 1500 * time.Millisecond // without UDP the WebSocket lane is tried too
	seekAtLeast   = 700 * time.Millisecond  // for ICE, before the WebSocket is dialled beside it
	openAtMost    = 5 * time.Second         // for ICE, DTLS and the greeting, more on a slow line
	againFirst    = 250 * time.Millisecond  // between failed dials
	againMost     = 2 * time.Second
	upgradeEvery  = 30 * time.Second // on the WebSocket lane UDP is tried again
	renewEvery    = time.Hour
	greetEvery    = 50 * time.Millisecond
	greetShare    = 20 // or as often as this in the time that the hospital took to answer
	connsAtMost   = 3
	tellEvery     = 250 * time.Millisecond
)

// VehicleConfig is what a vehicle's end needs. OnState and OnNote are called from
// one goroutine and must return soon.
type VehicleConfig struct {
	URL     string       // the gateway's signalling address, https://host/live
	Client  *http.Client // checks the gateway's certificate, see PinnedClient
	Device  string       // this device's DeviceID
	Gateway string       // the gateway's DeviceID, as enrolled
	Signer  Signer
	OnState func(State)       // at each change of phase or lane, and four times a second; may be nil
	OnNote  func(text []byte) // a note from the hospital; may be nil
	// Loopback offers 127.0.0.1 too: both ends on one machine.
	Loopback bool

	net     transport.Net   // for tests
	changes <-chan struct{} // for tests: an address changed
	relays  []ICEServer     // for tests
	relayed bool            // for tests
}

// A Vehicle is the ambulance's end of a live link. Its methods are safe for
// concurrent use.
type Vehicle struct {
	conf   VehicleConfig
	signal signalling
	end    endpoint
	run    uint64
	began  time.Time

	mu        sync.Mutex
	send      *sender
	mail      mailbox
	inbox     [][]byte
	conns     []*vehicleConn // ready or greeting, newest last
	current   *vehicleConn
	challenge []byte
	relays    []ICEServer
	problem   string
	everLive  bool
	lastHeard time.Duration
	ended     bool

	kick    chan struct{}
	results chan outcome
	dials   sync.WaitGroup
}

// A vehicleConn is one connection, on any lane.
type vehicleConn struct {
	lane     lane
	peer     *peer // nil on the WebSocket lane
	failed   <-chan struct{}
	location string
	path     *path
	number   uint32
	born     time.Duration
	ready    bool
	greeted  chan struct{} // closed when ready
	doubted  time.Duration // when its way may have gone, 0 for never
	grace    time.Duration // how long it may then be silent
	next     time.Duration // keepalive
	gone     bool          // dropped
}

func newConn(now time.Duration) *vehicleConn {
	return &vehicleConn{path: newPath(), born: now, greeted: make(chan struct{})}
}

// doubt notes that the way c went may be gone: it must be heard again within five
// round trips and a fifth of a second, which a restart takes that goes well, or
// what a slow line takes more.
func (c *vehicleConn) doubt(now, slowness time.Duration) {
	c.doubted, c.grace = now, 5*c.path.rtt+doubtMost+slowness
}

// well says that c was heard lately.
func (c *vehicleConn) well(now, slowness time.Duration) bool {
	most := stalledAfter + min(slowness/2, stalledSlower)
	if c.doubted > 0 && c.path.lastAt <= c.doubted {
		return now-c.doubted <= min(c.grace, most)
	}
	return now-c.path.lastAt <= most
}

// NewVehicle makes a vehicle's end; Run works it.
func NewVehicle(conf VehicleConfig) (*Vehicle, error) {
	if conf.Client == nil || conf.Signer == nil || conf.URL == "" || conf.Device == "" || conf.Gateway == "" {
		return nil, errors.New("make a live link: the address, client, signer and both names are needed")
	}
	var id [8]byte
	rand.Read(id[:])
	return &Vehicle{
		conf:    conf,
		signal:  signalling{url: conf.URL, client: conf.Client, device: conf.Device, gateway: conf.Gateway, signer: conf.Signer, pace: new(atomic.Int64)},
		end:     endpoint{loopback: conf.Loopback, net: conf.net, relayed: conf.relayed},
		relays:  conf.relays,
		run:     binary.BigEndian.Uint64(id[:]),
		began:   time.Now(),
		send:    newSender(),
		kick:    make(chan struct{}, 1),
		results: make(chan outcome, 4),
	}, nil
}

// Number is this run, a random number that with Stream and Seq names a frame for good.
func (v *Vehicle) Number() uint64 { return v.run }

func (v *Vehicle) now() time.Duration { return time.Since(v.began) }

// Send sends f, whose Seq must follow its stream's last one's, and keeps it for half
// a minute in case the hospital asks for it again. It never waits. Bytes must not
// be changed afterwards. A frame over MaxFrame is ErrTooLong.
func (v *Vehicle) Send(f Frame) error {
	if len(f.Bytes) > MaxFrame {
		return fmt.Errorf("send a frame of %d bytes: %w", len(f.Bytes), ErrTooLong)
	}
	if f.Stream >= MaxStreams {
		return fmt.Errorf("send on stream %d: there are %d", f.Stream, MaxStreams)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.send.follows(f) {
		return fmt.Errorf("send frame %d: frames must be numbered without a gap, from 1", f.Seq)
	}
	now := v.now()
	v.send.push(now, f)
	targets := v.targets(now)
	udp := slices.ContainsFunc(targets, func(c *vehicleConn) bool { return c.peer != nil })
	datagrams := v.send.fresh(now, f.Stream, udp)
	for _, c := range targets {
		for _, parts := range datagrams {
			v.transmit(c, now, parts)
		}
	}
	return nil
}

// Note queues text for the hospital, to be repeated until it is answered.
func (v *Vehicle) Note(text []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.mail.post(v.now(), text)
}

// State is the link as it is now.
func (v *Vehicle) State() State {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.state(v.now())
}

func (v *Vehicle) state(now time.Duration) State {
	s := State{Rung: v.send.ladder.rung(), Problem: v.problem}
	if v.everLive {
		s.Silent = now - v.lastHeard
		s.Phase = Live
		if s.Silent > stalledAfter {
			s.Phase = Silent
		}
	}
	if c := v.current; c != nil {
		s.Lane, s.Trip, s.Offset = c.lane.kind(), c.path.rtt, c.path.offset
		s.Loss, s.Queue = v.send.loss, v.send.queue
	}
	if s.Phase == Live {
		s.Problem = ""
	}
	if v.ended {
		s.Phase = Ended
	}
	return s
}

// targets are the connections that live frames go over: the current one, or all
// while it is silent, because any may come back first.
func (v *Vehicle) targets(now time.Duration) []*vehicleConn {
	if c := v.current; c != nil && c.well(now, v.signal.slowness()) {
		return []*vehicleConn{c}
	}
	var out []*vehicleConn
	for _, c := range v.conns {
		if c.ready {
			out = append(out, c)
		}
	}
	return out
}

// transmit sends one datagram with parts, and what else is due, on c. The caller
// holds mu.
func (v *Vehicle) transmit(c *vehicleConn, now time.Duration, parts []part) {
	d := datagram{run: v.run, sent: uint32(now.Milliseconds()), wall: time.Now(), hello: !c.ready, rung: v.send.ladder.rung(), parts: parts}
	c.path.echo(now, &d)
	space := MaxDatagram - headSize - notedSize
	d.noted = v.mail.state()
	for _, p := range parts {
		space -= p.size()
	}
	d.notes = v.mail.due(now, space)
	c.number++
	d.number = c.number
	c.next = now + tellEvery
	c.lane.send(d.append(make([]byte, 0, MaxDatagram)))
}

// receive takes a datagram of c's, on c's own goroutine.
func (v *Vehicle) receive(c *vehicleConn, b []byte) {
	d, err := parseDatagram(b)
	if err != nil {
		return // not ours, or garbled: the lane's own seal makes this rare
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	c.path.heard(now, time.Now(), &d, len(b))
	if !c.ready {
		c.ready = true
		close(c.greeted)
	}
	v.everLive, v.lastHeard, v.problem = true, now, ""
	if c.path.rtt > 0 {
		v.send.rtt = c.path.rtt
	}
	v.send.ask(now, d.missing)
	if d.report != nil && (c == v.current || v.current == nil) {
		v.send.heard(now, *d.report)
	}
	if d.noted != nil && d.noted.run == v.run {
		v.mail.settled(d.noted.next)
	}
	for _, n := range v.mail.take(d.run, d.notes) {
		v.inbox = append(v.inbox, n.text)
	}
	if len(d.missing) > 0 || v.mail.answer {
		select {
		case v.kick <- struct{}{}:
		default:
		}
	}
}

// Run keeps the link up until ctx ends, and then closes it. It waits for all it
// started. Call it once.
func (v *Vehicle) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	changes := v.conf.changes
	if changes == nil {
		c := make(chan struct{}, 1)
		changes = c
		v.dials.Go(func() { watchAddresses(inner, c) })
	}
	l := &lifecycle{v: v, ctx: inner, wait: againFirst}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-changes:
			l.addressChanged()
		case r := <-v.results:
			l.ended(r)
		case <-v.kick:
			v.flush()
		case <-ticker.C:
			v.flush()
			l.step()
		}
		v.deliver()
		l.tell()
	}
	cancel()
	l.finish()
	v.deliver()
	l.tell()
	return nil
}

// flush sends what has fallen due: second copies, repairs, notes, keepalives.
func (v *Vehicle) flush() {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	targets := v.targets(now)
	if len(targets) == 0 {
		return
	}
	again := v.send.again(now, now-targets[0].path.lastAt)
	for i, c := range targets {
		datagrams := again
		if i == 0 {
			datagrams = append(slices.Clone(again), v.send.repairs(now)...)
		}
		for _, parts := range datagrams {
			v.transmit(c, now, parts)
		}
		if len(datagrams) == 0 && (v.mail.answer || v.mail.waitingAt(now) || now >= c.next) {
			v.transmit(c, now, nil)
		}
	}
}

// deliver hands on the notes that came.
func (v *Vehicle) deliver() {
	v.mu.Lock()
	texts := v.inbox
	v.inbox = nil
	v.mu.Unlock()
	if v.conf.OnNote != nil {
		for _, t := range texts {
			v.conf.OnNote(t)
		}
	}
}

// drop takes c out of use and closes it in the background.
func (v *Vehicle) drop(c *vehicleConn) {
	v.mu.Lock()
	if c.gone {
		v.mu.Unlock()
		return
	}
	c.gone = true
	v.conns = slices.DeleteFunc(v.conns, func(x *vehicleConn) bool { return x == c })
	if v.current == c {
		v.current = nil
	}
	v.mu.Unlock()
	v.dials.Go(func() {
		c.lane.close()
		ctx, cancel := context.WithTimeout(context.Background(), partingAtMost)
		defer cancel()
		v.signal.end(ctx, c.location)
	})
}
