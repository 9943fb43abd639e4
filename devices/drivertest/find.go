package drivertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Subject is a driver with its monitors.
type Subject struct {
	Driver   devices.Driver
	Monitors []Monitor
}

// What recognition may take.
const (
	medianMost = 10 * time.Second
	worstMost  = 30 * time.Second
)

// Find plugs every monitor of every subject, set to each of its driver's lines,
// into a simulated wire with all drivers watching, on a virtual clock. Each must
// be recognised, as itself and on its own setting. It prints the times.
func Find(t *testing.T, subjects []Subject) {
	t.Helper()
	var drivers []devices.Driver
	for _, s := range subjects {
		drivers = append(drivers, s.Driver)
	}
	var took []time.Duration
	for _, s := range subjects {
		for _, m := range s.Monitors {
			lines := s.Driver.Hints().Lines
			if m.Line.Baud != 0 {
				lines = []devices.Line{m.Line}
			}
			for _, line := range lines {
				name := fmt.Sprintf("%s %s at %v", s.Driver.Name(), m.Name, line)
				synctest.Test(t, func(t *testing.T) {
					after := find(t, drivers, m, line, s.Driver.Name())
					took = append(took, after)
					t.Logf("%-40s %v", name, after.Round(10*time.Millisecond))
				})
			}
		}
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	if median, worst := took[len(took)/2], took[len(took)-1]; median > medianMost || worst > worstMost {
		t.Errorf("recognised after %v (median), %v (worst); want at most %v and %v", median, worst, medianMost, worstMost)
	}
	t.Logf("recognised after %v (median), %v (worst) of %d", took[len(took)/2].Round(10*time.Millisecond), took[len(took)-1].Round(10*time.Millisecond), len(took))
}

func find(t *testing.T, drivers []devices.Driver, m Monitor, line devices.Line, want string) time.Duration {
	wire, notes := NewWire(), &Notes{}
	body := m.Body
	if body == nil {
		body = Body{}
	}
	port := devices.PortInfo{Name: "wire"}
	wire.Plug(port, line, m.New, body)
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	s := devices.NewSupervisor(devices.Config{Ports: wire, Drivers: drivers, Choices: notes, Handler: notes, Now: wire.Now})
	run.Go(func() { s.Run(ctx) })
	defer run.Wait()
	defer stop()
	for wire.Now() < vital.Instant(time.Minute) {
		time.Sleep(10 * time.Millisecond)
		status, err := s.Status()
		if err != nil {
			t.Fatal(err)
		}
		if len(status) == 0 || status[0].Driver == "" {
			continue
		}
		if got := status[0]; got.Driver != want || got.Line.Baud != line.Baud || got.Line.Parity != line.Parity || got.Line.DataBits != line.DataBits {
			t.Errorf("%s %s at %v is taken for %s at %v", want, m.Name, line, got.Driver, got.Line)
		}
		return time.Duration(wire.Now())
	}
	status, _ := s.Status()
	t.Errorf("%s %s at %v is not recognised within a minute: %s, guesses %v, heard %d bytes", want, m.Name, line, status[0].Words, status[0].Guesses, status[0].In)
	return time.Minute
}

// Apart checks that no driver is sure of what is not its own: other drivers'
// monitors, captures, strangers; as they are, and as a UART hears them on every
// other setting that is tried.
func Apart(t *testing.T, subjects []Subject, captures ...Capture) {
	t.Helper()
	var settings []devices.Line
	for _, s := range subjects {
		for _, l := range s.Driver.Hints().Lines {
			if !slices.Contains(settings, l) {
				settings = append(settings, l)
			}
		}
		for _, m := range s.Monitors {
			b := Join(Record(s.Driver, m, recordFor))
			captures = append(captures, Capture{Name: s.Driver.Name() + " " + m.Name, Driver: s.Driver.Name(), Line: lineOf(s.Driver, m), Bytes: b[:min(len(b), 16<<10)]})
		}
	}
	for name, b := range Strangers() {
		captures = append(captures, Capture{Name: name, Driver: ownerOf(name), Line: devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1}, Bytes: b})
	}
	heard := 0
	for _, c := range captures {
		if c.Line.Baud == 0 {
			apart(t, subjects, c, c.Bytes, c.Line)
			continue
		}
		for _, l := range settings {
			apart(t, subjects, c, Heard(c.Bytes, c.Line, l), l)
			heard++
		}
	}
	if !t.Failed() {
		t.Logf("%d captures and monitors, heard %d ways: nobody was taken for another", len(captures), heard)
	}
}

func apart(t *testing.T, subjects []Subject, c Capture, heard []byte, l devices.Line) {
	t.Helper()
	for _, s := range subjects {
		if s.Driver.Name() == c.Driver {
			continue
		}
		for at := 0; at < len(heard); at += 2048 {
			if sure := s.Driver.Recognise(heard[at:min(at+4096, len(heard))], l); sure >= devices.Sure {
				t.Errorf("%s (%v) heard at %v is taken for %s (%d)", c.Name, c.Line, l, s.Driver.Name(), sure)
				break
			}
		}
	}
}
