package relay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// counts are of what the relay did since its start.
type counts struct {
	passed     atomic.Uint64 // visitors passed on
	bytes      atomic.Uint64 // of visits that are over
	busy       atomic.Uint64
	strange    atomic.Uint64
	nowhere    atomic.Uint64
	away       atomic.Uint64
	unanswered atomic.Uint64
	stale      atomic.Uint64
	registered atomic.Uint64
	refused    atomic.Uint64
}

// Health answers /health in JSON and /metrics for Prometheus: numbers alone, no
// address, name or device. Serve it where only its watchers reach it.
func (r *Relay) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		listed, here, carried, _ := r.now()
		w.Header().Set("Content-Type", "application/json")
		if r.ctx.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{ // who asked has gone
			"ok": r.ctx.Err() == nil, "listed": listed, "hospitals": here, "carried": carried, "upSeconds": int(time.Since(r.began).Seconds())})
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		listed, here, carried, open := r.now()
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		for _, g := range []struct {
			name, help string
			value      int
		}{
			{"hospitals_listed", "Hospitals on the list.", listed}, {"hospitals", "Hospitals that are reached.", here},
			{"carried", "Visitors being passed on.", carried}, {"connections", "Connections open.", open},
		} {
			fmt.Fprintf(w, "# HELP fieldkit_relay_%s %s\n# TYPE fieldkit_relay_%s gauge\nfieldkit_relay_%s %d\n", g.name, g.help, g.name, g.name, g.value)
		}
		fmt.Fprint(w, "# HELP fieldkit_relay_visitors_total Visitors by outcome.\n# TYPE fieldkit_relay_visitors_total counter\n")
		for _, c := range []struct {
			outcome string
			count   *atomic.Uint64
		}{
			{"passed", &r.counts.passed}, {"busy", &r.counts.busy}, {"not understood", &r.counts.strange}, {"no such hospital", &r.counts.nowhere},
			{"hospital away", &r.counts.away}, {"not answered", &r.counts.unanswered},
		} {
			fmt.Fprintf(w, "fieldkit_relay_visitors_total{outcome=%q} %d\n", c.outcome, c.count.Load())
		}
		for _, c := range []struct {
			name, help string
			count      *atomic.Uint64
		}{
			{"bytes_total", "Bytes of visits that are over.", &r.counts.bytes}, {"registrations_total", "Hospitals let in.", &r.counts.registered},
			{"registrations_refused_total", "Hospitals refused.", &r.counts.refused}, {"tokens_refused_total", "Tokens that were unknown, used or late.", &r.counts.stale},
		} {
			fmt.Fprintf(w, "# HELP fieldkit_relay_%s %s\n# TYPE fieldkit_relay_%s counter\nfieldkit_relay_%s %d\n", c.name, c.help, c.name, c.name, c.count.Load())
		}
	})
	return mux
}

// now is how many hospitals are listed and reached, and connections carried and open.
func (r *Relay) now() (listed, here, carried, open int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.here {
		carried += h.carried
	}
	return len(r.list), len(r.here), carried, len(r.conns)
}
