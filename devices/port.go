package devices

import (
	"context"
	"io"
)

// A Port is an open line. Read blocks until bytes come or the line dies; Close
// from another goroutine ends a Read.
type Port interface {
	io.ReadWriteCloser
	// Set changes the line's setting; a line without settings (TCP, a recording)
	// returns nil and changes nothing.
	Set(Line) error
}

// PortInfo is a port that could be opened.
type PortInfo struct {
	Name    string // as the operating system calls it: "/dev/ttyUSB0", "tcp:10.0.0.7:4001"
	USB     USBID
	Serial  string // the USB serial number, "" when there is none
	Product string // what the adapter calls itself
}

// Ports lists and opens ports. devices/serialport is the real one.
type Ports interface {
	List(ctx context.Context) ([]PortInfo, error)
	Open(ctx context.Context, name string, l Line) (Port, error)
}
