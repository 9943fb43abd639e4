package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// cookieName begins with __Host-, so that browsers take it only over HTTPS, for
// this host and every path.
const cookieName = "__Host-fieldkit"

// sessionCookie is the cookie that holds token. It lives as long as the browser.
func sessionCookie(token string) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

// signedIn is who asks; false when it has answered with 401 or 503.
func (g *Gateway) signedIn(w http.ResponseWriter, r *http.Request) (token string, p Person, ok bool) {
	c, err := r.Cookie(cookieName)
	if err != nil || c.Value == "" || len(c.Value) > 256 {
		http.Error(w, "sign in", http.StatusUnauthorized)
		return "", Person{}, false
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	p, err = g.conf.Desk.Session(ctx, c.Value)
	switch {
	case errors.Is(err, ErrRefused):
		http.Error(w, "sign in", http.StatusUnauthorized)
	case err != nil:
		http.Error(w, "the recorder does not answer; try again", http.StatusServiceUnavailable)
	default:
		return c.Value, p, true
	}
	return "", Person{}, false
}

// signIn checks a name and a secret. Wrong ones are slowed by name and address.
func (g *Gateway) signIn(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "not application/json", http.StatusUnsupportedMediaType)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin)) // not every server can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, signInSize))
	var in struct{ Name, Secret string }
	if err != nil || json.Unmarshal(body, &in) != nil || in.Name == "" || in.Secret == "" {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	from := address(r)
	if wait := g.slow.wait(from, in.Name); wait > 0 {
		g.metrics.signIns.WithLabelValues("slowed").Inc()
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		http.Error(w, "wait before the next try", http.StatusTooManyRequests)
		return
	}
	select {
	case g.signIns <- struct{}{}:
		defer func() { <-g.signIns }()
	case <-time.After(answerWithin):
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	case <-r.Context().Done():
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	token, p, err := g.conf.Desk.SignIn(ctx, in.Name, in.Secret)
	switch {
	case errors.Is(err, ErrRefused):
		g.slow.failed(from, in.Name)
		g.metrics.signIns.WithLabelValues("refused").Inc()
		http.Error(w, "name or password is wrong, or the account is locked", http.StatusUnauthorized)
		return
	case err != nil:
		g.log.Warn("a sign-in could not be checked", "err", err)
		http.Error(w, "the recorder does not answer; try again", http.StatusServiceUnavailable)
		return
	}
	g.slow.passed(from, in.Name)
	g.metrics.signIns.WithLabelValues("in").Inc()
	http.SetCookie(w, sessionCookie(token))
	writeJSON(w, map[string]string{"person": p.Name, "role": p.Role})
}

// signOut ends the session everywhere.
func (g *Gateway) signOut(w http.ResponseWriter, r *http.Request) {
	token, _, ok := g.signedIn(w, r)
	if !ok {
		return
	}
	if err := g.conf.Desk.SignOut(r.Context(), token); err != nil {
		http.Error(w, "not signed out; try again", http.StatusServiceUnavailable)
		return
	}
	g.mu.Lock()
	for v := range g.viewers {
		if v.token == token {
			go v.drop("signed out")
		}
	}
	g.mu.Unlock()
	gone := sessionCookie("")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(what) // a page that went away asks again
}

// address is where a request comes from: an IPv4 address or an IPv6 /64.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// A slowdown makes guessing slow: after three failures each next try waits twice
// as long, by name from one address and by address alone. A name alone waits at
// most nameWait, so that a stranger cannot keep its owner out for long; the
// recorder's lock-out is above that.
type slowdown struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[string]*failures
}

type failures struct {
	count int
	last  time.Time
}

const (
	freeTries   = 3
	slowMost    = time.Minute
	nameWait    = 5 * time.Second
	forgetAfter = 15 * time.Minute
	rememberMax = 20000
)

func newSlowdown() *slowdown { return &slowdown{now: time.Now, by: map[string]*failures{}} }

func slowKeys(from, name string) [3]string {
	return [3]string{"both " + from + " " + name, "from " + from, "name " + name}
}

// wait is how long the next try must wait.
func (s *slowdown) wait(from, name string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := time.Duration(0)
	for i, key := range slowKeys(from, name) {
		f := s.by[key]
		if f == nil {
			continue
		}
		free, most := freeTries, slowMost
		switch i {
		case 1: // many people may share an address
			free = 5 * freeTries
		case 2:
			free, most = 2*freeTries, nameWait
		}
		if f.count < free {
			continue
		}
		pause := min(time.Second<<min(f.count-free, 10), most)
		longest = max(longest, f.last.Add(pause).Sub(s.now()))
	}
	return longest
}

func (s *slowdown) failed(from, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if len(s.by) >= rememberMax {
		for key, f := range s.by {
			if now.Sub(f.last) > slowMost {
				delete(s.by, key)
			}
		}
		if len(s.by) >= rememberMax {
			clear(s.by) // a flood; the recorder's lock-out still holds
		}
	}
	for _, key := range slowKeys(from, name) {
		f := s.by[key]
		if f == nil || now.Sub(f.last) > forgetAfter {
			f = &failures{}
			s.by[key] = f
		}
		f.count++
		f.last = now
	}
}

func (s *slowdown) passed(from, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slowKeys(from, name)
	delete(s.by, keys[0])
	delete(s.by, keys[2])
}
