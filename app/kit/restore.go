package kit

import (
	"context"
	"time"

	"fieldkit/triage/chart"
)

// restoreBeds reads from the record which encounter each of this station's
// monitors records to. Its cost follows the encounters that are open.
func (k *Kit) restoreBeds(ctx context.Context) error {
	m, err := k.member()
	if err != nil {
		return err
	}
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return err
	}
	latest := map[string]*chart.Fact{}
	type home struct {
		patient     chart.ID
		tag         string
		months      int
		provisional bool
	}
	homes := map[chart.ID]home{}
	for _, card := range cards {
		c := k.summary(ctx, card)
		course := c.Course()
		if course.Opened == nil || course.Status == chart.Closed || course.Status == chart.StoodDown {
			continue
		}
		opened := course.Opened.Content.(*chart.EncounterOpened)
		row := c.Row()
		homes[card.Subject] = home{c.Patient, tagOf(row.Who, card.Subject), monthsOf(row.Who, time.Now()), opened.Provisional}
		for _, b := range c.Bindings() {
			if b.Bound.Ref.Device != m.device || len(b.Ended) > 0 {
				continue
			}
			if was := latest[b.Monitor]; was == nil || was.Wall.Before(b.Bound.Wall) {
				latest[b.Monitor] = b.Bound
			}
		}
	}
	for monitor, bound := range latest {
		h := homes[bound.Encounter]
		k.record.restore(monitor, bound.Content.(*chart.MonitorBound).Provenance, bound.Encounter, h.patient, h.tag, h.months, h.provisional)
	}
	return nil
}
