package exchange

import (
	"slices"
	"sync"
)

// An outbox holds the small frames and pushes that wait to be written. It never
// blocks; what it holds is bounded by its user (see room) and by outboxMost.
type outbox struct {
	mu     sync.Mutex
	frames []frame
	bytes  int
	kick   chan struct{}
}

const (
	pushRoom   = 1 << 20  // bytes that may wait before pushes become offers
	outboxMost = 64 << 20 // bytes that may wait before the peer counts as stuck
)

// put queues a frame and reports whether the peer still keeps up.
func (o *outbox) put(f frame) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frames = append(o.frames, f)
	o.bytes += len(f)
	wake(o.kick)
	return o.bytes <= outboxMost
}

// room reports whether a push may be queued.
func (o *outbox) room() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes < pushRoom
}

// take returns what waits, joined up to about 64 KiB, so that many small frames
// cost one write. It asks for a sign of life unless all are answers to such.
func (o *outbox) take() (out frame, asks bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.frames) == 0 {
		return nil, false
	}
	n, size := 1, len(o.frames[0])
	for n < len(o.frames) && size+len(o.frames[n]) <= 64<<10 {
		size += len(o.frames[n])
		n++
	}
	asks = slices.ContainsFunc(o.frames[:n], func(f frame) bool { return kind(f[4])&^packed != kindPong })
	out = o.frames[0]
	if n > 1 {
		out = make(frame, 0, size)
		for _, f := range o.frames[:n] {
			out = append(out, f...)
		}
	}
	clear(o.frames[:n])
	if o.frames = o.frames[n:]; len(o.frames) == 0 {
		o.frames = nil
	}
	o.bytes -= size
	return out, asks
}
