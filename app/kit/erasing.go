package kit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"fieldkit/app/store"
	"fieldkit/triage/chart"
)

// When an erasure has been carried out, nothing on the record says any more with whom
// the encounter was shared. That is kept until the sharing would have ended, so that
// whoever was away meanwhile is told to erase it too.

const (
	keptErasedSharings = "erased sharings"
	// erasedSharings bounds how many are kept, the last to end.
	erasedSharings = 1024
)

// An erasedSharing is one of them.
type erasedSharing struct {
	Encounter chart.ID     `json:"encounter"`
	Device    chart.Device `json:"device"`
	Until     chart.Moment `json:"until"`
}

// recall adds to what the record says was erased what was kept, but for what is shared
// again, and keeps all of it.
func (s *share) recall(ctx context.Context, self *membership, erased, shared map[chart.ID]map[chart.Device]chart.Moment) error {
	var kept []erasedSharing
	b, err := s.kit.store.Kept(ctx, self.kept(keptErasedSharings))
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	if err != nil && !errors.Is(err, store.ErrNotKept) {
		return err
	}
	before := slices.Clone(kept)
	for id, with := range erased {
		for d, until := range with {
			kept = append(kept, erasedSharing{id, d, until})
		}
	}
	now := chart.At(s.now())
	kept = slices.DeleteFunc(kept, func(e erasedSharing) bool { return e.Until <= now || shared[e.Encounter][e.Device] > now })
	slices.SortFunc(kept, func(a, b erasedSharing) int {
		return slices.Compare(slices.Concat(a.Encounter[:], a.Device[:]), slices.Concat(b.Encounter[:], b.Device[:]))
	})
	kept = slices.Compact(kept)
	if len(kept) > erasedSharings {
		slices.SortFunc(kept, func(a, b erasedSharing) int { return int(b.Until - a.Until) })
		kept = kept[:erasedSharings]
	}
	for _, e := range kept {
		if erased[e.Encounter] == nil {
			erased[e.Encounter] = map[chart.Device]chart.Moment{}
		}
		erased[e.Encounter][e.Device] = max(erased[e.Encounter][e.Device], e.Until)
	}
	if slices.Equal(kept, before) {
		return nil
	}
	if b, err = json.Marshal(kept); err != nil {
		return err
	}
	return s.kit.store.Keep(ctx, self.kept(keptErasedSharings), b)
}
