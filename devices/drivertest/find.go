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

// Apart checks that no driver is sure of another's monitor.
func Apart(t *testing.T, subjects []Subject, captures ...Capture) {
	t.Helper()
	for _, s := range subjects {
		for _, m := range s.Monitors {
			captures = append(captures, Capture{Name: s.Driver.Name() + "/" + m.Name, Line: lineOf(s.Driver, m), Bytes: Join(Record(s.Driver, m, recordFor))})
		}
	}
	for _, c := range captures {
		var sure []string
		for _, s := range subjects {
			for at := 0; at < len(c.Bytes); at += 1024 {
				if s.Driver.Recognise(c.Bytes[at:min(at+4096, len(c.Bytes))], c.Line) >= devices.Sure {
					sure = append(sure, s.Driver.Name())
					break
				}
			}
		}
		if len(sure) > 1 {
			t.Errorf("%s is taken for each of %v", c.Name, sure)
		}
	}
}
