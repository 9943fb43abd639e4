package kit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"fieldkit/app/api"
)

// sessionToken is a page's token as the API knows it.
func sessionToken(t string) api.Token { return api.Token(t) }

const (
	certificateFile = "page-certificate.pem"
	keyFilePEM      = "page-key.pem"
	// certificateFor is long, because a hospital enrols the fingerprint and clocks
	// are wrong; it is replaced by putting other files in place.
	certificateFor = 10 * 365 * 24 * time.Hour
)

// pageCertificate is the certificate of the page: the files in the data folder, or
// a self-made one that is then kept there.
func pageCertificate(dir, serve string) (tls.Certificate, error) {
	cert, key := filepath.Join(dir, certificateFile), filepath.Join(dir, keyFilePEM)
	c, err := tls.LoadX509KeyPair(cert, key)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		if err != nil {
			err = fmt.Errorf("read the page's certificate: %w", err)
		}
		return c, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, fmt.Errorf("make the page's certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return c, fmt.Errorf("make the page's certificate: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Fieldkit hospital"},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(certificateFor),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, _, err := net.SplitHostPort(serve); err == nil && host != "" {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, private.Public(), private)
	if err != nil {
		return c, fmt.Errorf("make the page's certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return c, fmt.Errorf("make the page's certificate: %w", err)
	}
	for _, f := range []struct {
		path, kind string
		der        []byte
	}{{key, "PRIVATE KEY", pkcs8}, {cert, "CERTIFICATE", der}} {
		if err := os.WriteFile(f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der}), 0o600); err != nil {
			return c, fmt.Errorf("keep the page's certificate: %w", err)
		}
	}
	return tls.LoadX509KeyPair(cert, key)
}

// pageHost is where a person finds a listener: its own address, or this machine's
// name when it listens on all.
func pageHost(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}
