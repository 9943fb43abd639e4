package link

import (
	"context"
	"net"
	"slices"
	"time"
)

// pollEvery is how often addresses are read where the system does not tell.
const pollEvery = 200 * time.Millisecond

func pollAddresses(ctx context.Context, changed chan<- struct{}) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	before := addresses()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := addresses(); !slices.Equal(now, before) {
				before = now
				signalChange(changed)
			}
		}
	}
}

func addresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range all {
		out = append(out, a.String())
	}
	slices.Sort(out)
	return out
}

// signalChange leaves one signal; a second before it is taken says nothing new.
func signalChange(changed chan<- struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}
