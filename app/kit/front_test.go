package kit

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/sync/identity"
)

// A doorway is a front before a page and a recorder that echoes.
type doorway struct {
	address  string
	front    *front
	vehicle  ed25519.PrivateKey
	recorder net.Listener
	gone     bool // the recorder cannot be reached
	mu       sync.Mutex
}

func newDoorway(t *testing.T) *doorway {
	t.Helper()
	_, vehicle, _ := ed25519.GenerateKey(nil)
	_, hospital, _ := ed25519.GenerateKey(nil)
	d := &doorway{vehicle: vehicle}
	admit := identity.Pinned(identity.PublicOf(vehicle))
	conf, err := identity.Listening(hospital, admit)
	if err != nil {
		t.Fatal(err)
	}
	if d.recorder, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := d.recorder.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer conn.Close()
				secure := tls.Server(conn, conf)
				_, _ = io.Copy(secure, secure)
			})
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.address = l.Addr().String()
	d.front = newFront(l, identity.Protocol, func(ctx context.Context) (net.Conn, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.gone {
			return nil, errors.New("it is being restarted")
		}
		return net.Dial("tcp", d.recorder.Addr().String())
	}, slog.New(slog.DiscardHandler))
	certificate, err := identity.Certificate(hospital)
	if err != nil {
		t.Fatal(err)
	}
	page := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the board") })}
	work.Go(func() { page.ServeTLS(d.front, "", "") })
	t.Cleanup(func() {
		page.Close()
		d.front.Close()
		d.recorder.Close()
		work.Wait()
	})
	return d
}

// exchange speaks as a vehicle's exchange does.
func (d *doorway) exchange(t *testing.T, text string) (string, error) {
	t.Helper()
	conf, err := identity.Calling(d.vehicle, func(identity.Key) error { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	secure := tls.Client(conn, conf)
	if _, err := io.WriteString(secure, text); err != nil {
		return "", err
	}
	secure.CloseWrite()
	b, err := io.ReadAll(secure)
	return string(b), err
}

func (d *doorway) page(t *testing.T) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	res, err := client.Get("https://" + d.address + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheRecordAndThePageShareOnePort(t *testing.T) {
	d := newDoorway(t)
	long := strings.Repeat("a second of the record ", 20_000)
	for range 3 {
		got, err := d.exchange(t, long)
		if err != nil || got != long {
			t.Fatalf("the record came back as %d bytes (%v), want %d", len(got), err, len(long))
		}
		if got := d.page(t); got != "the board" {
			t.Fatalf("the page is %q", got)
		}
	}
	d.mu.Lock()
	d.gone = true
	d.mu.Unlock()
	if _, err := d.exchange(t, "x"); err == nil {
		t.Error("without a recorder the exchange seems to go on")
	}
	if got := d.page(t); got != "the board" {
		t.Errorf("without a recorder the page is %q", got)
	}
}

func TestStrangersDoNotHoldThePortUp(t *testing.T) {
	d := newDoorway(t)
	d.front.mu.Lock()
	d.front.youngFor = time.Hour // none grows up while the test looks
	d.front.mu.Unlock()
	for _, first := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff", strings.Repeat("\x16\x03\x01\x40\x00"+strings.Repeat("x", 1<<14), 4), ""} {
		conn, err := net.Dial("tcp", d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // each stays open and silent
		if _, err := io.WriteString(conn, first); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.page(t); got != "the board" {
		t.Errorf("the page is %q", got)
	}
	ended := make(chan struct{})
	defer close(ended)
	// More hellos of the exchange from one address than may be unproven at once.
	for range 2 * youngEach {
		conn, err := net.Dial("tcp", d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conf := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{identity.Protocol}}
		go tls.Client(halfDeaf{conn, ended}, conf).Handshake() // ends with the test
	}
	for {
		d.front.mu.Lock()
		carried, asked := d.front.carried, len(d.front.asked)
		d.front.mu.Unlock()
		if carried > youngEach {
			t.Fatalf("%d strangers of one address are carried, want at most %d", carried, youngEach)
		}
		if carried == youngEach && asked <= 3 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := d.page(t); got != "the board" {
		t.Errorf("the page is %q", got)
	}
}

// One machine that opens connections and says nothing must not keep the vehicles out.
func TestOneHostsSilentConnectionsLeaveRoomForOthers(t *testing.T) {
	d := newDoorway(t)
	other := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}} // Linux answers at all of 127/8
	for range askedAtMost + 8 {
		conn, err := net.Dial("tcp", d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	conn, err := other.Dial("tcp", d.address)
	if err != nil {
		t.Skipf("this machine has no second address of its own: %v", err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	if _, err := io.WriteString(secure, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatalf("another host is not let in: %v", err)
	}
	if b, err := io.ReadAll(secure); !strings.Contains(string(b), "the board") {
		t.Errorf("another host reads %q (%v)", b, err)
	}
}

// One machine that keeps page after page open must neither keep others out nor use up
// the process's files.
func TestOneHostsPagesLeaveRoomForOthers(t *testing.T) {
	d := newDoorway(t)
	d.front.mu.Lock()
	d.front.pageEach = 4
	d.front.mu.Unlock()
	opens := func(from net.IP) (net.Conn, error) {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		conn, err := dialer.Dial("tcp", d.address)
		if err != nil {
			t.Skipf("this machine has no second address of its own: %v", err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(2 * time.Minute))
		return conn, tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
	}
	host, other := net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)
	var last net.Conn
	for range 4 {
		conn, err := opens(host)
		if err != nil {
			t.Fatal(err)
		}
		last = conn
	}
	if _, err := opens(host); err == nil {
		t.Error("a fifth connection of one host is taken")
	}
	if _, err := opens(other); err != nil {
		t.Errorf("another host is not let in: %v", err)
	}
	last.Close()
	until(t, "its place to be another's", func() bool { _, err := opens(host); return err == nil })
}

// halfDeaf never hears an answer.
type halfDeaf struct {
	net.Conn
	ended chan struct{}
}

func (h halfDeaf) Read([]byte) (int, error) {
	<-h.ended
	return 0, io.EOF
}
