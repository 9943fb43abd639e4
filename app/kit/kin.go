package kit

import (
	"context"

	"fieldkit/app/store"
	"fieldkit/triage/chart"
)

// mergesIn are the merges that entries tell of, those taken back too: what was written
// while they held names entries of both.
func mergesIn(entries []chart.Entry) (out []chart.PatientsMerged) {
	for _, e := range entries {
		if m, ok := e.Content.(*chart.PatientsMerged); ok {
			out = append(out, *m)
		}
	}
	return out
}

// kin are the other encounters and patients that merges join to an encounter's own:
// where the same person's names, allergies, conditions and medicines stand. Without a
// merge there are none, and nothing but the encounter's own card is looked at.
func (k *Kit) kin(ctx context.Context, encounter chart.ID) (out []chart.ID, err error) {
	card, err := k.store.Card(ctx, encounter)
	if err != nil {
		return nil, err
	}
	card = k.rightful(ctx, card)
	return k.joined(ctx, card, mergesIn(k.factsIn(card.Team, card)))
}

// joined is kin by the merges that an encounter's own entries tell of. Those of another
// team are none, whatever a merge says.
func (k *Kit) joined(ctx context.Context, of store.Card, merges []chart.PatientsMerged) (out []chart.ID, err error) {
	if len(merges) == 0 {
		return nil, nil
	}
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return nil, err
	}
	by := map[chart.ID][]store.Card{} // by patient
	foreign := map[chart.ID]bool{}
	for _, c := range cards {
		if c.Team != of.Team {
			foreign[c.Subject] = true
			continue
		}
		for _, p := range c.Patients {
			by[p] = append(by[p], c)
		}
	}
	seen := map[chart.ID]bool{of.Subject: true, {}: true}
	for ; len(merges) > 0; merges = merges[1:] {
		for _, p := range [...]chart.ID{merges[0].From, merges[0].Into} {
			if seen[p] {
				continue
			}
			seen[p] = true
			if !foreign[p] {
				out = append(out, p)
			}
			for _, c := range by[p] {
				if !seen[c.Subject] {
					seen[c.Subject] = true
					out = append(out, c.Subject)
					merges = append(merges, mergesIn(k.factsIn(of.Team, c))...)
				}
			}
		}
	}
	return out, nil
}
