package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// silentMost is how long the peer's sender waits for an acknowledgement before it
// dials anew.
const silentMost = 5 * time.Second

// runSocketServer is the peer's hospital.
func runSocketServer(ctx context.Context, o order, n *notes) error {
	l, err := net.Listen("tcp4", o.Address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var mu sync.Mutex // of r: an old connection may still be read while a new one is
	r := &reader{got: n.arrived}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		conn, err := websocket.Accept(w, q, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			_, b, err := conn.Read(ctx)
			if err != nil || len(b) < 8 {
				return
			}
			mu.Lock()
			_ = r.read(b[8:]) // one that does not decode never counts as arrived
			mu.Unlock()
			if conn.Write(ctx, websocket.MessageBinary, b[:8]) != nil {
				return
			}
		}
	})}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { _ = server.Serve(l) }) // ends with Close
	defer server.Close()
	say("ready")
	<-ctx.Done()
	return nil
}

// A sender is the peer's vehicle: frames stay until they are acknowledged.
type sender struct {
	order order

	mu      sync.Mutex
	kept    map[uint64][]byte
	heard   time.Time
	waiting chan uint64 // in the order in which they are to go
}

// runSocketClient is the peer's vehicle.
func runSocketClient(ctx context.Context, o order, n *notes) error {
	s := &sender{order: o, kept: map[uint64][]byte{}, waiting: make(chan uint64, 1<<16)}
	began := time.Now()
	live := make(chan struct{})
	once := sync.OnceFunc(func() { n.Live = time.Since(began); close(live) })
	var work sync.WaitGroup
	defer work.Wait()
	inner, stop := context.WithCancel(context.Background())
	defer stop()
	fault := make(chan error, 1)
	work.Go(func() {
		for inner.Err() == nil {
			if err := s.contact(inner, once); errors.Is(err, errCongestion) {
				fault <- err
				return
			}
			select {
			case <-inner.Done():
			case <-time.After(250 * time.Millisecond):
			}
		}
	})
	select {
	case <-live:
	case err := <-fault:
		return err
	case <-ctx.Done():
		return errors.New("never live")
	}
	say("live")
	p := patient{binding: binding()}
	err := tick(ctx, o.Frames, func(i int) error {
		b, err := p.frame(i, 0)
		if err != nil {
			return err
		}
		n.sent(uint64(i), len(b))
		s.mu.Lock()
		s.kept[uint64(i)] = append(binary.BigEndian.AppendUint64(nil, uint64(i)), b...)
		s.mu.Unlock()
		s.waiting <- uint64(i)
		return nil
	})
	<-ctx.Done()
	return err
}

var errCongestion = errors.New("the kernel has no such congestion control")

// contact is one connection, until it breaks or is silent for too long.
func (s *sender) contact(ctx context.Context, live func()) error {
	var fault error
	dialer := &net.Dialer{Timeout: silentMost, Control: func(_, _ string, c syscall.RawConn) error {
		err := c.Control(func(fd uintptr) {
			fault = setCongestion(fd, s.order.Congestion)
		})
		return errors.Join(err, fault)
	}}
	web := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	defer web.CloseIdleConnections()
	dialling, stop := context.WithTimeout(ctx, silentMost)
	defer stop()
	conn, _, err := websocket.Dial(dialling, "ws://"+s.order.Address+"/", &websocket.DialOptions{HTTPClient: web})
	if fault != nil {
		return fmt.Errorf("%w: %w", errCongestion, fault)
	}
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer conn.CloseNow()
	live()
	inner, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer end()
	s.mu.Lock()
	s.heard = time.Now()
	again := make([][]byte, 0, len(s.kept))
	for len(s.waiting) > 0 {
		<-s.waiting // all of them are in kept
	}
	for seq := uint64(1); seq <= uint64(s.order.Frames); seq++ {
		if b, ok := s.kept[seq]; ok {
			again = append(again, b)
		}
	}
	s.mu.Unlock()
	work.Go(func() { // acknowledgements
		defer end()
		for {
			_, b, err := conn.Read(inner)
			if err != nil || len(b) != 8 {
				return
			}
			s.mu.Lock()
			delete(s.kept, binary.BigEndian.Uint64(b))
			s.heard = time.Now()
			s.mu.Unlock()
		}
	})
	work.Go(func() { // the watch over silence
		for {
			select {
			case <-inner.Done():
				return
			case <-time.After(tenth):
			}
			s.mu.Lock()
			silent := time.Since(s.heard) > silentMost && len(s.kept) > 0
			s.mu.Unlock()
			if silent {
				end()
			}
		}
	})
	for _, b := range again {
		if err := conn.Write(inner, websocket.MessageBinary, b); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	for {
		select {
		case <-inner.Done():
			return inner.Err()
		case seq := <-s.waiting:
			s.mu.Lock()
			b := s.kept[seq]
			s.mu.Unlock()
			if b == nil {
				continue
			}
			if err := conn.Write(inner, websocket.MessageBinary, b); err != nil {
				return fmt.Errorf("send: %w", err)
			}
		}
	}
}
