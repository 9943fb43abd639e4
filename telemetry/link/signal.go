package link

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// Signalling has WHIP's shape (RFC 9725): POST an SDP offer, 201 with the answer
// and a Location; PATCH that location to restart ICE; DELETE it to end. It
// departs from it in three ways, each because the description is signed: a
// signature stands in place of the bearer token; PATCH carries a whole offer, not
// a fragment, and needs no If-Match; there is no trickle, the offer waits a
// bounded time for its candidates. And media goes both ways.
//
// Headers, values in unpadded base64url but for the device and gateway names:
const (
	HeaderDevice    = "Fieldkit-Device"    // who offers
	HeaderChallenge = "Fieldkit-Challenge" // request: the gateway's challenge that is answered; response: the next one to use
	HeaderSignature = "Fieldkit-Signature" // over OfferMessage or AnswerMessage
	HeaderGateway   = "Fieldkit-Gateway"   // who answers: a hint beside a challenge, signed for beside an answer

	ContentSDP = "application/sdp"
	// SocketPath follows the signalling address for the WebSocket lane; the
	// request and the 101 response carry the same headers, over SocketOffer.
	SocketPath = "/socket"
	// SocketOffer stands in place of an SDP when the WebSocket lane is asked for.
	SocketOffer = "fieldkit live websocket 1\n"
)

// EncodeHeader and DecodeHeader are base64url without padding.
func EncodeHeader(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// DecodeHeader reads what EncodeHeader writes; more than 512 bytes is an error.
func DecodeHeader(s string) ([]byte, error) {
	if len(s) > 684 {
		return nil, errors.New("read a header: too long")
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errors.New("read a header: not base64url")
	}
	return b, nil
}

// Terms are what the two signatures of a connection cover. The challenge is the
// gateway's, so an offer cannot be used twice; the answer covers the offer, so an
// old answer fits no new offer. The SDP holds the DTLS fingerprint, and so the
// key of everything sent.
type Terms struct {
	Device    string // the vehicle's DeviceID
	Gateway   string // the gateway's DeviceID
	Challenge []byte
	Offer     []byte // SDP
	Answer    []byte // SDP
}

// OfferMessage is what the vehicle's key signs.
func (t Terms) OfferMessage() []byte {
	return message("fieldkit live offer 1", []byte(t.Device), []byte(t.Gateway), t.Challenge, t.Offer)
}

// AnswerMessage is what the gateway's key signs.
func (t Terms) AnswerMessage() []byte {
	return message("fieldkit live answer 1", []byte(t.Device), []byte(t.Gateway), t.Challenge, t.Offer, t.Answer)
}

func message(label string, parts ...[]byte) []byte {
	b := append([]byte(label), 0)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// A Signer holds the vehicle's key, in another process.
type Signer interface {
	// SignOffer signs t.OfferMessage with this device's key.
	SignOffer(ctx context.Context, t Terms) ([]byte, error)
	// CheckAnswer returns an error unless signature is the gateway's over
	// t.AnswerMessage and the gateway is still trusted.
	CheckAnswer(ctx context.Context, t Terms, signature []byte) error
}

// An ICEServer is a relay with credentials for a short time.
type ICEServer struct{ URL, Username, Credential string }

// Link is s as the value of a WHIP Link header.
func (s ICEServer) Link() string {
	return fmt.Sprintf("<%s>; rel=\"ice-server\"; username=%q; credential=%q; credential-type=\"password\"",
		s.URL, s.Username, s.Credential)
}

// parseLinks reads the ice-server values of Link headers, at most four.
func parseLinks(values []string) []ICEServer {
	var out []ICEServer
	for _, v := range values {
		address, params, ok := strings.Cut(v, ">")
		if !ok || !strings.HasPrefix(address, "<") || len(v) > 1024 || len(out) == 4 {
			continue
		}
		s, ice := ICEServer{URL: address[1:]}, false
		for p := range strings.SplitSeq(params, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			value = strings.Trim(value, `"`)
			switch key {
			case "rel":
				ice = value == "ice-server"
			case "username":
				s.Username = value
			case "credential":
				s.Credential = value
			}
		}
		if ice && (strings.HasPrefix(s.URL, "turn:") || strings.HasPrefix(s.URL, "turns:") || strings.HasPrefix(s.URL, "stun:")) {
			out = append(out, s)
		}
	}
	return out
}

// ErrRefused reports that the hospital refused this vehicle. Ask the hospital
// whether the vehicle is on its list.
var ErrRefused = errors.New("the hospital refused this vehicle")

// signalling talks to the gateway for one vehicle. It is used from one dial at a
// time per call and is safe for concurrent use through the vehicle's lock.
type signalling struct {
	url     string
	client  *http.Client
	device  string
	gateway string
	signer  Signer
	pace    *atomic.Int64 // how long the line took for 3.5 kB when last seen, ns
}

const answerAtMost = 64 << 10

// reply is what a signalling request brought.
type reply struct {
	sdp       []byte
	location  string
	challenge []byte // the next to use
	relays    []ICEServer
}

// do sends an offer and returns the checked answer, asking for a challenge first
// when it has none or the gateway no longer takes it. It calls heard once the gateway
// has said anything.
func (s *signalling) do(ctx context.Context, method, target string, challenge, offer []byte, heard func()) (reply, error) {
	for range 3 {
		terms := Terms{Device: s.device, Gateway: s.gateway, Challenge: challenge, Offer: offer}
		header, err := s.header(ctx, terms)
		if err != nil {
			return reply{}, err
		}
		body := offer
		if len(challenge) == 0 {
			body = nil // it would be sent in vain, and a slow line takes a second over it
		}
		res, body, err := s.request(ctx, method, target, header, body)
		if err != nil {
			return reply{}, err
		}
		heard()
		next, _ := DecodeHeader(res.Header.Get(HeaderChallenge))
		switch res.StatusCode {
		case http.StatusPreconditionRequired:
			challenge = next
			continue
		case http.StatusCreated, http.StatusOK:
		case http.StatusUnauthorized, http.StatusForbidden:
			return reply{challenge: next}, ErrRefused
		default:
			return reply{challenge: next}, fmt.Errorf("ask the hospital to connect: it answered %d", res.StatusCode)
		}
		terms.Answer = body
		if err := s.checkAnswer(ctx, terms, res.Header); err != nil {
			return reply{}, err
		}
		r := reply{sdp: body, challenge: next, relays: parseLinks(res.Header.Values("Link"))}
		if at := res.Header.Get("Location"); at != "" {
			if r.location, err = resolve(target, at); err != nil {
				return reply{}, err
			}
		}
		return r, nil
	}
	return reply{}, errors.New("ask the hospital to connect: it keeps asking for another challenge")
}

// header is the signed head of a request; without a challenge it asks for one.
func (s *signalling) header(ctx context.Context, t Terms) (http.Header, error) {
	h := http.Header{HeaderDevice: {t.Device}}
	if len(t.Challenge) == 0 {
		return h, nil
	}
	sig, err := s.signer.SignOffer(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("sign the offer: %w", err)
	}
	h.Set(HeaderChallenge, EncodeHeader(t.Challenge))
	h.Set(HeaderSignature, EncodeHeader(sig))
	return h, nil
}

func (s *signalling) checkAnswer(ctx context.Context, t Terms, h http.Header) error {
	sig, err := DecodeHeader(h.Get(HeaderSignature))
	if err != nil {
		return fmt.Errorf("check the hospital's answer: %w", err)
	}
	if err := s.signer.CheckAnswer(ctx, t, sig); err != nil {
		return fmt.Errorf("check the hospital's answer: %w", err)
	}
	return nil
}

func (s *signalling) request(ctx context.Context, method, target string, h http.Header, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := patient(ctx, s.pace)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("ask the hospital to connect: %w", err)
	}
	req.Header = h
	if len(body) > 0 {
		req.Header.Set("Content-Type", ContentSDP)
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.client.CloseIdleConnections() // a connection of before the outage would fail again
		return nil, nil, unreached(ctx, err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, answerAtMost))
	if err != nil {
		return nil, nil, fmt.Errorf("read the hospital's answer: %w", err)
	}
	return res, got, nil
}

// slowness is how long the line took for 3.5 kB when last seen.
func (s *signalling) slowness() time.Duration { return time.Duration(s.pace.Load()) }

// unreached says why the gateway was not reached.
func unreached(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("reach the hospital: %w", err)
}

// knock asks the gateway for a challenge, which shows how fast the line is.
func (s *signalling) knock(ctx context.Context) ([]byte, error) {
	res, _, err := s.request(ctx, http.MethodPost, s.url, http.Header{HeaderDevice: {s.device}}, nil)
	if err != nil {
		return nil, err
	}
	challenge, err := DecodeHeader(res.Header.Get(HeaderChallenge))
	switch {
	case res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized:
		return nil, ErrRefused
	case res.StatusCode != http.StatusPreconditionRequired:
		return nil, fmt.Errorf("ask the hospital to connect: it answered %d", res.StatusCode)
	case err != nil:
		return nil, fmt.Errorf("ask the hospital to connect: %w", err)
	}
	return challenge, nil
}

// AskGateway asks which gateway answers at url: the DeviceID it says it has, "" when it
// does not say. Nothing is proved by it before the answer to an offer is checked.
func AskGateway(ctx context.Context, client *http.Client, url, device string) (string, error) {
	s := signalling{url: url, client: client, device: device, pace: new(atomic.Int64)}
	res, _, err := s.request(ctx, http.MethodPost, s.url, http.Header{HeaderDevice: {s.device}}, nil)
	if err != nil {
		return "", err
	}
	return res.Header.Get(HeaderGateway), nil
}

// end tells the gateway that the connection at location is over.
func (s *signalling) end(ctx context.Context, location string) {
	if location == "" {
		return
	}
	// Whoever knows the location may end it; it is a random name told only to us.
	_, _, _ = s.request(ctx, http.MethodDelete, location, http.Header{HeaderDevice: {s.device}}, nil)
}

// socket opens the WebSocket lane.
func (s *signalling) socket(ctx context.Context, challenge []byte) (*websocket.Conn, reply, error) {
	ctx, cancel := patient(ctx, s.pace)
	defer cancel()
	for range 3 {
		terms := Terms{Device: s.device, Gateway: s.gateway, Challenge: challenge, Offer: []byte(SocketOffer), Answer: []byte(SocketOffer)}
		header, err := s.header(ctx, terms)
		if err != nil {
			return nil, reply{}, err
		}
		conn, res, err := websocket.Dial(ctx, s.url+SocketPath, &websocket.DialOptions{HTTPClient: s.client, HTTPHeader: header})
		if res == nil {
			s.client.CloseIdleConnections()
			return nil, reply{}, unreached(ctx, err)
		}
		next, _ := DecodeHeader(res.Header.Get(HeaderChallenge))
		switch {
		case res.StatusCode == http.StatusPreconditionRequired:
			challenge = next
			continue
		case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
			return nil, reply{challenge: next}, ErrRefused
		case err != nil:
			return nil, reply{challenge: next}, fmt.Errorf("open the WebSocket: %w", err)
		}
		if err := s.checkAnswer(ctx, terms, res.Header); err != nil {
			return nil, reply{}, errors.Join(err, conn.CloseNow())
		}
		return conn, reply{challenge: next}, nil
	}
	return nil, reply{}, errors.New("open the WebSocket: the hospital keeps asking for another challenge")
}

// resolve is the session's address, which must stand on the gateway we asked.
func resolve(target, location string) (string, error) {
	base, err := url.Parse(target)
	if err != nil {
		return "", fmt.Errorf("read the session's address: %w", err)
	}
	u, err := base.Parse(location)
	if err != nil || u.Scheme != base.Scheme || u.Host != base.Host {
		return "", errors.New("read the session's address: it is not on the gateway we asked")
	}
	return u.String(), nil
}

// A Fingerprint is the SHA-256 of a gateway's TLS certificate.
type Fingerprint [sha256.Size]byte

// PinnedClient is an HTTP client for a Vehicle. It trusts exactly the certificates
// that pins gives at the time of each handshake, so that a changed certificate
// needs only a changed list; no authority is asked. When pins is nil the system's
// authorities are.
func PinnedClient(pins func() []Fingerprint) *http.Client {
	conf := &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	proxy := http.ProxyFromEnvironment
	if pins != nil {
		proxy = nil // it would see that we talk, and the enrolled address is the hospital's own
		// The chain is not verified by an authority but by the pin, on every
		// handshake, resumed ones included.
		conf.InsecureSkipVerify = true //nolint:gosec // pinned below
		conf.VerifyConnection = func(cs tls.ConnectionState) error {
			if len(cs.PeerCertificates) > 0 &&
				slices.Contains(pins(), Fingerprint(sha256.Sum256(cs.PeerCertificates[0].Raw))) {
				return nil
			}
			return errors.New("the hospital's certificate is not the enrolled one; check its fingerprint with the hospital")
		}
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               proxy,
			DialContext:         tapped,
			TLSClientConfig:     conf,
			TLSHandshakeTimeout: requestAtMost, // the request's own watch is shorter
			IdleConnTimeout:     time.Minute,
			MaxIdleConns:        4,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
