package link

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The WebSocket lane: each datagram is one binary message. TCP repeats what is
// lost and holds back what follows; a short queue keeps old frames from piling
// up behind, and what it drops the receiver asks for again.
const (
	socketQueue   = 8
	socketTimeout = 10 * time.Second
)

type socket struct {
	conn   *websocket.Conn
	out    chan []byte
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed chan struct{} // closed when reading or writing ended
	once   sync.Once
}

// newSocket runs conn as a lane until close or until it breaks. in gets each
// datagram from one goroutine.
func newSocket(conn *websocket.Conn, in func([]byte)) *socket {
	s := &socket{conn: conn, out: make(chan []byte, socketQueue), failed: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	conn.SetReadLimit(MaxDatagram)
	s.done.Go(func() {
		defer s.fail()
		for {
			kind, b, err := conn.Read(s.ctx)
			if err != nil {
				return
			}
			if kind == websocket.MessageBinary {
				in(b)
			}
		}
	})
	s.done.Go(func() {
		defer s.fail()
		for {
			select {
			case b := <-s.out:
				ctx, cancel := context.WithTimeout(s.ctx, socketTimeout)
				err := conn.Write(ctx, websocket.MessageBinary, b)
				cancel()
				if err != nil {
					return
				}
			case <-s.ctx.Done():
				return
			}
		}
	})
	return s
}

func (s *socket) fail() {
	s.once.Do(func() { close(s.failed) })
	s.cancel()
}

func (s *socket) send(b []byte) {
	select {
	case s.out <- append([]byte(nil), b...):
	default:
	}
}

func (s *socket) kind() Lane { return WebSocket }

func (s *socket) close() {
	s.cancel()
	_ = s.conn.CloseNow()
	s.done.Wait()
}
