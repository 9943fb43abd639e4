package serialport

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"fieldkit/devices"
)

// TCP are monitors reached over the network as a plain stream of bytes, by a
// serial server or their own: each address is the port "tcp:host:port".
type TCP struct{ Addresses []string }

var _ devices.Ports = TCP{}

const (
	tcpPrefix = "tcp:"
	// A serial server on the same network answers at once; longer would only delay
	// saying that it is not there.
	dialFor = 3 * time.Second
	// Writes are short; a server that takes none for this long is gone.
	writeFor = 2 * time.Second
	// A pulled network cable says nothing: unanswered probes tell within this.
	aliveIdle, aliveEvery, aliveCount = time.Second, 500 * time.Millisecond, 3
)

// List is the addresses; whether anybody answers there is found by opening.
func (t TCP) List(context.Context) ([]devices.PortInfo, error) {
	list := make([]devices.PortInfo, len(t.Addresses))
	for i, a := range t.Addresses {
		list[i] = devices.PortInfo{Name: tcpPrefix + a, NoLine: true}
	}
	return list, nil
}

// Open dials.
func (TCP) Open(ctx context.Context, name string, _ devices.Line) (devices.Port, error) {
	d := net.Dialer{Timeout: dialFor, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: aliveIdle, Interval: aliveEvery, Count: aliveCount}}
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

// A stream is an open connection.
type stream struct {
	net.Conn
	name string
}

// Read waits for bytes.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	return n, s.gone("read", err)
}

// Write sends b.
func (s *stream) Write(b []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(writeFor)); err != nil {
		return 0, s.gone("write to", err)
	}
	n, err := s.Conn.Write(b)
	return n, s.gone("write to", err)
}

// Set changes nothing: the far end's line is set there.
func (*stream) Set(devices.Line) error { return nil }

func (s *stream) gone(op string, err error) error {
	if err == nil {
		return nil
	}
	f := &devices.Fault{Op: op, Port: s.name, Err: err, Do: "Check the network cable and the monitor."}
	if errors.Is(err, io.EOF) {
		f.Err = errors.Join(devices.ErrGone, err)
	}
	return f
}
