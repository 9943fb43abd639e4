package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/triage/chart"
)

// Limits, so that no stranger, vehicle or hospital can starve the others. From one
// address means from one IPv4 address or one IPv6 /64: a carrier's vehicles may share
// one.
type limits struct {
	open       int           // connections in all
	openEach   int           // from one address
	silent     int           // of those, that have not said yet what they want
	silentEach int           // from one address
	hello      time.Duration // for TLS's first message; a line of 16 kbit/s takes two seconds over it
	handshake  time.Duration // for a hospital's TLS and its first line
	carried    int           // of one hospital
	waiting    int           // calls of one hospital that it has not answered
	answer     time.Duration // for the hospital to answer a call
	idle       time.Duration // without a byte either way; the longest pulse of what is carried is a minute
	list       time.Duration // between two looks at the list
}

var usual = limits{
	open: 8192, openEach: 256, silent: 1024, silentEach: 48, hello: 20 * time.Second, handshake: 10 * time.Second,
	carried: 2048, waiting: 256, answer: 10 * time.Second, idle: 3 * time.Minute, list: 5 * time.Second,
}

// mediaEvery is how often a hospital gets fresh credentials, which are good for two
// hours while a connection is renewed after one.
const mediaEvery = 30 * time.Minute

// Config is what a Relay needs.
type Config struct {
	// List is who may be reached here. It is asked every few seconds; a hospital that
	// no longer stands on it is cut off.
	List func() ([]Hospital, error)
	// Media gives a hospital its relays for UDP, with credentials for a short time;
	// nil where UDP is not relayed.
	Media func() []link.ICEServer
	// Log gets what the person who runs it must know; nobody's address. May be nil.
	Log *slog.Logger

	limits *limits // for tests
}

// A Relay passes visitors on to hospitals. Its methods are safe for concurrent use.
type Relay struct {
	conf   Config
	limits limits
	log    *slog.Logger
	tls    *tls.Config
	began  time.Time
	counts counts

	saidRefused atomic.Int64 // when, since began

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex // guards everything that follows
	list    []Hospital
	conns   map[net.Conn]bool
	open    map[netip.Prefix]int
	silent  map[netip.Prefix]int
	mute    int // all of silent
	here    map[chart.Device]*hospital
	waiting map[token]*visitor
}

// New makes a relay with the list as it is now. Close it.
func New(conf Config) (*Relay, error) {
	list, err := conf.List()
	if err != nil {
		return nil, err
	}
	own, err := certificate()
	if err != nil {
		return nil, err
	}
	r := &Relay{
		conf: conf, limits: usual, log: conf.Log, began: time.Now(), list: list,
		tls:   &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS13, NextProtos: []string{Protocol}, SessionTicketsDisabled: true},
		conns: map[net.Conn]bool{}, open: map[netip.Prefix]int{}, silent: map[netip.Prefix]int{},
		here: map[chart.Device]*hospital{}, waiting: map[token]*visitor{},
	}
	if conf.limits != nil {
		r.limits = *conf.limits
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	r.work.Go(r.watch)
	return r, nil
}

// certificate is a certificate for this life of the relay: see the package comment for
// why nobody checks it.
func certificate() (c tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, fmt.Errorf("make the relay's certificate: %w", err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return c, fmt.Errorf("make the relay's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// Serve takes connections from l until the relay is closed. It closes l.
func (r *Relay) Serve(l net.Listener) error {
	defer l.Close()
	defer context.AfterFunc(r.ctx, func() { l.Close() })()
	for wait := time.Duration(0); ; {
		conn, err := l.Accept()
		if r.ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("take connections: %w", err)
		}
		if err != nil { // out of file descriptors, above all: it passes
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			r.log.Warn("cannot accept connections", "reason", err)
			select {
			case <-time.After(wait):
			case <-r.ctx.Done():
			}
			continue
		}
		wait = 0
		r.take(conn)
	}
}

// Close ends every connection and waits for all goroutines.
func (r *Relay) Close() {
	r.stop()
	r.mu.Lock()
	for conn := range r.conns {
		conn.Close()
	}
	r.mu.Unlock()
	r.work.Wait()
}

// take lets a connection in, within the limits.
func (r *Relay) take(conn net.Conn) {
	from := whence(conn)
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limits
	home := r.home(from) // as much more as its hospitals need, but not all: guests may share their address
	crowded := r.open[from] >= l.openEach+home*l.carried || r.silent[from] >= l.silentEach+home*l.waiting
	if r.ctx.Err() != nil || len(r.conns) >= l.open || r.mute >= l.silent || crowded {
		r.counts.busy.Add(1)
		conn.Close()
		return
	}
	r.conns[conn] = true
	r.open[from]++
	r.silent[from]++
	r.mute++
	spoke := sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.mute--
		less(r.silent, from)
	})
	r.work.Go(func() {
		defer func() {
			conn.Close()
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.conns, conn)
			less(r.open, from)
		}()
		defer spoke()
		r.sort(conn, spoke)
	})
}

// home is how many hospitals are reached there: each dials once for each of its
// visitors. The caller holds mu.
func (r *Relay) home(from netip.Prefix) (n int) {
	for _, h := range r.here {
		if h.from == from {
			n++
		}
	}
	return n
}

func less(counts map[netip.Prefix]int, of netip.Prefix) {
	if counts[of]--; counts[of] == 0 {
		delete(counts, of)
	}
}

// whence is what counts as one address.
func whence(conn net.Conn) netip.Prefix {
	a, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := a.AddrPort().Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, _ := ip.Prefix(bits) // an invalid address gives the zero prefix
	return p
}

// sort finds out who conn is. It calls spoke once that is known.
func (r *Relay) sort(conn net.Conn, spoke func()) {
	_ = conn.SetReadDeadline(time.Now().Add(r.limits.hello)) // a closed one fails at the read
	g, read, ok := Hello(conn)
	_ = conn.SetReadDeadline(time.Time{})
	switch {
	case !ok:
		r.counts.strange.Add(1)
	case slices.Equal(g.Speaks, []string{Protocol}):
		r.greet(Again(conn, read), spoke)
	default:
		spoke()
		r.visit(conn, g.Server, read)
	}
}

// hospitals is the list as it was last read.
func (r *Relay) hospitals() []Hospital {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list
}

// watch reads the list every few seconds and cuts off whoever no longer stands on it.
func (r *Relay) watch() {
	tick := time.NewTicker(r.limits.list)
	defer tick.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-tick.C:
			r.reread()
		}
	}
}

// reread reads the list; one that cannot be read leaves the one before in force.
func (r *Relay) reread() {
	list, err := r.conf.List()
	if err != nil {
		r.log.Error("the list of hospitals cannot be read; the one before stays in force", "reason", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = list
	for device, h := range r.here {
		if !listed(list, device) {
			h.cut()
		}
	}
}

func listed(list []Hospital, device chart.Device) bool {
	return slices.ContainsFunc(list, func(h Hospital) bool { return h.Device == device })
}
