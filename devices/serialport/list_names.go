//go:build !linux && !windows && !cgo

package serialport

import (
	"go.bug.st/serial"

	"fieldkit/devices"
)

// list is the serial ports the system knows. Without cgo their USB identity cannot
// be had here, so choices are remembered by name. root is for tests on Linux.
func list(string) ([]devices.PortInfo, error) {
	names, err := serial.GetPortsList()
	if err != nil {
		return nil, err
	}
	ports := make([]devices.PortInfo, len(names))
	for i, name := range names {
		ports[i] = devices.PortInfo{Name: name}
	}
	return ports, nil
}
