package link

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// How long the gateway is waited for. A line of 2 kB a second takes six seconds
// over what a good one does in half of one: a request is given up when nothing
// comes any more, not after a time of its own.
const (
	requestStalls = 6 * time.Second  // without a byte from the gateway
	requestAtMost = 40 * time.Second // however much comes
	knockAtMost   = 1500 * time.Millisecond
	knockSlower   = 2500 * time.Millisecond // more than that where the line has shown how slow it is
	slowLine      = 800 * time.Millisecond  // for 3.5 kB: under 35 kbit/s, or a lost packet
	partingAtMost = 3 * time.Second         // for telling the gateway that a connection is over
)

// errStalled reports that nothing came from the gateway for a while.
var errStalled = errors.New("nothing comes over this line")

// A watch gives a request up when its line stalls.
type watch struct {
	timer *time.Timer
	pace  *atomic.Int64
	conn  atomic.Pointer[tappedConn]
}

type watchKey struct{}

// patient is ctx until the request's line stalls. The connections of PinnedClient
// say when something came; over another client's a request ends after
// requestStalls. pace becomes how long securing a new connection took beyond one way
// there and back, in ns: what the line needs for 3.5 kB.
func patient(ctx context.Context, pace *atomic.Int64) (context.Context, context.CancelFunc) {
	ctx, end := context.WithTimeoutCause(ctx, requestAtMost, errStalled)
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{pace: pace}
	w.timer = time.AfterFunc(requestStalls, func() { cancel(errStalled) })
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn := info.Conn
		if t, ok := conn.(*tls.Conn); ok {
			conn = t.NetConn()
		}
		c, ok := conn.(*tappedConn)
		if !ok {
			return
		}
		c.watch.Store(w)
		w.conn.Store(c)
		if !info.Reused {
			pace.Store(int64(max(time.Since(c.open)-c.knock, 0)))
		}
	}}
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, watchKey{}, w), trace)
	return ctx, func() {
		if c := w.conn.Load(); c != nil {
			c.watch.CompareAndSwap(w, nil)
		}
		w.timer.Stop()
		cancel(nil)
		end()
	}
}

// A tappedConn tells the request that uses it when something came.
type tappedConn struct {
	net.Conn
	knock time.Duration // how long TCP's handshake took: there and back
	open  time.Time
	watch atomic.Pointer[watch]
}

// tapped dials with the request's watch attached.
func tapped(ctx context.Context, network, address string) (net.Conn, error) {
	w, _ := ctx.Value(watchKey{}).(*watch)
	dialer := net.Dialer{Timeout: knockAtMost}
	if w != nil {
		dialer.Timeout += min(time.Duration(w.pace.Load()), knockSlower)
	}
	began := time.Now()
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &tappedConn{Conn: conn, knock: time.Since(began), open: time.Now()}
	if w != nil {
		c.watch.Store(w)
		w.timer.Reset(requestStalls)
	}
	return c, nil
}

func (c *tappedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if w := c.watch.Load(); n > 0 && w != nil {
		w.timer.Reset(requestStalls)
	}
	return n, err
}
