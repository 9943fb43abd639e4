package mesh

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
)

const (
	mdnsService = "_fieldkit._tcp"
	askSoonest  = 5 * time.Second // between questions, right after a start
	askLatest   = 60 * time.Second
)

// hint tells our own team's answers from others', to those who hold the gossip
// key, and says nothing to anyone else. It changes with the key.
func hint(key []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("fieldkit mesh mdns 1"))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// answerDiscovery answers mDNS questions for this run of Serf.
func (m *Mesh) answerDiscovery(g *gossip) (quit func()) {
	log := slog.NewLogLogger(m.cfg.Log.Handler(), slog.LevelDebug)
	zone, err := mdns.NewMDNSService(g.name, mdnsService, "", g.name+".local.", int(g.addr.Port()),
		[]net.IP{g.addr.Addr().AsSlice()}, []string{hint(g.keys[0])})
	if err == nil {
		var server *mdns.Server
		if server, err = mdns.NewServer(&mdns.Config{Zone: zone, Iface: interfaceOf(g.addr.Addr()), Logger: log}); err == nil {
			return func() { server.Shutdown() }
		}
	}
	m.cfg.Log.Info("this network does not let tablets find each other by themselves; type an address", "why", err)
	return func() {}
}

// ask asks mDNS who is there, often after a start and each minute later.
func (m *Mesh) ask(ctx context.Context) {
	log := slog.NewLogLogger(m.cfg.Log.Handler(), slog.LevelDebug)
	wait := askSoonest
	var asked *gossip
	for ctx.Err() == nil {
		m.mu.Lock()
		g := m.gossip
		m.mu.Unlock()
		if g == nil {
			sleep(ctx, 100*time.Millisecond)
			continue
		}
		if g != asked {
			asked, wait = g, askSoonest
		}
		entries := make(chan *mdns.ServiceEntry, 64)
		var both sync.WaitGroup
		for _, four := range []bool{true, false} { // apart: where one cannot be sent, the library gives the other up too
			both.Go(func() {
				err := mdns.QueryContext(ctx, &mdns.QueryParam{
					Service: mdnsService, Domain: "local", Timeout: time.Second, Entries: entries, Logger: log,
					Interface: interfaceOf(g.addr.Addr()), DisableIPv4: !four, DisableIPv6: four,
				})
				if err != nil {
					m.cfg.Log.Debug("mDNS question not sent", "IPv4", four, "why", err)
				}
			})
		}
		both.Wait()
		m.foundBy(entries, hint(g.keys[0]))
		sleep(ctx, wait)
		wait = min(2*wait, askLatest)
	}
}

// foundBy notes the addresses that answered for our team.
func (m *Mesh) foundBy(entries chan *mdns.ServiceEntry, team string) {
	news := false
	m.mu.Lock()
	for len(entries) > 0 {
		e := <-entries
		ip, ok := netip.AddrFromSlice(e.AddrV4)
		if !ok && e.AddrV6IPAddr != nil {
			ip, ok = netip.AddrFromSlice(e.AddrV6IPAddr.IP)
		}
		if !ok || !slices.Contains(e.InfoFields, team) || len(m.found) > 256 {
			continue
		}
		addr := netip.AddrPortFrom(ip.Unmap(), uint16(e.Port)).String()
		if _, known := m.found[addr]; !known {
			news = true
		}
		m.found[addr] = time.Now()
	}
	m.mu.Unlock()
	if news {
		wake(m.seek)
	}
}
