package devices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Port is an open line. Read blocks until bytes come or the line dies; Close
// from another goroutine ends a Read, and a Write as soon as the system lets go.
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
	// NoLine says that bytes come as the monitor sent them, whatever setting is
	// chosen: a network connection or a recording.
	NoLine bool
	// Datagrams says that each Read gives one whole message and each Write sends one.
	Datagrams bool
	// Lasting is what the monitor itself says that no other has, such as "mac:" and
	// its network address; "" when it says nothing before it is opened.
	Lasting string
	// Speaks is the name of the only driver there can be, "" to find out.
	Speaks string
}

// Identity is what a choice is remembered by: what the monitor says of itself or
// the USB adapter where there is one, so that another address or socket makes no
// difference; otherwise the name. Adapters of one make without serial numbers share
// an identity.
func (p PortInfo) Identity() string {
	if p.Lasting != "" {
		return p.Lasting
	}
	if p.USB == (USBID{}) {
		return "port:" + p.Name
	}
	return fmt.Sprintf("usb:%04x:%04x:%s", p.USB.Vendor, p.USB.Product, p.Serial)
}

// Ports lists and opens ports. devices/serialport is the real one.
type Ports interface {
	List(ctx context.Context) ([]PortInfo, error)
	Open(ctx context.Context, name string, l Line) (Port, error)
}

// Several is Ports of several kinds as one. A port is opened by the first that
// lists its name.
type Several []Ports

// List is all their ports.
func (s Several) List(ctx context.Context) ([]PortInfo, error) {
	var all []PortInfo
	for _, p := range s {
		list, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// Open opens the port called name.
func (s Several) Open(ctx context.Context, name string, l Line) (Port, error) {
	for _, p := range s {
		list, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(i PortInfo) bool { return i.Name == name }) {
			return p.Open(ctx, name, l)
		}
	}
	return nil, &Fault{Op: "open", Port: name, Err: ErrGone, Do: "Plug the cable in again."}
}

// Why a port cannot be opened or has died, for errors.Is on what [Ports] and
// [Port] return. Anything else is a failure without a known remedy.
var (
	ErrDenied = errors.New("permission denied")
	ErrBusy   = errors.New("port in use by another program")
	ErrGone   = errors.New("port gone")
	ErrLine   = errors.New("line setting not supported")
	ErrDriver = errors.New("the driver failed")
)

// A Fault is what went wrong on a port and what a person can do about it.
type Fault struct {
	Op   string // "open", "read", "set"
	Port string
	Err  error
	Do   string // "" when nothing but waiting helps
}

// Error gives operation, port and reason.
func (f *Fault) Error() string { return fmt.Sprintf("%s %s: %v", f.Op, f.Port, f.Err) }

// Unwrap gives the reason.
func (f *Fault) Unwrap() error { return f.Err }
