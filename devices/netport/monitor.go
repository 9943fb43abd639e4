package netport

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// A Monitor is a simulated monitor's end of a UDP port. It talks to one host at a
// time, the first that speaks to it; when that host has been silent for a while,
// what it says goes to all. It is safe for one reader and one writer.
type Monitor struct {
	conn     *net.UDPConn
	announce netip.AddrPort // zero is to nobody

	mu   sync.Mutex
	host netip.AddrPort
	last time.Time
}

// hostFor is how long a host that says nothing keeps the monitor: as long as an
// IntelliVue waits for a sign of life.
const hostFor = 10 * time.Second

// ListenMonitor opens address, host:port, for a simulated monitor that announces
// itself to the address announce, "" for none.
func ListenMonitor(address, announce string) (*Monitor, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for a host: %w", err)
	}
	m := &Monitor{}
	if announce != "" {
		to, err := net.ResolveUDPAddr("udp", announce)
		if err != nil {
			return nil, fmt.Errorf("announce the monitor: %w", err)
		}
		m.announce = to.AddrPort()
	}
	if m.conn, err = net.ListenUDP("udp", at); err != nil {
		return nil, fmt.Errorf("listen for a host: %w", err)
	}
	return m, nil
}

// Port is the number of the port.
func (m *Monitor) Port() int { return m.conn.LocalAddr().(*net.UDPAddr).Port }

// Read waits for a datagram of the host.
func (m *Monitor) Read(b []byte) (int, error) {
	for {
		n, from, err := m.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return 0, err
		}
		m.mu.Lock()
		own := m.host == from || time.Since(m.last) > hostFor
		if own {
			m.host, m.last = from, time.Now()
		}
		m.mu.Unlock()
		if own {
			return n, nil
		}
	}
}

// Write sends b to the host, or to all. That nobody hears it is no error.
func (m *Monitor) Write(b []byte) (int, error) {
	m.mu.Lock()
	to := m.host
	if time.Since(m.last) > hostFor {
		to = m.announce
	}
	m.mu.Unlock()
	if to.IsValid() {
		_, _ = m.conn.WriteToUDPAddrPort(b, to)
	}
	return len(b), nil
}

// Close closes the port.
func (m *Monitor) Close() error { return m.conn.Close() }
