package kit

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"fieldkit/telemetry/relay"
)

// A front shares the page's TCP port with the record exchange, so that a vehicle
// which reaches nothing but 443 brings its record too. It reads what a connection
// says it will speak, in TLS's first message, and nothing else: a connection that
// will speak the exchange is passed on raw to the recorder, where that TLS ends;
// every other is the page's. Its Accept gives the page's connections.
type front struct {
	listener net.Listener
	protocol string // of the exchange
	// recorder opens a way to the recorder for one connection.
	recorder func(context.Context) (net.Conn, error)
	log      *slog.Logger

	page  chan net.Conn
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
	asked chan struct{} // a place for each whose first message is awaited

	mu       sync.Mutex // guards everything that follows
	conns    map[net.Conn]bool
	carried  int
	silent   map[netip.Addr]int // whose first message is awaited, by where they come from
	young    map[netip.Addr]int // carried for less than youngFor, by where they come from
	youngFor time.Duration
	pages    map[netip.Addr]int // connections of the page's, by where they come from
	open     int                // all of them
	pageEach int
}

// Limits of a front, so that strangers cannot take every place of the vehicles'.
const (
	helloWithin   = 20 * time.Second // a line of 16 kbit/s takes two over it
	askedAtMost   = 256
	askedEach     = 32 // from one address: a browser opens a few that say nothing yet
	carriedAtMost = 256
	youngEach     = 8                // from one address
	youngAtMost   = 15 * time.Second // by then the exchange has checked the key or ended it
	pagesAtMost   = 4096
	pagesEach     = 512 // from one address: a ward's screens, and a carrier's vehicles, may share one
)

func newFront(l net.Listener, protocol string, recorder func(context.Context) (net.Conn, error), log *slog.Logger) *front {
	f := &front{listener: l, protocol: protocol, recorder: recorder, log: log, page: make(chan net.Conn),
		asked: make(chan struct{}, askedAtMost), conns: map[net.Conn]bool{}, silent: map[netip.Addr]int{}, young: map[netip.Addr]int{}, youngFor: youngAtMost, pages: map[netip.Addr]int{}, pageEach: pagesEach}
	f.ctx, f.stop = context.WithCancel(context.Background())
	f.work.Go(f.accept)
	return f
}

// Accept implements net.Listener: the next connection for the page.
func (f *front) Accept() (net.Conn, error) {
	select {
	case conn := <-f.page:
		return conn, nil
	case <-f.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (f *front) Addr() net.Addr { return f.listener.Addr() }

// Close implements net.Listener: it ends what is being sorted and carried, and
// waits for that. The page's connections are the page's.
func (f *front) Close() error {
	f.stop()
	err := f.listener.Close()
	f.mu.Lock()
	for conn := range f.conns {
		conn.Close()
	}
	f.mu.Unlock()
	f.work.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (f *front) accept() {
	for wait := time.Duration(0); ; {
		conn, err := f.listener.Accept()
		if f.ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil { // out of file descriptors, above all: it passes
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			f.log.Warn("cannot accept connections", "reason", err)
			select {
			case <-time.After(wait):
			case <-f.ctx.Done():
			}
			continue
		}
		wait = 0
		if heard, ok := f.await(conn); ok {
			f.work.Go(func() { f.sort(conn, heard) })
		} else {
			conn.Close()
		}
	}
}

// await takes a place for a connection whose first message is awaited, until heard
// is called.
func (f *front) await(conn net.Conn) (heard func(), ok bool) {
	from := whence(conn)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silent[from] >= askedEach {
		return nil, false
	}
	select {
	case f.asked <- struct{}{}:
	default:
		return nil, false
	}
	f.silent[from]++
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		<-f.asked
		if f.silent[from]--; f.silent[from] == 0 {
			delete(f.silent, from)
		}
	}), true
}

// whence is the address that conn comes from; none for a vehicle's data channel, of
// which the link allows few.
func whence(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// hold notes that conn must be closed when the front is; false when it is already.
func (f *front) hold(conn net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns[conn] = true
	return f.ctx.Err() == nil
}

func (f *front) release(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, conn)
}

// sort finds out what conn will speak and hands it on. It calls heard once it has.
func (f *front) sort(conn net.Conn, heard func()) {
	defer heard()
	defer f.release(conn)
	if !f.hold(conn) {
		conn.Close()
		return
	}
	conn.SetReadDeadline(time.Now().Add(helloWithin))
	greeting, read, _ := relay.Hello(conn)
	conn.SetReadDeadline(time.Time{})
	heard()
	if slices.Equal(greeting.Speaks, []string{f.protocol}) {
		f.pass(conn, read)
		return
	}
	seated, ok := f.seat(conn)
	if !ok {
		conn.Close()
		return
	}
	select {
	case f.page <- relay.Again(seated, read): // what is no TLS too: the page's server says so
	case <-f.ctx.Done():
		seated.Close()
	}
}

// seat takes a place among the page's connections, until it is closed.
func (f *front) seat(conn net.Conn) (net.Conn, bool) {
	from := whence(conn)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open >= pagesAtMost || f.pages[from] >= f.pageEach {
		return nil, false
	}
	f.open++
	f.pages[from]++
	return &seated{conn, sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open--
		if f.pages[from]--; f.pages[from] == 0 {
			delete(f.pages, from)
		}
	})}, true
}

// A seated connection has a place among the page's.
type seated struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (s *seated) Close() error {
	s.leave()
	return s.Conn.Close()
}

// channel passes on what a vehicle brings by a data channel: the exchange, raw, and
// nothing else. It ends when conn does.
func (f *front) channel(conn net.Conn) {
	defer conn.Close()
	defer f.release(conn)
	if !f.hold(conn) {
		return
	}
	conn.SetReadDeadline(time.Now().Add(helloWithin))
	greeting, read, _ := relay.Hello(conn)
	conn.SetReadDeadline(time.Time{})
	if slices.Equal(greeting.Speaks, []string{f.protocol}) {
		f.pass(conn, read)
	}
}

// pass carries conn to the recorder, of which read was read already, until it ends.
func (f *front) pass(conn net.Conn, read []byte) {
	defer conn.Close()
	leave, ok := f.enter(conn)
	if !ok {
		return
	}
	defer leave()
	to, err := f.recorder(f.ctx)
	if err != nil {
		f.log.Warn("a vehicle's record found no way to the recorder; it tries again", "reason", err)
		return
	}
	defer to.Close()
	defer f.release(to)
	if !f.hold(to) {
		return
	}
	if _, err := to.Write(read); err != nil {
		return
	}
	relay.Splice(conn, to, 0) // its ends watch over each other
}

// enter counts a carried connection in.
func (f *front) enter(conn net.Conn) (leave func(), ok bool) {
	from := whence(conn)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.carried >= carriedAtMost || (from.IsValid() && f.young[from] >= youngEach) {
		return nil, false
	}
	f.carried++
	f.young[from]++
	grown := sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.young[from]--; f.young[from] == 0 {
			delete(f.young, from)
		}
	})
	timer := time.AfterFunc(f.youngFor, grown)
	return func() {
		timer.Stop()
		grown()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.carried--
	}, true
}
