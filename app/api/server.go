package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"fieldkit/triage/chart"
)

// maxBody is the largest request: an entry's body is at most 64 KiB, and its JSON
// at most four times that.
const maxBody = 256 << 10

// liveQueue is how many frames a slow face may lag: three seconds of eight
// patients whose numbers never stand still. A face that lags more is cut off and may connect again.
const liveQueue = 768

// lastFrames is how long a face that is cut off may take for what is queued.
const lastFrames = time.Second

// A Server serves one Station on a local socket, and its team, people and
// keeper and sharer where they are given.
type Server struct {
	Station Station
	Team    Team
	People  People
	Keeper  Keeper
	Sharer  Sharer
	Log     *slog.Logger
}

// Serve answers on listener until ctx ends, then lets the calls under way finish.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	h := &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	var stopping sync.WaitGroup
	stop := context.AfterFunc(ctx, func() {
		stopping.Add(1)
		defer stopping.Done()
		patience, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := h.Shutdown(patience); err != nil {
			h.Close()
		}
	})
	err := h.Serve(listener)
	if !stop() {
		stopping.Wait()
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the local API: %w", err)
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/state", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (State, error) { return s.Station.State(r.Context()) })
	})
	mux.HandleFunc("POST /v1/unlock", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in unlockRequest) (tokenAnswer, error) {
			t, err := s.Station.Unlock(r.Context(), in.Passphrase)
			return tokenAnswer{t}, err
		})
	})
	mux.HandleFunc("POST /v1/lock", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (nothing, error) { return nothing{}, s.Station.Lock(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("DELETE /v1/session", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (nothing, error) { return nothing{}, s.Station.SignOut(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("GET /v1/encounters", s.encounters)
	mux.HandleFunc("GET /v1/encounters/{id}/entries", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]chart.Entry, error) {
			var id chart.ID
			if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
				return nil, &Fault{CodeInvalid, "that is not an encounter's id", "Take it from the list of encounters."}
			}
			return s.Station.Entries(r.Context(), bearer(r), id)
		})
	})
	mux.HandleFunc("POST /v1/entries", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in Draft) (Recorded, error) { return s.Station.Record(r.Context(), bearer(r), in) })
	})
	mux.HandleFunc("POST /v1/verify", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (Verified, error) { return s.Station.Verify(r.Context(), bearer(r)) })
	})
	mux.HandleFunc("POST /v1/backup", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in backupRequest) (nothing, error) {
			return nothing{}, s.Station.Backup(r.Context(), bearer(r), in.Path)
		})
	})
	mux.HandleFunc("POST /v1/passphrase", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in passphraseRequest) (nothing, error) {
			return nothing{}, s.Station.ChangePassphrase(r.Context(), bearer(r), in.Old, in.New)
		})
	})
	mux.HandleFunc("POST /v1/erase", func(w http.ResponseWriter, r *http.Request) {
		ask(w, r, func(in eraseRequest) (Erased, error) {
			return s.Station.Erase(r.Context(), bearer(r), in.Encounter, in.Why)
		})
	})
	mux.HandleFunc("GET /v1/live", s.live)
	s.screenRoutes(mux)
	s.checkRoutes(mux)
	s.scribeRoutes(mux)
	s.teamRoutes(mux)
	s.peopleRoutes(mux)
	s.keeperRoutes(mux)
	s.sharerRoutes(mux)
	return http.MaxBytesHandler(forTeam(mux), maxBody)
}

type unlockRequest struct {
	Passphrase string `json:"passphrase"`
}

type backupRequest struct {
	Path string `json:"path"`
}

type passphraseRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

type eraseRequest struct {
	Encounter chart.ID `json:"encounter"`
	Why       string   `json:"why"`
}

type tokenAnswer struct {
	Token Token `json:"token"`
}

type nothing struct{}

func bearer(r *http.Request) Token {
	// Without a token a client may send the scheme alone, and a server trims the space
	// behind it: what does not begin with both holds no token.
	t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return Token(t)
}

// ask reads a JSON request of type In, strictly, and answers it.
func ask[In, Out any](w http.ResponseWriter, r *http.Request, do func(In) (Out, error)) {
	answer(w, func() (out Out, err error) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return out, &Fault{CodeInvalid, "the request did not arrive whole, or is too large", "Send it again."}
		}
		var in In
		if err := Strict(b, &in); err != nil {
			return out, &Fault{CodeInvalid, "the request is not the JSON this call takes: " + err.Error(), ""}
		}
		return do(in)
	})
}

// Strict reads one JSON value into in. A field it does not know is an error,
// because what was meant would be lost. Errors repeat nothing of the value.
func Strict(b []byte, in any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return errors.New(jsonTrouble(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it holds more than one value")
	}
	return nil
}

// jsonTrouble says where JSON is wrong without repeating what it says.
func jsonTrouble(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("broken at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("field %q is of the wrong kind", kind.Field)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "it has a field this call does not know"
	}
	return "it cannot be read"
}

func answer[Out any](w http.ResponseWriter, do func() (Out, error)) {
	out, err := do()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		fault := asFault(err)
		w.WriteHeader(statuses[fault.Code])
		json.NewEncoder(w).Encode(fault) // a reader that has gone cannot be told
		return
	}
	json.NewEncoder(w).Encode(out)
}

var statuses = map[string]int{
	CodeLocked:   http.StatusLocked,
	CodeSession:  http.StatusUnauthorized,
	CodeRefused:  http.StatusForbidden,
	CodeNotFound: http.StatusNotFound,
	CodeInvalid:  http.StatusUnprocessableEntity,
	CodeNewer:    http.StatusConflict,
	CodeFailed:   http.StatusInternalServerError,
}

func asFault(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) && statuses[fault.Code] != 0 {
		return fault
	}
	return &Fault{CodeFailed, err.Error(), ""}
}

// live sends frames over a WebSocket. Each binary message is one frame.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	ctx, stop := context.WithCancel(c.CloseRead(r.Context()))
	defer stop()

	queue := make(chan []byte, liveQueue)
	var sender sync.WaitGroup
	sender.Go(func() {
		for frame := range queue {
			if c.Write(ctx, websocket.MessageBinary, frame) != nil {
				stop()
			}
		}
	})
	err = s.Station.Follow(ctx, bearer(r), func(frame []byte) error {
		select {
		case queue <- append([]byte(nil), frame...):
			return nil
		default: // a face that lags is cut off and may come back
			return &Fault{CodeFailed, "this face does not keep up with the live frames", "Connect again."}
		}
	})
	reason := ""
	if err != nil && ctx.Err() == nil {
		reason = asFault(err).What
	}
	close(queue)
	patience := time.AfterFunc(lastFrames, stop) // a face that reads nothing must not stay for ever
	sender.Wait()
	patience.Stop()
	c.Close(websocket.StatusNormalClosure, reason[:min(len(reason), 120)])
}
