//go:build !linux

package api

import "net"

// callerIsOwner trusts the socket's mode where the kernel cannot be asked.
func callerIsOwner(net.Conn) bool { return true }
