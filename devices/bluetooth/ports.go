package bluetooth

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/devices"
)

// Config is what [New] needs.
type Config struct {
	// Radio gives the radio when it is first needed, and again after it failed.
	Radio func() (Radio, error)
	// Only are the addresses of the devices to read; empty is every device in reach
	// that has one of Services, also a bystander's watch.
	Only []string
	// Driver is the name of the one that decodes the lines.
	Driver string
	// Services are those that are read. Identify are the characteristics that say who
	// the device is, and Measure those to subscribe to, in this order.
	Services, Identify, Measure []string
	// Ask are written after subscribing, where the device has the characteristic.
	Ask []Request
	// Now is the time; nil is [time.Now].
	Now func() time.Time
}

// A Request is bytes to write to a characteristic.
type Request struct {
	Characteristic string
	Bytes          []byte
}

// UUID is the whole UUID of one of the SIG's 16-bit numbers.
func UUID(n uint16) string { return fmt.Sprintf("0000%04x-0000-1000-8000-00805f9b34fb", n) }

const (
	prefix = "bluetooth:"
	// radioName is the port that is listed when the radio itself is the trouble.
	radioName = "bluetooth"
	// scanFor is how long a spell of scanning lasts, and pauseFor the time between
	// two, in which the radio serves those that are connected.
	scanFor, pauseFor = 5 * time.Second, 5 * time.Second
	// keepFor is how long a device stays listed that does not advertise. One that is
	// open stays.
	keepFor = 30 * time.Second
	// devicesMost bounds what a crowd's devices cost.
	devicesMost = 32
	// connectFor is how long connecting may take.
	connectFor = 20 * time.Second
	// linesWaiting is how many notifications may wait for the reader: two seconds of
	// a fast device's.
	linesWaiting = 256
)

// Ports are the devices in reach. Scanning begins when they are first listed, and
// ends with Close. It is safe for concurrent use.
type Ports struct {
	cfg   Config
	radio chan struct{} // held by whoever uses the radio

	mu      sync.Mutex
	started bool
	stop    context.CancelFunc
	ctx     context.Context
	pause   context.CancelFunc // ends the spell of scanning that goes on
	asking  int                // how many want the radio more than scanning does
	using   Radio
	err     error
	found   map[string]*device // by address
	work    sync.WaitGroup
}

type device struct {
	info devices.PortInfo
	seen time.Time
	open bool
}

// New prepares to look for devices. It touches no radio.
func New(cfg Config) *Ports {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p := &Ports{cfg: cfg, radio: make(chan struct{}, 1), found: map[string]*device{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

var _ devices.Ports = (*Ports)(nil)

// List is the devices that advertised of late or are open.
func (p *Ports) List(context.Context) ([]devices.PortInfo, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started && p.ctx.Err() == nil {
		p.started = true
		p.work.Go(p.scan)
	}
	var list []devices.PortInfo
	for address, d := range p.found {
		if !d.open && p.cfg.Now().Sub(d.seen) > keepFor {
			delete(p.found, address)
			continue
		}
		list = append(list, d.info)
	}
	slices.SortFunc(list, func(a, b devices.PortInfo) int { return cmp.Compare(a.Name, b.Name) })
	if p.err != nil {
		list = append(list, devices.PortInfo{Name: radioName, Product: "the Bluetooth radio", NoLine: true})
	}
	return list, nil
}

// scan looks for devices, a spell at a time, until Close.
func (p *Ports) scan() {
	for p.ctx.Err() == nil {
		p.mu.Lock()
		spell, pause := context.WithTimeout(p.ctx, scanFor)
		p.pause = pause
		if p.asking > 0 {
			pause()
		}
		p.mu.Unlock()
		err := p.spell(spell)
		pause()
		p.mu.Lock()
		if p.err = err; err != nil {
			p.using = nil // it may have been pulled: asked for anew
		}
		p.mu.Unlock()
		select {
		case <-p.ctx.Done():
		case <-time.After(pauseFor):
		}
	}
}

func (p *Ports) spell(ctx context.Context) error {
	select {
	case p.radio <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-p.radio }()
	radio, err := p.take()
	if err != nil {
		return err
	}
	return radio.Scan(ctx, p.see)
}

// take gives the radio. Caller holds radio.
func (p *Ports) take() (Radio, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.using == nil {
		radio, err := p.cfg.Radio()
		if err != nil {
			return nil, err
		}
		p.using = radio
	}
	return p.using, nil
}

// see notes what is advertised.
func (p *Ports) see(a Advertisement) {
	ours := slices.ContainsFunc(a.Services, func(s string) bool { return slices.Contains(p.cfg.Services, s) })
	named := slices.ContainsFunc(p.cfg.Only, func(only string) bool { return strings.EqualFold(only, a.Address) })
	if !named && (len(p.cfg.Only) > 0 || !ours) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.found[a.Address]
	if d == nil {
		if len(p.found) >= devicesMost {
			return
		}
		d = &device{info: devices.PortInfo{Name: prefix + a.Address, Product: a.Name, NoLine: true, Speaks: p.cfg.Driver}}
		p.found[a.Address] = d
	}
	d.seen = p.cfg.Now()
}

// Open connects to a device and subscribes to what it measures.
func (p *Ports) Open(ctx context.Context, name string, _ devices.Line) (devices.Port, error) {
	if name == radioName {
		return nil, p.trouble()
	}
	address := strings.TrimPrefix(name, prefix)
	p.mu.Lock()
	d := p.found[address]
	p.asking++
	if p.pause != nil {
		p.pause() // most radios cannot scan and connect at once
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.asking--
		p.mu.Unlock()
	}()
	if d == nil {
		return nil, &devices.Fault{Op: "open", Port: name, Err: devices.ErrGone, Do: "Switch the device on, near this station."}
	}
	select {
	case p.radio <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.radio }()
	radio, err := p.take()
	if err != nil {
		return nil, radioFault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectFor)
	defer cancel()
	far, err := radio.Connect(ctx, address)
	if err != nil {
		return nil, &devices.Fault{Op: "connect to", Port: name, Err: err, Do: "Bring the device near. If it must be paired, pair it with this computer first."}
	}
	port := &port{name: name, far: far, lines: make(chan []byte, linesWaiting), closed: make(chan struct{}), over: func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		d.open, d.seen = false, p.cfg.Now()
	}}
	if err := port.begin(p.cfg); err != nil {
		return nil, errors.Join(&devices.Fault{Op: "subscribe to", Port: name, Err: err, Do: "Switch the device off and on. If it must be paired, pair it with this computer first."}, far.Close())
	}
	p.mu.Lock()
	d.open = true
	p.mu.Unlock()
	return port, nil
}

func (p *Ports) trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return radioFault(p.err)
}

func radioFault(err error) error {
	f := &devices.Fault{Op: "use", Port: "the Bluetooth radio", Err: err, Do: "Switch Bluetooth on, and check that the system's Bluetooth service runs."}
	switch {
	case err == nil:
		f.Err = devices.ErrGone // it works by now: the next list says so
	case errors.Is(err, ErrNotBuilt):
		f.Do = "Use a program that was built with the tag bluetooth, or leave Bluetooth out of the settings."
	}
	return f
}

// Close ends the scanning, and waits.
func (p *Ports) Close() error {
	p.stop()
	p.work.Wait()
	return nil
}

// A port is a connected device.
type port struct {
	name   string
	far    Peripheral
	lines  chan []byte
	rest   []byte // of the line being read
	lost   bool
	mu     sync.Mutex // guards lost
	once   sync.Once
	closed chan struct{}
	over   func()
}

// begin says who the device is, subscribes to what it measures and asks.
func (p *port) begin(cfg Config) error {
	for _, c := range cfg.Identify {
		if !p.far.Has(c) {
			continue
		}
		if b, err := p.far.Read(c); err == nil { // one that will not say who it is can be read all the same
			p.line(c, b)
		}
	}
	measures := 0
	for _, c := range cfg.Measure {
		if !p.far.Has(c) {
			continue
		}
		if err := p.far.Subscribe(c, func(b []byte) { p.line(c, b) }); err != nil {
			return err
		}
		measures++
	}
	if measures == 0 {
		return errors.New("it measures nothing that is read here")
	}
	for _, r := range cfg.Ask {
		if !p.far.Has(r.Characteristic) {
			continue
		}
		if err := p.far.Write(r.Characteristic, r.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// line puts a payload in line. The radio's own goroutine calls it and must not wait:
// when nobody reads, the port fails, so that what is lost is a gap that shows.
func (p *port) line(characteristic string, b []byte) {
	if len(b) == 0 {
		return
	}
	text := append(hex.AppendEncode(append([]byte(characteristic), ' '), b), '\n')
	select {
	case p.lines <- text:
	default:
		p.mu.Lock()
		p.lost = true
		p.mu.Unlock()
	}
}

// Read waits for a line.
func (p *port) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		p.mu.Lock()
		lost := p.lost
		p.mu.Unlock()
		if lost {
			return 0, &devices.Fault{Op: "read", Port: p.name, Err: errors.New("it says more than this machine takes"), Do: ""}
		}
		select {
		case p.rest = <-p.lines:
			continue
		default:
		}
		select {
		case p.rest = <-p.lines:
		case <-p.far.Gone():
			return 0, &devices.Fault{Op: "read", Port: p.name, Err: devices.ErrGone, Do: "Bring the device near again."}
		case <-p.closed:
			return 0, &devices.Fault{Op: "read", Port: p.name, Err: devices.ErrGone, Do: ""}
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Write takes b and does nothing with it: what a device is asked is in [Config].
func (*port) Write(b []byte) (int, error) { return len(b), nil }

// Set changes nothing.
func (*port) Set(devices.Line) error { return nil }

// Close ends the connection.
func (p *port) Close() (err error) {
	p.once.Do(func() {
		close(p.closed)
		err = p.far.Close()
		p.over()
	})
	return err
}
