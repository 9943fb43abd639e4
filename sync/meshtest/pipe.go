package meshtest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeRoom is how many bytes may be on the way in one direction, as in a TCP
// window.
const pipeRoom = 256 << 10

// Thin is a connection that carries so many bytes a second and holds at most
// room bytes that are on the way.
func Thin(perSecond, room int) (a, b net.Conn) {
	line := func() func(int) time.Duration {
		var free time.Time // when the line has sent all before
		return func(n int) time.Duration {
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(n) * time.Second / time.Duration(perSecond))
			return time.Until(free)
		}
	}
	ca, cb := newPipe(nil, pipeAddr("a"), pipeAddr("b"))
	for _, h := range []*half{ca.in, ca.out} {
		h.late, h.room, h.packet = line(), room, 1400
	}
	return ca, cb
}

// Pipe is a connection in memory: bytes arrive in order, delay after they were
// written. Deadlines, back-pressure and closing work as with TCP.
func Pipe(delay time.Duration) (a, b net.Conn) {
	return newPipe(func(int) time.Duration { return delay }, pipeAddr("a"), pipeAddr("b"))
}

// newPipe joins two ends; late says for every write how long it travels.
func newPipe(late func(bytes int) time.Duration, from, to net.Addr) (*conn, *conn) {
	there, back := newHalf(late), newHalf(late)
	return &conn{in: back, out: there, local: from, remote: to}, &conn{in: there, out: back, local: to, remote: from}
}

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }

// A half is one direction.
type half struct {
	late   func(int) time.Duration
	room   int
	packet int // the most bytes that travel together

	mu     sync.Mutex
	moved  sync.Cond
	queue  []segment
	bytes  int
	last   time.Time // arrival of the newest segment: none overtakes it
	eof    bool      // the writer closed
	broken bool      // the reader closed, or the line was reset
	held   bool      // a cut line: nothing arrives
	readBy time.Time
	sendBy time.Time
}

type segment struct {
	data []byte
	at   time.Time
}

func newHalf(late func(int) time.Duration) *half {
	h := &half{late: late, room: pipeRoom, packet: pipeRoom}
	h.moved.L = &h.mu
	return h
}

// wakeAt lets waiters look again at a time.
func (h *half) wakeAt(t time.Time) *time.Timer {
	return time.AfterFunc(time.Until(t), func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.moved.Broadcast()
	})
}

func passed(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

func (h *half) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.broken:
			return 0, net.ErrClosed
		case passed(h.readBy):
			return 0, os.ErrDeadlineExceeded
		case !h.held && len(h.queue) > 0 && !time.Now().Before(h.queue[0].at):
			n := copy(b, h.queue[0].data)
			if h.queue[0].data = h.queue[0].data[n:]; len(h.queue[0].data) == 0 {
				h.queue = h.queue[1:]
			}
			h.bytes -= n
			h.moved.Broadcast()
			return n, nil
		case !h.held && len(h.queue) == 0 && h.eof:
			return 0, io.EOF
		}
		h.wait(h.readBy, !h.held && len(h.queue) > 0)
	}
}

// wait waits for a change, a deadline or the first segment's arrival.
func (h *half) wait(by time.Time, arrival bool) {
	if arrival && (by.IsZero() || h.queue[0].at.Before(by)) {
		by = h.queue[0].at
	}
	if !by.IsZero() {
		defer h.wakeAt(by).Stop()
	}
	h.moved.Wait()
}

func (h *half) write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sent := 0
	for len(b) > 0 {
		switch {
		case h.broken || h.eof:
			return sent, io.ErrClosedPipe
		case passed(h.sendBy):
			return sent, os.ErrDeadlineExceeded
		case h.bytes >= h.room:
			h.wait(h.sendBy, false)
			continue
		}
		n := min(len(b), h.packet, h.room-h.bytes)
		at := time.Now().Add(h.late(n))
		if at.Before(h.last) {
			at = h.last
		}
		h.last = at
		h.queue = append(h.queue, segment{append([]byte(nil), b[:n]...), at})
		h.bytes += n
		b, sent = b[n:], sent+n
		h.moved.Broadcast()
	}
	return sent, nil
}

func (h *half) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	h.moved.Broadcast()
}

// A conn is one end.
type conn struct {
	in, out       *half
	local, remote net.Addr
}

func (c *conn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *conn) Write(b []byte) (int, error) { return c.out.write(b) }
func (c *conn) LocalAddr() net.Addr         { return c.local }
func (c *conn) RemoteAddr() net.Addr        { return c.remote }

func (c *conn) Close() error {
	c.out.set(func() { c.out.eof = true })
	c.in.set(func() { c.in.broken = true })
	return nil
}

// reset breaks the line for both ends; what was on the way is lost.
func (c *conn) reset() {
	for _, h := range []*half{c.in, c.out} {
		h.set(func() { h.broken, h.queue = true, nil })
	}
}

func (c *conn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.set(func() { c.in.readBy = t })
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.set(func() { c.out.sendBy = t })
	return nil
}
