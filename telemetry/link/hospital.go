package link

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/ice/v2"
	"github.com/pion/transport/v2"
	"github.com/pion/webrtc/v3"
)

// HospitalConfig is what the hospital's end needs. The zero value listens on a
// free UDP port of each interface for each connection.
type HospitalConfig struct {
	// UDP is one socket for all connections, so that a firewall needs one rule;
	// nil for a socket each. The Hospital closes it.
	UDP net.PacketConn
	// PublicIPs replace the machine's own addresses behind a one-to-one NAT.
	PublicIPs []string
	// Loopback offers 127.0.0.1 too: both ends on one machine.
	Loopback bool
	// Relays are those through which this hospital is reached where it can only dial
	// out, with credentials for a short time; nil for none.
	Relays func() []ICEServer
	// Crashed is told of a panic in one vehicle's handling, with its stack, which
	// holds no patient data; that vehicle's connections end, the others go on. May be nil.
	Crashed func(device string, stack []byte)
	// Stream takes each stream that a vehicle opens, see Vehicle.Stream, on a goroutine
	// of its own that Close waits for: it must end when conn does. Nil refuses them.
	Stream func(device string, conn net.Conn)

	net transport.Net // for tests
}

// A Handler gets what one vehicle sends. Its methods are called from one
// goroutine per vehicle, never two at once, and must return soon.
type Handler interface {
	// Frame is a frame not seen before, in the order of arrival, not of Seq.
	// run is the vehicle's run, which with f.Stream and f.Seq names the frame for
	// good; f.Bytes is the handler's to keep.
	Frame(run uint64, f Frame)
	// Lost are frames that will not come by this link; the journal has them.
	Lost(run uint64, stream uint8, spans []Span)
	// Note is a note from the vehicle.
	Note(text []byte)
	// State is told at each change of phase or lane, and once a second.
	State(State)
}

// ErrFull reports that the hospital holds as many connections as it may.
var ErrFull = errors.New("too many live connections")

// Limits of a Hospital.
const (
	vehiclesAtMost = 400
	sessionsEach   = 4 // of one vehicle: current, parallel, and what is not yet closed
	keepVehicle    = 2 * time.Minute
	inboxAtMost    = 256
	pulse          = 50 * time.Millisecond
	reportEvery    = 100 * time.Millisecond // so that the vehicle notices a fade within two
	answerGather   = 300 * time.Millisecond
	unusedAfter    = 15 * time.Second // a session never heard
)

// A Hospital is the receiving end for any number of vehicles. Its methods are
// safe for concurrent use.
type Hospital struct {
	conf HospitalConfig
	end  endpoint
	mux  ice.UDPMux

	mu       sync.Mutex
	vehicles map[string]*vehicleEnd
	poison   map[string]item // what each vehicle's handler last panicked over
	closed   bool
	work     sync.WaitGroup
	barred   time.Time // until then no relay is tried: the last attempt came through to none

	crashes atomic.Uint64
}

// NewHospital makes a hospital's end. Close it.
func NewHospital(conf HospitalConfig) (*Hospital, error) {
	h := &Hospital{conf: conf, vehicles: map[string]*vehicleEnd{}, poison: map[string]item{},
		end: endpoint{loopback: conf.Loopback, publicIP: conf.PublicIPs, net: conf.net}}
	if conf.UDP != nil {
		h.mux = webrtc.NewICEUDPMux(nil, conf.UDP)
		h.end.mux = h.mux
	}
	return h, nil
}

// Crashes is how many times a vehicle's handling panicked.
func (h *Hospital) Crashes() uint64 { return h.crashes.Load() }

// Answer opens a connection for device, whose signature over offer the caller has
// checked, and returns the SDP answer for the caller to sign. handler is used
// when the vehicle is not connected yet; else the one it has goes on.
func (h *Hospital) Answer(ctx context.Context, device string, offer []byte, handler Handler) (answer []byte, s *Session, err error) {
	if err := checkSDP(offer); err != nil {
		return nil, nil, err
	}
	s, err = h.session(device, handler)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if crash := recover(); crash != nil { // pion on a malformed description
			h.crashed(device)
			answer, err = nil, errors.New("read the offer: malformed")
		}
		if err != nil {
			s.Close()
			s = nil
		}
	}()
	end := h.end
	end.flight = flightOf(offer)
	relays, limit := h.relays()
	p, err := end.newPeer(relays, s.receive)
	if err != nil && len(relays) > 0 { // what they are called is a relay's word
		relays, limit = nil, answerGather
		p, err = end.newPeer(nil, s.receive)
	}
	if err != nil {
		return nil, s, err
	}
	if h.conf.Stream != nil {
		p.streams.in = func(conn net.Conn) { h.conf.Stream(device, conn) }
	}
	s.setLane(p, p)
	answer, err = p.answer(ctx, offer, limit)
	h.gathered(relays, answer)
	return answer, s, err
}

// Accept takes conn as a connection of device on the WebSocket lane. The session
// owns conn.
func (h *Hospital) Accept(device string, conn *websocket.Conn, handler Handler) (*Session, error) {
	s, err := h.session(device, handler)
	if err != nil {
		return nil, err
	}
	sock := newSocket(conn, s.receive)
	s.setLane(sock, nil)
	return s, nil
}

// Cut ends all connections of device now, and forgets it: its revocation.
func (h *Hospital) Cut(device string) {
	h.mu.Lock()
	v := h.vehicles[device]
	delete(h.vehicles, device)
	h.mu.Unlock()
	if v != nil {
		v.cancel()
	}
}

// Note queues text for device, to be repeated until it is answered. It is an
// error when the vehicle has not been connected for two minutes.
func (h *Hospital) Note(device string, text []byte) error {
	h.mu.Lock()
	v := h.vehicles[device]
	h.mu.Unlock()
	if v == nil {
		return errors.New("send a message: the vehicle is not connected")
	}
	if len(text) > MaxNote {
		return fmt.Errorf("send a message of %d bytes: %w", len(text), ErrTooLong)
	}
	done := make(chan error, 1)
	select {
	case v.events <- event{note: append([]byte(nil), text...), done: done}:
	case <-v.ctx.Done():
		return errors.New("send a message: the vehicle is not connected")
	}
	select {
	case err := <-done:
		return err
	case <-v.ctx.Done():
		return errors.New("send a message: the vehicle is not connected")
	}
}

// Close ends every connection and waits for all goroutines.
func (h *Hospital) Close() error {
	h.mu.Lock()
	h.closed = true
	for _, v := range h.vehicles {
		v.cancel()
	}
	h.mu.Unlock()
	h.work.Wait()
	if h.mux != nil {
		if err := h.mux.Close(); err != nil {
			return fmt.Errorf("close the live port: %w", err)
		}
	}
	return nil
}

// session makes a session of device, starting its vehicle when needed.
func (h *Hospital) session(device string, handler Handler) (*Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errors.New("connect: the hospital is closing")
	}
	v := h.vehicles[device]
	if v == nil {
		if len(h.vehicles) >= vehiclesAtMost {
			return nil, ErrFull
		}
		v = newVehicleEnd(h, device, handler)
		v.poison = h.poison[device]
		h.vehicles[device] = v
		h.work.Go(v.work)
	}
	if v.open.Load() >= sessionsEach {
		return nil, ErrFull
	}
	var id [16]byte
	rand.Read(id[:])
	s := &Session{ID: hex.EncodeToString(id[:]), Device: device, v: v, path: newPath(), born: v.now(), gone: make(chan struct{})}
	v.open.Add(1)
	return s, nil
}

// spoiled remembers what a vehicle's handler panicked over.
func (h *Hospital) spoiled(device string, i item) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.poison) >= 2*vehiclesAtMost {
		clear(h.poison)
	}
	h.poison[device] = i
}

func (h *Hospital) crashed(device string) {
	h.crashes.Add(1)
	if h.conf.Crashed != nil {
		h.conf.Crashed(device, debug.Stack())
	}
}

// closeLane closes l in the background, or before it returns when Close waits.
func (h *Hospital) closeLane(l lane) {
	h.mu.Lock()
	closed := h.closed
	if !closed {
		h.work.Go(l.close)
	}
	h.mu.Unlock()
	if closed {
		l.close()
	}
}

// A Session is one connection of one vehicle.
type Session struct {
	ID     string // random, hard to guess: the session's name in its Location
	Device string

	v    *vehicleEnd
	once sync.Once
	gone chan struct{}

	mu     sync.Mutex
	lane   lane
	peer   *peer
	closed bool

	moving sync.Mutex // one restart at a time; guards what follows
	moved  []byte     // the last restart's offer
	answer []byte     // and what was answered to it

	// Of the vehicle's goroutine:
	path   *path
	born   time.Duration
	number uint32
	told   time.Duration
}

// Restart answers an offer that moves the connection to other addresses. The same
// offer again has the same answer: the vehicle sends it twice when one way there is
// slow to answer.
func (s *Session) Restart(ctx context.Context, offer []byte) (answer []byte, err error) {
	if err := checkSDP(offer); err != nil {
		return nil, err
	}
	s.mu.Lock()
	p := s.peer
	s.mu.Unlock()
	if p == nil {
		return nil, errors.New("restart the connection: it is not a UDP connection")
	}
	defer func() {
		if crash := recover(); crash != nil {
			s.v.h.crashed(s.Device)
			s.Close()
			answer, err = nil, errors.New("read the offer: malformed")
		}
	}()
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.moved != nil && bytes.Equal(s.moved, offer) {
		return s.answer, nil
	}
	_, limit := s.v.h.relays()
	if answer, err = p.answer(ctx, offer, limit); err == nil {
		s.moved, s.answer = bytes.Clone(offer), answer
	}
	return answer, err
}

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.gone }

// Close ends the session. It does not wait for the network.
func (s *Session) Close() {
	s.once.Do(func() {
		s.v.open.Add(-1)
		s.mu.Lock()
		s.closed = true
		l := s.lane
		s.mu.Unlock()
		close(s.gone)
		if l != nil {
			s.v.h.closeLane(l)
		}
	})
}

// setLane attaches the lane, or closes it when the session ended meanwhile.
func (s *Session) setLane(l lane, p *peer) {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.lane, s.peer = l, p
	}
	s.mu.Unlock()
	if closed {
		l.close()
		return
	}
	select {
	case s.v.events <- event{from: s}:
	case <-s.v.ctx.Done():
	}
	if s.v.ctx.Err() != nil {
		s.Close()
	}
}

// receive queues a datagram for the vehicle's goroutine. When that falls behind
// the datagram is dropped, and asked for again.
func (s *Session) receive(b []byte) {
	if len(b) < headSize || len(b) > MaxDatagram {
		return
	}
	select {
	case s.v.events <- event{from: s, data: append([]byte(nil), b...), at: s.v.now()}:
	default:
		s.v.dropped.Add(1)
	}
}
