package devices

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"fieldkit/triage/vital"
)

// Simulate lets m speak on line, as body's monitor, until ctx ends or the line
// fails. It closes line, waits for what it started, and returns nil when ctx
// ended it. now is the clock that body is told.
func Simulate(ctx context.Context, m Simulator, body Body, line io.ReadWriteCloser, now func() vital.Instant) error {
	heard := make(chan []byte)
	var failed error
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(heard)
		for {
			b := make([]byte, 256)
			n, err := line.Read(b)
			if n > 0 {
				select {
				case heard <- b[:n]:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				failed = err
				return
			}
		}
	})
	defer reader.Wait()
	defer line.Close()
	defer context.AfterFunc(ctx, func() { _ = line.Close() })() // ends a Write that waits
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case b, ok := <-heard:
			if !ok {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("read the simulated line: %w", failed)
			}
			m.Receive(now(), b)
		case <-timer.C:
		}
		at := now()
		send, again := m.Poll(at, body)
		if len(send) > 0 {
			if _, err := line.Write(send); ctx.Err() != nil {
				return nil
			} else if err != nil {
				return fmt.Errorf("write to the simulated line: %w", err)
			}
		}
		timer.Reset(instantAfter(at, again))
	}
}
