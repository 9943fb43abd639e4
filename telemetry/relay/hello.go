package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// HelloMost is how many bytes of TLS's first message are read.
const HelloMost = 16 << 10

// A Greeting is what TLS's first message says.
type Greeting struct {
	Server string   // the name that is wanted, "" for none
	Speaks []string // the protocols (ALPN)
}

// errSeen ends a handshake once its first message is read.
var errSeen = errors.New("seen")

// Hello reads TLS's first message from conn, at most HelloMost bytes of it, and
// returns all that was read. ok is false when it is no such message. It writes
// nothing, and takes as long as conn's read deadline allows.
func Hello(conn net.Conn) (g Greeting, read []byte, ok bool) {
	w := &eavesdrop{Conn: conn}
	_ = tls.Server(w, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		g, ok = Greeting{Server: h.ServerName, Speaks: slices.Clone(h.SupportedProtos)}, true
		return nil, errSeen
	}}).HandshakeContext(context.Background()) // ends with an error always
	return g, w.read.Bytes(), ok
}

// An eavesdrop keeps what is read, up to HelloMost, and writes nothing.
type eavesdrop struct {
	net.Conn
	read bytes.Buffer
}

func (e *eavesdrop) Read(b []byte) (int, error) {
	left := HelloMost - e.read.Len()
	if left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := e.Conn.Read(b[:min(len(b), left)])
	e.read.Write(b[:n])
	return n, err
}

func (e *eavesdrop) Write(b []byte) (int, error) { return len(b), nil }

// Close implements net.Conn: the connection outlives the look at it.
func (e *eavesdrop) Close() error { return nil }

// Again is conn with what was read of it to be read once more.
func Again(conn net.Conn, read []byte) net.Conn { return &again{Conn: conn, first: read} }

type again struct {
	net.Conn
	first []byte
}

func (a *again) Read(b []byte) (int, error) {
	if len(a.first) > 0 {
		n := copy(b, a.first)
		a.first = a.first[n:]
		return n, nil
	}
	return a.Conn.Read(b)
}

// Splice copies both ways until both have ended, or nothing has passed either way
// for idle (0: for ever), and returns how many bytes passed.
func Splice(a, b net.Conn, idle time.Duration) (passed int64) {
	end := func() { a.Close(); b.Close() }
	var last *time.Timer
	if idle > 0 {
		last = time.AfterFunc(idle, end)
		defer last.Stop()
	}
	var counts [2]int64
	var ways sync.WaitGroup
	way := func(count *int64, to, from net.Conn) {
		_, err := io.Copy(&passing{to, last, idle, count}, from)
		if t, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
			t.CloseWrite()
			return
		}
		end()
	}
	ways.Go(func() { way(&counts[0], a, b) })
	ways.Go(func() { way(&counts[1], b, a) })
	ways.Wait()
	return counts[0] + counts[1]
}

// passing is a writer that notes what passes.
type passing struct {
	to    io.Writer
	last  *time.Timer
	idle  time.Duration
	count *int64
}

func (p *passing) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	*p.count += int64(n)
	if p.last != nil {
		p.last.Reset(p.idle)
	}
	return n, err
}
