package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"fieldkit/triage/chart"
)

// Protocol is the ALPN name of the exchange.
const Protocol = "fieldkit/1"

// What a peer's key can be refused for.
var (
	ErrPeer     = errors.New("the other side did not show one Ed25519 device key")
	ErrUnknown  = errors.New("the other side's key is not on the team's roster: enrol it, or check that it is of this team")
	ErrOther    = errors.New("another device answered than the one that was called")
	ErrWithdraw = errors.New("the other side's key has been revoked")
)

// A Lookup says whether a key may connect: nil, or why not. [Roster.Admit] and
// [Pinned] are lookups. It is called from the handshake's goroutine, for every
// connection anew, so it must be safe for concurrent use.
type Lookup func(Key) error

// Pinned admits the keys given and no other, as they stand on a command line.
func Pinned(keys ...Key) Lookup {
	return func(k Key) error {
		for _, have := range keys {
			if have == k {
				return nil
			}
		}
		return ErrUnknown
	}
}

// Certificate is the self-signed certificate that carries a device's key in TLS.
// It says nothing but the key, and is valid at every date: clocks are wrong, and
// the roster decides.
func Certificate(key ed25519.PrivateKey) (tls.Certificate, error) { return CertificateFor(key, "") }

// CertificateFor is a Certificate that says, unless it is "", for which of several
// purposes its device calls. Nothing is believed by it.
func CertificateFor(key ed25519.PrivateKey, purpose string) (tls.Certificate, error) {
	name := pkix.Name{CommonName: "fieldkit"}
	if purpose != "" {
		name.OrganizationalUnit = []string{purpose}
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      name,
		NotBefore:    time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // "no date", RFC 5280 4.1.2.5
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make device certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// Listening is the TLS configuration of the side that is called: TLS 1.3, both
// keys shown, whoever admit admits. Sessions are never resumed, so every
// connection asks admit.
func Listening(key ed25519.PrivateKey, admit Lookup) (*tls.Config, error) {
	c, err := base(key, admit, nil)
	if err != nil {
		return nil, err
	}
	c.ClientAuth = tls.RequireAnyClientCert
	return c, nil
}

// Calling is the TLS configuration of the side that calls. When expect is not
// nil, only that device may answer.
func Calling(key ed25519.PrivateKey, admit Lookup, expect *chart.Device) (*tls.Config, error) {
	c, err := base(key, admit, expect)
	if err != nil {
		return nil, err
	}
	c.InsecureSkipVerify = true // no certificate authority: VerifyConnection checks the key
	return c, nil
}

func base(key ed25519.PrivateKey, admit Lookup, expect *chart.Device) (*tls.Config, error) {
	cert, err := Certificate(key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{Protocol},
		SessionTicketsDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			k, err := PeerKey(s)
			if err != nil {
				return err
			}
			if expect != nil && k.Device() != *expect {
				return ErrOther
			}
			if s.NegotiatedProtocol != Protocol {
				return fmt.Errorf("%w: it does not speak %s", ErrPeer, Protocol)
			}
			return admit(k)
		},
	}, nil
}

// PeerKey is the key that the other side proved to hold.
func PeerKey(s tls.ConnectionState) (Key, error) {
	if s.Version != tls.VersionTLS13 || len(s.PeerCertificates) != 1 {
		return Key{}, ErrPeer
	}
	k, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok || len(k) != len(Key{}) {
		return Key{}, ErrPeer
	}
	return Key(k), nil
}
