package link

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"
)

// A hospital that can only dial out is reached through relays of its own: it takes an
// address at one for each connection and names it in its answer. A relay lets in only
// whom its user has named, by IP address. A vehicle behind a carrier's NAT does not
// know its own; the hospital takes the one that the signalling came from.

// relaysAgain is how long no relay is asked for after one attempt came through to
// none: where UDP is shut, every answer would wait for it.
const relaysAgain = time.Minute

// relays are those to use now, and how long an answer may wait for its addresses.
func (h *Hospital) relays() ([]ICEServer, time.Duration) {
	if h.conf.Relays == nil {
		return nil, answerGather
	}
	h.mu.Lock()
	barred := time.Now().Before(h.barred)
	h.mu.Unlock()
	servers := h.conf.Relays()
	if barred || len(servers) == 0 {
		return nil, answerGather
	}
	return servers, gatherRelays
}

// gathered notes whether an answer that was to name a relay's address does.
func (h *Hospital) gathered(relays []ICEServer, answer []byte) {
	if len(relays) == 0 || answer == nil || bytes.Contains(answer, []byte(" typ relay")) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.barred = time.Now().Add(relaysAgain)
}

// CameFrom is an offer, whose signature was checked before, with the address from
// which its signalling came as one more of the vehicle's. What came from no address of
// the world, or of the hospital's own machine, is left as it is.
func CameFrom(offer []byte, from netip.AddrPort) []byte {
	ip := from.Addr().Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || from.Port() == 0 {
		return offer
	}
	// Its port is not the one that UDP comes from. Checks that go there are lost; those
	// that come from the address are let in and tell the port.
	return fmt.Appendf(bytes.Clone(offer), "a=candidate:1 1 udp 1 %s %d typ srflx raddr 0.0.0.0 rport 0\r\n", ip, from.Port())
}
