package mesh

import (
	"net"
	"testing"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

type wallClock struct{}

func (wallClock) Now() (time.Time, chart.Trust) { return time.Now(), chart.ClockNetwork }

// Where the others remember us is taken again while it is free, and left to whoever
// has it else.
func TestAtAnotherStartGossipListensWhereItDidUnlessSomebodyElseDoes(t *testing.T) {
	team := journal.TeamID{0: 7}
	key := meshtest.Key("ambulance")
	x, err := exchange.New(t.Context(), exchange.Config{
		Key: key, Team: team, Ledger: meshtest.NewLedger(team, nil), Admit: func(identity.Key) error { return nil }, Clock: wallClock{},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{
		Key: key, Team: team, Kind: 1, Exchange: x, Gossip: func() [][]byte { return [][]byte{[]byte("0123456789abcdef0123456789abcdef")} },
		Listen: "127.0.0.1:0", Bind: "127.0.0.1:0", Quiet: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer m.listen.Close()
	run := func() (port uint16) {
		t.Helper()
		g, err := m.startGossip()
		if err != nil {
			t.Fatal(err)
		}
		defer g.stop(false)
		return g.addr.Port()
	}
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	taken := uint16(held.Addr().(*net.TCPAddr).Port)
	m.port = taken
	if port := run(); port == taken || port == 0 || m.port != port {
		t.Errorf("while somebody has port %d it listens on %d, and remembers %d", taken, port, m.port)
	}
	// A port below those that the kernel gives out, so that no other test takes it.
	for free := uint16(12000); free < 20000; free += 7 {
		m.port = free
		if once, again := run(), run(); once == free && again == free {
			return
		}
	}
	t.Error("no remembered port was taken again")
}
