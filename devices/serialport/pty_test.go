//go:build unix

package serialport_test

import (
	"context"
	"flag"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
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

// waitFor waits until the last reading of s has the text want.
func waitFor(t *testing.T, n *drivertest.Notes, s vital.Sign, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for _, r := range slices.Backward(n.Readings()) {
			if r.Sign == s {
				got = r.String()
				break
			}
		}
		if got == want {
			return
		}
	}
	t.Fatalf("%s is %q, want %q", s.Info().Label, got, want)
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
	notes := &drivertest.Notes{}
	s := devices.NewSupervisor(devices.Config{
		Ports:   serialport.Ports{Only: true, Extra: []string{host.Name}},
		Drivers: []devices.Driver{nonin.Driver{}},
		Choices: notes, Handler: notes, Now: now,
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

	waitFor(t, notes, vital.SpO2, "97 %")
	waitFor(t, notes, vital.PulseRate, "300 /min")
	// Its first answer may be lost on a busy machine: it is asked again after 5 s.
	who := notes.Monitors()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && (who[len(who)-1].Serial == "" || notes.Samples() == 0); time.Sleep(5 * time.Millisecond) {
		who = notes.Monitors()
	}
	if w := who[len(who)-1]; w.Driver != "nonin" || w.Serial != "501234567" || notes.Samples() == 0 {
		t.Errorf("monitor %+v, %d samples; want nonin 501234567 switched to format 7", w, notes.Samples())
	}
	body.mu.Lock()
	body.off = true
	body.mu.Unlock()
	waitFor(t, notes, vital.SpO2, "probe off")
	before := time.Now()
	unplug()
	waitFor(t, notes, vital.SpO2, "disconnected")
	t.Logf("unplugging is noticed after %v", time.Since(before).Round(time.Millisecond))
	waitFor(t, notes, vital.PulseRate, "disconnected")
	if c := notes.Choices()["port:"+host.Name]; c.Driver != "nonin" || c.Line.String() != "9600 8N1" {
		t.Errorf("remembered %+v", c)
	}
}

var cycles = flag.Int("cycles", 100, "how often the pseudo-terminals are unplugged and plugged in again; 1000 for a soak")

// extra is a changing list of pseudo-terminals.
type extra struct {
	mu    sync.Mutex
	names []string
	devices.Ports
}

func (e *extra) set(names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.names = names
}

func (e *extra) List(ctx context.Context) ([]devices.PortInfo, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return serialport.Ports{Only: true, Extra: e.names}.List(ctx)
}

func TestSixteenPseudoTerminalsComeAndGoAndLeaveNothing(t *testing.T) {
	const ports = 16
	now, notes := clock(), &perPort{}
	list := &extra{Ports: serialport.Ports{}}
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	s := devices.NewSupervisor(devices.Config{Ports: list, Drivers: []devices.Driver{nonin.Driver{}}, Choices: notes, Handler: notes, Now: now, ScanEvery: 20 * time.Millisecond})
	run.Go(func() { s.Run(ctx) })
	time.Sleep(50 * time.Millisecond)
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range *cycles {
		notes.forget()
		var sims sync.WaitGroup
		plugged, unplug := context.WithCancel(ctx)
		var names []string
		for range ports {
			line, err := serialport.OpenPty()
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, line.Name)
			sims.Go(func() { _ = devices.Simulate(plugged, nonin.NewSimulator(nonin.Text), &steady{}, line, now) })
		}
		list.set(names)
		until(t, "all read", func() bool { return notes.ports("97 %") == ports })
		unplug()
		list.set(nil)
		sims.Wait()
		until(t, "all disconnected", func() bool { return notes.ports("disconnected") == ports })
		if n := notes.repeats(); n > 0 {
			t.Fatalf("monitors were said to be disconnected %d times with nothing read between", n)
		}
	}
	until(t, "nothing left", func() bool { return runtime.NumGoroutine() <= goroutines && openFiles(t) <= files })
	t.Logf("%d cycles of %d pseudo-terminals: %d goroutines and %d files before, %d and %d after", *cycles, ports, goroutines, files, runtime.NumGoroutine(), openFiles(t))
	stop()
	run.Wait()
}

// perPort counts SpO2 readings by port and text.
type perPort struct {
	drivertest.Notes
	mu    sync.Mutex
	count map[string]map[string]int
	last  map[string]string // of each port
	again int               // how often a port said twice on end that it was disconnected
}

func (p *perPort) Reading(from devices.PortInfo, r vital.Reading) {
	if r.Sign != vital.SpO2 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count == nil {
		p.count, p.last = make(map[string]map[string]int), make(map[string]string)
	}
	if p.count[from.Name] == nil {
		p.count[from.Name] = make(map[string]int)
	}
	p.count[from.Name][r.String()]++
	if r.String() == "disconnected" && p.last[from.Name] == "disconnected" {
		p.again++
	}
	p.last[from.Name] = r.String()
}

// ports says how many ports have given the text.
func (p *perPort) ports(text string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, texts := range p.count {
		if texts[text] > 0 {
			n++
		}
	}
	return n
}

// repeats is how often a port was said to be disconnected that was so already. A
// machine too busy to speak for its monitors may lose one and find it again.
func (p *perPort) repeats() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.again
}

func (p *perPort) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count, p.last, p.again = nil, nil, 0
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%s: not within 20 s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("needs /proc to count open files")
	}
	return len(list)
}

// arrivals notes when readings are handed over.
type arrivals struct {
	drivertest.Notes
	at chan time.Time
}

func (a *arrivals) Reading(_ devices.PortInfo, r vital.Reading) {
	if r.Sign == vital.SpO2 && r.State() == vital.Measured {
		a.at <- time.Now()
	}
}

// BenchmarkLastByteToReading writes text lines to a pseudo-terminal and takes the
// time from the write of a line's last byte to the reading in the handler's hands.
func BenchmarkLastByteToReading(b *testing.B) {
	line, err := serialport.OpenPty()
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var run sync.WaitGroup
	a := &arrivals{at: make(chan time.Time, 16)}
	s := devices.NewSupervisor(devices.Config{
		Ports:   serialport.Ports{Only: true, Extra: []string{line.Name}},
		Drivers: []devices.Driver{nonin.Driver{}}, Choices: a, Handler: a, Now: clock(),
	})
	run.Go(func() { s.Run(ctx) })
	defer run.Wait()
	defer stop()
	defer line.Close()
	say := func(text string) {
		if _, err := line.Write([]byte(text)); err != nil {
			b.Fatal(err)
		}
	}
	for found := false; !found; {
		say("SPO2=097 HR=072\r\n")
		select {
		case <-a.at:
			found = true
		case <-time.After(100 * time.Millisecond):
		}
	}
	time.Sleep(200 * time.Millisecond)
	for len(a.at) > 0 {
		<-a.at
	}
	var took []time.Duration
	for b.Loop() {
		say("SPO2=097 HR=072\r")
		start := time.Now()
		say("\n")
		took = append(took, (<-a.at).Sub(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
}
