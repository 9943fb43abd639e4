package netport

import (
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"fieldkit/devices"
)

// writeFor is how long a write may take. Writes are short; a monitor that takes none
// for this long is gone.
const writeFor = 2 * time.Second

// A stream is an open TCP connection.
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

// datagrams is an open UDP port: what comes from one address, and what is sent to it.
type datagrams struct {
	net.Conn
	name string
}

// Read waits for a datagram. What does not fit into b is lost, and the message with
// it: no monitor's is longer than a network's packet.
func (d *datagrams) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	return n, d.fault("read", err)
}

// Write sends b as one datagram.
func (d *datagrams) Write(b []byte) (int, error) {
	n, err := d.Conn.Write(b)
	return n, d.fault("write to", err)
}

// Set changes nothing.
func (*datagrams) Set(devices.Line) error { return nil }

func (d *datagrams) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	f := &devices.Fault{Op: op, Port: d.name, Err: err, Do: "Check the network cable and the monitor."}
	if errors.Is(err, syscall.ECONNREFUSED) {
		f.Do = "The address answers, but no monitor there: check the address, and that the monitor's data export is on."
	}
	return f
}
