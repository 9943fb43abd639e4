package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/link"
	"fieldkit/triage/chart"
)

// A viewer is one page that is open. Nothing it does or fails to do holds up a
// vehicle or another viewer: what goes to it waits in a queue of fixed length,
// and when that is full the viewer is dropped, with the reason counted.
type viewer struct {
	g      *Gateway
	token  string
	person Person
	conn   *websocket.Conn
	queue  chan message
	offers chan *tile
	cancel context.CancelFunc
	why    sync.Once

	reason  atomic.Pointer[string]
	mu      sync.Mutex
	may     map[uint32]*tile // shown to this viewer
	watched map[uint32]watching
}

// A watching is a tile on screen since a time not yet in the audit.
type watching struct {
	tile  *tile
	since time.Time
}

type message struct {
	binary bool
	bytes  []byte
}

const (
	checkEvery  = time.Minute // may this person still watch
	writeWithin = 5 * time.Second
	pingEvery   = 20 * time.Second
	asksEach    = 20 // messages a second from one page
	auditWithin = 5 * time.Second
)

// watch is the WebSocket of a page.
func (g *Gateway) watch(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		g.metrics.refused.WithLabelValues("cross-site").Inc()
		http.Error(w, "cross-site", http.StatusForbidden)
		return
	}
	token, person, ok := g.signedIn(w, r)
	if !ok {
		return
	}
	v := &viewer{g: g, token: token, person: person,
		queue: make(chan message, viewerQueue), offers: make(chan *tile, tilesAtMost),
		may: map[uint32]*tile{}, watched: map[uint32]watching{}}
	ctx, cancel := context.WithCancel(g.ctx)
	defer cancel()
	v.cancel = cancel
	if !g.seat(v) {
		g.metrics.refused.WithLabelValues("too many viewers").Inc()
		http.Error(w, "too many viewers", http.StatusServiceUnavailable)
		return
	}
	defer g.unseat(v)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered; it refuses other origins
	}
	v.conn = conn
	conn.SetReadLimit(messageSize)
	v.say(helloMessage{Type: "hello", Protocol: protocolVersion, Now: time.Now().UnixMilli(), Person: person.Name, Role: person.Role})
	v.sayOutside()
	g.mu.Lock()
	tiles := make([]*tile, 0, len(g.tiles))
	for _, t := range g.tiles {
		tiles = append(tiles, t)
	}
	g.mu.Unlock()
	for _, t := range tiles {
		v.offer(t)
	}
	var parts sync.WaitGroup
	part := func(f func(context.Context)) {
		parts.Go(func() {
			defer cancel()
			defer g.survive()
			f(ctx)
		})
	}
	part(v.write)
	part(v.keep)
	part(v.read)
	<-ctx.Done()
	if reason := v.reason.Load(); reason != nil {
		_ = conn.Close(websocket.StatusPolicyViolation, *reason)
	}
	_ = conn.CloseNow()
	parts.Wait()
	v.audit(true)
}

// seat counts v in, within the limits.
func (g *Gateway) seat(v *viewer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	each := 0
	for other := range g.viewers {
		if other.token == v.token {
			each++
		}
	}
	if g.closed || len(g.viewers) >= viewersAtMost || each >= viewersEach {
		return false
	}
	g.viewers[v] = true
	g.work.Add(1)
	g.metrics.viewers.Inc()
	return true
}

func (g *Gateway) unseat(v *viewer) {
	g.mu.Lock()
	delete(g.viewers, v)
	tiles := make([]*tile, 0, len(g.tiles))
	for _, t := range g.tiles {
		tiles = append(tiles, t)
	}
	g.mu.Unlock()
	for _, t := range tiles {
		t.unwatch(v)
	}
	g.metrics.viewers.Dec()
	g.work.Done()
}

// push queues m, or drops the viewer: a page that is seconds behind shows the
// past. It never waits.
func (v *viewer) push(m message) {
	select {
	case v.queue <- m:
	default:
		v.drop("too slow")
	}
}

// drop ends the viewer with a reason that the page shows.
func (v *viewer) drop(reason string) {
	v.why.Do(func() {
		v.g.metrics.viewersDropped.WithLabelValues(reason).Inc()
		v.reason.Store(&reason)
		v.cancel()
	})
}

func (v *viewer) say(what any) {
	b, err := json.Marshal(what)
	if err != nil {
		v.g.log.Error("a message to a page could not be written", "err", err)
		return
	}
	v.push(message{bytes: b})
}

// write sends what is queued, and pings.
func (v *viewer) write(ctx context.Context) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case m := <-v.queue:
			kind := websocket.MessageText
			if m.binary {
				kind = websocket.MessageBinary
			}
			limited, cancel := context.WithTimeout(ctx, writeWithin)
			err = v.conn.Write(limited, kind, m.bytes)
			cancel()
		case <-ping.C:
			limited, cancel := context.WithTimeout(ctx, writeWithin)
			err = v.conn.Ping(limited)
			cancel()
		}
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				v.drop("not reading")
			}
			return
		}
	}
}

// offer asks, on the viewer's own time, whether it may see t.
func (v *viewer) offer(t *tile) {
	select {
	case v.offers <- t:
	default:
		v.drop("too many tiles")
	}
}

// ended tells the page to clear t.
func (v *viewer) ended(t *tile, why string) {
	v.mu.Lock()
	_, known := v.may[t.handle]
	delete(v.may, t.handle)
	w, seen := v.watched[t.handle]
	delete(v.watched, t.handle)
	v.mu.Unlock()
	if known {
		v.say(endMessage{Type: "end", Tile: t.handle, Why: why})
	}
	if seen && !v.g.start(func() { v.record(w, time.Now()) }) {
		v.record(w, time.Now())
	}
}

// keep answers offers and looks again, every minute, whether this person may
// still watch.
func (v *viewer) keep(ctx context.Context) {
	check := time.NewTicker(checkEvery)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-v.offers:
			v.admit(ctx, t)
		case <-check.C:
			v.check(ctx)
		}
	}
}

// admit tells the page of t when this person may see it.
func (v *viewer) admit(ctx context.Context, t *tile) {
	if t.over() || !v.allowed(ctx, t) {
		return
	}
	b := t.binding
	told := tileMessage{Type: "tile", Tile: t.handle, Vehicle: deviceName(t.v.device), Encounter: t.encounter(),
		CallSign: b.CallSign, Enrolled: t.v.callSign, Tag: b.Tag, Monitor: b.Monitor, Demo: b.Demo}
	now := t.link()
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.may[t.handle]; known || t.over() {
		return
	}
	// Under the lock, so that the tile's end cannot be told before its beginning.
	v.may[t.handle] = t
	v.say(told)
	v.say(now)
}

func (v *viewer) allowed(ctx context.Context, t *tile) bool {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return v.g.conf.Desk.MayWatch(ctx, v.token, t.encounter()) == nil
}

// check ends what this person may no longer see, and brings the audit up to now.
func (v *viewer) check(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, answerWithin)
	_, err := v.g.conf.Desk.Session(limited, v.token)
	cancel()
	if errors.Is(err, ErrRefused) {
		v.drop("signed out")
		return
	}
	v.mu.Lock()
	tiles := make([]*tile, 0, len(v.may))
	for _, t := range v.may {
		tiles = append(tiles, t)
	}
	v.mu.Unlock()
	for _, t := range tiles {
		if !v.allowed(ctx, t) {
			v.lose(t, "no longer yours to see")
		}
	}
	v.audit(false)
}

// lose takes a tile from the page that it may no longer see: first the right to ask for
// it, so that nothing asked meanwhile outlasts it.
func (v *viewer) lose(t *tile, why string) {
	v.ended(t, why)
	t.unwatch(v)
}

// audit writes who watched whom up to now.
func (v *viewer) audit(last bool) {
	now := time.Now()
	v.mu.Lock()
	var seen []watching
	for handle, w := range v.watched {
		seen = append(seen, w)
		w.since = now
		v.watched[handle] = w
	}
	if last {
		clear(v.watched)
	}
	v.mu.Unlock()
	for _, w := range seen {
		v.record(w, now)
	}
}

func (v *viewer) record(w watching, until time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.g.ctx), auditWithin)
	defer cancel()
	if err := v.g.conf.Desk.Watched(ctx, v.token, w.tile.encounter(), w.since, until); err != nil {
		v.g.metrics.unaudited.Inc()
		v.g.log.Error("who watched could not be written to the audit log; check the recorder", "err", err)
	}
}

// read takes the page's messages.
func (v *viewer) read(ctx context.Context) {
	tokens, filled := float64(asksEach), time.Now()
	for {
		kind, b, err := v.conn.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now()
		tokens = min(tokens+asksEach*now.Sub(filled).Seconds(), asksEach) - 1
		filled = now
		var m pageMessage
		switch {
		case tokens < 0:
			v.drop("too many messages")
			return
		case kind != websocket.MessageText || json.Unmarshal(b, &m) != nil:
			v.drop("malformed message")
			return
		}
		v.take(ctx, m)
	}
}

// take does what the page asks.
func (v *viewer) take(ctx context.Context, m pageMessage) {
	switch m.Type {
	case "watch":
		v.mu.Lock()
		t := v.may[m.Tile]
		full := len(v.watched) >= tilesEach
		begun := watching{tile: t, since: time.Now()}
		_, seen := v.watched[m.Tile]
		ok := t != nil && !full && t.watch(v) // under the lock, see lose
		if ok && !seen {
			v.watched[m.Tile] = begun
		}
		v.mu.Unlock()
		if !ok {
			return
		}
		// Told at once: a crash must not hide that somebody looked.
		if !seen && !v.g.start(func() { v.record(begun, begun.since) }) {
			v.record(begun, begun.since)
		}
	case "unwatch":
		v.mu.Lock()
		w, seen := v.watched[m.Tile]
		delete(v.watched, m.Tile)
		v.mu.Unlock()
		if seen {
			w.tile.unwatch(v)
			v.record(w, time.Now())
		}
	case "act":
		v.say(v.act(ctx, m))
	case "time":
		v.say(timeMessage{Type: "time", ID: m.ID, Now: time.Now().UnixMilli()})
	default:
		v.drop("malformed message")
	}
}

// act hands what the person did to the recorder.
func (v *viewer) act(ctx context.Context, m pageMessage) answerMessage {
	a := answerMessage{Type: "answer", ID: m.ID}
	if !actName(m.Kind) || len(m.Body) > actSize || m.Encounter == (chart.ID{}) {
		a.Error = "malformed"
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	body, err := v.g.conf.Desk.Append(ctx, v.token, Act{Encounter: m.Encounter, Kind: m.Kind, Body: m.Body})
	switch {
	case errors.Is(err, ErrRefused):
		a.Error = "refused"
	case err != nil:
		v.g.log.Error("an act of the emergency room was not recorded", "err", err)
		a.Error = "not recorded; try again"
	default:
		a.OK = true
		if json.Valid(body) {
			a.Body = body
		}
	}
	return a
}

func actName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= actKind
}

// tellVehicle brings the link's state to who sees the vehicle's tiles.
func (g *Gateway) tellVehicle(v *vehicle) {
	v.mu.Lock()
	var tiles []*tile
	for i := range v.streams {
		if t := v.streams[i].tile; t != nil {
			tiles = append(tiles, t)
		}
	}
	v.mu.Unlock()
	g.mu.Lock()
	viewers := make([]*viewer, 0, len(g.viewers))
	for w := range g.viewers {
		viewers = append(viewers, w)
	}
	g.mu.Unlock()
	for _, t := range tiles {
		if t.over() {
			continue
		}
		b, err := json.Marshal(t.link())
		if err != nil {
			continue // plain numbers and text: cannot happen
		}
		for _, w := range viewers {
			w.mu.Lock()
			_, known := w.may[t.handle]
			w.mu.Unlock()
			if known {
				w.push(message{bytes: b})
			}
		}
	}
}

// link is the tile's link and clock as the page shows them.
func (t *tile) link() linkMessage {
	t.v.mu.Lock()
	s := t.v.state
	t.v.mu.Unlock()
	t.mu.Lock()
	base := t.clock.base()
	t.mu.Unlock()
	return linkMessage{Type: "link", Tile: t.handle, Words: s.String(), Live: s.Phase == link.Live,
		Silent: s.Phase != link.Live && s.Silent > silentAfter, SilentMS: s.Silent.Milliseconds(),
		Lane: s.Lane.String(), Loss: s.Loss, TripMS: s.Trip.Milliseconds(), QueueMS: s.Queue.Milliseconds(),
		OffsetMS: s.Offset.Milliseconds(), Base: base, Now: time.Now().UnixMilli()}
}
