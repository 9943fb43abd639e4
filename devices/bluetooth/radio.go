package bluetooth

import (
	"context"
	"errors"
)

// A Radio is the part of a Bluetooth adapter that is needed. It is used by one
// goroutine at a time.
type Radio interface {
	// Scan calls found for what is advertised until ctx ends, which is no error.
	Scan(ctx context.Context, found func(Advertisement)) error
	// Connect connects to a device that was found.
	Connect(ctx context.Context, address string) (Peripheral, error)
}

// An Advertisement is what a device says of itself to all.
type Advertisement struct {
	Address  string // as the system writes it: "C0:FF:EE:00:00:01"
	Name     string
	Services []string // whole UUIDs in lower case
}

// A Peripheral is a connected device. Characteristics are whole UUIDs in lower case.
type Peripheral interface {
	// Has says whether the device has a characteristic.
	Has(characteristic string) bool
	Read(characteristic string) ([]byte, error)
	Write(characteristic string, b []byte) error
	// Subscribe calls notified for each notification until Close. The bytes are
	// valid only during the call.
	Subscribe(characteristic string, notified func(b []byte)) error
	// Gone is closed when the device is not connected any more.
	Gone() <-chan struct{}
	Close() error
}

// ErrNotBuilt reports that this program was built without the radio.
var ErrNotBuilt = errors.New("this program was built without Bluetooth")
