package link

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2"
	"github.com/pion/turn/v2"
)

// RelayConfig is what an embedded relay needs: at least one of UDP and Listener.
type RelayConfig struct {
	UDP      net.PacketConn
	Listener net.Listener // TCP, or TLS on 443; may be nil
	// Host is the relay's name or address as vehicles reach it, and Port and
	// ListenerPort the ports of UDP and Listener there.
	Host         string
	Port         int
	ListenerPort int
	TLS          bool   // Listener speaks TLS
	Public       net.IP // what relayed packets come from, as the gateway sees it
	// Peers are the only addresses the relay sends to: the gateway's. A relay
	// that sends anywhere is a hole in the hospital's firewall.
	Peers []net.IP
	// Anywhere lets it send to any address but this machine's own, link-local ones and
	// groups, for a hospital that can only dial out: its credentials go to that
	// hospital alone, and nobody knows where its vehicles are.
	Anywhere bool

	net transport.Net // for tests
}

// Credentials are good for relayFor: longer than a connection's hour, so that a
// relayed connection is not cut before its renewal. It is counted from the relay's
// start: a wall clock that is set, as at a host's first word from the network, must
// neither cut the vehicles off nor let anybody stay.
const (
	relayFor         = 2 * time.Hour
	relayRealm       = "fieldkit"
	allocationsAtAll = 512
)

// A Relay is a TURN server for vehicles whose UDP does not reach the gateway. It
// reads nothing of what it passes on.
type Relay struct {
	conf   RelayConfig
	secret [32]byte
	since  func() time.Duration // the relay's start
	server *turn.Server
	open   atomic.Int32
}

// NewRelay starts a relay. Close it.
func NewRelay(conf RelayConfig) (*Relay, error) {
	began := time.Now()
	r := &Relay{conf: conf, since: func() time.Duration { return time.Since(began) }}
	rand.Read(r.secret[:])
	server := turn.ServerConfig{Realm: relayRealm, AuthHandler: r.key,
		LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}}
	allowed := func(_ net.Addr, peer net.IP) bool {
		return conf.Anywhere && conf.abroad(peer) || slices.ContainsFunc(conf.Peers, func(ip net.IP) bool { return ip.Equal(peer) })
	}
	addresses := &counted{r: r, RelayAddressGeneratorStatic: turn.RelayAddressGeneratorStatic{RelayAddress: conf.Public, Address: "0.0.0.0", Net: conf.net}}
	if conf.UDP != nil {
		server.PacketConnConfigs = []turn.PacketConnConfig{{PacketConn: conf.UDP, RelayAddressGenerator: addresses, PermissionHandler: allowed}}
	}
	if conf.Listener != nil {
		server.ListenerConfigs = []turn.ListenerConfig{{Listener: conf.Listener, RelayAddressGenerator: addresses, PermissionHandler: allowed}}
	}
	var err error
	if r.server, err = turn.NewServer(server); err != nil {
		return nil, fmt.Errorf("start the relay: %w", err)
	}
	return r, nil
}

// abroad reports whether an address may be a vehicle's.
func (c RelayConfig) abroad(ip net.IP) bool {
	if !ip.IsGlobalUnicast() || ip.Equal(c.Public) {
		return false
	}
	own, err := net.InterfaceAddrs()
	return err == nil && !slices.ContainsFunc(own, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}

// Servers are the relay's addresses with fresh credentials, for one vehicle.
func (r *Relay) Servers() []ICEServer {
	var id [9]byte
	rand.Read(id[:])
	user := strconv.FormatInt(int64((r.since()+relayFor)/time.Second), 10) + ":" + base64.RawURLEncoding.EncodeToString(id[:])
	make := func(scheme string, port int, transport string) ICEServer {
		return ICEServer{URL: scheme + ":" + net.JoinHostPort(r.conf.Host, strconv.Itoa(port)) + "?transport=" + transport,
			Username: user, Credential: r.password(user)}
	}
	var out []ICEServer
	if r.conf.UDP != nil {
		out = append(out, make("turn", r.conf.Port, "udp"))
	}
	if r.conf.Listener != nil {
		scheme := "turn"
		if r.conf.TLS {
			scheme = "turns"
		}
		out = append(out, make(scheme, r.conf.ListenerPort, "tcp"))
	}
	return out
}

// Close ends the relay and its sockets.
func (r *Relay) Close() error {
	if err := r.server.Close(); err != nil {
		return fmt.Errorf("close the relay: %w", err)
	}
	return nil
}

func (r *Relay) password(user string) string {
	mac := hmac.New(sha256.New, r.secret[:])
	mac.Write([]byte(user))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// key is the key of a user whose time has not run out.
func (r *Relay) key(user, realm string, _ net.Addr) ([]byte, bool) {
	until, _, ok := strings.Cut(user, ":")
	at, err := strconv.ParseInt(until, 10, 64)
	now := int64(r.since() / time.Second)
	if !ok || err != nil || at < now || at > now+int64(relayFor/time.Second) {
		return nil, false
	}
	return turn.GenerateAuthKey(user, realm, r.password(user)), true
}

// counted limits how many allocations are open.
type counted struct {
	turn.RelayAddressGeneratorStatic
	r *Relay
}

func (c *counted) AllocatePacketConn(network string, port int) (net.PacketConn, net.Addr, error) {
	if c.r.open.Add(1) > allocationsAtAll {
		c.r.open.Add(-1)
		return nil, nil, errors.New("relay: too many connections")
	}
	conn, at, err := c.RelayAddressGeneratorStatic.AllocatePacketConn(network, port)
	if err != nil {
		c.r.open.Add(-1)
		return nil, nil, err
	}
	return &countedConn{PacketConn: conn, r: c.r}, at, nil
}

type countedConn struct {
	net.PacketConn
	r    *Relay
	done atomic.Bool
}

func (c *countedConn) Close() error {
	if c.done.CompareAndSwap(false, true) {
		c.r.open.Add(-1)
	}
	return c.PacketConn.Close()
}
