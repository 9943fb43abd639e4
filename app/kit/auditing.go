package kit

import (
	"context"
	"errors"
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

// auditMost is how many entries are looked through for one page: one of the whole log is
// of its latest, one of a person or a patient may have to go far back.
const auditMost = 10_000

// Audit implements api.Auditor.
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
	page := api.AuditPage{Rows: []api.AuditRow{}}
	if q.Person == "" && q.About == (chart.ID{}) {
		if page.All, err = k.store.Count(ctx, m.team, journal.Audit); err != nil {
			return api.AuditPage{}, storeFault(err)
		}
	}
	whose := auditPatients{k: k, team: m.team, of: map[chart.ID][]chart.ID{}}
	roster := k.shareOf(m.team).roster.Load()
	var last api.AuditMark // of the entry looked at last
	looked, troubled := 0, error(nil)
	page.Read, err = k.store.Latest(ctx, m.team, journal.Audit, q.After.Ref, func(held store.Entry) bool {
		if len(page.Rows) == q.Most || looked == auditMost {
			page.Next = &last // there is more
			return false
		}
		looked++
		e := k.read([]store.Entry{held})[0]
		last = api.AuditMark{At: e.Happened, Ref: e.Ref}
		row, ok := auditRow(e)
		if !ok {
			page.Absent++
			return true
		}
		var patients []chart.ID
		if patients, troubled = whose.patients(ctx, row.Encounter); troubled != nil {
			return false
		}
		if len(patients) > 0 {
			row.Patient = patients[0]
		} else if row.Act == actRead { // a patient was looked for
			row.Patient, row.Encounter = row.Encounter, chart.ID{}
		}
		by, _ := roster.Member(e.Ref.Device)
		row.Station = by.CallSign
		about := q.About == (chart.ID{}) || row.Encounter == q.About || row.Patient == q.About || slices.Contains(patients, q.About)
		person := q.Person == "" || strings.EqualFold(row.Staff, q.Person) || strings.EqualFold(row.Person, q.Person)
		if about && person {
			page.Rows = append(page.Rows, row)
		}
		return true
	})
	if errors.Is(err, store.ErrNoEntry) {
		return api.AuditPage{}, &api.Fault{Code: api.CodeNotFound, What: "the last page ended at an entry that is not here", Do: "Begin with the newest."}
	}
	if err := errors.Join(err, troubled); err != nil {
		return api.AuditPage{}, storeFault(err)
	}
	// Nobody reads on the word of an entry that is not on disk yet. It is not on the page
	// that it tells of.
	if err := k.noteRead(ctx, m, author, q); err != nil {
		return api.AuditPage{}, err
	}
	return page, nil
}

// auditPatients finds the patients of encounters, each once.
type auditPatients struct {
	k    *Kit
	team journal.TeamID
	of   map[chart.ID][]chart.ID
}

// patients are those that an encounter of the team names: another team's patients are
// not named in this one's log.
func (a *auditPatients) patients(ctx context.Context, encounter chart.ID) ([]chart.ID, error) {
	if encounter == (chart.ID{}) {
		return nil, nil
	}
	if of, known := a.of[encounter]; known {
		return of, nil
	}
	card, err := a.k.store.Card(ctx, encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return nil, err
	}
	if card.Team != a.team {
		card.Patients = nil
	}
	a.of[encounter] = card.Patients
	return card.Patients, nil
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
