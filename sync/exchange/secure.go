package exchange

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Protocol is the exchange's name in a TLS ClientHello (ALPN), in the clear: by
// it a shared port tells the exchange from web traffic.
const Protocol = "fieldkit-exchange"

// bindingLabel separates our use of the connection's secret from any other.
const bindingLabel = "EXPORTER-fieldkit-exchange-hello"

// certificate wraps the device's key in the X.509 form that TLS needs. Nothing
// in it but the key is ever looked at; its dates are not, because tablets have
// wrong clocks.
func certificate(key ed25519.PrivateKey) (tls.Certificate, error) {
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("wrap device key for TLS: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// settings are TLS 1.3, both sides with a certificate, no resumption (a resumed
// connection would skip the roster), and the peer's key checked by admit.
func settings(own tls.Certificate, admit func(ed25519.PublicKey) error) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{own},
		NextProtos:             []string{Protocol},
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true, // no authority: VerifyConnection pins the key instead
		SessionTicketsDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			key, err := peerKey(s)
			if err != nil {
				return err
			}
			if s.NegotiatedProtocol != Protocol {
				return errors.New("the other side does not speak the exchange")
			}
			return admit(key)
		},
	}
}

func peerKey(s tls.ConnectionState) (ed25519.PublicKey, error) {
	if len(s.PeerCertificates) != 1 {
		return nil, errors.New("the other side must show exactly one certificate")
	}
	key, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the other side's key is not Ed25519")
	}
	return key, nil
}

// binding is what ties the hello of one side to this very connection.
func binding(s tls.ConnectionState, speaker chart.Device) (b [16]byte, err error) {
	v, err := s.ExportKeyingMaterial(bindingLabel, speaker[:], len(b))
	copy(b[:], v)
	return b, err
}

// deviceOf is the name of the device that holds the key.
func deviceOf(s tls.ConnectionState) (chart.Device, error) {
	key, err := peerKey(s)
	if err != nil {
		return chart.Device{}, err
	}
	return journal.DeviceOf(key), nil
}
