package api

import (
	"context"
	"net/http"

	"fieldkit/triage/chart"
)

// A Shower is a station whose locked screen goes on showing one patient's live
// numbers. What it does without a token any face on the owner's socket may ask.
type Shower interface {
	// LockScreen ends a session and remembers the encounter on screen: its live
	// frames may be followed without a token from now on. The store stays open and
	// recording goes on.
	LockScreen(ctx context.Context, t Token, encounter chart.ID) error
	// AcknowledgeShown acknowledges the alarms that stand of the encounter that was
	// on screen when it was locked, and records that nobody was signed in.
	AcknowledgeShown(ctx context.Context) error
	// BreakGlass begins a session without any proof of who it is, for an emergency.
	// The reason is recorded for the encounter that was on screen, and so reaches
	// every station of the team.
	BreakGlass(ctx context.Context, why string) (Token, error)
}

type lockScreenRequest struct {
	Encounter chart.ID `json:"encounter"`
}

type breakGlassRequest struct {
	Why string `json:"why"`
}

// screenRoutes are the paths of [Shower].
func (s *Server) screenRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/screen/lock", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in lockScreenRequest) (nothing, error) {
			return nothing{}, s.Station.LockScreen(r.Context(), bearer(r), in.Encounter)
		})
	})
	mux.HandleFunc("POST /v1/screen/acknowledge", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (nothing, error) { return nothing{}, s.Station.AcknowledgeShown(r.Context()) })
	})
	mux.HandleFunc("POST /v1/screen/break-glass", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in breakGlassRequest) (tokenAnswer, error) {
			t, err := s.Station.BreakGlass(r.Context(), in.Why)
			return tokenAnswer{t}, err
		})
	})
}

// LockScreen implements [Shower].
func (c *Client) LockScreen(ctx context.Context, t Token, encounter chart.ID) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/screen/lock", t, lockScreenRequest{encounter})
	return err
}

// AcknowledgeShown implements [Shower].
func (c *Client) AcknowledgeShown(ctx context.Context) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/screen/acknowledge", "", nil)
	return err
}

// BreakGlass implements [Shower].
func (c *Client) BreakGlass(ctx context.Context, why string) (Token, error) {
	a, err := call[tokenAnswer](ctx, c, http.MethodPost, "/v1/screen/break-glass", "", breakGlassRequest{why})
	return a.Token, err
}
