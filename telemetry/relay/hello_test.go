package relay

import (
	"crypto/tls"
	"net"
	"testing"
)

func FuzzHello(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"))
	here, there := net.Pipe()
	go func() {
		_ = tls.Client(there, &tls.Config{InsecureSkipVerify: true, ServerName: "er.example", NextProtos: []string{Protocol}}).Handshake()
		there.Close()
	}()
	g, read, ok := Hello(here)
	here.Close()
	if !ok || len(g.Speaks) != 1 || g.Speaks[0] != Protocol || g.Server != "er.example" {
		f.Fatalf("our own hello says %+v", g)
	}
	f.Add(read)
	f.Fuzz(func(t *testing.T, b []byte) {
		here, there := net.Pipe()
		go func() {
			_, _ = there.Write(b)
			there.Close()
		}()
		if _, read, _ := Hello(here); len(read) > HelloMost {
			t.Errorf("%d bytes were read", len(read))
		}
		here.Close()
	})
}
