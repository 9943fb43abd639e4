package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// hall is a team and its people that say back what they were asked.
type hall struct{ asked []any }

func (h *hall) note(t Token, in ...any) error {
	h.asked = in
	if t != token {
		return &Fault{CodeSession, "nobody is signed in with this token", "Sign in again."}
	}
	return nil
}

func (h *hall) Roster(_ context.Context, t Token) (Roster, error) {
	return Roster{Team: "Valley", Members: []Member{{CallSign: "AMB-1", Device: chart.Device{7}, Out: true, Why: "stolen"}}}, h.note(t)
}

func (h *hall) Teams(ctx context.Context, t Token) ([]TeamRow, error) {
	return []TeamRow{{ID: "0a", Name: "Valley", Home: true, Stations: 2}}, h.note(t, TeamIn(ctx))
}

func (h *hall) JoinAlso(_ context.Context, t Token, invitation string) (Answered, error) {
	return Answered{Team: "Coast", Home: "Valley", Answer: "FKJOIN1-X"}, h.note(t, invitation)
}

func (h *hall) OpenFor(ctx context.Context, t Token) (TeamRow, error) {
	return TeamRow{Name: "Coast", Opens: true}, h.note(t, TeamIn(ctx))
}

func (h *hall) Invite(_ context.Context, t Token) (Invitation, error) {
	return Invitation{Text: "FKINVITE1-X", Expires: time.UnixMilli(1000).UTC()}, h.note(t)
}

func (h *hall) Newcomer(_ context.Context, t Token, answer string) (Newcomer, error) {
	return Newcomer{Words: "one two three four five six"}, h.note(t, answer)
}

func (h *hall) Approve(_ context.Context, t Token, a Approval) (Approved, error) {
	return Approved{Member: Member{CallSign: a.CallSign}, Approval: "FKAPPROVE1-X"}, h.note(t, a)
}

func (h *hall) Join(_ context.Context, t Token, approval string) (Joined, error) {
	return Joined{Team: "Valley"}, h.note(t, approval)
}

func (h *hall) Revoke(_ context.Context, t Token, device, why string) (Revoked, error) {
	return Revoked{Trusted: 3}, h.note(t, device, why)
}

func (h *hall) RevokeSince(_ context.Context, t Token, r Revocation) (Revoked, error) {
	return Revoked{Trusted: 4, Apart: []Apart{{Log: "chart", Entries: 2, Last: &chart.Ref{Seq: 4}}}, Tried: r.Try}, h.note(t, r)
}

func (h *hall) Accept(_ context.Context, t Token, a Acceptance) error { return h.note(t, a) }

func (h *hall) Erasures(_ context.Context, t Token) ([]Erasure, error) {
	return []Erasure{{Ref: chart.Ref{Seq: 9}, Entries: 2}}, h.note(t)
}

func (h *hall) Retention(_ context.Context, t Token) (Retention, error) {
	return Retention{Rows: []RetentionRow{{Of: "adult", Years: 8}}, Due: 2}, h.note(t)
}

func (h *hall) SetRetention(_ context.Context, t Token, s RetentionSet) (Retention, error) {
	return Retention{Rows: s.Rows}, h.note(t, s)
}

func (h *hall) ConfirmDate(_ context.Context, t Token) (Retention, error) {
	return Retention{Waits: "x"}, h.note(t)
}

func (h *hall) Audit(_ context.Context, t Token, q AuditQuery) (AuditPage, error) {
	return AuditPage{Rows: []AuditRow{{At: q.After.At, Ref: q.After.Ref, Act: "watched", Times: 2}}, Next: &q.After, All: 9, Absent: 3}, h.note(t, q)
}

func (h *hall) ParcelOut(_ context.Context, t Token, p Parcel) (Packed, error) {
	return Packed{Entries: 4, For: 2}, h.note(t, p)
}

func (h *hall) ParcelIn(_ context.Context, t Token, path string) (Unpacked, error) {
	return Unpacked{New: 4, Says: "4 entries"}, h.note(t, path)
}

func (h *hall) Recover(_ context.Context, t Token, r Recovery) (Recovered, error) {
	return Recovered{Did: []string{r.Admin}}, h.note(t, r)
}

func (h *hall) Reopen(_ context.Context, words, passphrase string) (Token, error) {
	return token, h.note(token, words, passphrase)
}

func (h *hall) Faces(context.Context) ([]Face, error) {
	return []Face{{ID: "mw", Name: "Max Weil", PIN: true}}, nil
}

func (h *hall) SignIn(_ context.Context, t Token, in SignIn) (Session, error) {
	return Session{Token: token, Person: in.Person, MayRecord: true}, h.note(token, t, in)
}

func (h *hall) Session(_ context.Context, t Token) (Session, error) {
	return Session{Token: t, Name: "Max Weil"}, h.note(t)
}

func (h *hall) Staff(_ context.Context, t Token) ([]Person, error) {
	return []Person{{ID: "mw", Role: "paramedic"}}, h.note(t)
}

func (h *hall) PutPerson(_ context.Context, t Token, p Person) error { return h.note(t, p) }

func (h *hall) ShareEncounter(_ context.Context, t Token, s Sharing) (Ticket, error) {
	return Ticket{Text: "FKVISIT1-X", Words: "six", Addresses: []string{"10.0.0.1:7700"}}, h.note(t, s)
}

func (h *hall) UnshareEncounter(_ context.Context, t Token, s Sharing) error { return h.note(t, s) }

func (h *hall) Visit(_ context.Context, t Token, v Visiting) (VisitRow, error) {
	return VisitRow{Encounter: ward, By: "AMB-7", Live: true}, h.note(t, v)
}

func (h *hall) Visits(_ context.Context, t Token) ([]VisitRow, error) {
	return []VisitRow{{Encounter: ward, Over: "erased"}}, h.note(t)
}

func (h *hall) EndVisit(_ context.Context, t Token, e VisitEnd) (VisitRow, error) {
	return VisitRow{Encounter: ward}, h.note(t, e)
}

func (h *hall) SetSecret(_ context.Context, t Token, s Secret) error { return h.note(t, s) }

// Every call goes through the socket as it is at the station itself: the client and
// what it talks to are held to one another.
func TestAFaceAsksOfTeamAndPeopleThroughTheSocketWhatItWouldAskAtTheStation(t *testing.T) {
	h := &hall{}
	dir, err := os.MkdirTemp("", "api") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- (&Server{Station: &desk{}, Team: h, People: h, Keeper: h, Sharer: h, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, l)
	}()
	defer func() { stop(); <-done }()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	type face interface {
		Team
		People
		Keeper
		Sharer
	}
	ref := chart.Ref{Device: chart.Device{1}, Epoch: chart.Epoch{2}, Seq: 3}
	for name, call := range map[string]func(face, Token) (any, error){
		"roster":   func(f face, t Token) (any, error) { return f.Roster(ctx, t) },
		"teams":    func(f face, t Token) (any, error) { return f.Teams(ctx, t) },
		"another":  func(f face, t Token) (any, error) { return f.JoinAlso(ctx, t, "FKINVITE1-X") },
		"open for": func(f face, t Token) (any, error) { return f.OpenFor(WithTeam(ctx, "Küste: 2"), t) },
		"invite":   func(f face, t Token) (any, error) { return f.Invite(ctx, t) },
		"newcomer": func(f face, t Token) (any, error) { return f.Newcomer(ctx, t, "FKJOIN1-X") },
		"approve": func(f face, t Token) (any, error) {
			return f.Approve(ctx, t, Approval{Answer: "FKJOIN1-X", CallSign: "CLN-2", Admin: true})
		},
		"join":   func(f face, t Token) (any, error) { return f.Join(ctx, t, "FKAPPROVE1-X") },
		"revoke": func(f face, t Token) (any, error) { return f.Revoke(ctx, t, "CLN-2", "stolen") },
		"revoke since": func(f face, t Token) (any, error) {
			return f.RevokeSince(ctx, t, Revocation{Device: "CLN-2", Why: "stolen", From: &ref, Try: true})
		},
		"accept": func(f face, t Token) (any, error) {
			return nil, f.Accept(ctx, t, Acceptance{Erase: &ref, Why: "mistake"})
		},
		"erasures":  func(f face, t Token) (any, error) { return f.Erasures(ctx, t) },
		"retention": func(f face, t Token) (any, error) { return f.Retention(ctx, t) },
		"set retention": func(f face, t Token) (any, error) {
			return f.SetRetention(ctx, t, RetentionSet{Rows: []RetentionRow{{Of: "minor", Years: 8, Until: 25}}, Why: "law"})
		},
		"audit": func(f face, t Token) (any, error) {
			return f.Audit(ctx, t, AuditQuery{Person: "mw", About: ward, After: AuditMark{At: time.UnixMilli(1772000000123).UTC(), Ref: ref}, Most: 7})
		},
		"confirm": func(f face, t Token) (any, error) { return f.ConfirmDate(ctx, t) },
		"out": func(f face, t Token) (any, error) {
			return f.ParcelOut(ctx, t, Parcel{Path: "/p", To: "CLN-2", Stream: true})
		},
		"in": func(f face, t Token) (any, error) { return f.ParcelIn(ctx, t, "/p") },
		"recover": func(f face, t Token) (any, error) {
			return f.Recover(ctx, t, Recovery{Words: "w", Admin: ".", Readmit: "a", Revoke: "b", Why: "c"})
		},
		"share": func(f face, t Token) (any, error) {
			return f.ShareEncounter(ctx, t, Sharing{Encounter: ward, Key: "K", Name: "C-7", Until: time.UnixMilli(1772000000123).UTC(), Addresses: []string{"a:1"}})
		},
		"unshare": func(f face, t Token) (any, error) {
			return nil, f.UnshareEncounter(ctx, t, Sharing{Encounter: ward, Key: "K"})
		},
		"visit": func(f face, t Token) (any, error) {
			return f.Visit(ctx, t, Visiting{Ticket: "FKVISIT1-X", Addresses: []string{"a:1"}})
		},
		"visits":    func(f face, t Token) (any, error) { return f.Visits(ctx, t) },
		"end visit": func(f face, t Token) (any, error) { return f.EndVisit(ctx, t, VisitEnd{Encounter: ward, Remove: true}) },
		"session":   func(f face, t Token) (any, error) { return f.Session(ctx, t) },
		"staff":     func(f face, t Token) (any, error) { return f.Staff(ctx, t) },
		"person": func(f face, t Token) (any, error) {
			return nil, f.PutPerson(ctx, t, Person{ID: "mw", Name: "Max", Role: "nurse", Left: true})
		},
		"secret": func(f face, t Token) (any, error) {
			return nil, f.SetSecret(ctx, t, Secret{Person: "mw", PIN: "482915", Badge: "b", Old: "o"})
		},
		"faces": func(f face, _ Token) (any, error) { return f.Faces(ctx) },
		"sign in": func(f face, _ Token) (any, error) {
			return f.SignIn(ctx, "before", SignIn{Person: "mw", PIN: "1", Badge: "b"})
		},
		"reopening": func(f face, _ Token) (any, error) { return f.Reopen(ctx, "words", "passphrase") },
	} {
		h.asked = nil
		want, err := call(h, token)
		if err != nil {
			t.Fatal(err)
		}
		asked := h.asked
		h.asked = nil
		got, err := call(c, token)
		if err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(h.asked, asked) {
			t.Errorf("%s: got %+v, %v, asked %+v; at the station %+v, asked %+v", name, got, err, h.asked, want, asked)
		}
		if name == "faces" || name == "sign in" || name == "reopening" {
			continue
		}
		if _, err := call(c, "made up"); !isFault(err, CodeSession) {
			t.Errorf("%s without a session: %v", name, err)
		}
	}
}

func TestAStationWithoutATeamServesNone(t *testing.T) {
	if code, _ := request(&desk{}, "GET", "/v1/team", ""); code != http.StatusNotFound {
		t.Errorf("answered %d", code)
	}
}

func FuzzTeamRequest(f *testing.F) {
	f.Add("team/revoke", `{"device":"CLN-2","why":"stolen"}`)
	f.Add("team/approve", `{"answer":"FKJOIN1-X"}`)
	f.Add("session", `{"person":"mw","pin":"482915"}`)
	f.Add("parcel/in", `{"path":"/p"}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		s := &Server{Station: &desk{}, Team: &hall{}, People: &hall{}, Log: slog.New(slog.DiscardHandler)}
		r := httptest.NewRequest("POST", "/v1/", strings.NewReader(body))
		r.URL.Path += path
		r.Header.Set("Authorization", "Bearer "+string(token))
		w := httptest.NewRecorder()
		s.routes().ServeHTTP(w, r)
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s answered what is no JSON: %q", path, w.Body)
		}
	})
}
