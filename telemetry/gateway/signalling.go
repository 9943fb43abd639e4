package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/link"
	"fieldkit/triage/chart"
)

// livePath is the signalling address, see link's HeaderDevice and the following.
const livePath = "/live"

// admitted is an offer whose signature and sender were checked.
type admitted struct {
	terms    link.Terms
	device   chart.Device
	callSign string
}

// admit checks who offers. When it returns false it has answered. The challenge
// is looked at before the recorder is asked anything.
func (g *Gateway) admit(w http.ResponseWriter, r *http.Request, offer []byte) (admitted, bool) {
	w.Header().Set(link.HeaderChallenge, link.EncodeHeader(g.nonces.give()))
	refuse := func(status int, why string) (admitted, bool) {
		g.metrics.offers.WithLabelValues(why).Inc()
		http.Error(w, http.StatusText(status), status)
		return admitted{}, false
	}
	a := admitted{terms: link.Terms{Device: r.Header.Get(link.HeaderDevice), Gateway: g.conf.Name, Offer: offer}}
	if a.device.UnmarshalText([]byte(a.terms.Device)) != nil || deviceName(a.device) != a.terms.Device {
		return refuse(http.StatusBadRequest, "malformed")
	}
	challenge, err := link.DecodeHeader(r.Header.Get(link.HeaderChallenge))
	if err != nil {
		return refuse(http.StatusBadRequest, "malformed")
	}
	if !g.nonces.good(challenge) {
		return refuse(http.StatusPreconditionRequired, "challenge")
	}
	signature, err := link.DecodeHeader(r.Header.Get(link.HeaderSignature))
	if err != nil {
		return refuse(http.StatusBadRequest, "malformed")
	}
	a.terms.Challenge = challenge
	a.callSign, err = g.conf.Roster.CheckOffer(r.Context(), a.terms, signature)
	switch {
	case errors.Is(err, ErrRefused):
		return refuse(http.StatusForbidden, "refused")
	case err != nil:
		g.log.Warn("an offer could not be checked", "err", err)
		return refuse(http.StatusServiceUnavailable, "unchecked")
	case !g.nonces.use(challenge):
		return refuse(http.StatusPreconditionRequired, "replayed")
	}
	return a, true
}

// sign puts the gateway's signature on the answer.
func (g *Gateway) sign(ctx context.Context, w http.ResponseWriter, t link.Terms) bool {
	signature, err := g.conf.Roster.SignAnswer(ctx, t)
	if err != nil {
		g.log.Warn("an answer could not be signed", "err", err)
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return false
	}
	w.Header().Set(link.HeaderSignature, link.EncodeHeader(signature))
	w.Header().Set(link.HeaderGateway, g.conf.Name)
	return true
}

// offered wraps a handler of offers with a place, a time and the offer's bytes.
func (g *Gateway) offered(handle func(http.ResponseWriter, *http.Request, admitted)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case g.offers <- struct{}{}:
			defer func() { <-g.offers }()
		default:
			g.metrics.offers.WithLabelValues("busy").Inc()
			w.Header().Set("Retry-After", "1")
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin)) // not every server can
		offer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, offerSize))
		if err != nil {
			g.metrics.offers.WithLabelValues("malformed").Inc()
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		if len(offer) > 0 && r.Header.Get("Content-Type") != link.ContentSDP {
			http.Error(w, "not "+link.ContentSDP, http.StatusUnsupportedMediaType)
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		r = r.WithContext(ctx)
		if a, ok := g.admit(w, r, offer); ok {
			handle(w, r, a)
		}
	}
}

// post opens a connection.
func (g *Gateway) post(w http.ResponseWriter, r *http.Request, a admitted) {
	answer, session, err := g.conf.Hospital.Answer(r.Context(), a.terms.Device, a.terms.Offer, g.newVehicle(a))
	if err != nil {
		g.refuse(w, err)
		return
	}
	a.terms.Answer = answer
	if !g.sign(r.Context(), w, a.terms) || !g.keep(session) {
		session.Close()
		return
	}
	g.metrics.offers.WithLabelValues("answered").Inc()
	if g.conf.Relays != nil {
		for _, relay := range g.conf.Relays(a.terms.Device) {
			w.Header().Add("Link", relay.Link())
		}
	}
	w.Header().Set("Location", livePath+"/"+session.ID)
	w.Header().Set("ETag", `"`+session.ID[:8]+`"`)
	w.Header().Set("Content-Type", link.ContentSDP)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(answer) // a vehicle that went away dials again
}

func (g *Gateway) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, link.ErrFull) {
		g.metrics.offers.WithLabelValues("full").Inc()
		w.Header().Set("Retry-After", "2")
		http.Error(w, "full", http.StatusServiceUnavailable)
		return
	}
	g.metrics.offers.WithLabelValues("malformed").Inc()
	http.Error(w, "the offer cannot be used", http.StatusBadRequest)
}

// keep holds a session by its name until it ends.
func (g *Gateway) keep(s *link.Session) bool {
	g.mu.Lock()
	g.sessions[s.ID] = s
	g.mu.Unlock()
	return g.start(func() {
		select {
		case <-s.Done():
		case <-g.ctx.Done():
			s.Close()
		}
		g.mu.Lock()
		delete(g.sessions, s.ID)
		g.mu.Unlock()
	})
}

// session is the one a request names, nil unless it is the device's own.
func (g *Gateway) session(r *http.Request) *link.Session {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[r.PathValue("id")]
	if s == nil || s.Device != r.Header.Get(link.HeaderDevice) {
		return nil
	}
	return s
}

// patch moves a connection to other addresses: an ICE restart.
func (g *Gateway) patch(w http.ResponseWriter, r *http.Request, a admitted) {
	s := g.session(r)
	if s == nil {
		http.Error(w, "no such connection", http.StatusNotFound)
		return
	}
	answer, err := s.Restart(r.Context(), a.terms.Offer)
	if err != nil {
		g.refuse(w, err)
		return
	}
	a.terms.Answer = answer
	if !g.sign(r.Context(), w, a.terms) {
		return
	}
	g.metrics.offers.WithLabelValues("moved").Inc()
	w.Header().Set("Content-Type", link.ContentSDP)
	_, _ = w.Write(answer)
}

// remove ends a connection. Its name is a secret between us and the vehicle.
func (g *Gateway) remove(w http.ResponseWriter, r *http.Request) {
	s := g.session(r)
	if s == nil {
		http.Error(w, "no such connection", http.StatusNotFound)
		return
	}
	s.Close()
	w.WriteHeader(http.StatusOK)
}

// socket opens the WebSocket lane.
func (g *Gateway) socket(w http.ResponseWriter, r *http.Request) {
	a, ok := g.admit(w, r, []byte(link.SocketOffer))
	if !ok {
		return
	}
	a.terms.Answer = []byte(link.SocketOffer)
	if !g.sign(r.Context(), w, a.terms) {
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	session, err := g.conf.Hospital.Accept(a.terms.Device, conn, g.newVehicle(a))
	if err != nil {
		_ = conn.Close(websocket.StatusTryAgainLater, "full")
		return
	}
	if !g.keep(session) {
		session.Close()
		return
	}
	g.metrics.offers.WithLabelValues("socket").Inc()
	<-session.Done()
}
