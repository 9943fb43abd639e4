//go:build unix

package kit

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// packetPair makes two joined ends that keep packets whole. The parent keeps both
// open, so the pair outlives either child: a restarted child goes on where the
// dead one stopped, and half a message cannot exist.
func packetPair() (a, b *os.File, err error) {
	fds, err := socketPair()
	if err != nil {
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	for _, fd := range fds {
		for _, buffer := range [...]int{unix.SO_SNDBUF, unix.SO_RCVBUF} {
			if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, packetBuffer); err != nil {
				return nil, nil, fmt.Errorf("size socket pair: %w", err)
			}
		}
	}
	return os.NewFile(uintptr(fds[0]), "recorder end"), os.NewFile(uintptr(fds[1]), "live end"), nil
}

// packetBuffer holds about a minute of live frames for a live process that is
// being restarted; what does not fit is dropped and counted.
const packetBuffer = 1 << 20

// packets is f as a packet connection.
func packets(f *os.File) (net.Conn, error) {
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("use inherited socket: %w", err)
	}
	return c, f.Close()
}

// apart puts a child outside the terminal's group: Ctrl-C reaches the parent
// alone, which stops the children.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
