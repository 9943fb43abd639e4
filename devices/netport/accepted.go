package netport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/devices"
)

// AcceptedConfig is what [NewAccepted] needs.
type AcceptedConfig struct {
	Address string // TCP, host:port; without a host it is every network
	Kind    string // what the ports are called: "mllp" gives "mllp:10.0.0.7 GE Healthcare"
	// Who reads from the first bytes of a connection who speaks, in words without
	// anything of a patient; more says that it needs more bytes. With neither the
	// connection is refused.
	Who func(first []byte) (who string, more bool)
	// Refused is told of a connection that was not taken; nil is nobody.
	Refused func(peer netip.Addr, why string)
}

const (
	acceptPrefix = "connections:"
	// introduceFor is how long a connection may take to say who it is: longer than
	// any monitor's time between messages.
	introduceFor = 2 * time.Minute
	// introduceMost is how much of it is kept to find that out.
	introduceMost = 4096
	// strangersMost is how many connections may be about to say who they are. With
	// monitorsMost it bounds all connections.
	strangersMost = 16
)

// Accepted are the monitors that connect to us. It begins to listen when it is
// first listed, and ends with Close. It is safe for concurrent use.
type Accepted struct {
	cfg AcceptedConfig

	mu        sync.Mutex
	closed    bool
	listener  net.Listener
	err       error // why it cannot listen
	strangers map[net.Conn]bool
	ports     map[string]*accepted // by name
	work      sync.WaitGroup
}

// NewAccepted prepares to listen. It opens nothing.
func NewAccepted(cfg AcceptedConfig) *Accepted {
	return &Accepted{cfg: cfg, strangers: map[net.Conn]bool{}, ports: map[string]*accepted{}}
}

// List is the monitors that are connected and have said who they are.
func (a *Accepted) List(context.Context) ([]devices.PortInfo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listen()
	var list []devices.PortInfo
	for name := range a.ports {
		list = append(list, devices.PortInfo{Name: name, NoLine: true})
	}
	slices.SortFunc(list, func(x, y devices.PortInfo) int { return cmp.Compare(x.Name, y.Name) })
	if a.err != nil {
		list = append(list, devices.PortInfo{Name: acceptPrefix + a.cfg.Address, Product: "monitors that connect to this station", NoLine: true})
	}
	return list, nil
}

// Addr is where it listens; nil while it does not.
func (a *Accepted) Addr() net.Addr {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listener == nil {
		return nil
	}
	return a.listener.Addr()
}

// listen opens the address if it is not open. Caller holds mu.
func (a *Accepted) listen() {
	if a.closed || a.listener != nil {
		return
	}
	config := net.ListenConfig{KeepAliveConfig: alive}
	l, err := config.Listen(context.Background(), "tcp", a.cfg.Address)
	if a.err = err; err != nil {
		return
	}
	a.listener = l
	a.work.Go(func() { a.accept(l) })
}

func (a *Accepted) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		a.mu.Lock()
		switch {
		case err != nil && (a.closed || !temporary(err)):
			if a.listener == l {
				a.listener = nil // tried anew with the next list
			}
			a.mu.Unlock()
			l.Close()
			return
		case err != nil:
			a.mu.Unlock()
			time.Sleep(100 * time.Millisecond) // no more files for now
			continue
		case a.closed:
			a.mu.Unlock()
			c.Close()
			continue
		case len(a.strangers) >= strangersMost:
			a.mu.Unlock()
			a.refuse(c, "too many connections have not said who they are")
			continue
		}
		a.strangers[c] = true
		a.work.Go(func() { a.introduce(c) })
		a.mu.Unlock()
	}
}

// temporary says that accepting may work again by waiting: too many open files.
func temporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

func (a *Accepted) refuse(c net.Conn, why string) {
	c.Close()
	if a.cfg.Refused != nil {
		a.cfg.Refused(peerOf(c), why)
	}
}

func peerOf(c net.Conn) netip.Addr {
	if from, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		return from.Addr().Unmap()
	}
	return netip.Addr{}
}

// introduce waits until the connection has said who it is, and lists it.
func (a *Accepted) introduce(c net.Conn) {
	first, who, why := a.ask(c)
	a.mu.Lock()
	delete(a.strangers, c)
	if a.closed {
		a.mu.Unlock()
		c.Close()
		return
	}
	var former *accepted
	if why == "" {
		name := a.cfg.Kind + ":" + peerOf(c).String() + " " + who
		former = a.ports[name]
		if former == nil && len(a.ports) >= monitorsMost {
			why = "too many monitors are connected"
		} else {
			a.ports[name] = &accepted{stream: &stream{Conn: c, name: name}, of: a, first: first}
		}
	}
	a.mu.Unlock()
	if former != nil {
		former.stream.Conn.Close()
	}
	if why != "" {
		a.refuse(c, why)
	}
}

// ask reads until it is known who speaks.
func (a *Accepted) ask(c net.Conn) (first []byte, who, why string) {
	if err := c.SetReadDeadline(time.Now().Add(introduceFor)); err != nil {
		return nil, "", err.Error()
	}
	first = make([]byte, 0, introduceMost)
	for len(first) < introduceMost {
		n, err := c.Read(first[len(first):introduceMost])
		first = first[:len(first)+n]
		if who, more := a.cfg.Who(first); who != "" {
			if err := c.SetReadDeadline(time.Time{}); err != nil {
				return nil, "", err.Error()
			}
			return first, who, ""
		} else if !more {
			return nil, "", "what it says is not what is expected here"
		}
		if err != nil {
			return nil, "", fmt.Sprintf("it did not say who it is: %v", err)
		}
	}
	return nil, "", "it did not say who it is"
}

// Open hands over the connection called name. It can be had once: when it is
// closed, the monitor connects again.
func (a *Accepted) Open(_ context.Context, name string, _ devices.Line) (devices.Port, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.HasPrefix(name, acceptPrefix) {
		return nil, listenFault("listen for monitors on", a.cfg.Address, a.err)
	}
	p := a.ports[name]
	if p == nil || p.taken {
		return nil, &devices.Fault{Op: "open", Port: name, Err: devices.ErrGone, Do: "Wait until the monitor connects again."}
	}
	p.taken = true
	return p, nil
}

// Close ends all listening and all connections, and waits.
func (a *Accepted) Close() error {
	a.mu.Lock()
	a.closed = true
	var errs []error
	if a.listener != nil {
		errs = append(errs, a.listener.Close())
	}
	for c := range a.strangers {
		c.Close() // its reader says what became of it
	}
	for _, p := range a.ports {
		p.stream.Conn.Close() // likewise
	}
	a.mu.Unlock()
	a.work.Wait()
	return errors.Join(errs...)
}

// An accepted is a monitor's connection. Its first bytes are read again by whoever
// opens it.
type accepted struct {
	*stream
	of    *Accepted
	first []byte
	taken bool // guarded by of's lock
}

// Read waits for bytes.
func (p *accepted) Read(b []byte) (int, error) {
	if len(p.first) > 0 {
		n := copy(b, p.first)
		p.first = p.first[n:]
		return n, nil
	}
	n, err := p.stream.Read(b)
	if err != nil {
		p.forget()
	}
	return n, err
}

// Close ends the connection.
func (p *accepted) Close() error {
	p.forget()
	return p.stream.Close()
}

// forget takes the connection from the list, unless a later one has its place.
func (p *accepted) forget() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.of.ports[p.name] == p {
		delete(p.of.ports, p.name)
	}
}
