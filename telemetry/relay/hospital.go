package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"fieldkit/triage/chart"
)

// A token stands for one visitor who waits for the hospital to call back.
type token [16]byte

// A hospital is one that keeps a connection here.
type hospital struct {
	device  chart.Device
	from    netip.Prefix
	lines   *lines
	calls   chan message
	cut     func()          // ends it
	over    <-chan struct{} // closed when it has ended
	carried int             // guarded by the relay's mu, as is waiting
	waiting int
}

// A visitor waits for its hospital.
type visitor struct {
	of   *hospital
	came chan net.Conn // the hospital's connection
	done chan struct{} // closed when the visit is over
}

// visit passes a connection on to the hospital it wants.
func (r *Relay) visit(conn net.Conn, server string, read []byte) {
	v, id, ok := r.call(conn, server)
	if !ok {
		return
	}
	defer close(v.done)
	limit := time.NewTimer(r.limits.answer)
	defer limit.Stop()
	var back net.Conn
	select {
	case back = <-v.came:
	case <-limit.C:
	case <-v.of.over:
	case <-r.ctx.Done():
	}
	if back == nil {
		if r.claim(id) != nil {
			r.counts.unanswered.Add(1)
			return
		}
		back = <-v.came // in this very moment
	}
	defer r.leave(v.of)
	r.counts.passed.Add(1)
	if _, err := back.Write(read); err != nil {
		return
	}
	r.counts.bytes.Add(uint64(Splice(conn, back, r.limits.idle)))
}

// call tells the hospital that is wanted that somebody has come.
func (r *Relay) call(conn net.Conn, server string) (*visitor, token, bool) {
	var id token
	rand.Read(id[:])
	r.mu.Lock()
	defer r.mu.Unlock()
	want := wanted(r.list, server)
	if want == nil {
		r.counts.nowhere.Add(1)
		return nil, id, false
	}
	h := r.here[want.Device]
	if h == nil {
		r.counts.away.Add(1)
		return nil, id, false
	}
	if h.carried >= r.limits.carried || h.waiting >= r.limits.waiting {
		r.counts.busy.Add(1)
		return nil, id, false
	}
	select {
	case h.calls <- message{Call: id[:], From: conn.RemoteAddr().String()}:
	default:
		r.counts.busy.Add(1)
		return nil, id, false
	}
	v := &visitor{of: h, came: make(chan net.Conn, 1), done: make(chan struct{})}
	h.waiting++
	r.waiting[id] = v
	return v, id, true
}

// claim takes the visitor whose token it is, nil when there is none: each is good once.
func (r *Relay) claim(id token) *visitor {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.waiting[id]
	if v != nil {
		delete(r.waiting, id)
		v.of.waiting--
	}
	return v
}

func (r *Relay) leave(h *hospital) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.carried--
}

// greet hears which of a hospital's connections this is.
func (r *Relay) greet(conn net.Conn, spoke func()) {
	ctx, cancel := context.WithTimeout(r.ctx, r.limits.handshake)
	defer cancel()
	secure := tls.Server(conn, r.tls)
	if secure.HandshakeContext(ctx) != nil {
		r.counts.strange.Add(1)
		return
	}
	l := newLines(secure)
	first, err := l.read(r.limits.handshake)
	switch {
	case err != nil:
		r.counts.strange.Add(1)
	case len(first.Token) == len(token{}):
		v := r.claim(token(first.Token))
		if v == nil {
			r.counts.stale.Add(1)
			return
		}
		spoke()
		r.mu.Lock()
		v.of.carried++
		r.mu.Unlock()
		v.came <- l.rest()
		<-v.done
	default:
		r.register(l, secure, first, spoke)
	}
}

// errStranger is why a hospital is refused. It says so to nobody in more detail.
var errStranger = errors.New("this relay does not know the hospital")

// refusedEvery is how often refusals are logged: a stranger must not fill the log.
const refusedEvery = 10 * time.Second

// register keeps a hospital's standing connection until it ends.
func (r *Relay) register(l *lines, secure *tls.Conn, first message, spoke func()) {
	device, err := r.check(secure, first)
	if err != nil {
		r.counts.refused.Add(1)
		if now := time.Since(r.began); now > time.Duration(r.saidRefused.Swap(int64(now)))+refusedEvery {
			r.log.Warn("a hospital was refused; it is not on the list, or did not prove its key", "device", first.shortDevice())
		}
		_ = l.write(message{Refused: err.Error()}) // it is closed next
		return
	}
	spoke()
	ctx, cut := context.WithCancel(r.ctx)
	defer cut()
	h := &hospital{device: device, from: whence(secure), lines: l, calls: make(chan message, r.limits.waiting), cut: cut, over: ctx.Done()}
	defer context.AfterFunc(ctx, func() { secure.NetConn().Close() })()
	r.mu.Lock()
	if before := r.here[device]; before != nil {
		before.cut() // it dialled anew: the old one is half dead
	}
	r.here[device] = h
	r.mu.Unlock()
	r.counts.registered.Add(1)
	r.log.Info("a hospital is reached", "device", first.shortDevice())
	var writer sync.WaitGroup
	writer.Go(func() {
		defer cut()
		r.tell(ctx, h)
	})
	for {
		if _, err := l.read(silentMost); err != nil {
			break // its answers to pings say that it is there, no more
		}
	}
	cut()
	writer.Wait()
	r.mu.Lock()
	gone := r.here[device] == h
	if gone {
		delete(r.here, device)
	}
	r.mu.Unlock()
	if gone {
		r.log.Warn("a hospital is reached no longer", "device", first.shortDevice())
	}
}

// check is the device that has proved its key and stands on the list.
func (r *Relay) check(secure *tls.Conn, first message) (d chart.Device, err error) {
	if len(first.Key) != ed25519.PublicKeySize {
		return d, errStranger
	}
	d = chart.Device(sha256.Sum256(first.Key))
	binding, err := bindingOf(secure)
	if err != nil || !ed25519.Verify(first.Key, Registration(binding), first.Signature) {
		return d, errStranger
	}
	if !listed(r.hospitals(), d) {
		r.reread() // it may have been written down a moment ago
	}
	if !listed(r.hospitals(), d) {
		return d, errStranger
	}
	return d, nil
}

// tell is all that the relay says to a hospital.
func (r *Relay) tell(ctx context.Context, h *hospital) {
	media := func() message {
		if r.conf.Media == nil {
			return message{}
		}
		return message{Media: r.conf.Media()}
	}
	welcome := media()
	welcome.Welcome = true
	if h.lines.write(welcome) != nil {
		return
	}
	ping, fresh := time.NewTicker(pingEvery), time.NewTicker(mediaEvery)
	defer ping.Stop()
	defer fresh.Stop()
	for {
		m := message{Ping: true}
		select {
		case <-ctx.Done():
			return
		case m = <-h.calls:
		case <-ping.C:
		case <-fresh.C:
			m = media()
		}
		if h.lines.write(m) != nil {
			return
		}
	}
}

// shortDevice is enough of the device for a person to compare.
func (m message) shortDevice() string {
	d := sha256.Sum256(m.Key)
	text, _ := chart.Device(d).MarshalText() // never fails
	return string(text[:8])
}
