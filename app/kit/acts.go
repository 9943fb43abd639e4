package kit

import (
	"context"
	"errors"
	"fmt"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Record implements api.Station.
func (k *Kit) Record(ctx context.Context, t api.Token, d api.Draft) (api.Recorded, error) {
	author, err := k.allow(t, identity.MayRecord)
	if err != nil {
		return api.Recorded{}, err
	}
	return k.recordAs(ctx, author, d)
}

// recordAs records in the name of somebody who may.
func (k *Kit) recordAs(ctx context.Context, author chart.Author, d api.Draft) (api.Recorded, error) {
	done, err := k.recordAllAs(ctx, author, []api.Draft{d})
	if err != nil {
		return api.Recorded{}, err
	}
	return done[0], nil
}

// contentOf reads a draft's content and completes the draft.
func (k *Kit) contentOf(d *api.Draft) (chart.Kind, chart.Content, error) {
	kind, ok := chart.KindNamed(d.Kind)
	if !ok || logOf(kind.Type) != journal.Chart && logOf(kind.Type) != journal.Supply {
		return kind, nil, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("there is no kind of entry %q to record", d.Kind), Do: "'record --list' prints the kinds."}
	}
	content := kind.New()
	if err := strictly(d.Content, content); err != nil {
		return kind, nil, err
	}
	if err := mayPause(content); err != nil {
		return kind, nil, err
	}
	switch kind.Type {
	case chart.TypeEncounterOpened:
		if d.Encounter == (chart.ID{}) {
			d.Encounter = newID()
		}
	case chart.TypePatientRegistered:
		if d.Patient == (chart.ID{}) {
			d.Patient = newID()
		}
	}
	if d.Encounter == (chart.ID{}) && kind.Scope == chart.OfEncounter {
		return kind, nil, &api.Fault{Code: api.CodeInvalid, What: "the entry says of no encounter", Do: "Name it with --encounter; 'patients' lists them."}
	}
	return kind, content, nil
}

// mayRecord refuses what would be on the record and shown to nobody, or lead a
// monitor to a patient whose encounter is over.
func (k *Kit) mayRecord(ctx context.Context, t chart.Type, d api.Draft) error {
	if d.Encounter == (chart.ID{}) || t == chart.TypeEncounterOpened {
		return nil
	}
	card, err := k.store.Card(ctx, d.Encounter)
	if errors.Is(err, store.ErrNoSubject) {
		return unknownEncounter()
	}
	if err != nil {
		return storeFault(err)
	}
	switch t {
	case chart.TypeEncounterClosed, chart.TypeEncounterStoodDown:
		m, err := k.member()
		if err != nil {
			return err
		}
		if to, taken := k.summary(ctx, card).TakenFrom(m.device); taken {
			return &api.Fault{Code: api.CodeRefused, What: to + " has taken the patient over and ends the encounter", Do: "If the patient is here after all, bind a monitor to them first."}
		}
		return nil
	case chart.TypeMonitorBound:
	default:
		return nil
	}
	if status := k.summary(ctx, card).Course().Status; status == chart.Closed || status == chart.StoodDown {
		return &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("the encounter is %s: a monitor is not bound to it", status), Do: "Open a new encounter for the patient and bind the monitor to that."}
	}
	return nil
}

func unknownEncounter() error {
	return &api.Fault{Code: api.CodeNotFound, What: "this station holds nothing of that encounter", Do: "Take its id from 'patients', or wait for the exchange."}
}

// strictly reads a content's JSON: a field it does not know is an error, because
// what was meant would be lost.
func strictly(b []byte, into any) error {
	if err := api.Strict(b, into); err != nil {
		return &api.Fault{Code: api.CodeInvalid, What: "the content is not what this kind of entry holds: " + err.Error(), Do: ""}
	}
	return nil
}
