package netport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"fieldkit/devices"
)

// An Announcement is what a monitor says of itself to all.
type Announcement struct {
	Lasting string // see [devices.PortInfo]; "" when it says nothing lasting
	Product string // what it calls itself
	Port    int    // on which it can be reached, on the address the announcement came from
}

// AnnouncedConfig is what [NewAnnounced] needs.
type AnnouncedConfig struct {
	// Address is the UDP address to listen on, host:port. Without a host it is every
	// network, and Groups on each.
	Address string
	Groups  []netip.Addr // multicast groups to which monitors announce themselves
	// Read reads an announcement; false for anything else. It keeps nothing of b.
	Read func(b []byte) (Announcement, bool)
	// Now is the time; nil is [time.Now].
	Now func() time.Time
}

const (
	announcedPrefix = "announcements:"
	// monitorsMost is above what any crew's network has, and bounds what a flood of
	// invented announcements costs.
	monitorsMost = 64
	// keepFor is how long a monitor stays listed of which nothing is heard.
	keepFor = 2 * time.Minute
	// speaksFor is how long a monitor that has said something counts as speaking: it
	// then has one address, whatever else is announced in its name.
	speaksFor = 5 * time.Second
	// networksEvery is how often it is looked whether there are new networks.
	networksEvery = 5 * time.Second
	announceMost  = 2048 // bytes of an announcement
)

// Announced are the monitors that announce themselves. It begins to listen when it
// is first listed, and ends with Close. It is safe for concurrent use.
type Announced struct {
	cfg AnnouncedConfig

	mu       sync.Mutex
	closed   bool
	err      error // why it cannot listen
	looked   time.Time
	sockets  map[string]*net.UDPConn // by network
	readers  sync.WaitGroup
	monitors map[string]*announced // by lasting identity, else by name
}

type announced struct {
	info  devices.PortInfo
	heard time.Time // anything of it, announced or said to us
	spoke time.Time // to us
	last  []byte    // its announcement
	open  *announcedPort
}

// NewAnnounced prepares to listen. It opens nothing.
func NewAnnounced(cfg AnnouncedConfig) *Announced {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Announced{cfg: cfg, sockets: map[string]*net.UDPConn{}, monitors: map[string]*announced{}}
}

// List is the monitors heard of late.
func (a *Announced) List(context.Context) ([]devices.PortInfo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listen()
	var list []devices.PortInfo
	for key, m := range a.monitors {
		if a.cfg.Now().Sub(m.heard) > keepFor {
			delete(a.monitors, key)
			continue
		}
		list = append(list, m.info)
	}
	slices.SortFunc(list, func(x, y devices.PortInfo) int { return cmp.Compare(x.Name, y.Name) })
	if a.err != nil {
		list = append(list, devices.PortInfo{Name: announcedPrefix + a.cfg.Address, Product: "monitors that announce themselves", NoLine: true})
	}
	return list, nil
}

// listen opens what is not open yet. Caller holds mu.
func (a *Announced) listen() {
	now := a.cfg.Now()
	if a.closed || !a.looked.IsZero() && now.Sub(a.looked) < networksEvery {
		return
	}
	a.looked = now
	host, port, err := net.SplitHostPort(a.cfg.Address)
	number, bad := strconv.Atoi(port)
	if a.err = errors.Join(err, bad); a.err != nil {
		return
	}
	if host != "" {
		if a.sockets[host] != nil {
			return
		}
		var address *net.UDPAddr
		if address, a.err = net.ResolveUDPAddr("udp", a.cfg.Address); a.err != nil {
			return
		}
		var c *net.UDPConn
		if c, a.err = net.ListenUDP("udp", address); a.err == nil {
			a.read(host, c)
		}
		return
	}
	networks, err := net.Interfaces()
	if a.err = err; err != nil {
		return
	}
	// Each is a socket on all addresses that shares its port with others, as several
	// stations on one machine must; so broadcasts come to it too, from any network.
	for _, n := range networks {
		if n.Flags&net.FlagUp == 0 || n.Flags&net.FlagMulticast == 0 {
			continue
		}
		for _, group := range a.cfg.Groups {
			key := n.Name + " " + group.String()
			if a.sockets[key] != nil {
				continue
			}
			c, err := net.ListenMulticastUDP("udp4", &n, &net.UDPAddr{IP: group.AsSlice(), Port: number})
			if err == nil {
				a.read(key, c)
			} else if len(a.sockets) == 0 {
				a.err = err
			}
		}
	}
	if len(a.sockets) > 0 {
		a.err = nil // a network that cannot be listened on is no trouble while another can
	}
}

// read starts to read c. Caller holds mu.
func (a *Announced) read(key string, c *net.UDPConn) {
	a.sockets[key] = c
	a.readers.Go(func() {
		b := make([]byte, announceMost)
		for {
			n, from, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				a.mu.Lock()
				if a.sockets[key] == c {
					delete(a.sockets, key) // opened anew when it is next looked for networks
				}
				a.mu.Unlock()
				c.Close()
				return
			}
			a.take(b[:n], from)
		}
	})
}

// take notes an announcement.
func (a *Announced) take(b []byte, from netip.AddrPort) {
	said, ok := a.cfg.Read(b)
	if !ok || said.Port <= 0 || said.Port > 65535 {
		return
	}
	address := netip.AddrPortFrom(from.Addr().Unmap(), uint16(said.Port)).String()
	info := devices.PortInfo{Name: udpPrefix + address, Product: said.Product, NoLine: true, Datagrams: true, Lasting: said.Lasting}
	key := cmp.Or(said.Lasting, info.Name)
	a.mu.Lock()
	m := a.monitors[key]
	now := a.cfg.Now()
	switch {
	case m == nil && len(a.monitors) >= monitorsMost:
		a.mu.Unlock()
		return
	case m == nil:
		m = &announced{info: info}
		a.monitors[key] = m
	case m.info.Name != info.Name && now.Sub(m.spoke) < speaksFor:
		a.mu.Unlock()
		return // it speaks to us from where it was: this is somebody else
	case m.info.Name != info.Name:
		m.info.Name, m.last = info.Name, nil
	}
	m.heard = now
	m.last = append(m.last[:0], b...)
	open := m.open
	a.mu.Unlock()
	if open != nil {
		open.announce(b)
	}
}

// Open reaches the monitor called name. What it announced is read first, and again
// whenever it announces itself: it does so only to nobody in particular, so that it
// has forgotten us.
func (a *Announced) Open(ctx context.Context, name string, _ devices.Line) (devices.Port, error) {
	if strings.HasPrefix(name, announcedPrefix) {
		a.mu.Lock()
		defer a.mu.Unlock()
		return nil, listenFault("listen for monitors on", a.cfg.Address, a.err)
	}
	conn, err := dialUDP(ctx, name, strings.TrimPrefix(name, udpPrefix))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range a.monitors {
		if m.info.Name != name {
			continue
		}
		p := &announcedPort{datagrams: conn, of: a, monitor: m, said: make(chan []byte, 1), got: make(chan []byte), closed: make(chan struct{})}
		p.announce(m.last)
		m.open = p
		p.reader.Go(p.read)
		return p, nil
	}
	return nil, errors.Join(&devices.Fault{Op: "open", Port: name, Err: devices.ErrGone, Do: "Switch the monitor on and check that it is on the network."}, conn.Close())
}

// listenFault says why an address cannot be listened on.
func listenFault(op, address string, err error) error {
	f := &devices.Fault{Op: op, Port: address, Err: err, Do: "Check the network, and the address in the station's settings."}
	switch {
	case err == nil:
		f.Err = devices.ErrGone // it can be by now: the next list says so
	case errors.Is(err, syscall.EADDRINUSE):
		f.Err, f.Do = fmt.Errorf("%w (%w)", devices.ErrBusy, err), "Close the other program that listens there."
	case errors.Is(err, syscall.EACCES):
		f.Err, f.Do = fmt.Errorf("%w (%w)", devices.ErrDenied, err), "Choose a port number above 1023, on the monitors too."
	}
	return f
}

// Close ends all listening, and waits.
func (a *Announced) Close() error {
	a.mu.Lock()
	a.closed = true
	var errs []error
	for _, c := range a.sockets {
		errs = append(errs, c.Close())
	}
	clear(a.sockets)
	a.mu.Unlock()
	a.readers.Wait()
	return errors.Join(errs...)
}

// An announcedPort is a UDP port whose monitor's announcements are read too.
type announcedPort struct {
	*datagrams
	of      *Announced
	monitor *announced
	said    chan []byte // announced, the last only
	got     chan []byte // sent to us; closed when reading has failed
	failed  error       // why, valid once got is closed
	reader  sync.WaitGroup
	once    sync.Once
	closed  chan struct{}
}

func (p *announcedPort) read() {
	defer close(p.got)
	b := make([]byte, 1<<16)
	for {
		n, err := p.datagrams.Read(b)
		if err != nil {
			p.failed = err
			return
		}
		p.of.mu.Lock()
		p.monitor.heard = p.of.cfg.Now()
		p.monitor.spoke = p.monitor.heard
		p.of.mu.Unlock()
		select {
		case p.got <- slices.Clone(b[:n]):
		case <-p.closed:
			p.failed = net.ErrClosed
			return
		}
	}
}

// announce puts b before the reader, unless one waits there already.
func (p *announcedPort) announce(b []byte) {
	select {
	case p.said <- slices.Clone(b):
	default:
	}
}

// Read waits for a datagram or an announcement.
func (p *announcedPort) Read(b []byte) (int, error) {
	select {
	case said := <-p.said:
		return copy(b, said), nil
	case got, ok := <-p.got:
		if !ok {
			return 0, p.failed
		}
		return copy(b, got), nil
	}
}

// Close ends the reading and waits for it.
func (p *announcedPort) Close() error {
	err := error(nil)
	p.once.Do(func() {
		p.of.mu.Lock()
		if p.monitor.open == p {
			p.monitor.open = nil
		}
		p.of.mu.Unlock()
		close(p.closed)
		err = p.datagrams.Close()
		p.reader.Wait()
	})
	return err
}
