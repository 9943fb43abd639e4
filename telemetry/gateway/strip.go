package gateway

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"fieldkit/triage/chart"
)

// A Stretch is what a page asks of a strip: from one time to another, in ms after the
// strip's begin.
type Stretch struct {
	Of   chart.Ref `json:"of"`
	From int64     `json:"from"`
	To   int64     `json:"to"`
}

// Limits of strips, so that none of them costs the live pages anything.
const (
	stripSize    = 128 << 10
	stripLongest = 10 * 60 * 1000 // ms
	stripsAtOnce = 4              // asked of the recorder
	stripWithin  = 30 * time.Second
)

// strips counts the strips under way: one of a session, and a few of all. A page that
// reads slowly waits for itself.
type strips struct {
	asking chan struct{} // a place each

	mu    sync.Mutex
	under map[string]bool // by session
}

func newStrips() *strips {
	return &strips{asking: make(chan struct{}, stripsAtOnce), under: map[string]bool{}}
}

// begin takes the session's place; false when it is taken.
func (s *strips) begin(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under[token] {
		return false
	}
	s.under[token] = true
	return true
}

func (s *strips) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.under, token)
}

// strip hands on a stretch of a strip, when it is asked for.
func (g *Gateway) strip(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		g.metrics.refused.WithLabelValues("cross-site").Inc()
		http.Error(w, "cross-site", http.StatusForbidden)
		return
	}
	var encounter chart.ID
	var of chart.Ref
	if encounter.UnmarshalText([]byte(r.PathValue("encounter"))) != nil ||
		of.UnmarshalText([]byte(r.PathValue("device")+"/"+r.PathValue("epoch")+"/"+r.PathValue("seq"))) != nil || of.Seq == 0 {
		http.NotFound(w, r)
		return
	}
	query := r.URL.Query()
	from, errFrom := strconv.ParseInt(query.Get("from"), 10, 64)
	to, errTo := strconv.ParseInt(query.Get("to"), 10, 64)
	if errFrom != nil || errTo != nil || from < 0 || to <= from || to > stripLongest {
		http.Error(w, "from and to are milliseconds of the strip, from before to, at most "+strconv.Itoa(stripLongest), http.StatusBadRequest)
		return
	}
	token, _, ok := g.signedIn(w, r)
	if !ok {
		return
	}
	if !g.strips.begin(token) {
		g.busy(w)
		return
	}
	defer g.strips.end(token)
	select {
	case g.strips.asking <- struct{}{}:
	default:
		g.busy(w)
		return
	}
	body, err := g.conf.Desk.Strip(r.Context(), token, encounter, Stretch{Of: of, From: from, To: to})
	<-g.strips.asking
	switch {
	case errors.Is(err, ErrRefused):
		http.NotFound(w, r) // refused and unknown look the same
	case err != nil:
		http.Error(w, "the recorder does not answer; try again", http.StatusServiceUnavailable)
	case len(body) > stripSize:
		http.Error(w, "that stretch is too large; ask for less", http.StatusInsufficientStorage)
	default:
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(stripWithin)) // not every server can
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(body)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
}

func (g *Gateway) busy(w http.ResponseWriter) {
	g.metrics.refused.WithLabelValues("too often").Inc()
	w.Header().Set("Retry-After", "1")
	http.Error(w, "one strip at a time", http.StatusTooManyRequests)
}
