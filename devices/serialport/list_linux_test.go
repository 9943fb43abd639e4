package serialport

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fieldkit/devices"
)

// sysfs builds a tree as a kernel shows it, from what was seen on real machines:
// a USB bridge, a CDC device, a built-in port, an empty slot, a console, Bluetooth.
func sysfs(t *testing.T) string {
	root := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(name, to string) {
		dir := filepath.Join(root, "sys/class/tty", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(root, to), filepath.Join(dir, "device")); err != nil {
			t.Fatal(err)
		}
	}
	const usb = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"
	write(usb+"/idVendor", "0403\n")
	write(usb+"/idProduct", "6001\n")
	write(usb+"/serial", "A9XK2B\n")
	write(usb+"/product", "FT232R USB UART\n")
	write(usb+"/1-2:1.0/ttyUSB0/port_number", "0\n")
	link("ttyUSB0", usb+"/1-2:1.0/ttyUSB0")
	const cdc = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-3"
	write(cdc+"/idVendor", "1a86\n")
	write(cdc+"/idProduct", "55d4\n")
	write(cdc+"/1-3:1.0/bInterfaceNumber", "00\n")
	link("ttyACM0", cdc+"/1-3:1.0")
	write("sys/devices/platform/serial8250/uevent", "")
	link("ttyS0", "sys/devices/platform/serial8250")
	write("sys/class/tty/ttyS0/type", "4\n")
	link("ttyS1", "sys/devices/platform/serial8250")
	write("sys/class/tty/ttyS1/type", "0\n")
	link("ttyS2", "sys/devices/platform/serial8250")
	write("sys/class/tty/ttyS2/type", "4\n")
	write("sys/class/tty/ttyS2/console", "Y\n")
	write("sys/class/tty/tty0/dev", "4:0\n")
	write("sys/class/tty/rfcomm0/dev", "216:0\n")
	return root
}

func TestPortsAreListedWithTheirAdaptersAndWithoutPlaceholders(t *testing.T) {
	got, err := list(sysfs(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []devices.PortInfo{
		{Name: "/dev/rfcomm0"},
		{Name: "/dev/ttyACM0", USB: devices.USBID{Vendor: 0x1a86, Product: 0x55d4}},
		{Name: "/dev/ttyS0"},
		{Name: "/dev/ttyUSB0", USB: devices.USBID{Vendor: 0x0403, Product: 0x6001}, Serial: "A9XK2B", Product: "FT232R USB UART"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if got, err := list(t.TempDir()); len(got) != 0 || err != nil {
		t.Errorf("without /sys: %v, %v", got, err)
	}
}
