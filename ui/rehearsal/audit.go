package rehearsal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// Audit implements [ui.Auditor]: twenty-one made-up entries, each a minute before the
// next. Only C. Moreau may read them.
func (d *Desk) Audit(_ context.Context, q ui.AuditQuery) (ui.AuditPage, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.audits = append(d.audits, q)
	switch {
	case d.away != nil:
		return ui.AuditPage{}, d.away
	case d.station.SignedIn != crew[2].Name:
		return ui.AuditPage{}, &ui.Trouble{What: "the role of whoever is signed in does not allow that", Do: "Sign in as somebody with the role admin"}
	}
	var all []ui.AuditRow
	for i := range 21 {
		r := ui.AuditRow{At: d.began.Add(-time.Duration(i) * time.Minute), Station: "AMB-7", Staff: crew[i%3].ID}
		switch i % 4 {
		case 0:
			r.Act, r.How, r.Where = "came in", "PIN", "station"
		case 1:
			r.Act, r.Where, r.Encounter, r.Patient = "watched", "page", chart.ID{15: 1}, chart.ID{0: 9, 15: 1}
		case 2:
			r.Act, r.How, r.Where, r.Staff, r.Person, r.Times = "turned away", "PIN", "station", "", crew[1].ID, 3
		case 3:
			r.Act, r.Where, r.Station, r.Unconfirmed = "went out", "station", "", i == 3
		}
		all = append(all, r)
	}
	all = slices.DeleteFunc(all, func(r ui.AuditRow) bool {
		return q.Person != "" && r.Staff != q.Person && r.Person != q.Person || q.About != (chart.ID{}) && r.Encounter != q.About && r.Patient != q.About
	})
	page := ui.AuditPage{Absent: 2}
	if q.Person == "" && q.About == (chart.ID{}) {
		page.All = len(all)
	}
	if q.After != nil {
		all = slices.DeleteFunc(all, func(r ui.AuditRow) bool { return !r.At.Before(q.After.At) })
	}
	if q.Most < 1 {
		return page, fmt.Errorf("%d rows are no page", q.Most)
	}
	if len(all) > q.Most {
		all = all[:q.Most]
		page.Next = &ui.AuditMark{At: all[q.Most-1].At}
	}
	page.Rows = all
	return page, nil
}

// Audits are the questions asked of the audit log so far.
func (d *Desk) Audits() []ui.AuditQuery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.audits)
}
