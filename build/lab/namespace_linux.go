package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// deviceName is the TUN device's in every namespace.
const deviceName = "radio0"

// A namespace is a network of its own, held by one thread that works for it and
// is thrown away with it.
type namespace struct {
	calls chan func()
	ended chan struct{}
}

// may reports whether this process may make a namespace, by making one.
func may() error {
	n, device, err := newNamespace(netip.AddrFrom4([4]byte{10, 77, 0, 1}))
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%w: %w", ErrMayNot, err)
	}
	if err != nil {
		return fmt.Errorf("make a network namespace: %w", err)
	}
	n.close()
	return device.Close()
}

func newNamespace(address netip.Addr) (*namespace, io.ReadWriteCloser, error) {
	n := &namespace{calls: make(chan func()), ended: make(chan struct{})}
	var device *os.File
	made := make(chan error)
	go func() {
		defer close(n.ended)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			device, err = openTUN()
		}
		if err == nil {
			err = connect()
		}
		if err == nil {
			err = addAddress(address)
		}
		made <- err
		for call := range n.calls {
			call()
		}
	}()
	if err := <-made; err != nil {
		n.close()
		if device != nil {
			device.Close()
		}
		return nil, nil, err
	}
	return n, device, nil
}

// do runs f on the namespace's thread.
func (n *namespace) do(f func() error) (err error) {
	done := make(chan struct{})
	n.calls <- func() {
		defer close(done)
		err = f()
	}
	<-done
	return err
}

func (n *namespace) close() {
	close(n.calls)
	<-n.ended
}

func openTUN() (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(deviceName)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make a TUN device: %w", err)
	}
	return os.NewFile(uintptr(fd), deviceName), nil
}

// connect brings the devices of this thread's namespace up.
func connect() error {
	for _, name := range []string{"lo", deviceName} {
		device, err := netlink.LinkByName(name)
		if err == nil {
			err = netlink.LinkSetUp(device)
		}
		if err != nil {
			return fmt.Errorf("bring %s up: %w", name, err)
		}
	}
	return nil
}

// addAddress gives this thread's namespace an address, which what it sends from
// now on bears, and a way to every other host.
func addAddress(a netip.Addr) error {
	device, err := netlink.LinkByName(deviceName)
	if err == nil {
		err = netlink.AddrAdd(device, alone(a))
	}
	if err == nil {
		err = netlink.RouteReplace(&netlink.Route{LinkIndex: device.Attrs().Index, Scope: netlink.SCOPE_LINK, Src: a.AsSlice(),
			Dst: &net.IPNet{IP: net.IPv4(10, 77, 0, 0), Mask: net.CIDRMask(16, 32)}})
	}
	if err != nil {
		return fmt.Errorf("add an address: %w", err)
	}
	return nil
}

func removeAddress(a netip.Addr) error {
	device, err := netlink.LinkByName(deviceName)
	if err == nil {
		err = netlink.AddrDel(device, alone(a))
	}
	if err != nil {
		return fmt.Errorf("remove an address: %w", err)
	}
	return nil
}

// alone is a without a subnet: the kernel would take other addresses of one along
// with the first.
func alone(a netip.Addr) *netlink.Addr {
	return &netlink.Addr{IPNet: &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(32, 32)}}
}

// owned makes cmd lead a group that can be killed whole, and die with the thread
// that starts it, which lives as long as the lab.
func owned(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }

// killGroup ends the process and what it started. One that is gone is no error.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
