package link

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A street is one hospital and one vehicle, both real, joined by loopback
// signalling that speaks the same protocol as telemetry/gateway.
type street struct {
	t        *testing.T
	hospital *Hospital
	ward     *ward
	server   *httptest.Server
	vehicle  *Vehicle
	stop     func()

	mu       sync.Mutex
	sessions map[string]*Session
	posts    int
	posted   time.Time // the last of them
	patches  int
	down     bool             // signalling does not answer
	refuse   bool             // signalling refuses
	patched  http.HandlerFunc // answers restarts, when not nil
	swallow  int              // answers to restarts that do not come
	sent     map[uint32]time.Time
	told     []string // notes in the vehicle
}

// A ward keeps what a vehicle sent.
type ward struct {
	mu     sync.Mutex
	frames map[uint32]time.Time
	twice  int
	notes  []string
	lost   []Span
	state  State
	states []State
	panics bool
	poison map[string]bool   // notes and frame numbers to panic over
	apart  map[string][]byte // by stream and Seq, when not nil
}

func (w *ward) Frame(_ uint64, f Frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.panics || w.poison[fmt.Sprint(f.Seq)] {
		panic("forced by the test")
	}
	if w.apart != nil {
		w.apart[fmt.Sprint(f.Stream, f.Seq)] = f.Bytes
		return
	}
	if _, ok := w.frames[f.Seq]; ok {
		w.twice++
		return
	}
	if len(f.Bytes) < 4 || binary.BigEndian.Uint32(f.Bytes) != f.Seq {
		panic("a frame arrived changed")
	}
	w.frames[f.Seq] = time.Now()
}
func (w *ward) Lost(_ uint64, _ uint8, s []Span) {
	w.mu.Lock()
	w.lost = append(w.lost, s...)
	w.mu.Unlock()
}
func (w *ward) Note(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.poison[string(b)] {
		panic("forced by the test")
	}
	w.notes = append(w.notes, string(b))
}
func (w *ward) State(s State) {
	w.mu.Lock()
	w.state, w.states = s, append(w.states, s)
	w.mu.Unlock()
}
func (w *ward) count() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.frames) }

// A pen signs for both ends, with real keys.
type pen struct {
	vehicle, gateway ed25519.PrivateKey
}

func newPen() pen {
	_, v, _ := ed25519.GenerateKey(rand.Reader)
	_, g, _ := ed25519.GenerateKey(rand.Reader)
	return pen{v, g}
}
func (p pen) SignOffer(_ context.Context, t Terms) ([]byte, error) {
	return ed25519.Sign(p.vehicle, t.OfferMessage()), nil
}
func (p pen) CheckAnswer(_ context.Context, t Terms, sig []byte) error {
	if !ed25519.Verify(p.gateway.Public().(ed25519.PublicKey), t.AnswerMessage(), sig) {
		return errors.New("not the gateway's signature")
	}
	return nil
}

func newStreet(t *testing.T, change func(*VehicleConfig, *HospitalConfig)) *street {
	t.Helper()
	s := &street{t: t, ward: &ward{frames: map[uint32]time.Time{}}, sessions: map[string]*Session{}, sent: map[uint32]time.Time{}}
	p := newPen()
	vc := VehicleConfig{Device: "amb", Gateway: "er", Signer: p, Loopback: true, changes: make(chan struct{}), OnNote: func(b []byte) {
		s.mu.Lock()
		s.told = append(s.told, string(b))
		s.mu.Unlock()
	}}
	hc := HospitalConfig{Loopback: true}
	if change != nil {
		change(&vc, &hc)
	}
	var err error
	if s.hospital, err = NewHospital(hc); err != nil {
		t.Fatal(err)
	}
	if hc.net != nil {
		vc.URL, vc.Client = "http://gateway.example/live", &http.Client{Transport: wire{s, s.signalling(p)}}
	} else {
		s.server = httptest.NewServer(s.signalling(p))
		vc.URL, vc.Client = s.server.URL+"/live", &http.Client{Transport: &http.Transport{}}
	}
	if s.vehicle, err = NewVehicle(vc); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.vehicle.Run(ctx); close(ended) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := s.hospital.Close(); err != nil {
			t.Error(err)
		}
		vc.Client.CloseIdleConnections()
		if s.server != nil {
			s.server.Close()
		}
	})
	t.Cleanup(s.stop)
	return s
}

// A wire is HTTP without sockets, 100 ms there and back, for a virtual clock.
type wire struct {
	s       *street
	handler http.Handler
}

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.s.mu.Lock()
	down := w.s.down
	w.s.mu.Unlock()
	if down {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	time.Sleep(100 * time.Millisecond)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// signalling is the least gateway.
func (s *street) signalling(p pen) http.Handler {
	challenge := []byte("a challenge of the test gateway")
	check := func(w http.ResponseWriter, r *http.Request, offer []byte) (Terms, bool) {
		w.Header().Set(HeaderChallenge, EncodeHeader(challenge))
		s.mu.Lock()
		refuse := s.refuse
		s.mu.Unlock()
		if refuse {
			w.WriteHeader(http.StatusForbidden)
			return Terms{}, false
		}
		got, _ := DecodeHeader(r.Header.Get(HeaderChallenge))
		if len(got) == 0 {
			w.WriteHeader(http.StatusPreconditionRequired)
			return Terms{}, false
		}
		t := Terms{Device: r.Header.Get(HeaderDevice), Gateway: "er", Challenge: got, Offer: offer}
		sig, _ := DecodeHeader(r.Header.Get(HeaderSignature))
		if !ed25519.Verify(p.vehicle.Public().(ed25519.PublicKey), t.OfferMessage(), sig) {
			w.WriteHeader(http.StatusForbidden)
			return Terms{}, false
		}
		return t, true
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /live", func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		t, ok := check(w, r, offer)
		if !ok {
			return
		}
		var session *Session
		var err error
		if s.hospital.conf.Relays != nil {
			offer = CameFrom(offer, carrier) // as the gateway of a hospital that can only dial out
		}
		t.Answer, session, err = s.hospital.Answer(r.Context(), t.Device, offer, s.ward)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.sessions[session.ID] = session
		s.posts++
		s.posted = time.Now()
		s.mu.Unlock()
		w.Header().Set("Location", "/live/"+session.ID)
		w.Header().Set(HeaderSignature, EncodeHeader(ed25519.Sign(p.gateway, t.AnswerMessage())))
		w.WriteHeader(http.StatusCreated)
		w.Write(t.Answer)
	})
	mux.HandleFunc("PATCH /live/{id}", func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		t, ok := check(w, r, offer)
		if !ok {
			return
		}
		s.mu.Lock()
		session := s.sessions[r.PathValue("id")]
		s.patches++
		patched := s.patched
		s.mu.Unlock()
		if patched != nil {
			patched(w, r)
			return
		}
		var err error
		if t.Answer, err = session.Restart(r.Context(), offer); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.swallow--
		lost := s.swallow >= 0
		s.mu.Unlock()
		if lost {
			<-r.Context().Done()
			return
		}
		w.Header().Set(HeaderSignature, EncodeHeader(ed25519.Sign(p.gateway, t.AnswerMessage())))
		w.Write(t.Answer)
	})
	mux.HandleFunc("DELETE /live/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		session := s.sessions[r.PathValue("id")]
		s.mu.Unlock()
		if session != nil {
			session.Close()
		}
	})
	mux.HandleFunc("GET /live"+SocketPath, func(w http.ResponseWriter, r *http.Request) {
		t, ok := check(w, r, []byte(SocketOffer))
		if !ok {
			return
		}
		t.Answer = []byte(SocketOffer)
		w.Header().Set(HeaderSignature, EncodeHeader(ed25519.Sign(p.gateway, t.AnswerMessage())))
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		session, err := s.hospital.Accept(t.Device, conn, s.ward)
		if err != nil {
			conn.CloseNow()
			return
		}
		<-session.Done()
	})
	return mux
}

// drive sends n frames of size bytes, one each every, from the next number on.
func (s *street) drive(from, n, size int, every time.Duration) {
	s.t.Helper()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := range n {
		b := make([]byte, size)
		binary.BigEndian.PutUint32(b, uint32(from+i))
		s.mu.Lock()
		s.sent[uint32(from+i)] = time.Now()
		s.mu.Unlock()
		if err := s.vehicle.Send(Frame{Seq: uint32(from + i), Bytes: b}); err != nil {
			s.t.Fatal(err)
		}
		<-ticker.C
	}
}

// patience is for a machine that builds and tests other things at the same time: what
// has not come by then does not come.
const patience = 2 * time.Minute

// until waits for something to become true.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, strings.TrimSpace(what))
		}
	}
}

// delays are how long each frame from the first to the last took, and how many
// have not come.
func (s *street) delays(first, last uint32) (took []time.Duration, lost int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ward.mu.Lock()
	defer s.ward.mu.Unlock()
	for seq := first; seq <= last; seq++ {
		at, ok := s.ward.frames[seq]
		if !ok {
			lost++
			continue
		}
		took = append(took, at.Sub(s.sent[seq]))
	}
	slices.Sort(took)
	return took, lost
}
