package gateway

import (
	"net/http"
	"sync"
	"time"
)

// A tap limits how often one address may ask, so that a stranger cannot keep the
// recorder busy. A hospital's pages share an address, hence the burst.
type tap struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[string]*drops
}

type drops struct {
	left float64
	at   time.Time
}

const (
	tapRate  = 20.0 // requests a second
	tapBurst = 100.0
	tapsMax  = 20000
)

func newTap() *tap { return &tap{now: time.Now, by: map[string]*drops{}} }

// allow takes one request of address.
func (t *tap) allow(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	d := t.by[address]
	if d == nil {
		if len(t.by) >= tapsMax {
			t.forget(now)
		}
		d = &drops{left: tapBurst, at: now}
		t.by[address] = d
	}
	d.left = min(d.left+tapRate*now.Sub(d.at).Seconds(), tapBurst)
	d.at = now
	if d.left < 1 {
		return false
	}
	d.left--
	return true
}

// forget drops addresses that are full again, and all of them in a flood.
func (t *tap) forget(now time.Time) {
	for address, d := range t.by {
		if now.Sub(d.at).Seconds()*tapRate > tapBurst {
			delete(t.by, address)
		}
	}
	if len(t.by) >= tapsMax {
		clear(t.by)
	}
}

// tapped lets a request through unless its address asks too often.
func (g *Gateway) tapped(handle http.HandlerFunc) http.HandlerFunc {
	return g.tappedBy(address, handle)
}

// tappedEach is tapped for what open pages ask every few seconds: a session with a
// page open has a tap of its own, because a ward's screens may share one address.
func (g *Gateway) tappedEach(handle http.HandlerFunc) http.HandlerFunc {
	return g.tappedBy(func(r *http.Request) string {
		if c, err := r.Cookie(cookieName); err == nil && g.watchedBy(c.Value) {
			return "session " + c.Value
		}
		return address(r)
	}, handle)
}

// watchedBy reports whether a page of that session is open.
func (g *Gateway) watchedBy(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for v := range g.viewers {
		if v.token == token {
			return true
		}
	}
	return false
}

func (g *Gateway) tappedBy(whose func(*http.Request) string, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !g.tap.allow(whose(r)) {
			g.metrics.refused.WithLabelValues("too often").Inc()
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too often", http.StatusTooManyRequests)
			return
		}
		handle(w, r)
	}
}
