package mesh

import (
	"net"
	"net/netip"
)

// bestAddress is the address under which other tablets can most likely reach
// this one: of interfaces that are up, a private IPv4 address first, then any
// IPv4, then a global IPv6. Invalid when there is none.
func bestAddress() netip.Addr {
	var best netip.Addr
	rank := 0
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			if r := worth(p.Addr().Unmap()); r > rank {
				best, rank = p.Addr().Unmap(), r
			}
		}
	}
	return best
}

// worth ranks an address; 0 is of no use.
func worth(a netip.Addr) int {
	switch {
	case !a.IsGlobalUnicast():
		return 0
	case a.Is4() && a.IsPrivate():
		return 3
	case a.Is4():
		return 2
	}
	return 1
}

// interfaceOf is the interface that has an address of ours; nil when none has, or
// it carries no multicast. A tablet on a hotspot without a gateway has no route
// for multicast and must name the interface.
func interfaceOf(own netip.Addr) *net.Interface {
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagMulticast == 0 {
			continue
		}
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == own {
				return &i
			}
		}
	}
	return nil
}
