package api

import (
	"context"
	"net/http"
	"net/url"
)

// A TeamRow is one of the teams that a station belongs to.
type TeamRow struct {
	ID   string `json:"id"`   // in hex
	Name string `json:"name"` // "" while the team log has not come
	// Home is the first: its recovery words open the store, its staff sign in.
	Home bool `json:"home,omitempty"`
	// Opens is the one for which encounters are opened here.
	Opens     bool   `json:"opens,omitempty"`
	In        bool   `json:"in"`              // an admin let this station in
	Grant     string `json:"grant,omitempty"` // what this station receives there
	Admin     bool   `json:"admin,omitempty"` // this station is one there
	Withdrawn bool   `json:"withdrawn,omitempty"`
	Stations  int    `json:"stations"` // on the roster, this one too
}

// Answered is a station's answer to an invitation to another team.
type Answered struct {
	Team   string `json:"team"`
	Home   string `json:"home"`   // the team it belongs to first
	Answer string `json:"answer"` // for the admin who invited
	Words  string `json:"words"`  // six, that both screens must show
}

type teamKey struct{}

// teamHeader names the team that a request is about.
const teamHeader = "Fieldkit-Team"

// WithTeam has calls be about the team of that name, of those the station belongs to:
// its whole name, or the first letters of its id. Without it, and with "", they are
// about the home team.
func WithTeam(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, teamKey{}, name)
}

// TeamIn is what WithTeam named.
func TeamIn(ctx context.Context) string {
	name, _ := ctx.Value(teamKey{}).(string)
	return name
}

// forTeam reads the header that the client wrote.
func forTeam(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, err := url.QueryUnescape(r.Header.Get(teamHeader)); err == nil && name != "" {
			r = r.WithContext(WithTeam(r.Context(), name))
		}
		h.ServeHTTP(w, r)
	})
}
