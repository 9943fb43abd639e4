package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/gateway"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// keyOf is the device key of one end of the trial: both ends work it out alike.
func keyOf(name string) (ed25519.PrivateKey, chart.Device) {
	seed := sha256.Sum256([]byte("build/bench/live " + name))
	key := ed25519.NewKeyFromSeed(seed[:])
	return key, sha256.Sum256(key.Public().(ed25519.PublicKey))
}

func nameOf(d chart.Device) string { return hex.EncodeToString(d[:]) }

func binding() wave.Binding { return bindingOf("vehicle", 7) }

func bindingOf(name string, patient byte) wave.Binding {
	_, vehicle := keyOf(name)
	return wave.Binding{Encounter: chart.ID{1, 0x8f, 15: patient}, Station: vehicle, Boot: [16]byte{1}, Epoch: [16]byte{2}, Tag: "P1", Monitor: "Bench monitor", CallSign: "MEDIC 1", Demo: true}
}

// A recorder stands in for the recorder of either end: it signs for the vehicle it
// is named after, and lets every vehicle of the trial and every page in.
type recorder string

// vehicles are the keys of all there may be, by name of their device.
var vehicles = sync.OnceValue(func() map[string]ed25519.PublicKey {
	known := map[string]ed25519.PublicKey{}
	for i := range mostVehicles + 1 {
		name := "vehicle"
		if i > 0 {
			name = fleetName(i - 1)
		}
		key, device := keyOf(name)
		known[nameOf(device)] = key.Public().(ed25519.PublicKey)
	}
	return known
})

func (r recorder) SignOffer(_ context.Context, t link.Terms) ([]byte, error) {
	key, _ := keyOf(string(r))
	return ed25519.Sign(key, t.OfferMessage()), nil
}

func (recorder) CheckAnswer(_ context.Context, t link.Terms, signature []byte) error {
	key, _ := keyOf("hospital")
	if !ed25519.Verify(key.Public().(ed25519.PublicKey), t.AnswerMessage(), signature) {
		return errors.New("not the gateway's signature")
	}
	return nil
}

func (recorder) CheckOffer(_ context.Context, t link.Terms, signature []byte) (string, error) {
	key := vehicles()[t.Device]
	if key == nil || !ed25519.Verify(key, t.OfferMessage(), signature) {
		return "", gateway.ErrRefused
	}
	return "MEDIC 1", nil
}

func (recorder) SignAnswer(_ context.Context, t link.Terms) ([]byte, error) {
	key, _ := keyOf("hospital")
	return ed25519.Sign(key, t.AnswerMessage()), nil
}

var nurse = gateway.Person{ID: "bench", Name: "bench", Role: "nurse"}

func (recorder) MayShow(context.Context, wave.Binding) error { return nil }
func (recorder) SignIn(context.Context, string, string) (string, gateway.Person, error) {
	return rand.Text(), nurse, nil
}
func (recorder) SignOut(context.Context, string) error                    { return nil }
func (recorder) Session(context.Context, string) (gateway.Person, error)  { return nurse, nil }
func (recorder) MayWatch(context.Context, string, chart.ID) error         { return nil }
func (recorder) Chart(context.Context, string, chart.ID) ([]byte, error)  { return []byte("{}"), nil }
func (recorder) Record(context.Context, string, chart.ID) ([]byte, error) { return []byte("{}"), nil }
func (recorder) Strip(context.Context, string, chart.ID, gateway.Stretch) ([]byte, error) {
	return []byte("{}"), nil
}
func (recorder) Watched(context.Context, string, chart.ID, time.Time, time.Time) error { return nil }
func (recorder) Append(context.Context, string, gateway.Act) ([]byte, error) {
	return nil, gateway.ErrRefused
}

// runGateway is the hospital: its gateway on Address, and a page on loopback.
func runGateway(ctx context.Context, o order, n *notes) error {
	return serveGateway(o, link.HospitalConfig{}, func(port string) error { return watch(ctx, "https://127.0.0.1:"+port, o, n) })
}

// serveGateway runs the gateway until during returns.
func serveGateway(o order, conf link.HospitalConfig, during func(port string) error) (err error) {
	hospital, err := link.NewHospital(conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hospital.Close()) }()
	_, device := keyOf("hospital")
	page := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>bench</title>")}}
	g, err := gateway.New(gateway.Config{Name: nameOf(device), Hospital: hospital, Roster: recorder(""), Desk: recorder(""), Page: page})
	if err != nil {
		return err
	}
	defer g.Close()
	key, err := x509.ParsePKCS8PrivateKey(o.Key)
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	server := &http.Server{
		Handler: g, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{{Certificate: [][]byte{o.Certificate}, PrivateKey: key}}},
	}
	_, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	l, err := net.Listen("tcp4", ":"+port)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { _ = server.ServeTLS(l, "", "") }) // ends with Close
	defer server.Close()
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	return during(port)
}

func client(certificate []byte) *http.Client {
	pin := link.Fingerprint(sha256.Sum256(certificate))
	return link.PinnedClient(func() []link.Fingerprint { return []link.Fingerprint{pin} })
}

// watch is a page that watches every tile and decodes what comes, until ctx ends.
func watch(ctx context.Context, url string, o order, n *notes) error {
	web := client(o.Certificate)
	defer web.CloseIdleConnections()
	web.Jar, _ = cookiejar.New(nil)
	res, err := web.Post(url+"/sign-in", "application/json", strings.NewReader(`{"name":"bench","secret":"correct horse"}`))
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("sign in: %s", res.Status)
	}
	conn, _, err := websocket.Dial(ctx, url+"/watch", &websocket.DialOptions{HTTPClient: web})
	if err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	say("ready")
	readers := map[uint32]*reader{}
	for {
		kind, b, err := conn.Read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the page: %w", err)
		}
		if kind == websocket.MessageText {
			var m struct {
				Type string `json:"type"`
				Tile uint32 `json:"tile"`
			}
			if err := json.Unmarshal(b, &m); err != nil {
				return fmt.Errorf("read the page: %w", err)
			}
			if m.Type == "tile" {
				if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"type":"watch","tile":%d}`, m.Tile)); err != nil {
					return fmt.Errorf("watch: %w", err)
				}
			}
			continue
		}
		tile := binary.BigEndian.Uint32(b)
		if readers[tile] == nil {
			readers[tile] = &reader{got: n.arrived}
		}
		for b = b[4:]; len(b) >= 2; {
			size := int(binary.BigEndian.Uint16(b))
			if err := readers[tile].read(b[2 : 2+size]); err != nil {
				return fmt.Errorf("decode a frame: %w", err)
			}
			b = b[2+size:]
		}
	}
}

// runVehicle is the ambulance.
func runVehicle(ctx context.Context, o order, n *notes) error {
	_, device := keyOf("vehicle")
	_, hospital := keyOf("hospital")
	web := client(o.Certificate)
	defer web.CloseIdleConnections()
	live := make(chan struct{})
	once := sync.OnceFunc(func() { close(live) })
	began := time.Now()
	v, err := link.NewVehicle(link.VehicleConfig{
		URL: "https://" + o.Address + "/live", Client: web, Device: nameOf(device), Gateway: nameOf(hospital), Signer: recorder("vehicle"),
		OnState: func(s link.State) {
			if s.Phase == link.Live {
				once()
			}
		},
	})
	if err != nil {
		return err
	}
	inner, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	work.Go(func() { _ = v.Run(inner) })
	select {
	case <-live:
	case <-ctx.Done():
		return errors.New("never live: " + v.State().String())
	}
	n.Live = time.Since(began)
	say("live")
	p := patient{binding: binding()}
	seq := uint32(0)
	err = tick(ctx, o.Frames, func(i int) error {
		rung := v.State().Rung
		n.mu.Lock()
		n.Rungs[rung.String()]++
		n.mu.Unlock()
		b, err := p.frame(i, rung)
		if err != nil || b == nil {
			return err
		}
		seq++
		n.sent(uint64(seq), len(b))
		return v.Send(link.Frame{Seq: seq, Bytes: b})
	})
	<-ctx.Done()
	return err
}
