package mesh_test

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/mesh"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

var team = journal.TeamID{0: 7}

type clock struct{}

func (clock) Now() (time.Time, chart.Trust) { return time.Now(), chart.ClockNetwork }

// keys is a roster that never changes.
type keys map[chart.Device]ed25519.PublicKey

func rosterOf(names ...string) keys {
	r := keys{}
	for _, n := range names {
		k := meshtest.Key(n).Public().(ed25519.PublicKey)
		r[journal.DeviceOf(k)] = k
	}
	return r
}

func (r keys) key(d chart.Device) (ed25519.PublicKey, bool) { k, ok := r[d]; return k, ok }

func (r keys) admit(k identity.Key) error {
	if _, ok := r[k.Device()]; !ok {
		return identity.ErrUnknown
	}
	return nil
}

var gossipKey = []byte("0123456789abcdef0123456789abcdef")

type station struct {
	*mesh.Mesh
	exchange *exchange.Exchange
	ledger   *meshtest.Ledger
	pen      *meshtest.Pen
	stop     func()
}

func start(t *testing.T, name string, r keys, change ...func(*mesh.Config)) *station {
	t.Helper()
	s := &station{ledger: meshtest.NewLedger(team, r.key), pen: meshtest.NewPen(meshtest.Key(name), team)}
	var err error
	s.exchange, err = exchange.New(t.Context(), exchange.Config{
		Key: meshtest.Key(name), Team: team, Ledger: s.ledger, Admit: r.admit, Clock: clock{},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := mesh.Config{
		Key: meshtest.Key(name), Team: team, Kind: 1, Exchange: s.exchange, Roster: r.key,
		Gossip: func() [][]byte { return [][]byte{gossipKey} },
		Listen: "127.0.0.1:0", Bind: "127.0.0.1:0", Quiet: true,
	}
	for _, f := range change {
		f(&cfg)
	}
	if s.Mesh, err = mesh.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	s.stop = func() { stop(); running.Wait() }
	t.Cleanup(s.stop)
	eventually(t, "gossip runs", func() bool { return s.Gossip().IsValid() })
	return s
}

func (s *station) write(t *testing.T, n int) {
	t.Helper()
	for range n {
		p, err := s.pen.Piece(journal.Chart, []byte("an entry"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ledger.Append(p); err != nil {
			t.Fatal(err)
		}
		s.exchange.Committed(p)
	}
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("a minute went by before %s", what)
}

func TestSerfFindsThePeerAndTheRecordFollows(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := start(t, "ambulance", r)
	a.write(t, 30)
	began := time.Now()
	b := start(t, "clinic", r, func(c *mesh.Config) { c.Join = []string{a.Gossip().String()} })
	eventually(t, "the clinic holds the record", func() bool { return b.ledger.Entries() == 30 })
	t.Logf("found and fetched in %v", time.Since(began))
	eventually(t, "both show each other", func() bool {
		return len(a.Members()) == 1 && len(b.Members()) == 1 && a.Members()[0].Alive && b.Members()[0].Alive
	})
	b.write(t, 1)
	eventually(t, "the ambulance holds the clinic's entry", func() bool { return a.ledger.Entries() == 31 })
}

func TestARememberedExchangeAddressIsEnoughWhereGossipIsBlocked(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := start(t, "ambulance", r)
	a.write(t, 5)
	b := start(t, "clinic", r, func(c *mesh.Config) {
		c.Known = []mesh.Known{{Device: a.exchange.Self(), Exchange: a.Addr().String()}}
	})
	eventually(t, "the clinic holds the record", func() bool { return b.ledger.Entries() == 5 })
	if len(b.Members()) != 0 {
		t.Error("gossip was not to be needed")
	}
}

func TestARestartedStationIsFoundAgainByThoseItForgot(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	var mu sync.Mutex
	var remembered []mesh.Known
	clinicAt := "127.0.0.1:0"
	clinic := func() *station {
		return start(t, "clinic", r, func(c *mesh.Config) { c.Bind = clinicAt })
	}
	b := clinic()
	clinicAt = b.Gossip().String()
	a := start(t, "ambulance", r, func(c *mesh.Config) {
		c.Join = []string{clinicAt}
		c.Remember = func(k []mesh.Known) { mu.Lock(); defer mu.Unlock(); remembered = k }
	})
	eventually(t, "they have met", func() bool {
		return a.exchange.Connected(b.exchange.Self()) && len(a.Members()) == 1 && len(b.Members()) == 1
	})
	node := a.Members()[0].Node
	b.stop()
	eventually(t, "the ambulance sees it leave", func() bool { return len(a.Members()) == 0 || !a.Members()[0].Alive })
	a.write(t, 3)
	b = clinic() // its disk is new and it knows nobody
	eventually(t, "the ambulance found it and it holds the record", func() bool { return b.ledger.Entries() == 3 })
	eventually(t, "it is shown under a new name", func() bool {
		m := a.Members()
		return len(m) == 1 && m[0].Alive && m[0].Node != node
	})
	mu.Lock()
	defer mu.Unlock()
	if len(remembered) != 2 { // the typed address and the clinic
		t.Errorf("remembered %v", remembered)
	}
}

func TestANewGossipKeyIsTakenUp(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	var mu sync.Mutex
	keys := [][]byte{gossipKey}
	with := func(c *mesh.Config) {
		c.Gossip = func() [][]byte { mu.Lock(); defer mu.Unlock(); return keys }
	}
	a := start(t, "ambulance", r, with)
	b := start(t, "clinic", r, with, func(c *mesh.Config) { c.Join = []string{a.Gossip().String()} })
	eventually(t, "they have met", func() bool { return len(a.Members()) == 1 && len(b.Members()) == 1 })
	mu.Lock()
	keys = [][]byte{[]byte("fedcba9876543210fedcba9876543210")}
	mu.Unlock()
	nodes := []string{a.Members()[0].Node, b.Members()[0].Node}
	a.Rekey()
	b.Rekey()
	b.Join(a.Gossip().String())
	eventually(t, "they meet under the new key", func() bool {
		m, n := a.Members(), b.Members()
		return len(m) == 1 && len(n) == 1 && m[0].Alive && n[0].Alive && m[0].Node != nodes[0] && n[0].Node != nodes[1]
	})
}
