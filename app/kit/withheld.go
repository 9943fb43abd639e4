package kit

import (
	"context"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// absent names the entries that others had seen of this encounter and whose bodies
// are not here: nobody can tell whose they are but by these others.
func (k *Kit) absent(ctx context.Context, entries []chart.Entry) (out []chart.Entry, err error) {
	known := map[chart.Ref]bool{}
	for _, e := range entries {
		known[e.Ref] = true
	}
	for _, e := range entries {
		if e.Log == uint8(journal.Team) {
			continue
		}
		for _, ref := range e.Saw {
			if known[ref] {
				continue
			}
			known[ref] = true
			held, ok, err := k.store.At(ctx, ref)
			if err != nil {
				return nil, storeFault(err)
			}
			if ok && held.Record.Absent != chart.Present {
				out = append(out, k.read([]store.Entry{held})...)
			}
		}
	}
	return out, nil
}
