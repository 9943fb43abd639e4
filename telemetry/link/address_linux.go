package link

import (
	"context"
	"slices"

	"github.com/vishvananda/netlink"
)

// watchAddresses signals changed at each change of the machine's addresses until
// ctx ends. The kernel tells; where it may not be asked, the list is polled. What
// the kernel tells may be a lifetime renewed: only another list is a change.
func watchAddresses(ctx context.Context, changed chan<- struct{}) {
	updates := make(chan netlink.AddrUpdate, 16)
	stop := make(chan struct{})
	if err := netlink.AddrSubscribe(updates, stop); err != nil {
		pollAddresses(ctx, changed)
		return
	}
	before := addresses()
	for {
		select {
		case <-ctx.Done():
			close(stop)
			for range updates { // the subscription closes it when it has ended
			}
			return
		case _, ok := <-updates:
			if !ok {
				pollAddresses(ctx, changed)
				return
			}
			if now := addresses(); !slices.Equal(now, before) {
				before = now
				signalChange(changed)
			}
		}
	}
}
