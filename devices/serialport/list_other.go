//go:build windows || (cgo && !linux)

package serialport

import (
	"go.bug.st/serial/enumerator"

	"fieldkit/devices"
)

// list is the serial ports the system knows. root is for tests on Linux.
func list(string) ([]devices.PortInfo, error) {
	found, err := enumerator.GetDetailedPortsList()
	if err != nil {
		return nil, err
	}
	ports := make([]devices.PortInfo, len(found))
	for i, d := range found {
		ports[i] = devices.PortInfo{Name: d.Name, USB: devices.USBID{Vendor: hex16(d.VID), Product: hex16(d.PID)}, Serial: d.SerialNumber, Product: d.Product}
	}
	return ports, nil
}
