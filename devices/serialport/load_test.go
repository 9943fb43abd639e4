//go:build linux

package serialport_test

import (
	"context"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
	"fieldkit/devices/serialport"
)

// BenchmarkSixtyFourMonitors runs 64 oximeters at full rate, 75 frames a second
// each, on pseudo-terminals for five seconds on one core, their simulators on the
// same core, and gives the share of the core used by all of it and of the samples
// that arrived.
func BenchmarkSixtyFourMonitors(b *testing.B) {
	const monitors = 64
	const length = 5 * time.Second
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	now, notes := clock(), &drivertest.Notes{}
	ctx, stop := context.WithCancel(b.Context())
	var run sync.WaitGroup
	defer run.Wait()
	defer stop()
	var names []string
	for range monitors {
		line, err := serialport.OpenPty()
		if err != nil {
			b.Fatal(err)
		}
		names = append(names, line.Name)
		run.Go(func() { _ = devices.Simulate(ctx, nonin.NewSimulator(nonin.DF7), &steady{}, line, now) })
	}
	s := devices.NewSupervisor(devices.Config{
		Ports:   serialport.Ports{Only: true, Extra: names},
		Drivers: []devices.Driver{nonin.Driver{}}, Choices: notes, Handler: notes, Now: now,
	})
	run.Go(func() { s.Run(ctx) })
	time.Sleep(3 * time.Second) // found
	for b.Loop() {
		notes.Forget()
		before, start := used(b), time.Now()
		time.Sleep(length)
		took := time.Since(start)
		b.ReportMetric(100*float64(used(b)-before)/float64(took), "%core")
		b.ReportMetric(100*float64(notes.Samples())/(monitors*75*took.Seconds()), "%samples")
	}
}

// used is the processor time this process has used.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
