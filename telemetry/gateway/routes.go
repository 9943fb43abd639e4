package gateway

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fieldkit/telemetry/link"
	"fieldkit/triage/chart"
)

// policy lets the page load and call only its own host, be framed by nobody, and
// run no inline script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// routes is the whole of what the gateway answers.
func (g *Gateway) routes() http.Handler {
	vehicles := http.NewServeMux()
	vehicles.HandleFunc("POST "+livePath, g.tapped(g.offered(g.post)))
	vehicles.HandleFunc("PATCH "+livePath+"/{id}", g.tapped(g.offered(g.patch)))
	vehicles.HandleFunc("DELETE "+livePath+"/{id}", g.remove)
	vehicles.HandleFunc("GET "+livePath+link.SocketPath, g.tapped(g.socket))

	people := http.NewServeMux()
	people.HandleFunc("POST /sign-in", g.tapped(g.signIn))
	people.HandleFunc("POST /sign-out", g.tapped(g.signOut))
	people.HandleFunc("GET /session", g.tapped(g.whoAmI))
	people.HandleFunc("GET /watch", g.tapped(g.watch))
	people.HandleFunc("GET /chart/{encounter}", g.tappedEach(g.reading(g.conf.Desk.Chart)))
	people.HandleFunc("GET /record/{encounter}", g.tappedEach(g.reading(g.conf.Desk.Record)))
	people.HandleFunc("GET /strip/{encounter}/{device}/{epoch}/{seq}", g.tappedEach(g.strip))
	people.HandleFunc("GET /health", g.health)
	people.HandleFunc("GET /metrics", g.scrape)
	people.Handle("GET /", page(g.conf.Page))

	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		g.metrics.refused.WithLabelValues("cross-site").Inc()
		http.Error(w, "cross-site", http.StatusForbidden)
	}))
	guarded := cross.Handler(people)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		long := len(r.URL.Path) > 512 || len(r.URL.RawQuery) > 512
		if !long && (r.URL.Path == livePath || strings.HasPrefix(r.URL.Path, livePath+"/")) {
			vehicles.ServeHTTP(w, r) // no browser is answered, and on 16 kbit/s the rest takes a third of a second
			return
		}
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if long {
			http.Error(w, "too long", http.StatusRequestURITooLong)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// page serves the page's files and nothing else: no directories, no dot files.
func page(files fs.FS) http.Handler {
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if r.URL.Path == "/" {
			name = "index.html"
		}
		hidden := strings.HasPrefix(name, ".") || strings.Contains(name, "/.") || strings.ContainsAny(r.URL.Path, "\\\x00")
		info, err := fs.Stat(files, name)
		if hidden || err != nil || !info.Mode().IsRegular() || (r.URL.Path != "/" && "/"+name != r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		serve.ServeHTTP(w, r)
	})
}

// whoAmI tells the page whether it is signed in.
func (g *Gateway) whoAmI(w http.ResponseWriter, r *http.Request) {
	if _, p, ok := g.signedIn(w, r); ok {
		writeJSON(w, map[string]string{"person": p.Name, "role": p.Role})
	}
}

// reading hands on what the recorder says of an encounter.
func (g *Gateway) reading(ask func(context.Context, string, chart.ID) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { g.read(w, r, ask) }
}

func (g *Gateway) read(w http.ResponseWriter, r *http.Request, ask func(context.Context, string, chart.ID) ([]byte, error)) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		g.metrics.refused.WithLabelValues("cross-site").Inc()
		http.Error(w, "cross-site", http.StatusForbidden)
		return
	}
	var encounter chart.ID
	if encounter.UnmarshalText([]byte(r.PathValue("encounter"))) != nil {
		http.NotFound(w, r)
		return
	}
	token, _, ok := g.signedIn(w, r)
	if !ok {
		return
	}
	body, err := ask(r.Context(), token, encounter)
	if err != nil {
		http.NotFound(w, r) // refused and unknown look the same
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body)
}

// health is whether the gateway runs, for a load balancer or a service manager.
func (g *Gateway) health(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	closed, vehicles, viewers := g.closed, len(g.vehicles), len(g.viewers)
	g.mu.Unlock()
	if closed {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, map[string]any{"ok": true, "vehicles": vehicles, "viewers": viewers, "upSeconds": int(time.Since(g.began).Seconds())})
}

// scrape gives Prometheus its numbers, to this machine only; elsewhere the caller
// serves Metrics where it likes.
func (g *Gateway) scrape(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	a, errAddr := netip.ParseAddr(host)
	if err != nil || errAddr != nil || !a.Unmap().IsLoopback() {
		http.NotFound(w, r)
		return
	}
	g.Metrics().ServeHTTP(w, r)
}

// Metrics serves the gateway's numbers for Prometheus. They hold no patient data,
// no name and no device.
func (g *Gateway) Metrics() http.Handler {
	return promhttp.HandlerFor(g.metrics.registry, promhttp.HandlerOpts{})
}
