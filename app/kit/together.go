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

// RecordAll implements api.Scribe.
func (k *Kit) RecordAll(ctx context.Context, t api.Token, drafts []api.Draft) ([]api.Recorded, error) {
	author, err := k.allow(t, identity.MayRecord)
	if err != nil {
		return nil, err
	}
	if len(drafts) == 0 || len(drafts) > api.MaxTogether {
		return nil, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("%d entries cannot be recorded together", len(drafts)), Do: fmt.Sprintf("Give 1 to %d.", api.MaxTogether)}
	}
	return k.recordAllAs(ctx, author, drafts)
}

// recordAllAs records in one transaction in the name of somebody who may. A draft that
// amends an entry becomes two: itself, and the amendment right behind it.
func (k *Kit) recordAllAs(ctx context.Context, author chart.Author, drafts []api.Draft) ([]api.Recorded, error) {
	var m *membership // of the team that all of them are for
	var out []store.Draft
	done := make([]api.Recorded, len(drafts))
	contents := make([]chart.Content, len(drafts))
	at := make([]int, len(drafts)) // of each draft among those committed
	for i, d := range drafts {
		kind, content, err := k.contentOf(&d)
		if err != nil {
			return nil, err
		}
		of, err := k.place(ctx, append(others(content), d.Encounter, d.Patient)...)
		if err != nil {
			return nil, err
		}
		if m != nil && of.team != m.team {
			return nil, &api.Fault{Code: api.CodeRefused, What: "what is to be recorded together belongs to two teams", Do: "Record each by itself: neither team is told of the other's."}
		}
		m = of
		if err := k.address(ctx, d.Encounter, content); err != nil {
			return nil, err
		}
		body, err := stampedBody(k.clock, content, k.plate.Training)
		if err != nil {
			return nil, err
		}
		if err := k.mayRecord(ctx, kind.Type, d); err != nil {
			return nil, err
		}
		if !d.Happened.IsZero() {
			body.Happened = journal.Millis(d.Happened)
		}
		amended, err := k.amended(ctx, kind, d)
		if err != nil {
			return nil, err
		}
		if amended != nil {
			d.Patient = amended.Patient
			if d.Happened.IsZero() {
				body.Happened = journal.Millis(amended.At)
			}
		}
		if body.Saw, err = k.sawWhole(ctx, d.Encounter, d.Patient); err != nil {
			return nil, storeFault(err)
		}
		body.Author, body.Encounter, body.Patient = author, d.Encounter, d.Patient
		at[i], contents[i] = len(out), content
		done[i] = api.Recorded{Encounter: d.Encounter, Patient: d.Patient}
		out = append(out, store.Draft{Team: m.team, Log: logOf(kind.Type), Body: body})
		if amended != nil {
			by, err := k.amendment(body, d, at[i])
			if err != nil {
				return nil, err
			}
			by.Team = m.team
			out = append(out, by)
		}
	}
	refs, err := k.store.Commit(ctx, m.signer, out)
	if err != nil {
		return nil, storeFault(err)
	}
	for i := range done {
		done[i].Ref = refs[at[i]]
		k.live.folded.forget(done[i].Encounter)
	}
	for i, r := range done {
		t := contents[i].Type()
		k.record.heed(r.Encounter, r.Patient, contents[i])
		k.dress(ctx, r.Encounter, t)
		if t == chart.TypeEncounterClosed || t == chart.TypeEncounterStoodDown {
			k.hideEnded(ctx, r.Encounter)
		}
		if check, ok := contents[i].(*chart.ShiftCheck); ok {
			k.checked(ctx, author, check)
		}
		if t == chart.TypeEncounterMoved {
			k.handedOn(ctx, r.Encounter)
		}
	}
	return done, nil
}

// amended is the fact whose place a draft takes, nil when it takes none's. It must
// count in the same encounter, and be of the same kind: a correction that reaches into
// another patient's record, or strikes out what somebody has corrected already, is
// refused.
func (k *Kit) amended(ctx context.Context, kind chart.Kind, d api.Draft) (*chart.Fact, error) {
	if d.Amends == (chart.Ref{}) {
		return nil, nil
	}
	if kind.Log != uint8(journal.Chart) || kind.Type == chart.TypeAmendment || kind.Type == chart.TypeRetraction {
		return nil, &api.Fault{Code: api.CodeInvalid, What: "an entry of this kind cannot take another's place", Do: "Take the other back and record it again."}
	}
	entries, err := k.entries(ctx, d.Encounter)
	if err != nil {
		return nil, err
	}
	fold := chart.NewFold(d.Encounter)
	fold.Add(entries...)
	f := fold.Chart().Fact(d.Amends)
	switch {
	case f == nil || f.Encounter != d.Encounter || d.Patient != (chart.ID{}) && f.Patient != d.Patient:
		return nil, &api.Fault{Code: api.CodeInvalid, What: "the entry to be corrected is not of this patient's encounter", Do: "Open the record of the patient and choose the entry there."}
	case f.Standing != chart.Active:
		return nil, &api.Fault{Code: api.CodeInvalid, What: "the entry to be corrected does not count any more: somebody has corrected, taken back or moved it", Do: "Look at the record again."}
	case f.Content.Type() != kind.Type:
		return nil, &api.Fault{Code: api.CodeInvalid, What: "a correction must be of the kind that it corrects", Do: "Take the entry back and record what is true."}
	}
	return f, nil
}

// amendment is the entry that puts the draft number by, whose body that is, into the
// place of what it amends.
func (k *Kit) amendment(body journal.Body, d api.Draft, by int) (store.Draft, error) {
	amends := &chart.Amendment{Of: d.Amends, By: chart.Ref{Seq: 1}, Why: d.Why}
	written, err := stampedBody(k.clock, amends, k.plate.Training)
	if err != nil {
		return store.Draft{}, err
	}
	written.Saw, written.Author, written.Encounter, written.Patient = body.Saw, body.Author, body.Encounter, body.Patient
	return store.Draft{Log: journal.Chart, Body: written, Content: func(before []chart.Ref) ([]byte, error) {
		return journal.EncodeContent(&chart.Amendment{Of: d.Amends, By: before[by], Why: d.Why})
	}}, nil
}

// sawWhole is what this station has folded of an encounter and its patient, with the
// records that merges join to them.
func (k *Kit) sawWhole(ctx context.Context, encounter, patient chart.ID) ([]chart.Ref, error) {
	subjects := []chart.ID{encounter, patient}
	if encounter != (chart.ID{}) {
		kin, err := k.kin(ctx, encounter)
		if err != nil && !errors.Is(err, store.ErrNoSubject) {
			return nil, err
		}
		subjects = append(subjects, kin...)
	}
	return sawOf(ctx, k.store, subjects...)
}
