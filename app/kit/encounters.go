package kit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// inCareFor is how long after the last entry of its course an encounter without a
// monitor here counts as in care, if nobody closed it.
const inCareFor = 24 * time.Hour

// Encounters implements api.Station.
func (k *Kit) Encounters(ctx context.Context, t api.Token) ([]chart.Row, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	rows := []chart.Row{}
	now, _ := k.clock.Wall()
	k.ended.judgedBy(k.judges)
	for _, card := range cards {
		card = k.rightful(ctx, card)
		mark := k.markOf(ctx, card)
		if row, ok := k.ended.get(card.Subject, mark); ok {
			rows = append(rows, k.inTeam(row, card))
			continue
		}
		facts := k.factsIn(card.Team, card)
		c := k.summaryOf(ctx, card, facts)
		course := c.Course()
		if course.Opened == nil {
			continue
		}
		// Of those in care the row tells the latest numbers, alarms and double doses
		// too, for which the whole encounter is read, once a second at most. One that
		// nobody closed is not in care for ever.
		over := course.Status == chart.Closed || course.Status == chart.StoodDown
		if !over && (k.record.stands(card.Subject) || now.Sub(c.Row().Latest.Time()) < inCareFor) {
			if whole, err := k.live.chartOf(ctx, card.Subject); err == nil {
				c = whole
			} else {
				k.log.Warn("an encounter could not be read whole; its row tells who it is and no more", "reason", err)
			}
		}
		row := c.Row()
		if over && len(mergesIn(facts)) == 0 && k.guestOf(card.Team) == nil { // whom a merge joins, this card does not tell
			k.ended.put(card.Subject, endedRow{mark, row})
		}
		rows = append(rows, k.inTeam(row, card))
	}
	slices.SortFunc(rows, func(a, b chart.Row) int { return cmp.Compare(b.Opened, a.Opened) })
	return rows, nil
}

// inTeam says of which team a row's encounter is, where there are several.
func (k *Kit) inTeam(row chart.Row, card store.Card) chart.Row {
	if len(k.shares()) > 1 {
		if of := k.shareOf(card.Team); of != nil {
			row.Team = of.name()
		}
	}
	if row.Lent = k.lent(card.Team, card.Subject); row.Lent != nil {
		row.Team = row.Lent.Team
	}
	return row
}

// summary is the chart of a card's facts and its patients': what the patient list
// shows.
func (k *Kit) summary(ctx context.Context, card store.Card) *chart.Chart {
	return k.summaryOf(ctx, card, k.factsIn(card.Team, card))
}

// summaryOf is summary of a card whose facts have been read.
func (k *Kit) summaryOf(ctx context.Context, card store.Card, facts []chart.Entry) *chart.Chart {
	fold := chart.NewFold(card.Subject)
	for _, p := range card.Patients {
		if p == card.Subject {
			continue
		}
		if patient, err := k.store.Card(ctx, p); err == nil {
			fold.Add(k.factsIn(card.Team, patient)...)
		}
	}
	fold.Add(facts...)
	kin, err := k.joined(ctx, card, mergesIn(facts))
	if err != nil {
		k.log.Warn("the merged records of a patient could not be found; the row tells of one alone", "reason", err)
	}
	for _, id := range kin {
		if other, err := k.store.Card(ctx, id); err == nil {
			fold.Add(k.factsIn(card.Team, other)...)
		}
	}
	return fold.Chart()
}

// factsIn are a card's facts that were written for a team: what another team's
// stations say of its patients is no word on them.
func (k *Kit) factsIn(team journal.TeamID, card store.Card) []chart.Entry {
	foreign := func(e store.Entry) bool { return e.Team != team }
	facts := card.Facts
	if slices.ContainsFunc(facts, foreign) {
		facts = slices.DeleteFunc(slices.Clone(facts), foreign)
	}
	return k.read(facts)
}

// rowOf is an encounter's row in the patient list.
func (k *Kit) rowOf(ctx context.Context, encounter chart.ID) (chart.Row, error) {
	card, err := k.store.Card(ctx, encounter)
	if err != nil {
		return chart.Row{}, storeFault(err)
	}
	return k.summary(ctx, k.rightful(ctx, card)).Row(), nil
}

// read makes the fold's entries of the store's. What cannot be read says so in
// the entry.
func (k *Kit) read(entries []store.Entry) []chart.Entry {
	out := make([]chart.Entry, 0, len(entries))
	for _, e := range entries {
		of := k.shareOf(e.Team)
		g := k.guestOf(e.Team)
		if of != nil && of.withholds(e) || g != nil && g.withholds() {
			out = append(out, chart.Entry{Ref: e.Ref, Log: uint8(e.Log), Absent: chart.Withheld})
			continue
		}
		read, err := journal.Read(e.Ref.Device, e.Record, kinds)
		if err != nil {
			k.log.Debug("an entry cannot be read", "place", e.Ref.String(), "reason", err)
		}
		read.Ref, read.Log = e.Ref, uint8(e.Log)
		read.Withdrawn = e.Log != journal.Team && (of == nil || !of.trusts(e.Ref)) && (g == nil || !g.trusts(e.Ref))
		out = append(out, read)
	}
	return out
}

// Entries implements api.Station.
func (k *Kit) Entries(ctx context.Context, t api.Token, encounter chart.ID) ([]chart.Entry, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	return k.entries(ctx, encounter)
}

// entries are those of an encounter, of the patients it names and what merges join to
// them, of encounters from which entries were moved here, and of the team log what says how to read them.
func (k *Kit) entries(ctx context.Context, encounter chart.ID) ([]chart.Entry, error) {
	card, err := k.store.Card(ctx, encounter)
	if errors.Is(err, store.ErrNoSubject) {
		return nil, unknownEncounter()
	}
	var out []chart.Entry
	team := k.rightful(ctx, card).Team
	if k.guestOf(team) == nil { // its orders do not come here, and it obeys them itself
		of, err := k.teamOf(ctx, encounter)
		if err != nil {
			return nil, err
		}
		if of == nil {
			return nil, unknownEncounter()
		}
		m := of.member.Load()
		if m == nil {
			return nil, storeFault(store.ErrLocked)
		}
		team = m.team
		if out, err = k.orders(ctx, of); err != nil {
			return nil, storeFault(err)
		}
	}
	kin, err := k.kin(ctx, encounter)
	if err != nil {
		return nil, storeFault(err)
	}
	seen := map[chart.ID]bool{{}: true}
	for wanted := append([]chart.ID{encounter}, kin...); len(wanted) > 0; wanted = wanted[1:] {
		if seen[wanted[0]] {
			continue
		}
		seen[wanted[0]] = true
		held, err := k.store.Encounter(ctx, wanted[0])
		if err != nil {
			return nil, storeFault(err)
		}
		held = slices.DeleteFunc(held, func(e store.Entry) bool { return e.Team != team })
		for _, e := range k.read(held) {
			out = append(out, e)
			if wanted[0] == encounter {
				wanted = append(wanted, e.Patient)
			}
			if moved, ok := e.Content.(*chart.RangeReassigned); ok && moved.ToEncounter == encounter {
				wanted = append(wanted, moved.FromEncounter)
			}
		}
	}
	absent, err := k.absent(ctx, out)
	return append(out, absent...), err
}
