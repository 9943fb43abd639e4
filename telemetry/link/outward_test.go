package link

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2/vnet"
)

// carrier is where the signalling of a vehicle behind a carrier's NAT comes from.
var carrier = netip.MustParseAddrPort("192.0.2.50:40000")

// A hinterland is a vehicle behind a carrier's NAT, a hospital behind its own, each of
// which lets in only answers from where it sent to, by another port for each, and a
// relay between them. Real pion runs over it, on a virtual clock.
func hinterland(t *testing.T) (wan *vnet.Router, vehicle, hospital, relay *vnet.Net) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet := &logging.DefaultLoggerFactory{Writer: io.Discard}
	wan, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "192.0.2.0/24", MinDelay: 20 * time.Millisecond, QueueSize: 10000, LoggerFactory: quiet})
	must(err)
	behind := func(public, cidr, own string) *vnet.Net {
		lan, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: cidr, StaticIPs: []string{public}, QueueSize: 10000, LoggerFactory: quiet,
			NATType: &vnet.NATType{MappingBehavior: vnet.EndpointAddrPortDependent, FilteringBehavior: vnet.EndpointAddrPortDependent, MappingLifeTime: time.Minute}})
		must(err)
		n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{own}})
		must(err)
		must(lan.AddNet(n))
		must(wan.AddRouter(lan))
		return n
	}
	vehicle = behind(carrier.Addr().String(), "10.1.0.0/24", "10.1.0.10")
	hospital = behind("192.0.2.60", "10.2.0.0/24", "10.2.0.10")
	relay, err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"192.0.2.30"}})
	must(err)
	must(wan.AddNet(relay))
	must(wan.Start())
	return wan, vehicle, hospital, relay
}

func TestAVehicleBehindACarriersNATReachesAHospitalThatCanOnlyDialOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan, vehicle, hospital, at := hinterland(t)
		udp, err := at.ListenPacket("udp4", "192.0.2.30:443")
		if err != nil {
			t.Fatal(err)
		}
		relay, err := NewRelay(RelayConfig{UDP: udp, Host: "192.0.2.30", Port: 443, Public: net.IPv4(192, 0, 2, 30), Anywhere: true, net: at})
		if err != nil {
			t.Fatal(err)
		}
		s := newStreet(t, func(v *VehicleConfig, h *HospitalConfig) {
			v.net, h.net = vehicle, hospital
			v.Loopback, h.Loopback = false, false
			h.Relays = relay.Servers
		})
		began := time.Now()
		until(t, "live by the relay", func() bool { now := s.vehicle.State(); return now.Phase == Live && now.Lane == Relayed })
		t.Logf("live by %v after %v", s.vehicle.State().Lane, time.Since(began))
		s.drive(1, 50, 120, 100*time.Millisecond)
		time.Sleep(3 * time.Second)
		if n := s.ward.count(); n != 50 {
			t.Errorf("%d frames of 50 came", n)
		}
		s.stop()
		if err := relay.Close(); err != nil {
			t.Error(err)
		}
		if err := wan.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestARelayForAnywhereReachesNothingOfItsOwnHost(t *testing.T) {
	c := RelayConfig{Public: net.IPv4(192, 0, 2, 30)}
	for text, want := range map[string]bool{
		"198.51.100.7": true, "2001:db8::7": true, "127.0.0.1": false, "::1": false, "0.0.0.0": false, "169.254.169.254": false,
		"fe80::1": false, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "192.0.2.30": false,
	} {
		if c.abroad(net.ParseIP(text)) != want {
			t.Errorf("the relay sends to %s: %v, want %v", text, !want, want)
		}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && c.abroad(n.IP) {
			t.Errorf("the relay sends to its own host's %s", n.IP)
		}
	}
}

func TestAnOfferNamesWhereItCameFrom(t *testing.T) {
	offer := []byte("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 100\r\n")
	got := CameFrom(offer, netip.MustParseAddrPort("[::ffff:198.51.100.7]:4001"))
	if want := "a=candidate:1 1 udp 1 198.51.100.7 4001 typ srflx raddr 0.0.0.0 rport 0\r\n"; string(got) != string(offer)+want {
		t.Errorf("the offer reads %q", got)
	}
	for _, from := range []string{"127.0.0.1:4001", "[::1]:4001", "0.0.0.0:4001", "198.51.100.7:0", "[fe80::1%eth0]:4001", "224.0.0.1:9"} {
		if got := CameFrom(offer, netip.MustParseAddrPort(from)); !bytes.Equal(got, offer) {
			t.Errorf("from %s the offer became %q", from, got)
		}
	}
}
