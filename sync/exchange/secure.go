package exchange

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// bindingLabel separates our use of the connection's secret from any other.
const bindingLabel = "EXPORTER-fieldkit-exchange-hello"

// binding is what ties the hello of one side to this very connection.
func binding(s tls.ConnectionState, speaker chart.Device) (b [16]byte, err error) {
	v, err := s.ExportKeyingMaterial(bindingLabel, speaker[:], len(b))
	copy(b[:], v)
	return b, err
}

// secure makes a TLS connection of conn and names the key at the other end. The
// side that calls refuses within the handshake. The side that is called finishes
// it first and returns the refusal with the connection, so that the caller can
// be told why.
func (x *Exchange) secure(ctx context.Context, conn net.Conn, want chart.Device, calling bool) (tc *tls.Conn, key identity.Key, refused error, err error) {
	look := func(k identity.Key) error {
		key, refused = k, x.admit(k, want)
		if calling {
			return refused
		}
		return nil
	}
	var cfg *tls.Config
	if calling {
		if cfg, err = identity.Calling(x.cfg.Key, look, nil); err == nil {
			cfg.ServerName = nameOf(conn)
			cfg.Certificates[0], err = identity.CertificateFor(x.cfg.Key, teamName(x.cfg.Team))
			tc = tls.Client(conn, cfg)
		}
	} else if cfg, err = identity.Listening(x.cfg.Key, look); err == nil {
		tc = tls.Server(conn, cfg)
	}
	if err != nil {
		return nil, key, nil, err
	}
	err = tc.HandshakeContext(ctx)
	switch {
	case err == nil:
	case refused != nil:
		err = refused
	default:
		if err = slow(err); !errors.Is(err, TooSlow) {
			err = fmt.Errorf("%w: %w", NotTLS, err)
		}
	}
	return tc, key, refused, err
}

// teamName is what a caller's certificate says of the team it calls for: to one who
// knows the team's id, and nothing to another. A caller sends its certificate only
// once it has found the other's key on that team's roster, and TLS 1.3 hides it.
func teamName(team journal.TeamID) string {
	sum := sha256.Sum256(append([]byte("fieldkit exchange team 1\x00"), team[:]...))
	return hex.EncodeToString(sum[:16])
}

// teamNamed is the name that the other side's certificate gives; "" for none.
func teamNamed(tc *tls.Conn) string {
	for _, cert := range tc.ConnectionState().PeerCertificates {
		if unit := cert.Subject.OrganizationalUnit; len(unit) == 1 {
			return unit[0]
		}
	}
	return ""
}

// admit asks the roster and looks that the right peer answers.
func (x *Exchange) admit(key identity.Key, want chart.Device) error {
	switch device := key.Device(); {
	case device == x.self:
		return fmt.Errorf("%w: it is this tablet itself", WrongPeer)
	case want != chart.Device{} && device != want:
		return WrongPeer
	}
	err := x.cfg.Admit(key)
	switch {
	case errors.Is(err, identity.ErrWithdraw):
		return Revoked
	case err != nil:
		return fmt.Errorf("%w: %w", Unknown, err)
	}
	return nil
}
