package link

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A line of 16 kbit/s brings an answer in pieces; a dead one brings nothing.
func TestARequestIsGivenUpWhenItsLineStallsAndNotBefore(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces int // of the answer's body, 3 s apart, before the line stalls
		of     int
		took   time.Duration
		err    error
	}{
		{"half a minute, and it moves", 10, 10, 30 * time.Second, nil},
		{"it stalls at once", 0, 10, requestStalls, errStalled},
		{"it stalls half way", 4, 10, 12*time.Second + requestStalls, errStalled},
		{"it moves for ever", 100, 100, requestAtMost, errStalled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				over := make(chan struct{})
				var server sync.WaitGroup
				server.Go(func() {
					defer there.Close()
					req, err := http.ReadRequest(bufio.NewReader(there))
					if err != nil {
						t.Error(err)
						return
					}
					req.Body.Close()
					if c.pieces > 0 {
						fmt.Fprintf(there, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", c.of)
					}
					for range c.pieces {
						time.Sleep(3 * time.Second)
						if _, err := there.Write([]byte("x")); err != nil {
							return
						}
					}
					<-over
				})
				s := signalling{device: "amb", pace: new(atomic.Int64), client: &http.Client{Transport: &http.Transport{
					DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
						return &tappedConn{Conn: here, open: time.Now()}, nil
					}}}}
				began := time.Now()
				_, _, err := s.request(t.Context(), http.MethodPost, "http://gateway.example/live", http.Header{}, nil)
				if took := time.Since(began); !errors.Is(err, c.err) || took != c.took {
					t.Errorf("it ended after %v with %v, want %v with %v", took, err, c.took, c.err)
				}
				close(over)
				s.client.CloseIdleConnections()
				here.Close()
				server.Wait()
			})
		})
	}
}

func TestTheLineIsSaidInTheOffer(t *testing.T) {
	offer := []byte("v=0\r\nm=audio\r\n")
	for _, c := range []struct {
		flight, want time.Duration
	}{{flightFirst, 0}, {1100 * time.Millisecond, 1100 * time.Millisecond}, {time.Minute, time.Minute}} {
		if got := flightOf(paced(append([]byte(nil), offer...), c.flight)); got != c.want {
			t.Errorf("a flight of %v reads as %v", c.flight, got)
		}
	}
	for _, line := range []string{"", "-5", "x", "99999", "1 2"} {
		if got := flightOf([]byte("v=0\r\n" + flightLine + line + "\r\n")); got != 0 {
			t.Errorf("%q reads as %v", line, got)
		}
	}
}
