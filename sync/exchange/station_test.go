package exchange_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

var team = journal.TeamID{0: 7}

// A roster in the tests is who was let in and who was withdrawn.
type roster struct {
	mu      sync.Mutex
	keys    map[chart.Device]ed25519.PublicKey
	revoked map[chart.Device]bool
}

func (r *roster) admit(key identity.Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch d := key.Device(); {
	case r.revoked[d]:
		return identity.ErrWithdraw
	case r.keys[d] == nil:
		return identity.ErrUnknown
	}
	return nil
}

func (r *roster) key(d chart.Device) (ed25519.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.keys[d]
	return k, ok
}

func (r *roster) revoke(d chart.Device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revoked[d] = true
}

// let lets in a device that the other roster names.
func (r *roster) let(other *roster, d chart.Device) {
	key, _ := other.key(d)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[d] = key
}

func (r *roster) forget(d chart.Device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, d)
}

func newRoster(names ...string) *roster {
	r := &roster{keys: map[chart.Device]ed25519.PublicKey{}, revoked: map[chart.Device]bool{}}
	for _, n := range names {
		k := meshtest.Key(n).Public().(ed25519.PublicKey)
		r.keys[journal.DeviceOf(k)] = k
	}
	return r
}

// A clock in the tests is the machine's, some way off.
type clock struct{ off time.Duration }

func (c clock) Now() (time.Time, chart.Trust) { return time.Now().Add(c.off), chart.ClockNetwork }

// A station is a tablet without its disk.
type station struct {
	*exchange.Exchange
	t      testing.TB
	roster *roster
	ledger *meshtest.Ledger
	pen    *meshtest.Pen
}

func newStation(t testing.TB, name string, r *roster, change ...func(*exchange.Config)) *station {
	t.Helper()
	s := &station{t: t, roster: r, ledger: meshtest.NewLedger(team, r.key), pen: meshtest.NewPen(meshtest.Key(name), team)}
	cfg := exchange.Config{Key: meshtest.Key(name), Team: team, Ledger: s.ledger, Admit: r.admit, Clock: clock{}}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if s.Exchange, err = exchange.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// write records n entries of about 500 bytes, in commits of at most per.
func (s *station) write(log journal.Log, n, per int) {
	s.t.Helper()
	for n > 0 {
		bodies := make([][]byte, min(n, per))
		for i := range bodies {
			bodies[i] = fmt.Appendf(make([]byte, 0, 500), "%0500d", n-i)
		}
		p, err := s.pen.Piece(log, bodies...)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := s.ledger.Append(p); err != nil {
			s.t.Fatal(err)
		}
		s.Committed(p)
		n -= len(bodies)
	}
}

// A meeting is two stations joined by a connection.
type meeting struct {
	stop         context.CancelFunc
	call, answer chan error
}

// meet joins two stations over loopback TCP.
func meet(t testing.TB, a, b *station) *meeting {
	t.Helper()
	ca, cb := wire(t)
	return meetOver(t, a, b, ca, cb)
}

func meetOver(t testing.TB, a, b *station, ca, cb net.Conn) *meeting {
	ctx, stop := context.WithCancel(t.Context())
	m := &meeting{stop, make(chan error, 1), make(chan error, 1)}
	var both sync.WaitGroup
	both.Go(func() { m.call <- a.Call(ctx, ca, b.Self()) })
	both.Go(func() { m.answer <- b.Answer(ctx, cb) })
	t.Cleanup(func() { stop(); both.Wait() })
	return m
}

// wire is a loopback TCP connection.
func wire(t testing.TB) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

// eventually waits until what holds, at most three minutes: far longer than a busy
// machine with the race detector needs.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("three minutes went by before %s", what)
}

// wait returns how one side of a meeting ended.
func wait(t testing.TB, ended chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		ended <- err
		return err
	case <-time.After(3 * time.Minute):
		t.Fatal("the contact did not end")
		return nil
	}
}

func level(a, b *station) func() bool {
	return func() bool { return a.Digest() == b.Digest() && a.ledger.Entries() == b.ledger.Entries() }
}
