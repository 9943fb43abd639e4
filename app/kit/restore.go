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
		k.record.restore(monitor, bound.Content.(*chart.MonitorBound).Provenance, bound.Encounter, h.patient, h.tag, h.months, h.provisional, k.results(ctx, bound))
		k.relimit(ctx, bound.Encounter)
	}
	return nil
}

// results are the last results with a time of their own, such as a cuff's, that
// were charted of a bound instrument.
func (k *Kit) results(ctx context.Context, bound *chart.Fact) []chart.Measured {
	entries, err := k.entries(ctx, bound.Encounter)
	if err != nil {
		k.log.Warn("the last results could not be read; a monitor that repeats one is taken to have measured anew", "reason", err)
		return nil
	}
	fold := chart.NewFold(bound.Encounter)
	fold.Add(entries...)
	var out []chart.Measured
	prov := bound.Content.(*chart.MonitorBound).Provenance
	for _, sign := range fold.Chart().Vitals() {
		for _, m := range sign.All {
			if m.Vital.Aperiodic && m.Vital.Value != nil && !another(prov, m.Provenance()) {
				out = append(out, m)
			}
		}
	}
	return out
}
