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
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
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
		var both sync.WaitGroup
		for _, network := range []string{"udp4", "udp6"} {
			both.Go(func() {
				if err := m.askOver(ctx, network, g); err != nil {
					m.cfg.Log.Debug("mDNS question not sent", "over", network, "why", err)
				}
			})
		}
		both.Wait()
		sleep(ctx, wait)
		wait = min(2*wait, askLatest)
	}
}

// askOver asks once and takes the answers of a second. The library's own client is
// of no use where there is no route for multicast, as on a hotspot without a
// gateway: it listens before it can be told the interface. A question from a port
// of our own is answered to that port alone (RFC 6762, sections 5.4 and 6.7), so
// nothing need listen to the group.
func (m *Mesh) askOver(ctx context.Context, network string, g *gossip) error {
	conn, err := net.ListenUDP(network, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	group := &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}
	if network == "udp6" {
		group.IP = net.ParseIP("ff02::fb")
	}
	if own := interfaceOf(g.addr.Addr()); own != nil {
		if network == "udp6" {
			group.Zone = own.Name
		} else if err := ipv4.NewPacketConn(conn).SetMulticastInterface(own); err != nil {
			return err
		}
	}
	if _, err := conn.WriteToUDP(question(), group); err != nil {
		return err
	}
	conn.SetReadDeadline(time.Now().Add(time.Second))
	b := make([]byte, 9000) // the most an mDNS message may have: RFC 6762, section 17
	for {
		n, _, err := conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return nil // the second is over
		}
		m.foundBy(readAnswer(b[:n], hint(g.keys[0])))
	}
}

const serviceName = mdnsService + ".local."

// question asks for our service, to be answered to the asker alone.
func question() []byte {
	const unicast = 1 << 15
	q := dnsmessage.Message{Questions: []dnsmessage.Question{{
		Name: dnsmessage.MustNewName(serviceName), Type: dnsmessage.TypePTR, Class: dnsmessage.ClassINET | unicast,
	}}}
	b, err := q.Pack()
	if err != nil {
		panic(err) // a constant
	}
	return b
}

// readAnswer returns the gossip addresses in an mDNS answer that bear a team's
// hint. It accepts any bytes.
func readAnswer(b []byte, team string) (found []netip.AddrPort) {
	var msg dnsmessage.Message
	if msg.Unpack(b) != nil || !msg.Response {
		return nil
	}
	ours := map[string]bool{}          // instances with the hint
	addrs := map[string][]netip.Addr{} // of a host
	records := slices.Concat(msg.Answers, msg.Additionals)
	for _, r := range records {
		name := strings.ToLower(r.Header.Name.String())
		switch body := r.Body.(type) {
		case *dnsmessage.TXTResource:
			ours[name] = ours[name] || slices.Contains(body.TXT, team)
		case *dnsmessage.AResource:
			addrs[name] = append(addrs[name], netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			addrs[name] = append(addrs[name], netip.AddrFrom16(body.AAAA).Unmap())
		}
	}
	for _, r := range records {
		body, ok := r.Body.(*dnsmessage.SRVResource)
		if !ok || body.Port == 0 || !ours[strings.ToLower(r.Header.Name.String())] {
			continue
		}
		for _, a := range addrs[strings.ToLower(body.Target.String())] {
			if at := netip.AddrPortFrom(a, body.Port); a.IsGlobalUnicast() && !slices.Contains(found, at) {
				found = append(found, at)
			}
		}
	}
	return found
}

// foundMost bounds what answers may make us remember.
const foundMost = 256

// foundBy notes addresses that answered for our team.
func (m *Mesh) foundBy(list []netip.AddrPort) {
	news := false
	m.mu.Lock()
	for _, at := range list {
		addr := at.String()
		if _, known := m.found[addr]; !known {
			if len(m.found) >= foundMost {
				continue
			}
			news = true
		}
		m.found[addr] = time.Now()
	}
	m.mu.Unlock()
	if news {
		wake(m.seek)
	}
}
