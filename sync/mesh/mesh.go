package mesh

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Config is what a mesh needs.
type Config struct {
	Key      ed25519.PrivateKey // this tablet's
	Team     journal.TeamID
	Kind     uint8 // of this station, as in the roster
	Exchange *exchange.Exchange

	// Roster returns the key of a device that may connect.
	Roster func(chart.Device) (ed25519.PublicKey, bool)

	// Gossip returns the team's gossip keys, 32 bytes each, the one to use first.
	// It is read at every start of Serf; Rekey starts it anew.
	Gossip func() [][]byte

	Listen string // address of the exchange, TCP; "" is every address and any port
	Bind   string // address of gossip, UDP and TCP; "" is the best address and any port, the same at each start while it is free

	Join  []string // gossip addresses that a person typed or scanned
	Known []Known  // peers remembered from before

	// Remember is called with the peers to remember when they change.
	Remember func([]Known)

	Quiet bool // no mDNS: neither ask nor answer
	Log   *slog.Logger
}

// A Known is where a peer was last met.
type Known struct {
	Device   chart.Device // zero for an address typed by a person
	Gossip   string       // host:port; "" when only the exchange can be reached
	Exchange string       // host:port; "" when unknown
}

// A Member is a station that gossip shows now.
type Member struct {
	Device   chart.Device
	Kind     uint8
	Node     string // its name in gossip, new at each of its starts
	Gossip   netip.AddrPort
	Exchange netip.AddrPort
	Digest   journal.Digest
	Said     time.Time // when it made the tag, by its own clock
	Alive    bool
}

// A Mesh is this station's part in the team's gossip. Its methods may be called
// from any goroutine.
type Mesh struct {
	cfg     Config
	self    chart.Device
	listen  net.Listener
	restart chan string   // why Serf must start anew
	poke    chan struct{} // there may be somebody to call
	seek    chan struct{} // there may be somebody to join
	port    uint16        // of gossip, as last bound; 0 before. Run's alone

	mu      sync.Mutex
	gossip  *gossip // the run of Serf now; nil before the first
	members map[chart.Device]Member
	known   map[chart.Device]Known
	typed   []Known
	found   map[string]time.Time // gossip addresses from mDNS
	strange int                  // nodes without a valid tag
}

// New opens the exchange's port, so that Addr is known; Run does the rest.
func New(cfg Config) (*Mesh, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for other tablets (is another program using the port?): %w", err)
	}
	m := &Mesh{
		cfg: cfg, self: cfg.Exchange.Self(), listen: l,
		restart: make(chan string, 1), poke: make(chan struct{}, 1), seek: make(chan struct{}, 1),
		members: map[chart.Device]Member{}, known: map[chart.Device]Known{}, found: map[string]time.Time{},
	}
	for _, k := range cfg.Known {
		if k.Device == (chart.Device{}) {
			m.typed = append(m.typed, k)
		} else if k.Device != m.self {
			m.known[k.Device] = k
		}
	}
	for _, a := range cfg.Join {
		m.typed = append(m.typed, Known{Gossip: a})
	}
	return m, nil
}

// Run takes part until ctx ends. It owns every goroutine of the mesh.
func (m *Mesh) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() {
		if err := m.cfg.Exchange.Serve(ctx, m.listen); err != nil {
			m.cfg.Log.Warn("exchange stopped listening", "why", err)
		}
	})
	parts.Go(func() { m.dialAll(ctx) })
	parts.Go(func() { m.joinForEver(ctx) })
	if !m.cfg.Quiet {
		parts.Go(func() { m.ask(ctx) })
	}
	for wait := time.Second; ctx.Err() == nil; {
		g, err := m.startGossip()
		if err != nil {
			m.cfg.Log.Warn("cannot start gossip; trying again", "why", err)
			sleep(ctx, wait)
			wait = min(2*wait, 30*time.Second)
			continue
		}
		wait = time.Second
		why := m.follow(ctx, g)
		m.cfg.Log.Info("gossip ends", "why", why)
		g.stop(ctx.Err() != nil)
	}
	return nil
}

// Addr is where the exchange listens.
func (m *Mesh) Addr() net.Addr { return m.listen.Addr() }

// Gossip is where gossip listens: what another station may be told to join. It
// is the zero address until Serf has started.
func (m *Mesh) Gossip() netip.AddrPort {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gossip == nil {
		return netip.AddrPort{}
	}
	return m.gossip.addr
}

// Join adds a gossip address that a person typed or scanned.
func (m *Mesh) Join(addr string) {
	m.add(Known{Gossip: addr})
}

// Dial adds an exchange address to keep a contact with, for a peer that gossip
// cannot reach: a hospital across the internet.
func (m *Mesh) Dial(device chart.Device, addr string) {
	m.add(Known{Device: device, Exchange: addr})
}

func (m *Mesh) add(k Known) {
	m.mu.Lock()
	if k.Device == (chart.Device{}) {
		if !slices.Contains(m.typed, k) {
			m.typed = append(m.typed, k)
		}
	} else {
		m.known[k.Device] = k
	}
	m.mu.Unlock()
	m.remember()
	wake(m.poke)
	wake(m.seek)
}

// Rekey starts gossip anew with the keys that Gossip now returns.
func (m *Mesh) Rekey() { m.again("the gossip key changed") }

func (m *Mesh) again(why string) {
	select {
	case m.restart <- why:
	default:
	}
}

// Members returns the stations that gossip shows, those not alive included.
func (m *Mesh) Members() []Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Member, 0, len(m.members))
	for _, v := range m.members {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(string(a.Device[:]), string(b.Device[:])) })
	return list
}

// Strangers counts the nodes that gossip shows without a tag of this team.
func (m *Mesh) Strangers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.strange
}

// remember hands the list of peers on, to be kept.
func (m *Mesh) remember() {
	if m.cfg.Remember == nil {
		return
	}
	m.mu.Lock()
	list := slices.Clone(m.typed)
	for _, k := range m.known {
		list = append(list, k)
	}
	m.mu.Unlock()
	m.cfg.Remember(list)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
