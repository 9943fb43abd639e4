package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/triage/chart"
)

// patience is for a machine that does other things at the same time: what has not
// come by then does not come.
const patience = 2 * time.Minute

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// A house is a relay at one address, which may be restarted.
type house struct {
	t       *testing.T
	address string
	limits  limits
	mu      sync.Mutex
	list    []Hospital
	relay   *Relay
	served  chan error
}

func newHouse(t *testing.T, change func(*limits)) *house {
	t.Helper()
	h := &house{t: t, address: "127.0.0.1:0", limits: usual}
	h.limits.list = 20 * time.Millisecond
	if change != nil {
		change(&h.limits)
	}
	h.open()
	t.Cleanup(h.close)
	return h
}

func (h *house) open() {
	h.t.Helper()
	l, err := net.Listen("tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	h.address = l.Addr().String()
	r, err := New(Config{limits: &h.limits, List: h.read, Media: func() []link.ICEServer {
		return []link.ICEServer{{URL: "turn:192.0.2.1:443?transport=udp", Username: "u", Credential: "c"}}
	}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.relay, h.served = r, make(chan error, 1)
	go func() { h.served <- r.Serve(l) }()
}

func (h *house) close() {
	h.relay.Close()
	if err := <-h.served; err != nil {
		h.t.Error(err)
	}
	h.served <- nil
}

func (h *house) read() ([]Hospital, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Hospital{}, h.list...), nil
}

func (h *house) set(list ...Hospital) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = list
}

// A clinic is a hospital that says its name over TLS to whoever comes.
type clinic struct {
	t      *testing.T
	name   string
	key    ed25519.PrivateKey
	device chart.Device
	door   *Door
	mu     sync.Mutex
	from   []string
}

func (h *house) clinic(name string) *clinic {
	h.t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	return &clinic{t: h.t, name: name, key: key, device: chart.Device(sha256.Sum256(public))}
}

// open opens the clinic's door at a relay.
func (c *clinic) open(address string) {
	c.t.Helper()
	door, err := OpenDoor(DoorConfig{Address: address, Sign: func(_ context.Context, binding []byte) (ed25519.PublicKey, []byte, error) {
		return c.key.Public().(ed25519.PublicKey), ed25519.Sign(c.key, Registration(binding)), nil
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.door = door
	conf := &tls.Config{Certificates: []tls.Certificate{selfMade(c.t)}, NextProtos: []string{"http/1.1", "fieldkit/1"}}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			c.from = append(c.from, conn.RemoteAddr().String())
			c.mu.Unlock()
			work.Go(func() {
				defer conn.Close()
				secure := tls.Server(conn, conf)
				b, err := io.ReadAll(io.LimitReader(secure, 1<<20))
				if err == nil {
					fmt.Fprintf(secure, "%s heard %d bytes", c.name, len(b))
				}
				secure.CloseWrite()
			})
		}
	})
	c.t.Cleanup(func() { door.Close(); work.Wait() })
}

func selfMade(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// visit speaks to the hospital of that name as a vehicle does.
func (h *house) visit(name, speaks, text string) (string, error) {
	conn, err := net.Dial("tcp", h.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: name, NextProtos: []string{speaks}})
	if _, err := io.WriteString(secure, text); err != nil {
		return "", err
	}
	secure.CloseWrite()
	b, err := io.ReadAll(secure)
	return string(b), err
}

func (h *house) reached(c *clinic) {
	h.t.Helper()
	until(h.t, c.name+" reaches the relay", func() bool { return c.door.State().Reached })
}

func TestAHospitalThatCanOnlyDialOutIsReachedByItsName(t *testing.T) {
	h := newHouse(t, nil)
	mary, john := h.clinic("Mary"), h.clinic("John")
	h.set(Hospital{mary.device, []string{"mary.example"}}, Hospital{john.device, []string{"john.example", "er.john.example"}})
	mary.open(h.address)
	john.open(h.address)
	h.reached(mary)
	h.reached(john)
	long := strings.Repeat("x", 300_000)
	var visits sync.WaitGroup
	for _, v := range []struct{ name, want string }{
		{"mary.example", "Mary"}, {"john.example", "John"}, {"er.John.example", "John"}, {"mary.example", "Mary"},
	} {
		for _, speaks := range []string{"http/1.1", "fieldkit/1"} {
			visits.Go(func() {
				if got, err := h.visit(v.name, speaks, long); err != nil || got != v.want+" heard 300000 bytes" {
					t.Errorf("at %s %s answered (%v), want %s", v.name, got, err, v.want)
				}
			})
		}
	}
	visits.Wait()
	for _, name := range []string{"", "other.example"} {
		if got, err := h.visit(name, "http/1.1", "x"); err == nil {
			t.Errorf("at %q, which is no hospital's, %q answered", name, got)
		}
	}
	if m := mary.door.Media(); len(m) != 1 || m[0].Username != "u" {
		t.Errorf("the hospital's relays for UDP are %v", m)
	}
	// A visitor that seems to come from this very machine would be shown more.
	mary.mu.Lock()
	defer mary.mu.Unlock()
	for _, from := range mary.from {
		if !strings.HasPrefix(from, "[100::]:") {
			t.Errorf("a visitor from loopback is said to come from %s", from)
		}
	}
}

func TestTheOnlyHospitalNeedsNoName(t *testing.T) {
	h := newHouse(t, nil)
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	c.open(h.address)
	h.reached(c)
	for _, name := range []string{"", "any.example"} {
		if got, err := h.visit(name, "fieldkit/1", "abc"); err != nil || got != "Mary heard 3 bytes" {
			t.Errorf("at %q: %q, %v", name, got, err)
		}
	}
}

func TestARelayThatRestartsIsReachedAgain(t *testing.T) {
	h := newHouse(t, nil)
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	c.open(h.address)
	for range 3 {
		h.reached(c)
		until(t, "a visitor is answered", func() bool { got, _ := h.visit("", "http/1.1", "ab"); return got == "Mary heard 2 bytes" })
		h.relay.Close()
		<-h.served
		until(t, "the hospital says that the relay is lost", func() bool { s := c.door.State(); return !s.Reached && s.Problem != "" })
		h.open()
	}
	h.reached(c)
}

func TestAHospitalThatIsStruckOffTheListIsCutOff(t *testing.T) {
	h := newHouse(t, nil)
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	c.open(h.address)
	h.reached(c)
	h.set(Hospital{Device: chart.Device{1}})
	until(t, "it is cut off and told why", func() bool { return strings.Contains(c.door.State().Problem, "does not know this hospital") })
	if got, err := h.visit("", "http/1.1", "ab"); err == nil {
		t.Errorf("a visitor was still passed on: %q", got)
	}
	h.set(Hospital{Device: c.device})
	h.reached(c)
}

// dial opens a hospital's connection by hand.
func (h *house) dial() (*lines, *tls.Conn) {
	h.t.Helper()
	conn, err := tls.Dial("tcp", h.address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{Protocol}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	return newLines(conn), conn
}

func TestAWrongKeyIsNotLetIn(t *testing.T) {
	h := newHouse(t, nil)
	mary, stranger := h.clinic("Mary"), h.clinic("stranger")
	h.set(Hospital{Device: mary.device})
	public := func(c *clinic) ed25519.PublicKey { return c.key.Public().(ed25519.PublicKey) }
	_, other := h.dial()
	elsewhere, err := bindingOf(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]func(binding []byte) message{
		"a key that is not listed": func(b []byte) message {
			return message{Key: public(stranger), Signature: ed25519.Sign(stranger.key, Registration(b))}
		},
		"the listed key without its signature": func(b []byte) message {
			return message{Key: public(mary), Signature: ed25519.Sign(stranger.key, Registration(b))}
		},
		"a signature for another connection": func([]byte) message {
			return message{Key: public(mary), Signature: ed25519.Sign(mary.key, Registration(elsewhere))}
		},
		"a signature of something else": func(b []byte) message {
			return message{Key: public(mary), Signature: ed25519.Sign(mary.key, b)}
		},
		"no key": func([]byte) message { return message{Ping: true} },
	} {
		l, conn := h.dial()
		b, err := bindingOf(conn)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.write(first(b)); err != nil {
			t.Fatal(err)
		}
		if m, err := l.read(patience); err != nil || m.Welcome || m.Refused == "" {
			t.Errorf("%s: the relay said %+v (%v)", name, m, err)
		}
		if _, err := l.read(patience); !errors.Is(err, io.EOF) {
			t.Errorf("%s: the connection goes on: %v", name, err)
		}
	}
}

func TestATokenIsGoodOnceAndForItsOwnVisitor(t *testing.T) {
	h := newHouse(t, func(l *limits) { l.answer = time.Hour })
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	l, conn := h.dial()
	binding, err := bindingOf(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.write(message{Key: c.key.Public().(ed25519.PublicKey), Signature: ed25519.Sign(c.key, Registration(binding))}); err != nil {
		t.Fatal(err)
	}
	if m, err := l.read(patience); err != nil || !m.Welcome {
		t.Fatal(m, err)
	}
	visitor, err := net.Dial("tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	go func() { _ = tls.Client(visitor, &tls.Config{InsecureSkipVerify: true}).Handshake() }()
	var call message
	for call.Call == nil {
		if call, err = l.read(patience); err != nil {
			t.Fatal(err)
		}
	}
	if call.From != visitor.LocalAddr().String() {
		t.Errorf("the visitor is said to come from %s, and comes from %s", call.From, visitor.LocalAddr())
	}
	// refused reports that a token brings no visitor.
	refused := func(token []byte) bool {
		stolen, secure := h.dial()
		if err := stolen.write(message{Token: token}); err != nil {
			t.Fatal(err)
		}
		secure.SetReadDeadline(time.Now().Add(patience))
		_, err := secure.Read(make([]byte, 1))
		return errors.Is(err, io.EOF)
	}
	guess := make([]byte, len(call.Call))
	if !refused(guess) {
		t.Error("a guessed token brought a visitor")
	}
	own, secure := h.dial()
	if err := own.write(message{Token: call.Call}); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(secure, first); err != nil || first[0] != 22 {
		t.Fatalf("the token's visitor begins with %v (%v), want a TLS handshake", first, err)
	}
	if !refused(call.Call) {
		t.Error("a token that was used brought a visitor")
	}
}

func TestStrangersHoldNobodyUp(t *testing.T) {
	h := newHouse(t, func(l *limits) { l.silentEach, l.hello, l.handshake = 6, time.Hour, time.Hour })
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	for _, first := range []string{
		"", "\x16\x03\x01\x02\x00", "\x16\x03\x01\x00\x05\x01\x00", // slow and silent: each keeps its place
		"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x40\x00" + strings.Repeat("x", 1<<16), // no TLS, and too much of it: ended at once
	} {
		conn, err := net.Dial("tcp", h.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, first)
	}
	until(t, "the two that are no TLS are ended", func() bool { return h.relay.counts.strange.Load() == 2 })
	c.open(h.address)
	h.reached(c)
	if got, err := h.visit("", "http/1.1", "ab"); err != nil || got != "Mary heard 2 bytes" {
		t.Fatalf("a vehicle beside them is answered %q (%v)", got, err)
	}
	// From elsewhere the places of one address run out; from the hospital's they do not.
	far := &farAway{}
	for range 10 {
		near, there := net.Pipe()
		t.Cleanup(func() { near.Close() })
		h.relay.take(farConn{there, far})
	}
	if got := h.relay.counts.busy.Load(); got != 4 {
		t.Errorf("of ten silent connections from one address %d were turned away, want 4", got)
	}
	if got, err := h.visit("", "http/1.1", "ab"); err != nil || got != "Mary heard 2 bytes" {
		t.Errorf("a vehicle beside them is answered %q (%v)", got, err)
	}
}

// Whoever sits in a hospital's waiting room may have its address, too.
func TestWhoSharesAHospitalsAddressTakesNotEveryPlace(t *testing.T) {
	h := newHouse(t, func(l *limits) { l.silentEach, l.waiting, l.hello, l.handshake = 2, 4, time.Hour, time.Hour })
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	c.open(h.address)
	h.reached(c)
	var held []net.Conn
	for range 20 {
		conn, err := net.Dial("tcp", h.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		held = append(held, conn)
	}
	until(t, "fourteen of twenty that say nothing are turned away", func() bool { return h.relay.counts.busy.Load() == 14 })
	for _, conn := range held {
		conn.Close()
	}
	until(t, "a vehicle is passed on", func() bool {
		got, err := h.visit("", "http/1.1", "ab")
		return err == nil && got == "Mary heard 2 bytes"
	})
}

type farAway struct{}

type farConn struct {
	net.Conn
	*farAway
}

func (farConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 4000}
}

func TestAVisitorWhomTheHospitalDoesNotAnswerIsLetGo(t *testing.T) {
	h := newHouse(t, func(l *limits) { l.answer = 50 * time.Millisecond; l.waiting = 2 })
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	until(t, "the list is read", func() bool { return len(h.relay.hospitals()) == 1 })
	if _, err := h.visit("", "http/1.1", "ab"); err == nil {
		t.Error("a visitor of a hospital that is away was answered")
	}
	l, conn := h.dial()
	binding, err := bindingOf(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.write(message{Key: c.key.Public().(ed25519.PublicKey), Signature: ed25519.Sign(c.key, Registration(binding))}); err != nil {
		t.Fatal(err)
	}
	if m, err := l.read(patience); err != nil || !m.Welcome {
		t.Fatal(m, err)
	}
	if _, err := h.visit("", "http/1.1", "ab"); err == nil {
		t.Error("a visitor whom nobody fetched was answered")
	}
	until(t, "both are counted", func() bool { return h.relay.counts.away.Load() == 1 && h.relay.counts.unanswered.Load() == 1 })
	web := httptest.NewServer(h.relay.Health())
	defer web.Close()
	for path, want := range map[string][]string{
		"/health":  {`"ok":true`, `"hospitals":1`, `"carried":0`},
		"/metrics": {`fieldkit_relay_visitors_total{outcome="hospital away"} 1`, "fieldkit_relay_hospitals 1", "fieldkit_relay_registrations_total 1"},
	} {
		res, err := web.Client().Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		for _, w := range want {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s lacks %s:\n%s", path, w, b)
			}
		}
		if strings.Contains(string(b), "127.0.0.1") {
			t.Errorf("%s tells an address", path)
		}
	}
}

func TestAVisitWithoutAByteEnds(t *testing.T) {
	h := newHouse(t, func(l *limits) { l.idle = 100 * time.Millisecond })
	c := h.clinic("Mary")
	h.set(Hospital{Device: c.device})
	c.open(h.address)
	h.reached(c)
	var conn *tls.Conn
	until(t, "a visit", func() (stands bool) { // on a busy machine one may be idle before its handshake is done
		var err error
		conn, err = tls.Dial("tcp", h.address, &tls.Config{InsecureSkipVerify: true})
		return err == nil
	})
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the visit goes on: %v", err)
	}
	until(t, "its place is free", func() bool { _, _, carried, _ := h.relay.now(); return carried == 0 })
}

func TestListsOfHospitals(t *testing.T) {
	a, b := strings.Repeat("a1", 32), strings.Repeat("b2", 32)
	for text, want := range map[string]int{
		a: 1, "# none\n\n": 0, a + " mary.example\n" + b + "=john.example,er.example # the second\n": 2,
		a + "\n" + b: -1, "zz": -1, a[1:]: -1, a + " x\n" + a + " y": -1, a + " x\n" + b + " X.": -1,
	} {
		list, err := ReadList(strings.NewReader(text))
		if want < 0 && err == nil || want >= 0 && (err != nil || len(list) != want) {
			t.Errorf("%q reads as %v (%v)", text, list, err)
		}
	}
}
