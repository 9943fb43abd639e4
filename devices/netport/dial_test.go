package netport_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/netport"
)

func TestAMonitorBehindASerialServer(t *testing.T) {
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := far.Addr().String()
	ports := netport.Dialled{Addresses: []string{"tcp:" + address}}
	list, _ := ports.List(context.Background())
	p, err := ports.Open(t.Context(), list[0].Name, devices.Line{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c, err := far.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 9)
	if n, err := p.Read(b); string(b[:n]) != "hello" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
	c.Close()
	if _, err := p.Read(b); !errors.Is(err, devices.ErrGone) {
		t.Errorf("after the server hung up: %v", err)
	}
	far.Close()
	f := (*devices.Fault)(nil)
	if _, err := ports.Open(t.Context(), list[0].Name, devices.Line{}); !errors.As(err, &f) || f.Do == "" {
		t.Errorf("nobody there: %v", err)
	}
}

func TestAddressesOfMonitors(t *testing.T) {
	for text, want := range map[string]struct{ network, bad bool }{
		"/dev/ttyUSB0":        {},
		"COM3":                {},
		"tcp:10.0.0.7:4001":   {network: true},
		"udp:[fe80::1]:24105": {network: true},
		"udp:monitor-3:24105": {network: true},
		"udp:10.0.0.7":        {true, true},
		"tcp::4001":           {true, true},
		"tcp:10.0.0.7:0":      {true, true},
		"udp:10.0.0.7:70000":  {true, true},
		"tcp:10.0.0.7:telnet": {true, true},
	} {
		network, err := netport.CheckAddress(text)
		if network != want.network || (err != nil) != want.bad {
			t.Errorf("%s: %v, %v; want %+v", text, network, err, want)
		}
	}
}
