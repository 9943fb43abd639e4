package netport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/intellivue"
	"fieldkit/devices/netport"
	"fieldkit/triage/vital"
)

// clock is a station's, from now on.
func clock() func() vital.Instant {
	boot := time.Now()
	return func() vital.Instant { return vital.Instant(time.Since(boot)) }
}

// until waits for a condition, for as long as a machine under load may take.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// reads says how many measured readings of a sign there were since the first skip
// readings.
func reads(n *drivertest.Notes, s vital.Sign, skip int) (count int) {
	for _, r := range n.Readings()[skip:] {
		if _, ok := r.Value(); ok && r.Sign == s {
			count++
		}
	}
	return count
}

// indication reads what an IntelliVue says of itself.
func indication(b []byte) (netport.Announcement, bool) {
	i, ok := intellivue.ParseIndication(b)
	return netport.Announcement{Lasting: "mac:" + i.MAC, Product: i.Make + " " + i.Model, Port: i.Port}, ok
}

// A bedside is a simulated IntelliVue on loopback.
type bedside struct {
	line *netport.Monitor
	off  func()
}

// switchOn starts one on address that announces itself to announce.
func switchOn(t *testing.T, address, announce string, now func() vital.Instant) *bedside {
	t.Helper()
	line, err := netport.ListenMonitor(address, announce)
	if err != nil {
		t.Fatal(err)
	}
	m := intellivue.NewSimulator(true)
	m.Port = line.Port()
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = devices.Simulate(ctx, m, drivertest.Body{}, line, now) })
	b := &bedside{line: line, off: func() { cancel(); run.Wait() }}
	t.Cleanup(b.off)
	return b
}

// watch runs a supervisor on ports until the test ends.
func watch(t *testing.T, ports devices.Ports, notes *drivertest.Notes, now func() vital.Instant, drivers ...devices.Driver) *devices.Supervisor {
	t.Helper()
	s := devices.NewSupervisor(devices.Config{Ports: ports, Drivers: drivers, Choices: notes, Handler: notes, Now: now, ScanEvery: 20 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { s.Run(ctx) })
	t.Cleanup(func() { cancel(); run.Wait() })
	return s
}

// freeUDP is a UDP address that nobody has.
func freeUDP(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

func TestAnIntelliVueOnTheNetworkIsFoundReadAndFoundAgainAfterPowerCut(t *testing.T) {
	now, notes, announce := clock(), &drivertest.Notes{}, freeUDP(t)
	ports := netport.NewAnnounced(netport.AnnouncedConfig{Address: announce, Read: indication})
	defer ports.Close()
	s := watch(t, ports, notes, now, intellivue.Driver{})
	t.Cleanup(func() {
		if t.Failed() {
			st, err := s.Status()
			t.Logf("%+v %v", st, err)
		}
	})
	m := switchOn(t, "127.0.0.1:0", announce, now)
	until(t, "numbers and a trace", func() bool {
		return reads(notes, vital.HeartRate, 0) > 1 && reads(notes, vital.SpO2, 0) > 1 && notes.Samples() > 500
	})
	st, _ := s.Status()
	if len(st) != 1 || st[0].State != devices.Talking || st[0].Port.Lasting != "mac:020000000001" || st[0].Monitor.Serial != "DE00000001" || st[0].Counters.Bad != 0 {
		t.Errorf("%+v", st)
	}
	if c := notes.Choices()["mac:020000000001"]; c.Driver != "intellivue" {
		t.Errorf("remembered: %+v", notes.Choices())
	}

	m.off()
	until(t, "the monitor is missed", func() bool {
		all := notes.Readings()
		return all[len(all)-1].State() == vital.Disconnected
	})
	before := len(notes.Readings())
	switchOn(t, "127.0.0.1:0", announce, now) // it gets another address
	until(t, "numbers from its new address", func() bool { return reads(notes, vital.HeartRate, before) > 1 })
	until(t, "it is one monitor", func() bool {
		st, _ := s.Status()
		return len(slices.DeleteFunc(st, func(p devices.PortStatus) bool { return p.State == devices.Unplugged })) == 1
	})
}

func TestAnIntelliVueAtAnAddressGivenByHand(t *testing.T) {
	now, notes := clock(), &drivertest.Notes{}
	m := switchOn(t, "127.0.0.1:0", "", now)
	name := fmt.Sprintf("udp:127.0.0.1:%d", m.line.Port())
	s := watch(t, netport.Dialled{Addresses: []string{name}}, notes, now, intellivue.Driver{})
	until(t, "numbers", func() bool { return reads(notes, vital.HeartRate, 0) > 1 && notes.Samples() > 500 })
	st, _ := s.Status()
	if len(st) != 1 || st[0].Port.Name != name || st[0].Driver != "intellivue" || st[0].Counters.Bad != 0 {
		t.Errorf("%+v", st)
	}
}

// lossy loses datagrams on their way, both ways.
type lossy struct {
	devices.Ports
	mu   sync.Mutex
	n    int
	lose func(n int) bool
}

func (l *lossy) Open(ctx context.Context, name string, line devices.Line) (devices.Port, error) {
	p, err := l.Ports.Open(ctx, name, line)
	return &lossyPort{p, l}, err
}

type lossyPort struct {
	devices.Port
	of *lossy
}

func (p *lossyPort) lost() bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.of.n++
	return p.of.lose(p.of.n)
}

func (p *lossyPort) Read(b []byte) (int, error) {
	for {
		n, err := p.Port.Read(b)
		if err != nil || !p.lost() {
			return n, err
		}
	}
}

func (p *lossyPort) Write(b []byte) (int, error) {
	if p.lost() {
		return len(b), nil
	}
	return p.Port.Write(b)
}

func TestALostRequestIsAskedAgain(t *testing.T) {
	// The first datagrams are the request to associate, its answer, the monitor's
	// announcement, our answer, and the requests for numbers, waves and alarms.
	for lost := 1; lost <= 7; lost++ {
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			t.Parallel()
			now, notes := clock(), &drivertest.Notes{}
			m := switchOn(t, "127.0.0.1:0", "", now)
			ports := &lossy{Ports: netport.Dialled{Addresses: []string{fmt.Sprintf("udp:127.0.0.1:%d", m.line.Port())}}, lose: func(n int) bool { return n == lost }}
			watch(t, ports, notes, now, intellivue.Driver{})
			until(t, "numbers and a trace", func() bool { return reads(notes, vital.HeartRate, 0) > 1 && notes.Samples() > 500 })
		})
	}
}

func TestMonitorsInventedByAFloodAreBounded(t *testing.T) {
	now := time.Unix(0, 0)
	announce := freeUDP(t)
	var mu sync.Mutex
	ports := netport.NewAnnounced(netport.AnnouncedConfig{
		Address: announce,
		Read: func(b []byte) (netport.Announcement, bool) {
			return netport.Announcement{Lasting: string(b), Port: 24105}, string(b) != "noise"
		},
		Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now },
	})
	defer ports.Close()
	list := func() int {
		l, err := ports.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(l)
	}
	list()
	c, err := net.Dial("udp", announce)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n := 0
	until(t, "as many as are taken", func() bool {
		n++
		fmt.Fprintf(c, "monitor %d", n)
		fmt.Fprint(c, "noise")
		return list() == 64
	})
	for i := range 100 {
		fmt.Fprintf(c, "one more %d", i)
	}
	fmt.Fprint(c, "monitor 1")
	if got := list(); got != 64 {
		t.Errorf("%d monitors are listed", got)
	}
	mu.Lock()
	now = now.Add(time.Hour)
	mu.Unlock()
	if got := list(); got != 0 {
		t.Errorf("%d monitors are listed that nobody has heard for an hour", got)
	}
}

func TestAnAddressThatIsTakenIsAPortThatSaysSo(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	announced := netport.NewAnnounced(netport.AnnouncedConfig{Address: c.LocalAddr().String(), Read: indication})
	defer announced.Close()
	accepted := netport.NewAccepted(netport.AcceptedConfig{Address: l.Addr().String()})
	defer accepted.Close()
	for _, ports := range []devices.Ports{announced, accepted} {
		list, err := ports.List(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v; want one port", list, err)
		}
		_, err = ports.Open(t.Context(), list[0].Name, devices.Line{})
		f := (*devices.Fault)(nil)
		if !errors.Is(err, devices.ErrBusy) || !errors.As(err, &f) || !strings.Contains(f.Do, "other program") {
			t.Errorf("%s: %v", list[0].Name, err)
		}
	}
}

func TestAnnouncementsInAMonitorsNameDoNotMoveItWhileItSpeaks(t *testing.T) {
	now, notes, announce := clock(), &drivertest.Notes{}, freeUDP(t)
	ports := netport.NewAnnounced(netport.AnnouncedConfig{Address: announce, Read: indication})
	defer ports.Close()
	s := watch(t, ports, notes, now, intellivue.Driver{})
	m := switchOn(t, "127.0.0.1:0", announce, now)
	until(t, "numbers", func() bool { return reads(notes, vital.HeartRate, 0) > 1 })
	// The same name from another address: a simulated one whom nobody answers.
	other := switchOn(t, "127.0.0.1:0", announce, now)
	before := len(notes.Readings())
	until(t, "more numbers", func() bool { return reads(notes, vital.HeartRate, before) > 3 })
	st, _ := s.Status()
	want := fmt.Sprintf("udp:127.0.0.1:%d", m.line.Port())
	if len(st) != 1 || st[0].Port.Name != want {
		t.Errorf("%d ports, the first %+v; want %s alone and not :%d", len(st), st[0].Port, want, other.line.Port())
	}
}
