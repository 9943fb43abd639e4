package netport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fieldkit/devices"
)

// Dialled are monitors at addresses given by hand, each the name of a port:
// "tcp:host:port" or "udp:host:port".
type Dialled struct{ Addresses []string }

var _ devices.Ports = Dialled{}

const (
	tcpPrefix = "tcp:"
	udpPrefix = "udp:"
	// A serial server on the same network answers at once; longer would only delay
	// saying that it is not there.
	dialFor = 3 * time.Second
)

// alive finds out about a pulled network cable, which says nothing: unanswered
// probes tell within 2.5 s.
var alive = net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: 500 * time.Millisecond, Count: 3}

// CheckAddress says whether text is the name of a port on a network, and what is
// wrong with it if it is a bad one.
func CheckAddress(text string) (network bool, err error) {
	kind, address, ok := strings.Cut(text, ":")
	if !ok || kind+":" != tcpPrefix && kind+":" != udpPrefix {
		return false, nil
	}
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
		return true, fmt.Errorf("%q is no address of a monitor: write it like %s:10.0.0.7:4001", text, kind)
	}
	return true, nil
}

// List is the addresses; whether anybody answers there is found by opening.
func (d Dialled) List(context.Context) ([]devices.PortInfo, error) {
	list := make([]devices.PortInfo, len(d.Addresses))
	for i, a := range d.Addresses {
		list[i] = devices.PortInfo{Name: a, NoLine: true, Datagrams: strings.HasPrefix(a, udpPrefix)}
	}
	return list, nil
}

// Open dials.
func (Dialled) Open(ctx context.Context, name string, _ devices.Line) (devices.Port, error) {
	if address, ok := strings.CutPrefix(name, udpPrefix); ok {
		return dialUDP(ctx, name, address)
	}
	d := net.Dialer{Timeout: dialFor, KeepAliveConfig: alive}
	c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(name, tcpPrefix))
	if err != nil {
		f := &devices.Fault{Op: "connect to", Port: name, Err: err, Do: "Check the network cable, and the address of the monitor or serial server."}
		if errors.Is(err, syscall.ECONNREFUSED) {
			f.Do = "The address answers, but not on this port: check the port number, and that no other program is connected."
		}
		return nil, f
	}
	return &stream{Conn: c, name: name}, nil
}

func dialUDP(ctx context.Context, name, address string) (*datagrams, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", address)
	if err != nil {
		return nil, &devices.Fault{Op: "reach", Port: name, Err: err, Do: "Check the network cable, and the address of the monitor."}
	}
	return &datagrams{Conn: c, name: name}, nil
}
