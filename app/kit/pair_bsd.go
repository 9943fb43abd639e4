//go:build unix && !linux

package kit

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// socketPair uses datagrams, which keep packets whole too: macOS has no
// SOCK_SEQPACKET and no way to close on exec at once.
func socketPair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	return fds, err
}
