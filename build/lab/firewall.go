package lab

import "net/netip"

// A border remembers to whom a host has sent. The lab's lock guards it.
type border struct {
	sent  map[talk]bool
	apart *Host
}

// Apart lets nothing pass between h and other, as between two networks whose addresses
// mean nothing to each other.
func (h *Host) Apart(other *Host) {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	h.border.apart, other.border.apart = other, h
}

// A talk is two ends of one protocol, as the host sees them.
type talk struct {
	protocol  byte
	far       netip.AddrPort
	localPort uint16
}

// talkOf is what a packet belongs to; false for what has no ports.
func talkOf(packet []byte, outward bool) (talk, bool) {
	header := int(packet[0]&15) * 4
	if p := packet[9]; p != 6 && p != 17 || len(packet) < header+4 {
		return talk{}, false
	}
	from, to := uint16(packet[header])<<8|uint16(packet[header+1]), uint16(packet[header+2])<<8|uint16(packet[header+3])
	if outward {
		return talk{packet[9], netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[16:20])), to), from}, true
	}
	return talk{packet[9], netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[12:16])), from), to}, true
}

// leaves notes a packet that the host sends.
func (b *border) leaves(packet []byte) {
	if k, ok := talkOf(packet, true); ok {
		if b.sent == nil {
			b.sent = map[talk]bool{}
		}
		b.sent[k] = true
	}
}

// enters reports whether a packet that comes to the host is an answer.
func (b *border) enters(packet []byte) bool {
	k, ok := talkOf(packet, false)
	return ok && b.sent[k]
}
