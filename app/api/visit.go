package api

import (
	"context"
	"net/http"
	"time"

	"fieldkit/triage/chart"
)

// A Sharer shares one encounter with a station that is on no roster of the team, and
// reads those that others share so with this station. app/kit implements it; so does
// [Client]. All methods are safe for concurrent use.
type Sharer interface {
	// ShareEncounter shares an encounter of this station's with a key, and gives the
	// ticket that the other station reads.
	ShareEncounter(ctx context.Context, t Token, s Sharing) (Ticket, error)
	// UnshareEncounter takes every sharing of an encounter with a key back.
	UnshareEncounter(ctx context.Context, t Token, s Sharing) error
	// Visit takes a ticket: from now on this station reads that encounter wherever the
	// station that shares it can be reached. The same encounter's ticket may be taken
	// again, with other addresses or a later end.
	Visit(ctx context.Context, t Token, v Visiting) (VisitRow, error)
	// Visits are the encounters that others share or shared with this station.
	Visits(ctx context.Context, t Token) ([]VisitRow, error)
	// EndVisit ends the reading of an encounter. What was read stays, or is removed for
	// good.
	EndVisit(ctx context.Context, t Token, e VisitEnd) (VisitRow, error)
}

// A Sharing is of one encounter with one key.
type Sharing struct {
	Encounter chart.ID `json:"encounter"`
	Key       string   `json:"key"`
	Name      string   `json:"name,omitempty"` // who that is, as the crew says
	// Until is when it ends, zero in a day, at most in seven.
	Until time.Time `json:"until,omitzero"`
	// Addresses are where this station's exchange can be reached, host:port; none for
	// those it knows itself.
	Addresses []string `json:"addresses,omitempty"`
}

// A Ticket is what the other station reads.
type Ticket struct {
	Text  string    `json:"text"`
	Words string    `json:"words"` // six, that both screens must show
	Until time.Time `json:"until"`
	// Addresses are those in it; without any the other station types one.
	Addresses []string `json:"addresses,omitempty"`
}

// Visiting is a ticket that is taken.
type Visiting struct {
	Ticket    string   `json:"ticket"`
	Addresses []string `json:"addresses,omitempty"` // beside those of the ticket, host:port
}

// A VisitEnd ends the reading of an encounter.
type VisitEnd struct {
	Encounter chart.ID `json:"encounter"`
	Remove    bool     `json:"remove,omitempty"` // for good, what was read of it too
}

// A VisitRow is one encounter that another team's station shares with this one.
type VisitRow struct {
	Encounter chart.ID  `json:"encounter"`
	By        string    `json:"by"` // call sign of the station that shares it
	Team      string    `json:"team"`
	Key       string    `json:"key"`
	Words     string    `json:"words"` // of its ticket
	Until     time.Time `json:"until"`
	// Live is true while a contact stands in which it is shown.
	Live  bool      `json:"live,omitempty"`
	Heard time.Time `json:"heard,omitzero"` // from that station last
	// Over is why nothing more comes, "" while it is to.
	Over string `json:"over,omitempty"`
	// Trouble is why nothing comes now though it should.
	Trouble string `json:"trouble,omitempty"`
}

func (s *Server) sharerRoutes(mux *http.ServeMux) {
	if s.Sharer == nil {
		return
	}
	mux.HandleFunc("POST /v1/share", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Sharing) (Ticket, error) { return s.Sharer.ShareEncounter(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/unshare", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Sharing) (nothing, error) {
			return nothing{}, s.Sharer.UnshareEncounter(r.Context(), bearer(r), in)
		})
	})
	mux.HandleFunc("POST /v1/visits", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Visiting) (VisitRow, error) { return s.Sharer.Visit(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("GET /v1/visits", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]VisitRow, error) { return s.Sharer.Visits(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/visits/end", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in VisitEnd) (VisitRow, error) { return s.Sharer.EndVisit(r.Context(), bearer(r), in) })
	})
}

var _ Sharer = (*Client)(nil)

// ShareEncounter implements [Sharer].
func (c *Client) ShareEncounter(ctx context.Context, t Token, s Sharing) (Ticket, error) {
	return call[Ticket](ctx, c, http.MethodPost, "/v1/share", t, s)
}

// UnshareEncounter implements [Sharer].
func (c *Client) UnshareEncounter(ctx context.Context, t Token, s Sharing) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/unshare", t, s)
	return err
}

// Visit implements [Sharer].
func (c *Client) Visit(ctx context.Context, t Token, v Visiting) (VisitRow, error) {
	return call[VisitRow](ctx, c, http.MethodPost, "/v1/visits", t, v)
}

// Visits implements [Sharer].
func (c *Client) Visits(ctx context.Context, t Token) ([]VisitRow, error) {
	return call[[]VisitRow](ctx, c, http.MethodGet, "/v1/visits", t, nil)
}

// EndVisit implements [Sharer].
func (c *Client) EndVisit(ctx context.Context, t Token, e VisitEnd) (VisitRow, error) {
	return call[VisitRow](ctx, c, http.MethodPost, "/v1/visits/end", t, e)
}
