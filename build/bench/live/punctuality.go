package main

import (
	"sync"
	"time"
)

// wakeEvery is how often a punctuality looks.
const wakeEvery = 10 * time.Millisecond

// A punctuality watches how late this machine wakes a program that asked to be woken:
// what a frame may have waited for a processor and not for the link.
type punctuality struct {
	stop chan struct{}
	work sync.WaitGroup
	late []time.Duration
}

func newPunctuality() *punctuality {
	p := &punctuality{stop: make(chan struct{})}
	p.work.Go(func() {
		for {
			due := time.Now().Add(wakeEvery)
			select {
			case <-p.stop:
				return
			case <-time.After(wakeEvery):
				p.late = append(p.late, time.Since(due))
			}
		}
	})
	return p
}

// end ends the watch and returns the p99 and the most.
func (p *punctuality) end() (p99, most time.Duration) {
	close(p.stop)
	p.work.Wait()
	return quantile(p.late, .99), quantile(p.late, 1)
}
