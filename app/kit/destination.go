package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// address names the station that a destination or a handover is for, where the crew
// named it by its words alone: what a hospital receives goes by its device, and a
// name that matched nobody's eye would leave it without the patient's record.
func (k *Kit) address(ctx context.Context, encounter chart.ID, content chart.Content) error {
	of, err := k.teamOf(ctx, encounter)
	if err != nil {
		return storeFault(err)
	}
	if of == nil {
		of = k.chosen(ctx)
	}
	r, m := of.roster.Load(), of.member.Load()
	if r == nil || m == nil {
		return nil
	}
	switch c := content.(type) {
	case *chart.EncounterShared:
		return of.mayShare(ctx, encounter, c)
	case *chart.EncounterBoundFor:
		if c.Station != (chart.Device{}) {
			return stillShared(r, c.Station)
		}
		called := slices.DeleteFunc(r.Members(), func(s identity.MemberState) bool {
			return s.Out || s.Device == m.device || !strings.EqualFold(strings.TrimSpace(s.CallSign), strings.TrimSpace(c.Name))
		})
		switch {
		case len(called) > 1:
			return &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("%d stations of the team are called %q", len(called), c.Name), Do: "Name the one you mean by its device, from 'team roster --json'."}
		case len(called) == 1:
			c.Station = called[0].Device
		}
	case *chart.HandoverOffered:
		if c.Station != (chart.Device{}) {
			return stillShared(r, c.Station)
		}
		to, err := k.receiver(ctx, r, m.device, encounter)
		c.Station = to
		return err
	}
	return nil
}

// stillShared refuses a station that was withdrawn from the team: who sends a patient
// there waits for an answer that never comes.
func stillShared(r *identity.Roster, to chart.Device) error {
	if s, known := r.Member(to); known && s.Out {
		return &api.Fault{Code: api.CodeRefused, What: "that station was withdrawn from the team, and nothing is shared with it", Do: "Name another."}
	}
	return nil
}

// receiver is the station that a handover of an encounter is for: where the patient
// is bound, or, when nobody said where, the hospital of this vehicle's live link. It
// is the zero device when that is no station of ours, or more than one.
func (k *Kit) receiver(ctx context.Context, r *identity.Roster, self chart.Device, encounter chart.ID) (chart.Device, error) {
	card, err := k.store.Card(ctx, encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return chart.Device{}, storeFault(err)
	}
	if err == nil {
		switch bound := k.summary(ctx, card).Course().Destination; len(bound.Stands) {
		case 0:
		case 1:
			to := bound.First().Content.(*chart.EncounterBoundFor).Station
			if to == self {
				to = chart.Device{}
			}
			return to, nil
		default:
			return chart.Device{}, nil // said at once while apart: a person settles it
		}
	}
	if k.settings.Hospital == "" {
		return chart.Device{}, nil
	}
	hospitals := slices.DeleteFunc(r.Members(), func(s identity.MemberState) bool {
		return s.Out || s.Kind != identity.Hospital || s.Device == self
	})
	if len(hospitals) != 1 {
		return chart.Device{}, nil
	}
	return hospitals[0].Device, nil
}
