package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
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

// present reads what an offer says of itself, and its challenge: all that costs
// nothing. When it returns false it has answered.
func (g *Gateway) present(w http.ResponseWriter, r *http.Request, offer []byte) (a admitted, signature []byte, ok bool) {
	w.Header().Set(link.HeaderChallenge, link.EncodeHeader(g.nonces.give()))
	w.Header().Set(link.HeaderGateway, g.conf.Name) // for a vehicle that knows several hospitals
	a.terms = link.Terms{Device: r.Header.Get(link.HeaderDevice), Gateway: g.conf.Name, Offer: offer}
	challenge, errChallenge := link.DecodeHeader(r.Header.Get(link.HeaderChallenge))
	signature, errSignature := link.DecodeHeader(r.Header.Get(link.HeaderSignature))
	switch {
	case a.device.UnmarshalText([]byte(a.terms.Device)) != nil, deviceName(a.device) != a.terms.Device,
		errChallenge != nil, errSignature != nil:
		g.turnAway(w, http.StatusBadRequest, "malformed")
		return a, nil, false
	case !g.nonces.good(challenge):
		g.turnAway(w, http.StatusPreconditionRequired, "challenge")
		return a, nil, false
	}
	a.terms.Challenge = challenge
	return a, signature, true
}

// admit asks the recorder who offers. When it returns false it has answered.
func (g *Gateway) admit(ctx context.Context, w http.ResponseWriter, a *admitted, signature []byte) bool {
	var err error
	a.callSign, err = g.conf.Roster.CheckOffer(ctx, a.terms, signature)
	switch {
	case errors.Is(err, ErrRefused):
		g.turnAway(w, http.StatusForbidden, "refused")
	case err != nil:
		g.log.Warn("an offer could not be checked", "err", err)
		g.turnAway(w, http.StatusServiceUnavailable, "unchecked")
	case !g.nonces.use(a.terms.Challenge):
		g.turnAway(w, http.StatusPreconditionRequired, "replayed")
	default:
		return true
	}
	return false
}

func (g *Gateway) turnAway(w http.ResponseWriter, status int, why string) {
	g.metrics.offers.WithLabelValues(why).Inc()
	http.Error(w, http.StatusText(status), status)
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

// offered wraps a handler of offers: it reads the offer, checks who sends it, and
// gives the handler one of a fixed number of places and a time to be done by. No
// place is taken for a body that is slow to come.
func (g *Gateway) offered(handle func(http.ResponseWriter, *http.Request, admitted)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(bodyWithin)) // not every server can
		offer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, offerSize))
		_ = control.SetReadDeadline(time.Time{})
		switch {
		case err != nil:
			g.turnAway(w, http.StatusRequestEntityTooLarge, "malformed")
			return
		case len(offer) > 0 && r.Header.Get("Content-Type") != link.ContentSDP:
			g.turnAway(w, http.StatusUnsupportedMediaType, "malformed")
			return
		}
		a, signature, ok := g.present(w, r, offer)
		if !ok || !g.place(w) {
			return
		}
		defer func() { <-g.offers }()
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		if g.admit(ctx, w, &a, signature) {
			handle(w, r.WithContext(ctx), a)
		}
	}
}

// place takes one of the places for offers under way.
func (g *Gateway) place(w http.ResponseWriter) bool {
	select {
	case g.offers <- struct{}{}:
		return true
	default:
		w.Header().Set("Retry-After", "1")
		g.turnAway(w, http.StatusServiceUnavailable, "busy")
		return false
	}
}

// post opens a connection.
func (g *Gateway) post(w http.ResponseWriter, r *http.Request, a admitted) {
	answer, session, err := g.conf.Hospital.Answer(r.Context(), a.terms.Device, g.offerOf(a, r), g.newVehicle(a))
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

// offerOf is the offer as the hospital's end is to read it.
func (g *Gateway) offerOf(a admitted, r *http.Request) []byte {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if !g.conf.Outward || err != nil {
		return a.terms.Offer
	}
	return link.CameFrom(a.terms.Offer, from)
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
	answer, err := s.Restart(r.Context(), g.offerOf(a, r))
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
	a, signature, ok := g.present(w, r, []byte(link.SocketOffer))
	if !ok || !g.place(w) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	a.terms.Answer = []byte(link.SocketOffer)
	ok = g.admit(ctx, w, &a, signature) && g.sign(ctx, w, a.terms)
	cancel()
	<-g.offers
	if !ok {
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
