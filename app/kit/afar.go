package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/exchange"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/relay"
	"fieldkit/triage/chart"
)

// The exchange with a hospital that is not near by: over the port of its page,
// the only one that every network lets pass.
const (
	afarAfter = 8 * time.Second // without a contact, which the mesh makes where it can
	afarDial  = 8 * time.Second
	afarFirst = 2 * time.Second
	afarMost  = time.Minute     // also between tries by TCP while a data channel carries
	afarHurry = 5 * time.Second // between two calls because the hospital refuses the live link
	afarQueue = 32 << 10        // bytes the kernel may hold: a narrow line is full of them for seconds

	channelAfter = 20 * time.Second // without an answer by TCP
	channelQueue = 16 << 10         // bytes the kernel may hold each way before the link's own queue
)

// afar keeps a contact with the receiving hospital through its page's port while
// there is no other, until ctx ends. It begins one at once when the hospital refuses
// the live link: it has not heard yet that this vehicle is on the roster. Where TCP has
// led nowhere for a while it goes by a data channel of the live link, and TCP is tried
// on: the newer contact stands.
func (s *share) afar(ctx context.Context, x *exchange.Exchange) {
	at, err := pageAddress(s.kit.settings.Hospital)
	if err != nil {
		s.kit.log.Error("the record is not brought to the hospital by its page's port", "reason", err)
		return
	}
	var channel sync.WaitGroup
	defer channel.Wait()
	var byChannel atomic.Bool
	wait, met := afarFirst, time.Now()
	var called time.Time
	var tcp way
	for {
		hurry := false
		select {
		case <-ctx.Done():
			return
		case <-s.refused:
			hurry = time.Since(called) > afarHurry
		case <-time.After(afarFirst/2 + rand.N(afarFirst/2)):
		}
		hospital := s.hospitalAt()
		if hospital == (chart.Device{}) {
			continue
		}
		switch connected := x.Connected(hospital); {
		case connected && !byChannel.Load():
			wait, met, tcp = afarFirst, time.Now(), way{}
			continue
		case connected && time.Since(met) < afarMost, time.Since(met) < max(s.patience, wait) && !hurry:
			continue
		}
		called = time.Now()
		answered, err := s.callAfar(ctx, x, at, hospital)
		if time.Since(called) > afarMost {
			wait = afarFirst // it stood for a while
		}
		wait, met = min(2*wait, afarMost), time.Now()
		s.kit.log.Debug("the record's contact with the hospital ended", "reason", err)
		if !tcp.tried(called, time.Now(), answered) || byChannel.Swap(true) {
			continue
		}
		wait = afarFirst
		channel.Go(func() {
			defer byChannel.Store(false)
			err := s.callByChannel(ctx, x, hospital)
			s.kit.log.Debug("the record's contact by data channel ended", "reason", err)
		})
	}
}

// A way is what is known of TCP to the hospital. The zero way has not failed.
type way struct{ failing time.Time }

// tried takes a try from began to ended, and reports whether nothing has answered for
// so long that the way is shut.
func (w *way) tried(began, ended time.Time, answered bool) (shut bool) {
	switch {
	case answered:
		w.failing = time.Time{}
	case w.failing.IsZero():
		w.failing = began
	}
	return !answered && ended.Sub(w.failing) >= channelAfter
}

// callAfar is one contact by TCP, until it ends. It reports whether anything
// answered there.
func (s *share) callAfar(ctx context.Context, x *exchange.Exchange, at string, hospital chart.Device) (answered bool, err error) {
	dialer := net.Dialer{Timeout: afarDial}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		return false, fmt.Errorf("reach the hospital: %w", err)
	}
	if t, ok := conn.(*net.TCPConn); ok {
		t.SetWriteBuffer(afarQueue)
	}
	name, _, _ := net.SplitHostPort(at) // pageAddress made it
	heard := &listened{Conn: conn}
	err = x.Call(ctx, &outward{paced{Conn: heard, pace: &s.kit.live.pace}, name}, hospital)
	return heard.any.Load(), err
}

// A listened connection knows whether anything ever came: a box on the way may take
// a connection and let nothing through.
type listened struct {
	net.Conn
	any atomic.Bool
}

func (l *listened) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.any.Store(true)
	}
	return n, err
}

// callByChannel is one contact by a data channel of the live link, which the live
// process joins to an address on this machine that only it is told. The hospital
// proves its key there as anywhere, and the link holds the record back for its
// frames.
func (s *share) callByChannel(ctx context.Context, x *exchange.Exchange, hospital chart.Device) error {
	if s.kit.live.between == nil {
		return errors.New("there is no live process")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("await the live process: %w", err)
	}
	defer l.Close()
	at, err := json.Marshal(l.Addr().String())
	if err != nil {
		return err
	}
	if _, err := s.kit.live.between.Ask(ctx, "stream", at); err != nil {
		return err
	}
	if t, ok := l.(*net.TCPListener); ok {
		t.SetDeadline(time.Now().Add(askWait))
	}
	conn, err := l.Accept() // it has been dialled when the question was answered
	if err != nil {
		return fmt.Errorf("await the live process: %w", err)
	}
	l.Close()
	narrow(conn)
	return x.Call(ctx, conn, hospital)
}

// narrow lets little wait between the recorder and the link, which sends it as the
// line allows.
func narrow(conn net.Conn) {
	if t, ok := conn.(*net.TCPConn); ok {
		t.SetWriteBuffer(channelQueue)
		t.SetReadBuffer(channelQueue)
	}
}

// openStream opens a stream to the hospital over the live link.
func (o *outside) openStream(ctx context.Context) (net.Conn, error) {
	if v := o.vehicle.Load(); v != nil {
		return v.Stream(ctx)
	}
	return nil, link.ErrNoStream
}

// channelTo joins a stream to the hospital to where the recorder waits for it, until
// either ends or ctx does.
func (o *outside) channelTo(ctx context.Context, at string) error {
	stream, err := o.open(ctx)
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: askWait}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		stream.Close()
		return err
	}
	narrow(conn)
	o.work.Go(func() {
		release := context.AfterFunc(ctx, func() { stream.Close(); conn.Close() })
		defer release()
		defer stream.Close()
		defer conn.Close()
		relay.Splice(conn, stream, 0)
	})
	return nil
}

// outward is a connection to the hospital by its name: at a relay of several hospitals
// it says which is meant.
type outward struct {
	paced
	name string
}

// ServerName is what the exchange's TLS asks for.
func (o *outward) ServerName() string { return o.name }

// pageAddress is host:port of an https address.
func pageAddress(page string) (string, error) {
	u, err := url.Parse(page)
	if err != nil || u.Hostname() == "" {
		return "", &api.Fault{Code: api.CodeInvalid, What: "the hospital's address is not an https address", Do: "Write it like https://hospital.example:443."}
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// carried answers the exchanges that the live process carries in from the page's
// port, at an address on this machine that only it is told, until ctx ends. They
// prove their keys as any other does, and are answered by the exchange of the team
// for which they call.
func (s *share) carried(ctx context.Context) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.kit.log.Error("no record comes by the page's port", "reason", err)
		return
	}
	defer context.AfterFunc(ctx, func() { l.Close() })()
	s.mu.Lock()
	s.carriedAt = l.Addr().String()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.carriedAt = ""
		s.mu.Unlock()
	}()
	var contacts sync.WaitGroup
	defer contacts.Wait()
	places := make(chan struct{}, carriedAtMost)
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil { // out of file descriptors: it passes
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case places <- struct{}{}:
			contacts.Go(func() {
				defer func() { <-places }()
				if err := exchange.AnswerAny(ctx, conn, s.kit.exchanges()); err != nil {
					s.kit.log.Debug("a contact by the page's port ended", "reason", err)
				}
			})
		default:
			conn.Close()
		}
	}
}

// exchangeAt answers the live process where carried listens.
func (l *live) exchangeAt() (string, error) {
	for _, s := range l.kit.shares() {
		s.mu.Lock()
		at := s.carriedAt
		s.mu.Unlock()
		if at != "" {
			return at, nil
		}
	}
	return "", errors.New("the record is not shared now")
}

// exchanges are those of the teams that are shared with now.
func (k *Kit) exchanges() (out []*exchange.Exchange) {
	for _, s := range k.shares() {
		s.mu.Lock()
		if s.exchange != nil {
			out = append(out, s.exchange)
		}
		s.mu.Unlock()
	}
	return out
}

// toRecorder opens a way to the recorder's exchange for one connection from the
// page's port.
func (o *outside) toRecorder(ctx context.Context) (net.Conn, error) {
	at, err := put[string](ctx, o, "exchange-at", nothing{})
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", at)
}

// tellQueue tells the recorder how long the live link's packets queue, by which it
// paces what it sends beside them.
func (o *outside) tellQueue(s link.State) {
	if s.Phase != link.Live {
		return
	}
	if b, err := json.Marshal(s.Queue.Milliseconds()); err == nil {
		o.between.Tell("queue", b)
	}
}

// heardQueue takes it.
func (l *live) heardQueue(payload []byte) error {
	var ms int64
	if err := json.Unmarshal(payload, &ms); err != nil {
		return fmt.Errorf("read how the link queues: %w", err)
	}
	l.pace.heard(time.Now(), time.Duration(ms)*time.Millisecond)
	return nil
}
