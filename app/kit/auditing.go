package kit

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// actRead is what reading the audit log is called in its own rows, actWatched watching
// a patient live.
const (
	actRead    = "read the audit log"
	actWatched = "watched"
)

// Audit implements api.Auditor. It reads the whole audit log that this station holds:
// some ten thousand entries in a year of a busy one.
func (k *Kit) Audit(ctx context.Context, t api.Token, q api.AuditQuery) (api.AuditPage, error) {
	author, err := k.allow(t, identity.MayAdminister)
	if err != nil {
		return api.AuditPage{}, err
	}
	m, err := k.memberIn(ctx)
	if err != nil {
		return api.AuditPage{}, err
	}
	q.Person = strings.TrimSpace(q.Person)
	switch {
	case q.Most < 0 || q.Most > api.AuditMost:
		return api.AuditPage{}, &api.Fault{Code: api.CodeInvalid, What: "that many rows do not fit one page", Do: "Ask for 1 to 200."}
	case q.Most == 0:
		q.Most = api.AuditMost
	}
	held, err := k.store.Encounter(ctx, chart.ID{})
	if err != nil {
		return api.AuditPage{}, storeFault(err)
	}
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return api.AuditPage{}, storeFault(err)
	}
	patients := map[chart.ID][]chart.ID{} // by encounter
	for _, c := range cards {
		if c.Team == m.team { // another team's patients are not named in this one's log
			patients[c.Subject] = c.Patients
		}
	}
	// Nobody reads on the word of an entry that is not on disk yet.
	if err := k.noteRead(ctx, m, author, q); err != nil {
		return api.AuditPage{}, err
	}
	held = slices.DeleteFunc(held, func(e store.Entry) bool { return e.Log != journal.Audit || e.Team != m.team })
	page := api.AuditPage{Rows: []api.AuditRow{}}
	roster := k.shareOf(m.team).roster.Load()
	for _, e := range k.read(held) {
		row, ok := auditRow(e)
		if !ok {
			page.Absent++
			continue
		}
		if of, ok := patients[row.Encounter]; ok && len(of) > 0 {
			row.Patient = of[0]
		} else if row.Act == actRead { // a patient was looked for
			row.Patient, row.Encounter = row.Encounter, chart.ID{}
		}
		by, _ := roster.Member(e.Ref.Device)
		row.Station = by.CallSign
		about := q.About == (chart.ID{}) || row.Encounter == q.About || row.Patient == q.About || slices.Contains(patients[row.Encounter], q.About)
		person := q.Person == "" || strings.EqualFold(row.Staff, q.Person) || strings.EqualFold(row.Person, q.Person)
		if about && person {
			page.Rows = append(page.Rows, row)
		}
	}
	page.All = len(page.Rows)
	slices.SortFunc(page.Rows, func(a, b api.AuditRow) int { return older(b, api.AuditMark{At: a.At, Ref: a.Ref}) })
	if q.After != (api.AuditMark{}) {
		page.Rows = slices.DeleteFunc(page.Rows, func(r api.AuditRow) bool { return older(r, q.After) >= 0 })
	}
	if len(page.Rows) > q.Most {
		last := page.Rows[q.Most-1]
		page.Rows, page.Next = page.Rows[:q.Most], &api.AuditMark{At: last.At, Ref: last.Ref}
	}
	return page, nil
}

// older orders rows by time, those of one millisecond by place.
func older(r api.AuditRow, m api.AuditMark) int {
	return cmp.Or(r.At.Compare(m.At), bytes.Compare(r.Ref.Device[:], m.Ref.Device[:]), bytes.Compare(r.Ref.Epoch[:], m.Ref.Epoch[:]), cmp.Compare(r.Ref.Seq, m.Ref.Seq))
}

// auditRow is an entry as a row; false when it cannot be read here.
func auditRow(e chart.Entry) (api.AuditRow, bool) {
	row := api.AuditRow{
		At: e.Happened, Ref: e.Ref, Staff: e.Author.Staff, Checked: e.Author.Checked.String(), Unconfirmed: e.Withdrawn,
	}
	switch c := e.Content.(type) {
	case *chart.Watched:
		row.Act, row.Where, row.Encounter = actWatched, c.Where, c.Encounter
	case *chart.Access:
		row.Act, row.How, row.Where, row.Person, row.Times = string(c.Act), c.How, c.Where, c.Person, c.Times
	case *chart.AuditRead:
		row.Act, row.Where, row.Person, row.Encounter = actRead, c.Where, c.Person, c.About
	default:
		return row, false
	}
	return row, true
}

// noteRead writes that somebody reads the audit log.
func (k *Kit) noteRead(ctx context.Context, m *membership, author chart.Author, q api.AuditQuery) error {
	content := &chart.AuditRead{Person: q.Person, About: q.About, Where: atStation}
	if err := content.Validate(); err != nil {
		return &api.Fault{Code: api.CodeInvalid, What: "nobody is called that: " + err.Error(), Do: "Give a staff id; 'team staff' lists them."}
	}
	body, err := stampedBody(k.clock, content, k.plate.Training)
	if err != nil {
		return err
	}
	body.Author = author
	_, err = k.store.Commit(ctx, m.signer, []store.Draft{{Team: m.team, Log: journal.Audit, Body: body}})
	return storeFault(err)
}
