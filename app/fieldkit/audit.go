//go:build cgo

package main

import (
	"context"

	"fieldkit/app/api"
	"fieldkit/ui"
)

// Audit implements [ui.Auditor].
func (d *desk) Audit(ctx context.Context, q ui.AuditQuery) (ui.AuditPage, error) {
	asked := api.AuditQuery{Person: q.Person, About: q.About, Most: q.Most}
	if q.After != nil {
		asked.After = api.AuditMark{At: q.After.At, Ref: q.After.Ref}
	}
	got, err := call(ctx, d, func(c *api.Client, t api.Token) (api.AuditPage, error) { return c.Audit(ctx, t, asked) })
	if err != nil {
		return ui.AuditPage{}, err
	}
	page := ui.AuditPage{All: got.All, Absent: got.Absent}
	if got.Next != nil {
		page.Next = &ui.AuditMark{At: got.Next.At, Ref: got.Next.Ref}
	}
	for _, r := range got.Rows {
		page.Rows = append(page.Rows, ui.AuditRow{
			At: r.At, Station: r.Station, Staff: r.Staff, Act: r.Act, How: r.How, Where: r.Where, Person: r.Person, Times: int(r.Times),
			Encounter: r.Encounter, Patient: r.Patient, Unconfirmed: r.Unconfirmed,
		})
	}
	return page, nil
}
