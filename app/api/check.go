package api

import (
	"context"
	"net/http"
	"time"
)

// A Readier is a station that says how ready it is for a shift: what the program can
// measure of itself. app/kit implements it; so does [Client].
type Readier interface {
	Readiness(ctx context.Context, t Token) (Readiness, error)
}

// Readiness is what a station measures of itself for the check at the start of a
// shift. What is nil is not known here, never good.
type Readiness struct {
	Battery *Battery `json:"battery,omitempty"`
	// DiskFree and DiskAll are bytes of the disk that holds the record.
	DiskFree uint64 `json:"disk_free"`
	DiskAll  uint64 `json:"disk_all"`
	// Clock is where the station's time comes from, in words, and Trusted whether
	// nobody need compare it with a watch.
	Clock        string     `json:"clock"`
	ClockTrusted bool       `json:"clock_trusted"`
	Backup       *time.Time `json:"backup,omitempty"` // the last that this station wrote
	Checked      *Checked   `json:"checked,omitempty"`
}

// A Battery is the machine's, the emptiest when it has several.
type Battery struct {
	Percent  int  `json:"percent"`
	Charging bool `json:"charging"`
}

// Checked is the last check of a shift recorded at this station.
type Checked struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Skipped bool      `json:"skipped"` // put off, in an emergency
}

// checkRoutes are the paths of [Readier].
func (s *Server) checkRoutes(mux *http.ServeMux) {
	ready, ok := s.Station.(Readier)
	if !ok {
		return
	}
	mux.HandleFunc("GET /v1/readiness", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Readiness, error) { return ready.Readiness(r.Context(), bearer(r)) })
	})
}

// Readiness implements [Readier].
func (c *Client) Readiness(ctx context.Context, t Token) (Readiness, error) {
	return call[Readiness](ctx, c, http.MethodGet, "/v1/readiness", t, nil)
}
