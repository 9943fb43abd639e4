package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// shake runs one handshake over loopback and gives what each side says of it.
func shake(t *testing.T, caller, listener *tls.Config) (atCaller, atListener error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{a, b} {
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() {
		s := tls.Server(b, listener)
		err := s.Handshake()
		if err == nil {
			_, err = s.Write([]byte("x"))
		}
		b.Close()
		done <- err
	}()
	c := tls.Client(a, caller)
	err = c.Handshake()
	if err == nil {
		// In TLS 1.3 a caller learns only now that its own key was refused.
		_, err = c.Read(make([]byte, 1))
	}
	a.Close()
	return err, <-done
}

func configs(t *testing.T, caller, listener ed25519.PrivateKey, callerAdmits, listenerAdmits Lookup) (call, listen *tls.Config) {
	t.Helper()
	call, err := Calling(caller, callerAdmits, nil)
	if err != nil {
		t.Fatal(err)
	}
	listen, err = Listening(listener, listenerAdmits)
	if err != nil {
		t.Fatal(err)
	}
	return call, listen
}

func TestTwoTabletsThatKnowEachOtherTalk(t *testing.T) {
	a, b := keyNamed("a"), keyNamed("b")
	call, listen := configs(t, a, b, Pinned(PublicOf(b)), Pinned(PublicOf(keyNamed("c")), PublicOf(a)))
	if atCaller, atListener := shake(t, call, listen); atCaller != nil || atListener != nil {
		t.Errorf("caller: %v, listener: %v", atCaller, atListener)
	}
	device := PublicOf(b).Device()
	call, err := Calling(a, Pinned(PublicOf(b)), &device)
	if err != nil {
		t.Fatal(err)
	}
	if atCaller, atListener := shake(t, call, listen); atCaller != nil || atListener != nil {
		t.Errorf("caller who names whom it calls: %v, listener: %v", atCaller, atListener)
	}
}

func TestAStrangerIsRefusedOnBothSides(t *testing.T) {
	a, b, stranger := keyNamed("a"), keyNamed("b"), keyNamed("stranger")
	call, listen := configs(t, stranger, b, Pinned(PublicOf(b)), Pinned(PublicOf(a)))
	if atCaller, atListener := shake(t, call, listen); !errors.Is(atListener, ErrUnknown) || atCaller == nil {
		t.Errorf("a stranger called: caller %v, listener %v", atCaller, atListener)
	}
	call, listen = configs(t, a, stranger, Pinned(PublicOf(b)), Pinned(PublicOf(a)))
	if atCaller, _ := shake(t, call, listen); !errors.Is(atCaller, ErrUnknown) {
		t.Errorf("a stranger answered: %v", atCaller)
	}
	call, listen = configs(t, a, b, Pinned(PublicOf(b)), func(Key) error { return ErrWithdraw })
	if _, atListener := shake(t, call, listen); !errors.Is(atListener, ErrWithdraw) {
		t.Errorf("a revoked tablet called: %v", atListener)
	}
	device := PublicOf(a).Device()
	call, err := Calling(a, Pinned(PublicOf(b)), &device)
	if err != nil {
		t.Fatal(err)
	}
	_, listen = configs(t, a, b, nil, Pinned(PublicOf(a)))
	if atCaller, _ := shake(t, call, listen); !errors.Is(atCaller, ErrOther) {
		t.Errorf("another member answered than was called: %v", atCaller)
	}
}

func TestOnlyTLS13WithADeviceKeyWillDo(t *testing.T) {
	a, b := keyNamed("a"), keyNamed("b")
	open := func(Key) error { return nil }
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, p256.Public(), p256)
	if err != nil {
		t.Fatal(err)
	}
	own, err := Certificate(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Certificate(keyNamed("c"))
	if err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(*tls.Config){
		"TLS 1.2":        func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
		"no certificate": func(c *tls.Config) { c.Certificates = nil },
		"a P-256 certificate": func(c *tls.Config) {
			c.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: p256}}
		},
		"two certificates": func(c *tls.Config) {
			c.Certificates[0].Certificate = [][]byte{own.Certificate[0], other.Certificate[0]}
		},
		"another's certificate, its own key": func(c *tls.Config) {
			c.Certificates = []tls.Certificate{{Certificate: other.Certificate, PrivateKey: a}}
		},
		"no protocol":      func(c *tls.Config) { c.NextProtos = nil },
		"another protocol": func(c *tls.Config) { c.NextProtos = []string{"h2"} },
	} {
		call, listen := configs(t, a, b, open, open)
		spoil(call)
		call.VerifyConnection = nil
		if _, atListener := shake(t, call, listen); atListener == nil {
			t.Errorf("a caller with %s was let in", what)
		}
	}
}

// Roster changes reach the next connection: nothing is resumed.
func TestEveryConnectionAsksTheRoster(t *testing.T) {
	a, b := keyNamed("a"), keyNamed("b")
	asked, resumed := 0, false
	call, listen := configs(t, a, b, Pinned(PublicOf(b)), func(Key) error {
		if asked++; asked > 1 {
			return ErrWithdraw
		}
		return nil
	})
	call.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	call.ServerName = "b"
	check := call.VerifyConnection
	call.VerifyConnection = func(s tls.ConnectionState) error {
		resumed = resumed || s.DidResume
		return check(s)
	}
	if _, err := shake(t, call, listen); err != nil {
		t.Fatal(err)
	}
	if _, err := shake(t, call, listen); !errors.Is(err, ErrWithdraw) {
		t.Errorf("revoked between two calls: %v", err)
	}
	if resumed {
		t.Error("a session was resumed")
	}
}

func TestACertificateSaysNothingButTheKey(t *testing.T) {
	c, err := Certificate(keyNamed("a"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if Key(x.PublicKey.(ed25519.PublicKey)) != PublicOf(keyNamed("a")) || len(x.DNSNames)+len(x.IPAddresses)+len(x.EmailAddresses) > 0 {
		t.Error("the certificate carries something else")
	}
	if now := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC); now.Before(x.NotBefore) || x.NotAfter.Year() != 9999 {
		t.Error("a tablet with a wrong clock would refuse the certificate")
	}
	if err := x.CheckSignatureFrom(x); err != nil && !strings.Contains(err.Error(), "parent certificate cannot sign") {
		t.Error(err)
	}
}
