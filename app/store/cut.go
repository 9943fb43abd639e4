package store

import (
	"context"
	"errors"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// CutBefore is the head of an epoch before the first entry at which stop says so, and
// whether it said so: what would stay trusted of it. Stop gets each entry's place and
// stamp in order.
func (s *Store) CutBefore(ctx context.Context, e Epoch, stop func(chart.Ref, journal.HLC) bool) (journal.Head, bool, error) {
	var at journal.Head
	stopped := false
	err := s.Pieces(ctx, e.Device, e.Log, e.Epoch, 0, func(p journal.Piece) error {
		at = p.Head
		for _, r := range p.Records {
			envelope, err := journal.DecodeEnvelope(r.Envelope)
			if err != nil {
				return err
			}
			if stopped = stop(at.Ref(at.Seq+1), envelope.Clock); stopped {
				return errEnough
			}
			at.Seq, at.Chain = at.Seq+1, link(at.Chain, r.Envelope)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return journal.Head{}, false, fmt.Errorf("read where an epoch is to be cut: %w", err)
	}
	return at, stopped, nil
}
