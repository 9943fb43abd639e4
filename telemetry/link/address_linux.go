package link

import (
	"context"

	"github.com/vishvananda/netlink"
)

// watchAddresses signals changed at each change of the machine's addresses until
// ctx ends. The kernel tells; where it may not be asked, the list is polled.
func watchAddresses(ctx context.Context, changed chan<- struct{}) {
	updates := make(chan netlink.AddrUpdate, 16)
	stop := make(chan struct{})
	if err := netlink.AddrSubscribe(updates, stop); err != nil {
		pollAddresses(ctx, changed)
		return
	}
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
			signalChange(changed)
		}
	}
}
