package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// A farHospital is a hospital that nobody can dial, a relay in the middle and an
// ambulance, each a real process in a network of its own.
type farHospital struct {
	*team
	ambulance, hospital, relay *station
	frames                     atomic.Int64 // that came to a page at the hospital
}

func newFarHospital(t *testing.T, ambulance Link) *farHospital {
	t.Helper()
	l := newLab(t, 21)
	m := &team{t: t, dir: t.TempDir(), passphrase: "laboratory " + rand.Text() + " four five words"}
	m.program = filepath.Join(m.dir, "fieldkitd")
	build := exec.Command("go", "build", "-o", m.program, "fieldkit/app/fieldkitd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the station: %v\n%s", err, out)
	}
	for name, text := range map[string]string{"passphrase": m.passphrase, "password": "correct horse battery staple"} {
		if err := os.WriteFile(m.path(name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := &farHospital{team: m}
	f.ambulance = &station{Host: l.mustHost(t, "ambulance", ambulance), kind: "ambulance", dir: m.path("a")}
	f.relay = &station{Host: l.mustHost(t, "relay", Link{Delay: 5 * time.Millisecond}), dir: m.path("r")}
	f.hospital = &station{Host: l.mustHost(t, "hospital", Link{Delay: 10 * time.Millisecond, Only: DialsOut}), kind: "hospital", dir: m.path("h")}
	m.stations = []*station{f.ambulance, f.hospital}
	m.enrol()
	m.ask(f.hospital, "team", "account", "er", "--password-file", m.path("password"))
	m.stations = append(m.stations, f.relay) // ended and shown with the others
	t.Cleanup(m.stop)
	return f
}

// run starts a command on a station's host.
func (f *farHospital) run(s *station, args ...string) {
	f.t.Helper()
	cmd := exec.Command(f.program, args...)
	log, err := os.OpenFile(s.dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	if s.process, err = s.Start(cmd); err != nil {
		f.t.Fatal(err)
	}
}

// begin starts a station and signs in.
func (f *farHospital) begin(s *station, args ...string) {
	f.t.Helper()
	f.run(s, append(args, "--data", s.dir, "--passphrase-file", f.path("passphrase"), "--only-ports", "--listen", ":7700")...)
	f.await(s.Name+" to open its store", time.Minute, func(ctx context.Context) (err error) {
		if s.client, err = api.Dial(ctx, s.dir); err != nil {
			return err
		}
		s.token, err = s.client.Unlock(ctx, f.passphrase)
		return err
	})
}

// says waits until a station's state is so.
func (f *farHospital) says(s *station, what string, so func(api.State) bool) time.Duration {
	f.t.Helper()
	return f.await(what, time.Minute, func(ctx context.Context) error {
		state, err := s.client.State(ctx)
		if err == nil && !so(state) {
			err = fmt.Errorf("the link is %+v, trouble %q", state.Link, state.Trouble)
		}
		return err
	})
}

func (f *farHospital) startRelay() {
	f.run(f.relay, "relay", "--listen", ":443", "--public", f.relay.Address(), "--hospitals", f.path("hospitals"))
}

// at is a client whose connections begin on a host.
func at(s *station) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the trial looks at the fingerprint elsewhere
		DialContext: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			err = s.Do(func() error {
				// A dialler's own goroutines would dial from elsewhere: an address of digits needs none.
				conn, err = (&net.Dialer{FallbackDelay: -1}).DialContext(ctx, network, address)
				return err
			})
			return conn, err
		}}}
}

// watch opens the page's WebSocket at the hospital and counts the frames that come.
func (f *farHospital) watch() {
	f.t.Helper()
	client := at(f.hospital)
	body, _ := json.Marshal(map[string]string{"name": "er", "secret": "correct horse battery staple"})
	var cookies []*http.Cookie
	f.await("the page to let somebody in", time.Minute, func(ctx context.Context) error {
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://127.0.0.1:8443/sign-in", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return errors.New(res.Status)
		}
		cookies = res.Cookies()
		return nil
	})
	client.Timeout = 0
	conn, _, err := websocket.Dial(f.t.Context(), "wss://127.0.0.1:8443/watch", &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: http.Header{"Cookie": {cookies[0].Name + "=" + cookies[0].Value}}})
	if err != nil {
		f.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	ended := make(chan struct{})
	f.t.Cleanup(func() { conn.CloseNow(); <-ended })
	go func() {
		defer close(ended)
		for {
			kind, b, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			if kind == websocket.MessageBinary {
				f.frames.Add(1)
				continue
			}
			var m struct {
				Type string
				Tile uint32
			}
			if json.Unmarshal(b, &m) == nil && m.Type == "tile" {
				_ = conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"type":"watch","tile":%d}`, m.Tile))
			}
		}
	}()
}

// moreFrames waits until frames go on coming to the page.
func (f *farHospital) moreFrames(what string) time.Duration {
	f.t.Helper()
	before := f.frames.Load()
	return f.await(what, time.Minute, func(context.Context) error {
		if n := f.frames.Load() - before; n < 10 {
			return fmt.Errorf("%d frames came", n)
		}
		return nil
	})
}

// TestAHospitalThatCanOnlyDialOutIsReachedThroughARelay runs the whole of it
// where UDP passes, through the relay or through the hole that the hospital's own
// packets make, and where a vehicle has TCP port 443 alone.
func TestAHospitalThatCanOnlyDialOutIsReachedThroughARelay(t *testing.T) {
	long(t)
	for _, c := range []struct {
		name  string
		link  Link
		apart bool
		lane  string
	}{
		{"UDP passes", Link{Delay: 15 * time.Millisecond}, true, "live over UDP relay"},
		{"the hospital's address is no private one", Link{Delay: 15 * time.Millisecond}, false, "live over UDP"},
		{"the vehicle has TCP 443 alone", Link{Delay: 15 * time.Millisecond, Only: TCP443}, true, "live over WebSocket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFarHospital(t, c.link)
			if c.apart {
				f.hospital.Apart(f.ambulance.Host)
			}
			throughRelay(t, f, c.lane)
		})
	}
}

func throughRelay(t *testing.T, f *farHospital, lane string) {
	hospital := f.hospital
	relay := net.JoinHostPort(f.relay.Address(), "443")
	f.begin(hospital, "hospital", "--relay", relay)
	var own api.State
	f.says(hospital, "the hospital to say that its relay is away", func(s api.State) bool {
		own = s
		return s.Link.Fingerprint != "" && strings.Contains(strings.Join(s.Trouble, " "), "The relay "+relay+" is not reached")
	})
	if err := os.WriteFile(f.path("hospitals"), []byte(hex.EncodeToString(own.Writer[:])+" # the trial's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.startRelay()
	took := f.says(hospital, "the hospital to reach its relay", func(s api.State) bool { return strings.HasPrefix(s.Link.RelayState, "reached since") })
	t.Logf("the relay %d is reached by the hospital %d %v after its start", f.relay.process.PID(), hospital.process.PID(), took.Round(10*time.Millisecond))
	f.watch()

	monitor := exec.Command(f.program, "simulate", "--driver", "nonin", "--listen", "tcp:127.0.0.1:5000")
	if _, err := f.ambulance.Start(monitor); err != nil {
		t.Fatal(err)
	}
	f.begin(f.ambulance, "station", "--hospital", "https://"+relay, "--hospital-pin", own.Link.Fingerprint, "--port", "tcp:127.0.0.1:5000")
	took = f.says(f.ambulance, "the ambulance to be live", func(s api.State) bool { return strings.Contains(s.Link.State, lane) })
	t.Logf("%s %v after the ambulance's start", lane, took.Round(10*time.Millisecond))
	t.Logf("frames on the page %v later", f.moreFrames("frames on the page").Round(10*time.Millisecond))

	f.ambulance.open(t)
	took = f.await("the record to come to the hospital", time.Minute, func(ctx context.Context) error {
		held, err := hospital.held(ctx)
		if err != nil {
			return err
		}
		for ref := range held {
			if ref.Device != (chart.Device{}) && ref.Device != own.Writer {
				return nil
			}
		}
		return errors.New("nothing of the ambulance's is there")
	})
	t.Logf("the ambulance's record is at the hospital after %v", took.Round(10*time.Millisecond))
	res, err := at(f.ambulance).Get("https://" + relay + "/health")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the page through the relay: %v %v", res, err)
	}
	res.Body.Close()
	if res, err = at(f.ambulance).Get("https://" + relay + "/metrics"); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("the hospital's metrics are shown through the relay: %v %v", res, err)
	}
	res.Body.Close()

	if err := f.relay.process.Stop(15 * time.Second); err != nil {
		t.Fatal(err)
	}
	f.says(hospital, "the hospital to say that its relay is lost", func(s api.State) bool {
		return strings.HasPrefix(s.Link.RelayState, "not reached since") && len(s.Trouble) > 0
	})
	f.startRelay()
	back := time.Now()
	f.says(f.ambulance, "the ambulance to be live again", func(s api.State) bool { return strings.HasPrefix(s.Link.State, "live") })
	f.moreFrames("frames on the page again")
	t.Logf("frames on the page %v after the relay's restart", time.Since(back).Round(10*time.Millisecond))
}
