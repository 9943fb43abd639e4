// Package serialport opens real serial ports: those the operating system lists,
// with the identity of their USB adapters, and those named by hand. It knows no
// monitor, starts no goroutine, and is the only place that knows go.bug.st/serial.
package serialport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"go.bug.st/serial"

	"fieldkit/devices"
)

// Ports are the machine's serial ports. It is safe for concurrent use.
type Ports struct {
	// Extra are paths to list besides those the system knows, while they exist:
	// pseudo-terminals of simulated monitors, or ports of unusual adapters.
	Extra []string
	// Only leaves out the system's own list.
	Only bool
}

var _ devices.Ports = Ports{}

// List is the ports that are there now.
func (p Ports) List(context.Context) ([]devices.PortInfo, error) {
	var ports []devices.PortInfo
	if !p.Only {
		found, err := list("/")
		if err != nil {
			return nil, &devices.Fault{Op: "list", Port: "serial ports", Err: err, Do: "Restart the station. If it stays, restart the computer."}
		}
		ports = found
	}
	for _, name := range p.Extra {
		if _, err := os.Stat(name); err == nil {
			ports = append(ports, devices.PortInfo{Name: name})
		}
	}
	return ports, nil
}

// hex16 is a USB number; 0 when there is none.
func hex16(s string) uint16 {
	n, err := strconv.ParseUint(s, 16, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// Open opens the port called name, for this program alone. Errors are
// [devices.Fault] and match devices.ErrDenied and its like.
func (Ports) Open(_ context.Context, name string, l devices.Line) (devices.Port, error) {
	mode, err := modeOf(l)
	if err != nil {
		return nil, fault("open", name, err)
	}
	opened, err := serial.Open(name, mode)
	if err != nil {
		return nil, fault("open", name, err)
	}
	p := &port{Port: opened, name: name, rts: true, dtr: true} // opening raises both
	if err := p.signal(l); err != nil {
		_ = opened.Close() // the first error is the one to tell
		return nil, fault("set", name, err)
	}
	return p, nil
}

// A port is an open serial line.
type port struct {
	serial.Port
	name     string
	rts, dtr bool
}

// Read waits for bytes.
func (p *port) Read(b []byte) (int, error) {
	n, err := p.Port.Read(b)
	if err != nil {
		err = fault("read", p.name, err)
	}
	return n, err
}

// Write sends b.
func (p *port) Write(b []byte) (int, error) {
	n, err := p.Port.Write(b)
	if err != nil {
		err = fault("write to", p.name, err)
	}
	return n, err
}

// Close gives the port back. What is not yet sent is dropped: a monitor that takes
// nothing would hold up the closing.
func (p *port) Close() error {
	_ = p.ResetOutputBuffer() // a port that is gone has none
	if err := p.Port.Close(); err != nil {
		return fault("close", p.name, err)
	}
	return nil
}

// Set changes the line's setting.
func (p *port) Set(l devices.Line) error {
	mode, err := modeOf(l)
	if err != nil {
		return fault("set", p.name, err)
	}
	if err := p.SetMode(mode); err != nil {
		return fault("set", p.name, err)
	}
	if err := p.signal(l); err != nil {
		return fault("set", p.name, err)
	}
	return nil
}

// signal raises or lowers RTS and DTR. A pseudo-terminal has neither.
func (p *port) signal(l devices.Line) error {
	if l.RTS != p.rts {
		if err := p.SetRTS(l.RTS); err != nil && !errors.Is(err, syscall.ENOTTY) {
			return err
		}
		p.rts = l.RTS
	}
	if l.DTR != p.dtr {
		if err := p.SetDTR(l.DTR); err != nil && !errors.Is(err, syscall.ENOTTY) {
			return err
		}
		p.dtr = l.DTR
	}
	return nil
}

func modeOf(l devices.Line) (*serial.Mode, error) {
	m := &serial.Mode{BaudRate: l.Baud, DataBits: l.DataBits}
	switch l.Parity {
	case devices.NoParity:
	case devices.OddParity:
		m.Parity = serial.OddParity
	case devices.EvenParity:
		m.Parity = serial.EvenParity
	default:
		return nil, devices.ErrLine
	}
	switch l.StopBits {
	case 1:
	case 2:
		m.StopBits = serial.TwoStopBits
	default:
		return nil, devices.ErrLine
	}
	return m, nil
}

// fault puts err in the words of devices, with what a person can do.
func fault(op, name string, err error) error {
	f := &devices.Fault{Op: op, Port: name, Err: err}
	do, kind := kindOf(err)
	if kind != nil {
		f.Err = fmt.Errorf("%w (%w)", kind, err)
		if errors.Is(err, kind) {
			f.Err = err
		}
	}
	f.Do = do
	return f
}

func kindOf(err error) (do string, kind error) {
	code := serial.PortErrorCode(-1)
	if e := (*serial.PortError)(nil); errors.As(err, &e) {
		code = e.Code()
	}
	switch {
	case code == serial.PermissionDenied, errors.Is(err, fs.ErrPermission):
		return "Add this user to the group that owns the port: sudo usermod -aG dialout $USER, then sign out and in again.", devices.ErrDenied
	case code == serial.PortBusy, errors.Is(err, syscall.EBUSY):
		return "Close the other program that uses this port.", devices.ErrBusy
	case code == serial.PortNotFound, code == serial.PortClosed, errors.Is(err, fs.ErrNotExist),
		errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENODEV), errors.Is(err, os.ErrClosed), errors.Is(err, syscall.EBADF):
		return "Plug the cable in again.", devices.ErrGone
	case code == serial.InvalidSpeed, code == serial.InvalidDataBits, code == serial.InvalidParity, code == serial.InvalidStopBits, errors.Is(err, devices.ErrLine):
		return "Choose another line setting, or use another adapter.", devices.ErrLine
	}
	return "Unplug the adapter and plug it in again.", nil
}
