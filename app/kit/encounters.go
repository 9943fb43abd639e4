package kit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	l, err := k.ListEncounters(ctx, t, "")
	return l.Rows, err
}

// ListEncounters implements api.Lister. The list is made anew each time it is asked for,
// of rows that are kept while nothing can have changed them, and its mark of what it
// then says: no change goes unseen because nobody told of it.
func (k *Kit) ListEncounters(ctx context.Context, t api.Token, have api.Mark) (api.Listing, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Listing{}, err
	}
	list, err := k.list(ctx)
	if err != nil {
		return api.Listing{}, err
	}
	mark := nameOf(list)
	if mark == have {
		return api.Listing{Mark: mark, Same: true}, nil
	}
	rows := make([]chart.Row, len(list))
	for i, l := range list {
		rows[i] = l.row
	}
	return api.Listing{Mark: mark, Rows: rows}, nil
}

// A markedRow is a row of the list and the digest of all it says.
// Nobody changes one.
type markedRow struct {
	row    chart.Row
	digest [sha256.Size]byte
}

func marked(row chart.Row) (*markedRow, error) {
	b, err := json.Marshal(row)
	if err != nil {
		return nil, fmt.Errorf("list the encounters: %w", err)
	}
	return &markedRow{row, sha256.Sum256(b)}, nil
}

// nameOf names what a list says, and in which order.
func nameOf(list []*markedRow) api.Mark {
	h := sha256.New()
	for _, l := range list {
		h.Write(l.digest[:])
	}
	return api.Mark(hex.EncodeToString(h.Sum(nil)[:16]))
}

// list is the rows of all encounters, the latest first.
func (k *Kit) list(ctx context.Context) ([]*markedRow, error) {
	ended := k.ended.rowsBy(k.judges)
	prints, err := k.store.Prints(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	out := make([]*markedRow, 0, len(prints))
	now, _ := k.clock.Wall()
	for _, p := range prints {
		row, kept := ended.get(p)
		if !kept {
			if row, err = k.row(ctx, ended, p, now); err != nil {
				return nil, err
			}
		}
		if row != nil {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b *markedRow) int {
		return cmp.Or(cmp.Compare(b.row.Opened, a.row.Opened), bytes.Compare(a.row.Encounter[:], b.row.Encounter[:]))
	})
	return out, nil
}

// row makes a subject's row, nil of what is no encounter. It is kept when it stays as it
// is until its card or its judges change.
func (k *Kit) row(ctx context.Context, ended endedRows, p store.Print, now time.Time) (*markedRow, error) {
	card, err := k.store.Card(ctx, p.Subject)
	if errors.Is(err, store.ErrNoSubject) {
		return nil, nil // gone since
	}
	if err != nil {
		return nil, storeFault(err)
	}
	card = k.rightful(ctx, card)
	facts := k.factsIn(card.Team, card)
	c := k.summaryOf(ctx, card, facts)
	course := c.Course()
	// Whom a merge joins, this card does not tell, nor how it stands with another team's
	// station that shares it.
	stays := len(mergesIn(facts)) == 0 && k.guestOf(card.Team) == nil
	var out *markedRow
	if course.Opened != nil {
		// Of those in care the row tells the latest numbers, alarms and double doses
		// too, for which the whole encounter is read, once a second at most. One that
		// nobody closed is not in care for ever.
		over := course.Status == chart.Closed || course.Status == chart.StoodDown
		stays = stays && over
		if !over && (k.record.stands(card.Subject) || now.Sub(c.Row().Latest.Time()) < inCareFor) {
			if whole, err := k.live.chartOf(ctx, card.Subject); err == nil {
				c = whole
			} else {
				k.log.Warn("an encounter could not be read whole; its row tells who it is and no more", "reason", err)
			}
		}
		if out, err = marked(k.inTeam(c.Row(), card)); err != nil {
			return nil, err
		}
	}
	// What was written while the row was made may be in it or not.
	if after, err := k.store.Print(ctx, p.Subject); stays && err == nil && after == p {
		ended.put(p, out)
	}
	return out, nil
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
