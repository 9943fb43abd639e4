package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// placement decides, once for each subject, to which team its entries belong.
type placement struct {
	placing sync.Mutex // one decision at a time
	placed  sync.Map   // what was decided since the store was opened: chart.ID to placed
}

// A placed is where a subject's entries go. Until one is held that is what this
// station meant to write: what comes from its own team meanwhile says better.
type placed struct {
	at   *share
	held bool
}

// place is the team to which entries of these subjects belong: the one they have
// entries in or, of new ones, the one chosen for new encounters; of none, the home
// team. Subjects of two teams are refused: one team would learn of the other's patient.
func (k *Kit) place(ctx context.Context, subjects ...chart.ID) (*membership, error) {
	home, err := k.member()
	if err != nil || k.alone() {
		return home, err
	}
	k.placing.Lock()
	defer k.placing.Unlock()
	var found *share
	for _, id := range subjects {
		if !k.known(id) {
			if g, of := k.shownPatient(ctx, id); g != nil {
				return nil, g.readOnly(of)
			}
		}
		at, err := k.placedAt(ctx, id)
		if at == nil && err == nil {
			at = k.decided(id)
		}
		switch {
		case err != nil:
			return nil, err
		case at == nil:
		case found != nil && found != at:
			return nil, &api.Fault{
				Code: api.CodeRefused, What: fmt.Sprintf("one of these is on the record of the team %s, the other on that of %s", found.name(), at.name()),
				Do: "Register the patient anew for the other team: neither is told of the other's.",
			}
		default:
			found = at
		}
	}
	subjects = slices.DeleteFunc(slices.Clone(subjects), func(id chart.ID) bool { return id == chart.ID{} })
	if found == nil && len(subjects) > 0 {
		found = k.chosen(ctx)
	}
	if found == nil {
		return home, nil
	}
	for _, id := range subjects {
		if !k.known(id) {
			k.placed.Store(id, placed{at: found})
		}
	}
	m := found.member.Load()
	if m == nil {
		return nil, storeFault(store.ErrLocked)
	}
	return m, nil
}

// alone reports whether everything held is of this station's one team.
func (k *Kit) alone() bool { return len(k.shares()) == 1 && len(k.guests()) == 0 }

// placedAt is where a subject has entries; nil when it has none. Caller holds placing.
func (k *Kit) placedAt(ctx context.Context, id chart.ID) (*share, error) {
	if id == (chart.ID{}) {
		return nil, nil
	}
	if k.known(id) {
		return k.decided(id), nil
	}
	card, err := k.store.Card(ctx, id)
	if errors.Is(err, store.ErrNoSubject) {
		return nil, nil
	}
	if err != nil {
		return nil, storeFault(err)
	}
	card = k.rightful(ctx, card)
	at := k.shareOf(card.Team)
	if g := k.guestOf(card.Team); at == nil && g != nil {
		return nil, g.readOnly(id)
	}
	if at == nil {
		return nil, &api.Fault{Code: api.CodeRefused, What: "that is on the record of a team to which this station does not belong"}
	}
	k.placed.Store(id, placed{at: at, held: true})
	return at, nil
}

// teamOf is the share of an encounter's team; nil when nothing is held of it.
func (k *Kit) teamOf(ctx context.Context, encounter chart.ID) (*share, error) {
	if k.alone() {
		return k.share, nil
	}
	k.placing.Lock()
	defer k.placing.Unlock()
	return k.placedAt(ctx, encounter)
}

// carriedBy is the share of an encounter that is recorded here now; nil while that is
// not decided. It asks no disk.
func (k *Kit) carriedBy(encounter chart.ID) *share {
	if len(k.shares()) == 1 {
		return k.share
	}
	return k.decided(encounter)
}

func (k *Kit) decided(id chart.ID) *share {
	if p, ok := k.placed.Load(id); ok {
		return p.(placed).at
	}
	return nil
}

// known reports whether a subject's team is that of entries held.
func (k *Kit) known(id chart.ID) bool {
	p, ok := k.placed.Load(id)
	return ok && p.(placed).held
}

// chosen is the team for which encounters are opened here.
func (k *Kit) chosen(ctx context.Context) *share {
	id, err := k.store.Kept(ctx, keptChosen)
	if err != nil || len(id) != len(journal.TeamID{}) {
		return k.share
	}
	if s := k.shareOf(journal.TeamID(id)); s != nil && !s.withdrawn.Load() {
		return s
	}
	return k.share
}

// others are the subjects that a content names beside those its entry is filed under.
func others(c chart.Content) []chart.ID {
	switch c := c.(type) {
	case *chart.RangeReassigned:
		return []chart.ID{c.FromEncounter, c.ToEncounter, c.ToPatient}
	case *chart.PatientsMerged:
		return []chart.ID{c.From, c.Into}
	case *chart.PatientsUnmerged:
		return []chart.ID{c.From, c.Into}
	}
	return nil
}
