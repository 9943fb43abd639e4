package api

import (
	"context"
	"net/http"
	"time"

	"fieldkit/triage/chart"
)

// A Keeper is what the API serves of how long records are kept. app/kit implements
// it; so does [Client]. All methods are safe for concurrent use.
type Keeper interface {
	// Retention is the team's table, and what this station would remove next by it.
	Retention(ctx context.Context, t Token) (Retention, error)
	// SetRetention changes rows of the table, for the whole team, as an admin.
	SetRetention(ctx context.Context, t Token, s RetentionSet) (Retention, error)
	// ConfirmDate is an admin's word that this station's date is right, where no
	// other station can say so.
	ConfirmDate(ctx context.Context, t Token) (Retention, error)

	Auditor
}

// A Retention is how long records are kept.
type Retention struct {
	Rows []RetentionRow `json:"rows"`
	// Now is this station's date, and Waits why it removes nothing by it, "" when it
	// does.
	Now   time.Time `json:"now"`
	Waits string    `json:"waits,omitempty"`
	// Next are the patients whose records go next, at most 20, the first to go first;
	// Due is how many are past their time already.
	Next []Leaving `json:"next"`
	Due  int       `json:"due"`
	// Held counts those that stay whatever the table says, by reason.
	Held map[string]int `json:"held,omitempty"`
}

// A RetentionRow is how long one kind of record is kept.
type RetentionRow struct {
	Of    string `json:"of"`              // adult, minor, stream or audit
	Keeps string `json:"keeps"`           // in words
	Years int    `json:"years,omitempty"` // with days, 0 for ever
	Days  int    `json:"days,omitempty"`
	Until int    `json:"until,omitempty"` // and at least until this age
	By    string `json:"by,omitempty"`    // call sign of the admin's station that said so
	// Disputed is true when admins, while apart, said different things: the longer
	// holds until one says it anew.
	Disputed bool `json:"disputed,omitempty"`
}

// A Leaving is the records of one patient and when they go.
type Leaving struct {
	Encounters []chart.ID `json:"encounters"`
	Last       time.Time  `json:"last"`  // seen
	After      time.Time  `json:"after"` // past its keeping time
}

// A RetentionSet changes rows of the table.
type RetentionSet struct {
	Rows []RetentionRow `json:"rows"`
	Why  string         `json:"why"`
}

func (s *Server) keeperRoutes(mux *http.ServeMux) {
	if s.Keeper == nil {
		return
	}
	mux.HandleFunc("GET /v1/retention", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Retention, error) { return s.Keeper.Retention(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/retention", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in RetentionSet) (Retention, error) {
			return s.Keeper.SetRetention(r.Context(), bearer(r), in)
		})
	})
	mux.HandleFunc("POST /v1/audit", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in AuditQuery) (AuditPage, error) { return s.Keeper.Audit(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/retention/confirm", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(nothing) (Retention, error) { return s.Keeper.ConfirmDate(r.Context(), bearer(r)) })
	})
}

var _ Keeper = (*Client)(nil)

// Retention implements [Keeper].
func (c *Client) Retention(ctx context.Context, t Token) (Retention, error) {
	return call[Retention](ctx, c, http.MethodGet, "/v1/retention", t, nil)
}

// SetRetention implements [Keeper].
func (c *Client) SetRetention(ctx context.Context, t Token, s RetentionSet) (Retention, error) {
	return call[Retention](ctx, c, http.MethodPost, "/v1/retention", t, s)
}

// ConfirmDate implements [Keeper].
func (c *Client) ConfirmDate(ctx context.Context, t Token) (Retention, error) {
	return call[Retention](ctx, c, http.MethodPost, "/v1/retention/confirm", t, nothing{})
}
