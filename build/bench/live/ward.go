package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// What one gateway costs: a gateway in a process of its own on two processors, and
// in this one real vehicles and the pages that watch them, over loopback. Frames
// are timed from the vehicle's Send to the page's decoding, both by this process's
// clock, so the figure holds the work of this process too: it is an upper bound.
const (
	mostVehicles  = 40
	mostViewers   = 50
	tilesAViewer  = 8
	wardSpan      = 20 * time.Second // of each stage
	wardPause     = 60 * time.Millisecond
	extrapolateTo = 200
	ticksASecond  = 100 // of /proc/pid/stat
)

func fleetName(i int) string { return fmt.Sprintf("vehicle %d", i) }

// runWard is the gateway's process.
func runWard(ctx context.Context, o order, _ *notes) error {
	runtime.GOMAXPROCS(2)
	if err := pin(2); err != nil {
		return fmt.Errorf("keep to two processors: %w", err)
	}
	return serveGateway(o, link.HospitalConfig{Loopback: true}, func(port string) error {
		say(port)
		<-ctx.Done()
		return nil
	})
}

// A fleet is the vehicles and the pages, with when each frame was sent.
type fleet struct {
	order order
	url   string

	stations [mostVehicles]chart.Device

	mu    sync.Mutex
	sent  [mostVehicles][]time.Time // by tenth
	took  []time.Duration
	wrong int // frames that no vehicle sent
}

func benchGateway(ctx context.Context) (err error) {
	cert, err := newCertificate()
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), childMark+"=1"), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the gateway: %w", err)
	}
	defer func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		err = errors.Join(err, cmd.Wait())
	}()
	o := order{Role: "ward", Address: "127.0.0.1:0", Certificate: cert.der, Key: cert.key}
	if err := json.NewEncoder(in).Encode(o); err != nil {
		return err
	}
	port := make([]byte, 16)
	n, err := out.Read(port)
	if err != nil {
		return fmt.Errorf("the gateway did not start: %w", err)
	}
	o.Key = nil
	f := &fleet{order: o, url: "https://127.0.0.1:" + strings.TrimSpace(string(port[:n]))}
	for i := range f.stations {
		_, f.stations[i] = keyOf(fleetName(i))
	}
	return f.measure(ctx, cmd.Process.Pid)
}

// measure brings first the vehicles, then the pages, and prints what each cost.
func (f *fleet) measure(ctx context.Context, pid int) error {
	fmt.Printf("One gateway on two processors of %d (load %s): %d links of ten frames a second, then %d pages of %d tiles.\n",
		runtime.NumCPU(), load(), mostVehicles, mostViewers, tilesAViewer)
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	idle, err := usage(ctx, pid)
	if err != nil {
		return err
	}
	lives := make(chan error, mostVehicles)
	for i := range mostVehicles {
		work.Go(func() { f.drive(ctx, i, lives) })
		time.Sleep(wardPause) // the gateway lets one address ask so often and no more
	}
	for range mostVehicles {
		if err := <-lives; err != nil {
			return err
		}
	}
	linked, err := usage(ctx, pid)
	if err != nil {
		return err
	}
	failed := make(chan error, mostViewers)
	for i := range mostViewers {
		work.Go(func() {
			if err := f.view(ctx, i); err != nil && ctx.Err() == nil {
				failed <- err
			}
		})
		time.Sleep(2 * wardPause)
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	f.mu.Lock()
	f.took = nil
	f.mu.Unlock()
	watched, err := usage(ctx, pid)
	if err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.Sort(f.took)
	expected := int(watched.over.Seconds() * 10 * mostViewers * tilesAViewer)
	perLink, perViewer := (linked.cpu-idle.cpu)/mostVehicles, (watched.cpu-linked.cpu)/mostViewers
	fmt.Printf("  processor: %.1f %% of one with links, %.1f %% with pages too: %.2f %% a link, %.2f %% a page\n",
		100*linked.cpu, 100*watched.cpu, 100*perLink, 100*perViewer)
	fmt.Printf("  %d vehicles and %d pages would take %.0f %% of one processor\n", extrapolateTo, mostViewers, 100*(idle.cpu+extrapolateTo*perLink+mostViewers*perViewer))
	fmt.Printf("  memory: %d MiB idle, %d MiB with links, %d MiB with pages; %d MiB for %d vehicles\n", idle.memory>>20, linked.memory>>20, watched.memory>>20,
		(watched.memory+(linked.memory-idle.memory)/mostVehicles*(extrapolateTo-mostVehicles))>>20, extrapolateTo)
	fmt.Printf("  from Send to a page's decoding: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms; %d frames of %d expected, %d of nobody\n",
		millis(quantile(f.took, .5)), millis(quantile(f.took, .95)), millis(quantile(f.took, .99)), millis(quantile(f.took, 1)), len(f.took), expected, f.wrong)
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// drive is one vehicle.
func (f *fleet) drive(ctx context.Context, i int, lives chan<- error) {
	_, device := keyOf(fleetName(i))
	_, hospital := keyOf("hospital")
	web := client(f.order.Certificate)
	defer web.CloseIdleConnections()
	live := make(chan struct{})
	once := sync.OnceFunc(func() { close(live) })
	v, err := link.NewVehicle(link.VehicleConfig{
		URL: f.url + "/live", Client: web, Device: nameOf(device), Gateway: nameOf(hospital), Signer: recorder(fleetName(i)), Loopback: true,
		OnState: func(s link.State) {
			if s.Phase == link.Live {
				once()
			}
		},
	})
	if err != nil {
		lives <- err
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { _ = v.Run(ctx) })
	select {
	case <-live:
		lives <- nil
	case <-time.After(connectMost):
		lives <- errors.New("a vehicle was never live: " + v.State().String())
		return
	case <-ctx.Done():
		return
	}
	p := patient{binding: bindingOf(fleetName(i), byte(i))}
	_ = tick(ctx, 1<<30, func(n int) error {
		b, err := p.frame(n, link.Everything)
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.sent[i] = append(f.sent[i], time.Now())
		f.mu.Unlock()
		return v.Send(link.Frame{Seq: uint32(n), Bytes: b})
	})
}

// view is one page, which watches every fifth tile.
func (f *fleet) view(ctx context.Context, viewer int) error {
	web := client(f.order.Certificate)
	defer web.CloseIdleConnections()
	web.Jar, _ = cookiejar.New(nil)
	res, err := web.Post(f.url+"/sign-in", "application/json", bytes.NewReader([]byte(`{"name":"bench","secret":"correct horse"}`)))
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("sign in: %s", res.Status)
	}
	conn, _, err := websocket.Dial(ctx, f.url+"/watch", &websocket.DialOptions{HTTPClient: web})
	if err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	decoders := map[uint32]*wave.Decoder{}
	var frame wave.Frame
	for {
		kind, b, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if kind == websocket.MessageText {
			var m struct {
				Type string `json:"type"`
				Tile uint32 `json:"tile"`
			}
			if err := json.Unmarshal(b, &m); err != nil {
				return fmt.Errorf("read the page: %w", err)
			}
			if m.Type == "tile" && decoders[m.Tile] == nil && (int(m.Tile)+viewer)%(mostVehicles/tilesAViewer) == 0 {
				decoders[m.Tile] = new(wave.Decoder)
				if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"type":"watch","tile":%d}`, m.Tile)); err != nil {
					return fmt.Errorf("watch: %w", err)
				}
			}
			continue
		}
		d := decoders[binary.BigEndian.Uint32(b)]
		for b = b[4:]; len(b) >= 2 && d != nil; {
			size := int(binary.BigEndian.Uint16(b))
			if err := d.Decode(b[2:2+size], &frame); err == nil {
				f.arrived(&frame)
			} else if !errors.Is(err, wave.ErrNotDescribed) {
				return fmt.Errorf("decode a frame: %w", err)
			}
			b = b[2+size:]
		}
	}
}

// arrived times one frame at one page.
func (f *fleet) arrived(frame *wave.Frame) {
	now := time.Now()
	i := int(frame.Binding.Encounter[15])
	n := int(frame.Time.Sub(vital.Instant(time.Hour))/tenth) - 1
	f.mu.Lock()
	defer f.mu.Unlock()
	if i >= mostVehicles || n < 0 || n >= len(f.sent[i]) || frame.Binding.Station != f.stations[i] {
		f.wrong++
		return
	}
	f.took = append(f.took, now.Sub(f.sent[i][n]))
}

// A use is what a process took.
type use struct {
	cpu    float64 // processors, over wardSpan
	over   time.Duration
	memory int64 // bytes resident at the end
}

// usage watches a process for wardSpan.
func usage(ctx context.Context, pid int) (u use, err error) {
	before, began := 0.0, time.Now()
	if before, err = spent(pid); err != nil {
		return u, err
	}
	if err := pause(ctx, wardSpan); err != nil {
		return u, err
	}
	after, err := spent(pid)
	u.over = time.Since(began)
	u.cpu = (after - before) / u.over.Seconds()
	if err != nil {
		return u, err
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return u, fmt.Errorf("read the gateway's memory: %w", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	u.memory = pages * int64(os.Getpagesize())
	return u, err
}

// spent is a process's processor time so far, in seconds.
func spent(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the gateway's time: %w", err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("read the gateway's time: /proc says too little")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return float64(user+system) / ticksASecond, errors.Join(err1, err2)
}
