package api

import (
	"context"
	"net/http"
	"time"

	"fieldkit/triage/chart"
)

// An Auditor is what the API serves of the audit log: who looked, who came in, who was
// turned away.
type Auditor interface {
	// Audit reads what this station holds of the audit log of the team that WithTeam
	// names, for whoever may administer: that first which this station came to hold last,
	// so that nothing is buried that came late or was written under a clock that was set
	// back. That it was read is on disk before it answers.
	Audit(ctx context.Context, t Token, q AuditQuery) (AuditPage, error)
}

// AuditMost is the most rows of one page, and how many there are unless fewer are
// asked for.
const AuditMost = 200

// An AuditQuery says which entries of the audit log to read.
type AuditQuery struct {
	Person string    `json:"person,omitempty"` // staff id: what they did, and who was said to be them
	About  chart.ID  `json:"about,omitzero"`   // a patient, or an encounter
	After  AuditMark `json:"after,omitzero"`   // the next page: what the last one gave
	Most   int       `json:"most,omitempty"`   // rows, 1 to AuditMost
}

// An AuditMark is where a page ended.
type AuditMark struct {
	At  time.Time `json:"at"`
	Ref chart.Ref `json:"ref"`
}

// An AuditPage is one page of the audit log.
type AuditPage struct {
	Rows []AuditRow `json:"rows"`
	// Next is nil at the end. A page of a person or a patient may hold few rows, or none,
	// and yet have a next one: it looked as far back as one page does.
	Next *AuditMark `json:"next,omitempty"`
	// All is how many entries of the log this station holds, readable or not; 0 for a
	// person or a patient, whose are not counted.
	All int `json:"all,omitempty"`
	// Absent is how many of the entries looked through for the page cannot be read here.
	Absent int `json:"absent,omitempty"`
	// Read is how many entries were read from the disk for the page.
	Read int `json:"read"`
}

// An AuditRow is one entry of the audit log.
type AuditRow struct {
	At      time.Time `json:"at"` // by the writer's clock
	Ref     chart.Ref `json:"ref"`
	Station string    `json:"station"` // call sign of the writer, "" when not on the roster
	Staff   string    `json:"staff,omitempty"`
	Checked string    `json:"checked"` // how they were recognised
	// Act is "watched", "read the audit log", or an access's own: "came in", "went out",
	// "turned away", "locked out".
	Act       string   `json:"act"`
	How       string   `json:"how,omitempty"`
	Where     string   `json:"where,omitempty"`
	Person    string   `json:"person,omitempty"` // whom it was about
	Times     uint32   `json:"times,omitempty"`  // how often, 0 for once
	Encounter chart.ID `json:"encounter,omitzero"`
	Patient   chart.ID `json:"patient,omitzero"` // as far as the encounter is held here
	// Unconfirmed says that a withdrawn tablet wrote it.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// Audit implements [Auditor].
func (c *Client) Audit(ctx context.Context, t Token, q AuditQuery) (AuditPage, error) {
	return call[AuditPage](ctx, c, http.MethodPost, "/v1/audit", t, q)
}
