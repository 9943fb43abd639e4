package api

import (
	"context"
	"net/http"
)

// A Scribe records what belongs together: a correction with what it corrects, one
// fact in the records of two patients.
type Scribe interface {
	// RecordAll writes entries in one transaction and returns once they are on disk:
	// all of them, or on an error none. At most [MaxTogether].
	RecordAll(ctx context.Context, t Token, drafts []Draft) ([]Recorded, error)
}

// MaxTogether is how many drafts are recorded together.
const MaxTogether = 16

func (s *Server) scribeRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/entries/together", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in []Draft) ([]Recorded, error) { return s.Station.RecordAll(r.Context(), bearer(r), in) })
	})
}

// RecordAll implements [Scribe].
func (c *Client) RecordAll(ctx context.Context, t Token, drafts []Draft) ([]Recorded, error) {
	return call[[]Recorded](ctx, c, http.MethodPost, "/v1/entries/together", t, drafts)
}
