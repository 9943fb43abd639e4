package api

import (
	"context"
	"net/http"
	"time"

	"fieldkit/triage/chart"
)

// A Team is what the API serves of the team: who belongs to it, letting in and
// out, and parcels. app/kit implements it; so does [Client]. All methods are safe
// for concurrent use. Devices are named by key, by call sign, or by the first
// letters of the device's name, wherever only one fits.
type Team interface {
	// Teams are the teams that this station belongs to, the home team first. Of the
	// calls below those that are about one team are about the one that WithTeam names.
	Teams(ctx context.Context, t Token) ([]TeamRow, error)
	// JoinAlso answers an invitation to a team beside those it belongs to.
	JoinAlso(ctx context.Context, t Token, invitation string) (Answered, error)
	// OpenFor has encounters opened from now on belong to the team that WithTeam names.
	OpenFor(ctx context.Context, t Token) (TeamRow, error)
	// Roster is who belongs to the team, as far as this station holds it.
	Roster(ctx context.Context, t Token) (Roster, error)
	// Invite makes an invitation, good for one answer within a day.
	Invite(ctx context.Context, t Token) (Invitation, error)
	// Newcomer reads a newcomer's answer to an invitation, for people to compare
	// the six words before they approve it.
	Newcomer(ctx context.Context, t Token, answer string) (Newcomer, error)
	// Approve puts a newcomer on the roster, or changes what stands there.
	Approve(ctx context.Context, t Token, a Approval) (Approved, error)
	// Join takes an admin's approval of this station.
	Join(ctx context.Context, t Token, approval string) (Joined, error)
	// Revoke takes a device off the roster: peers cut it off at once.
	Revoke(ctx context.Context, t Token, device, why string) (Revoked, error)
	// RevokeSince is Revoke of which the device is not trusted since a time or an entry
	// in the past. Tried, it only says what would be set apart.
	RevokeSince(ctx context.Context, t Token, r Revocation) (Revoked, error)
	// Accept trusts what a withdrawn device wrote, as far as it is held here, or
	// stops an erasure that was not carried out yet.
	Accept(ctx context.Context, t Token, a Acceptance) error
	// Erasures are the erase orders that wait, with the place by which to stop one.
	Erasures(ctx context.Context, t Token) ([]Erasure, error)
	// ParcelOut writes a sealed file of the record for the team or one device.
	ParcelOut(ctx context.Context, t Token, p Parcel) (Packed, error)
	// ParcelIn brings in what a sealed file holds.
	ParcelIn(ctx context.Context, t Token, path string) (Unpacked, error)
	// Recover is an act of the team's recovery words, when no admin can.
	Recover(ctx context.Context, t Token, r Recovery) (Recovered, error)
	// Reopen opens a store with the recovery words and gives it a new passphrase.
	Reopen(ctx context.Context, words, passphrase string) (Token, error)
}

// A Roster is who belongs to the team.
type Roster struct {
	Team string `json:"team"` // its name, "" while the team log has not come
	// Unread counts entries of the team log that are missing or of a later
	// version: while it is not zero the roster may be out of date.
	Unread  int      `json:"unread,omitempty"`
	Members []Member `json:"members"`
}

// A Member is a device on the roster.
type Member struct {
	Key      string       `json:"key"`
	Device   chart.Device `json:"device"`
	Kind     string       `json:"kind"`
	Site     string       `json:"site,omitempty"`
	CallSign string       `json:"call_sign"`
	Grant    string       `json:"grant"`
	Admin    bool         `json:"admin,omitempty"`
	Self     bool         `json:"self,omitempty"`
	Out      bool         `json:"withdrawn,omitempty"`
	Why      string       `json:"why,omitempty"` // it was withdrawn
	Disputed bool         `json:"disputed,omitempty"`
}

// An Invitation is what an admin's station shows to a newcomer, as one line of
// capital letters and digits. It is a secret until the newcomer has joined.
type Invitation struct {
	Text    string    `json:"invitation"`
	Expires time.Time `json:"expires"`
}

// A Newcomer is who answered an invitation, by its own word.
type Newcomer struct {
	Key      string `json:"key"`
	Kind     string `json:"kind"`
	Site     string `json:"site,omitempty"`
	CallSign string `json:"call_sign"`
	Words    string `json:"words"` // six; the newcomer shows the same
}

// An Approval is an admin's decision on a newcomer: by its Answer to an
// invitation or, without one, by its Key. What is "" is taken from the answer.
type Approval struct {
	Answer   string `json:"answer,omitempty"`
	Key      string `json:"key,omitempty"`
	Kind     string `json:"kind,omitempty"`
	Site     string `json:"site,omitempty"`
	CallSign string `json:"call_sign,omitempty"`
	Grant    string `json:"grant,omitempty"` // when "", all; of a hospital handed
	Admin    bool   `json:"admin,omitempty"`
}

// Approved is the newcomer as the roster has it now.
type Approved struct {
	Member
	// Approval is for the newcomer to read, as one line; "" without an answer.
	Approval string `json:"approval,omitempty"`
}

// Joined says which team let this station in, and as what.
type Joined struct {
	Team     string `json:"team"`
	Kind     string `json:"kind"`
	CallSign string `json:"call_sign"`
}

// Revoked says who was taken off the roster.
type Revoked struct {
	Member
	Trusted uint64 `json:"trusted"` // entries of it that stay trusted
	// Apart is what RevokeSince sets apart, by log; Tried when it was not done.
	Apart []Apart `json:"apart,omitempty"`
	Tried bool    `json:"tried,omitempty"`
}

// A Revocation takes a device off the roster and sets apart what it wrote since a
// time, by its entries' stamps, or from one entry on.
type Revocation struct {
	Device string     `json:"device"`
	Why    string     `json:"why"`
	Since  *time.Time `json:"since,omitempty"`
	From   *chart.Ref `json:"from,omitempty"`
	Try    bool       `json:"try,omitempty"`
}

// An Apart is what of one log is set apart.
type Apart struct {
	Log     string     `json:"log"`
	Trusted uint64     `json:"trusted"` // entries that stay trusted
	Entries uint64     `json:"entries"` // that are set apart
	Last    *chart.Ref `json:"last,omitempty"`
	At      time.Time  `json:"at,omitzero"` // when the last trusted one was stamped
	// Behind is true when the device's clock was behind that stamp: somebody may have
	// set it back, and what was written since then passes for older than it is.
	Behind bool `json:"behind,omitempty"`
}

// An Acceptance names one thing: a withdrawn device, or an erase order's place.
type Acceptance struct {
	Device string     `json:"device,omitempty"`
	Erase  *chart.Ref `json:"erase,omitempty"`
	Why    string     `json:"why,omitempty"`
}

// An Erasure is an erase order that was not carried out yet.
type Erasure struct {
	Ref     chart.Ref `json:"ref"`
	By      string    `json:"by"` // the call sign of the station that gave it
	Why     string    `json:"why"`
	Entries int       `json:"entries"`
	Due     time.Time `json:"due"`
}

// A Parcel is what to put into a sealed file.
type Parcel struct {
	Path   string `json:"path"`             // whole; the file must not exist
	To     string `json:"to,omitempty"`     // one device; the team, when ""
	Stream bool   `json:"stream,omitempty"` // every second's waveforms too
}

// Packed says what a parcel holds.
type Packed struct {
	Entries uint64 `json:"entries"`
	Bytes   int64  `json:"bytes"`
	For     int    `json:"for"`            // devices that can open it
	Left    int    `json:"left,omitempty"` // members that cannot: theirs are made one by one
}

// Unpacked says what a parcel brought.
type Unpacked struct {
	From    string    `json:"from"` // call sign of who made it
	Made    time.Time `json:"made"` // by its clock
	Entries uint64    `json:"entries"`
	New     uint64    `json:"new"`
	Says    string    `json:"says"`
}

// A Recovery is an act of the recovery words. At least one of the devices is
// named; this station is ".".
type Recovery struct {
	Words string `json:"words"`
	// Admin is a member to be made admin, readmitted if it was withdrawn.
	Admin string `json:"admin,omitempty"`
	// Readmit is a withdrawn device to be let in again as it was.
	Readmit string `json:"readmit,omitempty"`
	// Revoke is a device to take off the roster, as Why says.
	Revoke string `json:"revoke,omitempty"`
	Why    string `json:"why,omitempty"`
}

// Recovered says what the recovery words did.
type Recovered struct {
	Did []string `json:"did"`
}

type invitationRequest struct {
	Invitation string `json:"invitation"`
}

type answerRequest struct {
	Answer string `json:"answer"`
}

type approvalRequest struct {
	Approval string `json:"approval"`
}

type revokeRequest struct {
	Device string `json:"device"`
	Why    string `json:"why"`
}

type parcelRequest struct {
	Path string `json:"path"`
}

type reopenRequest struct {
	Words      string `json:"words"`
	Passphrase string `json:"passphrase"`
}

func (s *Server) teamRoutes(mux *http.ServeMux) {
	if s.Team == nil {
		return
	}
	mux.HandleFunc("GET /v1/teams", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]TeamRow, error) { return s.Team.Teams(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/teams/join", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in invitationRequest) (Answered, error) {
			return s.Team.JoinAlso(r.Context(), bearer(r), in.Invitation)
		})
	})
	mux.HandleFunc("POST /v1/teams/open-for", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (TeamRow, error) { return s.Team.OpenFor(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("GET /v1/team", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Roster, error) { return s.Team.Roster(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/team/invite", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Invitation, error) { return s.Team.Invite(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/team/newcomer", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in answerRequest) (Newcomer, error) { return s.Team.Newcomer(r.Context(), bearer(r), in.Answer) })
	})
	mux.HandleFunc("POST /v1/team/approve", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Approval) (Approved, error) { return s.Team.Approve(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/team/join", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in approvalRequest) (Joined, error) { return s.Team.Join(r.Context(), bearer(r), in.Approval) })
	})
	mux.HandleFunc("POST /v1/team/revoke", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in revokeRequest) (Revoked, error) {
			return s.Team.Revoke(r.Context(), bearer(r), in.Device, in.Why)
		})
	})
	mux.HandleFunc("POST /v1/team/revoke-since", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Revocation) (Revoked, error) { return s.Team.RevokeSince(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/team/accept", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Acceptance) (nothing, error) { return nothing{}, s.Team.Accept(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("GET /v1/team/erasures", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]Erasure, error) { return s.Team.Erasures(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/team/recover", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Recovery) (Recovered, error) { return s.Team.Recover(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/team/reopen", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in reopenRequest) (tokenAnswer, error) {
			t, err := s.Team.Reopen(r.Context(), in.Words, in.Passphrase)
			return tokenAnswer{t}, err
		})
	})
	mux.HandleFunc("POST /v1/parcel/out", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Parcel) (Packed, error) { return s.Team.ParcelOut(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/parcel/in", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in parcelRequest) (Unpacked, error) { return s.Team.ParcelIn(r.Context(), bearer(r), in.Path) })
	})
}

var _ Team = (*Client)(nil)

// Teams implements [Team].
func (c *Client) Teams(ctx context.Context, t Token) ([]TeamRow, error) {
	return call[[]TeamRow](ctx, c, http.MethodGet, "/v1/teams", t, nil)
}

// JoinAlso implements [Team].
func (c *Client) JoinAlso(ctx context.Context, t Token, invitation string) (Answered, error) {
	return call[Answered](ctx, c, http.MethodPost, "/v1/teams/join", t, invitationRequest{invitation})
}

// OpenFor implements [Team].
func (c *Client) OpenFor(ctx context.Context, t Token) (TeamRow, error) {
	return call[TeamRow](ctx, c, http.MethodPost, "/v1/teams/open-for", t, nothing{})
}

// Roster implements [Team].
func (c *Client) Roster(ctx context.Context, t Token) (Roster, error) {
	return call[Roster](ctx, c, http.MethodGet, "/v1/team", t, nil)
}

// Invite implements [Team].
func (c *Client) Invite(ctx context.Context, t Token) (Invitation, error) {
	return call[Invitation](ctx, c, http.MethodPost, "/v1/team/invite", t, nil)
}

// Newcomer implements [Team].
func (c *Client) Newcomer(ctx context.Context, t Token, answer string) (Newcomer, error) {
	return call[Newcomer](ctx, c, http.MethodPost, "/v1/team/newcomer", t, answerRequest{answer})
}

// Approve implements [Team].
func (c *Client) Approve(ctx context.Context, t Token, a Approval) (Approved, error) {
	return call[Approved](ctx, c, http.MethodPost, "/v1/team/approve", t, a)
}

// Join implements [Team].
func (c *Client) Join(ctx context.Context, t Token, approval string) (Joined, error) {
	return call[Joined](ctx, c, http.MethodPost, "/v1/team/join", t, approvalRequest{approval})
}

// Revoke implements [Team].
func (c *Client) Revoke(ctx context.Context, t Token, device, why string) (Revoked, error) {
	return call[Revoked](ctx, c, http.MethodPost, "/v1/team/revoke", t, revokeRequest{device, why})
}

// RevokeSince implements [Team].
func (c *Client) RevokeSince(ctx context.Context, t Token, r Revocation) (Revoked, error) {
	return call[Revoked](ctx, c, http.MethodPost, "/v1/team/revoke-since", t, r)
}

// Accept implements [Team].
func (c *Client) Accept(ctx context.Context, t Token, a Acceptance) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/team/accept", t, a)
	return err
}

// Erasures implements [Team].
func (c *Client) Erasures(ctx context.Context, t Token) ([]Erasure, error) {
	return call[[]Erasure](ctx, c, http.MethodGet, "/v1/team/erasures", t, nil)
}

// ParcelOut implements [Team].
func (c *Client) ParcelOut(ctx context.Context, t Token, p Parcel) (Packed, error) {
	return call[Packed](ctx, c, http.MethodPost, "/v1/parcel/out", t, p)
}

// ParcelIn implements [Team].
func (c *Client) ParcelIn(ctx context.Context, t Token, path string) (Unpacked, error) {
	return call[Unpacked](ctx, c, http.MethodPost, "/v1/parcel/in", t, parcelRequest{path})
}

// Recover implements [Team].
func (c *Client) Recover(ctx context.Context, t Token, r Recovery) (Recovered, error) {
	return call[Recovered](ctx, c, http.MethodPost, "/v1/team/recover", t, r)
}

// Reopen implements [Team].
func (c *Client) Reopen(ctx context.Context, words, passphrase string) (Token, error) {
	a, err := call[tokenAnswer](ctx, c, http.MethodPost, "/v1/team/reopen", "", reopenRequest{words, passphrase})
	return a.Token, err
}
