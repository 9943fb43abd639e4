package netport_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/hl7"
	"fieldkit/devices/netport"
	"fieldkit/triage/vital"
)

// refused keeps why connections were not taken.
type refused struct {
	mu  sync.Mutex
	why []string
}

func (r *refused) note(_ netip.Addr, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = append(r.why, why)
}

func (r *refused) count(why string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.why {
		if strings.Contains(w, why) {
			n++
		}
	}
	return n
}

// accept listens on loopback for monitors with HL7.
func accept(t *testing.T) (ports *netport.Accepted, address string, r *refused) {
	t.Helper()
	r = &refused{}
	ports = netport.NewAccepted(netport.AcceptedConfig{Address: "127.0.0.1:0", Kind: "mllp", Who: hl7.Sender, Refused: r.note})
	t.Cleanup(func() { ports.Close() })
	if list, err := ports.List(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("%v, %v", list, err)
	}
	return ports, ports.Addr().String(), r
}

// names are the ports listed.
func names(t *testing.T, p devices.Ports) (all []string) {
	t.Helper()
	list, err := p.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		all = append(all, i.Name)
	}
	return all
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// bedsideHL7 is a simulated monitor that connects, and what it hears back.
type bedsideHL7 struct {
	*hl7.Simulator
	mu    sync.Mutex
	heard bytes.Buffer
}

func (m *bedsideHL7) Receive(_ vital.Instant, b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard.Write(b)
}

func (m *bedsideHL7) acknowledged() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Count(m.heard.String(), "\rMSA|CA|")
}

func TestMonitorsThatConnectAreReadAndAnsweredAndMissed(t *testing.T) {
	now, notes := clock(), &drivertest.Notes{}
	ports, address, _ := accept(t)
	s := watch(t, ports, notes, now, hl7.Driver{})
	var monitors []*bedsideHL7
	var off []func()
	for _, d := range []hl7.Dialect{hl7.Mindray, hl7.GE, hl7.Comen} {
		m := &bedsideHL7{Simulator: hl7.NewSimulator(d)}
		m.Every = 100 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		line, began := dial(t, address), now()
		run.Go(func() {
			_ = devices.Simulate(ctx, m, drivertest.Body{}, line, func() vital.Instant { return now() - began })
		})
		off = append(off, func() { cancel(); run.Wait() })
		monitors = append(monitors, m)
	}
	t.Cleanup(func() {
		for _, f := range off {
			f()
		}
	})
	talking := func() (n int) {
		all, _ := s.Status()
		for _, p := range all {
			if p.State == devices.Talking && p.Driver == "hl7" && p.Counters.Frames > 3 && p.Counters.Bad == 0 {
				n++
			}
		}
		return n
	}
	until(t, "three monitors speak", func() bool { return talking() == 3 })
	until(t, "each is answered", func() bool {
		for _, m := range monitors {
			if m.acknowledged() < 4 {
				return false
			}
		}
		return true
	})
	want := "mllp:127.0.0.1 Comen COMEN_SIM"
	if got := names(t, ports); len(got) != 3 || got[0] != want {
		t.Errorf("%v", got)
	}
	off[0]()
	until(t, "the first is unplugged", func() bool {
		all, _ := s.Status()
		for _, p := range all {
			if p.State == devices.Unplugged && strings.Contains(p.Port.Name, "MINDRAY") {
				return true
			}
		}
		return false
	})
	if talking() != 2 {
		t.Error("the other two do not speak any more")
	}
}

const hello = "\x0bMSH|^~\\&|MON^%d|MAKE|||20260101120000||ORU^R01^ORU_R01|1|P|2.6\r"

func TestALaterConnectionOfAMonitorTakesThePlaceOfTheFormer(t *testing.T) {
	ports, address, _ := accept(t)
	former := dial(t, address)
	fmt.Fprintf(former, hello, 1)
	until(t, "it is listed", func() bool { return len(names(t, ports)) == 1 })
	name := names(t, ports)[0]
	first, err := ports.Open(t.Context(), name, devices.Line{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ports.Open(t.Context(), name, devices.Line{}); err == nil {
		t.Error("a connection can be had twice")
	}
	later := dial(t, address)
	fmt.Fprintf(later, hello+"later", 1)
	b := make([]byte, 8192)
	until(t, "the former ends", func() bool { _, err := first.Read(b); return err != nil })
	first.Close()
	if got := names(t, ports); len(got) != 1 || got[0] != name {
		t.Fatalf("%v; want %s still", got, name)
	}
	second, err := ports.Open(t.Context(), name, devices.Line{})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	// What it said to introduce itself is read again, and what follows.
	heard := make([]byte, len(fmt.Sprintf(hello+"later", 1)))
	if _, err := io.ReadFull(second, heard); err != nil || !strings.HasSuffix(string(heard), "later") || heard[0] != 0x0b {
		t.Errorf("%q, %v", heard, err)
	}
	later.Close()
	if _, err := second.Read(b); err == nil || len(names(t, ports)) != 0 {
		t.Errorf("after it hung up: %v, %v", err, names(t, ports))
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	ports, address, r := accept(t)
	// What is no message is refused at once.
	web := dial(t, address)
	fmt.Fprint(web, "GET / HTTP/1.1\r\n\r\n")
	until(t, "a browser is refused", func() bool { return r.count("not what is expected") == 1 })
	// So is a message whose head never ends.
	endless := dial(t, address)
	fmt.Fprint(endless, "\x0bMSH|^~\\&|"+strings.Repeat("x", 8000))
	until(t, "an endless head is refused", func() bool { return r.count("it did not say who it is") == 1 })
	// Sixteen may be silent.
	for range 17 {
		dial(t, address)
	}
	until(t, "the seventeenth silent connection is refused", func() bool { return r.count("too many connections") == 1 })
	ports.Close()

	ports, address, r = accept(t)
	for i := range 65 {
		fmt.Fprintf(dial(t, address), hello, i)
		until(t, "it is listed or refused", func() bool { return len(names(t, ports)) == min(i+1, 64) && r.count("too many monitors") == i/64 })
	}
}
