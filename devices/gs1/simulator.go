package gs1

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a scanner in front of which somebody holds a pack every few
// seconds.
type Simulator struct {
	// Pack is the element string without check of any kind; GS between elements.
	Pack string
	// Every is the time between scans.
	Every time.Duration
	next  vital.Instant
	sent  int
}

// NewSimulator scans packs of one article, each with its own serial number.
func NewSimulator() *Simulator {
	return &Simulator{Pack: "]d201088063882696171728021310LOT42X\x1d21", Every: 3 * time.Second}
}

// Receive ignores what the host sent.
func (*Simulator) Receive(vital.Instant, []byte) {}

// Poll gives a scan when it is time.
func (m *Simulator) Poll(now vital.Instant, _ devices.Body) ([]byte, vital.Instant) {
	var out []byte
	for m.next <= now {
		m.sent++
		out = fmt.Appendf(out, "%s%05d\r\n", m.Pack, m.sent)
		m.next = m.next.Add(m.Every)
	}
	return out, m.next
}
