package drivertest

import (
	"context"
	"io"
	"sync"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Heard is what a UART set to rx makes of b sent without a pause on a line set to
// tx. It samples the true waveform: start bit, data with the lowest bit first,
// parity, stop bits, idle high before and after. As Linux does, a byte whose
// parity or stop bit is wrong reads as 0 when parity is checked, and as it is when
// it is not.
func Heard(b []byte, tx, rx devices.Line) []byte {
	if tx.Baud == rx.Baud && tx.DataBits == rx.DataBits && tx.Parity == rx.Parity {
		return b
	}
	wave := levels(b, tx)
	// Times are in bits of the sender.
	ratio := float64(tx.Baud) / float64(rx.Baud)
	end := float64(len(wave))
	level := func(at float64) byte {
		if at >= end {
			return 1
		}
		return wave[int(at)]
	}
	var heard []byte
	for at := 0.0; at < end; {
		if level(at) == 1 { // idle: on to the next edge
			at = float64(int(at) + 1)
			continue
		}
		if level(at+ratio/2) == 1 {
			at = float64(int(at) + 1) // a spike, shorter than half a start bit
			continue
		}
		c, ones := byte(0), 0
		mid := at + 1.5*ratio
		for bit := range rx.DataBits {
			v := level(mid)
			c |= v << bit
			ones += int(v)
			mid += ratio
		}
		wrong := false
		if rx.Parity != devices.NoParity {
			ones += int(level(mid))
			mid += ratio
			wrong = (ones%2 == 1) != (rx.Parity == devices.OddParity)
		}
		stop := level(mid)
		if wrong = wrong || stop == 0; wrong && rx.Parity != devices.NoParity {
			c = 0
		}
		heard = append(heard, c)
		at = mid
		for at < end && level(at) == 0 { // after a wrong stop bit, wait for idle
			at = float64(int(at) + 1)
		}
	}
	return heard
}

// levels is the line's level in each bit time.
func levels(b []byte, l devices.Line) []byte {
	var wave []byte
	for _, c := range b {
		wave = append(wave, 0)
		ones := 0
		for bit := range l.DataBits {
			v := c >> bit & 1
			ones += int(v)
			wave = append(wave, v)
		}
		switch l.Parity {
		case devices.EvenParity:
			wave = append(wave, byte(ones%2))
		case devices.OddParity:
			wave = append(wave, byte(1-ones%2))
		}
		for range l.StopBits {
			wave = append(wave, 1)
		}
	}
	return wave
}

// A Wire is a set of simulated ports for a Supervisor. Its clock is the time
// package's: in a testing/synctest bubble it is virtual. Plug and Unplug may be
// called at any time.
type Wire struct {
	mu     sync.Mutex
	boot   time.Time
	socket map[string]*socket
	opened int
}

type socket struct {
	info devices.PortInfo
	line devices.Line
	new  func() devices.Simulator
	body devices.Body
	open *wirePort
	mute bool
	err  error
}

// NewWire is a set of no ports.
func NewWire() *Wire { return &Wire{boot: time.Now(), socket: make(map[string]*socket)} }

// Now is the time since the wire was made.
func (w *Wire) Now() vital.Instant { return vital.Instant(time.Since(w.boot)) }

// Plug plugs a monitor, set to line, into the port. Each opening starts the
// monitor anew.
func (w *Wire) Plug(info devices.PortInfo, line devices.Line, monitor func() devices.Simulator, body devices.Body) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket[info.Name] = &socket{info: info, line: line, new: monitor, body: body}
}

// Unplug takes the port away.
func (w *Wire) Unplug(name string) {
	w.mu.Lock()
	var open *wirePort
	if s := w.socket[name]; s != nil {
		open = s.open
	}
	delete(w.socket, name)
	w.mu.Unlock()
	if open != nil {
		open.die(devices.ErrGone)
	}
}

// Mute cuts the monitor's transmit line, or mends it.
func (w *Wire) Mute(name string, mute bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket[name].mute = mute
}

// Refuse makes opening the port fail with err, until err is nil.
func (w *Wire) Refuse(name string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket[name].err = err
}

// OpenPorts says how many ports are open now.
func (w *Wire) OpenPorts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.opened
}

// List is the ports plugged in.
func (w *Wire) List(context.Context) ([]devices.PortInfo, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []devices.PortInfo
	for _, s := range w.socket {
		list = append(list, s.info)
	}
	return list, nil
}

// Open opens a port and starts its monitor.
func (w *Wire) Open(_ context.Context, name string, l devices.Line) (devices.Port, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.socket[name]
	switch {
	case s == nil:
		return nil, &devices.Fault{Op: "open", Port: name, Err: devices.ErrGone}
	case s.err != nil:
		return nil, &devices.Fault{Op: "open", Port: name, Err: s.err}
	case s.open != nil:
		return nil, &devices.Fault{Op: "open", Port: name, Err: devices.ErrBusy}
	}
	p := &wirePort{wire: w, socket: s, rx: l, sent: make(chan []byte, 16), done: make(chan struct{})}
	p.cond = sync.NewCond(&p.mu)
	s.open = p
	w.opened++
	p.monitor.Go(p.run)
	return p, nil
}

// A wirePort is the host's end of one line.
type wirePort struct {
	wire    *Wire
	socket  *socket
	sent    chan []byte // by the host, as the monitor hears it
	done    chan struct{}
	monitor sync.WaitGroup

	mu    sync.Mutex
	cond  *sync.Cond
	rx    devices.Line
	heard []byte
	err   error
}

// run is the monitor: it speaks at its own times, and each lump of bytes arrives
// when its last bit has.
func (p *wirePort) run() {
	m := p.socket.new()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-p.done:
			return
		case b := <-p.sent:
			m.Receive(p.wire.Now(), b)
		case <-timer.C:
		}
		now := p.wire.Now()
		send, again := m.Poll(now, p.socket.body)
		if len(send) > 0 {
			bits := 1 + p.socket.line.DataBits + p.socket.line.StopBits
			time.Sleep(time.Duration(len(send)*bits) * time.Second / time.Duration(p.socket.line.Baud))
			p.wire.mu.Lock()
			mute := p.socket.mute
			p.wire.mu.Unlock()
			if !mute {
				p.mu.Lock()
				p.heard = append(p.heard, Heard(send, p.socket.line, p.rx)...)
				p.cond.Broadcast()
				p.mu.Unlock()
			}
		}
		timer.Reset(max(again.Sub(p.wire.Now()), 0))
	}
}

// Read waits for bytes.
func (p *wirePort) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.heard) == 0 && p.err == nil {
		p.cond.Wait()
	}
	if len(p.heard) > 0 {
		n := copy(b, p.heard)
		p.heard = p.heard[n:]
		return n, nil
	}
	return 0, p.err
}

// Write sends b to the monitor, which hears it on its own setting.
func (p *wirePort) Write(b []byte) (int, error) {
	p.mu.Lock()
	heard, err := append([]byte(nil), Heard(b, p.rx, p.socket.line)...), p.err
	p.mu.Unlock()
	if err != nil {
		return 0, err
	}
	select {
	case p.sent <- heard:
		return len(b), nil
	case <-p.done:
		return 0, io.ErrClosedPipe
	}
}

// Set changes the host's setting.
func (p *wirePort) Set(l devices.Line) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rx = l
	return nil
}

// die ends reading and writing with err.
func (p *wirePort) die(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
		p.cond.Broadcast()
	}
}

// Close ends the line and its monitor.
func (p *wirePort) Close() error {
	p.die(io.ErrClosedPipe)
	p.wire.mu.Lock()
	if p.socket.open == p {
		p.socket.open = nil
		p.wire.opened--
		close(p.done)
	}
	p.wire.mu.Unlock()
	p.monitor.Wait()
	return nil
}
