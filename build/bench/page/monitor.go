package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"fieldkit/devices/ivy"
	"fieldkit/devices/serialport"
	"fieldkit/triage/vital"
)

const (
	// A message of the monitor comes once a second, and up to so much later, so that
	// the changes lie anywhere in the tenths and the page's own beats.
	messageEvery = time.Second
	messageLate  = 250 * time.Millisecond
	// Rates from leastRate on, rates of them, in turn: calm ones, so that no alarm is
	// raised, and far enough apart in time to be told apart.
	leastRate, rates = 60, 30
)

// A change is a number that the monitor said anew.
type change struct {
	text string
	at   time.Time // before its message was written
}

// A monitor is an Ivy 450C on a pty, whose heart rate changes with each message.
type monitor struct {
	line *serialport.Pty

	mu      sync.Mutex
	changes []change
}

// run speaks until ctx ends.
func (m *monitor) run(ctx context.Context) error {
	speaker := ivy.NewSimulator()
	began := time.Now()
	speaker.Poll(0, heart(leastRate)) // its first message is a second later
	for i := 1; ; i++ {
		rate := heart(leastRate + i%rates)
		message, _ := speaker.Poll(vital.Instant(i)*vital.Instant(messageEvery), rate)
		due := began.Add(time.Duration(i)*messageEvery + rand.N(messageLate))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(due)):
		}
		m.mu.Lock()
		m.changes = append(m.changes, change{strconv.Itoa(int(rate)), time.Now()})
		m.mu.Unlock()
		if _, err := m.line.Write(message); err != nil {
			return fmt.Errorf("speak as the monitor: %w", err)
		}
	}
}

// since are the changes from then on.
func (m *monitor) since(then time.Time) (out []change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.changes {
		if c.at.After(then) {
			out = append(out, c)
		}
	}
	return out
}

// heart is a body of which only the heart rate is measured.
type heart int

// Reading implements devices.Body.
func (h heart) Reading(s vital.Sign, _ vital.Instant) vital.Reading {
	if s == vital.HeartRate {
		return vital.Of(s, vital.Int(int64(h)))
	}
	return vital.None(s, vital.NotMeasured)
}

// Sample implements devices.Body.
func (h heart) Sample(_ vital.Lead, t vital.Instant) (float64, bool) {
	return math.Sin(time.Duration(t).Seconds() * 2 * math.Pi * float64(h) / 60), true
}
