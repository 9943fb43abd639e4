package exchange

import (
	"bytes"
	"context"
	"fmt"

	"fieldkit/triage/chart"
)

// A peer on no roster cannot know whose keys sign what it is shown. It is told, after
// the hello and whenever that changes; and once more before a goodbye that says that
// nothing is shared with it any more, so that it can hear of an end and not only miss
// what comes. What is said is not this package's: it is carried, and bounded.

// mostVouches is how many a peer may say in one contact: each may cost a write.
const mostVouches = 4096

// vouchFor is the frame of what a device is told; nil for nothing.
func (x *Exchange) vouchFor(d chart.Device) frame {
	if x.cfg.Vouch == nil {
		return nil
	}
	m := x.cfg.Vouch(d)
	if len(m) == 0 || len(m) > maxControl {
		return nil
	}
	return newFrame(kindVouch, func(w *writer) { w.raw(m) })
}

// vouch tells the peer, unless it was told the same before.
func (s *session) vouch() {
	s.vouching.Lock()
	defer s.vouching.Unlock()
	f := s.x.vouchFor(s.peer)
	if f == nil || bytes.Equal(f, s.vouched) {
		return
	}
	s.vouched = f
	s.post(f)
}

// Vouch tells a peer that only reads anew who wrote what it is shown, if that has
// changed. It asks Config.Vouch, and waits for that alone.
func (x *Exchange) Vouch(d chart.Device) {
	x.mu.Lock()
	s := x.sessions[d]
	x.mu.Unlock()
	if s != nil && s.reader {
		s.vouch()
	}
}

// vouchedFor takes what the peer says of who wrote what it shows.
func (s *session) vouchedFor(ctx context.Context, message []byte) error {
	if s.x.cfg.Vouched == nil {
		return nil // of no use here: a roster says it
	}
	if s.heard++; s.heard > mostVouches {
		return fmt.Errorf("%w: more than %d words of who wrote this", TooMany, mostVouches)
	}
	if err := s.x.cfg.Vouched(ctx, s.peer, bytes.Clone(message)); err != nil {
		return fmt.Errorf("%w: %w", Malformed, err)
	}
	s.x.Recheck() // entries of writers unknown until now
	return nil
}
