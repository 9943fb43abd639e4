package exchange

import "net"

// named is a connection that says by which name its far end was dialled. TLS says it
// on (SNI): a relay in front of several stations tells by it which is meant. Who may
// answer, the keys say.
type named interface{ ServerName() string }

func nameOf(conn net.Conn) string {
	if h, ok := conn.(heard); ok {
		conn = h.Conn
	}
	if n, ok := conn.(named); ok {
		return n.ServerName()
	}
	return ""
}
