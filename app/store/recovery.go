package store

import (
	"context"
	"fmt"
)

// OnlyRecovery reports whether nothing but the team's recovery key opens this store,
// as on a tablet that was withdrawn. It needs no key.
func (s *Store) OnlyRecovery(ctx context.Context) (bool, error) {
	var others, recovery int
	err := s.db.read.QueryRowContext(ctx, "SELECT count(*) FILTER (WHERE kind <> ?1), count(*) FILTER (WHERE kind = ?1) FROM slot", int64(RecoverySlot)).Scan(&others, &recovery)
	if err != nil {
		return false, fmt.Errorf("count keys: %w", explain(err))
	}
	return others == 0 && recovery > 0, nil
}
