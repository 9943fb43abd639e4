package board

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A ward is a hospital's gateway as far as a page can tell: it serves the page
// under the gateway's own policy and speaks its messages, to one page.
type ward struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	signed bool
	conn   *websocket.Conn
	said   []pageSays
	rows   map[string]string // charts by encounter, JSON
	deaf   bool              // does not answer acts
	record *record           // of every encounter; nil for none
	strips *stripsOf         // of the record; nil for none
}

type pageSays struct {
	Type      string          `json:"type"`
	Tile      uint32          `json:"tile"`
	ID        uint32          `json:"id"`
	Encounter string          `json:"encounter"`
	Kind      string          `json:"kind"`
	Body      json.RawMessage `json:"body"`
}

// policy is the gateway's.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func newWard(t *testing.T) *ward {
	w := &ward{t: t, rows: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sign-in", func(rw http.ResponseWriter, r *http.Request) {
		var in struct{ Name, Secret string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Secret != "correct" {
			http.Error(rw, "no", http.StatusUnauthorized)
			return
		}
		w.mu.Lock()
		w.signed = true
		w.mu.Unlock()
	})
	mux.HandleFunc("GET /session", func(rw http.ResponseWriter, _ *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.signed {
			http.Error(rw, "no", http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("GET /chart/{encounter}", func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		row, ok := w.rows[r.PathValue("encounter")]
		if !ok {
			row = "{}"
		}
		fmt.Fprint(rw, row)
	})
	mux.HandleFunc("GET /record/{encounter}", func(rw http.ResponseWriter, _ *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.record == nil {
			fmt.Fprint(rw, "{}")
			return
		}
		if err := json.NewEncoder(rw).Encode(w.record); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /strip/{encounter}/{device}/{epoch}/{seq}", func(rw http.ResponseWriter, r *http.Request) {
		if w.strips == nil {
			http.NotFound(rw, r)
			return
		}
		w.strips.serve(w, rw, r)
	})
	mux.HandleFunc("GET /watch", w.watch)
	mux.Handle("GET /", http.FileServerFS(Page()))
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *ward) watch(rw http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(rw, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	w.mu.Lock()
	w.conn = conn
	w.mu.Unlock()
	w.tell(map[string]any{"type": "hello", "protocol": 1, "now": time.Now().UnixMilli(), "person": "Dr Adeyemi", "role": "er"})
	for {
		_, b, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		var m pageSays
		if err := json.Unmarshal(b, &m); err != nil {
			w.t.Errorf("the page said %q", b)
			return
		}
		w.mu.Lock()
		w.said = append(w.said, m)
		deaf := w.deaf
		w.mu.Unlock()
		switch m.Type {
		case "time":
			w.tell(map[string]any{"type": "time", "id": m.ID, "now": time.Now().UnixMilli()})
		case "act":
			if kind, ok := chart.KindNamed(m.Kind); !ok {
				w.tell(map[string]any{"type": "answer", "id": m.ID, "ok": false, "error": "malformed"})
			} else if content := kind.New(); json.Unmarshal(m.Body, content) != nil || content.Validate() != nil {
				w.tell(map[string]any{"type": "answer", "id": m.ID, "ok": false, "error": "malformed"})
			} else if !deaf {
				w.mu.Lock()
				w.record.heed(content, m.ID)
				w.mu.Unlock()
				ref := chart.Ref{Device: chart.Device{1}, Epoch: chart.Epoch{2}, Seq: uint64(m.ID)}
				w.tell(map[string]any{"type": "answer", "id": m.ID, "ok": true, "body": map[string]any{"ref": ref, "encounter": m.Encounter}})
			}
		}
	}
}

func (w *ward) tell(m any) {
	b, err := json.Marshal(m)
	if err != nil {
		w.t.Error(err)
		return
	}
	w.send(websocket.MessageText, b)
}

func (w *ward) send(kind websocket.MessageType, b []byte) {
	w.mu.Lock()
	conn := w.conn
	w.mu.Unlock()
	if conn != nil {
		_ = conn.Write(context.Background(), kind, b) // a page that went away is part of some tests
	}
}

// acts is what the page asked to be recorded.
func (w *ward) acts() []pageSays {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []pageSays
	for _, m := range w.said {
		if m.Type == "act" {
			out = append(out, m)
		}
	}
	return out
}

// A bed is one vehicle's tile and its patient.
type bed struct {
	w       *ward
	handle  uint32
	now     wave.Now
	encoder wave.Encoder
	sent    time.Time // when the station's clock was stationStart
	held    [][]byte  // frames not sent while hold is set
	hold    bool
	change  func(*wave.Now) // of each tenth, before it is sent
	mu      sync.Mutex
}

// stationStart is the station's clock when a bed's first frame is taken: whole
// tenths, as a station gives them.
const stationStart = 5_000_000 * time.Millisecond

func (w *ward) bed(handle uint32, callSign string, numerics []vital.Reading, waves ...vital.Lead) *bed {
	b := &bed{w: w, handle: handle, sent: time.Now()}
	b.now.Binding = wave.Binding{Encounter: [16]byte{15: byte(handle)}, Station: [32]byte{byte(handle)}, Boot: [16]byte{1}, Epoch: [16]byte{2},
		Tag: fmt.Sprintf("tag 04%02d", handle), Monitor: "Nonin WristOx2 3150", CallSign: callSign}
	b.now.Numerics = numerics
	for _, lead := range waves {
		w := vital.Waveform{Lead: lead, Rate: vital.Int(250), Scale: vital.Dec(5, -3), Unit: vital.Millivolt, Min: 0, Max: 4095}
		if lead >= vital.Pleth {
			w.Rate, w.Scale, w.Unit, w.Max = vital.Int(75), vital.Int(1), "", 255
		}
		b.now.Waves = append(b.now.Waves, w)
	}
	return b
}

func (b *bed) encounter() string { return chart.ID(b.now.Binding.Encounter).String() }

// begin tells the page of the tile.
func (b *bed) begin() {
	n := b.now.Binding
	b.w.tell(map[string]any{"type": "tile", "tile": b.handle, "vehicle": fmt.Sprintf("%064x", b.handle), "encounter": b.encounter(),
		"callSign": n.CallSign, "enrolled": n.CallSign, "tag": n.Tag, "monitor": n.Monitor, "demo": n.Demo})
	b.link(true)
}

func (b *bed) link(live bool) {
	b.w.tell(map[string]any{"type": "link", "tile": b.handle, "words": "live over UDP", "live": live, "silent": false, "lane": "UDP",
		"base": b.sent.UnixMilli() - stationStart.Milliseconds(), "now": time.Now().UnixMilli()})
}

// tenth makes and sends the frame of the n-th tenth.
func (b *bed) tenth(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := stationStart + time.Duration(n)*100*time.Millisecond
	b.now.Time = vital.Instant(at)
	for i := range b.now.Numerics {
		if b.now.Numerics[i].Sign.Info().Ageing == vital.Continuous {
			b.now.Numerics[i].Arrived = b.now.Time
		}
	}
	for i := range b.now.Waves {
		w := &b.now.Waves[i]
		rate := 250.0
		if w.Lead >= vital.Pleth {
			rate = 75
		}
		from, to := math.Ceil(at.Seconds()*rate), math.Ceil((at+100*time.Millisecond).Seconds()*rate)
		w.Arrived = vital.Instant(time.Duration(math.Round(from/rate*1000)) * time.Millisecond)
		w.Samples = w.Samples[:0:0]
		for s := from; s < to; s++ {
			w.Samples = append(w.Samples, beat(w.Lead, s/rate))
		}
	}
	if b.change != nil {
		b.change(&b.now)
	}
	raw, err := b.encoder.Encode(nil, &b.now)
	if err != nil {
		b.w.t.Errorf("make a frame: %v", err)
		return
	}
	if b.hold {
		b.held = append(b.held, raw)
		return
	}
	b.w.send(websocket.MessageBinary, b.message(raw))
}

// message is as the gateway packs frames: the handle, then each behind its length.
func (b *bed) message(frames ...[]byte) []byte {
	m := binary.BigEndian.AppendUint32(nil, b.handle)
	for _, f := range frames {
		m = append(binary.BigEndian.AppendUint16(m, uint16(len(f))), f...)
	}
	return m
}

// fill sends what was held back, as a repair does, and holds no more.
func (b *bed) fill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.w.send(websocket.MessageBinary, b.message(b.held...))
	b.held, b.hold = nil, false
}

func (b *bed) set(f func(b *bed)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

// run sends ten frames a second until ctx ends.
func (b *bed) run(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ; time.Since(b.sent) >= time.Duration(n+1)*100*time.Millisecond; n++ {
			b.tenth(n)
			if n%10 == 0 {
				b.link(true)
			}
		}
	}
}

// beat is a made-up heart at 75 a minute: something to see, not physiology.
func beat(lead vital.Lead, s float64) int32 {
	phase := math.Mod(s, 0.8) / 0.8
	bump := func(at, width, height float64) float64 {
		d := (phase - at) / width
		return height * math.Exp(-d*d)
	}
	switch {
	case lead >= vital.Pleth:
		return int32(40 + bump(0.3, 0.12, 150) + bump(0.58, 0.1, 50))
	default:
		return int32(1024 + bump(0.15, 0.03, 30) + bump(0.29, 0.01, -30) + bump(0.31, 0.012, 240) + bump(0.335, 0.012, -60) + bump(0.55, 0.05, 60))
	}
}
