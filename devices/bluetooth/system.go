//go:build bluetooth

package bluetooth

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	tiny "tinygo.org/x/bluetooth"
)

// System is the machine's radio, switched on.
func System() (Radio, error) {
	a := tiny.DefaultAdapter
	if err := a.Enable(); err != nil {
		return nil, fmt.Errorf("switch the radio on: %w", err)
	}
	return &adapter{Adapter: a, addresses: map[string]tiny.Address{}}, nil
}

type adapter struct {
	*tiny.Adapter
	mu        sync.Mutex
	addresses map[string]tiny.Address // of what was found
}

// addressesMost bounds what is remembered of a crowd's devices.
const addressesMost = 4096

// Scan implements Radio.
func (a *adapter) Scan(ctx context.Context, found func(Advertisement)) error {
	stop := context.AfterFunc(ctx, func() { _ = a.StopScan() }) // not scanning yet is no harm: each result looks again
	defer stop()
	err := a.Adapter.Scan(func(t *tiny.Adapter, r tiny.ScanResult) {
		if ctx.Err() != nil {
			_ = t.StopScan() // stopped already
			return
		}
		address := r.Address.String()
		a.mu.Lock()
		if len(a.addresses) >= addressesMost {
			clear(a.addresses)
		}
		a.addresses[address] = r.Address
		a.mu.Unlock()
		ad := Advertisement{Address: address, Name: r.LocalName()}
		for _, u := range r.ServiceUUIDs() {
			ad.Services = append(ad.Services, strings.ToLower(u.String()))
		}
		found(ad)
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Connect implements Radio. The library has a limit of its own on how long it waits.
func (a *adapter) Connect(_ context.Context, address string) (Peripheral, error) {
	a.mu.Lock()
	at, known := a.addresses[address]
	a.mu.Unlock()
	if !known {
		return nil, fmt.Errorf("connect to %s: it was not found", address)
	}
	d, err := a.Adapter.Connect(at, tiny.ConnectionParams{})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	p := &peripheral{device: d, has: map[string]*tiny.DeviceCharacteristic{}, gone: make(chan struct{}), done: make(chan struct{})}
	if err := p.discover(); err != nil {
		_ = d.Disconnect() // the first error is the one to tell
		return nil, fmt.Errorf("ask %s what it measures: %w", address, err)
	}
	p.work.Go(p.watch)
	return p, nil
}

type peripheral struct {
	device     tiny.Device
	has        map[string]*tiny.DeviceCharacteristic
	subscribed []*tiny.DeviceCharacteristic
	gone, done chan struct{}
	once       sync.Once
	work       sync.WaitGroup
}

func (p *peripheral) discover() error {
	services, err := p.device.DiscoverServices(nil)
	if err != nil {
		return err
	}
	for _, s := range services {
		all, err := s.DiscoverCharacteristics(nil)
		if err != nil {
			return err
		}
		for _, c := range all {
			p.has[strings.ToLower(c.UUID().String())] = &c
		}
	}
	return nil
}

// watch looks each second whether the device is still connected.
func (p *peripheral) watch() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		if connected, err := p.device.Connected(); err != nil || !connected {
			close(p.gone)
			return
		}
	}
}

// Has implements Peripheral.
func (p *peripheral) Has(c string) bool { return p.has[c] != nil }

// Read implements Peripheral.
func (p *peripheral) Read(c string) ([]byte, error) {
	b := make([]byte, 512)
	n, err := p.has[c].Read(b)
	return b[:min(n, len(b))], err
}

// Write implements Peripheral.
func (p *peripheral) Write(c string, b []byte) error {
	_, err := p.has[c].Write(b)
	return err
}

// Subscribe implements Peripheral.
func (p *peripheral) Subscribe(c string, notified func([]byte)) error {
	p.subscribed = append(p.subscribed, p.has[c])
	return p.has[c].EnableNotifications(notified)
}

// Gone implements Peripheral.
func (p *peripheral) Gone() <-chan struct{} { return p.gone }

// Close implements Peripheral.
func (p *peripheral) Close() (err error) {
	p.once.Do(func() {
		close(p.done)
		for _, c := range p.subscribed {
			_ = c.EnableNotifications(nil) // it ends with the connection in any case
		}
		err = p.device.Disconnect()
		p.work.Wait()
	})
	return err
}
