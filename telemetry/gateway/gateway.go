package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// Limits, so that no vehicle, viewer or stranger can starve the others.
const (
	signallingAtMost = 64               // offers under way
	answerWithin     = 5 * time.Second  // for the recorder and the peer connection
	bodyWithin       = 15 * time.Second // for a request's body to come, over a line of 16 kbit/s that loses
	offerSize        = 16 << 10         // bytes
	viewersAtMost    = 200
	viewersEach      = 8   // of one session
	tilesEach        = 64  // watched by one viewer
	tilesAtMost      = 800 // 400 vehicles with two patients each
	viewerQueue      = 256 // messages; over three seconds of eight tiles
	messageSize      = 8 << 10
	actSize          = 4 << 10
	actKind          = 40
	signInSize       = 2 << 10
	signInsAtOnce    = 4 // Argon2id takes 64 MiB each
	buffered         = 32 * time.Second
	silentAfter      = 3 * time.Second
)

// Config is what a Gateway needs.
type Config struct {
	Name     string // the gateway's DeviceID, as enrolled in the vehicles: 64 hex digits
	Hospital *link.Hospital
	Roster   Roster
	Desk     Desk
	Page     fs.FS // the page: index.html and what it loads
	// Relays gives a vehicle that was let in its relays, with credentials for a
	// short time; may be nil.
	Relays func(device string) []link.ICEServer
	// Outward says that the hospital can only dial out: its relays let a vehicle's
	// packets in by the address that the vehicle's signalling comes from.
	Outward bool
	// Note gets what a vehicle sent back on the live lane; may be nil.
	Note func(device chart.Device, text []byte)
	// Gap is told of frames that will not come live, for the caller to fill from
	// the journal with Backfill; may be nil. Times are the station's clock.
	Gap func(g Gap)
	// Log gets what a person who runs the gateway must know; no patient data. May be nil.
	Log *slog.Logger
}

// A Gateway is the hospital's side of the live link: it takes vehicles in and
// shows their frames to viewers. Its methods are safe for concurrent use.
type Gateway struct {
	conf    Config
	log     *slog.Logger
	handler http.Handler
	metrics *metrics
	nonces  *challenges
	slow    *slowdown
	tap     *tap
	strips  *strips
	began   time.Time
	look    time.Duration // lookEvery but in tests

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	offers  chan struct{} // a place each
	signIns chan struct{}

	mu       sync.Mutex
	closed   bool
	sessions map[string]*link.Session
	vehicles map[chart.Device]*vehicle
	tiles    map[uint32]*tile
	nextTile uint32
	viewers  map[*viewer]bool
	outside  outsideMessage
}

// New makes a gateway. Close it before its Hospital.
func New(conf Config) (*Gateway, error) {
	if conf.Hospital == nil || conf.Roster == nil || conf.Desk == nil || conf.Page == nil || conf.Name == "" {
		return nil, errors.New("make a gateway: name, hospital, roster, desk and page are needed")
	}
	var key [32]byte
	rand.Read(key[:])
	g := &Gateway{
		conf: conf, log: conf.Log, metrics: newMetrics(), nonces: newChallenges(key), slow: newSlowdown(), tap: newTap(), strips: newStrips(), began: time.Now(), look: lookEvery,
		offers: make(chan struct{}, signallingAtMost), signIns: make(chan struct{}, signInsAtOnce),
		sessions: map[string]*link.Session{}, vehicles: map[chart.Device]*vehicle{},
		tiles: map[uint32]*tile{}, viewers: map[*viewer]bool{},
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.handler = g.routes()
	return g, nil
}

// ServeHTTP answers vehicles and viewers. The caller serves it over TLS 1.3, on
// one host name, without HTTP/2 for the WebSocket's sake.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Close ends every viewer and session and waits for the gateway's goroutines. It
// does not close the Hospital.
func (g *Gateway) Close() {
	g.mu.Lock()
	g.closed = true
	for _, s := range g.sessions {
		s.Close()
	}
	g.mu.Unlock()
	g.cancel()
	g.work.Wait()
}

// Cut ends everything of a revoked device now: its connections and its tiles.
func (g *Gateway) Cut(device chart.Device) {
	g.conf.Hospital.Cut(deviceName(device))
	g.mu.Lock()
	v := g.vehicles[device]
	g.mu.Unlock()
	if v != nil {
		v.clear("withdrawn")
	}
}

// Clear ends the tiles of an encounter that is no longer this hospital's: closed,
// diverted, handed over or moved to another patient.
func (g *Gateway) Clear(encounter chart.ID) {
	g.mu.Lock()
	var vehicles []*vehicle
	for _, v := range g.vehicles {
		vehicles = append(vehicles, v)
	}
	g.mu.Unlock()
	for _, v := range vehicles {
		v.clearEncounter(encounter)
	}
}

// Note sends text to a vehicle on the live lane, repeated until it is answered.
func (g *Gateway) Note(device chart.Device, text []byte) error {
	return g.conf.Hospital.Note(deviceName(device), text)
}

// A Gap is a stretch of a binding's time, by its station's clock, that did not
// come live. To is zero when it is not known where it ends.
type Gap struct {
	Binding  wave.Binding
	From, To time.Duration
}

// start runs f as a goroutine that Close waits for; false when closing.
func (g *Gateway) start(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.work.Go(func() {
		defer g.survive()
		f()
	})
	return true
}

// survive keeps a panic in one goroutine from ending the gateway. It is counted
// and logged; the stack holds no patient data.
func (g *Gateway) survive() {
	if crash := recover(); crash != nil {
		g.metrics.panics.Inc()
		g.log.Error("a part of the gateway failed and was ended", "stack", string(debug.Stack()))
	}
}

func deviceName(d chart.Device) string {
	text, _ := d.MarshalText() // never fails
	return string(text)
}
