package api

import (
	"context"
	"net/http"
)

// People is what the API serves of the staff: persons with name, role, PIN and
// badge, apart from devices. app/kit implements it; so does [Client]. All methods
// are safe for concurrent use.
type People interface {
	// Faces are those who have signed in at this station before and may again:
	// what a sign-in screen offers. It needs no token, so it says names and no more.
	Faces(ctx context.Context) ([]Face, error)
	// SignIn begins a person's session by PIN or badge. The session of the token
	// given, if any, ends with it and the live frames go on without a gap: a change
	// of user.
	SignIn(ctx context.Context, t Token, s SignIn) (Session, error)
	// Session says whose session a token is and what it allows. It keeps the
	// session from ending of idleness.
	Session(ctx context.Context, t Token) (Session, error)
	// Staff are all persons of the team, those who left too.
	Staff(ctx context.Context, t Token) ([]Person, error)
	// PutPerson adds a person to the staff, or changes what stands there.
	PutPerson(ctx context.Context, t Token, p Person) error
	// SetSecret gives a person a PIN or badge at this station alone.
	SetSecret(ctx context.Context, t Token, s Secret) error
}

// A Face is a person whom a sign-in screen offers.
type Face struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	PIN   bool   `json:"pin"` // has one here
	Badge bool   `json:"badge"`
}

// A SignIn is a person with their PIN, or a badge, which says by itself whose it
// is.
type SignIn struct {
	Person string `json:"person,omitempty"` // id
	PIN    string `json:"pin,omitempty"`
	Badge  string `json:"badge,omitempty"` // as the reader gives it
}

// A Session is who is signed in. Whoever opened the station with its passphrase
// has no name.
type Session struct {
	Token   Token  `json:"token"`
	Person  string `json:"person"` // id, "" without a name
	Name    string `json:"name"`
	Role    string `json:"role"`
	Checked string `json:"checked"` // "PIN", "badge", "passphrase", "nobody" for an emergency
	// What the session allows.
	MayRecord     bool `json:"may_record"`
	MayAdminister bool `json:"may_administer"`
}

// A Person is one of the staff.
type Person struct {
	ID       string `json:"id"` // stands in the entries: a staff number, initials
	Name     string `json:"name"`
	Role     string `json:"role"` // "admin" may everything, "observer" only look; any other may record
	Left     bool   `json:"left,omitempty"`
	Disputed bool   `json:"disputed,omitempty"` // admins, while apart, said different things
	Here     bool   `json:"here,omitempty"`     // has a PIN or badge at this station
}

// A Secret is a person's new PIN or badge at this station. Old is the PIN until
// now, which a person who changes their own gives.
type Secret struct {
	Person string `json:"person"`
	PIN    string `json:"pin,omitempty"`
	Badge  string `json:"badge,omitempty"`
	Old    string `json:"old,omitempty"`
}

func (s *Server) peopleRoutes(mux *http.ServeMux) {
	if s.People == nil {
		return
	}
	mux.HandleFunc("GET /v1/faces", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]Face, error) { return s.People.Faces(r.Context()) })
	})
	mux.HandleFunc("POST /v1/session", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in SignIn) (Session, error) { return s.People.SignIn(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("GET /v1/session", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Session, error) { return s.People.Session(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("GET /v1/staff", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]Person, error) { return s.People.Staff(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/staff", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Person) (nothing, error) { return nothing{}, s.People.PutPerson(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/staff/secret", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Secret) (nothing, error) { return nothing{}, s.People.SetSecret(r.Context(), bearer(r), in) })
	})
}

var _ People = (*Client)(nil)

// Faces implements [People].
func (c *Client) Faces(ctx context.Context) ([]Face, error) {
	return call[[]Face](ctx, c, http.MethodGet, "/v1/faces", "", nil)
}

// SignIn implements [People].
func (c *Client) SignIn(ctx context.Context, t Token, s SignIn) (Session, error) {
	return call[Session](ctx, c, http.MethodPost, "/v1/session", t, s)
}

// Session implements [People].
func (c *Client) Session(ctx context.Context, t Token) (Session, error) {
	return call[Session](ctx, c, http.MethodGet, "/v1/session", t, nil)
}

// Staff implements [People].
func (c *Client) Staff(ctx context.Context, t Token) ([]Person, error) {
	return call[[]Person](ctx, c, http.MethodGet, "/v1/staff", t, nil)
}

// PutPerson implements [People].
func (c *Client) PutPerson(ctx context.Context, t Token, p Person) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/staff", t, p)
	return err
}

// SetSecret implements [People].
func (c *Client) SetSecret(ctx context.Context, t Token, s Secret) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/staff/secret", t, s)
	return err
}
