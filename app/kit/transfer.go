package kit

import (
	"context"

	"fieldkit/triage/chart"
)

// handedOn ends what the monitors here record to an encounter whose patient this
// station has handed on, by what stands on the record: from then on they are on
// whoever comes next. Until the other station has taken over, or a person here says
// that the patient is there, they go on.
func (k *Kit) handedOn(ctx context.Context, encounter chart.ID) {
	if !k.record.stands(encounter) {
		return
	}
	m, err := k.member()
	if err != nil {
		return // locked: whoever unlocks reads it
	}
	entries, err := k.entries(ctx, encounter)
	if err != nil {
		k.log.Error("whether another station has the patient could not be read; the monitors go on recording", "reason", err)
		return
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	if to, said := fold.Chart().HandedOn(m.device); said != nil {
		k.record.leave(encounter, to+" has the patient")
	}
}

// leave takes every monitor from an encounter's bed.
func (r *record) leave(encounter chart.ID, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.beds[encounter]
	if b == nil {
		return
	}
	for identity, m := range r.monitors {
		if m.bed == b {
			r.part(m, identity, why)
		}
	}
	for name, h := range r.bound {
		if h.bed == b {
			r.unbound(b, name, why)
		}
	}
	r.tidy(b, why)
}
