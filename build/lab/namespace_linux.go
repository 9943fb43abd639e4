package lab

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"

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
			err = setAddress(address)
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

// setAddress gives the namespace of this thread its address, in 10.77.0.0/16, and
// brings its devices up.
func setAddress(address netip.Addr) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("set the address: %w", err)
	}
	defer unix.Close(fd)
	for _, set := range []struct {
		device  string
		request uint
		fill    func(*unix.Ifreq) error
	}{
		{"lo", unix.SIOCSIFFLAGS, up},
		{deviceName, unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(address.AsSlice()) }},
		{deviceName, unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr([]byte{255, 255, 0, 0}) }},
		{deviceName, unix.SIOCSIFFLAGS, up},
	} {
		request, err := unix.NewIfreq(set.device)
		if err == nil {
			err = set.fill(request)
		}
		if err == nil {
			err = unix.IoctlIfreq(fd, set.request, request)
		}
		if err != nil {
			return fmt.Errorf("set up %s: %w", set.device, err)
		}
	}
	return nil
}

func up(r *unix.Ifreq) error {
	r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return nil
}

// owned makes cmd lead a group that can be killed whole, and die with the thread
// that starts it, which lives as long as the lab.
func owned(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }

// killGroup ends the process and what it started. One that is gone is no error.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
