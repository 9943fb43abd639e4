package relay

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"fieldkit/telemetry/link"
)

// When a door does what.
const (
	dialWithin   = 10 * time.Second
	againFirst   = 250 * time.Millisecond
	againMost    = 5 * time.Second
	steadyAfter  = 10 * time.Second // a connection that stood so long is no failed attempt
	carriedMost  = 2048             // visitors at once
	acceptWithin = 5 * time.Second  // for the hospital to take a visitor
)

// DoorConfig is what a Door needs.
type DoorConfig struct {
	Address string // the relay's, host:port
	// Sign signs Registration(binding) with the hospital's key, in another process.
	Sign func(ctx context.Context, binding []byte) (ed25519.PublicKey, []byte, error)
	Log  *slog.Logger // may be nil
}

// A Door is a hospital's side of a relay: a listener whose connections come from
// visitors of the relay. It dials the relay again for ever. Its methods are safe for
// concurrent use.
type Door struct {
	conf   DoorConfig
	log    *slog.Logger
	came   chan net.Conn
	places chan struct{}

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu    sync.Mutex // guards everything that follows
	state State
	media []link.ICEServer
}

// A State is how a door's relay is reached.
type State struct {
	Reached bool
	Since   time.Time // since when it is so
	Problem string    // why it is not reached
}

// OpenDoor begins to reach the relay. Close it.
func OpenDoor(conf DoorConfig) (*Door, error) {
	if _, _, err := net.SplitHostPort(conf.Address); err != nil {
		return nil, fmt.Errorf("read the relay's address: write it as host:port: %w", err)
	}
	d := &Door{conf: conf, log: conf.Log, came: make(chan net.Conn), places: make(chan struct{}, carriedMost), state: State{Since: time.Now()}}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	d.work.Go(d.run)
	return d, nil
}

// Accept implements net.Listener: the next visitor.
func (d *Door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.came:
		return conn, nil
	case <-d.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Visitors that were accepted are the caller's.
func (d *Door) Close() error {
	d.stop()
	d.work.Wait()
	return nil
}

// Addr implements net.Listener: the relay's address.
func (d *Door) Addr() net.Addr { return doorAddress(d.conf.Address) }

type doorAddress string

func (a doorAddress) Network() string { return "tcp" }
func (a doorAddress) String() string  { return string(a) }

// State is how the relay is reached now.
func (d *Door) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// Media are the relays for UDP that the relay named last.
func (d *Door) Media() []link.ICEServer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.media)
}

// run keeps a standing connection until Close.
func (d *Door) run() {
	wait := againFirst
	for d.ctx.Err() == nil {
		began := time.Now()
		err := d.stand()
		if d.ctx.Err() != nil {
			return
		}
		if time.Since(began) > steadyAfter {
			wait = againFirst
		}
		d.lost(err)
		select {
		case <-d.ctx.Done():
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
		wait = min(2*wait, againMost)
	}
}

// lost notes that the relay is not reached.
func (d *Door) lost(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state.Reached || d.state.Problem != err.Error() {
		d.log.Warn("the relay is not reached; it is dialled again", "reason", err)
	}
	if d.state.Reached {
		d.state.Since = time.Now()
	}
	d.state.Reached, d.state.Problem = false, err.Error()
}

func (d *Door) reached() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = State{Reached: true, Since: time.Now()}
	d.log.Info("the relay is reached")
}

// dial opens a connection to the relay, which ends when ctx does.
func (d *Door) dial(ctx context.Context) (*tls.Conn, error) {
	host, _, _ := net.SplitHostPort(d.conf.Address) // OpenDoor has checked it
	limited, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{
		ServerName: host, NextProtos: []string{Protocol}, MinVersion: tls.VersionTLS13,
		InsecureSkipVerify: true, //nolint:gosec // see the package comment: the relay is trusted with nothing
	}}
	conn, err := dialer.DialContext(limited, "tcp", d.conf.Address)
	if err != nil {
		return nil, fmt.Errorf("dial the relay: %w", err)
	}
	secure := conn.(*tls.Conn)
	if secure.ConnectionState().NegotiatedProtocol != Protocol {
		secure.Close()
		return nil, errors.New("what answers at the relay's address is no relay; check the address")
	}
	return secure, nil
}

// stand registers at the relay and answers its calls until that ends.
func (d *Door) stand() error {
	conn, err := d.dial(d.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(d.ctx, func() { conn.NetConn().Close() })()
	binding, err := bindingOf(conn)
	if err != nil {
		return err
	}
	key, signature, err := d.conf.Sign(d.ctx, binding)
	if err != nil {
		return fmt.Errorf("prove this hospital's key to the relay: %w", err)
	}
	l := newLines(conn)
	if err := l.write(message{Key: key, Signature: signature}); err != nil {
		return fmt.Errorf("register at the relay: %w", err)
	}
	welcome, err := l.read(dialWithin)
	switch {
	case err != nil:
		return fmt.Errorf("register at the relay: %w", err)
	case welcome.Refused != "" || !welcome.Welcome:
		return fmt.Errorf("the relay does not know this hospital; put it on the relay's list: fieldkitd relay --hospital %x", sha256.Sum256(key))
	}
	d.hear(welcome)
	d.reached()
	for {
		m, err := l.read(silentMost)
		if err != nil {
			return fmt.Errorf("the relay fell silent: %w", err)
		}
		d.hear(m)
		if m.Ping {
			if err := l.write(message{Ping: true}); err != nil {
				return fmt.Errorf("the relay takes no answer: %w", err)
			}
		}
	}
}

// hear does what the relay asks.
func (d *Door) hear(m message) {
	if len(m.Media) > 0 {
		d.mu.Lock()
		d.media = m.Media[:min(len(m.Media), mediaMost)]
		d.mu.Unlock()
	}
	if len(m.Call) != len(token{}) {
		return
	}
	select {
	case d.places <- struct{}{}:
	default:
		d.log.Warn("more visitors than this hospital takes; one was not let in")
		return
	}
	from, call := visitorAddress(m.From), bytes.Clone(m.Call)
	d.work.Go(func() {
		free := sync.OnceFunc(func() { <-d.places })
		if err := d.fetch(call, from, free); err != nil {
			free()
			if d.ctx.Err() == nil {
				d.log.Warn("a visitor could not be fetched from the relay", "reason", err)
			}
		}
	})
}

// mediaMost bounds the relays that are believed.
const mediaMost = 4

// fetch dials the relay for a visitor. free is called when the visit is over.
func (d *Door) fetch(call []byte, from net.Addr, free func()) error {
	conn, err := d.dial(d.ctx)
	if err != nil {
		return err
	}
	if err := newLines(conn).write(message{Token: call}); err != nil {
		conn.Close()
		return fmt.Errorf("answer the relay's call: %w", err)
	}
	_ = conn.SetDeadline(time.Time{})
	limit := time.NewTimer(acceptWithin)
	defer limit.Stop()
	select {
	case d.came <- &visit{conn, from, free}:
		return nil
	case <-limit.C:
		err = errors.New("nobody took the visitor")
	case <-d.ctx.Done():
		err = d.ctx.Err()
	}
	conn.Close()
	return err
}

// A visit is a visitor's connection, which comes from where the relay says.
type visit struct {
	*tls.Conn
	from net.Addr
	free func()
}

// RemoteAddr implements net.Conn.
func (v *visit) RemoteAddr() net.Addr { return v.from }

// Close implements net.Conn.
func (v *visit) Close() error {
	v.free()
	return v.Conn.Close()
}

// visitorAddress is a visitor's address as the relay says it. Nobody of the relay's is
// on this machine or at no address: who asks from here may see more.
func visitorAddress(text string) net.Addr {
	at, err := netip.ParseAddrPort(text)
	ip := at.Addr().Unmap().WithZone("")
	if err != nil || ip.IsLoopback() || ip.IsUnspecified() {
		ip = unknownVisitor
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, at.Port()))
}

// unknownVisitor is an address that nobody has (RFC 6666, discard only).
var unknownVisitor = netip.MustParseAddr("100::")
