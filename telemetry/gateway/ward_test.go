package gateway

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A ward is a gateway with a recorder of its own, served over TLS on loopback.
type ward struct {
	t        *testing.T
	gateway  *Gateway
	server   *httptest.Server
	hospital *link.Hospital
	recorder *recorder
	key      ed25519.PrivateKey
	name     string
	conf     Config
	close    func()
	mu       sync.RWMutex              // of gateway
	pins     func() []link.Fingerprint // that the vehicles trust; nil for the server's
}

// A recorder stands in for the recorder process: real signatures, real rules,
// in memory.
type recorder struct {
	mu       sync.Mutex
	roster   map[string]ed25519.PublicKey
	key      ed25519.PrivateKey
	bound    map[chart.ID]bool
	tokens   map[string]Person
	watch    map[string]map[chart.ID]bool // token's allowance, nil for all
	audit    []string
	acts     []Act
	away     bool
	panicOn  string
	checks   int
	attempts int

	stretches []Stretch
	waits     chan struct{} // strips are answered when it closes; nil at once
	large     int           // bytes of a strip's stretch
}

func (r *recorder) CheckOffer(_ context.Context, t link.Terms, sig []byte) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks++
	key, ok := r.roster[t.Device]
	if !ok || !ed25519.Verify(key, t.OfferMessage(), sig) {
		return "", ErrRefused
	}
	return "MEDIC 1", nil
}
func (r *recorder) SignAnswer(_ context.Context, t link.Terms) ([]byte, error) {
	return ed25519.Sign(r.key, t.AnswerMessage()), nil
}
func (r *recorder) MayShow(_ context.Context, b wave.Binding) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away {
		return errors.New("the recorder is away")
	}
	if !r.bound[chart.ID(b.Encounter)] {
		return ErrRefused
	}
	return nil
}
func (r *recorder) SignIn(_ context.Context, name, secret string) (string, Person, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	if secret != "correct horse" {
		return "", Person{}, ErrRefused
	}
	token := rand.Text()
	r.tokens[token] = Person{ID: name, Name: name, Role: "nurse"}
	return token, r.tokens[token], nil
}
func (r *recorder) SignOut(_ context.Context, token string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tokens, token)
	return nil
}
func (r *recorder) Session(_ context.Context, token string) (Person, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.tokens[token]
	if !ok {
		return Person{}, ErrRefused
	}
	return p, nil
}
func (r *recorder) MayWatch(_ context.Context, token string, e chart.ID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if allowed, limited := r.watch[r.tokens[token].ID]; limited && !allowed[e] {
		return ErrRefused
	}
	return nil
}
func (r *recorder) Watched(_ context.Context, token string, e chart.ID, from, to time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if to.Before(from) {
		panic("watched backwards")
	}
	r.audit = append(r.audit, r.tokens[token].ID+" saw "+e.String())
	return nil
}
func (r *recorder) Record(_ context.Context, _ string, e chart.ID) ([]byte, error) {
	return json.Marshal(map[string]string{"record of": e.String()})
}

func (r *recorder) Chart(_ context.Context, _ string, e chart.ID) ([]byte, error) {
	return json.Marshal(map[string]string{"encounter": e.String()})
}
func (r *recorder) Strip(ctx context.Context, token string, e chart.ID, s Stretch) ([]byte, error) {
	r.mu.Lock()
	away, waits, allowed, limited := r.away, r.waits, r.watch[r.tokens[token].ID][e], r.watch[r.tokens[token].ID] != nil
	r.stretches = append(r.stretches, s)
	r.mu.Unlock()
	switch {
	case away:
		return nil, errors.New("the recorder is away")
	case limited && !allowed:
		return nil, ErrRefused
	}
	if waits != nil {
		select {
		case <-waits:
		case <-ctx.Done():
		}
	}
	return bytes.Repeat([]byte{' '}, r.large), nil
}
func (r *recorder) Append(_ context.Context, _ string, a Act) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.panicOn != "" && a.Kind == r.panicOn {
		panic("forced by the test")
	}
	r.acts = append(r.acts, a)
	return []byte(`{"at":"now"}`), nil
}

var files = fstest.MapFS{
	"index.html":    {Data: []byte("<!doctype html><title>board</title>")},
	"board.js":      {Data: []byte("export {}")},
	".secret":       {Data: []byte("no")},
	"deep/file.css": {Data: []byte("a{}")},
}

func newWard(t *testing.T, change func(*Config)) *ward {
	t.Helper()
	public, key, _ := ed25519.GenerateKey(rand.Reader)
	id := chart.Device(sha256.Sum256(public))
	w := &ward{t: t, key: key, name: deviceName(id), recorder: &recorder{key: key,
		roster: map[string]ed25519.PublicKey{}, bound: map[chart.ID]bool{}, tokens: map[string]Person{}, watch: map[string]map[chart.ID]bool{}}}
	var err error
	if w.hospital, err = link.NewHospital(link.HospitalConfig{Loopback: true}); err != nil {
		t.Fatal(err)
	}
	conf := Config{Name: w.name, Hospital: w.hospital, Roster: w.recorder, Desk: w.recorder, Page: files}
	if change != nil {
		change(&conf)
	}
	if w.gateway, err = New(conf); err != nil {
		t.Fatal(err)
	}
	w.conf = conf
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.RLock()
		g := w.gateway
		w.mu.RUnlock()
		g.ServeHTTP(rw, r)
	}))
	w.close = sync.OnceFunc(func() {
		w.stop()
		w.server.Close()
	})
	t.Cleanup(w.close)
	return w
}

func (w *ward) stop() {
	w.gateway.Close()
	if err := w.hospital.Close(); err != nil {
		w.t.Error(err)
	}
}

// restart ends the live process and starts another, at the same address.
func (w *ward) restart() {
	w.t.Helper()
	w.stop()
	hospital, err := link.NewHospital(link.HospitalConfig{Loopback: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.conf.Hospital = hospital
	gateway, err := New(w.conf)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.hospital, w.gateway = hospital, gateway
	w.mu.Unlock()
}

// An ambulance is a station that sends one patient's frames.
type ambulance struct {
	w       *ward
	device  chart.Device
	key     ed25519.PrivateKey
	vehicle *link.Vehicle
	encoder wave.Encoder
	binding wave.Binding
	now     vital.Instant
	seq     uint32
	rate    int64
	stop    func()
	mu      sync.Mutex
	notes   []string
}

// key pens; see link.Signer.
func (a *ambulance) SignOffer(_ context.Context, t link.Terms) ([]byte, error) {
	return ed25519.Sign(a.key, t.OfferMessage()), nil
}
func (a *ambulance) CheckAnswer(_ context.Context, t link.Terms, sig []byte) error {
	if !ed25519.Verify(a.w.key.Public().(ed25519.PublicKey), t.AnswerMessage(), sig) {
		return errors.New("not the gateway's signature")
	}
	return nil
}

var lastEncounter byte

func encounter(w *ward) chart.ID {
	lastEncounter++
	id := chart.ID{1, 0x8f, 15: lastEncounter}
	w.recorder.mu.Lock()
	w.recorder.bound[id] = true
	w.recorder.mu.Unlock()
	return id
}

// dispatch puts an ambulance on the roster and on the road.
func (w *ward) dispatch(e chart.ID) *ambulance {
	w.t.Helper()
	public, key, _ := ed25519.GenerateKey(rand.Reader)
	a := &ambulance{w: w, key: key, device: chart.Device(sha256.Sum256(public)), rate: 72, now: vital.Instant(time.Hour)}
	w.recorder.mu.Lock()
	w.recorder.roster[deviceName(a.device)] = public
	w.recorder.mu.Unlock()
	a.binding = wave.Binding{Encounter: e, Station: a.device, Tag: "P1", Monitor: "Nonin 7500", CallSign: "MEDIC 1"}
	pin := link.Fingerprint(sha256.Sum256(w.server.Certificate().Raw))
	pins := w.pins
	if pins == nil {
		pins = func() []link.Fingerprint { return []link.Fingerprint{pin} }
	}
	client := link.PinnedClient(pins)
	var err error
	a.vehicle, err = link.NewVehicle(link.VehicleConfig{URL: w.server.URL + "/live", Client: client, Device: deviceName(a.device),
		Gateway: w.name, Signer: a, Loopback: true, OnNote: func(b []byte) {
			a.mu.Lock()
			a.notes = append(a.notes, string(b))
			a.mu.Unlock()
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { a.vehicle.Run(ctx); close(ended) }()
	a.stop = sync.OnceFunc(func() { cancel(); <-ended; client.CloseIdleConnections() })
	w.t.Cleanup(a.stop)
	return a
}

// send sends n frames, fifty a second so that tests are short.
func (a *ambulance) send(n int) {
	a.w.t.Helper()
	for range n {
		a.sendOne(wave.Now{})
		time.Sleep(20 * time.Millisecond)
	}
}

func (a *ambulance) sendOne(now wave.Now) {
	a.w.t.Helper()
	a.now = a.now.Add(100 * time.Millisecond)
	a.seq++
	now.Time, now.Binding = a.now, a.binding
	if !now.Ended {
		r := vital.Of(vital.PulseRate, vital.Int(a.rate))
		r.Arrived = a.now
		now.Numerics = []vital.Reading{r}
	}
	b, err := a.encoder.Encode(nil, &now)
	if err != nil {
		a.w.t.Fatal(err)
	}
	if err := a.vehicle.Send(link.Frame{Seq: a.seq, Bytes: b}); err != nil {
		a.w.t.Fatal(err)
	}
}

// A board is a page.
type board struct {
	t    *testing.T
	conn *websocket.Conn
	done chan struct{}

	mu     sync.Mutex
	tiles  map[uint32]tileMessage
	ends   map[uint32]string
	links  map[uint32]linkMessage
	frames map[uint32]map[uint64]wave.Frame // tile, Seq
	other  []map[string]any
	fills  int // frames without numerics: only fills have none here
	closed string
	alive  bool
}

// signIn returns a client whose cookie is signed in.
func (w *ward) signIn(name string) *http.Client {
	w.t.Helper()
	client := w.server.Client()
	res := w.post(client, "/sign-in", `{"name":"`+name+`","secret":"correct horse"}`, nil)
	if res.StatusCode != http.StatusOK || len(res.Cookies()) != 1 {
		w.t.Fatalf("signing in gave %d", res.StatusCode)
	}
	cookie := res.Cookies()[0]
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteStrictMode {
		w.t.Errorf("the cookie is %v", cookie)
	}
	return &http.Client{Transport: withCookie{client.Transport, cookie}}
}

type withCookie struct {
	http.RoundTripper
	cookie *http.Cookie
}

func (c withCookie) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(c.cookie)
	return c.RoundTripper.RoundTrip(r)
}

func (w *ward) post(client *http.Client, path, body string, header http.Header) *http.Response {
	w.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, w.server.URL+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// open opens a page that watches every tile it is told of.
func (w *ward) open(client *http.Client) *board {
	w.t.Helper()
	conn, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		w.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	b := &board{t: w.t, conn: conn, done: make(chan struct{}), tiles: map[uint32]tileMessage{}, ends: map[uint32]string{},
		links: map[uint32]linkMessage{}, frames: map[uint32]map[uint64]wave.Frame{}, alive: true}
	go b.read()
	w.t.Cleanup(b.close)
	return b
}

func (b *board) close() { b.conn.CloseNow(); <-b.done }

func (b *board) read() {
	defer close(b.done)
	decoders := map[uint32]*wave.Decoder{}
	for {
		kind, data, err := b.conn.Read(context.Background())
		b.mu.Lock()
		if err != nil {
			b.alive, b.closed = false, err.Error()
			b.mu.Unlock()
			return
		}
		if kind == websocket.MessageBinary {
			handle := binary.BigEndian.Uint32(data)
			if _, over := b.ends[handle]; over {
				b.t.Errorf("a frame of tile %d came after its end", handle)
			}
			if decoders[handle] == nil {
				decoders[handle], b.frames[handle] = &wave.Decoder{}, map[uint64]wave.Frame{}
			}
			for data = data[4:]; len(data) > 0; {
				n := int(binary.BigEndian.Uint16(data))
				var f wave.Frame
				if err := decoders[handle].Decode(data[2:2+n], &f); err == nil {
					if f.Seq == 1 && len(f.Numerics) == 0 {
						b.fills++
					} else {
						b.frames[handle][f.Seq] = f
					}
				} else if !errors.Is(err, wave.ErrNotDescribed) {
					b.t.Error(err)
				}
				data = data[2+n:]
			}
			b.mu.Unlock()
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			b.t.Error(err)
		}
		switch m["type"] {
		case "tile":
			var t tileMessage
			json.Unmarshal(data, &t)
			b.tiles[t.Tile] = t
			go b.say(map[string]any{"type": "watch", "tile": t.Tile})
		case "end":
			var e endMessage
			json.Unmarshal(data, &e)
			b.ends[e.Tile] = e.Why
		case "link":
			var l linkMessage
			json.Unmarshal(data, &l)
			b.links[l.Tile] = l
		default:
			b.other = append(b.other, m)
		}
		b.mu.Unlock()
	}
}

func (b *board) say(what any) {
	data, _ := json.Marshal(what)
	_ = b.conn.Write(context.Background(), websocket.MessageText, data)
}

// count is how many frames of an encounter the page has.
func (b *board) count(e chart.ID) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for handle, t := range b.tiles {
		if t.Encounter == e {
			n += len(b.frames[handle])
		}
	}
	return n
}

func (b *board) ended(e chart.ID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for handle, t := range b.tiles {
		if t.Encounter == e && b.ends[handle] != "" {
			return b.ends[handle]
		}
	}
	return ""
}

// count reads a counter.
func count(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// patience is for a machine that builds and tests other things at the same time: what
// has not come by then does not come.
const patience = 2 * time.Minute

// until waits for something to become true.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
