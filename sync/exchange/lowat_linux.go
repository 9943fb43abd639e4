package exchange

import (
	"net"

	"golang.org/x/sys/unix"
)

// unsentMost is how many bytes the kernel may hold that are not yet on the wire.
// Without it some megabytes of a range lie between a new entry and the peer: on a
// slow link, a minute.
const unsentMost = 64 << 10

// keepShort bounds what waits in the kernel, where the system can.
func keepShort(conn net.Conn) {
	t, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := t.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentMost)
		})
	}
}
