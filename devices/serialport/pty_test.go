package serialport_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/nonin"
	"fieldkit/devices/serialport"
	"fieldkit/triage/vital"
)

// steady is a patient whose signs do not change.
type steady struct {
	mu  sync.Mutex
	off bool
}

func (p *steady) Reading(s vital.Sign, _ vital.Instant) vital.Reading {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return vital.None(s, vital.ProbeOff)
	}
	switch s {
	case vital.SpO2:
		return vital.Of(s, vital.Int(97))
	case vital.PulseRate:
		return vital.Of(s, vital.Int(300))
	}
	return vital.None(s, vital.NotMeasured)
}

func (p *steady) Sample(vital.Lead, vital.Instant) (float64, bool) { return 50, true }

// desk keeps what a supervisor said.
type desk struct {
	mu       sync.Mutex
	readings []vital.Reading
	samples  int
	alarms   []devices.Alarm
	who      vital.Provenance
	choices  map[string]devices.Choice
}

func (d *desk) Reading(_ devices.PortInfo, r vital.Reading) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readings = append(d.readings, r)
}

func (d *desk) Waveform(_ devices.PortInfo, w vital.Waveform) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.samples += len(w.Samples)
}

func (d *desk) Alarm(_ devices.PortInfo, a devices.Alarm) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.alarms = append(d.alarms, a)
}

func (d *desk) Monitor(_ devices.PortInfo, p vital.Provenance) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.who = p
}

func (d *desk) Changed(devices.PortInfo) {}

func (d *desk) Choice(id string) (devices.Choice, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.choices[id]
	return c, ok
}

func (d *desk) Keep(id string, c devices.Choice) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.choices == nil {
		d.choices = make(map[string]devices.Choice)
	}
	d.choices[id] = c
	return nil
}

// wait waits for ok to hold of the last reading of s.
func (d *desk) wait(t *testing.T, s vital.Sign, ok func(vital.Reading) bool) vital.Reading {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		d.mu.Lock()
		for i := len(d.readings) - 1; i >= 0; i-- {
			if r := d.readings[i]; r.Sign == s {
				if ok(r) {
					d.mu.Unlock()
					return r
				}
				break
			}
		}
		d.mu.Unlock()
	}
	t.Fatalf("no such reading of sign %d; status follows", s)
	return vital.Reading{}
}

func clock() func() vital.Instant {
	boot := time.Now()
	return func() vital.Instant { return vital.Instant(time.Since(boot)) }
}

func TestAnOximeterOnAPseudoTerminalIsFoundReadAndMissed(t *testing.T) {
	host, err := serialport.OpenPty()
	if err != nil {
		t.Fatal(err)
	}
	now := clock()
	body := &steady{}
	ctx, stop := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	simulated, unplug := context.WithCancel(ctx)
	parts.Go(func() { _ = devices.Simulate(simulated, nonin.NewSimulator(nonin.DF8), body, host, now) })
	d := &desk{}
	s := devices.NewSupervisor(devices.Config{
		Ports:   serialport.Ports{Only: true, Extra: []string{host.Name}},
		Drivers: []devices.Driver{nonin.Driver{}},
		Choices: d, Handler: d, Now: now,
	})
	parts.Go(func() { s.Run(ctx) })
	defer parts.Wait()
	defer stop()
	defer func() {
		if t.Failed() {
			st, err := s.Status()
			t.Logf("%+v %v", st, err)
		}
	}()

	is := func(text string) func(vital.Reading) bool {
		return func(r vital.Reading) bool { return r.String() == text }
	}
	d.wait(t, vital.SpO2, is("97 %"))
	d.wait(t, vital.PulseRate, is("300 /min"))
	body.mu.Lock()
	body.off = true
	body.mu.Unlock()
	d.wait(t, vital.SpO2, is("probe off"))
	unplug()
	d.wait(t, vital.SpO2, is("disconnected"))
	d.wait(t, vital.PulseRate, is("disconnected"))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.who.Driver != "nonin" || d.who.Serial != "501234567" || d.samples == 0 {
		t.Errorf("monitor %+v, %d samples; want nonin 501234567 switched to format 7", d.who, d.samples)
	}
	if c := d.choices["port:"+host.Name]; c.Driver != "nonin" || c.Line.String() != "9600 8N1" {
		t.Errorf("remembered %+v", c)
	}
}
