package kit

import (
	"context"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// restoreBeds reads from the record which encounter each of this station's
// monitors records to, and what it measured there and where it was bound before.
// Its cost follows the encounters that are open and the number of monitors.
func (k *Kit) restoreBeds(ctx context.Context) error {
	m, err := k.member()
	if err != nil {
		return err
	}
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return err
	}
	latest, before := map[string]*chart.Fact{}, map[string]*chart.Fact{} // of encounters that go on, and of all
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
		if course.Opened == nil {
			continue
		}
		over := course.Status == chart.Closed || course.Status == chart.StoodDown
		opened := course.Opened.Content.(*chart.EncounterOpened)
		row := c.Row()
		homes[card.Subject] = home{c.Patient, tagOf(row.Who, card.Subject), monthsOf(row.Who, time.Now()), opened.Provisional}
		for _, b := range c.Bindings() {
			if b.Bound.Ref.Device != m.device {
				continue
			}
			if ended := over || len(b.Ended) > 0; !ended {
				later(latest, b)
			} else {
				later(before, b)
			}
		}
	}
	histories := k.historiesOf(ctx)
	for _, bindings := range [...]map[string]*chart.Fact{before, latest} {
		for monitor, bound := range bindings {
			prov := bound.Content.(*chart.MonitorBound).Provenance
			was := histories(bound.Encounter)
			h := homes[bound.Encounter]
			h.provisional = h.provisional && !was.attended
			homes[bound.Encounter] = h
			k.record.remember(monitor, bound.Encounter, h.provisional, was.by(prov))
		}
	}
	for monitor, bound := range latest {
		h := homes[bound.Encounter]
		k.record.restore(monitor, bound.Content.(*chart.MonitorBound).Provenance, bound.Encounter, h.patient, h.tag, h.months, h.provisional)
		k.record.boundSince(monitor, bound.Wall)
		k.relimit(ctx, bound.Encounter)
	}
	for _, bound := range latest {
		k.handedOn(ctx, bound.Encounter) // the word of it may have come just before the end
	}
	return nil
}

// later keeps the latest binding of each monitor.
func later(of map[string]*chart.Fact, b chart.Binding) {
	if was := of[b.Monitor]; was == nil || writtenBefore(was, b.Bound) {
		of[b.Monitor] = b.Bound
	}
}

// writtenBefore reports which of two entries of this station came first. Two of one
// boot are told by its monotonic clock: a wall clock that was set back in between
// would give a monitor back to the patient it was taken from.
func writtenBefore(x, y *chart.Fact) bool {
	if x.Boot == y.Boot && x.Boot != (chart.Boot{}) {
		return x.Mono < y.Mono
	}
	return x.Wall.Before(y.Wall)
}

// A history is what an encounter holds that matters to its instruments.
type history struct {
	results  []chart.Measured // with a time of their own, such as a cuff's
	attended bool             // a person wrote of the patient
}

// by are the results of one instrument.
func (h history) by(prov vital.Provenance) []chart.Measured {
	return slices.DeleteFunc(slices.Clone(h.results), func(m chart.Measured) bool { return another(prov, m.Provenance()) })
}

// historiesOf reads encounters, each once.
func (k *Kit) historiesOf(ctx context.Context) func(encounter chart.ID) history {
	read := map[chart.ID]history{}
	return func(encounter chart.ID) history {
		h, known := read[encounter]
		if known {
			return h
		}
		entries, err := k.entries(ctx, encounter)
		if err != nil {
			k.log.Warn("the last results could not be read; a monitor that repeats one is taken to have measured anew", "reason", err)
		}
		for _, e := range entries {
			switch e.Content.(type) {
			case *chart.MonitorUnbound, *chart.AlarmAcknowledged, *chart.AlarmPaused:
			default:
				h.attended = h.attended || e.Encounter == encounter && e.Author.Checked != chart.CheckedStation
			}
		}
		fold := chart.NewFold(encounter)
		fold.Add(entries...)
		for _, sign := range fold.Chart().Vitals() {
			for _, m := range sign.All {
				if m.Vital.Aperiodic && m.Vital.Value != nil {
					h.results = append(h.results, m)
				}
			}
		}
		read[encounter] = h
		return h
	}
}
