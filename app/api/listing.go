package api

import (
	"context"
	"net/http"

	"fieldkit/triage/chart"
)

// A Lister is a station that can say that its list of encounters is still the one that
// a face has, which costs a thousandth of telling it again. app/kit implements it; so
// does [Client].
type Lister interface {
	// ListEncounters lists as Encounters does, or says that the list is still the one
	// with the mark that the face has. With an empty mark it lists.
	ListEncounters(ctx context.Context, t Token, have Mark) (Listing, error)
}

// A Mark names what a list says, every word of it: two lists with the same one are the
// same. It is made of the list as it is told now, so that whatever changes it, an entry,
// the roster or the time alone, makes it another one.
type Mark string

// A Listing is a list of encounters, the latest first, and its mark.
type Listing struct {
	Mark Mark // "" of a station that gives none
	Same bool // the list is the one that the face has: Rows is nil
	Rows []chart.Row
}

// encounters answers with the list, or that nothing is new, as HTTP says it: the mark is
// the ETag. Who is asked by a face that knows no marks, or does not give them, tells all.
func (s *Server) encounters(w http.ResponseWriter, r *http.Request) {
	lister, ok := s.Station.(Lister)
	if !ok {
		answer(w, func() ([]chart.Row, error) { return s.Station.Encounters(r.Context(), bearer(r)) })
		return
	}
	l, err := lister.ListEncounters(r.Context(), bearer(r), Mark(unquoted(r.Header.Get("If-None-Match"))))
	if err == nil && l.Mark != "" {
		w.Header().Set("ETag", `"`+string(l.Mark)+`"`)
	}
	if err == nil && l.Same {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, func() ([]chart.Row, error) { return l.Rows, err })
}

// unquoted is the mark of an ETag; "" of what is none.
func unquoted(tag string) string {
	if len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	return tag[1 : len(tag)-1]
}

// ListEncounters implements [Lister].
func (c *Client) ListEncounters(ctx context.Context, t Token, have Mark) (Listing, error) {
	header := http.Header{}
	if have != "" {
		header.Set("If-None-Match", `"`+string(have)+`"`)
	}
	answer, err := c.send(ctx, http.MethodGet, "/v1/encounters", t, nil, header)
	if err != nil {
		return Listing{}, err
	}
	defer answer.Body.Close()
	l := Listing{Mark: Mark(unquoted(answer.Header.Get("ETag")))}
	if have != "" && answer.StatusCode == http.StatusNotModified && l.Mark == have {
		l.Same = true
		return l, nil
	}
	l.Rows, err = read[[]chart.Row](answer)
	return l, err
}
