package mesh

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

const (
	joinSoonest = time.Second
	probeTime   = 2 * time.Second // for a gossip address to answer at all
	probesAtOne = 16              // addresses looked at together
	foundLasts  = 10 * time.Minute
)

// joinForEver tells Serf the addresses of peers that it does not show alive:
// typed, remembered, found by mDNS. Those that answer are joined; Serf itself
// would wait for each dead one in turn.
func (m *Mesh) joinForEver(ctx context.Context) {
	wait, turn := joinSoonest, 0
	lost := time.Now()
	for ctx.Err() == nil {
		list := m.joinable()
		if len(list) == 0 {
			lost = time.Now()
		} else {
			turn %= len(list)
			part := append(list[turn:], list[:turn]...)[:min(probesAtOne, len(list))]
			turn += len(part)
			m.join(ctx, part)
		}
		t := time.NewTimer(wait/2 + rand.N(wait))
		select {
		case <-t.C:
			wait = min(2*wait, patience(time.Since(lost)))
		case <-m.seek:
			wait, lost = joinSoonest, time.Now()
			sleep(ctx, 50*time.Millisecond)
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// join asks Serf to join the addresses that answer.
func (m *Mesh) join(ctx context.Context, list []string) {
	var mu sync.Mutex
	var there []string
	var probes sync.WaitGroup
	for _, addr := range list {
		probes.Go(func() {
			d := net.Dialer{Timeout: probeTime}
			if conn, err := d.DialContext(ctx, "tcp", addr); err == nil {
				conn.Close()
				mu.Lock()
				there = append(there, addr)
				mu.Unlock()
			}
		})
	}
	probes.Wait()
	m.mu.Lock()
	g := m.gossip
	m.mu.Unlock()
	if g == nil || len(there) == 0 {
		return
	}
	n, err := g.serf.Join(there, true)
	m.cfg.Log.Debug("joined gossip", "answered", len(there), "joined", n, "why", err)
}

// joinable lists gossip addresses at which Serf shows nobody alive.
func (m *Mesh) joinable() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gossip == nil {
		return nil
	}
	skip := map[string]bool{m.gossip.addr.String(): true, "": true}
	for _, v := range m.members {
		if v.Alive {
			skip[v.Gossip.String()] = true
		}
	}
	var list []string
	add := func(addr string) {
		if !skip[addr] {
			skip[addr] = true
			list = append(list, addr)
		}
	}
	for addr, at := range m.found {
		if time.Since(at) > foundLasts {
			delete(m.found, addr)
			continue
		}
		add(addr)
	}
	for _, k := range m.typed {
		add(k.Gossip)
	}
	for d, k := range m.known {
		if !m.members[d].Alive {
			add(k.Gossip)
		}
	}
	return list
}
