package serialport

import "errors"

// A Pty would be a pseudo-terminal; Windows has none that opens like a port.
type Pty struct{ Name string }

// OpenPty always fails here.
func OpenPty() (*Pty, error) {
	return nil, errors.New("open a pseudo-terminal: not on Windows; simulate on tcp instead")
}

// Read is never reached.
func (*Pty) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

// Write is never reached.
func (*Pty) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// Close does nothing.
func (*Pty) Close() error { return nil }
