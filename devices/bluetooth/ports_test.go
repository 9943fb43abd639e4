package bluetooth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/bluetooth"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/gatt"
	"fieldkit/triage/vital"
)

// A room is a fake radio and the devices in its reach. It scans and connects, but
// never both at once, as most radios.
type room struct {
	mu      sync.Mutex
	busy    bool
	broken  error
	devices map[string]*wearable
}

// A wearable is a fake device.
type wearable struct {
	name     string
	services []uint16
	holds    map[string][]byte // characteristics that can be read
	measures []uint16
	refuses  bool // to be subscribed to: it wants to be paired

	mu        sync.Mutex
	connected *link
}

func (r *room) radio() (bluetooth.Radio, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r, r.broken
}

func (r *room) use() func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		panic("the radio is used twice at once")
	}
	r.busy = true
	return func() { r.mu.Lock(); r.busy = false; r.mu.Unlock() }
}

func (r *room) Scan(ctx context.Context, found func(bluetooth.Advertisement)) error {
	defer r.use()()
	for {
		r.mu.Lock()
		var ads []bluetooth.Advertisement
		for address, w := range r.devices {
			a := bluetooth.Advertisement{Address: address, Name: w.name}
			for _, s := range w.services {
				a.Services = append(a.Services, bluetooth.UUID(s))
			}
			ads = append(ads, a)
		}
		r.mu.Unlock()
		for _, a := range ads {
			found(a)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (r *room) Connect(ctx context.Context, address string) (bluetooth.Peripheral, error) {
	defer r.use()()
	r.mu.Lock()
	w := r.devices[address]
	r.mu.Unlock()
	if w == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	l := &link{w: w, gone: make(chan struct{}), notified: map[string]func([]byte){}}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.connected = l
	return l, nil
}

// leave takes a device out of reach.
func (r *room) leave(address string) {
	r.mu.Lock()
	w := r.devices[address]
	delete(r.devices, address)
	r.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.connected != nil {
		close(w.connected.gone)
	}
}

// say notifies whoever has subscribed, and says whether anybody has.
func (w *wearable) say(c uint16, b ...byte) bool {
	w.mu.Lock()
	l := w.connected
	w.mu.Unlock()
	if l == nil {
		return false
	}
	l.mu.Lock()
	f := l.notified[bluetooth.UUID(c)]
	l.mu.Unlock()
	if f != nil {
		f(b)
	}
	return f != nil
}

type link struct {
	w    *wearable
	gone chan struct{}

	mu       sync.Mutex
	notified map[string]func([]byte)
	written  []string
	closed   bool
}

func (l *link) Has(c string) bool {
	if l.w.holds[c] != nil {
		return true
	}
	for _, m := range l.w.measures {
		if bluetooth.UUID(m) == c {
			return true
		}
	}
	return false
}

func (l *link) Read(c string) ([]byte, error) { return l.w.holds[c], nil }

func (l *link) Subscribe(c string, f func([]byte)) error {
	if l.w.refuses {
		return errors.New("insufficient authentication")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notified[c] = f
	return nil
}

// Write answers a request for all records as a glucose meter does, whose access
// point and results must be subscribed to first.
func (l *link) Write(c string, b []byte) error {
	l.mu.Lock()
	records, access := l.notified[bluetooth.UUID(0x2a18)], l.notified[bluetooth.UUID(0x2a52)]
	l.written = append(l.written, fmt.Sprintf("%s % x", c, b))
	l.mu.Unlock()
	if records == nil || access == nil {
		return errors.New("client characteristic configuration improperly configured")
	}
	// 5.5 mmol/L and 120 mg/dL of capillary blood, as the Glucose Service lays it out.
	records([]byte{0x06, 0x01, 0x00, 0xea, 0x07, 11, 22, 9, 30, 0, 0x37, 0xc0, 0x11})
	records([]byte{0x02, 0x02, 0x00, 0xea, 0x07, 11, 22, 9, 45, 0, 0x78, 0xb0, 0x11})
	access([]byte{0x06, 0x00, 0x01, 0x01})
	return nil
}

func (l *link) Gone() <-chan struct{} { return l.gone }

func (l *link) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	clear(l.notified)
	return nil
}

func config(r *room, only ...string) bluetooth.Config {
	return bluetooth.Config{
		Radio: r.radio, Only: only, Driver: "gatt",
		Services: []string{bluetooth.UUID(0x180d), bluetooth.UUID(0x1808)},
		Identify: []string{bluetooth.UUID(0x2a29), bluetooth.UUID(0x2a24)},
		Measure:  []string{bluetooth.UUID(0x2a37), bluetooth.UUID(0x2a18), bluetooth.UUID(0x2a52)},
		Ask:      []bluetooth.Request{{Characteristic: bluetooth.UUID(0x2a52), Bytes: gatt.ReportAll()}},
	}
}

const strapAt, meterAt, watchAt, headsetAt = "C0:00:00:00:00:01", "C0:00:00:00:00:02", "C0:00:00:00:00:03", "C0:00:00:00:00:04"

func crowd() *room {
	return &room{devices: map[string]*wearable{
		strapAt:   {name: "Strap", services: []uint16{0x180d}, measures: []uint16{0x2a37}, holds: map[string][]byte{bluetooth.UUID(0x2a29): []byte("Chestmaker")}},
		meterAt:   {name: "Meter", services: []uint16{0x1808}, measures: []uint16{0x2a18, 0x2a52}},
		watchAt:   {name: "Paired watch", services: []uint16{0x180d}, measures: []uint16{0x2a37}, refuses: true},
		headsetAt: {name: "Headset", services: []uint16{0x110b}},
	}}
}

// onAir runs f with a supervisor on the radio, on a virtual clock.
func onAir(t *testing.T, r *room, only []string, f func(*devices.Supervisor, *drivertest.Notes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		boot, notes := time.Now(), &drivertest.Notes{}
		ports := bluetooth.New(config(r, only...))
		s := devices.NewSupervisor(devices.Config{
			Ports: ports, Drivers: []devices.Driver{gatt.Driver{}}, Choices: notes, Handler: notes,
			Now: func() vital.Instant { return vital.Instant(time.Since(boot)) },
		})
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { s.Run(ctx) })
		defer func() {
			cancel()
			run.Wait()
			ports.Close()
		}()
		f(s, notes)
	})
}

func last(n *drivertest.Notes, s vital.Sign) string {
	text := ""
	for _, r := range n.Readings() {
		if r.Sign == s {
			text = r.String()
		}
	}
	return text
}

func state(s *devices.Supervisor, name string) devices.PortStatus {
	all, _ := s.Status()
	for _, p := range all {
		if p.Port.Name == name {
			return p
		}
	}
	return devices.PortStatus{}
}

func TestDevicesInReachAreReadAndMissedAndReadAgain(t *testing.T) {
	r := crowd()
	strap := r.devices[strapAt]
	onAir(t, r, nil, func(s *devices.Supervisor, n *drivertest.Notes) {
		time.Sleep(30 * time.Second)
		if !strap.say(0x2a37, 0x06, 72) {
			t.Fatal("nobody has subscribed to the strap")
		}
		time.Sleep(100 * time.Millisecond)
		if got := last(n, vital.HeartRate); got != "72 /min" {
			t.Errorf("heart rate %q", got)
		}
		if p := state(s, "bluetooth:"+strapAt); p.State != devices.Talking || p.Driver != "gatt" || p.Monitor.Make != "Chestmaker" {
			t.Errorf("%+v", p)
		}
		// The meter's records come by themselves, from its memory.
		var stored []string
		for _, x := range n.Readings() {
			if x.Sign == vital.Glucose {
				stored = append(stored, fmt.Sprintf("%v of %s stored %v", x, x.MonitorTime.Format("15:04"), x.Stored))
			}
		}
		if got := strings.Join(stored, ", "); got != "5.5 mmol/L of 09:30 stored true, 120 mg/dL of 09:45 stored true" {
			t.Errorf("the meter's memory: %s", got)
		}
		if p := state(s, "bluetooth:"+watchAt); p.State != devices.Failed || !strings.Contains(p.Do, "pair it") {
			t.Errorf("a watch that wants to be paired: %v, %q", p.State, p.Do)
		}
		if p := state(s, "bluetooth:"+headsetAt); p.Port.Name != "" {
			t.Errorf("a headset is a port: %+v", p)
		}

		r.leave(strapAt)
		time.Sleep(2 * time.Second)
		if got := last(n, vital.HeartRate); got != "disconnected" {
			t.Errorf("out of reach the heart rate is %q", got)
		}
		r.mu.Lock()
		r.devices[strapAt] = strap
		r.mu.Unlock()
		time.Sleep(30 * time.Second)
		strap.say(0x2a37, 0x06, 75)
		time.Sleep(100 * time.Millisecond)
		if got := last(n, vital.HeartRate); got != "75 /min" {
			t.Errorf("back in reach the heart rate is %q", got)
		}
	})
}

func TestOnlyTheDeviceThatWasNamedIsRead(t *testing.T) {
	r := crowd()
	onAir(t, r, []string{strings.ToLower(strapAt)}, func(s *devices.Supervisor, _ *drivertest.Notes) {
		time.Sleep(30 * time.Second)
		if all, _ := s.Status(); len(all) != 1 || all[0].Port.Name != "bluetooth:"+strapAt {
			t.Errorf("%+v", all)
		}
		if r.devices[meterAt].connected != nil {
			t.Error("another's meter was connected to")
		}
	})
}

func TestARadioThatIsOffSaysSoAndComesBack(t *testing.T) {
	r := crowd()
	r.broken = errors.New("adapter not powered")
	onAir(t, r, nil, func(s *devices.Supervisor, n *drivertest.Notes) {
		time.Sleep(10 * time.Second)
		if p := state(s, "bluetooth"); p.State != devices.Failed || !strings.Contains(p.Do, "Switch Bluetooth on") {
			t.Errorf("%v: %s. %s", p.State, p.Words, p.Do)
		}
		r.mu.Lock()
		r.broken = nil
		r.mu.Unlock()
		time.Sleep(40 * time.Second)
		r.devices[strapAt].say(0x2a37, 0x06, 72)
		time.Sleep(100 * time.Millisecond)
		if got := last(n, vital.HeartRate); got != "72 /min" {
			t.Errorf("heart rate %q once the radio is on", got)
		}
	})
}

func TestWithoutTheTagItSaysSo(t *testing.T) {
	if _, err := bluetooth.System(); !errors.Is(err, bluetooth.ErrNotBuilt) {
		t.Skipf("built with the tag: %v", err)
	}
}
