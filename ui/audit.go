package ui

import (
	"context"
	"time"

	"fieldkit/triage/chart"
)

// An Auditor reads who looked, who came in and who was turned away.
type Auditor interface {
	// Audit is one page of the audit log, what came last first, for whoever may administer.
	// Each reading is itself written down: a screen asks only when a person does.
	Audit(ctx context.Context, q AuditQuery) (AuditPage, error)
}

// An AuditQuery says which entries of the audit log to read.
type AuditQuery struct {
	Person string     // staff id; "" is all
	About  chart.ID   // a patient or an encounter; zero is all
	After  *AuditMark // where the last page ended; nil is the first
	Most   int        // rows
}

// An AuditMark is where a page ended.
type AuditMark struct {
	At  time.Time
	Ref chart.Ref
}

// An AuditPage is one page of the audit log.
type AuditPage struct {
	Rows   []AuditRow
	Next   *AuditMark // nil at the end; a page with few rows, or none, may have one
	All    int        // entries of the whole log, 0 for a person's or a patient's
	Absent int        // of those looked through, entries that cannot be read here
}

// An AuditRow is one entry of the audit log.
type AuditRow struct {
	At        time.Time
	Station   string // call sign
	Staff     string // "" when it was nobody
	Act       string // "watched", "came in", "turned away", as the station says it
	How       string
	Where     string
	Person    string // whom it was about
	Times     int    // how often, 0 for once
	Encounter chart.ID
	Patient   chart.ID
	// Unconfirmed says that a withdrawn tablet wrote it.
	Unconfirmed bool
}
