package lab

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
)

func newLab(t *testing.T, seed uint64) *Lab {
	t.Helper()
	l, err := New(seed)
	if errors.Is(err, ErrMayNot) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *Lab) mustHost(t *testing.T, name string, link Link) *Host {
	t.Helper()
	h, err := l.Host(name, link)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// socket is a UDP socket of h's on port 9000.
func socket(t *testing.T, h *Host) net.PacketConn {
	t.Helper()
	var conn net.PacketConn
	err := h.Do(func() (err error) {
		conn, err = net.ListenPacket("udp4", "0.0.0.0:9000")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func send(t *testing.T, from net.PacketConn, to *Host, number int) {
	t.Helper()
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 80), uint32(number))
	if _, err := from.WriteTo(b[:80], &net.UDPAddr{IP: net.ParseIP(to.Address()), Port: 9000}); err != nil {
		t.Fatal(err)
	}
}

// arrivals reads what comes until nothing has for quiet.
func arrivals(conn net.PacketConn, quiet time.Duration) map[int]time.Time {
	got := map[int]time.Time{}
	b := make([]byte, 1500)
	for {
		conn.SetReadDeadline(time.Now().Add(quiet))
		if _, _, err := conn.ReadFrom(b); err != nil {
			return got
		}
		got[int(binary.BigEndian.Uint32(b))] = time.Now()
	}
}

func TestPacketsTakeTheirTimeAndSomeAreLost(t *testing.T) {
	const packets, share = 2000, 0.1
	l := newLab(t, 5)
	a := l.mustHost(t, "ambulance", Link{Delay: 50 * time.Millisecond, Loss: share})
	b := l.mustHost(t, "hospital", Link{})
	from, to := socket(t, a), socket(t, b)
	sent := make([]time.Time, packets)
	got := make(chan map[int]time.Time)
	go func() { got <- arrivals(to, time.Second) }()
	for i := range packets {
		sent[i] = time.Now()
		send(t, from, b, i)
		time.Sleep(200 * time.Microsecond)
	}
	arrived := <-got
	if lost := 1 - float64(len(arrived))/packets; math.Abs(lost-share) > five(share, packets) {
		t.Errorf("%.3f were lost, want %v", lost, share)
	}
	var took []time.Duration
	for i, at := range arrived {
		took = append(took, at.Sub(sent[i]))
	}
	slices.Sort(took)
	if took[0] < 50*time.Millisecond { // how much more it was is the machine's
		t.Errorf("a packet took %v", took[0])
	}
	t.Logf("%d of %d arrived, after %v, median %v, at most %v", len(took), packets, took[0], took[len(took)/2], took[len(took)-1])
}

func TestCutHealMoveAndFirewall(t *testing.T) {
	l := newLab(t, 1)
	a, b := l.mustHost(t, "clinic", Link{}), l.mustHost(t, "hospital", Link{})
	from, to := socket(t, a), socket(t, b)
	for i, step := range []struct {
		what   string
		do     func() error
		passes bool
	}{
		{"at first", func() error { return nil }, true},
		{"cut", func() error { b.Cut(); return nil }, false},
		{"healed", func() error { b.Heal(); return nil }, true},
		{"the sender cut", func() error { a.Cut(); return nil }, false},
		{"the sender healed", func() error { a.Heal(); return nil }, true},
		{"UDP shut", func() error { a.Set(Link{Only: NoUDP}); return nil }, false},
		{"open", func() error { a.Set(Link{}); return nil }, true},
		{"the receiver at another address", func() error { return b.Move("10.77.1.9", 0) }, true},
		{"the sender at another address", func() error { return a.Move("10.77.1.10", 50*time.Millisecond) }, true},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		send(t, from, b, i)
		_, ok := arrivals(to, 300*time.Millisecond)[i]
		for end := time.Now().Add(time.Minute); step.passes && !ok && time.Now().Before(end); {
			_, ok = arrivals(to, 300*time.Millisecond)[i]
		}
		if ok != step.passes {
			t.Errorf("%s: passes is %v", step.what, ok)
		}
	}
	if c := a.Count(); c.Packets < 6 || c.Dropped < 1 {
		t.Errorf("counted %+v", c)
	}
}

func TestAMulticastReachesAllOthers(t *testing.T) {
	l := newLab(t, 1)
	group := [4]byte{224, 0, 0, 251}
	seen := make(chan string, 100)
	var hosts []*Host
	for _, name := range []string{"ambulance", "clinic", "hospital"} {
		h := l.mustHost(t, name, Link{})
		h.Tap(func(sent bool, packet []byte) {
			if [4]byte(packet[16:20]) == group && packet[9] == 17 { // UDP; the kernel's own noise is not
				select {
				case seen <- fmt.Sprint(name, " sent ", sent):
				default:
				}
			}
		})
		hosts = append(hosts, h)
	}
	from := socket(t, hosts[0])
	err := hosts[0].Do(func() error {
		device, err := net.InterfaceByName("radio0")
		if err != nil {
			return err
		}
		return ipv4.NewPacketConn(from).SetMulticastInterface(device)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.WriteTo([]byte("who is there?"), &net.UDPAddr{IP: group[:], Port: 5353}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		select {
		case s := <-seen:
			got = append(got, s)
		case <-time.After(time.Minute):
			t.Fatalf("only %q", got)
		}
	}
	slices.Sort(got)
	if want := []string{"ambulance sent true", "clinic sent false", "hospital sent false"}; !slices.Equal(got, want) {
		t.Errorf("%q, wanted %q", got, want)
	}
}

func TestARateOnARealLink(t *testing.T) {
	l := newLab(t, 1)
	a := l.mustHost(t, "ambulance", Link{Rate: 86_400, Queue: 500 * time.Millisecond}) // 108 bytes with headers take 10 ms
	b := l.mustHost(t, "hospital", Link{})
	from, to := socket(t, a), socket(t, b)
	began := time.Now()
	for i := range 200 {
		send(t, from, b, i)
	}
	arrived := arrivals(to, time.Second)
	if n := len(arrived); n < 51 || n > 60 { // one under way, 500 ms waiting, a few drained while sending
		t.Errorf("%d of 200 at once fitted the queue", n)
	}
	var last time.Time
	for _, at := range arrived {
		if at.After(last) {
			last = at
		}
	}
	if took, least := last.Sub(began), time.Duration(len(arrived))*10*time.Millisecond; took < least {
		t.Errorf("%d packets came in %v, the rate allows %v", len(arrived), took, least)
	}
}

func TestProcessesLiveOnTheirHostAndDieWithTheLab(t *testing.T) {
	l := newLab(t, 1)
	h := l.mustHost(t, "ambulance", Link{})
	cmd := exec.Command("/bin/sh", "-c", "cat /proc/self/net/dev; sleep 1000 & wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for lines := bufio.NewScanner(out); len(names) < 4 && lines.Scan(); {
		names = append(names, strings.Fields(lines.Text())[0])
	}
	if !slices.Contains(names, "radio0:") || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "eth") }) {
		t.Errorf("it sees the devices %q", names)
	}
	if err := p.Stop(5 * time.Second); err != nil {
		t.Error(err)
	}
	again := exec.Command("/bin/sleep", "1000")
	p, err = h.Start(again)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if p.Wait() == nil {
		t.Error("the process ended by itself")
	}
	if _, err := os.Stat("/sys/class/net/radio0"); err == nil {
		t.Error("the machine has our device")
	}
}
