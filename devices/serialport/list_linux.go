package serialport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"fieldkit/devices"
)

// classTTY is where the kernel says which terminals there are. The list is read
// from there and not by go.bug.st/serial, which opens each built-in port to see
// whether it is real: twice a second that would disturb whoever uses it, and a
// port of ours would seem to be gone.
const classTTY = "/sys/class/tty"

// list is the serial ports below root, "/" but for tests.
func list(root string) ([]devices.PortInfo, error) {
	entries, err := os.ReadDir(path.Join(root, classTTY))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a container without them
	}
	if err != nil {
		return nil, fmt.Errorf("read the kernel's list of serial ports: %w", err)
	}
	var ports []devices.PortInfo
	for _, e := range entries {
		name := e.Name()
		dir := path.Join(root, classTTY, name)
		if !strings.HasPrefix(name, "rfcomm") { // Bluetooth's have no hardware below them
			device, err := filepath.EvalSymlinks(path.Join(dir, "device"))
			if err != nil || text(dir, "type") == "0" || text(dir, "console") == "Y" {
				continue // a screen, a place where a UART could be, or the kernel's console
			}
			ports = append(ports, identify(root, name, device))
			continue
		}
		ports = append(ports, devices.PortInfo{Name: "/dev/" + name})
	}
	return ports, nil
}

// identify looks for the USB adapter that a port is part of, upwards from its own
// place in the tree of hardware.
func identify(root, name, device string) devices.PortInfo {
	p := devices.PortInfo{Name: "/dev/" + name}
	top := path.Join(root, "/sys/devices")
	for dir := device; strings.HasPrefix(dir, top) && dir != top; dir = path.Dir(dir) {
		if vendor := text(dir, "idVendor"); vendor != "" {
			p.USB = devices.USBID{Vendor: hex16(vendor), Product: hex16(text(dir, "idProduct"))}
			p.Serial, p.Product = text(dir, "serial"), text(dir, "product")
			break
		}
	}
	return p
}

// text is a file's content without its line end, "" when there is none.
func text(dir, name string) string {
	b, err := os.ReadFile(path.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
