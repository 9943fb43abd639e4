package exchange

import (
	"context"
	"errors"
	"iter"

	"fieldkit/sync/journal"
)

// A device whose key was withdrawn is refused, but first it is told: the entries of
// the team log that say so, as pieces before the goodbye. It verifies them as it
// verifies all others; the goodbye alone proves nothing.

// mostParting is how many frames may come before the goodbye. A team log of years is
// a few megabytes.
const mostParting = 64

// chunks are pieces as they fit into frames.
func chunks(list []journal.Piece) iter.Seq[[]journal.Piece] {
	return func(yield func([]journal.Piece) bool) {
		var chunk []journal.Piece
		size := 0
		for _, p := range list {
			n := Size(p)
			if size > 0 && size+n > chunkMost {
				if !yield(chunk) {
					return
				}
				chunk, size = nil, 0
			}
			chunk, size = append(chunk, p), size+n
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

// parted takes pieces of the team log that came before a goodbye. What does not hold
// is dropped: nothing else will come of this contact.
func (s *session) parted(ctx context.Context, list []journal.Piece) {
	for i, p := range list {
		if p.Head.Log != journal.Team {
			continue
		}
		if err := s.x.cfg.Ledger.Accept(ctx, list[i:i+1]); err != nil {
			s.x.cfg.Log.Debug("a parting word was not taken", "peer", short(s.peer), "why", err)
			continue
		}
		s.x.stored(p, s)
	}
}

// lastWords takes what had arrived when a peer said that this device was withdrawn.
func (s *session) lastWords(ctx context.Context, first ...arrival) {
	if told, ok := errors.AsType[Told](context.Cause(ctx)); !ok || Refusal(told) != Revoked {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, a := range first {
		s.parted(ctx, a.list)
	}
	for {
		select {
		case a := <-s.inbox:
			s.parted(ctx, a.list)
		default:
			return
		}
	}
}
