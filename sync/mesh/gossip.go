package mesh

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// The pace of gossip.
const (
	lookEvery   = 500 * time.Millisecond // at our addresses, the clock and the members
	tagEvery    = 10 * time.Second       // the tag is made anew at most so often, and a little more
	tagJitter   = 3 * time.Second
	clockJump   = 5 * time.Second // between wall and running time: the machine slept
	leaveWithin = time.Second
)

// A gossip is one run of Serf under one name.
type gossip struct {
	serf    *serf.Serf
	events  chan serf.Event
	keyring *memberlist.Keyring
	keys    [][]byte
	name    string
	addr    netip.AddrPort // as advertised
	bound   string         // the address asked for; "" when it is ours to choose
	quit    func()         // stops answering mDNS
	tags    verifier
}

func (m *Mesh) startGossip() (*gossip, error) {
	keys := m.cfg.Gossip()
	if len(keys) == 0 {
		return nil, errors.New("the team has no gossip key yet")
	}
	ring, err := memberlist.NewKeyring(keys, keys[0])
	if err != nil {
		return nil, fmt.Errorf("use gossip keys: %w", err)
	}
	var fresh [5]byte
	rand.Read(fresh[:])
	g := &gossip{
		events: make(chan serf.Event, 512), keyring: ring, keys: keys,
		name: fmt.Sprintf("%x-%x", m.self[:6], fresh), quit: func() {},
		tags: verifier{m.cfg.Roster, map[setting]string{}},
	}
	c := serf.DefaultConfig()
	c.NodeName = g.name
	c.EventCh = g.events
	c.EnableNameConflictResolution = false
	c.DisableCoordinates = true
	c.BroadcastTimeout = leaveWithin
	c.LeavePropagateDelay = leaveWithin / 4
	c.ReconnectTimeout = 10 * time.Minute // after that our own list tries
	c.Logger = slog.NewLogLogger(m.cfg.Log.Handler(), slog.LevelDebug)
	l := memberlist.DefaultLANConfig()
	c.MemberlistConfig = l
	l.Logger = c.Logger
	l.Keyring = ring
	l.DeadNodeReclaimTime = time.Second
	l.TCPTimeout = 5 * time.Second
	l.BindPort = 0
	host, port := "", "0"
	if m.cfg.Bind != "" {
		if host, port, err = net.SplitHostPort(m.cfg.Bind); err != nil {
			return nil, fmt.Errorf("gossip address: %w", err)
		}
		if l.BindPort, err = strconv.Atoi(port); err != nil {
			return nil, fmt.Errorf("gossip port: %w", err)
		}
	}
	g.bound = host
	if host == "" || net.ParseIP(host).IsUnspecified() {
		g.bound = ""
		ours := bestAddress()
		if !ours.IsValid() {
			return nil, errors.New("this tablet has no network address now")
		}
		l.BindAddr, l.AdvertiseAddr = "0.0.0.0", ours.String()
		if ours.Is6() {
			l.BindAddr = "::"
		}
	} else {
		l.BindAddr = host
	}
	// Others remember where we were met: any port is asked for, and was once had, then
	// that one is as good as any.
	again := l.BindPort == 0 && m.port != 0
	if again {
		l.BindPort = int(m.port)
	}
	l.AdvertisePort = l.BindPort
	if g.serf, err = serf.Create(c); err != nil && again {
		m.port = 0 // somebody else has it now
		return m.startGossip()
	}
	if err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	me := g.serf.LocalMember()
	ip, _ := netip.AddrFromSlice(me.Addr)
	g.addr = netip.AddrPortFrom(ip.Unmap(), me.Port)
	m.port = me.Port
	m.mu.Lock()
	m.gossip = g
	m.members = map[chart.Device]Member{}
	m.mu.Unlock()
	if !m.cfg.Quiet {
		g.quit = m.answerDiscovery(g)
	}
	m.cfg.Log.Info("gossip runs", "name", g.name, "at", g.addr)
	wake(m.poke)
	wake(m.seek)
	return g, nil
}

// stop ends this run. Politely, the others are told; after an address change
// there is nobody to tell.
func (g *gossip) stop(politely bool) {
	g.quit()
	if politely {
		g.serf.Leave()
	}
	g.serf.Shutdown()
	<-g.serf.ShutdownCh()
}

// follow watches one run of Serf until it must be started anew, and says why.
func (m *Mesh) follow(ctx context.Context, g *gossip) string {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var said journal.Digest
	var due time.Time // when the tag may be made anew
	seen := time.Now()
	for {
		select {
		case <-ctx.Done():
			return "this tablet stops sharing"
		case why := <-m.restart:
			return why
		case <-g.serf.ShutdownCh():
			return "Serf stopped by itself"
		case <-g.events:
			for len(g.events) > 0 {
				<-g.events
			}
			m.gather(g)
		case <-look.C:
			now := time.Now()
			if wall := now.Round(0).Sub(seen.Round(0)); (wall-now.Sub(seen)).Abs() > clockJump || now.Sub(seen) > clockJump {
				m.gone(g)
				return "the machine slept, or its clock was set"
			}
			seen = now
			if g.bound == "" && bestAddress() != g.addr.Addr() {
				m.gone(g)
				return "this tablet's address changed"
			}
			m.guardKeys(g)
			m.gather(g) // the roster may have changed
			if now.Before(due) {
				continue
			}
			if d := m.cfg.Exchange.Digest(); due.IsZero() || d != said {
				said = d
				due = now.Add(tagEvery + mathrand.N(tagJitter))
				if err := m.say(g, said); err != nil {
					m.cfg.Log.Debug("tag not sent", "why", err)
				}
			}
		}
	}
}

// gone hangs up what hung on an address that is ours no more, or slept.
func (m *Mesh) gone(g *gossip) {
	m.cfg.Exchange.Hangup(func(local net.Addr) bool {
		a, ok := local.(*net.TCPAddr)
		return ok && a.AddrPort().Addr().Unmap() == g.addr.Addr()
	})
}

// say signs and spreads our tag.
func (m *Mesh) say(g *gossip, d journal.Digest) error {
	now := time.Now()
	t := tag{kind: m.cfg.Kind, port: uint16(m.listen.Addr().(*net.TCPAddr).Port), time: now, device: m.self, digest: d}
	return g.serf.SetTags(map[string]string{tagName: t.sign(m.cfg.Key, setting{m.cfg.Team, g.name, g.addr})})
}

// guardKeys undoes what a holder of the gossip key may do to our keyring by a
// Serf query.
func (m *Mesh) guardKeys(g *gossip) {
	if slices.EqualFunc(g.keyring.GetKeys(), g.keys, bytes.Equal) {
		return
	}
	for _, k := range g.keys {
		g.keyring.AddKey(k)
	}
	g.keyring.UseKey(g.keys[0])
	for _, k := range slices.Clone(g.keyring.GetKeys()) {
		if !slices.ContainsFunc(g.keys, func(own []byte) bool { return bytes.Equal(own, k) }) {
			g.keyring.RemoveKey(k)
		}
	}
	m.cfg.Log.Warn("a node changed the gossip keys; they were put back")
}

// gather reads the members from Serf. Of several nodes of one device the one
// whose tag is newest counts.
func (m *Mesh) gather(g *gossip) {
	next := map[chart.Device]Member{}
	strange := 0
	m.mu.Lock()
	was := m.members
	m.mu.Unlock()
	for _, n := range g.serf.Members() {
		if n.Name == g.name {
			continue
		}
		ip, _ := netip.AddrFromSlice(n.Addr)
		at := netip.AddrPortFrom(ip.Unmap(), n.Port)
		t, err := g.tags.verify(n.Tags[tagName], setting{m.cfg.Team, n.Name, at})
		if err != nil {
			if n.Status == serf.StatusAlive {
				strange++
			}
			continue
		}
		v := Member{
			Device: t.device, Kind: t.kind, Node: n.Name, Gossip: at,
			Exchange: netip.AddrPortFrom(at.Addr(), t.port),
			Digest:   t.digest, Said: t.time, Alive: n.Status == serf.StatusAlive,
		}
		if old, ok := next[v.Device]; ok && (old.Alive && !v.Alive || old.Alive == v.Alive && old.Said.After(v.Said)) {
			continue
		}
		if v.Device != m.self {
			next[v.Device] = v
		}
	}
	m.mu.Lock()
	m.members, m.strange = next, strange
	learnt := false
	for d, v := range next {
		k := Known{d, v.Gossip.String(), v.Exchange.String()}
		if v.Alive && m.known[d] != k {
			m.known[d] = k
			learnt = true
		}
	}
	m.mu.Unlock()
	if learnt {
		m.remember()
	}
	for d, v := range next {
		if old := was[d]; v.Alive && (!old.Alive || old.Node != v.Node || old.Digest != v.Digest) {
			wake(m.poke)
		}
	}
	for d, old := range was {
		if old.Alive && !next[d].Alive {
			wake(m.seek)
		}
	}
}
