//go:build !linux

package exchange

import "net"

// keepShort bounds what waits in the kernel, where the system can: not here.
func keepShort(net.Conn) {}
