package link

import (
	"context"
	"testing"
	"time"
)

func TestTheAddressWatcherEndsWithItsVehicle(t *testing.T) {
	for name, watch := range map[string]func(context.Context, chan<- struct{}){"the system's": watchAddresses, "polling": pollAddresses} {
		ctx, cancel := context.WithCancel(context.Background())
		changed, ended := make(chan struct{}, 1), make(chan struct{})
		go func() { watch(ctx, changed); close(ended) }()
		time.Sleep(50 * time.Millisecond)
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Errorf("%s watcher goes on", name)
		}
	}
	full := make(chan struct{}, 1)
	signalChange(full)
	signalChange(full) // a second change before the first is taken must not wait
}
