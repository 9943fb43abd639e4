package lab

import (
	"container/heap"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// ErrMayNot reports that this process may not make network namespaces.
var ErrMayNot = errors.New("needs root: run it as root, or in `unshare --user --map-root-user --net`")

// A Lab is a small net of hosts. Its methods may be called from any goroutine.
type Lab struct {
	began time.Time
	seed  uint64

	mu      sync.Mutex
	hosts   []*Host
	flights flights
	number  uint64
	wake    chan struct{}
	closed  chan struct{}
	end     func() error
	work    sync.WaitGroup
}

// New makes an empty lab. Losses are drawn from seed. Close it.
func New(seed uint64) (*Lab, error) {
	if err := may(); err != nil {
		return nil, err
	}
	l := &Lab{began: time.Now(), seed: seed, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	l.end = sync.OnceValue(l.close)
	l.work.Go(l.pump)
	return l, nil
}

// Began is when the lab's time was zero.
func (l *Lab) Began() time.Time { return l.began }

func (l *Lab) now() time.Duration { return time.Since(l.began) }

// A Host is one machine in the lab.
type Host struct {
	Name string

	lab       *Lab
	space     *namespace
	device    io.ReadWriteCloser // the TUN device
	processes []*Process         // guarded by lab.mu, as is what follows
	address   netip.Addr
	cut       bool
	up, down  way
	carried   Carried
	border    border
	tap       func(sent bool, packet []byte)
}

// mostHosts fit the addresses.
const mostHosts = 250

// Carried counts what a host's link did.
type Carried struct {
	Packets, Bytes, Dropped int // that the host sent
}

// Host adds a host behind link. Addresses are 10.77.0.1, .2 and so on.
func (l *Lab) Host(name string, link Link) (*Host, error) {
	l.mu.Lock()
	n := len(l.hosts)
	l.mu.Unlock()
	if n == mostHosts {
		return nil, fmt.Errorf("make host %s: a lab holds %d", name, mostHosts)
	}
	h := &Host{Name: name, lab: l, address: netip.AddrFrom4([4]byte{10, 77, 0, byte(n) + 1})}
	h.up.draw = rand.New(rand.NewPCG(l.seed, uint64(2*n)))
	h.down.draw = rand.New(rand.NewPCG(l.seed, uint64(2*n+1)))
	h.up.link, h.down.link = link, link
	var err error
	if h.space, h.device, err = newNamespace(h.address); err != nil {
		return nil, fmt.Errorf("make host %s: %w", name, err)
	}
	l.mu.Lock()
	l.hosts = append(l.hosts, h)
	l.mu.Unlock()
	l.work.Go(h.read)
	return h, nil
}

// Address is the host's address now.
func (h *Host) Address() string {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	return h.address.String()
}

// Move gives the host another address, as when a tablet goes from one access point
// to the next. When without is 0 the new one is there before the old one goes;
// otherwise the host has none for that long. Packets for the old one go nowhere.
func (h *Host) Move(to string, without time.Duration) error {
	address, err := netip.ParseAddr(to)
	if err != nil {
		return fmt.Errorf("move %s: %w", h.Name, err)
	}
	h.lab.mu.Lock()
	old := h.address
	h.lab.mu.Unlock()
	if without > 0 {
		err = h.space.do(func() error { return removeAddress(old) })
		h.readdress(netip.Addr{})
		time.Sleep(without)
	}
	if err == nil {
		err = h.space.do(func() error { return addAddress(address) })
	}
	h.readdress(address)
	if err == nil && without == 0 {
		err = h.space.do(func() error { return removeAddress(old) })
	}
	if err != nil {
		return fmt.Errorf("move %s: %w", h.Name, err)
	}
	return nil
}

func (h *Host) readdress(to netip.Addr) {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	h.address = to
}

// Set changes the host's link from now on.
func (h *Host) Set(link Link) {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	h.up.link, h.down.link = link, link
}

// Cut lets nothing pass until Heal.
func (h *Host) Cut() { h.setCut(true) }

// Heal ends a Cut.
func (h *Host) Heal() { h.setCut(false) }

func (h *Host) setCut(cut bool) {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	h.cut = cut
}

// Count is what the host's link did so far.
func (h *Host) Count() Carried {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	return h.carried
}

// Tap has f called with every packet that the host sends, also those that are lost
// on the way, and with every one that comes to it. F must not block, keep the packet
// or call the lab. Nil ends it.
func (h *Host) Tap(f func(sent bool, packet []byte)) {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	h.tap = f
}

// Do runs f on a thread inside the host's namespace: sockets that f itself opens
// belong to the host for good. Goroutines that f starts do not run there.
func (h *Host) Do(f func() error) error { return h.space.do(f) }

// A Process is a real process on a host.
type Process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
}

// Start starts cmd on the host. It dies with the lab, even when this process is
// killed.
func (h *Host) Start(cmd *exec.Cmd) (*Process, error) {
	owned(cmd)
	if err := h.space.do(cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s on %s: %w", cmd.Path, h.Name, err)
	}
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	go func() { // ends with the process, which Close ends
		p.err = cmd.Wait()
		close(p.ended)
	}()
	h.lab.mu.Lock()
	h.processes = append(h.processes, p)
	h.lab.mu.Unlock()
	return p, nil
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Wait waits for the end of the process and returns how it ended.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Stop asks the process to end, and kills it and all it started after limit.
func (p *Process) Stop(limit time.Duration) error {
	interrupt(p.cmd)
	select {
	case <-p.ended:
		killGroup(p.cmd)
		return nil
	case <-time.After(limit):
		killGroup(p.cmd)
		<-p.ended
		return fmt.Errorf("stop %s: it did not end in %v", p.cmd.Path, limit)
	}
}

// Close kills every process, and takes every host away. It may be called again.
func (l *Lab) Close() error { return l.end() }

func (l *Lab) close() error {
	l.mu.Lock()
	hosts := slices.Clone(l.hosts)
	l.mu.Unlock()
	var errs []error
	for _, h := range hosts {
		l.mu.Lock()
		processes := h.processes
		l.mu.Unlock()
		for _, p := range processes {
			killGroup(p.cmd)
			<-p.ended
		}
		errs = append(errs, h.device.Close())
		h.space.close()
	}
	close(l.closed)
	l.work.Wait()
	return errors.Join(errs...)
}

// read carries what the host sends to the pump until its device is closed.
func (h *Host) read() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := h.device.Read(buffer)
		if err != nil {
			return
		}
		if n < 20 || buffer[0]>>4 != 4 {
			continue // IPv6's own noise
		}
		h.lab.enter(h, slices.Clone(buffer[:n]))
	}
}

// enter takes a packet that h sent onto its link.
func (l *Lab) enter(h *Host, packet []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h.carried.Packets++
	h.carried.Bytes += len(packet)
	if h.tap != nil {
		h.tap(true, packet)
	}
	if h.down.link.Only == DialsOut {
		h.border.leaves(packet)
	}
	at, ok := h.up.pass(l.now(), len(packet))
	if !ok || h.cut || !h.up.link.Only.lets(packet) {
		h.carried.Dropped++
		return
	}
	l.push(flight{at: at, packet: packet, from: h})
}

// push adds a flight. The caller holds mu.
func (l *Lab) push(f flight) {
	l.number++
	f.number = l.number
	heap.Push(&l.flights, f)
	if l.flights[0].number == f.number {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// pump moves each packet on when its time has come.
func (l *Lab) pump() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		l.mu.Lock()
		next := time.Hour
		for len(l.flights) > 0 {
			if next = l.flights[0].at - l.now(); next > 0 {
				break
			}
			l.land(heap.Pop(&l.flights).(flight))
			next = time.Hour
		}
		l.mu.Unlock()
		timer.Reset(next)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-l.closed:
			return
		}
	}
}

// land takes a packet that came to the middle of the net onto its receiver's
// link, and one that came to its receiver in. The caller holds mu.
func (l *Lab) land(f flight) {
	if f.to != nil {
		if f.to.tap != nil {
			f.to.tap(false, f.packet)
		}
		_, _ = f.to.device.Write(f.packet) // a full device drops, as a card does
		return
	}
	to := netip.AddrFrom4([4]byte(f.packet[16:20]))
	for _, h := range l.hosts {
		if h.address != to && (!to.IsMulticast() || h == f.from) {
			continue
		}
		at, ok := h.down.pass(max(f.at, 0), len(f.packet))
		if h.border.apart == f.from || h.down.link.Only == DialsOut && !h.border.enters(f.packet) {
			continue
		}
		if ok && !h.cut && h.down.link.Only.lets(f.packet) {
			l.push(flight{at: at, packet: f.packet, from: f.from, to: h})
		}
	}
}

// A flight is a packet under way: to the middle of the net, then to its receiver.
type flight struct {
	at     time.Duration
	number uint64 // packets of one moment keep their order
	packet []byte
	from   *Host
	to     *Host // nil on the way to the middle
}

type flights []flight

func (f flights) Len() int { return len(f) }
func (f flights) Less(i, j int) bool {
	if f[i].at != f[j].at {
		return f[i].at < f[j].at
	}
	return f[i].number < f[j].number
}
func (f flights) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flights) Push(x any)   { *f = append(*f, x.(flight)) }
func (f *flights) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}
